//! The program `tailscale`: how its tailnet is, and having it brought up and taken down. It is found where our own process
//! finds programs, and given so long and no longer. Whoever calls these waits; none may be called on the thread of a runtime.

use bus::contract::remote::{RemoteStatus, Tailnet};
use bus::contract::{Code, OpError};
use bus::daemon::environment::PATH_DEFAULT;
use bus::program;
use serde_json::Value;
use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long it may take to say how it is.
const STATUS_PATIENCE: Duration = Duration::from_secs(4);

/// How long it may take to bring the tailnet up, and to take it down. Fronts give up after 25 s.
const UP_PATIENCE: Duration = Duration::from_secs(14);
const DOWN_PATIENCE: Duration = Duration::from_secs(14);

/// How often is looked whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Most bytes of what it says.
const SAID_BYTES_MAX: u64 = 1024 * 1024;

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").filter(|path| !path.is_empty());
    program::find("tailscale", &path.unwrap_or_else(|| OsString::from(PATH_DEFAULT)))
}

/// How the tailnet is.
pub fn look() -> Tailnet {
    find().map_or_else(Tailnet::default, |program| state(&program))
}

fn state(program: &Path) -> Tailnet {
    let said = run(program, &["status", "--json", "--peers=false"], STATUS_PATIENCE);
    let told: Value = said.ok().and_then(|said| serde_json::from_str(&said.output).ok()).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let addresses = told["Self"]["TailscaleIPs"].as_array().into_iter().flatten().map(text);
    Tailnet {
        is_installed: true,
        backend_state: text(&told["BackendState"]),
        address: addresses.into_iter().find(|address| address.contains('.')).unwrap_or_default(),
    }
}

/// Has the tailnet up; says whether it was down before.
///
/// # Errors
///
/// `remote_access_not_installed`, `remote_access_not_authenticated`, `remote_access_start_failed`.
pub fn bring_up() -> Result<bool, OpError> {
    let Some(program) = find() else {
        let sentence = "there is no program tailscale on our PATH; install it, or set the provider to manual";
        return Err(OpError::new(Code::RemoteAccessNotInstalled, sentence));
    };
    match state(&program).status() {
        RemoteStatus::Running => return Ok(false),
        RemoteStatus::NotAuthenticated => return Err(not_authenticated()),
        _ => {}
    }
    let failed = |why: &str| {
        let sentence = format!("`tailscale up` did not bring the tailnet up: {why}");
        OpError::new(Code::RemoteAccessStartFailed, sentence)
    };
    let up = run(&program, &["up"], UP_PATIENCE).map_err(|error| failed(&error.to_string()))?;
    match state(&program).status() {
        RemoteStatus::Running => Ok(true),
        RemoteStatus::NotAuthenticated => Err(not_authenticated()),
        _ => Err(failed(up.errors.lines().next().unwrap_or("it does not say why"))),
    }
}

fn not_authenticated() -> OpError {
    let sentence = "nobody has logged in to tailscale on this machine; run `tailscale up` in a terminal and log in";
    OpError::new(Code::RemoteAccessNotAuthenticated, sentence)
}

/// Takes the tailnet down.
///
/// # Errors
///
/// Why it stays up.
pub fn take_down() -> io::Result<()> {
    let program = find().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no program tailscale"))?;
    let said = run(&program, &["down"], DOWN_PATIENCE)?;
    let why = || io::Error::other(said.errors.lines().next().unwrap_or("it does not say why").to_owned());
    if said.is_well { Ok(()) } else { Err(why()) }
}

/// What a program has said by its end.
struct Said {
    is_well: bool,
    output: String,
    errors: String,
}

/// Runs a program that must end by itself in time.
fn run(program: &Path, words: &[&str], patience: Duration) -> io::Result<Said> {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let output = child.stdout.take().map(reading);
    let errors = child.stderr.take().map(reading);
    let end = Instant::now() + patience;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() < end => thread::sleep(LOOK_EVERY),
            None => {
                child.kill()?;
                child.wait()?;
                let why = format!("tailscale {} has not ended in {} s", words.join(" "), patience.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
        }
    };
    let text = |thread: Option<thread::JoinHandle<String>>| thread.and_then(|thread| thread.join().ok());
    let (output, errors) = (text(output).unwrap_or_default(), text(errors).unwrap_or_default());
    Ok(Said { is_well: status.success(), output, errors })
}

/// Reads beside, so that a full pipe holds nobody up.
fn reading(from: impl io::Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was said until it broke is what there is.
        let _ = from.take(SAID_BYTES_MAX).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
