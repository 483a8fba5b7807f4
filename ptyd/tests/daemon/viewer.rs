//! Somebody who looks on, and types.

use super::world::World;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Somebody who looks on.
pub struct Viewer {
    pub socket: BufReader<UnixStream>,
    /// All that was shown.
    pub seen: Vec<u8>,
}

impl Viewer {
    pub fn join(world: &World, actor_id: &str, by: &str) -> (Self, Value) {
        Self::join_to(world, actor_id, by, true)
    }

    pub fn join_to(world: &World, actor_id: &str, by: &str, write: bool) -> (Self, Value) {
        let mut socket = UnixStream::connect(world.home.attach_socket()).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let line = json!({"group_id": world.group(), "actor_id": actor_id, "by": by, "token": null, "write": write});
        socket.write_all(format!("{line}\n").as_bytes()).unwrap();
        let mut viewer = Self { socket: BufReader::new(socket), seen: Vec::new() };
        let (mut answer, begin) = (Vec::new(), Instant::now());
        while !answer.ends_with(b"\n") {
            // The read timeout is short, and a loaded machine is slow.
            let _ = viewer.socket.read_until(b'\n', &mut answer);
            assert!(begin.elapsed() < Duration::from_secs(30), "no answer");
        }
        (viewer, serde_json::from_slice(&answer).unwrap())
    }

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

    pub fn types(&mut self, keys: &str) {
        self.socket.get_mut().write_all(keys.as_bytes()).unwrap();
    }
}

/// Joins once the agent is there.
pub fn until_joined(world: &World) -> (Viewer, Value) {
    until_let_in(world, true)
}

/// Waits until ptyd shows the agent's terminal.
pub fn until_joined_looking(world: &World) {
    drop(until_let_in(world, false));
}

pub fn until_let_in(world: &World, write: bool) -> (Viewer, Value) {
    let mut joined = None;
    world.until("a viewer", |world| {
        if UnixStream::connect(world.home.attach_socket()).is_err() {
            return false;
        }
        joined = Some(Viewer::join_to(world, "a", "user", write)).filter(|(_, answer)| answer["ok"] == true);
        joined.is_some()
    });
    joined.expect("waited for")
}
