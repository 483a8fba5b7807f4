//! A terminal program with a composer, as agents have one: it switches bracketed paste on, shows what is typed,
//! and on Enter writes what was submitted into the log it was given.
//!
//! `test-agent <log> [--deaf] [--exit-on <text>] [--ticks]`: `--deaf` never switches bracketed paste on, `--exit-on`
//! ends with code 3 when a submission contains the text, `--ticks` prints a rising number every 100 ms.

use nix::sys::termios::{LocalFlags, SetArg, cfmakeraw, tcgetattr, tcsetattr};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;
use std::time::Duration;

const PASTE_ON: &[u8] = b"\x1b[?2004h";
const PASTE_BEGIN: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// What has been typed so far, and whether a paste is going on.
#[derive(Default)]
struct Composer {
    text: Vec<u8>,
    is_pasting: bool,
}

impl Composer {
    /// Takes one byte; returns the text when it was submitted.
    fn take(&mut self, byte: u8) -> Option<String> {
        if !self.is_pasting && (byte == b'\r' || byte == b'\n') {
            let text = String::from_utf8_lossy(&std::mem::take(&mut self.text)).into_owned();
            return Some(text);
        }
        self.text.push(byte);
        let marker = if self.is_pasting { PASTE_END } else { PASTE_BEGIN };
        if self.text.ends_with(marker) {
            self.text.truncate(self.text.len() - marker.len());
            self.is_pasting = !self.is_pasting;
        }
        None
    }
}

fn main() -> io::Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let log = words.first().expect("the log's path");
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let exit_on = words.iter().position(|word| word == "--exit-on").map(|at| words[at + 1].clone());

    let stdin = io::stdin();
    let mut mode = tcgetattr(&stdin)?;
    cfmakeraw(&mut mode);
    mode.local_flags.insert(LocalFlags::ISIG);
    tcsetattr(&stdin, SetArg::TCSANOW, &mode)?;

    let mut out = io::stdout();
    if !has("--deaf") {
        out.write_all(PASTE_ON)?;
    }
    out.write_all(b"> ")?;
    out.flush()?;
    if has("--ticks") {
        std::thread::spawn(|| {
            for tick in 0.. {
                // A terminal that is gone ends the process by SIGHUP.
                let _ = write!(io::stdout(), "\r\ntick {tick}\r\n").and_then(|()| io::stdout().flush());
                std::thread::sleep(Duration::from_millis(100));
            }
        });
    }

    let mut composer = Composer::default();
    for byte in stdin.lock().bytes() {
        let byte = byte?;
        out.write_all(&[if byte.is_ascii_control() { b' ' } else { byte }])?;
        out.flush()?;
        if let Some(text) = composer.take(byte).filter(|text| !text.trim().is_empty()) {
            record(log, &text)?;
            out.write_all(b"\r\n> ")?;
            out.flush()?;
            if exit_on.as_ref().is_some_and(|exit_on| text.contains(exit_on)) {
                return Ok(ExitCode::from(3));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn record(log: &str, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(log)?;
    // One write: a killed agent leaves a whole line or none.
    file.write_all(format!("{}\n", json!({"pid": std::process::id(), "text": text})).as_bytes())
}
