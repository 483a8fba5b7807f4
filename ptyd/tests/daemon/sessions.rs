//! Sessions: what should run does, what happened is on record, and nobody is lost when ptyd is.

use super::world::{GROUP, World, add_composer};
use bus::contract::{Code, Reply, Server, op};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ptyd::hold::log::Piece;
use serde_json::json;
use std::time::Duration;

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
    let world = World::with(|state, folder| ["a", "b"].iter().for_each(|id| add_composer(state, folder, id)));
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
    world.ask("group_delete", json!({"group_id": GROUP})).unwrap();
    assert!(world.agents().is_empty());
}

/// An agent may ask for something in its first moment: by then ledgerd knows its token.
#[test]
fn no_agent_runs_before_its_token_is_on_record() {
    let program = |folder: &std::path::Path| {
        let text = format!("echo \"$CCCC_ACTOR_TOKEN\" > {}/token; exec sleep 600", folder.display());
        ["sh".to_owned(), "-c".into(), text]
    };
    let world = World::with(|state, folder| {
        state.takes_no_starts = true;
        state.add("a", &program(folder.path()), json!({}), folder.path());
    });
    world.until("two tries", |world| world.ledger.state().starts_refused >= 2);
    assert!(world.agents().is_empty() && !world.folder.path().join("token").exists());
    assert!(world.ledger.recorded("x.cccc.session").is_empty());

    world.ledger.change(|state| state.takes_no_starts = false);
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    let token = || std::fs::read_to_string(world.folder.path().join("token")).unwrap_or_default();
    world.until("its token", |_| token().ends_with('\n'));
    let records = world.ledger.recorded("x.cccc.session");
    assert_eq!(records[0]["phase"], "starting");
    assert_eq!(records[0]["token_sha256"], bus::contract::id::digest(token().trim()));
    assert_eq!(records[0]["session_id"], records[1]["session_id"]);
}

#[test]
fn a_program_that_ends_is_on_record_and_stays_down() {
    let world = World::with(|state, folder| {
        state.add(
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
    let world = World::with(|state, folder| {
        state.add("a", &words("/no/such/program"), json!({}), folder.path());
        state.add("b", &words("cat"), json!({}), &folder.path().join("gone"));
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
        world.about("actor_update", "a").unwrap();
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
    let mut world = World::with(|state, folder| {
        let script = "stty raw echo; printf '\\033[?2004h> '; exec sleep 1000";
        state.add("a", &["sh".into(), "-c".into(), script.into()], json!({}), folder.path());
        state.send("for somebody who reads");
    });
    let shows = |found: &ptyd::hold::Found| {
        let log = ptyd::hold::log::read(found.folder.path(), 0, 1 << 20);
        matches!(log, Ok(Piece::Bytes(bytes)) if String::from_utf8_lossy(&bytes).contains("You are"))
    };
    world.until("its introduction", |world| ptyd::hold::find(&world.home).unwrap().iter().any(shows));
    // From a second later on, ptyd waits five seconds for the program to read it.
    std::thread::sleep(Duration::from_secs(2));
    assert!(world.end(Signal::SIGUSR1).success());
    let stuck = "has not read what was typed before".to_owned();
    assert!(!world.ledger.held().contains(&stuck), "it was waited for until it counts as stuck");
    assert_eq!((world.agents(), world.ledger.phases("a")), (vec![], words("started suspended")));
}

#[test]
fn an_end_that_nobody_saw_is_put_on_record_by_the_next_ptyd() {
    let mut world = World::with(|state, folder| ["a", "b"].iter().for_each(|id| add_composer(state, folder, id)));
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
fn a_damaged_group_is_left_alone_until_its_ledger_moves() {
    let world = World::with(|state, folder| {
        add_composer(state, folder, "a");
        state.is_damaged = true;
    });
    world.until("the first look", |world| world.ledger.state().desks > 0);
    // That nothing happens has no other sign than time. A slow machine makes this pass, and never fail.
    std::thread::sleep(Duration::from_secs(2));
    let desks = world.ledger.state().desks;
    assert!(desks <= 2, "{desks} looks, and nothing has happened");
    world.ledger.change(|state| {
        state.is_damaged = false;
        state.touch();
    });
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
}

/// A step that changes nothing is not done again at once, and not without a word.
#[test]
fn a_record_that_changes_nothing_is_not_repeated_without_a_pause() {
    let world = World::with(|state, folder| {
        add_composer(state, folder, "a");
        state.is_deaf = true;
    });
    let log = world.folder.path().join("ptyd.log");
    let pauses = || std::fs::read_to_string(&log).unwrap().matches("has changed nothing again; pausing").count();
    world.until("the second pause", |_| pauses() >= 2);
    let (records, pauses) = (world.ledger.state().records, pauses());
    assert!(records <= pauses + 2, "{records} records, {pauses} pauses");
    world.ledger.change(|state| state.is_deaf = false);
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
}

#[test]
fn the_agents_of_a_group_that_is_gone_are_ended() {
    let mut world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world.end(Signal::SIGKILL);
    world.ledger.state().is_deleted = true;
    world.start();
    world.until("its end", |world| world.agents().is_empty());
    world.until("a clean folder", |world| ptyd::hold::find(&world.home).unwrap().is_empty());
}
