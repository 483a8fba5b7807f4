//! Calls: each gets its own answer, or a typed error in time.

use crate::child::{Child, Role};
use crate::{DEADLINE, answer, home, is_answer_to, ping, pong, question, until};
use bus::contract::op::group::Active;
use bus::contract::op::{group, message};
use bus::contract::{Code, Op, OpError, Reply, Request, limit};
use bus::home::Home;
use bus::link::{CallError, Caller, Incoming, LinkError, Server, body};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Waker};
use std::time::Instant;

/// Answers come in the reverse order, from another thread, and still find whom they are for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_requests_are_in_flight_at_once() {
    let (_folder, home) = home();
    let (sender, requests) = mpsc::channel::<Incoming>();
    let _server = Server::bind(&home.ledger_socket(), 64, move |incoming| sender.send(incoming).unwrap()).unwrap();
    let answering = std::thread::spawn(move || {
        let all: Vec<Incoming> = requests.iter().take(64).collect();
        all.into_iter().rev().for_each(|incoming| answer(incoming, pong));
    });
    let caller = Arc::new(Caller::connect(&home.ledger_socket(), "test").unwrap());
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let (caller, request) = (Arc::clone(&caller), ping());
            tokio::spawn(async move { (request.id.clone(), caller.call(request).await.unwrap()) })
        })
        .collect();
    for call in calls {
        let (id, reply) = call.await.unwrap();
        assert!(is_answer_to(&reply, &id));
    }
    answering.join().unwrap();
}

/// More callers than contexts: the rest waits its turn, and threads and tasks may mix.
#[test]
fn more_requests_than_contexts_wait_and_are_all_answered() {
    let (_folder, home) = home();
    let _server = Server::bind(&home.ledger_socket(), 4, |incoming| answer(incoming, pong)).unwrap();
    let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let request = ping();
                    let id = request.id.clone();
                    assert!(is_answer_to(&caller.call_blocking(request).unwrap(), &id));
                }
            });
        }
    });
}

#[test]
fn a_refusal_is_the_servers_own() {
    let (_folder, home) = home();
    let refusal = OpError::group_not_found("g_1").with("hint", "none");
    let refuses = refusal.clone();
    let _server =
        Server::bind(&home.ledger_socket(), 1, move |incoming| answer(incoming, |_| Err(refuses.clone()))).unwrap();
    let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
    assert_eq!(refusal.code, Code::GroupNotFound);
    assert_eq!(caller.call_blocking(ping()), Err(CallError::Refused(refusal)));
}

/// The largest message passes both ways; one byte more is refused before it is sent, with its size.
#[test]
fn what_is_too_large_is_refused_by_its_size_and_the_link_goes_on() {
    let (_folder, home) = home();
    let limit = limit::BUS_MESSAGE_BYTES_MAX;
    let (sender, sent) = mpsc::channel();
    let _server = Server::bind(&home.ledger_socket(), 2, move |incoming| {
        let request: Request = body::read(&incoming.bytes).unwrap();
        match &request.op {
            Op::Send(_) => sender.send(incoming.reply.send(&vec![0; limit + 1])).unwrap(),
            Op::Groups(_) => {
                let active = |len| Ok(Reply::ActiveGet(Active { active_group_id: "x".repeat(len) }));
                let bytes = |len| body::write(&bus::contract::Response::from(active(len)));
                let room = limit - bytes(limit / 2).len() + limit / 2;
                assert_eq!(bytes(room).len(), limit);
                incoming.reply.send(&bytes(room)).unwrap();
            }
            _ => answer(incoming, pong),
        }
    })
    .unwrap();
    let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
    let send = |len| question(Op::Send(message::Send { text: "x".repeat(len), ..Default::default() }));
    let room = limit - body::write(&send(limit / 2)).len() + limit / 2;

    let too_big = Err(CallError::Link(LinkError::TooBig { bytes: limit + 1, limit }));
    assert_eq!(caller.call_blocking(send(room + 1)), too_big, "the request");
    assert!(sent.try_recv().is_err(), "it was not sent at all");
    assert_eq!(caller.call_blocking(send(room)), too_big, "the answer to a request of the largest size");
    assert_eq!(sent.recv_timeout(DEADLINE).unwrap(), Err(LinkError::TooBig { bytes: limit + 1, limit }));
    assert!(caller.call_blocking(question(Op::Groups(group::List::default()))).is_ok(), "the largest answer");
    assert!(caller.call_blocking(ping()).is_ok());
}

#[test]
fn a_server_that_takes_its_time_costs_the_deadline_and_no_more() {
    let (_folder, home) = home();
    let in_hand = Mutex::new(Vec::new());
    let _server =
        Server::bind(&home.ledger_socket(), 4, move |incoming| in_hand.lock().unwrap().push(incoming)).unwrap();
    let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
    until("the connection", || caller.connected());
    let error = caller.call_blocking(Request { deadline_ms: 150, ..ping() }).unwrap_err();
    assert_eq!(error, CallError::Link(LinkError::Timeout { after_ms: 150 }));
}

/// A handler that drops its request tells the caller; it does not let it wait, and it loses no context.
#[test]
fn a_request_that_is_let_go_ends_at_once() {
    let (_folder, home) = home();
    let _server = Server::bind(&home.ledger_socket(), 1, drop).unwrap();
    let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
    for _ in 0..20 {
        assert_eq!(caller.call_blocking(ping()), Err(CallError::Link(LinkError::Closed)));
    }
}

#[test]
fn a_missing_server_is_told_soon_and_found_when_it_comes() {
    let (_folder, home) = home();
    let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
    let error = caller.call_blocking(ping()).unwrap_err();
    let CallError::Link(LinkError::Unavailable { reason }) = error else { panic!("{error:?}") };
    assert!(reason.contains("nobody answers at") && reason.contains("ledgerd.bus"), "{reason}");

    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let end = Instant::now() + DEADLINE;
            while Instant::now() < end {
                if caller.call_blocking(ping()).is_ok() {
                    return true;
                }
            }
            false
        });
        let _server = Server::bind(&home.ledger_socket(), 1, |incoming| answer(incoming, pong)).unwrap();
        assert!(waiting.join().unwrap());
        assert!(caller.connected());
    });
}

/// A responder may outlive its server, and a server its callers, in any order, under load.
#[test]
fn a_server_ends_with_requests_in_hand_and_the_callers_learn_it() {
    for _ in 0..20 {
        let (_folder, home) = home();
        let (sender, requests) = mpsc::channel::<Incoming>();
        let server = Server::bind(&home.ledger_socket(), 8, move |incoming| sender.send(incoming).unwrap()).unwrap();
        let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| caller.call_blocking(ping()))).collect();
            let in_hand: Vec<Incoming> = requests.iter().take(8).collect();
            drop(server);
            for call in calls {
                assert_eq!(call.join().unwrap(), Err(CallError::Link(LinkError::Closed)));
            }
            for incoming in in_hand {
                assert_eq!(incoming.reply.send(b"late"), Err(LinkError::Closed));
            }
        });
    }
}

/// Ten thousand calls whose futures are dropped leave nothing behind, and the link works as before. They are made
/// by a process of their own, whose memory nobody else uses.
#[test]
fn dropped_calls_leak_nothing() {
    let (_folder, home) = home();
    let in_hand = Mutex::new(VecDeque::new());
    let _server = Server::bind(&home.ledger_socket(), 64, move |incoming| {
        let request: Request = body::read(&incoming.bytes).unwrap();
        match request.op {
            Op::Groups(_) => {
                let mut in_hand = in_hand.lock().unwrap();
                in_hand.push_back(incoming);
                if in_hand.len() > 32 {
                    in_hand.pop_front();
                }
            }
            _ => answer(incoming, pong),
        }
    })
    .unwrap();
    let mut dropper = Child::start(&home, Role::Dropper);
    let grown: usize = dropper.hear().parse().unwrap();
    // A leaked operation slot alone takes more than half a kilobyte.
    assert!(grown < 2 << 20, "{grown} bytes more after 10,000 dropped calls");
}

/// Drops calls, and says how much memory that has cost.
pub async fn drop_calls(home: &Home) -> usize {
    let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
    until("the connection", || caller.connected());
    let drop_thousand = || {
        for _ in 0..1_000 {
            let mut call = pin!(caller.call(question(Op::Groups(group::List::default()))));
            let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending(), "nobody answers it");
        }
    };
    let mut before = 0;
    for round in 0..12 {
        drop_thousand();
        let request = ping();
        let id = request.id.clone();
        assert!(is_answer_to(&caller.call(request).await.unwrap(), &id));
        if round == 1 {
            before = resident_bytes();
        }
    }
    resident_bytes().saturating_sub(before)
}

/// A link may be dropped right after its calls were, while the library still works on them.
#[test]
fn a_link_is_dropped_with_its_last_calls() {
    let (_folder, home) = home();
    let _server = Server::bind(&home.ledger_socket(), 4, |incoming| answer(incoming, pong)).unwrap();
    for round in 0..200 {
        let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
        if round % 2 == 0 {
            assert!(caller.call_blocking(ping()).is_ok());
        }
        for _ in 0..8 {
            let mut call = pin!(caller.call(ping()));
            // Answered or not, it is dropped at once.
            let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
