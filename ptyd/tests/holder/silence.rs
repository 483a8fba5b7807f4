//! Nothing is typed into a terminal but what a client has written: not when it is opened, and not when it is closed.

use crate::world::{SOON, World, exited, read_until, until};
use ptyd::hold::LeaseKind;
use ptyd::hold::descendants::SESSION_VARIABLE;
use std::fs;

/// A program that stands on its own reads the terminal on to its last byte, after the agent and the holder's end of it
/// are gone.
#[tokio::test]
async fn a_terminal_that_is_closed_has_typed_nothing() {
    for ending in ["exit 0", "sleep 1000"] {
        let world = World::new();
        let reader = format!(
            "env -u {SESSION_VARIABLE} setsid sh -c 'trap \"\" HUP; cat <&3 > typed 2> /dev/null; echo over > over' &"
        );
        let script = format!(
            "stty raw -echo; exec 3<&0; ({reader}); printf ready; while [ ! -s typed ]; do sleep 0.01; done; \
             printf seen; {ending}"
        );
        let mut spec = world.script(&script);
        spec.environment.insert(SESSION_VARIABLE.to_owned(), spec.session_id.clone());
        let session = world.spawn(&spec).await.unwrap();
        let mut output = session.read_from(0, true).await.unwrap();
        read_until(&mut output, "ready").await;
        session.lease(LeaseKind::Person, "test").await.unwrap();
        session.write(b"x", SOON).await.unwrap();
        read_until(&mut output, "seen").await;
        if ending != "exit 0" {
            session.kill(SOON).await.unwrap();
        }
        exited(&session).await;
        let typed = world.home.root().join("typed");
        until("the reader is hung up on", || world.home.root().join("over").exists()).await;
        assert_eq!(fs::read(typed).unwrap(), b"x", "with {ending}");
    }
}

/// Nor while nobody has the keyboard, or a size is set.
#[tokio::test]
async fn a_terminal_that_is_opened_and_sized_has_typed_nothing() {
    let world = World::new();
    let session = world.run("stty raw -echo; printf ready; head -c 1 | od -An -c; printf over; sleep 1000").await;
    let mut output = session.read_from(0, true).await.unwrap();
    read_until(&mut output, "ready").await;
    session.resize(100, 40).await.unwrap();
    let status = session.status().await.unwrap();
    assert_eq!((status.unread, status.typed), (Some(0), 0));
    session.lease(LeaseKind::Person, "test").await.unwrap();
    session.write(b"x", SOON).await.unwrap();
    let text = read_until(&mut output, "over").await;
    assert!(text.trim_start().starts_with("x"), "{text:?}");
}
