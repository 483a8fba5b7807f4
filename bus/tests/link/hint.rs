//! Hints: whoever is slow slows nobody, and still gets the newest.

use crate::child::{Child, Role};
use crate::{DEADLINE, home, until};
use bus::link::{Publisher, Subscriber};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn numbered(number: u32) -> Vec<u8> {
    // As large as the hint of a busy home.
    let mut hint = format!("{number:08}").into_bytes();
    hint.resize(4096, b' ');
    hint
}

/// Tells a hint again and again while something is waited for, as ledgerd does: a hint may be lost.
fn beating(publisher: &Publisher, hint: &[u8], wait: impl FnOnce()) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let end = Instant::now() + DEADLINE;
            while !is_over.load(Ordering::Relaxed) && Instant::now() < end {
                publisher.publish(hint);
                thread::sleep(Duration::from_millis(5));
            }
        });
        wait();
        is_over.store(true, Ordering::Relaxed);
    });
}

/// A subscriber process is stopped, so that it neither takes nor acknowledges anything.
#[test]
fn a_stopped_subscriber_slows_nobody_and_sees_the_newest_hint() {
    const LAST: u32 = 20_000;
    let (_folder, home) = home();
    let publisher = Publisher::bind(&home.hint_socket()).unwrap();
    let mut slow = Child::start(&home, Role::Hearer);
    let mut fast = Subscriber::connect(&home.hint_socket()).unwrap();
    beating(&publisher, &numbered(0), || {
        until("the fast one hears", || fast.recv_blocking(Duration::from_millis(5)).unwrap().is_some());
        assert_eq!(slow.hear(), "00000000");
    });
    slow.signal("STOP");

    let mut heard = 0;
    for number in 1..=LAST {
        publisher.publish(&numbered(number));
        if fast.recv_blocking(Duration::ZERO).unwrap().is_some() {
            heard += 1;
        }
    }
    assert!(heard > 0, "the fast one goes on hearing");
    let newest = numbered(LAST);
    until("the fast one hears the newest", || {
        publisher.publish(&newest);
        fast.recv_blocking(Duration::from_millis(5)).unwrap().is_some_and(|hint| hint == newest)
    });

    slow.signal("CONT");
    let mut late = 0;
    beating(&publisher, &newest, || {
        while slow.hear() != format!("{LAST:08}") {
            late += 1;
        }
    });
    assert!(late < LAST / 2, "{late} old hints were kept for it");
}

/// One that does not take its hints keeps a few of the newest.
#[test]
fn a_subscriber_keeps_only_the_newest_hints() {
    let (_folder, home) = home();
    let publisher = Publisher::bind(&home.hint_socket()).unwrap();
    let mut sleepy = Subscriber::connect(&home.hint_socket()).unwrap();
    let mut awake = Subscriber::connect(&home.hint_socket()).unwrap();
    until("both are connected", || sleepy.connected() && awake.connected());
    for number in 1..=500 {
        // The other one's ear tells that the hint has come through.
        until("it is heard", || {
            publisher.publish(&numbered(number));
            awake.recv_blocking(Duration::from_millis(5)).unwrap().is_some_and(|hint| hint == numbered(number))
        });
    }
    let mut kept = Vec::new();
    while let Some(hint) = sleepy.recv_blocking(Duration::from_millis(200)).unwrap() {
        kept.push(hint);
    }
    assert!(kept.len() < 100, "{} are kept", kept.len());
    assert_eq!(kept.last(), Some(&numbered(500)));
}

/// Waiting for a hint may be given up at any moment, as `select!` does, and the hint is there the next time.
#[tokio::test]
async fn giving_up_waiting_loses_no_hint() {
    let (_folder, home) = home();
    let publisher = Publisher::bind(&home.hint_socket()).unwrap();
    let mut subscriber = Subscriber::connect(&home.hint_socket()).unwrap();
    until("the connection", || subscriber.connected());
    let mut heard = 0;
    for number in 1..=20 {
        publisher.publish(&numbered(number));
        let end = Instant::now() + DEADLINE;
        loop {
            assert!(Instant::now() < end, "hint {number} is lost");
            if let Ok(hint) = tokio::time::timeout(Duration::from_micros(50), subscriber.recv()).await {
                assert_eq!(hint.unwrap(), numbered(number));
                heard += 1;
                break;
            }
        }
    }
    assert_eq!(heard, 20);
}

#[test]
fn a_publisher_that_comes_back_is_heard_again() {
    let (_folder, home) = home();
    let mut subscriber = Subscriber::connect(&home.hint_socket()).unwrap();
    for life in 1..=3 {
        let publisher = Publisher::bind(&home.hint_socket()).unwrap();
        until("the new one is heard", || {
            publisher.publish(&numbered(life));
            subscriber.recv_blocking(Duration::from_millis(5)).unwrap().is_some_and(|hint| hint == numbered(life))
        });
    }
}
