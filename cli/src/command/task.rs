//! `cccc task`: the tasks of a group.

use super::group_arg::{Address, GroupArg};
use super::{context, word};
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::Reply;
use bus::contract::context::{Progress, StepProgress, TaskView};
use bus::contract::op::context::{TaskList, Tasks};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// `cccc task`
#[derive(Debug, Subcommand)]
pub enum TaskCommand {
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
        place: GroupArg,
    },
    /// Show one task with its steps
    Show {
        /// Task, such as T001
        task: String,
        #[command(flatten)]
        place: GroupArg,
    },
    /// Add a task
    Add(TaskAddArgs),
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
pub struct TaskAddArgs {
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

/// Shows or changes tasks.
///
/// # Errors
///
/// The refusal: nothing was changed.
pub fn run(client: &Client, command: TaskCommand) -> Result<(), Failure> {
    match command {
        TaskCommand::List { status, assignee, milestone, place } => {
            let is_meant = |TaskView { task, .. }: &TaskView| {
                (status.is_empty() || status.iter().any(|word| word.eq_ignore_ascii_case(task.status.word())))
                    && assignee.as_ref().is_none_or(|who| task.assignee.as_ref() == Some(who))
                    && milestone.as_ref().is_none_or(|id| task.milestone.as_ref() == Some(id))
            };
            let mut listed = ask(client, &place, String::new())?;
            listed.tasks.iter_mut().for_each(|tasks| tasks.retain(is_meant));
            client.show(&Reply::TaskList(listed))
        }
        TaskCommand::Show { task, place } => client.show(&Reply::TaskList(ask(client, &place, task)?)),
        TaskCommand::Add(TaskAddArgs { name, goal, step, assignee, milestone, at }) => {
            let steps: Vec<Value> = step.into_iter().map(|name| json!({"name": name})).collect();
            let op = json!({"op": "task.create", "name": name, "goal": goal, "steps": steps, "assignee": assignee,
                            "milestone_id": milestone});
            context::sync(client, &at, op)
        }
        TaskCommand::Move { task, status, at } => {
            context::sync(client, &at, json!({"op": "task.move", "task_id": task, "status": status}))
        }
        TaskCommand::Step { task, step, status, at } => {
            let op = json!({"op": "task.update", "task_id": task, "step_id": step, "step_status": status});
            context::sync(client, &at, op)
        }
    }
}

fn ask(client: &Client, place: &GroupArg, task_id: String) -> Result<Tasks, Failure> {
    let group_id = client.group(place)?;
    client.ask(TaskList { group_id, task_id }, None)
}
