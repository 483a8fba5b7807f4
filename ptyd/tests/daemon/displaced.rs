//! Terminals whose folders were removed: nobody is told an untruth about them, and the end of everything is theirs too.

use super::record::Record;
use super::world::World;
use bus::contract::{Code, Reply, id};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use std::fs;

/// A holder that was stopped, and is never left so.
struct Stopped(Pid);

impl Stopped {
    fn go_on(&self) {
        // It may have ended meanwhile.
        let _ = kill(self.0, Signal::SIGCONT);
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        self.go_on();
    }
}

/// A world whose ptyd has just begun, and the holder of its agent, which is stopped and has lost its folder.
fn displaced() -> (World, Stopped, Vec<u32>) {
    let mut world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world.end(Signal::SIGTERM);
    let (agents, found) = (world.agents(), ptyd::hold::find(&world.home).unwrap());
    let holder = Stopped(Pid::from_raw(found[0].meta.holder.pid as i32));
    kill(holder.0, Signal::SIGSTOP).unwrap();
    fs::remove_dir_all(found[0].folder.path()).unwrap();
    world.start();
    (world, holder, agents)
}

#[test]
fn nobody_is_told_an_untruth_of_a_terminal_that_is_not_found_yet() {
    let (world, holder, agents) = displaced();
    let about = json!({"group_id": world.group(), "actor_id": "a"});
    let ops = ["actor_remove", "actor_stop", "actor_start", "terminal_tail", "terminal_release", "group_delete"];
    for op in ops {
        let refusal = world.ask_within(1_000, id::unique(), op, about.clone()).unwrap_err();
        assert_eq!(refusal.code, Code::DaemonUnavailable, "{op}: {refusal:?}");
        assert!(refusal.message.contains("waiting for terminals"), "{op}: {refusal:?}");
    }
    let list = world.ask_within(1_000, id::unique(), "actor_list", json!({"group_id": world.group()}));
    let Reply::ActorList(listed) = list.unwrap() else { panic!("another reply") };
    assert_eq!(listed.actors.len(), 1, "who is there can be said at once");
    assert!(listed.actors[0].terminal_state.is_none(), "and nothing of how it is: {:?}", listed.actors[0]);

    holder.go_on();
    world.until("the tail", |world| world.about("terminal_tail", "a").is_ok());
    assert_eq!((world.agents(), world.ledger.phases("a")), (agents, vec!["started".to_owned()]));
    world.about("actor_remove", "a").unwrap();
    assert!(world.agents().is_empty());
}
