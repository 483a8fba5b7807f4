//! Following: exactly once and in order, whatever dies in between.

use crate::child::{Child, EVENTS, GROUP, Role, event};
use crate::{DEADLINE, answer, home};
use bus::contract::op::ledger::Ranged;
use bus::contract::{Code, Op, OpError, Reply};
use bus::link::{Follower, Hint, Publisher, Server, body};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The ledger's process is killed and started again five times while its 100,000 events are followed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_events_are_followed_without_a_gap_across_kills() {
    let (_folder, home) = home();
    let mut follower = Follower::connect(&home, "test").unwrap();
    follower.follow(GROUP, 0);
    let mut server = Some(Child::start(&home, Role::Ledger));
    let (mut seq, mut kills) = (0, 0);
    while seq < EVENTS {
        let events = tokio::time::timeout(DEADLINE, follower.next()).await.expect("events in time").unwrap();
        for found in events {
            seq += 1;
            assert_eq!(found.seq, seq);
            if seq % 1000 == 0 {
                assert_eq!(found, event(seq));
            }
        }
        if seq >= (kills + 1) * EVENTS / 6 && kills < 5 {
            server.take().unwrap().kill();
            kills += 1;
            server = Some(Child::start(&home, Role::Ledger));
        }
    }
    assert_eq!((seq, kills), (EVENTS, 5));
}

/// A ledger in memory whose head the test moves.
struct World {
    head: Arc<AtomicU64>,
    _server: Server,
    hints: Publisher,
}

fn world(home: &bus::home::Home) -> World {
    let head = Arc::new(AtomicU64::new(0));
    let served = Arc::clone(&head);
    let server = Server::bind(&home.ledger_socket(), 4, move |incoming| {
        answer(incoming, |request| {
            let Op::LedgerRange(range) = &request.op else { panic!("only ranges are asked here") };
            if range.group_id != GROUP {
                return Err(OpError::group_not_found(&range.group_id));
            }
            let (head_seq, after) = (served.load(Ordering::SeqCst), range.after_seq.unwrap() as u64);
            let events: Vec<_> = (after + 1..=head_seq).take(range.limit.unwrap() as usize).map(event).collect();
            Ok(Reply::LedgerRange(Ranged { through_seq: after + events.len() as u64, events, head_seq }))
        });
    });
    World { head, _server: server.unwrap(), hints: Publisher::bind(&home.hint_socket()).unwrap() }
}

impl World {
    fn hint(&self, epoch: u64) {
        let hint = Hint { epoch, heads: vec![(GROUP.into(), self.head.load(Ordering::SeqCst))] };
        self.hints.publish(&body::write(&hint));
    }
}

#[test]
fn a_thread_follows_with_patience() {
    let (_folder, home) = home();
    let world = world(&home);
    world.head.store(3, Ordering::SeqCst);
    let mut follower = Follower::connect(&home, "test").unwrap();
    follower.follow(GROUP, 1);
    let seqs = |events: Vec<bus::contract::Event>| events.iter().map(|event| event.seq).collect::<Vec<_>>();
    assert_eq!(seqs(follower.next_blocking(DEADLINE).unwrap()), [2, 3], "what is there is delivered without a hint");
    assert_eq!(seqs(follower.next_blocking(Duration::from_millis(50)).unwrap()), [0_u64; 0]);
    world.head.store(4, Ordering::SeqCst);
    let end = Instant::now() + DEADLINE;
    loop {
        world.hint(1);
        let events = follower.next_blocking(Duration::from_millis(50)).unwrap();
        if !events.is_empty() {
            assert_eq!(seqs(events), [4]);
            break;
        }
        assert!(Instant::now() < end, "the hint is not followed");
    }
    follower.unfollow(GROUP);
    world.head.store(5, Ordering::SeqCst);
    world.hint(1);
    assert_eq!(seqs(follower.next_blocking(Duration::from_millis(100)).unwrap()), [0_u64; 0]);
}

#[test]
fn a_ledger_that_is_gone_or_shorter_than_before_is_told_once() {
    let (_folder, home) = home();
    let world = world(&home);
    world.head.store(9, Ordering::SeqCst);
    let mut follower = Follower::connect(&home, "test").unwrap();
    follower.follow("g_ffffffffffff", 0);
    assert_eq!(follower.next_blocking(DEADLINE).unwrap_err().code, Code::GroupNotFound);

    follower.follow(GROUP, 0);
    assert_eq!(follower.next_blocking(DEADLINE).unwrap().len(), 9);
    // An older copy of the home was restored while ledgerd was away.
    world.head.store(4, Ordering::SeqCst);
    let end = Instant::now() + DEADLINE;
    let refusal = loop {
        world.hint(2);
        match follower.next_blocking(Duration::from_millis(50)) {
            Ok(events) => assert!(events.is_empty() && Instant::now() < end, "{events:?}"),
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal.code, Code::EventNotFound);
    assert!(refusal.message.contains("ends at 4, before event 9"), "{refusal}");
    world.hint(3);
    assert!(follower.next_blocking(Duration::from_millis(100)).unwrap().is_empty(), "it is not followed any more");
}
