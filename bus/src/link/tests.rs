//! What needs both ends in one process, one of them of another version.

use super::*;
use crate::contract::op::core::Ping;
use crate::contract::{Op, Principal, Request, id, version};
use std::time::Duration;

fn ping() -> Request {
    Request {
        id: id::unique(),
        peer: "test".into(),
        principal: Principal::system(),
        deadline_ms: 30_000,
        op: Op::Ping(Ping::default()),
    }
}

fn never() -> server::Handler {
    server::Handler { takes_bundles: true, take: Box::new(|_| panic!("it must not reach the handler")) }
}

#[test]
fn another_contract_is_a_clear_unavailable_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    for (ours, theirs) in [(version::CONTRACT, version::CONTRACT + 1), (version::CONTRACT + 1, version::CONTRACT)] {
        let server = Server::bind_as(&path, 2, theirs, never()).unwrap();
        let caller = Caller::connect_as(&path, "test", ours).unwrap();
        let error = caller.call_blocking(ping()).unwrap_err();
        let CallError::Link(LinkError::Unavailable { reason }) = error else { panic!("{error:?}") };
        assert!(reason.contains(&format!("contract {theirs}")), "{reason}");
        assert!(reason.contains(&format!("contract {ours}")), "{reason}");
        drop(server);
    }
}

#[test]
fn hints_of_another_contract_are_not_heard() {
    let folder = tempfile::tempdir().unwrap();
    let (strange, known) = (folder.path().join("strange"), folder.path().join("known"));
    let stranger = Publisher::bind_as(&strange, version::CONTRACT + 1).unwrap();
    let friend = Publisher::bind(&known).unwrap();
    let (mut from_stranger, mut from_friend) =
        (Subscriber::connect(&strange).unwrap(), Subscriber::connect(&known).unwrap());
    let heard = (0..3_000).find_map(|_| {
        stranger.publish(b"strange");
        friend.publish(b"known");
        from_friend.recv_blocking(Duration::from_millis(10)).unwrap().filter(|_| from_stranger.connected())
    });
    assert_eq!(heard.as_deref(), Some(&b"known"[..]));
    assert_eq!(from_stranger.recv_blocking(Duration::from_millis(100)).unwrap(), None);
}
