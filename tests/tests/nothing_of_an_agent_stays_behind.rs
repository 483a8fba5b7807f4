//! When an agent has ended, nothing that it has started runs any more, however it has ended and wherever that has gone.
//! What an agent starts to stay, it starts as we start the supervisor: on its own.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tests::{Stack, process, until};

/// How many processes an agent of this test is, itself included.
const PROCESSES: usize = 5;

/// An agent that puts processes out of sight. Each writes its number into a file.
const SCRIPT: &str = r#"
echo $$ >> "$PIDS"
set -m
sh -c 'trap "" HUP; echo $$ >> "$PIDS"; exec sleep 1000' &
setsid sh -c 'echo $$ >> "$PIDS"; exec sleep 1000' &
sh -c "(setsid sh -c 'trap \"\" TERM HUP; echo \$\$ >> \"\$PIDS\"; exec sleep 1000' < /dev/null > /dev/null 2>&1 &)"
(setsid sh -c 'while :; do sleep 1000; done' & echo $! >> "$PIDS")
exec sleep 1000
"#;

/// What ends an agent, in words and in deed.
type Way<'a> = (&'a str, &'a str, &'a dyn Fn(&Yard, &str));

struct Yard {
    stack: Stack,
    group_id: String,
}

impl Yard {
    fn pids_file(&self, actor: &str) -> PathBuf {
        self.stack.folder().join(format!("{actor}.pids"))
    }

    /// Everybody the agent's sessions have started, oldest first.
    fn pids(&self, actor: &str) -> Vec<i32> {
        let text = fs::read_to_string(self.pids_file(actor)).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| line.trim().parse().expect("a number")).collect()
    }

    fn start(&self, actor: &str, restart: &str) {
        let args = json!({
            "group_id": self.group_id, "actor_id": actor, "runtime": "custom", "command": ["sh", "-c", SCRIPT],
            "restart": restart, "env": {"PIDS": self.pids_file(actor)},
        });
        self.stack.ask("actor_add", &args);
        self.ask("actor_start", actor);
        until("everybody the agent starts", || self.pids(actor).len() == PROCESSES);
    }

    fn ask(&self, op: &str, actor: &str) -> Value {
        self.stack.ask(op, &json!({"group_id": self.group_id, "actor_id": actor}))
    }

    /// The holder of an actor's session, as its folder says.
    fn holder(&self, actor: &str) -> i32 {
        let sessions = fs::read_dir(self.stack.home().join("run/pty")).expect("sessions").flatten();
        let metas = sessions.filter_map(|session| {
            let meta = fs::read(session.path().join("meta.json")).ok()?;
            serde_json::from_slice::<Value>(&meta).ok()
        });
        let meta = metas.into_iter().find(|meta| meta["actor_id"] == actor).expect("a session of the actor");
        i32::try_from(meta["holder"]["pid"].as_i64().expect("a pid")).expect("a small one")
    }
}

fn kill_now(pid: i32) {
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it runs");
}

#[test]
fn nothing_of_an_agent_stays_behind() {
    let stack = Stack::start();
    let attached = stack.ask("attach", &json!({"path": stack.work()}));
    let group_id = attached["group_id"].as_str().expect("a group id").to_owned();
    let yard = Yard { stack, group_id };
    #[rustfmt::skip]
    let ways: [Way; 6] = [
        // what happens                   restart       how
        ("it is stopped",                 "no",         &|yard, actor| drop(yard.ask("actor_stop", actor))),
        ("it is removed",                 "no",         &|yard, actor| drop(yard.ask("actor_remove", actor))),
        ("it crashes",                    "no",         &|yard, actor| kill_now(yard.pids(actor)[0])),
        ("its holder is killed",          "no",         &|yard, actor| kill_now(yard.holder(actor))),
        ("it crashes and is restarted",   "on-failure", &|yard, actor| kill_now(yard.pids(actor)[0])),
        ("it is restarted",               "no",         &|yard, actor| drop(yard.ask("actor_restart", actor))),
    ];
    for (number, (what, restart, end)) in ways.into_iter().enumerate() {
        let actor = format!("a{number}");
        yard.start(&actor, restart);
        let started = yard.pids(&actor);
        end(&yard, &actor);
        until(&format!("nobody is left once {what}"), || !started.iter().any(|pid| process::is_alive(*pid)));
        if what.ends_with("restarted") {
            until("the next session", || yard.pids(&actor).len() == 2 * PROCESSES);
            assert!(yard.pids(&actor)[PROCESSES..].iter().all(|pid| process::is_alive(*pid)), "{what}");
        }
    }
}

/// An agent may start a stack of its own in the background. That outlives the agent, with the agents in it.
#[test]
fn a_stack_that_an_agent_starts_outlives_it() {
    let stack = Stack::start();
    let inner = Stack::new();
    let attached = stack.ask("attach", &json!({"path": stack.work()}));
    let group_id = attached["group_id"].as_str().expect("a group id");
    let script = r#"cccc daemon start --home "$INNER"; setsid sh -c 'echo $$ > "$PIDS"; exec sleep 1000' & sleep 1000"#;
    let pids = stack.folder().join("pids");
    let args = json!({
        "group_id": group_id, "actor_id": "a", "runtime": "custom", "command": ["sh", "-c", script],
        "env": {"INNER": inner.home(), "PIDS": pids},
    });
    stack.ask("actor_add", &args);
    stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": "a"}));
    until("what the agent leaves", || fs::read_to_string(&pids).is_ok_and(|text| text.ends_with('\n')));
    let left: i32 = fs::read_to_string(&pids).expect("a file").trim().parse().expect("a number");

    let (_, logs) = inner.group(&["b"]);
    let names = ["supervisor", "ledgerd", "ptyd", "mcpd", "webd", "door"];
    let before = names.map(|name| inner.process(name).pid);
    until("the inner agent", || inner.processes("test-agent").len() == 1);
    stack.ask("actor_stop", &json!({"group_id": group_id, "actor_id": "a"}));
    until("the end of what is the agent's", || !process::is_alive(left));
    assert_eq!(names.map(|name| inner.process(name).pid), before, "the same processes serve");
    assert_eq!(inner.processes("test-agent").len(), 1, "with the same agent");
    drop(logs);
    inner.ok(&["daemon", "stop"]);
}
