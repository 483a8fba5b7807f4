//! Paste, look, only then Enter: a message never answers a question, starts a program or takes a person's line, is never
//! lost or doubled by what a program does with it, and what is said about it is what its terminal shows.

use serde_json::{Value, json};
use tests::{AgentLog, Person, Stack, until, until_some};

const ELSEWHERE: &str = "shows something else than its composer";

/// One agent that behaves in one way, and what becomes of its messages.
struct Scene {
    stack: Stack,
    group_id: String,
    log: AgentLog,
}

impl Scene {
    /// A test agent with these flags.
    fn agent(flags: &[&str]) -> Self {
        let stack = Stack::start();
        let log = AgentLog::new(stack.folder(), "a");
        let words: Vec<String> =
            log.command().split(' ').map(str::to_owned).chain(flags.iter().map(|flag| (*flag).to_owned())).collect();
        Self::of(stack, log, &json!({"command": words}))
    }

    /// The same, taken for a program whose composer is known: by the name of its executable.
    fn known(flags: &[&str]) -> Self {
        let stack = Stack::start();
        let log = AgentLog::new(stack.folder(), "a");
        let words: Vec<String> = log.command().split(' ').map(str::to_owned).collect();
        let claude = stack.folder().join("claude");
        std::os::unix::fs::symlink(&words[0], &claude).expect("a link");
        let mut command = vec![json!(claude), json!(words[1]), json!("--prompt"), json!("❯")];
        command.extend(flags.iter().map(|flag| json!(flag)));
        Self::of(stack, log, &json!({"command": command}))
    }

    /// Any program.
    fn program(args: &Value) -> Self {
        let stack = Stack::start();
        let log = AgentLog::new(stack.folder(), "a");
        Self::of(stack, log, args)
    }

    fn of(stack: Stack, log: AgentLog, args: &Value) -> Self {
        let (group_id, _) = stack.group(&[]);
        let mut all = json!({"group_id": group_id, "actor_id": "a", "runtime": "custom"});
        all.as_object_mut().expect("an object").extend(args.as_object().expect("an object").clone());
        stack.ask("actor_add", &all);
        stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": "a"}));
        Self { stack, group_id, log }
    }

    fn send(&self, text: &str) -> String {
        let sent = self.stack.ask("send", &json!({"group_id": self.group_id, "text": text, "to": ["a"]}));
        sent["event"]["id"].as_str().expect("an id").to_owned()
    }

    /// The records about a message, in order.
    fn records(&self, id: &str) -> Vec<Value> {
        let is = |event: &Value| {
            event["kind"] == "x.cccc.delivery"
                && event["data"]["event_ids"].as_array().is_some_and(|ids| ids.iter().any(|of| of == id))
        };
        self.stack.events(&self.group_id).into_iter().filter(is).map(|event| event["data"].clone()).collect()
    }

    fn stage(&self, id: &str) -> String {
        let last = self.records(id).pop().unwrap_or_default();
        last["stage"].as_str().unwrap_or_default().to_owned()
    }

    fn until_held(&self, id: &str, reason: &str) -> Value {
        until_some(reason, || self.records(id).pop().filter(|record| record["reason"] == reason))
    }

    fn until_handed(&self, id: &str) {
        until("the delivery", || self.stage(id) == "handed");
    }

    fn state(&self) -> String {
        let listed = self.stack.ask("actor_list", &json!({"group_id": self.group_id}));
        listed["actors"][0]["terminal_state"].as_str().unwrap_or_default().to_owned()
    }

    /// Notices that were sent to the user.
    fn notices(&self) -> Vec<String> {
        let is = |event: &Value| event["kind"] == "system.notify" && event["data"]["target_actor_id"] == "user";
        let text = |event: Value| event["data"]["message"].as_str().unwrap_or_default().to_owned();
        self.stack.events(&self.group_id).into_iter().filter(is).map(text).collect()
    }

    fn person(&self) -> Person {
        Person::sit_down(&self.stack, &self.group_id, "a")
    }

    fn submissions(&self) -> Vec<String> {
        self.log.submissions().into_iter().map(|submission| submission.text).collect()
    }
}

/// Whatever the program does with what is typed, both messages arrive once, and nothing else is ever submitted.
#[test]
fn every_message_arrives_once_in_programs_of_every_kind() {
    #[rustfmt::skip]
    let cases: &[(&[&str], &str)] = &[
        (&[],                       "a composer"),
        (&["--drops", "3000"],      "it throws away what comes in its first three seconds"),
        (&["--late", "3000"],       "it says that it takes text long before it does"),
        (&["--redraws"],            "it draws everything anew, 30 times a second"),
        (&["--ticks"],              "it prints without end"),
        (&["--wraps", "20"],        "it breaks its lines"),
    ];
    let scenes: Vec<_> = cases.iter().map(|(flags, why)| (Scene::agent(flags), why)).collect();
    for (scene, why) in &scenes {
        let ids = [scene.send("<first> 審閱 👍🏽 e\u{301}"), scene.send(&format!("<second> {}", "long 審 ".repeat(40)))];
        ids.iter().for_each(|id| scene.until_handed(id));
        until("the submissions", || scene.log.count("<second>") == 1);
        assert_eq!((scene.log.count("<first>"), scene.log.count("You are a")), (1, 1), "{why}");
        assert!(scene.submissions().iter().all(|text| text.starts_with("[cccc")), "{why}: {:?}", scene.submissions());
        let evidence = scene.records(&ids[1]).pop().expect("a record")["evidence"].clone();
        assert!(evidence["seen"].is_string() && evidence["left"] == true, "{why}: {evidence}");
    }
}

#[test]
fn a_question_is_left_to_a_person_and_the_message_follows_its_answer() {
    let scene = Scene::agent(&["--asks"]);
    let id = scene.send("hello");
    let record = scene.until_held(&id, ELSEWHERE);
    assert!(record["evidence"]["screen"].to_string().contains("May I remove everything?"), "{record}");
    assert_eq!((scene.state().as_str(), scene.submissions()), ("asks a person", vec![]));
    until("the notice", || scene.notices().iter().any(|text| text.contains("attach-terminal a")));
    let status = scene.stack.ok(&["status"]);
    assert!(status.contains("asks a person") && status.contains("→ `cccc attach-terminal a`"), "{status}");

    let more = scene.send("more");
    scene.until_held(&more, ELSEWHERE);
    assert_eq!(scene.notices().len(), 1, "told once for as long as it lasts");
    scene.person().types("y");
    [&id, &more].into_iter().for_each(|id| scene.until_handed(id));
    until("both submissions", || scene.log.count("more") == 1);
    assert_eq!(scene.submissions()[0], "choice: y");
    assert_eq!((scene.log.count("choice"), scene.log.count("hello")), (1, 1));
    until("the composer", || scene.state() == "ready");
}

#[test]
fn a_question_in_the_middle_of_the_work_is_not_answered_either() {
    let scene = Scene::agent(&["--asks-when", "dangerous"]);
    scene.until_handed(&scene.send("something dangerous"));
    let id = scene.send("go on");
    scene.until_held(&id, ELSEWHERE);
    assert_eq!(scene.log.count("choice"), 0);
    scene.person().types("y");
    scene.until_handed(&id);
}

#[test]
fn a_text_that_is_shown_elsewhere_is_not_submitted() {
    let scene = Scene::agent(&["--elsewhere"]);
    let id = scene.send("hello");
    let is_held = || scene.records(&id).iter().any(|record| record["reason"] == ELSEWHERE);
    until("the reason", is_held);
    assert_eq!(scene.submissions(), Vec::<String>::new());
}

#[test]
fn a_text_that_stays_is_uncertain_and_the_next_one_is_not_glued_to_it() {
    let scene = Scene::agent(&["--ignores-every-enter"]);
    // The introduction stays in the composer, so no message follows it.
    let id = scene.send("hello");
    scene.until_held(&id, "a draft stands in its composer");
    assert_eq!((scene.submissions(), scene.state().as_str()), (vec![], "draft"));
}

#[test]
fn a_first_enter_that_is_not_heard_is_pressed_again_where_that_is_known_to_be_safe() {
    let unknown = Scene::agent(&["--ignores-enter"]);
    let id = unknown.send("hello");
    unknown.until_held(&id, "a draft stands in its composer");

    let known = Scene::known(&["--ignores-enter"]);
    known.until_handed(&known.send("hello"));
    assert_eq!((known.log.count("You are a"), known.log.count("hello")), (1, 1));
}

/// The keyboard is a person's again long before a text that stands counts as not taken. What they have typed goes into it,
/// so it is theirs to send, and nobody claims to know what our key has done.
#[test]
fn a_person_who_types_while_a_text_stands_is_heard_and_no_second_enter_follows() {
    let scene = Scene::known(&["--ignores-enter-of", "<stays>"]);
    scene.until_handed(&scene.send("first"));
    let mut person = scene.person();
    let id = scene.send("<stays>");
    until("the message", || person.sees("<stays>"));
    person.types("zzz");
    until("the echo", || person.sees("zzz"));
    until("the verdict", || scene.stage(&id) == "uncertain");
    let reason = scene.records(&id).pop().expect("a record")["reason"].clone();
    assert_eq!(reason, "a person typed before it was seen to leave the composer");
    assert_eq!(scene.log.count("<stays>"), 0);
    person.types("\r");
    until("the submission", || scene.log.count("<stays>") == 1);
    assert!(scene.submissions().iter().any(|text| text.contains("<stays>") && text.ends_with("zzz")));
}

#[test]
fn a_draft_is_held_for_however_long_and_goes_before_the_message() {
    let scene = Scene::agent(&[]);
    scene.until_handed(&scene.send("first"));
    let mut person = scene.person();
    person.types("rm -rf ");
    until("the echo", || person.sees("rm -rf"));
    // Who goes away leaves the draft.
    drop(person);
    let id = scene.send("second");
    scene.until_held(&id, "a person is typing");
    assert_eq!((scene.state().as_str(), scene.log.count("second")), ("draft", 0));
    scene.stack.kill("ptyd");
    scene.stack.process("ptyd");
    until("the state after a crash", || scene.state() == "draft");
    assert_eq!(scene.log.count("second"), 0);
    scene.person().types("build\r");
    scene.until_handed(&id);
    until("the submission", || scene.log.count("second") == 1);
    let texts = scene.submissions();
    assert!(texts.contains(&"rm -rf build".to_owned()), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains("rm -rf") && text.contains("second")), "{texts:?}");
}

/// Whoever does not want a draft any more hands it over; what is still to be seen of it holds messages all the same.
#[test]
fn a_draft_that_is_handed_over_holds_only_what_it_would_be_sent_with() {
    let scene = Scene::agent(&["--deaf"]);
    let args = json!({"group_id": scene.group_id, "actor_id": "a", "patch": {"deliver": "typed"}});
    scene.stack.ask("actor_update", &args);
    scene.until_handed(&scene.send("first"));
    let mut person = scene.person();
    person.types("no");
    until("the echo", || person.sees("no"));
    let id = scene.send("second");
    scene.until_held(&id, "a person is typing");
    let released = scene.stack.ok(&["terminal", "release", "a"]);
    assert!(released.contains("a draft is still to be seen"), "{released}");
    scene.until_held(&id, "a draft stands in its composer");
    person.types("\r");
    scene.until_handed(&id);
    assert_eq!(scene.log.count("second"), 1);
}

/// Where the program has a place for drafts, one that is handed over goes there, and comes back behind the message.
#[test]
fn a_draft_that_is_handed_over_is_put_aside_where_the_program_can() {
    let scene = Scene::known(&["--stashes"]);
    scene.until_handed(&scene.send("first"));
    let mut person = scene.person();
    person.types("my own words");
    until("the echo", || person.sees("my own words"));
    let id = scene.send("second");
    scene.until_held(&id, "a person is typing");
    let released = scene.stack.ok(&["terminal", "release", "a"]);
    assert!(released.contains("brings it back after the next message"), "{released}");
    scene.until_handed(&id);
    until("the draft again", || scene.state() == "draft");
    // Its one place for drafts is free again; while it is not, a second draft would be lost there.
    person.types("\x13");
    until("the person's own stash", || person.sees("draft stashed") && scene.state() == "ready");
    person.types("other words");
    until("the second draft", || scene.state() == "draft");
    let released = scene.stack.ok(&["terminal", "release", "a"]);
    assert!(released.contains("a draft is still to be seen"), "{released}");
    let texts = scene.submissions();
    assert!(!texts.iter().any(|text| text.contains("words")), "{texts:?}");
}

/// The key that puts a draft aside is the program's own: a shell that has come to its foreground does not get it.
#[test]
fn a_draft_in_another_program_than_the_agents_is_not_put_aside() {
    let env = json!({"PS1": "❯ ", "PROMPT_COMMAND": "printf '\\033[?2004h'"});
    let scene =
        Scene::program(&json!({"runtime": "claude", "command": ["bash", "--norc", "--noprofile", "-i"], "env": env}));
    let mut person = scene.person();
    until("the prompt", || person.sees("❯"));
    person.types("ls");
    until("the echo", || person.sees("ls"));
    let released = scene.stack.ok(&["terminal", "release", "a"]);
    assert!(released.contains("a draft is still to be seen"), "{released}");
    // To the shell, the key would be one that begins a search.
    person.types(" behind");
    until("the echo", || person.sees("behind"));
    assert!(!person.sees("search"));
}

/// A shell whose prompt looks like a composer, and that has bracketed paste on.
fn shell(deliver: &str) -> Scene {
    let env = json!({"PS1": "❯ ", "PROMPT_COMMAND": "printf '\\033[?2004h'"});
    Scene::program(&json!({"command": ["bash", "--norc", "--noprofile", "-i"], "env": env, "deliver": deliver}))
}

#[test]
fn a_shell_is_no_recipient() {
    let scene = shell("auto");
    let id = scene.send("`touch hacked` $(touch hacked)");
    scene.until_held(&id, "a shell is in the foreground");
    assert_eq!(scene.state(), "not ready");
    // A program in its foreground is one, for as long as it is there.
    let words = scene.log.command();
    scene.person().types(&format!("{words} --exit-on enough\r"));
    scene.until_handed(&id);
    scene.until_handed(&scene.send("enough"));
    let id = scene.send("`touch hacked`");
    scene.until_held(&id, "a shell is in the foreground");
    assert!(!scene.stack.work().join("hacked").exists());
}

/// Whoever wants it typed into a shell gets it typed, and presses Enter.
#[test]
fn what_is_typed_into_a_shell_is_not_run() {
    let scene = shell("typed");
    let id = scene.send("`touch hacked` $(touch hacked)");
    scene.until_handed(&id);
    let evidence = scene.records(&id).pop().expect("a record")["evidence"].clone();
    assert_eq!(evidence["left"], false, "{evidence}");
    let next = scene.send("next");
    scene.until_held(&next, "a draft stands in its composer");
    assert!(!scene.stack.work().join("hacked").exists());
}

/// The program has crashed and left bracketed paste on; the script that has started it goes on, and would run what it reads.
#[test]
fn a_script_that_goes_on_in_the_place_of_a_crashed_program_gets_nothing() {
    let stack = Stack::start();
    let log = AgentLog::new(stack.folder(), "a");
    let script = format!("{} --exit-on crash; printf '> '; while read -r line; do eval \"$line\"; done", log.command());
    let scene = Scene::of(stack, log, &json!({"command": ["sh", "-c", script]}));
    scene.until_handed(&scene.send("crash"));
    let id = scene.send("`touch hacked`");
    scene.until_held(&id, "a shell is in the foreground");
    assert!(!scene.stack.work().join("hacked").exists());
}
