//! `cccc demo`: a whole stack in a throwaway home, and two built-in agents that talk with each other, for somebody
//! who has no agent at hand. Everything goes through the real doors; only the agents' minds are a table.
//!
//! Nothing of it is left behind, however it ends; after `kill -9` its processes end, and the next demo takes the folder
//! away.

mod agent;
mod composer;
mod script;
mod stage;

use crate::client::{Client, say};
use crate::failure::Failure;
use crate::follow::Following;
use crate::print::Output;
use crate::print::{Page, Tone, event, reply};
use bus::contract::op::{actor, group, inbox, message};
use bus::contract::{Ask, Body, Event, Op, Principal, Reply, time};
use clap::Args;
use serde_json::json;
use stage::Stage;
use std::process::ExitCode;
use std::time::{Duration, Instant};

pub use agent::run as agent;

/// How long one wait for news lasts; then it is seen whether somebody pressed Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(200);

/// Exit code after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// `cccc demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// How long the conversation may take before the demo gives up
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Stay when the conversation is over, until Ctrl-C
    #[arg(long)]
    keep: bool,
}

/// Shows a conversation and leaves nothing behind.
///
/// # Errors
///
/// The stack does not start, or the agents do not finish in time.
pub fn run(asked: &Client, demo: &DemoArgs) -> Result<(), Failure> {
    if asked.names_home() {
        let sentence = "the demo makes a home of its own and removes it; leave --home away";
        return Err(Failure::Usage(sentence.into()));
    }
    let stage = Stage::set()?;
    let show = Presentation {
        client: Client::new(Some(stage.home()), Output::Text, false)?,
        is_told: asked.output() == Output::Text,
    };
    show.tell(Tone::Quiet, &format!("a throwaway home: {}", stage.home().display()))?;
    let group_id = show.prepare(&stage)?;
    let said = show.follow(&stage, &group_id, Duration::from_secs(demo.seconds))?;
    show.finish(&group_id)?;
    if asked.output() == Output::Json {
        asked.present(&json!({"home": stage.home(), "group_id": group_id, "messages": said}), |_| String::new())?;
    }
    if demo.keep {
        let home = shell_words::quote(&stage.home().to_string_lossy()).into_owned();
        show.tell(Tone::Head, "Look around from another terminal; Ctrl-C here ends it:")?;
        show.tell(Tone::Plain, &format!("  export CCCC_HOME={home}\n  cccc status\n  cccc attach-terminal builder"))?;
        while !stage.is_interrupted() {
            std::thread::sleep(PATIENCE);
        }
    } else {
        show.tell(
            Tone::Quiet,
            "That was all; the throwaway home is removed. Your own begins with `cccc` and `cccc attach .`",
        )?;
    }
    Ok(())
}

/// What the onlooker sees.
struct Presentation {
    client: Client,
    is_told: bool,
}

impl Presentation {
    fn page(&self) -> Page {
        self.client.page().at(time::now())
    }

    fn tell(&self, tone: Tone, text: &str) -> Result<(), Failure> {
        if !self.is_told {
            return Ok(());
        }
        text.lines().try_for_each(|line| say(&(self.page().paint(tone, line) + "\n")))
    }

    /// Shows a command as one would type it, does it, and shows its answer.
    fn command(&self, typed: &str, op: impl Into<Op>) -> Result<Reply, Failure> {
        self.tell(Tone::Head, &format!("\n$ cccc {typed}"))?;
        let answer = self.client.reply(op, None)?;
        if self.is_told {
            say(&reply::text(&self.page(), &answer))?;
        }
        Ok(answer)
    }

    /// Makes the group, adds the agents and sends them the first message.
    fn prepare(&self, stage: &Stage) -> Result<String, Failure> {
        let attach = group::Attach { path: stage.work().display().to_string(), ..group::Attach::default() };
        let group_id = group::Attach::answer(self.command("attach .", attach)?)?.group_id;
        let own = std::env::current_exe()
            .map_err(|error| Failure::Failed(format!("cannot find our own program: {error}")))?;
        for id in script::CAST {
            let add = actor::Add {
                group_id: group_id.clone(),
                actor_id: id.into(),
                runtime: "custom".into(),
                command: Some(vec![own.display().to_string(), "demo-agent".into()]),
                ..actor::Add::default()
            };
            self.command(&format!("actor add {id} --runtime custom --command \"cccc demo-agent\""), add)?;
        }
        self.command("group start", group::Start { group_id: group_id.clone() })?;
        let send = message::Send {
            group_id: group_id.clone(),
            text: script::OPENING.into(),
            to: vec!["@all".into()],
            ..message::Send::default()
        };
        self.command(&format!("send \"{}\" --to @all", script::OPENING), send)?;
        Ok(group_id)
    }

    /// Shows what happens until every line of the script was said; returns what was said.
    fn follow(&self, stage: &Stage, group_id: &str, patience: Duration) -> Result<Vec<Event>, Failure> {
        self.tell(Tone::Head, "\n$ cccc tail -f")?;
        let user = Principal::claimed("user");
        let begun = Following::begin(self.client.home(), "demo", &user, group_id, 0);
        let mut following = begun.map_err(Failure::failed)?;
        let (end, mut said) = (Instant::now() + patience, Vec::new());
        while said.iter().filter(|event: &&Event| script::CAST.contains(&event.by.as_str())).count()
            < script::LINES.len()
        {
            if stage.is_interrupted() {
                return Err(Failure::Told(ExitCode::from(INTERRUPTED)));
            }
            if Instant::now() > end {
                let sentence = format!(
                    "the agents did not finish within {} s; `cccc doctor` looks for reasons",
                    patience.as_secs()
                );
                return Err(Failure::Failed(sentence));
            }
            for item in following.next(PATIENCE)? {
                let event = item.event();
                if self.is_told && is_worth_showing(event) {
                    say(&event::text(&self.page(), event))?;
                }
                if matches!(event.body, Body::ChatMessage(_)) {
                    said.push(event.clone());
                }
            }
        }
        Ok(said)
    }

    /// What the user finds, and how everybody is.
    fn finish(&self, group_id: &str) -> Result<(), Failure> {
        let (group_id, actor_id) = (group_id.to_owned(), "user".to_owned());
        let list = inbox::List {
            group_id: group_id.clone(),
            actor_id: actor_id.clone(),
            limit: Some(50),
            kind_filter: "chat".into(),
        };
        self.command("inbox --kind-filter chat", list)?;
        let read = inbox::MarkAllRead { group_id: group_id.clone(), actor_id, kind_filter: "all".into() };
        self.command("read --all", read)?;
        self.command("actor list", actor::List { group_id, include_unread: true, ..Default::default() })?;
        self.tell(Tone::Plain, "\n")
    }
}

/// What the commands have not shown already.
fn is_worth_showing(event: &Event) -> bool {
    matches!(
        event.body,
        Body::ChatMessage(_) | Body::Delivery(_) | Body::ChatRead(_) | Body::ChatAck(_) | Body::Session(_)
    )
}
