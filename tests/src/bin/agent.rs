//! A terminal program with a composer, as agents have one: it switches bracketed paste on, shows what is typed,
//! and on Enter writes what was submitted into the log it was given.
//!
//! `test-agent <log> [flags]`; each flag makes it behave as some real program does:
//!
//! | flag | |
//! |---|---|
//! | `--deaf` | never switches bracketed paste on |
//! | `--prompt <glyph>` | prompts with it, instead of with `>` |
//! | `--exit-on <text>` | ends with code 3 when a submission contains the text |
//! | `--ticks` | prints a rising number every 100 ms, above its composer |
//! | `--asks` | begins with a question, which takes Enter for a choice and nothing else; `y` answers it |
//! | `--asks-when <text>` | asks the same after a submission that contains the text |
//! | `--drops <ms>` | throws away for that long what is typed, after it has drawn its composer |
//! | `--late <ms>` | draws nothing for that long, and throws away what is typed meanwhile |
//! | `--ignores-enter` | does not hear its first Enter |
//! | `--ignores-enter-of <text>` | does not hear the first Enter behind a text that contains it |
//! | `--ignores-every-enter` | hears none |
//! | `--redraws` | draws everything anew, 30 times a second, from the top |
//! | `--wraps <columns>` | breaks its lines there, with an indent |
//! | `--stashes` | puts its draft aside at Ctrl-S, says so, and brings it back after the next submission |
//! | `--elsewhere` | shows what is typed in the first line, never at the cursor |
//!
//! What is chosen in a question is logged as a submission `choice: …`.

use nix::sys::termios::{FlushArg, LocalFlags, SetArg, cfmakeraw, tcflush, tcgetattr, tcsetattr};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const PASTE_ON: &str = "\x1b[?2004h";
const PASTE_BEGIN: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";
const CTRL_S: u8 = 0x13;
const THINKING: Duration = Duration::from_secs(1);
const QUESTION: &str = "\r\nMay I remove everything?\r\n> No\r\n  Yes\r\x1b[1A";

/// What was asked of the program on its command line.
struct Words(Vec<String>);

impl Words {
    fn has(&self, flag: &str) -> bool {
        self.0.iter().any(|word| word == flag)
    }

    fn value(&self, flag: &str) -> Option<&str> {
        let at = self.0.iter().position(|word| word == flag)?;
        self.0.get(at + 1).map(String::as_str)
    }

    fn number(&self, flag: &str) -> Option<u64> {
        self.value(flag).map(|value| value.parse().expect("a number"))
    }
}

/// What has been typed so far, and whether a paste is going on.
#[derive(Default)]
struct Editor {
    text: Vec<u8>,
    is_pasting: bool,
}

impl Editor {
    /// Takes one byte; returns the text when it was submitted.
    fn take(&mut self, byte: u8) -> Option<String> {
        if !self.is_pasting && (byte == b'\r' || byte == b'\n') {
            let text = String::from_utf8_lossy(&std::mem::take(&mut self.text)).into_owned();
            return Some(text);
        }
        self.text.push(byte);
        let marker = self.marker();
        if self.text.ends_with(marker) {
            self.text.truncate(self.text.len() - marker.len());
            self.is_pasting = !self.is_pasting;
        }
        None
    }

    /// What begins or ends a paste now.
    fn marker(&self) -> &'static [u8] {
        if self.is_pasting { PASTE_END } else { PASTE_BEGIN }
    }

    /// The line as it is drawn: a marker that has begun is not.
    fn shown(&self) -> String {
        let marker = self.marker();
        let cut = (1..marker.len()).rev().find(|length| self.text.ends_with(&marker[..*length])).unwrap_or(0);
        let text = &self.text[..self.text.len() - cut];
        let whole = match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default(),
        };
        whole.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// The program.
struct Agent {
    words: Words,
    composer: Editor,
    /// What stands behind the prompt on the screen.
    drawn: String,
    asks: bool,
    enters: usize,
    /// A draft that was put aside.
    stashed: Option<Vec<u8>>,
    has_ignored: bool,
}

impl Agent {
    fn prompt(&self) -> &str {
        self.words.value("--prompt").unwrap_or(">")
    }

    fn log(&self, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.words.0[0])?;
        // One write: a killed agent leaves a whole line or none.
        file.write_all(format!("{}\n", json!({"pid": std::process::id(), "text": text})).as_bytes())
    }

    /// Whether Enter is not heard because of what stands in the composer.
    fn ignores_this(&mut self) -> bool {
        let text = self.words.value("--ignores-enter-of").filter(|_| !self.has_ignored);
        self.has_ignored |= text.is_some_and(|text| String::from_utf8_lossy(&self.composer.text).contains(text));
        text.is_some() && self.has_ignored
    }

    /// Takes what was typed; an exit code ends the program.
    fn take(&mut self, bytes: &[u8]) -> io::Result<Option<u8>> {
        for byte in bytes {
            if self.asks {
                self.answer(*byte)?;
                continue;
            }
            let is_enter = matches!(byte, b'\r' | b'\n') && !self.composer.is_pasting;
            self.enters += usize::from(is_enter);
            let is_ignored =
                self.words.has("--ignores-every-enter") || self.words.has("--ignores-enter") && self.enters == 1;
            if is_enter && (is_ignored || self.ignores_this()) {
                continue;
            }
            if *byte == CTRL_S && self.words.has("--stashes") {
                self.stashed = Some(std::mem::take(&mut self.composer.text));
                self.drawn.clear();
                print(&format!("\x1b[2J\x1b[Hdraft stashed\r\n{} ", self.prompt()))?;
                continue;
            }
            if let Some(text) = self.composer.take(*byte).filter(|text| !text.trim().is_empty()) {
                self.log(&text)?;
                self.drawn.clear();
                if let Some(draft) = self.stashed.take() {
                    self.composer.text = draft;
                    print("\x1b[2J\x1b[H")?;
                }
                print(&format!("\r\n{} ", self.prompt()))?;
                if self.words.value("--exit-on").is_some_and(|end| text.contains(end)) {
                    return Ok(Some(3));
                }
                if self.words.value("--asks-when").is_some_and(|end| text.contains(end)) {
                    // A real one thinks before it asks.
                    thread::sleep(THINKING);
                    self.asks = true;
                    print(QUESTION)?;
                }
            }
        }
        self.draw()?;
        Ok(None)
    }

    /// A question takes Enter for what it points at, and hears no paste.
    fn answer(&mut self, byte: u8) -> io::Result<()> {
        self.composer.take(byte);
        match byte {
            _ if self.composer.is_pasting || self.composer.text.len() > 1 => {}
            b'\r' | b'\n' => self.log("choice: No, and the program ends")?,
            b'y' => {
                self.asks = false;
                self.log("choice: y")?;
                self.composer = Editor::default();
                print(&format!("\x1b[2J\x1b[H{} ", self.prompt()))?;
            }
            _ => {}
        }
        if !self.composer.is_pasting && self.composer.text.first() != Some(&0x1b) {
            self.composer.text.clear();
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let shown = self.composer.shown();
        if self.asks || self.words.has("--redraws") {
            return Ok(());
        }
        if self.words.has("--elsewhere") {
            return print(&format!("\x1b[2J\x1b[Hlog: {shown}\x1b[20;1H{} ", self.prompt()));
        }
        if let Some(columns) = self.words.number("--wraps") {
            let chars: Vec<char> = shown.chars().collect();
            let columns = usize::try_from(columns).expect("a number of columns");
            let lines: Vec<String> = chars.chunks(columns).map(String::from_iter).collect();
            return print(&format!("\x1b[2J\x1b[H{} {}", self.prompt(), lines.join("\r\n  ")));
        }
        match shown.strip_prefix(&self.drawn) {
            Some(new) => print(new)?,
            None => print(&format!("\r\n{} {shown}", self.prompt()))?,
        }
        self.drawn = shown;
        Ok(())
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn main() -> io::Result<ExitCode> {
    let words = Words(std::env::args().skip(1).collect());
    let stdin = io::stdin();
    let mut mode = tcgetattr(&stdin)?;
    cfmakeraw(&mut mode);
    mode.local_flags.insert(LocalFlags::ISIG);
    tcsetattr(&stdin, SetArg::TCSANOW, &mode)?;

    if !words.has("--deaf") {
        print(PASTE_ON)?;
    }
    throw_away(words.number("--late"))?;
    let asks = words.has("--asks");
    let drops = words.number("--drops");
    let agent = Arc::new(Mutex::new(Agent {
        words,
        composer: Editor::default(),
        drawn: String::new(),
        asks,
        enters: 0,
        stashed: None,
        has_ignored: false,
    }));
    let prompt = lock(&agent).prompt().to_owned();
    print(&format!("{prompt} "))?;
    if asks {
        print(QUESTION)?;
    }
    throw_away(drops)?;
    if lock(&agent).words.has("--ticks") {
        in_background(&agent, Duration::from_millis(100), |agent, count| {
            format!("\r\ntick {count}\r\n{} {}", agent.prompt(), agent.drawn)
        });
    }
    if lock(&agent).words.has("--redraws") {
        in_background(&agent, Duration::from_millis(33), |agent, count| {
            format!("\x1b[2J\x1b[Hframe {count}\r\n\r\n{} {}", agent.prompt(), agent.composer.shown())
        });
    }

    let mut bytes = [0; 4096];
    let mut typed = stdin.lock();
    loop {
        match typed.read(&mut bytes)? {
            0 => return Ok(ExitCode::SUCCESS),
            count => {
                if let Some(code) = lock(&agent).take(&bytes[..count])? {
                    return Ok(ExitCode::from(code));
                }
            }
        }
    }
}

/// Throws away what is typed, for as long as asked.
fn throw_away(millis: Option<u64>) -> io::Result<()> {
    let end = Instant::now() + Duration::from_millis(millis.unwrap_or(0));
    while Instant::now() < end {
        tcflush(io::stdin(), FlushArg::TCIFLUSH)?;
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn in_background(agent: &Arc<Mutex<Agent>>, every: Duration, draw: impl Fn(&Agent, u64) -> String + Send + 'static) {
    let agent = Arc::clone(agent);
    thread::spawn(move || {
        for count in 0.. {
            let agent = lock(&agent);
            // A terminal that is gone ends the process by SIGHUP.
            let _ = print(&draw(&agent, count));
            drop(agent);
            thread::sleep(every);
        }
    });
}

fn lock(agent: &Mutex<Agent>) -> MutexGuard<'_, Agent> {
    agent.lock().unwrap_or_else(PoisonError::into_inner)
}
