//! A daemon that does nothing but what the supervisor expects, or misbehaves on purpose.
//!
//! It is called by the name of the daemon it stands for, through a link. Beside the link lies `<name>.plan` with one
//! word, read at every start; it notes its life in `lives` and every signal in `heard`, one line each, and its
//! environment and umask in `<name>.given`.

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// More than all log files together may hold.
const CHATTER_LINES: usize = 300_000;

fn main() -> io::Result<ExitCode> {
    let link = std::env::args().next().expect("a name");
    let folder = Path::new(&link).parent().expect("a folder");
    let program = link.rsplit('/').next().expect("a name");
    let name = if program == "cccc" { "door" } else { program };
    let plan = fs::read_to_string(folder.join(format!("{name}.plan"))).unwrap_or_default();
    let mut signals = Signals::new([SIGTERM, SIGUSR1, SIGINT])?;
    note(folder, "lives", &format!("{name} {}", std::process::id()))?;
    let umask = fs::read_to_string("/proc/self/status")?;
    let umask = umask.lines().filter(|line| line.starts_with("Umask:")).map(str::to_owned);
    let given: Vec<_> = std::env::vars().map(|(name, value)| format!("{name}={value}")).chain(umask).collect();
    fs::write(folder.join(format!("{name}.given")), given.join("\n"))?;
    match plan.trim() {
        "broken" => {
            eprintln!("the roof is leaking");
            return Ok(ExitCode::from(3));
        }
        "chatter" => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            for number in 0..CHATTER_LINES {
                writeln!(out, "{number:0100}")?;
            }
            out.flush()?;
        }
        _ => {}
    }
    tell("READY=1\nSTATUS=at your service");
    if plan.trim() != "hangs" {
        let silence: u64 = std::env::var("WATCHDOG_USEC").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_micros(silence / 4));
                tell("WATCHDOG=1");
            }
        });
    }
    for signal in signals.forever() {
        let word = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
        note(folder, "heard", &format!("{name} {word}"))?;
        if plan.trim() != "deaf" {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(words: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else {
        return;
    };
    // A supervisor that is gone cannot hear; the tests see what follows from that.
    let _ = UnixDatagram::unbound().and_then(|socket| socket.send_to(words.as_bytes(), path));
}

fn note(folder: &Path, file: &str, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(folder.join(file))?;
    file.write_all(format!("{line}\n").as_bytes())
}
