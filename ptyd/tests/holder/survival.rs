//! A holder and its agent outlive whoever started them; what does not survive is known to be lost.

use crate::world::{HOLDER, SOON, World, command, exited, read_all, read_until, until};
use bus::home::Home;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ptyd::hold::{HoldError, Session, State, find};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set for a process of this test program that is a client and is to be killed.
const CLIENT_OF: &str = "HOLD_TEST_CLIENT_OF";

#[tokio::test]
async fn killing_whoever_started_and_reads_a_session_loses_nothing() {
    let world = World::new();
    let mut client = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "survival::a_client_process", "--nocapture"])
        .env(CLIENT_OF, world.home.root())
        .stdout(Stdio::null())
        .process_group_of_its_own()
        .spawn()
        .unwrap();
    let mut session = None;
    let found = {
        until("the client has started a session", || find(&world.home).unwrap().len() == 1).await;
        world.found()
    };
    let deadline = tokio::time::Instant::now() + SOON;
    while session.is_none() {
        assert!(tokio::time::Instant::now() < deadline);
        session = Session::connect(&found.folder).await.ok();
    }
    let session = session.unwrap();
    read_until(&mut session.read_from(0, true).await.unwrap(), "line 500\r\n").await;
    nix::sys::signal::killpg(Pid::from_raw(client.id() as i32), Signal::SIGKILL).unwrap();
    client.wait().unwrap();

    let again = Session::connect(&found.folder).await.unwrap();
    assert!(found.agent_lives());
    let exit = exited(&again).await;
    assert_eq!((exit.code, exit.asked), (Some(9), false));
    let all = read_all(&mut again.read_from(0, true).await.unwrap(), 0).await;
    let wanted: String = (0..2_000).map(|i| format!("line {i}\r\n")).collect();
    assert!(all == wanted.as_bytes(), "{} bytes", all.len());
}

/// A client that starts a session and reads it until it is killed. Does nothing as a test of its own.
#[tokio::test]
async fn a_client_process() {
    let Some(root) = std::env::var_os(CLIENT_OF).map(PathBuf::from) else { return };
    let home = Home::find(Some(&root)).unwrap();
    let script = "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); [ $i = 1000 ] && sleep 0.5; done; exit 9";
    let spec = command(&home, &["/bin/sh", "-c", script]);
    let session = ptyd::hold::spawn(&home, Path::new(HOLDER), &spec).await.unwrap();
    let mut output = session.read_from(0, true).await.unwrap();
    while output.next().await.is_ok() {}
    std::future::pending::<()>().await;
}

trait OwnGroup {
    fn process_group_of_its_own(&mut self) -> &mut Self;
}

impl OwnGroup for Command {
    fn process_group_of_its_own(&mut self) -> &mut Self {
        std::os::unix::process::CommandExt::process_group(self, 0)
    }
}

#[tokio::test]
async fn a_killed_holder_is_a_lost_session_and_its_leftovers_can_be_ended() {
    let world = World::new();
    let session = world.run("trap '' HUP; echo set; while :; do sleep 1; done").await;
    let mut output = session.read_from(0, true).await.unwrap();
    read_until(&mut output, "set").await;
    let meta = world.found().meta;
    kill(Pid::from_raw(meta.holder.pid as i32), Signal::SIGKILL).unwrap();
    let told = tokio::time::timeout(SOON, session.exited()).await.expect("told in time");
    assert!(matches!(told, Err(HoldError::Lost { .. })), "{told:?}");
    assert!(matches!(output.next().await, Err(HoldError::Lost { .. })));
    until("the holder is gone", || world.found().state == State::Lost).await;

    let found = world.found();
    assert!(found.agent_lives(), "it does not mind to be hung up on");
    assert!(found.end_leftovers().unwrap() > 0);
    until("the agent is gone", || !meta.agent.is_alive()).await;
    until("nobody is left", || found.end_leftovers().unwrap() == 0).await;
}

#[tokio::test]
async fn an_agent_that_minds_is_hung_up_on_when_its_holder_is_killed() {
    let world = World::new();
    let session = world.run("echo set; sleep 1000").await;
    read_until(&mut session.read_from(0, true).await.unwrap(), "set").await;
    let meta = world.found().meta;
    kill(Pid::from_raw(meta.holder.pid as i32), Signal::SIGKILL).unwrap();
    until("the agent is gone", || !meta.agent.is_alive()).await;
    until("the holder is gone", || world.found().state == State::Lost).await;
}
