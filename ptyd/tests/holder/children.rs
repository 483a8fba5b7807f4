//! Nothing that an agent has started outlives it, wherever it has gone; what is not the agent's does.

use crate::world::{World, exited, read_all, read_until, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ptyd::hold::descendants::SESSION_VARIABLE;
use ptyd::hold::process::{self, ProcessMark};
use ptyd::hold::{Exit, Spec, State};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Ways to get out of sight. Each writes the number of what it leaves into the file `pids`.
const WAYS: &[(&str, &str)] = &[
    ("a job in the background", "set -m; sh -c 'echo $$ >> pids; exec sleep 1000' &"),
    ("a deaf job", "set -m; sh -c 'trap \"\" HUP TERM; echo $$ >> pids; exec sleep 1000' &"),
    ("a stopped job", "set -m; sh -c 'echo $$ >> pids; kill -STOP $$; exec sleep 1000' &"),
    ("a session of its own", "setsid sh -c 'echo $$ >> pids; exec sleep 1000' &"),
    ("a deaf session of its own", "setsid sh -c 'trap \"\" HUP TERM; echo $$ >> pids; exec sleep 1000' &"),
    ("a daemon", "sh -c '(setsid sh -c \"echo \\$\\$ >> pids; exec sleep 1000\" &)'"),
    ("a daemon without streams", "(setsid sh -c 'echo $$ >> pids; exec sleep 1000' < /dev/null > /dev/null 2>&1 &)"),
    ("no environment, in the terminal", "env -i sh -c 'echo $$ >> pids; exec sleep 1000' &"),
    (
        "no environment, in a child's session",
        "setsid sh -c 'env -i sh -c \"echo \\$\\$ >> pids; exec sleep 1000\" & wait' &",
    ),
    ("no environment, and no leader", "(setsid sh -c 'env -i sh -c \"echo \\$\\$ >> pids; exec sleep 1000\" &' &)"),
];

/// A session whose agent is told which it is, as ptyd does.
fn named(mut spec: Spec) -> Spec {
    spec.environment.insert(SESSION_VARIABLE.to_owned(), spec.session_id.clone());
    spec
}

/// Who is written in a file of the home, once so many are.
async fn written(world: &World, file: &str, count: usize) -> Vec<ProcessMark> {
    let mut marks = Vec::new();
    until(&format!("{count} in {file}"), || {
        let text = fs::read_to_string(world.home.root().join(file)).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        marks = whole.lines().map(|line| ProcessMark::of(line.trim().parse().unwrap())).collect();
        marks.len() >= count
    })
    .await;
    marks
}

fn alive(marks: &[ProcessMark]) -> Vec<&ProcessMark> {
    marks.iter().filter(|mark| mark.is_alive()).collect()
}

/// Ends what a failing test would leave behind.
struct Cleared(Vec<ProcessMark>);

impl Drop for Cleared {
    fn drop(&mut self) {
        for mark in self.0.iter().filter(|mark| mark.is_alive()) {
            // It may end by itself just now.
            let _ = kill(Pid::from_raw(mark.pid as i32), Signal::SIGKILL);
        }
    }
}

fn no_zombies_of(holder: u32) {
    let is_zombie =
        |pid: &u32| process::stat(*pid).is_some_and(|stat| stat.parent == holder as i32 && !stat.is_alive());
    assert_eq!(process::pids().into_iter().filter(is_zombie).collect::<Vec<_>>(), [0_u32; 0], "zombies of the holder");
}

#[tokio::test]
async fn whatever_a_stopped_agent_has_started_is_ended_with_it() {
    for (what, way) in WAYS {
        let world = World::new();
        let spec = named(world.script(&format!("{way}\necho on; sleep 1000")));
        let session = world.spawn(&spec).await.unwrap();
        let left = Cleared(written(&world, "pids", 1).await);
        session.kill(Duration::from_millis(300)).await.unwrap();
        let exit = exited(&session).await;
        assert_eq!(alive(&left.0), [&left.0[0]; 0], "{what}");
        assert_eq!((exit.code, exit.signal, exit.asked), (None, Some(15), true), "{what}");
        no_zombies_of(world.found().meta.holder.pid);
    }
}

#[tokio::test]
async fn whatever_an_agent_leaves_that_ends_by_itself_is_ended() {
    for (what, way) in WAYS {
        let world = World::new();
        // Another program in its place, because a shell with a stopped job does not exit as it is told.
        let script = format!("{way}\nwhile [ ! -e pids ]; do sleep 0.01; done; exec sh -c 'printf last; exit 7'");
        let session = world.spawn(&named(world.script(&script))).await.unwrap();
        let exit = exited(&session).await;
        let left = Cleared(written(&world, "pids", 1).await);
        assert_eq!(alive(&left.0), [&left.0[0]; 0], "{what}");
        assert_eq!((exit.code, exit.signal, exit.asked), (Some(7), None, false), "{what}");
        let said = read_all(&mut session.read_from(0, true).await.unwrap(), 0).await;
        assert!(said.ends_with(b"last"), "{what}: {:?}", String::from_utf8_lossy(&said));
        no_zombies_of(world.found().meta.holder.pid);
    }
}

#[tokio::test]
async fn whatever_a_killed_holder_has_left_is_ended() {
    for (what, way) in WAYS {
        let world = World::new();
        let script = format!("trap '' HUP; {way}\nsleep 1000");
        let session = world.spawn(&named(world.script(&script))).await.unwrap();
        let left = Cleared(written(&world, "pids", 1).await);
        let meta = world.found().meta;
        kill(Pid::from_raw(meta.holder.pid as i32), Signal::SIGKILL).unwrap();
        until("the holder is gone", || world.found().state == State::Lost).await;
        drop(session);
        world.found().end_leftovers().unwrap();
        // Nobody is left who knows where it came from: out of the terminal, without a name, and without a parent.
        if *what != "no environment, and no leader" {
            assert_eq!(alive(&left.0), [&left.0[0]; 0], "{what}");
        }
        assert!(!meta.agent.is_alive(), "{what}");
        assert_eq!(world.found().end_leftovers().unwrap(), 0, "{what}");
    }
}

/// What an agent has left behind may say something while it ends, and may not make its end wait for ever.
#[tokio::test]
async fn leftovers_end_gently_and_are_heard() {
    let world = World::new();
    let script = "setsid sh -c 'trap \"printf farewell; exit\" TERM; echo $$ >> pids; while :; do sleep 0.01; done' & \
                  while [ ! -e pids ]; do sleep 0.01; done; kill -TERM $$";
    let session = world.spawn(&named(world.script(script))).await.unwrap();
    let exit = exited(&session).await;
    assert_eq!((exit.code, exit.signal, exit.asked), (None, Some(15), false));
    let said = read_all(&mut session.read_from(0, true).await.unwrap(), 0).await;
    assert!(said.ends_with(b"farewell"), "{:?}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn an_interactive_shell_leaves_no_job() {
    let world = World::new();
    let mut spec = named(world.command(&["bash", "--norc", "--noprofile", "-i"]));
    spec.environment.insert("PS1".to_owned(), "ready> ".to_owned());
    let session = world.spawn(&spec).await.unwrap();
    let mut output = session.read_from(0, true).await.unwrap();
    read_until(&mut output, "ready> ").await;
    session.lease(ptyd::hold::LeaseKind::Person, "test").await.unwrap();
    let line =
        b"sleep 1000 & echo $! >> pids; nohup setsid sleep 1000 > /dev/null & echo $! >> pids; disown -a; exit 4\n";
    session.write(line, Duration::from_secs(10)).await.unwrap();
    let exit = exited(&session).await;
    let left = Cleared(written(&world, "pids", 2).await);
    assert_eq!((exit.code, exit.signal), (Some(4), None));
    assert_eq!(alive(&left.0), [&left.0[0]; 0]);
}

/// Loops that put up another process for each that is killed. They end by themselves once the home is gone.
const LOOPS: &[(&str, &str)] = &[
    (
        "two who are put up again when they are killed",
        "guard() { trap '' TERM HUP; while [ -e meant ]; do setsid sh -c 'trap \"\" TERM; exec sleep 5'; done; }; \
         guard & guard & echo on; sleep 1000",
    ),
    (
        "each in a session of its own that puts up the next",
        "printf '%s' 'trap \"\" TERM HUP; [ -e meant ] || exit; sleep 0.05; setsid sh next & exit' > next; \
         sh next & sh next & echo on; sleep 1000",
    ),
    (
        "as fast as it can, out of sight",
        "(setsid sh -c 'trap \"\" TERM; while [ -e meant ]; do (setsid sleep 2 &); done' &); echo on; sleep 1000",
    ),
];

#[tokio::test]
async fn a_fork_loop_is_ended() {
    for (what, script) in LOOPS {
        for by_itself in [false, true] {
            let world = World::new();
            fs::write(world.home.root().join("meant"), "").unwrap();
            let script =
                if by_itself { script.replace("sleep 1000", "sleep 0.3; exit 3") } else { (*script).to_owned() };
            let spec = named(world.script(&script));
            let session = world.spawn(&spec).await.unwrap();
            read_until(&mut session.read_from(0, true).await.unwrap(), "on").await;
            if !by_itself {
                session.kill(Duration::from_millis(100)).await.unwrap();
            }
            let Exit { code, asked, .. } = exited(&session).await;
            let folder = session.folder().path().to_path_buf();
            let trouble = fs::read_to_string(folder.join("holder.log")).unwrap_or_default();
            assert_eq!((of_session(&spec.session_id), trouble.as_str()), (vec![], ""), "{what}, {by_itself}");
            assert_eq!((code, asked), (by_itself.then_some(3), !by_itself), "{what}");
            no_zombies_of(world.found().meta.holder.pid);
        }
    }
}

/// Who lives and names a session, found without the code under test.
fn of_session(session_id: &str) -> Vec<u32> {
    let entry = format!("{SESSION_VARIABLE}={session_id}");
    let names = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|found| found == entry.as_bytes())
    };
    process::pids().into_iter().filter(names).collect()
}

/// As the supervisor that is started in the background from an agent's terminal, and what it starts in turn.
#[tokio::test]
async fn an_independent_program_outlives_the_agent_that_has_started_it() {
    let independent =
        format!("env -u {SESSION_VARIABLE} setsid sh -c 'sleep 1000 & echo $$ >> free; echo $! >> free; wait' &");
    for (ending, asked) in [("exit 0", false), ("sleep 1000", true)] {
        let world = World::new();
        let script = format!(
            "({independent}); setsid sh -c 'echo $$ >> pids; exec sleep 1000' & \
             while [ ! -s pids ] || [ $(cat free | wc -l) -lt 2 ]; do sleep 0.01; done; echo on; {ending}"
        );
        let session = world.spawn(&named(world.script(&script))).await.unwrap();
        read_until(&mut session.read_from(0, true).await.unwrap(), "on").await;
        let free = Cleared(written(&world, "free", 2).await);
        let left = Cleared(written(&world, "pids", 1).await);
        if asked {
            session.kill(Duration::from_millis(300)).await.unwrap();
        }
        exited(&session).await;
        assert_eq!(alive(&left.0), [&left.0[0]; 0]);
        assert_eq!(alive(&free.0).len(), 2, "with {ending}");
        assert_eq!(world.found().end_leftovers().unwrap(), 0);
        assert_eq!(alive(&free.0).len(), 2, "with {ending}");
    }
}

/// Two agents, one of them started from within the other's terminal: each has what is its own.
#[tokio::test]
async fn a_holder_below_an_agent_outlives_it_with_its_own_agent() {
    let world = World::new();
    let inner_home = World::new();
    let inner = named(inner_home.script("setsid sh -c 'echo $$ >> pids; exec sleep 1000' & sleep 1000"));
    let order = world.home.root().join("order");
    fs::write(&order, inner.to_order()).unwrap();
    let folder = inner_home.home.pty().join(&inner.session_id);
    let start = format!("env -i {} {} < {}", crate::world::HOLDER, folder.display(), order.display());
    // Before it has a session of its own, it is in the agent's terminal and ends with that.
    let pids = inner_home.home.root().join("pids");
    let script = format!("{start}; while [ ! -s {} ]; do sleep 0.01; done", pids.display());
    let session = world.spawn(&named(world.script(&script))).await.unwrap();
    exited(&session).await;
    let below = written(&inner_home, "pids", 1).await;
    let found = inner_home.found();
    assert!(Path::new(&format!("/proc/{}", found.meta.holder.pid)).exists());
    assert_eq!((alive(&below).len(), found.state.clone(), found.agent_lives()), (1, State::Held, true));
    let inner = ptyd::hold::Session::connect(&found.folder).await.unwrap();
    inner.kill(Duration::from_millis(300)).await.unwrap();
    exited(&inner).await;
    assert_eq!(alive(&below), [&below[0]; 0]);
}
