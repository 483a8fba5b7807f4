//! The program that the tests run as an agent: this test binary itself, started with [`LOG`] in its environment.
//!
//! It has a composer, as agents have one: it switches bracketed paste on, shows what is typed, and on Enter appends what
//! was submitted to its log, one JSON string per line.

use nix::sys::termios::{LocalFlags, SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Where the program writes what was submitted.
pub const LOG: &str = "COMPOSER_LOG";

/// The command line that starts it.
pub fn command() -> Vec<String> {
    let own = std::env::current_exe().unwrap();
    [own.to_str().unwrap(), "--exact", "composer::is_the_program_of_other_tests", "--nocapture", "--quiet"]
        .map(str::to_owned)
        .into()
}

/// What was submitted so far. A line that is being written is not there yet.
pub fn submissions(log: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
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
    let stdin = std::io::stdin();
    let mut mode = tcgetattr(&stdin).unwrap();
    cfmakeraw(&mut mode);
    mode.local_flags.insert(LocalFlags::ISIG);
    tcsetattr(&stdin, SetArg::TCSANOW, &mode).unwrap();
    show("\x1b[?2004h> ");
    let (mut text, mut is_pasting) = (Vec::new(), false);
    for byte in stdin.lock().bytes() {
        let byte = byte.unwrap();
        if !is_pasting && byte == b'\r' {
            submit(log, &String::from_utf8_lossy(&std::mem::take(&mut text)));
            continue;
        }
        text.push(byte);
        show(if byte.is_ascii_graphic() { std::str::from_utf8(std::slice::from_ref(&byte)).unwrap() } else { " " });
        let marker: &[u8] = if is_pasting { b"\x1b[201~" } else { b"\x1b[200~" };
        if text.ends_with(marker) {
            text.truncate(text.len() - marker.len());
            is_pasting = !is_pasting;
        }
    }
}

fn submit(log: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(log).unwrap();
    // One write: a killed program leaves a whole line or none.
    file.write_all(format!("{}\n", serde_json::to_string(text).unwrap()).as_bytes()).unwrap();
    if let Some((_, code)) = text.split_once("exit with ") {
        let digits: String = code.chars().take_while(char::is_ascii_digit).collect();
        std::process::exit(digits.parse().unwrap());
    }
    show("\r\n> ");
}

fn show(text: &str) {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).unwrap();
}
