//! How an agent ended is known for sure, and whoever is to be ended is ended with everything it has started.

use crate::world::{HOLDER, SOON, World, command, exited, read_all, read_until, until};
use bus::home::Home;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ptyd::hold::{HoldError, LeaseKind, Session, State, find, log, process, spawn};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn exit_codes_and_signals_are_written_down() {
    #[rustfmt::skip]
    let cases = [
        // script                          code       signal
        ("printf bye; exit 0",             Some(0),   None),
        ("printf bye; exit 7",             Some(7),   None),
        ("printf bye; kill -TERM $$",      None,      Some(15)),
        ("printf bye; kill -KILL $$",      None,      Some(9)),
    ];
    for (script, code, signal) in cases {
        let world = World::new();
        let session = world.run(script).await;
        let exit = exited(&session).await;
        assert_eq!((exit.code, exit.signal, exit.total_bytes, exit.asked), (code, signal, 3, false), "{script}");
        assert_eq!(world.found().state, State::Exited { exit: exit.clone(), holder_lives: true });
        assert_eq!(session.status().await.unwrap().exit, Some(exit.clone()));
        let late = Session::connect(session.folder()).await.unwrap();
        assert_eq!(exited(&late).await, exit, "also to those who come later");
        let mut output = late.read_from(0, true).await.unwrap();
        assert_eq!(read_all(&mut output, 0).await, b"bye");
        let holder = world.found().meta.holder.pid;
        assert_eq!(children(holder), Vec::<u32>::new(), "no zombie is left");
    }
}

fn children(parent: u32) -> Vec<u32> {
    let list = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    list.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

#[tokio::test]
async fn a_kill_is_gentle_first_and_then_not() {
    #[rustfmt::skip]
    let cases = [
        // script                                                             grace                       code     signal
        ("trap 'exit 3' TERM; echo set; while :; do sleep 0.01; done",        SOON,                       Some(3), None),
        ("trap '' TERM; echo set; while :; do sleep 0.01; done",              Duration::from_millis(50),  None,    Some(9)),
        ("echo set; kill -STOP $$; exit 4",                                   SOON,                       None,    Some(15)),
    ];
    for (script, grace, code, signal) in cases {
        let world = World::new();
        let session = world.run(script).await;
        read_until(&mut session.read_from(0, true).await.unwrap(), "set").await;
        session.kill(grace).await.unwrap();
        let exit = exited(&session).await;
        assert_eq!((exit.code, exit.signal, exit.asked), (code, signal, true), "{script}");
        session.kill(grace).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_the_agent_has_started_is_ended_with_it() {
    let world = World::new();
    let script = "set -m; (trap '' HUP TERM; echo one; exec sleep 1000) & (trap '' HUP; echo two; exec sleep 1000) & \
                  wait; sleep 1000";
    let session = world.run(script).await;
    let mut output = session.read_from(0, true).await.unwrap();
    let read = read_until(&mut output, "one").await;
    if !read.contains("two") {
        read_until(&mut output, "two").await;
    }
    let agent = world.found().meta.agent.pid;
    until("the jobs have groups of their own", || {
        let members = process::session_members(agent);
        members.iter().filter(|(_, stat)| stat.group != agent as i32).count() == 2
    })
    .await;
    session.kill(Duration::from_millis(300)).await.unwrap();
    exited(&session).await;
    assert_eq!(process::session_members(agent), []);
}

#[tokio::test]
async fn a_background_process_does_not_outlive_its_agent() {
    let world = World::new();
    let session = world.run("(trap '' HUP; sleep 1000) & echo over").await;
    assert_eq!(exited(&session).await.code, Some(0));
    assert_eq!(process::session_members(world.found().meta.agent.pid), [], "it was hung up on and did not mind");
}

#[tokio::test]
async fn a_terminated_holder_ends_its_agent_first_and_writes_it_down() {
    let world = World::new();
    let session = world.run("trap 'echo last words; exit 5' TERM; echo set; while :; do sleep 0.01; done").await;
    read_until(&mut session.read_from(0, true).await.unwrap(), "set").await;
    let holder = world.found().meta.holder;
    kill(Pid::from_raw(holder.pid as i32), Signal::SIGHUP).unwrap();
    assert!(session.status().await.unwrap().exit.is_none(), "SIGHUP means nothing to it");
    kill(Pid::from_raw(holder.pid as i32), Signal::SIGTERM).unwrap();
    let exit = exited(&session).await;
    assert_eq!((exit.code, exit.asked), (Some(5), true));
    until("the holder ends", || !holder.is_alive()).await;

    let found = world.found();
    assert_eq!(found.state, State::Exited { exit: exit.clone(), holder_lives: false });
    let gone = Session::connect(&found.folder).await.unwrap_err();
    assert!(matches!(gone, HoldError::Lost { .. }), "{gone}");
    let log::Piece::Bytes(bytes) = log::read(found.folder.path(), 0, 1_000).unwrap() else { panic!("no log") };
    assert!(bytes.starts_with(b"set\r\n") && bytes.ends_with(b"last words\r\n"));
    assert_eq!(exit.total_bytes, bytes.len() as u64);
    found.remove().unwrap();
    assert!(!found.folder.path().exists());
}

#[tokio::test]
async fn forgetting_cleans_up_but_never_a_session_that_runs() {
    let world = World::new();
    let session = world.run("read line").await;
    assert!(matches!(session.forget().await, Err(HoldError::StillRunning)));
    let holder = world.found().meta.holder;
    session.kill(SOON).await.unwrap();
    exited(&session).await;
    session.forget().await.unwrap();
    assert!(!session.folder().path().exists());
    until("the holder ends", || !holder.is_alive()).await;
    assert!(matches!(session.status().await, Err(HoldError::Lost { .. })));
}

#[tokio::test]
async fn a_holder_whose_home_is_gone_ends_with_its_agent() {
    let world = World::new();
    let _session = world.run("sleep 1000").await;
    let meta = world.found().meta;
    std::fs::remove_dir_all(world.home.root()).unwrap();
    until("the agent ends", || !meta.agent.is_alive()).await;
    until("the holder ends", || !meta.holder.is_alive()).await;
}

/// A home that lies too deep for sockets has its run folder elsewhere, which stays when the home is thrown away.
#[tokio::test]
async fn a_holder_whose_home_is_gone_ends_also_where_the_run_folder_stays() {
    for is_moved in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(&folder.path().join("deep-folder/".repeat(10)))).unwrap();
        home.make().unwrap();
        assert!(!home.run().starts_with(home.root()), "{}", home.run().display());
        let mut spec = command(&home, &["sleep", "1000"]);
        spec.directory = "/".to_owned();
        spec.environment.insert("CCCC_HOME".to_owned(), home.root().to_str().unwrap().to_owned());
        let _session = spawn(&home, Path::new(HOLDER), &spec).await.unwrap();
        let meta = find(&home).unwrap().remove(0).meta;
        let run = home.run().to_path_buf();
        if is_moved {
            std::fs::rename(home.root(), folder.path().join("old")).unwrap();
        } else {
            std::fs::remove_dir_all(home.root()).unwrap();
        }
        until("the agent ends", || !meta.agent.is_alive()).await;
        until("the holder ends", || !meta.holder.is_alive()).await;
        std::fs::remove_dir_all(run).unwrap();
    }
}

/// Nothing is made in another's home, and nobody's work ends for it: the session is found where the home is.
#[tokio::test]
async fn a_holder_whose_home_was_moved_leaves_the_one_in_its_place_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [path, old] = ["home", "old"].map(|name| folder.path().join(name));
    let home = Home::find(Some(&path)).unwrap();
    home.make().unwrap();
    let mut spec = command(&home, &["sleep", "1000"]);
    spec.directory = "/".to_owned();
    let _session = spawn(&home, Path::new(HOLDER), &spec).await.unwrap();
    let meta = find(&home).unwrap().remove(0).meta;
    std::fs::rename(&path, &old).unwrap();
    std::fs::create_dir(&path).unwrap();
    // Longer than it takes to make a folder again, which another holder shows.
    let other = World::new();
    let session = other.run("sleep 1000").await;
    for _ in 0..2 {
        std::fs::remove_file(session.folder().socket()).unwrap();
        until("another folder is made again", || session.folder().socket().exists()).await;
    }
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0, "the other home is left alone");
    assert!(meta.agent.is_alive() && meta.holder.is_alive());
    std::fs::remove_dir_all(&old).unwrap();
    until("the agent ends", || !meta.agent.is_alive()).await;
    until("the holder ends", || !meta.holder.is_alive()).await;
}

/// Somebody cleans up what is temporary, and the agent is at work.
#[tokio::test]
async fn a_holder_whose_folder_or_a_file_in_it_was_removed_makes_it_again() {
    let world = World::new();
    let session = world.run("echo one; while read word; do echo $word; done").await;
    let before = world.found();
    let folder = before.folder.clone();
    let files = [folder.socket(), folder.path().join("meta.json"), folder.path().join(format!("log-{:020}", 0))];
    let folders = [folder.path().to_path_buf(), world.home.run().to_path_buf()];
    until("its first word is in the log", || files[2].exists()).await;
    for (at, what) in files.iter().chain(&folders).enumerate() {
        if what.is_dir() {
            std::fs::remove_dir_all(what).unwrap();
        } else {
            std::fs::remove_file(what).unwrap();
        }
        until("the folder is there again", || folder.socket().exists() && folder.meta().is_ok_and(|m| m.is_some()))
            .await;
        assert_eq!(world.found(), before, "{}", what.display());
        assert_eq!(std::fs::metadata(folder.socket()).unwrap().permissions().mode() & 0o777, 0o600);
        let again = Session::connect(&folder).await.unwrap();
        again.lease(LeaseKind::Person, "eva").await.unwrap();
        let from = again.status().await.unwrap().end;
        again.write(format!("word-{at}\n").as_bytes(), SOON).await.unwrap();
        let shown = || log::read(folder.path(), from, 10_000).unwrap();
        until("what it shows now is in the log", || {
            matches!(shown(), log::Piece::Bytes(bytes) if String::from_utf8_lossy(&bytes).contains(&format!("word-{at}")))
        })
        .await;
    }
    assert!(before.meta.agent.is_alive() && session.status().await.is_ok(), "who was connected still is");
}
