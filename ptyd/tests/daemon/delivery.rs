//! Delivery: once, in order, at the right moment, whatever dies.

use super::composer;
use super::record::Record;
use super::world::World;
use nix::sys::signal::Signal;
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn a_message_is_typed_once_after_the_agent_was_told_who_it_is() {
    let world = World::with_composer();
    let id = world.ledger.send("first\nmessage \x1b[201~ with \x03 keys");
    world.until("the delivery", |world| world.ledger.stages() == [(id.clone(), "handed".to_owned())]);
    world.until("the submission", |world| composer::submissions(&world.log("a")).len() == 2);
    let all = composer::submissions(&world.log("a"));
    assert!(all[0].starts_with("[cccc] You are a, foreman of the group \"a group\""), "{}", all[0]);
    assert!(
        all[1].contains(&format!("[cccc #{}] user → @all:\nfirst\nmessage [201~ with  keys", &id[24..])),
        "{}",
        all[1]
    );
    let evidence = world.ledger.recorded("x.cccc.delivery").last().unwrap()["evidence"].clone();
    assert!(evidence["bytes"].as_u64().unwrap() > 100 && evidence["session"].is_string(), "{evidence}");
}

#[test]
fn a_paused_group_holds_with_the_reason_and_resumes_in_order() {
    let world = World::with_composer();
    world.ledger.must("group_set_state", json!({"state": "paused"}));
    (0..40).for_each(|number| drop(world.ledger.send(&format!("<{number}>"))));
    world.until("the reason", |world| world.ledger.held().contains(&"group is paused".into()));
    assert_eq!(world.told("a"), Vec::<String>::new());
    world.ledger.must("group_set_state", json!({"state": "active"}));
    world.until("all of them", |world| world.ledger.stages().len() == 40);
    world.until("the last submission", |world| world.told("a").concat().contains("<39>"));
    let all = world.told("a").concat();
    let places: Vec<_> = (0..40).map(|number| all.find(&format!("<{number}>")).expect("every message")).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_plain_program_gets_lines_only_when_its_actor_says_so() {
    let world = World::with(|ledger, folder| {
        for (id, deliver) in [("shy", "auto"), ("bold", "typed")] {
            let script = format!("while read -r line; do printf '%s\\n' \"$line\" >> {id}.txt; done");
            ledger.add_with(id, &["sh".into(), "-c".into(), script], json!({}), folder.path(), deliver);
        }
    });
    let lines = |id: &str| std::fs::read_to_string(world.folder.path().join(format!("{id}.txt"))).unwrap_or_default();
    world.ledger.send("two\nlines");
    world.until("the lines", |_| lines("bold").lines().count() == 2);
    assert!(lines("bold").lines().nth(1).unwrap().contains("two ⏎ lines"), "{}", lines("bold"));
    world.until("the reason", |world| world.ledger.held().contains(&"not ready for text".into()));
    assert_eq!(lines("shy"), "");
}

#[test]
fn messages_wait_for_the_next_session_and_what_was_handed_does_not_come_again() {
    let world = World::with_composer();
    world.ledger.send("exit with 3");
    world.until("the end", |world| world.ledger.phases("a") == ["started", "exited"]);
    world.ledger.send("later");
    world.until("the reason", |world| world.ledger.held().contains(&"no live session".into()));
    world.about("actor_start", "a").unwrap();
    world.until("the second delivery", |world| world.ledger.stages().len() == 2);
    world.until("the second submission", |world| world.told("a").len() == 2);
    let told = world.told("a");
    assert!(told[0].contains("exit with 3") && told[1].contains("later"), "{told:?}");
}

/// A full disk, say: nothing is typed that could not be told from what was not, and it is said why.
#[test]
fn without_notes_nothing_is_typed_and_it_goes_on_when_they_can_be_written() {
    let world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world.ledger.send("first");
    world.until("the first message", |world| world.told("a").len() == 1 && world.ledger.stages().len() == 1);
    let session = ptyd::hold::find(&world.home).unwrap().pop().unwrap().meta.session_id;
    let notes = world.home.run().join("memo").join(format!("{session}.json"));
    // A folder in their place, which no file replaces; in between two notes, of which the second may come back.
    world.until("a place for the obstacle", |_| {
        let _ = std::fs::remove_file(&notes);
        std::fs::create_dir(&notes).is_ok()
    });
    world.ledger.send("second");
    world.until("the reason", |world| world.ledger.held().contains(&"run folder cannot be written".into()));
    assert_eq!(world.told("a").len(), 1);
    std::fs::remove_dir(&notes).unwrap();
    world.until("the second message", |world| world.told("a").len() == 2);
    assert!(world.told("a")[1].contains("second"));
}

/// The pause between two deliveries is counted from what is on record, so a restart does not cut it short.
#[test]
fn a_killed_ptyd_keeps_the_interval() {
    let mut world = World::with_composer();
    world.ledger.set(json!({"min_interval_seconds": 3_600}));
    world.ledger.send("first");
    world.until("the first message", |world| world.ledger.stages().len() == 1);
    world.end(Signal::SIGKILL);
    world.ledger.send("second");
    world.start();
    world.until("the reason", |world| world.ledger.held().contains(&"waits for the minimum interval".into()));
    assert_eq!(world.ledger.stages().len(), 1);
}

/// The heart of it: ptyd is killed again and again while it types, and ledgerd goes away while it records.
#[test]
fn a_ptyd_that_is_killed_types_nothing_twice_and_forgets_nothing() {
    let rounds = std::env::var("CCCC_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    let mut world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    let agents = world.agents();
    let mut sent = Vec::new();
    for round in 0..rounds {
        for number in 0..4 {
            let text = format!("<{round}-{number}> {}", "text ".repeat(number * 150));
            sent.push((format!("<{round}-{number}>"), world.ledger.send(&text)));
        }
        // A little later in each round, so that every step of a delivery is hit in the end.
        let begin = Instant::now();
        let typed = |world: &World| std::fs::metadata(world.log("a")).map_or(0, |data| data.len());
        let before = typed(&world);
        let moment = Duration::from_millis(37 * (round as u64 % 16));
        world.until("the moment", |world| (round < 2 || typed(world) > before) && begin.elapsed() >= moment);
        match round % 3 {
            2 => {
                world.ledger.go_away();
                world.end(Signal::SIGKILL);
                world.start();
                world.ledger.come_back();
            }
            _ => {
                world.end(Signal::SIGKILL);
                world.start();
            }
        }
    }
    world.until("the delivery of everything", |world| world.ledger.stages().len() >= sent.len());
    let is_told = |world: &World, text: &str| world.told("a").concat().contains(text);
    world.until("the last submission", |world| sent.iter().all(|(text, _)| is_told(world, text)));
    assert_eq!(world.agents(), agents, "the same agent all the time");
    let told = world.told("a").concat();
    let stages = world.ledger.stages();
    for (text, id) in &sent {
        let stage: Vec<_> = stages.iter().filter(|(of, _)| of == id).map(|(_, stage)| stage.as_str()).collect();
        assert_eq!((told.matches(text).count(), stage.last()), (1, Some(&"handed")), "{text} is {stage:?}");
    }
    let introductions = composer::submissions(&world.log("a")).len() - world.told("a").len();
    assert_eq!(introductions, 1, "it was told once who it is");
}
