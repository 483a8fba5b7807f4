//! `cccc setup`: makes agent programs know our tools, and takes that back.

use super::runtime::{SearchPath, surroundings};
use crate::client::Client;
use crate::failure::Failure;
use crate::print::table::{Table, cell};
use crate::print::{Page, Tone};
use bus::contract::runtime::{self, Runtime};
use bus::setup::{self, Look, Scope, Setup, SetupError, State, Surroundings};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;

/// `cccc setup`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["runtime", "all"]))]
pub struct SetupArgs {
    /// Agent program, as `cccc runtime list --all` names it
    #[arg(long, value_parser = PossibleValuesParser::new(runtime::TABLE.iter().map(|runtime| runtime.id)))]
    runtime: Option<String>,
    /// Every agent program that is installed
    #[arg(long)]
    all: bool,
    /// Where it counts
    #[arg(long, value_enum, default_value = "user")]
    scope: Wanted,
    /// The project of the scopes `project` and `local`; the current folder if absent
    #[arg(long, value_name = "FOLDER")]
    path: Option<PathBuf>,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Take our entry out again
    #[arg(long)]
    undo: bool,
}

/// Where an entry counts.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wanted {
    /// In everything you do
    User,
    /// In one project
    Project,
    /// In one project, for you alone
    Local,
}

/// What was done about one program, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// It was as it should be.
    Unchanged,
    /// It had no entry.
    Added,
    /// Its entry did not work.
    Repaired,
    /// Its entry is gone.
    Removed,
    /// Something would be done.
    Planned,
    /// It does not have this scope.
    Skipped,
    /// Only a person can do it.
    ByHand,
    /// It did not work.
    Failed,
}

impl Outcome {
    fn shown(self) -> (Tone, &'static str) {
        match self {
            Self::Unchanged => (Tone::Good, "ready"),
            Self::Added => (Tone::Good, "added"),
            Self::Repaired => (Tone::Good, "repaired"),
            Self::Removed => (Tone::Good, "removed"),
            Self::Planned => (Tone::Plain, "would do"),
            Self::Skipped => (Tone::Quiet, "skipped"),
            Self::ByHand => (Tone::Warn, "by hand"),
            Self::Failed => (Tone::Bad, "failed"),
        }
    }
}

/// One program, before and after.
#[derive(Debug, Clone, Serialize)]
struct Row {
    runtime: &'static str,
    scope: Scope,
    outcome: Outcome,
    /// How the entry was: `ready`, `missing` or `stale`; `""` where that is not known.
    before: &'static str,
    /// What was wrong with it.
    faults: Vec<String>,
    /// The file in which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    /// What would be done.
    steps: Vec<String>,
    /// Why it did not work, or what a person has to do.
    message: String,
}

/// Tells the programs of us, or takes that back.
///
/// # Errors
///
/// There is no such program, or one of them could not be set up; it has been said why.
pub fn run(client: &Client, args: &SetupArgs) -> Result<(), Failure> {
    let scope = match args.scope {
        Wanted::User => Scope::User,
        Wanted::Project => Scope::Project,
        Wanted::Local => Scope::Local,
    };
    let world = surroundings(&SearchPath::of(client.home()), args.path.as_deref())?;
    let rows: Vec<Row> =
        chosen(args, &world)?.into_iter().filter_map(|runtime| row(args, &world, runtime, scope)).collect();
    let is_done = |row: &Row| row.outcome != Outcome::Failed && (args.all || row.outcome != Outcome::ByHand);
    let is_well = rows.iter().all(is_done);
    let command = world.command().display().to_string();
    let result = json!({"command": [command, "mcp"], "scope": scope, "dry_run": args.dry_run, "runtimes": rows});
    client.present(&result, |page| text(page, &rows, args.undo))?;
    if is_well { Ok(()) } else { Err(Failure::told()) }
}

fn chosen(args: &SetupArgs, world: &Surroundings) -> Result<Vec<&'static Runtime>, Failure> {
    if let Some(runtime) = args.runtime.as_deref().and_then(runtime::find) {
        return Ok(vec![runtime]);
    }
    // An entry can be taken out also where the program is gone.
    let is_meant = |runtime: &&Runtime| args.undo || world.program(runtime).is_some();
    let all: Vec<_> = runtime::TABLE.iter().filter(|one| !one.executable.is_empty()).filter(is_meant).collect();
    if all.is_empty() {
        let sentence = "no agent program is installed; `cccc runtime list --all` shows what can be";
        return Err(Failure::Failed(sentence.to_owned()));
    }
    Ok(all)
}

/// What is done about one program; `None` where there is nothing to be told about one of many.
fn row(args: &SetupArgs, world: &Surroundings, runtime: &'static Runtime, scope: Scope) -> Option<Row> {
    let mut row = Row {
        runtime: runtime.id,
        scope,
        outcome: Outcome::Unchanged,
        before: "",
        faults: Vec::new(),
        file: None,
        steps: Vec::new(),
        message: String::new(),
    };
    match attempt(args, world, runtime, scope, &mut row) {
        Ok(()) if args.undo || args.dry_run => {}
        Ok(()) => row.message = overruled(world, runtime, scope),
        Err(error) => {
            row.outcome = match &error {
                SetupError::ByHand { .. } => Outcome::ByHand,
                SetupError::NoScope { .. } if args.all => Outcome::Skipped,
                _ => Outcome::Failed,
            };
            row.message = match error {
                SetupError::ByHand { name, removal, .. } if args.undo => {
                    format!("{name} has to be told by hand to forget it: {removal}")
                }
                error => Failure::failed(error).sentence(),
            };
        }
    }
    let is_silent =
        args.all && args.undo && !matches!(row.outcome, Outcome::Removed | Outcome::Planned | Outcome::Failed);
    (!is_silent).then_some(row)
}

fn attempt(
    args: &SetupArgs,
    world: &Surroundings,
    runtime: &'static Runtime,
    scope: Scope,
    row: &mut Row,
) -> Result<(), SetupError> {
    let setup = Setup::new(world, runtime, scope)?;
    let Look { state, file } = setup.look()?;
    row.before = state.word();
    row.faults = state.faults().iter().map(ToString::to_string).collect();
    row.file = Some(file.clone());
    let look = Look { state, file };
    if args.dry_run {
        let steps = if args.undo { setup.steps_to_remove(&look) } else { setup.steps_to_add(&look) };
        if !steps.is_empty() {
            setup.may_change(&look)?;
        }
        row.outcome = if steps.is_empty() { Outcome::Unchanged } else { Outcome::Planned };
        row.steps = steps;
        return Ok(());
    }
    row.outcome = match (args.undo, look.state) {
        (true, State::Missing) | (false, State::Ready) => Outcome::Unchanged,
        (true, _) => setup.remove().map(|_| Outcome::Removed)?,
        (false, State::Missing) => setup.add().map(|_| Outcome::Added)?,
        (false, _) => setup.add().map(|_| Outcome::Repaired)?,
    };
    Ok(())
}

fn text(page: &Page, rows: &[Row], is_undo: bool) -> String {
    let mut table = Table::default();
    for row in rows {
        let (tone, word) = row.outcome.shown();
        let word = if is_undo && row.outcome == Outcome::Unchanged { "no entry" } else { word };
        let place = row.file.as_ref().map_or_else(String::new, |file| file.display().to_string());
        let seen = match (&*row.message, &*row.faults) {
            ("", []) => place,
            ("", faults) => format!("{place} ({})", faults.join("; ")),
            (message, _) => message.to_owned(),
        };
        let mut lines = seen.lines();
        table.row([cell(Tone::Name, row.runtime), cell(tone, word), cell(Tone::Plain, lines.next().unwrap_or(""))]);
        for line in lines {
            table.row([cell(Tone::Plain, ""), cell(Tone::Plain, ""), cell(Tone::Plain, line)]);
        }
        for step in &row.steps {
            table.row([cell(Tone::Plain, ""), cell(Tone::Plain, ""), cell(Tone::Quiet, format!("→ {step}"))]);
        }
    }
    let is_new = rows.iter().any(|row| matches!(row.outcome, Outcome::Added | Outcome::Repaired));
    let next = "agents that run already have the tools after `cccc actor restart <actor>`";
    let mut text = table.text(page, 0);
    if rows.is_empty() {
        text += &page.line("there is no entry of ours");
    }
    if is_new {
        text += &format!("\n{}\n", page.paint(Tone::Quiet, next));
    }
    text
}

/// What overrules an entry that is as it should be; `""` where nothing does.
fn overruled(world: &Surroundings, runtime: &'static Runtime, scope: Scope) -> String {
    match setup::winner(world, runtime) {
        Ok(Some((winner, look))) if winner != scope && look.state != State::Ready => {
            let remedy = remedy(runtime, winner);
            format!(
                "{} counts more in this project, and there the entry is {}; mend it with {remedy}",
                look.file.display(),
                look.state
            )
        }
        Ok(_) => String::new(),
        Err(error) => Failure::failed(error).sentence(),
    }
}

fn remedy(runtime: &Runtime, scope: Scope) -> String {
    match scope {
        Scope::User => format!("`cccc setup --runtime {}`", runtime.id),
        Scope::Project | Scope::Local => format!("`cccc setup --runtime {} --scope {scope}`", runtime.id),
    }
}

/// How a program's entry is, in a few words, and what to do about one that is not as it should be.
pub fn standing(world: &Surroundings, runtime: &'static Runtime) -> (Tone, String, String) {
    let winner = || setup::winner(world, runtime).ok().flatten().map_or(Scope::User, |(scope, _)| scope);
    let remedy = || remedy(runtime, winner());
    match setup::known(world, runtime) {
        Ok(state @ State::Ready) => (Tone::Good, state.to_string(), String::new()),
        Ok(State::Missing) => (Tone::Warn, "missing".to_owned(), remedy()),
        Ok(state @ State::Stale(_)) => (Tone::Warn, state.to_string(), remedy()),
        Ok(state @ State::ByHand) => (Tone::Quiet, state.to_string(), remedy()),
        Err(error) => (Tone::Bad, Failure::failed(error).sentence(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;

    #[test]
    fn what_was_done_is_shown_and_what_to_do_next() {
        let row = |runtime, outcome, message: &str| Row {
            runtime,
            scope: Scope::User,
            outcome,
            before: "missing",
            faults: Vec::new(),
            file: Some("/u/file".into()),
            steps: if outcome == Outcome::Planned { vec!["run `x`".into()] } else { Vec::new() },
            message: message.to_owned(),
        };
        let shown = text(
            &page(),
            &[row("claude", Outcome::Added, ""), row("codex", Outcome::Failed, "cannot write /u/file: no room")],
            false,
        );
        let wanted = "claude  added   /u/file\ncodex   failed  cannot write /u/file: no room\n\n\
                      agents that run already have the tools after `cccc actor restart <actor>`\n";
        assert_eq!(shown, wanted);
        let planned = text(&page(), &[row("claude", Outcome::Planned, "")], false);
        assert_eq!(planned, "claude  would do  /u/file\n                  → run `x`\n");
        assert_eq!(text(&page(), &[row("claude", Outcome::Unchanged, "")], true), "claude  no entry  /u/file\n");
        assert_eq!(text(&page(), &[], true), "there is no entry of ours\n");
    }
}
