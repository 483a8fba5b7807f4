//! A server that is killed costs its callers moments, and never a deadline.

use crate::child::{Child, Role};
use crate::{DEADLINE, answer, home, is_answer_to, ping, pong, until};
use bus::contract::Request;
use bus::link::{CallError, Caller, LinkError, Server};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// The calls have minutes; the kill ends all of them long before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_a_killed_server_learn_it_at_once() {
    let (_folder, home) = home();
    let mut server = Child::start(&home, Role::Silent);
    let caller = Arc::new(Caller::connect(&home.ledger_socket(), "test").unwrap());
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let caller = Arc::clone(&caller);
            tokio::spawn(async move { caller.call(Request { deadline_ms: 3_600_000, ..ping() }).await })
        })
        .collect();
    for _ in 0..64 {
        assert_eq!(server.hear(), "taken");
    }
    server.kill();
    for call in calls {
        let ended = tokio::time::timeout(DEADLINE, call).await.expect("long before its deadline").unwrap();
        assert_eq!(ended, Err(CallError::Link(LinkError::Closed)));
    }
}

/// Answers after which a server is under load: several for each of its callers.
const LOAD: u32 = 200;

/// Under load, through several lives of the server: every call ends typed, and the link finds each new server.
#[test]
fn a_server_is_killed_and_started_under_load() {
    let (_folder, home) = home();
    let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
    let end = Instant::now() + DEADLINE;
    for _ in 0..5 {
        let server = Child::start(&home, Role::Echo);
        let all_answered = AtomicU32::new(0);
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let mut answered = 0_u32;
                        loop {
                            let request = ping();
                            let id = request.id.clone();
                            match caller.call_blocking(request) {
                                Ok(reply) => {
                                    assert!(is_answer_to(&reply, &id));
                                    answered += 1;
                                    all_answered.fetch_add(1, Ordering::Relaxed);
                                }
                                Err(CallError::Link(LinkError::Closed | LinkError::Unavailable { .. }))
                                    if answered > 0 =>
                                {
                                    return answered;
                                }
                                Err(CallError::Link(LinkError::Unavailable { .. })) => {}
                                Err(error) => panic!("{error:?}"),
                            }
                            assert!(Instant::now() < end, "the server's death was not noticed");
                        }
                    })
                })
                .collect();
            until("a load on the new server", || all_answered.load(Ordering::Relaxed) >= LOAD);
            server.kill();
            let answered: u32 = callers.into_iter().map(|caller| caller.join().unwrap()).sum();
            assert!(answered > 0);
        });
    }
}

/// A killed server leaves its socket file; a living one is not touched.
#[test]
fn a_stale_socket_is_replaced_and_a_living_server_is_not() {
    let (_folder, home) = home();
    let path = home.ledger_socket();
    Child::start(&home, Role::Echo).kill();
    assert!(path.exists(), "nobody was left to remove it");

    let server = Server::bind(&path, 2, |incoming| answer(incoming, pong)).unwrap();
    let error = Server::bind(&path, 2, |_| {}).unwrap_err();
    assert!(matches!(&error, LinkError::Socket { reason, .. } if reason.contains("somebody else listens")), "{error}");
    let caller = Caller::connect(&path, "test").unwrap();
    assert!(caller.call_blocking(ping()).is_ok(), "the first server goes on");

    drop(server);
    assert!(!path.exists(), "a server that ends takes its socket with it");
    let _again = Server::bind(&path, 2, |incoming| answer(incoming, pong)).unwrap();
    until("the link is found again", || caller.call_blocking(ping()).is_ok());
}
