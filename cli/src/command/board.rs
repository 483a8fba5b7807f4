//! `cccc context`, `task` and `note`: what a group shares beside its messages. Each change is a batch of one.

use super::group_arg::{Address, Place};
use super::{Context, Failure, word};
use bus::contract::context::{Progress, StepProgress, TaskView};
use bus::contract::{Op, Reply, op};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// `cccc context`
#[derive(Debug, Subcommand)]
pub enum Shared {
    /// Show vision, sketch, milestones, notes, references, and who does what
    Show {
        #[command(flatten)]
        place: Place,
    },
    /// Say where all this is going
    Vision {
        /// The whole text; `-` reads it from standard input
        #[arg(allow_hyphen_values = true, value_parser = word::said)]
        text: String,
        #[command(flatten)]
        at: Address,
    },
    /// Say how it is to be built
    Sketch {
        /// The whole text; `-` reads it from standard input
        #[arg(allow_hyphen_values = true, value_parser = word::said)]
        text: String,
        #[command(flatten)]
        at: Address,
    },
    /// Say what somebody is doing
    Presence {
        /// Who
        agent: String,
        /// In its own words; nothing in particular when absent
        #[arg(default_value = "", allow_hyphen_values = true, value_parser = word::said)]
        status: String,
        #[command(flatten)]
        at: Address,
    },
}

/// `cccc task`
#[derive(Debug, Subcommand)]
pub enum Task {
    /// List the tasks
    List {
        /// Only those that have come so far; repeat for more
        #[arg(long, value_parser = PossibleValuesParser::new(Progress::WORDS), ignore_case = true)]
        status: Vec<String>,
        /// Only those of this one
        #[arg(long, value_name = "WHO")]
        assignee: Option<String>,
        /// Only those of this milestone, such as M1
        #[arg(long)]
        milestone: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Show one task with its steps
    Show {
        /// Task, such as T001
        task: String,
        #[command(flatten)]
        place: Place,
    },
    /// Add a task
    Add(Add),
    /// Change how far a task has come
    Move {
        /// Task, such as T001
        task: String,
        /// How far it has come
        #[arg(value_parser = PossibleValuesParser::new(Progress::WORDS), ignore_case = true)]
        status: String,
        #[command(flatten)]
        at: Address,
    },
    /// Change how far one step of a task has come
    Step {
        /// Task, such as T001
        task: String,
        /// Step, such as S1
        step: String,
        /// How far it has come
        #[arg(value_parser = PossibleValuesParser::new(StepProgress::WORDS), ignore_case = true)]
        status: String,
        #[command(flatten)]
        at: Address,
    },
}

/// `cccc task add`
#[derive(Debug, Args)]
pub struct Add {
    /// Name for people
    #[arg(allow_hyphen_values = true, value_parser = word::said)]
    name: String,
    /// What it is for
    #[arg(long, default_value = "", allow_hyphen_values = true, value_parser = word::said)]
    goal: String,
    /// What to do; repeat for each step
    #[arg(long, value_name = "NAME", allow_hyphen_values = true, value_parser = word::said)]
    step: Vec<String>,
    /// Who does it
    #[arg(long, value_name = "WHO")]
    assignee: Option<String>,
    /// Milestone it belongs to, such as M1
    #[arg(long)]
    milestone: Option<String>,
    #[command(flatten)]
    at: Address,
}

/// `cccc note`
#[derive(Debug, Subcommand)]
pub enum Note {
    /// Add a note
    Add {
        /// The text; `-` reads it from standard input
        #[arg(allow_hyphen_values = true, value_parser = word::said)]
        text: String,
        #[command(flatten)]
        at: Address,
    },
    /// Remove a note
    Remove {
        /// Note, such as N001
        note: String,
        #[command(flatten)]
        at: Address,
    },
}

/// Shows or changes what a group shares.
///
/// # Errors
///
/// The refusal: nothing was changed.
pub fn run(context: &Context, command: Shared) -> Result<(), Failure> {
    match command {
        Shared::Show { place } => {
            let group_id = context.group(&place)?;
            context.run(Op::ContextGet(op::context::Get { group_id }), None)
        }
        Shared::Vision { text, at } => sync(context, &at, json!({"op": "vision.update", "vision": word::text(text)?})),
        Shared::Sketch { text, at } => sync(context, &at, json!({"op": "sketch.update", "sketch": word::text(text)?})),
        Shared::Presence { agent, status, at } => {
            sync(context, &at, json!({"op": "presence.update", "agent_id": agent, "status": status}))
        }
    }
}

/// Shows or changes tasks.
///
/// # Errors
///
/// As [`run`].
pub fn task(context: &Context, command: Task) -> Result<(), Failure> {
    match command {
        Task::List { status, assignee, milestone, place } => {
            let is_meant = |TaskView { task, .. }: &TaskView| {
                (status.is_empty() || status.iter().any(|word| word.eq_ignore_ascii_case(task.status.word())))
                    && assignee.as_ref().is_none_or(|who| task.assignee.as_ref() == Some(who))
                    && milestone.as_ref().is_none_or(|id| task.milestone.as_ref() == Some(id))
            };
            let mut listed = ask(context, &place, String::new())?;
            listed.tasks.iter_mut().for_each(|tasks| tasks.retain(is_meant));
            context.show(&Reply::TaskList(listed))
        }
        Task::Show { task, place } => context.show(&Reply::TaskList(ask(context, &place, task)?)),
        Task::Add(Add { name, goal, step, assignee, milestone, at }) => {
            let steps: Vec<Value> = step.into_iter().map(|name| json!({"name": name})).collect();
            let op = json!({"op": "task.create", "name": name, "goal": goal, "steps": steps, "assignee": assignee,
                            "milestone_id": milestone});
            sync(context, &at, op)
        }
        Task::Move { task, status, at } => {
            sync(context, &at, json!({"op": "task.move", "task_id": task, "status": status}))
        }
        Task::Step { task, step, status, at } => {
            let op = json!({"op": "task.update", "task_id": task, "step_id": step, "step_status": status});
            sync(context, &at, op)
        }
    }
}

/// Adds or removes a note.
///
/// # Errors
///
/// As [`run`].
pub fn note(context: &Context, command: Note) -> Result<(), Failure> {
    match command {
        Note::Add { text, at } => sync(context, &at, json!({"op": "note.add", "content": word::text(text)?})),
        Note::Remove { note, at } => sync(context, &at, json!({"op": "note.remove", "note_id": note})),
    }
}

fn ask(context: &Context, place: &Place, task_id: String) -> Result<op::context::Tasks, Failure> {
    let group_id = context.group(place)?;
    context.ask(op::context::TaskList { group_id, task_id }, None)
}

fn sync(context: &Context, at: &Address, op: Value) -> Result<(), Failure> {
    let group_id = context.group(&at.place)?;
    // The op's usual speaker is the system; a person who types is the user.
    let by = context.identity().reader(at.speaker.name()).to_owned();
    let sync = op::context::Sync { group_id, ops: json!([op]), ..op::context::Sync::default() };
    context.run(Op::ContextSync(sync), Some(&by))
}
