//! Somebody at an agent's terminal, by way of the door, as `cccc attach-terminal` is.

use crate::{Stack, until};
use serde_json::json;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// A person who looks and types.
#[derive(Debug)]
pub struct Person {
    socket: UnixStream,
    seen: Vec<u8>,
}

impl Person {
    /// Sits down at the terminal of an actor.
    ///
    /// # Panics
    ///
    /// There is none.
    pub fn sit_down(stack: &Stack, group_id: &str, actor_id: &str) -> Self {
        let mut socket = UnixStream::connect(stack.home().join("daemon/ccccd.sock")).expect("the door");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        let args = json!({"group_id": group_id, "actor_id": actor_id, "by": "user"});
        let line = format!("{}\n", json!({"v": 1, "op": "term_attach", "args": args}));
        socket.write_all(line.as_bytes()).expect("a line");
        let mut person = Self { socket, seen: Vec::new() };
        until("the terminal", || person.sees("\"ok\":true"));
        person
    }

    /// Whether a text has come by since this person sat down.
    pub fn sees(&mut self, text: &str) -> bool {
        let mut bytes = [0; 4096];
        while let Ok(count) = self.socket.read(&mut bytes) {
            if count == 0 {
                break;
            }
            self.seen.extend_from_slice(&bytes[..count]);
        }
        String::from_utf8_lossy(&self.seen).contains(text)
    }

    /// Presses keys.
    ///
    /// # Panics
    ///
    /// The terminal is gone.
    pub fn types(&mut self, keys: &str) {
        self.socket.write_all(keys.as_bytes()).expect("keys");
    }
}
