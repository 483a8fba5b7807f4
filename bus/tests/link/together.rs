//! Requests that leave together: each gets its own answer, and none pays for another.

use crate::{DEADLINE, answer, home, question, until};
use bus::contract::op::message::Send;
use bus::contract::{Code, Op, OpError, Reply, Request, Response, limit};
use bus::home::Home;
use bus::link::{CallError, Caller, Incoming, LinkError, Server, body};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::task::JoinHandle;

/// More than fit in one message.
const REQUESTS: usize = 150;

/// What ledgerd decides in batches; the text is to come back.
fn send(text: &str) -> Request {
    question(Op::Send(Send { text: text.into(), ..Send::default() }))
}

fn text(request: &Request) -> &str {
    let Op::Send(send) = &request.op else { panic!("{request:?}") };
    &send.text
}

/// An answer that says what was asked; any reply will do.
fn echo(request: &Request) -> Response {
    Ok(Reply::GroupDelete(bus::contract::op::group::Deleted { group_id: text(request).into() }))
}

/// A server that hands over what comes, with how many came together.
fn server(home: &Home) -> (Server, mpsc::Receiver<Vec<Incoming>>) {
    let (sender, comes) = mpsc::channel();
    let server = Server::bind_for_many(&home.ledger_socket(), 8, move |all| sender.send(all).unwrap()).unwrap();
    (server, comes)
}

fn caller(home: &Home) -> Arc<Caller> {
    let caller = Arc::new(Caller::connect(&home.ledger_socket(), "test").unwrap());
    until("the connection", || caller.connected());
    caller
}

type Asked = JoinHandle<Result<Reply, CallError>>;

/// Asks many things at once, in the order of their texts.
fn ask(caller: &Arc<Caller>, requests: impl IntoIterator<Item = Request>) -> Vec<Asked> {
    let ask = |request| {
        let caller = Arc::clone(caller);
        tokio::spawn(async move { caller.call(request).await })
    };
    requests.into_iter().map(ask).collect()
}

fn said(ended: Result<Reply, CallError>) -> String {
    match ended {
        Ok(Reply::GroupDelete(deleted)) => deleted.group_id,
        Ok(other) => panic!("{other:?}"),
        Err(CallError::Refused(refusal)) => format!("refused {}", refusal.message),
        Err(CallError::Link(LinkError::TooBig { .. })) => "too big".into(),
        Err(CallError::Link(LinkError::Closed)) => "closed".into(),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_meanwhile_leaves_together_and_each_is_answered_for_itself() {
    let (_folder, home) = home();
    let (_server, comes) = server(&home);
    let answering = std::thread::spawn(move || {
        let (mut sizes, mut left) = (Vec::new(), REQUESTS);
        while left > 0 {
            let all = comes.recv_timeout(DEADLINE).unwrap();
            sizes.push(all.len());
            left -= all.len();
            // The last first: an answer finds its request whatever the order.
            for incoming in all.into_iter().rev() {
                let request: Request = body::read(&incoming.bytes).unwrap();
                match text(&request).parse::<usize>().unwrap() % 4 {
                    0 => drop(incoming.reply),
                    1 => drop(incoming.reply.send(&vec![0; limit::BUS_MESSAGE_BYTES_MAX + 1])),
                    2 => answer(incoming, |request| Err(OpError::new(Code::InvalidRequest, text(request)))),
                    _ => answer(incoming, echo),
                }
            }
        }
        sizes
    });
    let caller = caller(&home);
    for (number, asked) in ask(&caller, (0..REQUESTS).map(|number| send(&number.to_string()))).into_iter().enumerate() {
        let wanted = match number % 4 {
            0 => "closed".to_owned(),
            1 => "too big".to_owned(),
            2 => format!("refused {number}"),
            _ => number.to_string(),
        };
        assert_eq!(said(asked.await.unwrap()), wanted);
    }
    let sizes = answering.join().unwrap();
    assert!(sizes.iter().any(|size| *size > 1), "{sizes:?}");
}

/// What does not fit beside the others is let go, and comes alone the next time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_share_the_room_of_one_message() {
    let (_folder, home) = home();
    let large = "x".repeat(limit::BUS_MESSAGE_BYTES_MAX / 3);
    let deleted =
        move |_: &Request| Ok(Reply::GroupDelete(bus::contract::op::group::Deleted { group_id: large.clone() }));
    let (_server, comes) = server(&home);
    let answering = std::thread::spawn(move || {
        // The first two leave at once; all others come while these are kept.
        let kept: Vec<_> = (0..2).map(|_| comes.recv_timeout(DEADLINE).unwrap()).collect();
        kept.into_iter().flatten().for_each(|incoming| answer(incoming, &deleted));
        while let Ok(all) = comes.recv() {
            all.into_iter().for_each(|incoming| answer(incoming, &deleted));
        }
    });
    let caller = caller(&home);
    let mut tries = 0;
    let mut left = 8;
    while left > 0 {
        tries += 1;
        assert!(tries <= 8, "each round brings at least one");
        let asked = ask(&caller, (0..left).map(|number| send(&number.to_string())));
        for asked in asked {
            match asked.await.unwrap() {
                Ok(_) => left -= 1,
                Err(error) => assert_eq!(error, CallError::Link(LinkError::Closed)),
            }
        }
    }
    drop((caller, _server));
    answering.join().unwrap();
}

/// As many as there may be, of which the first leaves no room for the others: the link carries what is left of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_fills_the_message_costs_nobody_the_link() {
    let (_folder, home) = home();
    let (_server, comes) = server(&home);
    let caller = caller(&home);
    let mut first = ask(&caller, [send("")]);
    let one = comes.recv_timeout(DEADLINE).unwrap();
    first.extend(ask(&caller, [send("")]));
    let two = comes.recv_timeout(DEADLINE).unwrap();
    let others = ask(&caller, (0..60).map(|_| send("")));
    one.into_iter().for_each(|incoming| answer(incoming, echo));
    let mut together = comes.recv_timeout(DEADLINE).unwrap().into_iter();
    let fills = |_: &Request| {
        let reply = |len| Ok(Reply::GroupDelete(bus::contract::op::group::Deleted { group_id: "x".repeat(len) }));
        let half = limit::BUS_MESSAGE_BYTES_MAX / 2;
        reply(limit::BUS_MESSAGE_BYTES_MAX - (body::write(&Response::from(reply(half))).len() - half))
    };
    answer(together.next().unwrap(), fills);
    together.for_each(|incoming| answer(incoming, echo));
    two.into_iter().for_each(|incoming| answer(incoming, echo));
    let rest = tokio::task::spawn_blocking(move || {
        while let Ok(all) = comes.recv_timeout(Duration::from_millis(500)) {
            all.into_iter().for_each(|incoming| answer(incoming, echo));
        }
    });
    let mut filled = 0;
    for asked in others {
        match asked.await.unwrap() {
            Ok(Reply::GroupDelete(deleted)) => filled += usize::from(!deleted.group_id.is_empty()),
            ended => assert_eq!(ended, Err(CallError::Link(LinkError::Closed)), "it did not fit"),
        }
    }
    assert_eq!(filled, 1, "the large answer has come, and the connection stands");
    for asked in first {
        assert!(asked.await.unwrap().is_ok(), "nobody else has noticed");
    }
    rest.await.unwrap();
}

/// Each has its own deadline, whether it has left or still waits; what has not left is known not to have been processed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_costs_each_its_own_deadline() {
    let (_folder, home) = home();
    let (_server, comes) = server(&home);
    let caller = caller(&home);
    let short = |number: usize| Request { deadline_ms: 100 + number as u64, ..send("") };
    // Two messages are under way from here on, and stay so.
    let mut long = ask(&caller, [send("")]);
    let first = comes.recv_timeout(DEADLINE).unwrap();
    long.extend(ask(&caller, [send("")]));
    let second = comes.recv_timeout(DEADLINE).unwrap();
    for asked in ask(&caller, (0..20).map(short)) {
        let ended = asked.await.unwrap();
        assert!(matches!(ended, Err(CallError::Link(LinkError::Unavailable { .. }))), "it has not left: {ended:?}");
    }
    assert!(long.iter().all(|asked| !asked.is_finished()), "their deadline is far away");
    drop(first);
    assert_eq!(said(long.remove(0).await.unwrap()), "closed");
    let late = ask(&caller, [Request { deadline_ms: 200, ..send("") }]);
    let left = comes.recv_timeout(DEADLINE).unwrap();
    assert_eq!(left.len(), 1, "nobody waits any more for those that had not left");
    for asked in late {
        assert_eq!(asked.await.unwrap(), Err(CallError::Link(LinkError::Timeout { after_ms: 200 })));
    }
    drop(second);
    assert_eq!(said(long.remove(0).await.unwrap()), "closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_server_is_told_to_all_and_found_when_it_comes() {
    let (_folder, home) = home();
    let caller = Arc::new(Caller::connect(&home.ledger_socket(), "test").unwrap());
    for asked in ask(&caller, (0..20).map(|_| send(""))) {
        let ended = asked.await.unwrap();
        assert!(matches!(ended, Err(CallError::Link(LinkError::Unavailable { .. }))), "{ended:?}");
    }
    let all = |all: Vec<Incoming>| all.into_iter().for_each(|incoming| answer(incoming, echo));
    let _server = Server::bind_for_many(&home.ledger_socket(), 4, all).unwrap();
    until("the connection", || caller.connected());
    for asked in ask(&caller, (0..20).map(|number| send(&number.to_string()))) {
        assert!(asked.await.unwrap().is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_is_told_to_all_who_have_left() {
    let (_folder, home) = home();
    let (server, comes) = server(&home);
    let caller = caller(&home);
    let asked = ask(&caller, (0..40).map(|_| send("")));
    let kept: Vec<_> = (0..2).map(|_| comes.recv_timeout(DEADLINE).unwrap()).collect();
    drop(server);
    drop(comes);
    for asked in asked {
        let ended = asked.await.unwrap();
        let is_known = matches!(ended, Err(CallError::Link(LinkError::Closed | LinkError::Unavailable { .. })));
        assert!(is_known, "{ended:?}");
    }
    drop(kept);
}

/// Nobody waits for those who have gone: neither the others nor the link that is dropped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_dropped_at_once_with_what_nobody_waits_for() {
    for _ in 0..50 {
        let (_folder, home) = home();
        let (_server, _comes) = server(&home);
        let caller = caller(&home);
        let asked = ask(&caller, (0..10).map(|_| send("")));
        tokio::task::yield_now().await;
        asked.iter().for_each(JoinHandle::abort);
        for asked in asked {
            assert!(asked.await.is_err(), "it was given up");
        }
        let dropped = tokio::task::spawn_blocking(move || drop(caller));
        tokio::time::timeout(Duration::from_secs(20), dropped).await.expect("it waits for nobody").unwrap();
    }
}
