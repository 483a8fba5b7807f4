//! Serving clients: who is let in, and what is done with each of their frames.

use super::connection::Connection;
use super::{Holder, Phase, trouble};
use crate::hold::document::{Exit, Refused, RefusedCode, Status, WHO_BYTES_MAX, Welcome};
use crate::hold::protocol::{Answer, Request, VERSION};
use crate::hold::spec::check_size;
use nix::unistd::{Uid, geteuid};
use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How many may be connected at the same time.
const CONNECTIONS_MAX: usize = 64;

/// How long a client may take to introduce itself.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// How long nobody is let in once the system refuses.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Connections that are let in in one turn.
const ACCEPTS_PER_TURN: usize = 16;

impl Holder {
    /// Reads and answers what clients have sent, then lets new ones in.
    pub(super) fn serve(&mut self, ready: &super::Ready, now: Instant) {
        for at in 0..self.connections.len() {
            if ready.connections[at] && self.connections[at].wants_in() {
                self.connections[at].receive();
            }
            // Also what came earlier and had to wait.
            loop {
                match self.connections[at].next_frame() {
                    Ok(Some(frame)) => self.answer_to(at, frame.id, frame.said, now),
                    Ok(None) => break,
                    Err(fault) => {
                        refuse(&mut self.connections[at], 0, RefusedCode::Invalid, fault.to_string());
                        self.connections[at].close();
                        break;
                    }
                }
            }
        }
        // With a shortage there was no wait for the listener, so it is asked when the time has come.
        if ready.listener || self.accept_at.is_some_and(|at| now >= at) {
            self.accept_at = None;
            self.accept(now);
        }
    }

    fn accept(&mut self, now: Instant) {
        for _ in 0..ACCEPTS_PER_TURN {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                // Nobody there, or somebody who has gone again.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionAborted) => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // A shortage of descriptors passes. Until then whoever waits would make us look again and again.
                Err(_) => {
                    self.accept_at = Some(now + ACCEPT_AGAIN_AFTER);
                    return;
                }
            };
            match peer(&stream) {
                Ok(uid) if uid == geteuid() => {}
                Ok(uid) => {
                    trouble::note(&self.folder, &format!("turned user {uid} away"));
                    continue;
                }
                // It has gone again.
                Err(_) => continue,
            }
            self.connections_ever += 1;
            // Whoever cannot be served without waiting is not served.
            let Ok(mut connection) = Connection::new(self.connections_ever, stream, now + HELLO_WITHIN) else {
                continue;
            };
            if self.connections.len() >= CONNECTIONS_MAX {
                let message = format!("{CONNECTIONS_MAX} are connected already");
                refuse(&mut connection, 0, RefusedCode::Busy, message);
                connection.close();
                continue;
            }
            self.connections.push(connection);
        }
    }

    fn answer_to(&mut self, at: usize, id: u32, request: Request, now: Instant) {
        let exit = self.exit().cloned();
        let number = self.connections[at].number;
        let connection = &mut self.connections[at];
        if !connection.is_introduced() && !matches!(request, Request::Hello { .. }) {
            refuse(connection, id, RefusedCode::Invalid, "hello must come first".to_owned());
            connection.close();
            return;
        }
        match request {
            Request::Hello { version } => {
                connection.introduce();
                let version = version.min(VERSION);
                connection.tell(id, &Answer::Welcome(Welcome { version, session_id: self.folder.session_id(), exit }));
            }
            Request::Read { offset, follow } => {
                let until = (!follow).then(|| self.transcript.end());
                connection.read_from(id, offset, until);
            }
            Request::Write { patience_ms, bytes } => match &self.phase {
                Phase::Running(_) => {
                    if let Err(refused) = self.keyboard.write(number, id, bytes, patience_ms) {
                        connection.tell(id, &Answer::Refused(refused));
                    }
                }
                Phase::Clearing(_) | Phase::Draining { .. } | Phase::Ended { .. } | Phase::Over => {
                    refuse_ended(connection, id);
                }
            },
            Request::Lease(lease) if lease.who.len() > WHO_BYTES_MAX => {
                let message = format!("a name of {} bytes, the limit is {WHO_BYTES_MAX}", lease.who.len());
                refuse(connection, id, RefusedCode::Invalid, message);
            }
            Request::Lease(lease) => self.tell_typists(|keyboard| keyboard.take(number, id, lease)),
            Request::Release => self.tell_typists(|keyboard| keyboard.release(number, id)),
            Request::Resize { cols, rows } => self.resize(at, id, cols, rows),
            Request::Status => {
                let status = self.status(exit);
                self.connections[at].tell(id, &Answer::Status(Box::new(status)));
            }
            Request::Kill { grace_ms } => {
                connection.tell(id, &Answer::Done);
                self.end_agent(Duration::from_millis(grace_ms.into()), now);
            }
            Request::Forget => self.forget(at, id),
            Request::Unknown { kind } => {
                let message = format!("frames of kind {kind:#04x} are not known in version {VERSION}");
                refuse(connection, id, RefusedCode::Unsupported, message);
            }
        }
    }

    fn resize(&mut self, at: usize, id: u32, cols: u16, rows: u16) {
        let connection = &mut self.connections[at];
        let Phase::Running(terminal) = &self.phase else { return refuse_ended(connection, id) };
        if let Err(message) = check_size(cols, rows) {
            return refuse(connection, id, RefusedCode::Invalid, message);
        }
        if self.keyboard.is_sized_by_another(connection.number) {
            let message = "a person decides about the size".to_owned();
            let lease = self.keyboard.lease().cloned();
            return connection.tell(id, &Answer::Refused(Refused { code: RefusedCode::LeaseHeld, message, lease }));
        }
        match terminal.resize(cols, rows) {
            Ok(()) => {
                self.size = (cols, rows);
                connection.tell(id, &Answer::Done);
            }
            Err(error) => refuse(connection, id, RefusedCode::System, format!("cannot resize the terminal: {error}")),
        }
    }

    fn forget(&mut self, at: usize, id: u32) {
        let connection = &mut self.connections[at];
        match &self.phase {
            Phase::Running(_) | Phase::Clearing(_) | Phase::Draining { .. } => {
                refuse(connection, id, RefusedCode::StillRunning, "the agent has not ended".to_owned());
            }
            Phase::Ended { .. } | Phase::Over => match self.folder.remove() {
                Ok(()) => {
                    connection.tell(id, &Answer::Done);
                    // Once is enough: it is short, and there is nothing else to do for anybody.
                    connection.send();
                    self.phase = Phase::Over;
                }
                Err(error) => {
                    let message = format!("cannot remove {}: {error}", self.folder.path().display());
                    refuse(connection, id, RefusedCode::System, message);
                }
            },
        }
    }

    fn exit(&self) -> Option<&Exit> {
        match &self.phase {
            Phase::Ended { exit, .. } => Some(exit),
            Phase::Running(_) | Phase::Clearing(_) | Phase::Draining { .. } | Phase::Over => None,
        }
    }

    fn status(&self, exit: Option<Exit>) -> Status {
        Status {
            session_id: self.folder.session_id(),
            agent_pid: self.agent.id(),
            exit,
            ending: self.is_asked,
            cols: self.size.0,
            rows: self.size.1,
            start: self.transcript.start(),
            end: self.transcript.end(),
            typed: self.keyboard.typed(),
            lease: self.keyboard.lease().cloned(),
            connections: self.connections.len() as u32,
            unread: match &self.phase {
                Phase::Running(terminal) => terminal.unread(),
                Phase::Clearing(_) | Phase::Draining { .. } | Phase::Ended { .. } | Phase::Over => None,
            },
        }
    }

    /// Gives every reader what there is and sends what is taken.
    pub(super) fn tell(&mut self) {
        let has_ended = self.exit().is_some();
        for connection in &mut self.connections {
            if let Some(error) = connection.fill(&self.transcript, has_ended) {
                trouble::note(&self.folder, &format!("cannot read the log: {error}"));
            }
            connection.send();
        }
    }

    /// Drops who is gone, with the lease, and who has not introduced itself in time.
    pub(super) fn drop_over(&mut self, now: Instant) {
        for connection in &mut self.connections {
            if connection.hello_by().is_some_and(|by| now >= by) {
                connection.end();
            }
            if connection.is_over() {
                self.keyboard.disconnect(connection.number);
            }
        }
        self.connections.retain(|connection| !connection.is_over());
    }
}

fn refuse(connection: &mut Connection, id: u32, code: RefusedCode, message: String) {
    connection.tell(id, &Answer::Refused(Refused { code, message, lease: None }));
}

fn refuse_ended(connection: &mut Connection, id: u32) {
    refuse(connection, id, RefusedCode::Exited, "the agent has ended".to_owned());
}

/// Whose process is at the other end.
fn peer(stream: &UnixStream) -> nix::Result<Uid> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    Ok(Uid::from_raw(getsockopt(&stream.as_fd(), PeerCredentials)?.uid()))
}
