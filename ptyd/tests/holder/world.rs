//! A throwaway home with sessions in it. Whatever a test leaves running is ended with it.

use bus::contract::id;
use bus::home::Home;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ptyd::hold::{Chunk, Found, HoldError, Output, Session, Spec, State, find, spawn};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take on a slow machine under load.
pub const SOON: Duration = Duration::from_secs(60);

/// The program under test.
pub const HOLDER: &str = env!("CARGO_BIN_EXE_ptyhold");

/// A home, and the sessions in it.
pub struct World {
    pub home: Home,
    _folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("hold").tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        Self { home, _folder: folder }
    }

    /// A session of a shell script.
    pub fn script(&self, script: &str) -> Spec {
        self.command(&["/bin/sh", "-c", script])
    }

    /// A session of a command.
    pub fn command(&self, words: &[&str]) -> Spec {
        command(&self.home, words)
    }

    pub async fn spawn(&self, spec: &Spec) -> Result<Session, HoldError> {
        spawn(&self.home, Path::new(HOLDER), spec).await
    }

    pub async fn run(&self, script: &str) -> Session {
        self.spawn(&self.script(script)).await.unwrap()
    }

    /// The only session of this home.
    pub fn found(&self) -> Found {
        let mut found = find(&self.home).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }
}

/// A session of a command, in a home that need not be a world's.
pub fn command(home: &Home, words: &[&str]) -> Spec {
    let path = std::env::var("PATH").unwrap();
    Spec {
        session_id: id::unique(),
        group_id: "g_0123456789ab".to_owned(),
        actor_id: "foreman".to_owned(),
        generation: 7,
        command: words.iter().map(|word| (*word).to_owned()).collect(),
        directory: home.root().to_str().unwrap().to_owned(),
        environment: BTreeMap::from([("PATH".to_owned(), path), ("TERM".to_owned(), "xterm-256color".to_owned())]),
        cols: 80,
        rows: 24,
        log_bytes_max: 8 * 1024 * 1024,
        umask: 0o022,
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for found in find(&self.home).unwrap_or_default() {
            if found.state == State::Held || matches!(found.state, State::Exited { holder_lives: true, .. }) {
                // It may end by itself just now.
                let _ = kill(Pid::from_raw(found.meta.holder.pid as i32), Signal::SIGKILL);
            }
            found.end_leftovers().unwrap();
        }
    }
}

/// Waits for a condition.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "still not so: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Reads until the output contains a text, and returns everything that was read.
pub async fn read_until(output: &mut Output, wanted: &str) -> String {
    let mut read = Vec::new();
    let deadline = tokio::time::Instant::now() + SOON;
    loop {
        let text = String::from_utf8_lossy(&read);
        if text.contains(wanted) {
            return text.into_owned();
        }
        match tokio::time::timeout_at(deadline, output.next()).await {
            Ok(Ok(Chunk::Bytes { bytes, .. })) => read.extend_from_slice(&bytes),
            other => panic!("waited for {wanted:?}, got {other:?} after {text:?}"),
        }
    }
}

/// Reads to the end; nothing may be missing.
pub async fn read_all(output: &mut Output, from: u64) -> Vec<u8> {
    let mut read = Vec::new();
    loop {
        match tokio::time::timeout(SOON, output.next()).await.expect("output in time").unwrap() {
            Chunk::Bytes { offset, bytes } => {
                assert_eq!(offset, from + read.len() as u64, "a hole");
                read.extend_from_slice(&bytes);
            }
            Chunk::Gap { from, to } => panic!("lost from {from} to {to}"),
            Chunk::End { offset } => {
                assert_eq!(offset, from + read.len() as u64);
                return read;
            }
        }
    }
}

/// The end of an agent, in time.
pub async fn exited(session: &Session) -> ptyd::hold::Exit {
    tokio::time::timeout(SOON, session.exited()).await.expect("the agent ends").unwrap()
}
