//! `cccc runtime list`: the agent programs we know, which of them are installed, and whether they know our tools.

use super::setup;
use crate::client::Client;
use crate::failure::Failure;
use crate::print::table::{Table, cell};
use crate::print::{Page, Tone};
use crate::supervise::StackReport;
use bus::contract::runtime::{self, Runtime};
use bus::daemon::environment::PATH_DEFAULT;
use bus::home::Home;
use bus::program::{self, Installed};
use bus::setup::Surroundings;
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;
use std::ffi::OsStr;
use std::path::Path;
use std::thread;

/// `cccc runtime …`
#[derive(Debug, Subcommand)]
pub enum RuntimeCommand {
    /// List the agent programs that are installed
    List {
        /// Also those that are not, with versions
        #[arg(long)]
        all: bool,
    },
}

/// Where agent programs are looked for: on the `PATH` that agents get, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPath {
    path: String,
    is_daemons: bool,
}

impl SearchPath {
    /// On the `PATH` of the daemons that run, from whom agents have theirs; else on ours, which daemons would get that we
    /// start.
    pub fn of(home: &Home) -> Self {
        let report = StackReport::read(home).ok().flatten().and_then(|running| running.report);
        match report.and_then(|report| report.path) {
            Some(path) => Self { path, is_daemons: true },
            None => Self {
                path: std::env::var_os("PATH").map_or_else(String::new, |path| path.to_string_lossy().into_owned()),
                is_daemons: false,
            },
        }
    }

    /// The `PATH` itself; the usual one where there is none.
    pub fn path(&self) -> &OsStr {
        OsStr::new(if self.path.is_empty() { PATH_DEFAULT } else { &self.path })
    }

    /// Whose it is, and what it says.
    pub fn describe(&self) -> String {
        let whose = if self.is_daemons { "the PATH of the daemons" } else { "your PATH (no daemon tells its own)" };
        format!("{whose}: {}", self.path().display())
    }
}

/// What the set-up of agent programs needs to know: our environment, a project (the current folder if it is not named), and
/// this program.
///
/// # Errors
///
/// The folder or this program is not there any more.
pub fn surroundings(search: &SearchPath, project: Option<&Path>) -> Result<Surroundings, Failure> {
    let project = project.unwrap_or(Path::new("."));
    let folder = project.canonicalize().ok().filter(|folder| folder.is_dir());
    let folder = folder.ok_or_else(|| Failure::Failed(format!("there is no folder {}", project.display())))?;
    let own = std::env::current_exe()
        .map_err(|error| Failure::Failed(format!("cannot find out where this program is: {error}")))?;
    Ok(Surroundings::new(std::env::vars_os(), folder, own).on_path(search.path()))
}

/// One program, and whether it knows our tools.
#[derive(Debug, Serialize)]
pub struct Known {
    /// What is installed.
    #[serde(flatten)]
    pub installed: Installed,
    /// What it says of its version, where it was asked and there is one.
    pub version: Option<String>,
    /// Whether it knows our tools; `""` where it is not installed.
    pub tools: String,
    /// What to do about tools that it does not know, or `""`.
    #[serde(rename = "do")]
    pub remedy: String,
    #[serde(skip)]
    tone: Tone,
}

/// Looks at every program we know, and asks those that are installed for their version if that is wanted.
pub fn known(world: &Surroundings, search: &SearchPath, with_versions: bool) -> Vec<Known> {
    let look = |runtime: &'static Runtime| {
        let installed = program::look(runtime, search.path());
        let is_there = installed.path.is_some();
        let (tone, tools, remedy) =
            if is_there { setup::standing(world, runtime) } else { (Tone::Quiet, String::new(), String::new()) };
        let version = (with_versions && is_there).then(|| bus::setup::version(world, runtime)).flatten();
        Known { installed, version, tools, remedy, tone }
    };
    // Some programs take seconds to say which they are.
    thread::scope(|scope| {
        let all: Vec<_> = runtime::TABLE.iter().map(|runtime| scope.spawn(move || look(runtime))).collect();
        all.into_iter().filter_map(|one| one.join().ok()).collect()
    })
}

/// Lists agent programs.
///
/// # Errors
///
/// The answer cannot be written.
pub fn run(client: &Client, command: RuntimeCommand) -> Result<(), Failure> {
    let RuntimeCommand::List { all } = command;
    let search = SearchPath::of(client.home());
    let known = known(&surroundings(&search, None)?, &search, all);
    let available = program::available(known.iter().map(|one| &one.installed));
    let shown: Vec<_> = known.iter().filter(|one| all || one.installed.available).collect();
    let whose = if search.is_daemons { "daemons" } else { "caller" };
    let path = search.path().to_string_lossy();
    let result = json!({"runtimes": shown, "available": available, "path": path, "path_of": whose});
    client.present(&result, |page| {
        text(page, &shown) + "\n" + &page.paint(Tone::Quiet, &format!("looked for on {}", search.describe())) + "\n"
    })
}

fn text(page: &Page, shown: &[&Known]) -> String {
    let mut table = Table::default();
    for one in shown {
        let found = &one.installed;
        let place = found.path.as_ref().map_or_else(|| "not installed".into(), |path| path.display().to_string());
        let (tone, place) = match (found.command, found.available) {
            ([], _) => (Tone::Quiet, "any program: --runtime custom --command \"…\"".to_owned()),
            (_, true) => (Tone::Good, place),
            (_, false) => (Tone::Quiet, place),
        };
        let tools = if one.tools.is_empty() { String::new() } else { format!("tools {}", one.tools) };
        let remedy = if one.remedy.is_empty() { String::new() } else { format!("→ {}", one.remedy) };
        table.row([
            cell(Tone::Name, found.name),
            cell(Tone::Plain, found.display_name),
            cell(tone, place),
            cell(Tone::Plain, one.version.as_deref().unwrap_or_default()),
            cell(one.tone, tools),
            cell(Tone::Quiet, remedy),
        ]);
    }
    table.text(page, 0)
}

/// The agent programs that are installed.
pub fn installed(search: &SearchPath) -> Vec<&'static str> {
    let is_there = |runtime: &&Runtime| program::find(runtime.executable, search.path()).is_some();
    runtime::TABLE.iter().filter(is_there).map(|runtime| runtime.id).collect()
}
