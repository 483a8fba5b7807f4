//! One writer at a time, and every writer knows how much was typed.

use crate::world::{SOON, World, exited, read_until};
use ptyd::hold::{HoldError, LeaseKind, Session, Stop};
use std::time::Duration;

#[tokio::test]
async fn what_is_typed_arrives_and_is_counted() {
    let world = World::new();
    let session = world.run("stty -echo; echo ready; read line; echo \"got <$line>\"; sleep 1000").await;
    let mut output = session.read_from(0, true).await.unwrap();
    read_until(&mut output, "ready\r\n").await;
    assert!(matches!(session.write(b"early", SOON).await, Err(HoldError::NoLease)));
    session.lease(LeaseKind::Delivery, "ptyd").await.unwrap();
    let typed = session.write("grüße\r".as_bytes(), SOON).await.unwrap();
    assert_eq!((typed.bytes, typed.stop, typed.offset), (8, Stop::Whole, 7));
    read_until(&mut output, "got <grüße>").await;
    let status = session.status().await.unwrap();
    assert_eq!((status.typed, status.lease.unwrap().who), (8, "ptyd".to_owned()));
}

#[tokio::test]
async fn one_at_a_time_has_the_keyboard_and_a_person_has_the_size() {
    let world = World::new();
    let delivery = world.run("sleep 1000").await;
    let person = Session::connect(delivery.folder()).await.unwrap();
    person.lease(LeaseKind::Person, "eva").await.unwrap();
    match delivery.lease(LeaseKind::Delivery, "ptyd").await {
        Err(HoldError::LeaseHeld(lease)) => {
            assert_eq!((lease.kind, lease.who.as_str()), (LeaseKind::Person, "eva"))
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(delivery.resize(90, 30).await, Err(HoldError::LeaseHeld(_))));
    person.resize(100, 40).await.unwrap();
    let refused = person.resize(0, 40).await.unwrap_err();
    assert!(matches!(refused, HoldError::Refused { action: "resize", .. }), "{refused}");
    let status = delivery.status().await.unwrap();
    assert_eq!((status.cols, status.rows), (100, 40));

    // It ends with the connection, however that ends.
    drop(person);
    let deadline = tokio::time::Instant::now() + SOON;
    while let Err(error) = delivery.lease(LeaseKind::Delivery, "ptyd").await {
        assert!(tokio::time::Instant::now() < deadline, "{error}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let person = Session::connect(delivery.folder()).await.unwrap();
    person.resize(120, 50).await.expect("a delivery does not decide about the size");
    delivery.release().await.unwrap();
    person.lease(LeaseKind::Person, "eva").await.unwrap();
}

#[tokio::test]
async fn the_program_in_the_terminal_sees_the_new_size() {
    let world = World::new();
    let session = world.run("trap 'stty size' WINCH; echo ready; while :; do sleep 0.01; done").await;
    let mut output = session.read_from(0, true).await.unwrap();
    read_until(&mut output, "ready").await;
    session.resize(123, 45).await.unwrap();
    read_until(&mut output, "45 123").await;
}

#[tokio::test]
async fn a_program_that_does_not_read_is_told_as_a_partial_write() {
    const MUCH: usize = 300_000;
    let world = World::new();
    // Raw, so that the terminal does not drop what is too long for one line.
    let session = world.run("stty raw -echo; echo ready; sleep 1000").await;
    let mut output = session.read_from(0, true).await.unwrap();
    read_until(&mut output, "ready").await;
    session.lease(LeaseKind::Delivery, "ptyd").await.unwrap();
    let typed = session.write(&[b'x'; MUCH], Duration::from_millis(300)).await.unwrap();
    assert!(typed.stop == Stop::NotRead && typed.bytes > 0 && typed.bytes < MUCH as u64, "{typed:?}");
    assert_eq!(session.status().await.unwrap().typed, typed.bytes);
}

#[tokio::test]
async fn much_is_typed_whole_when_the_program_reads() {
    const MUCH: usize = 1_000_000;
    let world = World::new();
    let session = world.run(&format!("stty raw -echo; echo ready; head -c {MUCH} | cksum; sleep 1000")).await;
    let mut output = session.read_from(0, true).await.unwrap();
    read_until(&mut output, "ready").await;
    session.lease(LeaseKind::Delivery, "ptyd").await.unwrap();
    let typed = session.write(&[b'x'; MUCH], SOON).await.unwrap();
    assert_eq!((typed.bytes, typed.stop), (MUCH as u64, Stop::Whole));
    read_until(&mut output, &format!(" {MUCH}")).await;
}

/// In raw mode every byte counts, otherwise every line that has ended.
#[tokio::test]
async fn what_was_typed_and_not_read_is_counted() {
    let world = World::new();
    for (mode, typed, unread) in [("raw -echo", "abc", 3), ("-echo", "abc\nde", 4)] {
        let script = format!(
            "stty {mode}; echo ready; while [ ! -e {unread} ]; do sleep 0.02; done; head -c {unread}; sleep 1000"
        );
        let session = world.run(&script).await;
        read_until(&mut session.read_from(0, true).await.unwrap(), "ready").await;
        let is_unread = async |count: u32| {
            while session.status().await.unwrap().unread != Some(count) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        session.lease(LeaseKind::Delivery, "ptyd").await.unwrap();
        session.write(typed.as_bytes(), SOON).await.unwrap();
        tokio::time::timeout(SOON, is_unread(unread)).await.expect(mode);
        std::fs::write(world.home.root().join(unread.to_string()), "").unwrap();
        tokio::time::timeout(SOON, is_unread(0)).await.expect(mode);
    }
}

#[tokio::test]
async fn typing_into_an_ended_session_is_refused() {
    let world = World::new();
    let session = world.run("exit 0").await;
    exited(&session).await;
    session.lease(LeaseKind::Delivery, "ptyd").await.unwrap();
    assert!(matches!(session.write(b"x", SOON).await, Err(HoldError::Exited)));
    assert!(matches!(session.resize(90, 30).await, Err(HoldError::Exited)));
}

#[tokio::test]
async fn a_stuck_write_holds_up_no_other_question() {
    let world = World::new();
    let session = world.run("stty raw -echo; echo ready; sleep 1000").await;
    read_until(&mut session.read_from(0, true).await.unwrap(), "ready").await;
    session.lease(LeaseKind::Person, "eva").await.unwrap();
    let stuck = session.write(&[b'x'; 200_000], SOON);
    let meanwhile = async {
        let other = Session::connect(session.folder()).await.unwrap();
        other.status().await.unwrap();
        session.status().await.unwrap();
        other.kill(Duration::from_secs(1)).await.unwrap();
        exited(&other).await
    };
    let (typed, exit) = tokio::join!(stuck, meanwhile);
    let typed = typed.unwrap();
    assert!(typed.stop == Stop::Exited && typed.bytes < 200_000, "{typed:?}");
    assert!(exit.asked);
}
