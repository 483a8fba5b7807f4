//! Viewers: they see the screen as it is, one of them types, and none of them holds up anybody.

use super::composer;
use super::ledgerd::Ledgerd;
use super::record::Record;
use super::viewer::{Viewer, until_joined};
use super::world::{World, add_composer};
use bus::contract::Reply;
use nix::sys::signal::Signal;
use serde_json::json;
use std::io::Read;

/// Who may look is asked again whenever the group moves: an actor is gone, or may not see the others any more.
#[test]
fn a_view_ends_when_its_right_ends() {
    let world = World::with(|ledger, folder| {
        add_composer(ledger, folder, "a");
        ledger.add("peer", &["cat".to_owned()], json!({}), folder.path());
    });
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    let (mut user, _) = Viewer::join(&world, "a", "user");
    // By what happens in its group, or in the whole home.
    let ways: [fn(&Ledgerd); 2] = [
        |ledger| ledger.set(json!({"terminal_transcript_visibility": "off"})),
        |ledger| drop(ledger.must("principals_set", json!({"strict": true}))),
    ];
    for end_right in ways {
        world.ledger.set(json!({"terminal_transcript_visibility": "all"}));
        let (mut peer, answer) = Viewer::join_to(&world, "a", "peer", false);
        assert_eq!(answer, json!({"ok": true}));
        world.until("the prompt", |_| peer.sees("> ") && user.sees("> "));
        end_right(&world.ledger);
        world.until("the end of the view", |_| matches!(peer.socket.read(&mut [0; 4096]), Ok(0)));
    }
    user.types("still here");
    world.until("the other view", |_| user.sees("still here"));
}

#[test]
fn viewers_see_the_screen_and_one_of_them_types() {
    let world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    let (mut first, answer) = Viewer::join(&world, "a", "user");
    assert_eq!(answer, json!({"ok": true}));
    world.until("the prompt", |_| first.sees("> "));
    first.types("hello");
    world.until("the echo", |_| first.sees("hello"));
    let (mut second, _) = Viewer::join(&world, "a", "user");
    world.until("the screen as it is", |_| second.sees("hello"));
    second.types("x");
    world.until("the bell", |_| second.sees("\u{7}"));

    // What its terminal says by itself is no key.
    let bells = second.seen.iter().filter(|byte| **byte == 7).count();
    second.types("\x1b[1;1R");
    // A half-typed line keeps deliveries out; once it is finished, they follow.
    world.ledger.send("a message");
    world.until("the reason", |world| world.ledger.held().contains(&"a person is typing".into()));
    first.types(" there\r");
    world.until("the delivery", |world| world.ledger.stages().len() == 1);
    world.until("the submission", |world| world.told("a").len() == 2);
    second.sees("");
    assert_eq!(second.seen.iter().filter(|byte| **byte == 7).count(), bells);
    let told = world.told("a");
    assert_eq!(told[0], "hello there");
    assert!(told[1].contains("a message"));
}

/// An agent with habits that few have.
fn habitual(habits: &str) -> World {
    World::with(|ledger, folder| {
        let log = folder.path().join("a.log");
        ledger.add("a", &composer::command(), json!({composer::LOG: log, composer::HABITS: habits}), folder.path());
    })
}

/// Sends 20 messages. The first four are typed at once, and are more than the system keeps for a program that does not
/// read: they are half-typed when this returns.
fn get_stuck(world: &World) {
    world.ledger.send("<first>");
    world.until("the first message", |world| world.ledger.stages().len() == 1);
    std::fs::write(world.folder.path().join("stop"), "").unwrap();
    world.until("its last breath", |world| world.folder.path().join("stopped").exists());
    let text = |number: usize| format!("<{number}> {}", if number % 4 == 3 { "𝄞" } else { "x" }.repeat(3_850));
    world.ledger.send_together((0..20).map(text));
    world.until("the reason", |world| world.ledger.held().contains(&"has not read what was typed before".into()));
}

/// A program that stops to read in the middle of a text; a person who then types makes it impossible to tell what has
/// arrived, so nobody claims to know.
#[test]
fn a_text_that_a_person_typed_into_is_uncertain_and_not_typed_again() {
    let world = habitual("stops");
    get_stuck(&world);
    let (mut viewer, _) = Viewer::join(&world, "a", "user");
    viewer.types("x");
    let uncertain = |world: &World| world.ledger.stages().iter().any(|(_, stage)| stage == "uncertain");
    world.until("the verdict", uncertain);
    let mut ids: Vec<_> = world.ledger.stages().into_iter().map(|(id, _)| id).collect();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "each has one verdict");
    world.until("the bell", |_| viewer.sees("\u{7}"));
}

/// The line a person has begun is in the terminal, whoever dies: nothing is typed into it.
#[test]
fn a_half_typed_line_outlives_ptyd() {
    let mut world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world.ledger.send("first");
    world.until("the first message", |world| world.told("a").len() == 1);
    let (mut viewer, _) = Viewer::join(&world, "a", "user");
    viewer.types("rm -r");
    world.until("the echo", |_| viewer.sees("rm -r"));
    world.end(Signal::SIGKILL);
    world.ledger.send("second");
    world.start();
    world.until("the reason", |world| world.ledger.held().contains(&"a person is typing".into()));
    let (mut viewer, _) = Viewer::join(&world, "a", "user");
    viewer.types("\u{15}\r");
    world.until("the second message", |world| world.ledger.stages().len() == 2);
    world.until("its submission", |world| world.told("a").iter().any(|text| text.contains("second")));
    assert!(!world.told("a").iter().any(|text| text.contains("rm -r") && text.contains("second")));
}

/// An agent that asks its terminal for the cursor's position when it is told to.
fn asker() -> World {
    let world = World::with(|ledger, folder| {
        let script = "stty raw -echo; printf ready; while [ ! -e ask ]; do sleep 0.05; done; \
                      printf '\\033[6n'; dd bs=1 count=4 of=answer 2>/dev/null; exec sleep 1000";
        ledger.add("a", &["sh".into(), "-c".into(), script.into()], json!({}), folder.path());
    });
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world
}

/// Has it ask, and waits until it has its answer.
fn is_answered(world: &World) {
    std::fs::write(world.folder.path().join("ask"), "").unwrap();
    let answer = |world: &World| std::fs::read(world.folder.path().join("answer")).unwrap_or_default();
    world.until("the answer of the terminal", |world| answer(world).starts_with(b"\x1b["));
}

/// The terminal of somebody who may not type cannot answer the program, which would wait for ever.
#[test]
fn a_viewer_that_only_looks_leaves_the_answers_to_us() {
    let world = asker();
    let mut viewers = [("user", false), ("a", true)].map(|(by, write)| Viewer::join_to(&world, "a", by, write));
    for (viewer, answer) in &mut viewers {
        assert_eq!(*answer, json!({"ok": true}));
        world.until("the screen", |_| viewer.sees("ready"));
    }
    is_answered(&world);
}

/// Nobody counts as looking on who has left, also when the terminal has nothing to say.
#[test]
fn a_viewer_that_leaves_a_silent_terminal_is_gone() {
    let world = asker();
    let (mut viewer, _) = Viewer::join(&world, "a", "user");
    world.until("the screen", |_| viewer.sees("ready"));
    drop(viewer);
    let attached = |world: &World| {
        let log = std::fs::read_to_string(world.folder.path().join("ptyd.log")).unwrap();
        log.matches("a viewer has left").count()
    };
    world.until("its leaving", |world| attached(world) == 1);
    is_answered(&world);
}

/// It may only keep itself from being heard, and everybody is told so, long before what it does not read has filled up.
#[test]
fn a_program_that_asks_without_end_and_never_reads_can_be_seen_and_stopped() {
    let world = habitual("waits asks");
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world.ledger.send("hello");
    world.until("the reason", |world| world.ledger.held().contains(&"has not read what was typed before".into()));
    assert_eq!(world.ledger.stages(), [], "nobody claims that it was handed over");
    let tail = |world: &World| {
        world.ask("terminal_tail", json!({"group_id": world.group(), "actor_id": "a", "max_chars": 60}))
    };
    world.until("a look at its terminal", |world| tail(world).is_ok());
    world.about("actor_stop", "a").unwrap();
    assert!(world.agents().is_empty());
}

/// Length of the first thing that was typed: a paste with its Enter, or an answer of the terminal. Zero when it is
/// neither, or not whole.
fn first_typed(input: &[u8]) -> usize {
    let (begin, end) = (b"\x1b[200~".as_slice(), b"\x1b[201~\r".as_slice());
    if input.starts_with(begin) {
        return input.windows(end.len()).position(|window| window == end).map_or(0, |at| at + end.len());
    }
    let Some(rest) = input.strip_prefix(b"\x1b[") else { return 0 };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    if rest.get(length) == Some(&b'R') { length + 3 } else { 0 }
}

/// Waits until everything was handed over, and looks at every byte that the program has read in the end.
fn is_read_whole(world: &World, messages: &[&str]) {
    world.until("the delivery of everything", |world| world.ledger.stages().len() == messages.len());
    assert!(world.ledger.stages().iter().all(|(_, stage)| stage == "handed"), "{:?}", world.ledger.stages());
    let input = || std::fs::read(world.folder.path().join("input")).unwrap_or_default();
    let count = |input: &[u8], text: &str| String::from_utf8_lossy(input).matches(text).count();
    let last = messages.last().expect("there are some");
    world.until("the last message", |_| count(&input(), last) == 1 && input().ends_with(b"\x1b[201~\r"));
    let input = input();
    assert!(messages.iter().all(|text| count(&input, text) == 1), "each of them once");
    let mut rest = input.as_slice();
    while !rest.is_empty() {
        let length = first_typed(rest);
        assert!(length > 0, "mixed: {}", rest[..rest.len().min(80)].escape_ascii());
        rest = &rest[length..];
    }
}

/// It asks all the time while a message is half-typed; once it reads, everything is there, whole and one after the other.
#[test]
fn an_answer_never_comes_in_the_middle_of_a_message() {
    let world = habitual("stops asks");
    get_stuck(&world);
    std::fs::write(world.folder.path().join("read"), "").unwrap();
    let messages: Vec<_> = (0..20).map(|number| format!("<{number}> ")).collect();
    let messages: Vec<_> = std::iter::once("<first>").chain(messages.iter().map(String::as_str)).collect();
    is_read_whole(&world, &messages);
}

/// It has asked until there was no room for an answer, in the middle of one perhaps. The rest of it comes first.
#[test]
fn a_message_never_comes_in_the_middle_of_an_answer() {
    let world = habitual("waits asks");
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    world.ledger.send("hello");
    world.until("the reason", |world| world.ledger.held().contains(&"has not read what was typed before".into()));
    std::fs::write(world.folder.path().join("read"), "").unwrap();
    is_read_whole(&world, &["hello"]);
}

/// What a program has switched and drawn once, megabytes ago, is so still for whoever looks after ptyd was killed.
#[test]
fn what_was_switched_long_ago_outlives_ptyd() {
    let mut world = World::with(|ledger, folder| {
        let script = "printf '\\033[?1049h\\033[?25l\\033[5 q\\033[>5utitle\\033[2;40r\\033[2;1H'; \
                      yes 'a line of output' | head -c 1500000; printf '\\033[20;1Hthe end'; exec sleep 1000";
        ledger.add("a", &["sh".into(), "-c".into(), script.into()], json!({}), folder.path());
    });
    let (mut viewer, _) = until_joined(&world);
    world.until("the end of the output", |_| viewer.sees("the end"));
    world.end(Signal::SIGKILL);
    world.start();
    let (mut viewer, _) = until_joined(&world);
    world.until("the end once more", |_| viewer.sees("the end"));
    for switch in ["\x1b[?1049h", "\x1b[?25l", "\x1b[5 q", "\x1b[>5u", "\x1b[2;40r", "title"] {
        assert!(viewer.sees(switch), "{}", switch.escape_debug());
    }
}

/// Enter with a modifier is a key like any other, in each of the ways that terminals send it.
#[test]
fn shift_and_enter_reach_the_program() {
    let keys = "a\x1b[13;2ub\x1b\rc\x1b[27;2;13~d\x1c";
    let world = World::with(|ledger, folder| {
        let script =
            format!("stty raw -echo; printf '\\033[>1u\\033[>4;2mready'; head -c {} > keys; sleep 1000", keys.len());
        ledger.add("a", &["sh".into(), "-c".into(), script], json!({}), folder.path());
    });
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    let (mut viewer, _) = Viewer::join(&world, "a", "user");
    world.until("the screen", |_| viewer.sees("ready"));
    assert!(viewer.sees("\x1b[>1u") && viewer.sees("\x1b[>4;2m"), "{:?}", String::from_utf8_lossy(&viewer.seen));
    // In pieces as a person types them; ESC and CR are one key.
    ["a", "\x1b[13;2u", "b", "\x1b\r", "c", "\x1b[27;2;13~", "d", "\x1c"].iter().for_each(|key| viewer.types(key));
    let typed = |world: &World| std::fs::read(world.folder.path().join("keys")).unwrap_or_default();
    world.until("the keys", |world| typed(world) == keys.as_bytes());
}

/// Whoever typed while a submitted text stood there may have sent it; a ptyd that is killed then does not forget that.
#[test]
fn that_a_person_typed_before_a_text_left_outlives_ptyd() {
    let mut world = habitual("deaf");
    world.ledger.send("first");
    world.until("the first message", |world| world.ledger.stages().len() == 1);
    std::fs::write(world.folder.path().join("deaf"), "").unwrap();
    let (mut viewer, _) = Viewer::join(&world, "a", "user");
    world.ledger.send("second");
    world.until("the message", |_| viewer.sees("second"));
    world.ledger.go_away();
    viewer.types("zzz");
    world.until("the echo", |_| viewer.sees("zzz"));
    world.end(Signal::SIGKILL);
    std::fs::remove_file(world.folder.path().join("deaf")).unwrap();
    world.start();
    world.ledger.come_back();
    world.until("the verdict", |world| world.ledger.stages().len() == 2);
    let last = world.ledger.recorded("x.cccc.delivery").pop().unwrap();
    assert_eq!(last["reason"], "a person typed before it was seen to leave the composer", "{last}");
}

#[test]
fn who_may_not_look_is_told_so() {
    let world = World::with_composer();
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    for (actor_id, by, code) in [
        ("nobody", "user", "actor_not_running"),
        ("", "user", "missing_actor_id"),
        ("a", "stranger", "permission_denied"),
    ] {
        let (_, answer) = Viewer::join(&world, actor_id, by);
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
}

#[test]
fn a_viewer_that_takes_nothing_holds_up_nobody() {
    let world = World::with(|ledger, folder| {
        let script = "i=0; while [ $i -lt 60000 ]; do echo \"line $i of a program that says much\"; i=$((i+1)); done; echo done; cat".to_owned();
        ledger.add("a", &["sh".into(), "-c".into(), script], json!({}), folder.path());
    });
    world.until("the agent", |world| world.ledger.phases("a") == ["started"]);
    let (_stuck, answer) = Viewer::join(&world, "a", "user");
    assert_eq!(answer, json!({"ok": true}));
    let tail = |world: &World| match world
        .ask("terminal_tail", json!({"group_id": world.group(), "actor_id": "a", "max_chars": 60}))
        .unwrap()
    {
        Reply::TerminalTail(tailed) => tailed.text,
        other => panic!("{other:?}"),
    };
    world.until("the end of the output", |world| tail(world).ends_with("line 59999 of a program that says much\ndone"));
    world.ask("term_resize", json!({"group_id": world.group(), "actor_id": "a", "cols": 90, "rows": 30})).unwrap();
}
