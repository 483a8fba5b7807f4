//! What the link and the feed on top of it promise, over real sockets, and with processes that are really killed.

mod call;
mod child;
mod feed;
mod hint;
mod kill;
mod permission;
mod together;

use bus::contract::op::core::{Ping, Pong};
use bus::contract::{Op, Principal, Reply, Request, Response, id};
use bus::home::Home;
use bus::link::{Incoming, body};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Nothing here takes this long unless it hangs.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A home that goes with the test.
pub fn home() -> (TempDir, Home) {
    let folder = tempfile::Builder::new().prefix("link").tempdir_in("/tmp").unwrap();
    let home = Home::find(Some(folder.path())).unwrap();
    home.make().unwrap();
    (folder, home)
}

/// A question, with the deadline that lets a hanging call fail the test.
pub fn question(op: Op) -> Request {
    let deadline_ms = u64::try_from(DEADLINE.as_millis()).unwrap();
    Request { id: id::unique(), peer: "test".into(), principal: Principal::system(), deadline_ms, op }
}

/// A question that any server here answers with the question's own id.
pub fn ping() -> Request {
    question(Op::Ping(Ping::default()))
}

/// The answer to a ping: the version is the id of the request, so that answers cannot be mixed up.
pub fn pong(request: &Request) -> Response {
    Ok(Reply::Ping(Pong {
        version: request.id.clone(),
        pid: std::process::id(),
        ts: String::new(),
        ipc_v: 1,
        capabilities: [].into(),
        epoch: 0,
    }))
}

/// Answers a request that came.
pub fn answer(incoming: Incoming, make: impl FnOnce(&Request) -> Response) {
    let request: Request = body::read(&incoming.bytes).unwrap();
    // The caller may be gone, and the server be closing.
    let _ = incoming.reply.send(&body::write(&make(&request)));
}

/// Whether a reply is the answer to this request and to no other.
pub fn is_answer_to(reply: &Reply, id: &str) -> bool {
    matches!(reply, Reply::Ping(pong) if pong.version == id)
}

/// Waits for something that will come true.
pub fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !is_true() {
        assert!(Instant::now() < end, "{what} did not happen in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}
