//! The program that the tests run as an agent: this test binary itself, started with [`LOG`] in its environment.
//!
//! It has a composer, as agents have one: it switches bracketed paste on, shows what is typed, and on Enter appends what
//! was submitted to its log, one JSON string per line. [`HABITS`] makes it stop reading, and ask its terminal.

use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::termios::{LocalFlags, SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Where the program writes what was submitted.
pub const LOG: &str = "COMPOSER_LOG";

/// What else it does, words with blanks between them. All files are in the folder it works in.
///
/// | word | |
/// |---|---|
/// | `stops` | reads nothing more once there is a file `stop`, and makes a file `stopped` |
/// | `waits` | reads nothing from the beginning |
/// | `deaf` | does not hear Enter while there is a file `deaf` |
/// | `asks` | asks its terminal for the cursor's place all the time while it does not read |
///
/// Who does not read begins again when there is a file `read`. All that is read goes into the file `input`, too.
pub const HABITS: &str = "COMPOSER_HABITS";

/// How often it looks for a file.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Begin and end of a paste.
const MARKERS: [&[u8]; 2] = [b"\x1b[200~", b"\x1b[201~"];

/// The command line that starts it.
pub fn command() -> Vec<String> {
    let own = std::env::current_exe().unwrap();
    [own.to_str().unwrap(), "--exact", "composer::is_the_program_of_other_tests", "--nocapture", "--quiet"]
        .map(str::to_owned)
        .into()
}

/// What was submitted so far. A line that is being written is not there yet.
pub fn submissions(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn is_the_program_of_other_tests() {
    if let Some(log) = std::env::var_os(LOG) {
        run(Path::new(&log));
    }
}

/// Runs until the terminal is gone. Submitting `exit <code>` ends it.
fn run(log: &Path) {
    // Unbuffered: what was not read is the terminal's.
    let mut stdin = fs::File::from(std::io::stdin().as_fd().try_clone_to_owned().unwrap());
    let mut mode = tcgetattr(&stdin).unwrap();
    cfmakeraw(&mut mode);
    mode.local_flags.insert(LocalFlags::ISIG);
    tcsetattr(&stdin, SetArg::TCSANOW, &mode).unwrap();
    show(b"\x1b[?2004h> ");
    let habits = std::env::var(HABITS).unwrap_or_default();
    if habits.contains("waits") {
        rest(&habits);
    }
    let mut has_stopped = false;
    // A terminal's answer may come at any time, also behind a text that is not submitted yet: it is no text.
    let (mut text, mut sequence, mut is_pasting) = (Vec::new(), Vec::new(), false);
    let mut bytes = [0; 4096];
    loop {
        if habits.contains("stops") && !has_stopped && Path::new("stop").exists() {
            has_stopped = true;
            fs::write("stopped", "").unwrap();
            rest(&habits);
        }
        if habits.contains("stops") && !has_stopped && !has_input(&stdin) {
            continue;
        }
        let count = stdin.read(&mut bytes).unwrap();
        if count == 0 {
            return;
        }
        if !habits.is_empty() {
            OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open("input")
                .unwrap()
                .write_all(&bytes[..count])
                .unwrap();
        }
        for byte in &bytes[..count] {
            if !is_pasting && *byte == b'\r' && habits.contains("deaf") && Path::new("deaf").exists() {
                continue;
            }
            if !is_pasting && *byte == b'\r' {
                submit(log, &String::from_utf8_lossy(&std::mem::take(&mut text)));
                continue;
            }
            if *byte == 0x1b || !sequence.is_empty() {
                sequence.push(*byte);
                let marker = MARKERS[usize::from(is_pasting)];
                if sequence == marker {
                    is_pasting = !is_pasting;
                } else if !is_complete(&sequence) {
                    continue;
                } else if is_pasting || !is_answer(&sequence) {
                    text.extend(&sequence);
                }
                sequence.clear();
                continue;
            }
            text.push(*byte);
            show(if byte.is_ascii_control() { b" " } else { std::slice::from_ref(byte) });
        }
    }
}

/// Whether something can be read now; waits for a moment.
fn has_input(stdin: &fs::File) -> bool {
    poll(&mut [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)], 10u16).unwrap() > 0
}

/// Reads nothing until there is a file `read`.
fn rest(habits: &str) {
    while !Path::new("read").exists() {
        if habits.contains("asks") {
            show(&b"\x1b[6n".repeat(40));
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Whether an escape sequence has its last byte: one that is no digit and no separator.
fn is_complete(sequence: &[u8]) -> bool {
    sequence.len() > 2 && !sequence.last().is_some_and(|byte| matches!(byte, b'0'..=b'9' | b';'))
}

/// Whether a sequence is a terminal's answer.
fn is_answer(text: &[u8]) -> bool {
    text.starts_with(b"\x1b[") && text.ends_with(b"R")
}

fn submit(log: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(log).unwrap();
    // One write: a killed program leaves a whole line or none.
    file.write_all(format!("{}\n", serde_json::to_string(text).unwrap()).as_bytes()).unwrap();
    if let Some((_, code)) = text.split_once("exit with ") {
        let digits: String = code.chars().take_while(char::is_ascii_digit).collect();
        std::process::exit(digits.parse().unwrap());
    }
    show(b"\r\n> ");
}

fn show(bytes: &[u8]) {
    let mut out = std::io::stdout();
    out.write_all(bytes).and_then(|()| out.flush()).unwrap();
}
