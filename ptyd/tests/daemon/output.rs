//! Output is looked at by its offsets, and what was cleared stays cleared.

use super::record::Record;
use super::world::World;
use bus::contract::op::terminal::{Output, Shown};
use bus::contract::{Code, Reply};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

/// Lines that the agent writes before it waits.
const LINES: usize = 3_000;

/// An agent that writes numbered lines, and one more when the file `go` is there.
fn writer() -> World {
    let world = World::with(|ledger, folder| {
        let script = format!(
            "i=0; while [ $i -lt {LINES} ]; do printf '\\033[1mline\\033[m é %d\\n' $i; i=$((i+1)); done; \
             while [ ! -e go ]; do sleep 0.02; done; echo later; exec cat"
        );
        ledger.add("a", &["sh".into(), "-c".into(), script], json!({}), folder.path());
    });
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world.until("its last line", |world| snapshot(world).text.contains(&format!("line é {}", LINES - 1)));
    world
}

fn snapshot(world: &World) -> Shown {
    match world.about("terminal_snapshot", "a").unwrap() {
        Reply::TerminalSnapshot(shown) => shown,
        other => panic!("{other:?}"),
    }
}

fn output(world: &World, op: &str, own: Value) -> Output {
    let mut args = json!({"group_id": world.group(), "actor_id": "a"});
    args.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    match world.ask(op, args).unwrap() {
        Reply::TerminalSince(output) | Reply::TerminalHistory(output) => output,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_read_on_and_what_is_read_back_is_the_same_output() {
    let world = writer();
    let shown = snapshot(&world);
    assert_eq!((shown.cols, shown.rows, shown.text.lines().count()), (120, 40, 39), "the cursor is on the last row");
    assert!(shown.drawing.contains('\u{1b}') && !shown.text.contains('\u{1b}'));

    let (mut on, mut after) = (String::new(), 0);
    loop {
        let piece = output(&world, "terminal_since", json!({"after": after, "limit_bytes": 4_001}));
        assert_eq!((piece.start, piece.end), (after, after + piece.text.len() as u64), "whole characters, no gap");
        on.push_str(&piece.text);
        after = piece.end;
        if !piece.has_more {
            break;
        }
    }
    assert_eq!((after, on.matches("line").count()), (shown.offset, LINES));

    let (mut back, mut before) = (String::new(), shown.offset);
    loop {
        let own = json!({"before": before, "limit_bytes": 4_001, "strip_ansi": false, "compact": false});
        let piece = output(&world, "terminal_history", own);
        assert_eq!((piece.start, piece.end), (before - piece.text.len() as u64, before));
        back.insert_str(0, &piece.text);
        before = piece.start;
        if !piece.has_more {
            break;
        }
    }
    assert_eq!((before, back == on), (0, true));

    let plain = output(&world, "terminal_history", json!({"render_before": 100, "before": shown.offset}));
    assert!(plain.text.starts_with("line é 0\nline é 1\n") && plain.end == 100, "{}", plain.text);

    std::fs::write(world.folder.path().join("go"), "").unwrap();
    let new = |world: &World| output(world, "terminal_since", json!({"after": shown.offset}));
    world.until("what came after the snapshot", |world| new(world).text == "later\r\n");
    assert_eq!(output(&world, "terminal_since", json!({"after": i64::MAX})).text, "");
}

/// It may have held a secret: it does not come back because a daemon was started anew.
#[test]
fn what_was_cleared_stays_cleared_when_ptyd_is_killed() {
    let mut world = writer();
    let offset = snapshot(&world).offset;
    world.about("terminal_clear", "a").unwrap();
    match world.about("terminal_tail", "a").unwrap() {
        Reply::TerminalTail(tailed) => assert_eq!((tailed.text.as_str(), tailed.hint.as_str()), ("", "")),
        other => panic!("{other:?}"),
    }
    world.end(Signal::SIGKILL);
    world.start();
    world.until("the agent's terminal", |world| world.about("terminal_snapshot", "a").is_ok());
    world.until("all of its output", |world| snapshot(world).offset == offset);
    for (op, own) in [("terminal_since", json!({"after": 0})), ("terminal_history", json!({}))] {
        let seen = output(&world, op, own);
        assert_eq!((seen.text.as_str(), seen.start, seen.has_more), ("", offset, false), "{op}");
    }
    std::fs::write(world.folder.path().join("go"), "").unwrap();
    world.until("what came later", |world| output(world, "terminal_history", json!({})).text == "later");
}

/// Two tails are read at a time: a holder that hangs must soon let others look again.
#[test]
fn a_holder_that_hangs_does_not_keep_others_from_looking() {
    let world = writer();
    let holder = ptyd::hold::find(&world.home).unwrap().remove(0).meta.holder.pid;
    kill(Pid::from_raw(holder as i32), Signal::SIGSTOP).unwrap();
    let refused = world.about("terminal_tail", "a").unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (Code::TerminalTailFailed, "no answer to read within 5 s"));
    kill(Pid::from_raw(holder as i32), Signal::SIGCONT).unwrap();
    assert!(output(&world, "terminal_history", json!({})).text.contains("line é 7"));
}
