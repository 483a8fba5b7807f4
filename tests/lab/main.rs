//! Real agent programs against a scripted model, without a network and without accounts: what our table says of them is what
//! they do.
//!
//! `make lab` installs them from the npm registry into `tests/.lab` and runs this.

mod answerer;
mod model;
mod program;
mod quick_start;

use model::Model;
use program::{CLAUDE, CODEX, OPENCODE, Program, World};
use tests::until;

const ELSEWHERE: &str = "shows something else than its composer";

/// A user who has just installed it, in a folder that it has never seen: it asks, nobody answers for them, and what was sent
/// waits.
fn at_its_first_start(program: &Program) {
    let world = World::fresh(program);
    let id = world.send("Split the task and begin.");
    match program.asks_first {
        Some(question) => {
            world.until_held(&id, ELSEWHERE);
            assert!(world.screen().contains(question), "{}", world.screen());
            assert_eq!(world.state(), "asks a person");
            let status = world.stack().ok(&["status"]);
            assert!(status.contains("→ `cccc attach-terminal a`"), "{status}");
            assert_eq!(world.model().count("Split the task"), 0);
        }
        None => world.until_handed(&id),
    }
}

/// A user who has set it up: messages arrive, each once, also while it works, and what is said is what the screen shows.
fn once_it_is_set_up(program: &Program) {
    let world = World::set_up(program);
    let short = world.send("Begin with `touch hacked`.");
    let long = world.send(&format!("Read this. {}", "A line that is long enough.\n".repeat(60)));
    [&short, &long].into_iter().for_each(|id| world.until_handed(id));
    until("the model", || world.model().count("Read this.") > 0);
    assert!(world.model().count("You are a, foreman") > 0, "it was told who it is");
    until("the composer", || world.state() == "ready");
    let status = world.stack().ok(&["status"]);
    assert!(status.contains("ready"), "{status}");
    assert!(!world.has_file("hacked"));

    // A draft of a person goes first.
    let mut person = world.person();
    person.types("a draft");
    until("the draft", || world.screen().contains("a draft") && world.state() == "draft");
    let held = world.send("Third.");
    world.until_held(&held, "a person is typing");
    person.types("\r");
    world.until_handed(&held);
    until("both", || world.model().count("Third.") > 0 && world.model().count("a draft") > 0);
}

/// A person hands over a draft: a program that has a place for it puts it there, and has it back behind the message.
fn with_a_draft_that_is_handed_over(program: &Program) {
    let world = World::set_up(program);
    world.until_handed(&world.send("First."));
    until("the composer", || world.state() == "ready");
    let mut person = world.person();
    person.types("my own words");
    until("the draft", || world.screen().contains("my own words") && world.state() == "draft");
    let held = world.send("Second.");
    world.until_held(&held, "a person is typing");
    let released = world.stack().ok(&["terminal", "release", "a"]);
    assert_eq!(released.contains("brings it back"), program.stashes, "{released}");
    if !program.stashes {
        person.types("\r");
    }
    world.until_handed(&held);
    until("the message", || world.model().count("Second.") > 0);
    if program.stashes {
        until("the draft again", || world.screen().contains("my own words") && world.state() == "draft");
        assert_eq!(world.model().count("my own words"), 0);
    }
}

/// It asks for permission to remove files; a message that comes meanwhile does not give it.
fn while_it_asks_for_permission(program: &Program) {
    let Some(permission) = &program.permission else { return };
    let world = World::careful(program);
    world.until_handed(&world.send(&format!("{} please", Model::REMOVE)));
    world.until_shown(permission.question);
    let id = world.send("Go on.");
    world.until_held(&id, ELSEWHERE);
    assert!(world.screen().contains(permission.question), "{}", world.screen());
    assert!(world.has_file("precious"));
    world.person().types(permission.no);
    world.until_handed(&id);
    assert!(world.has_file("precious"));
}

/// One that is to go on with its last conversation: it starts also where there is none, and otherwise knows what was said.
fn with_its_last_conversation(program: &Program) {
    let world = World::set_up(program);
    until("the composer", || world.state() == "ready");
    world.update(&["--resume"]);
    world.restart();
    until("the composer of one that had no conversation", || world.state() == "ready");
    world.until_handed(&world.send("First of all."));
    until("the model", || world.model().count("First of all.") > 0);
    until("the composer after the answer", || world.state() == "ready");
    world.restart();
    until("the composer of one that had a conversation", || world.state() == "ready");
    world.until_handed(&world.send("Then go on."));
    until("both in one request", || world.model().count_both("First of all.", "Then go on.") > 0);
}

/// It is told of our tools in one command, and then its model has them.
fn once_it_knows_our_tools(program: &Program) {
    let world = World::set_up(program);
    until("the word for what it lacks", || world.tools() == "missing");
    let told = world.as_user(&["setup", "--runtime", program.runtime]);
    assert!(told.contains("added"), "{told}");
    let again = world.as_user(&["setup", "--runtime", program.runtime]);
    assert!(again.contains("ready"), "{again}");
    world.restart();
    until("the composer", || world.state() == "ready");
    assert_eq!(world.tools(), serde_json::Value::Null);
    world.until_handed(&world.send("Which tools do you have?"));
    until("our tools in what the model is asked", || world.model().count("cccc_bootstrap") > 0);
    let undone = world.as_user(&["setup", "--runtime", program.runtime, "--undo"]);
    assert!(undone.contains("removed"), "{undone}");
}

/// A message comes in; its model reads the inbox with our tools, marks it read and replies; the person has the reply.
fn with_our_tools(program: &Program) {
    let world = World::set_up(program);
    until("the composer", || world.state() == "ready");
    world.as_user(&["setup", "--runtime", program.runtime]);
    world.restart();
    until("the composer", || world.state() == "ready");
    let id = world.send_and_ask(&format!("{} please", Model::ANSWER));
    world.until_handed(&id);
    until("the reply", || world.reply_to(&id).is_some());
    let reply = world.reply_to(&id).expect("it is there");
    assert_eq!((&reply["by"], &reply["data"]["text"]), (&"a".into(), &Model::REPLY.into()), "{reply}");
    assert_eq!(reply["data"]["to"], serde_json::json!(["user"]));
    assert!(world.has_read(&id), "it is marked as read");
    until("the model's being told what waits for it", || world.model().count("waiting_for_you") > 0);
    let owed = world.stack().ok(&["inbox", "--by", "user"]);
    assert!(owed.contains(Model::REPLY), "{owed}");
}

macro_rules! lab {
    ($($name:ident $program:expr;)*) => { $(mod $name {
        use super::*;

        #[test]
        fn asks_at_its_first_start() {
            at_its_first_start(&$program);
        }

        #[test]
        fn the_quick_start_word_for_word() {
            if $program.asks_first.is_some() {
                quick_start::typed_in(&$program, &World::empty(&$program));
            }
            quick_start::typed_in(&$program, &World::empty_and_set_up(&$program));
        }

        #[test]
        fn takes_messages_once_it_is_set_up() {
            once_it_is_set_up(&$program);
        }

        #[test]
        fn puts_a_draft_aside_if_it_can() {
            with_a_draft_that_is_handed_over(&$program);
        }

        #[test]
        fn goes_on_with_its_last_conversation() {
            with_its_last_conversation(&$program);
        }

        #[test]
        fn learns_of_our_tools() {
            once_it_knows_our_tools(&$program);
        }

        #[test]
        fn reads_and_replies_with_our_tools() {
            with_our_tools(&$program);
        }

        #[test]
        fn is_not_answered_while_it_asks_for_permission() {
            while_it_asks_for_permission(&$program);
        }
    })* };
}

lab! {
    claude   CLAUDE;
    codex    CODEX;
    opencode OPENCODE;
}
