//! Sessions: what should run does, what happened is on record, and nobody is lost when ptyd is.

use super::composer;
use super::record::Record;
use super::world::{World, add_composer};
use bus::contract::{Code, Reply, Server, op};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn every_op_that_the_table_gives_to_ptyd_is_served() {
    let world = World::with(|_, _| {});
    for row in op::TABLE.iter().filter(|row| row.server == Server::Pty) {
        let refusal = world.ask(row.name, json!({"actor_id": "nobody"})).err();
        assert!(refusal.as_ref().is_none_or(|refusal| refusal.code != Code::UnknownOp), "{}: {refusal:?}", row.name);
    }
    assert_eq!(world.ask("groups", json!({})).unwrap_err().code, Code::UnknownOp, "this one is ledgerd's");
}

#[test]
fn what_is_wanted_runs_and_what_is_not_ends() {
    let world = World::with(|ledger, folder| ["a", "b"].iter().for_each(|id| add_composer(ledger, folder, id)));
    world.until("both agents", |world| world.agents().len() == 2);
    let answer = world.about("actor_stop", "a").unwrap();
    assert!(matches!(answer, Reply::ActorStop(_)));
    assert_eq!((world.agents().len(), world.ledger.phases("a")), (1, words("started stopped")));

    world.about("actor_start", "a").unwrap();
    let before = world.agents();
    world.about("actor_start", "a").unwrap();
    assert_eq!(world.agents(), before, "one that runs is kept");
    world.about("actor_restart", "a").unwrap();
    assert_ne!(world.agents(), before, "a new one");
    assert_eq!(world.ledger.phases("a"), words("started stopped started stopped started"));

    world.about("actor_remove", "a").unwrap();
    assert_eq!(world.agents().len(), 1);
    world.ask("group_delete", json!({"group_id": world.group()})).unwrap();
    assert!(world.agents().is_empty());
}

#[test]
fn a_program_that_ends_is_on_record_and_stays_down() {
    let world = World::with(|ledger, folder| {
        ledger.add(
            "a",
            &words("sh -c").into_iter().chain(["echo good night; exit 7".into()]).collect::<Vec<_>>(),
            json!({}),
            folder.path(),
        )
    });
    world.until("the record", |world| world.ledger.phases("a").contains(&"exited".into()));
    let records = world.ledger.recorded("x.cccc.session");
    assert_eq!(records.last().unwrap()["exit_code"], 7);
    assert_eq!(records.last().unwrap()["last_lines"], json!(["good night"]));
    let Reply::TerminalTail(tail) = world.about("terminal_tail", "a").unwrap() else { panic!("another reply") };
    assert_eq!(
        (tail.text.as_str(), tail.hint.as_str()),
        ("good night", "a exited with code 7; these are its last words")
    );
    assert!(world.agents().is_empty());
}

#[test]
fn a_program_that_cannot_start_is_told_and_not_tried_again() {
    let world = World::with(|ledger, folder| {
        ledger.add("a", &words("/no/such/program"), json!({}), folder.path());
        let gone = folder.path().join("gone");
        std::fs::create_dir(&gone).unwrap();
        ledger.add("b", &words("cat"), json!({}), &gone);
        std::fs::remove_dir(&gone).unwrap();
    });
    for actor_id in ["a", "b"] {
        let refusal = world.about("actor_start", actor_id).unwrap_err();
        assert_eq!(refusal.code, Code::ActorStartFailed, "{refusal:?}");
    }
    assert_eq!(world.about("actor_restart", "b").unwrap_err().code, Code::InvalidProjectRoot);
    let phases = world.ledger.phases("a");
    assert!(phases.iter().all(|phase| phase == "failed") && phases.len() <= 2, "{phases:?}");
}

#[test]
fn agents_live_on_when_ptyd_is_killed_or_ends() {
    let mut world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    let agents = world.agents();
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        let status = world.end(signal);
        assert_eq!(status.success(), signal == Signal::SIGTERM, "{status}");
        world.start();
        world
            .ask("actor_update", json!({"group_id": world.group(), "actor_id": "a", "patch": {"title": "A"}}))
            .unwrap();
        assert_eq!(world.agents(), agents);
    }
    assert_eq!(world.ledger.phases("a"), ["started"]);
}

#[test]
fn the_wish_to_stop_everything_ends_agents_until_everything_starts_again() {
    let mut world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    assert!(world.end(Signal::SIGUSR1).success());
    assert_eq!((world.agents(), world.ledger.phases("a")), (vec![], words("started suspended")));
    world.start();
    world.until("the agent again", |world| world.ledger.phases("a").len() == 3);
    assert_eq!(world.agents().len(), 1);
}

/// What is being typed can wait for the next session; whoever stops everything does not wait for a program that never
/// reads.
#[test]
fn a_delivery_under_way_does_not_hold_up_the_end_of_everything() {
    let mut world = World::with(|ledger, folder| {
        let log = folder.path().join("a.log");
        let env = json!({composer::LOG: log, composer::HABITS: "stops"});
        ledger.add("a", &composer::command(), env, folder.path());
    });
    world.ledger.send("first");
    world.until("the first message", |world| world.told("a").len() == 1 && world.ledger.stages().len() == 1);
    std::fs::write(world.folder.path().join("stop"), "").unwrap();
    world.until("its last breath", |world| world.folder.path().join("stopped").exists());
    // Typed at once, and more than the system keeps for a program that does not read.
    world.ledger.send_together((0..4).map(|_| "x".repeat(3_850)));
    let session_id = ptyd::hold::find(&world.home).unwrap().pop().unwrap().meta.session_id;
    let notes = world.home.run().join("memo").join(format!("{session_id}.json"));
    let typing = || serde_json::from_slice::<Value>(&std::fs::read(&notes).unwrap()).unwrap()["typing"].clone();
    world.until("the delivery", |_| typing()["event_ids"].as_array().is_some_and(|ids| ids.len() > 1));
    // From now on ptyd waits for the program to read the rest, until it counts as stuck, which goes on record. Where that
    // has happened already, because the machine is slow, there is nothing left to see.
    let held = world.ledger.held();
    assert!(world.end(Signal::SIGUSR1).success());
    assert_eq!(world.ledger.held(), held, "it was waited for until it counts as stuck");
    assert_eq!((world.agents(), world.ledger.phases("a")), (vec![], words("started suspended")));
}

#[test]
fn an_end_that_nobody_saw_is_put_on_record_by_the_next_ptyd() {
    let mut world = World::with(|ledger, folder| ["a", "b"].iter().for_each(|id| add_composer(ledger, folder, id)));
    world.until("both agents", |world| ["a", "b"].iter().all(|id| world.ledger.phases(id) == ["started"]));
    world.end(Signal::SIGKILL);
    for session in ptyd::hold::find(&world.home).unwrap() {
        let victim = if session.meta.actor_id == "a" { session.meta.agent } else { session.meta.holder };
        kill(Pid::from_raw(victim.pid as i32), Signal::SIGKILL).unwrap();
    }
    world.until("their end", |world| world.agents().is_empty());
    world.start();
    world.until("the record of the killed agent", |world| world.ledger.phases("a") == words("started exited"));
    world.until("another one for the lost one", |world| world.ledger.phases("b") == words("started lost started"));
    let signal = world.ledger.recorded("x.cccc.session").into_iter().find(|data| data["phase"] == "exited").unwrap();
    assert_eq!(signal["signal"], 9);
}

#[test]
fn the_agents_of_a_group_that_is_gone_are_ended() {
    let mut world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world.end(Signal::SIGKILL);
    world.ledger.must("group_delete", json!({}));
    world.start();
    world.until("its end", |world| world.agents().is_empty());
    world.until("a clean folder", |world| ptyd::hold::find(&world.home).unwrap().is_empty());
}
