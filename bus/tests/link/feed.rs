//! Following: exactly once and in order, whatever dies in between and however slow somebody is.

use crate::child::{Child, EVENTS, GROUP, Role, event};
use crate::{DEADLINE, answer, home};
use bus::contract::op::ledger::{Heads, HeadsAre, Ranged};
use bus::contract::{Code, Op, OpError, Principal, Reply};
use bus::feed::{Feed, Follower, View};
use bus::home::Home;
use bus::link::{Hint, Publisher, Server, body};
use bus::peer::Peers;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// The name that the ledger of these tests knows nobody by any more.
const GONE: &str = "gone";

fn feed(home: &Home) -> Feed {
    Feed::open(home, Arc::new(Peers::connect(home, "test").unwrap()), Principal::system()).unwrap()
}

fn whole() -> View {
    View::whole(Principal::system())
}

/// The numbers of the next events.
async fn hear(follower: &mut Follower) -> Vec<u64> {
    let items = timeout(DEADLINE, follower.next()).await.expect("events in time").unwrap();
    items.iter().map(|item| item.event().seq).collect()
}

async fn hear_to(follower: &mut Follower, last: u64) -> Vec<u64> {
    let mut seqs = Vec::new();
    while seqs.last().is_none_or(|seq| *seq < last) {
        seqs.extend(hear(follower).await);
    }
    seqs
}

/// The ledger's process is killed and started again five times while its 100,000 events are followed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_events_are_followed_without_a_gap_across_kills() {
    let (_folder, home) = home();
    let feed = feed(&home);
    let mut follower = feed.follow(GROUP, whole(), 0);
    let mut server = Some(Child::start(&home, Role::Ledger));
    let (mut seq, mut kills) = (0, 0);
    while seq < EVENTS {
        let items = timeout(DEADLINE, follower.next()).await.expect("events in time").unwrap();
        for item in items {
            seq += 1;
            assert_eq!(item.event().seq, seq);
            if seq % 1000 == 0 {
                assert_eq!(*item.event(), event(seq));
            }
        }
        assert_eq!(follower.seq(), seq);
        if seq >= (kills + 1) * EVENTS / 6 && kills < 5 {
            server.take().unwrap().kill();
            kills += 1;
            server = Some(Child::start(&home, Role::Ledger));
        }
    }
    assert_eq!((seq, kills), (EVENTS, 5));
}

/// A ledger in memory whose head the test moves. Every third event is for nobody but the system.
struct World {
    head: Arc<AtomicU64>,
    ranges: Arc<AtomicU64>,
    _server: Server,
    hints: Publisher,
}

fn world(home: &Home, head: u64) -> World {
    let (head, ranges) = (Arc::new(AtomicU64::new(head)), Arc::new(AtomicU64::new(0)));
    let (served, counted) = (Arc::clone(&head), Arc::clone(&ranges));
    let server = Server::bind(&home.ledger_socket(), 4, move |incoming| {
        answer(incoming, |request| {
            let head_seq = served.load(Ordering::SeqCst);
            let range = match &request.op {
                Op::LedgerRange(range) => range,
                Op::LedgerHeads(_) => {
                    return Ok(Reply::LedgerHeads(HeadsAre { epoch: 1, heads: vec![(GROUP.into(), head_seq)] }));
                }
                other => panic!("{} is not asked here", other.row().name),
            };
            counted.fetch_add(1, Ordering::SeqCst);
            if range.group_id != GROUP {
                return Err(OpError::group_not_found(&range.group_id));
            }
            if range.for_speaker && request.principal.by == GONE {
                return Err(OpError::new(Code::UnknownActor, "it has left"));
            }
            let after = range.after_seq.unwrap() as u64;
            let through_seq = head_seq.min(after + range.limit.unwrap() as u64);
            let is_shown = |seq: &u64| !range.for_speaker || !seq.is_multiple_of(3);
            let events = (after + 1..=through_seq).filter(is_shown).map(event).collect();
            Ok(Reply::LedgerRange(Ranged { events, through_seq: through_seq.max(after.min(head_seq)), head_seq }))
        });
    });
    World { head, ranges, _server: server.unwrap(), hints: Publisher::bind(&home.hint_socket()).unwrap() }
}

impl World {
    fn hint(&self, epoch: u64) {
        let hint = Hint { epoch, heads: vec![(GROUP.into(), self.head.load(Ordering::SeqCst))] };
        self.hints.publish(&body::write(&hint));
    }

    /// Hints again and again, as ledgerd does, because a hint may be lost.
    async fn hinting<T>(&self, epoch: u64, wanted: impl Future<Output = T>) -> T {
        tokio::pin!(wanted);
        loop {
            self.hint(epoch);
            tokio::select! {
                got = &mut wanted => return got,
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
    }
}

#[tokio::test]
async fn what_is_there_is_told_without_a_hint_and_what_is_new_with_one() {
    let (_folder, home) = home();
    let world = world(&home, 3);
    let feed = feed(&home);
    let mut follower = feed.follow(GROUP, whole(), 1);
    assert_eq!(hear_to(&mut follower, 3).await, [2, 3]);
    world.head.store(4, Ordering::SeqCst);
    assert_eq!(world.hinting(1, hear(&mut follower)).await, [4]);
    assert_eq!(follower.seq(), 4);
    let mut resumed = feed.follow(GROUP, whole(), follower.seq() - 2);
    assert_eq!(hear_to(&mut resumed, 4).await, [3, 4], "a follower goes on from the cursor of another");
}

#[tokio::test]
async fn many_followers_of_one_view_cost_as_much_as_one() {
    let (_folder, home) = home();
    let world = world(&home, 0);
    let feed = feed(&home);
    let mut followers: Vec<_> = (0..100).map(|_| feed.follow(GROUP, whole(), 0)).collect();
    world.head.store(5, Ordering::SeqCst);
    for follower in &mut followers {
        assert_eq!(world.hinting(1, hear_to(follower, 5)).await, [1, 2, 3, 4, 5]);
    }
    let ranges = world.ranges.load(Ordering::SeqCst);
    assert!(ranges < 10, "{ranges} ranges for one ledger");
}

/// A follower that is asked for nothing keeps a bounded number of events waiting, and reads the others by itself.
#[tokio::test]
async fn who_is_slow_misses_nothing_and_slows_nobody() {
    let (_folder, home) = home();
    let world = world(&home, 0);
    let feed = feed(&home);
    let (mut slow, mut quick) = (feed.follow(GROUP, whole(), 0), feed.follow(GROUP, whole(), 0));
    for head in [1_000, 2_000, 3_000] {
        world.head.store(head, Ordering::SeqCst);
        let told = world.hinting(1, hear_to(&mut quick, head)).await;
        assert_eq!(told, (head - 999..=head).collect::<Vec<_>>());
    }
    // Given up again and again, as `select!` does.
    let mut seqs = Vec::new();
    while seqs.len() < 3_000 {
        if let Ok(items) = timeout(Duration::from_micros(200), slow.next()).await {
            seqs.extend(items.unwrap().iter().map(|item| item.event().seq));
        }
    }
    assert_eq!(seqs, (1..=3_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_view_has_gaps_where_something_is_for_others() {
    let (_folder, home) = home();
    let world = world(&home, 2_000);
    let feed = feed(&home);
    let view = || View::of(Principal::claimed("peer"));
    let shown = |first: u64, last: u64| (first..=last).filter(|seq| !seq.is_multiple_of(3)).collect::<Vec<_>>();
    let mut follower = feed.follow(GROUP, view(), 0);
    assert_eq!(hear_to(&mut follower, 2_000).await, shown(1, 2_000));
    let mut later = feed.follow(GROUP, view(), 1_995);
    assert_eq!(hear_to(&mut later, 2_000).await, shown(1_996, 2_000));
    world.head.store(2_005, Ordering::SeqCst);
    assert_eq!(world.hinting(1, hear_to(&mut follower, 2_005)).await, shown(2_001, 2_005));
    assert_eq!(hear_to(&mut later, 2_005).await, shown(2_001, 2_005));

    let mut gone = feed.follow(GROUP, View::of(Principal::claimed(GONE)), 0);
    for _ in 0..2 {
        assert_eq!(gone.next().await.unwrap_err().code, Code::UnknownActor, "whenever it is asked");
    }
}

#[tokio::test]
async fn a_ledger_that_is_gone_or_shorter_than_before_ends_its_followers() {
    let (_folder, home) = home();
    let world = world(&home, 9);
    let feed = feed(&home);
    let mut gone = feed.follow("g_ffffffffffff", whole(), 0);
    assert_eq!(timeout(DEADLINE, gone.next()).await.unwrap().unwrap_err().code, Code::GroupNotFound);

    let mut follower = feed.follow(GROUP, whole(), 0);
    assert_eq!(hear_to(&mut follower, 9).await.len(), 9);
    // An older copy of the home was restored while ledgerd was away.
    world.head.store(4, Ordering::SeqCst);
    let refusal = timeout(DEADLINE, world.hinting(2, follower.next())).await.unwrap().unwrap_err();
    assert_eq!(refusal.code, Code::EventNotFound);
    assert!(refusal.message.contains("ends at 4, before event 9"), "{refusal}");
    assert_eq!(hear_to(&mut feed.follow(GROUP, whole(), 0), 4).await, [1, 2, 3, 4], "it can be followed again");
}

#[tokio::test]
async fn whoever_follows_all_ledgers_hears_of_new_ones_and_of_a_restart() {
    let (_folder, home) = home();
    let world = world(&home, 1);
    let feed = feed(&home);
    let mut moves = feed.moves();
    let moved = timeout(DEADLINE, moves.next()).await.unwrap();
    assert_eq!(moved, [GROUP], "what there is has moved");
    let hint = |epoch, heads: &[(&str, u64)]| {
        let heads = heads.iter().map(|(ledger, seq)| ((*ledger).to_owned(), *seq)).collect();
        world.hints.publish(&body::write(&Hint { epoch, heads }));
    };
    for (epoch, heads, wanted) in [
        (1, vec![("g_new", 1)], vec!["g_new"]),
        (1, vec![("g_new", 2), (GROUP, 1)], vec!["g_new"]),
        (1, vec![("g_unheard", Hint::GONE)], vec!["g_unheard"]),
        (2, vec![("home", 7)], vec![GROUP, "g_new", "home"]),
    ] {
        let mut all = BTreeSet::new();
        while all.len() < wanted.len() {
            hint(epoch, &heads);
            if let Ok(moved) = timeout(Duration::from_millis(20), moves.next()).await {
                // What is gone moves whenever that is said.
                all.extend(moved.into_iter().filter(|ledger| wanted.contains(&ledger.as_str())));
            }
        }
    }
}

/// An answer that nobody can read is no other when it is asked for again: whoever waits for it is told, and ends.
#[tokio::test]
async fn an_answer_that_cannot_be_read_is_final() {
    let (_folder, home) = home();
    let asked = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&asked);
    let server = Server::bind(&home.ledger_socket(), 4, move |incoming| {
        counted.fetch_add(1, Ordering::SeqCst);
        let _ = incoming.reply.send(b"no answer");
    });
    let _server = server.unwrap();
    let peers = Arc::new(Peers::connect(&home, "test").unwrap());
    let refusal = timeout(DEADLINE, peers.ask_as(Principal::system(), Heads {})).await.unwrap().unwrap_err();
    assert_eq!((refusal.code, asked.load(Ordering::SeqCst)), (Code::InternalError, 1));
    assert!(refusal.message.contains("cccc ledger verify"), "{refusal}");
    let feed = Feed::open(&home, peers, Principal::system()).unwrap();
    let mut follower = feed.follow(GROUP, whole(), 0);
    assert_eq!(timeout(DEADLINE, follower.next()).await.unwrap().unwrap_err().code, Code::InternalError);
}
