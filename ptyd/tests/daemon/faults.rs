//! What ledgerd refuses, repeats or does not tell: faults that only a [stand-in](super::stand_in) shows at will.

use super::composer;
use super::record::Record;
use super::stand_in::State;
use super::world::{World, composer_env};
use serde_json::json;
use tempfile::TempDir;

fn add_composer(state: &mut State, folder: &TempDir, actor_id: &str) {
    state.add(actor_id, &composer::command(), composer_env(folder, actor_id), folder.path());
}

/// An agent may ask for something in its first moment: by then ledgerd knows its token.
#[test]
fn no_agent_runs_before_its_token_is_on_record() {
    let program = |folder: &std::path::Path| {
        let text = format!("echo \"$CCCC_ACTOR_TOKEN\" > {}/token; exec sleep 600", folder.display());
        ["sh".to_owned(), "-c".into(), text]
    };
    let world = World::with_faults(|state, folder| {
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
fn a_damaged_group_is_left_alone_until_its_ledger_moves() {
    let world = World::with_faults(|state, folder| {
        add_composer(state, folder, "a");
        (state.is_damaged, state.has_unreadable) = (true, true);
    });
    world.until("the first look", |world| world.ledger.state().reads > 0);
    // Of another group, which is read again and again, ptyd tells what time it is.
    world.until("the fourth look at the other one", |world| world.ledger.state().unreadable_reads >= 4);
    let reads = world.ledger.state().reads;
    assert!(reads <= 2, "{reads} looks, and nothing has happened");
    world.ledger.change(|state| {
        state.is_damaged = false;
        state.touch();
    });
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
}

/// A step that changes nothing is not done again at once, and not without a word.
#[test]
fn a_record_that_changes_nothing_is_not_repeated_without_a_pause() {
    let world = World::with_faults(|state, folder| {
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

/// A group's assignments may be too large for one message, so they come in pages.
#[test]
fn everybody_is_told_however_many_pages_their_assignments_have() {
    let world = World::with_faults(|state, folder| {
        state.places_per_page = 1;
        ["a", "b", "c"].into_iter().for_each(|id| add_composer(state, folder, id));
    });
    let id = world.ledger.change(|state| state.send("to all pages"));
    world.until("the deliveries", |world| world.ledger.stages().len() == 3);
    assert_eq!(world.ledger.stages(), vec![(id, "handed".to_owned()); 3]);
    for name in ["a", "b", "c"] {
        world.until("the submission", |world| world.told(name).concat().contains("to all pages"));
    }
}
