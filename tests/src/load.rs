//! Many users of the published clients at once, in both generations: a bit of everything, in many groups, each of
//! which somebody follows.

use crate::process::DAEMONS;
use crate::{Stack, published};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Clients at once.
pub const CLIENTS: usize = 200;

/// Groups they work in; each is followed by one of them.
pub const GROUPS: usize = 50;

/// Actors of each group.
pub const ACTORS: usize = 20;

/// Programs that the clients are spread over, alternating between the generations of the package.
const PROGRAMS: usize = 4;

const PACKAGES: [&str; 2] = ["cccc-sdk==0.4.3", "cccc-sdk==0.4.41"];

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// How long each piece of work took, sorted; most are one request, some are two.
    pub times: Vec<Duration>,
    /// How long all of it took.
    pub taken: Duration,
    /// What clients complained about.
    pub errors: Vec<String>,
    /// Messages that were acknowledged.
    pub sent: usize,
    /// Of those, how many a follower has not heard.
    pub lost: usize,
    /// Messages that a follower has heard twice, or that nobody has sent.
    pub doubled: usize,
    /// Memory of each of [`DAEMONS`] before and after, in MB (PSS).
    pub memory_mb: [(f64, f64); DAEMONS.len()],
}

/// Puts a load on a stack for so many seconds.
///
/// # Panics
///
/// The groups cannot be made, or a program does not start or says something else than it should.
pub fn run(stack: &Stack, seconds: u64) -> Outcome {
    let actors: Vec<String> = (0..ACTORS).map(|number| format!("a{number}")).collect();
    let groups: Vec<String> = (0..GROUPS).map(|number| group(stack, number, &actors)).collect();
    let before = memory(stack);
    let begin = Instant::now();
    let mut programs: Vec<Program> = (0..PROGRAMS)
        .map(|number| {
            let follow: Vec<_> = groups.iter().skip(number).step_by(PROGRAMS).collect();
            let clients = CLIENTS / PROGRAMS;
            let ask =
                json!({"groups": groups, "follow": follow, "actors": actors, "clients": clients, "seconds": seconds});
            Program::start(stack, PACKAGES[number % PACKAGES.len()], &ask)
        })
        .collect();
    for program in &mut programs {
        assert_eq!(program.line().trim_end(), "quiet");
    }
    let taken = begin.elapsed();
    let after = memory(stack);
    let mut client = stack.client();
    for group_id in &groups {
        client.ask("send", &json!({"group_id": group_id, "text": "the end", "to": ["user"]}));
    }
    let told: Vec<Value> = programs.iter_mut().map(Program::result).collect();

    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let all = |key: &str| -> Vec<String> { told.iter().flat_map(|result| texts(&result[key])).collect() };
    let heard: Vec<String> = told
        .iter()
        .filter_map(|result| result["heard"].as_object())
        .flat_map(|by| by.values().flat_map(texts))
        .collect();
    let known: BTreeSet<&String> = heard.iter().collect();
    let sent = all("sent");
    let lost = sent.iter().filter(|id| !known.contains(id)).count();
    let mut times: Vec<Duration> = told
        .iter()
        .flat_map(|result| result["times_ms"].as_array().into_iter().flatten())
        .filter_map(|ms| Some(Duration::from_secs_f64(ms.as_f64()? / 1e3)))
        .collect();
    times.sort_unstable();
    Outcome {
        times,
        taken,
        errors: all("errors"),
        sent: sent.len(),
        lost,
        doubled: heard.len() - (sent.len() - lost),
        memory_mb: std::array::from_fn(|at| (before[at], after[at])),
    }
}

fn group(stack: &Stack, number: usize, actors: &[String]) -> String {
    let mut client = stack.client();
    let made = client.ask("group_create", &json!({"title": format!("load {number}")}));
    let group_id = made["group_id"].as_str().expect("an id").to_owned();
    for actor_id in actors {
        let args = json!({"group_id": group_id, "actor_id": actor_id, "runtime": "custom", "runner": "headless"});
        client.ask("actor_add", &args);
    }
    group_id
}

fn memory(stack: &Stack) -> [f64; DAEMONS.len()] {
    DAEMONS.map(|name| stack.process(name).pss_mb())
}

/// One program full of clients. It is killed with its value.
struct Program {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Program {
    fn start(stack: &Stack, package: &str, ask: &Value) -> Self {
        let mut child = Command::new(published(package).join("python"))
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("published/load.py"))
            .env("CCCC_HOME", stack.home())
            .current_dir(stack.work())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        writeln!(child.stdin.as_mut().expect("a pipe"), "{ask}").expect("python reads");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        line
    }

    fn result(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended by itself unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
