//! `cccc runtime list`: the agent programs we know, and which of them are installed.

use crate::client::Client;
use crate::failure::Failure;
use crate::print::table::{Table, cell};
use crate::print::{Page, Tone};
use crate::supervise::StackReport;
use bus::contract::runtime::{self, Runtime};
use bus::daemon::environment::PATH_DEFAULT;
use bus::home::Home;
use bus::program::{self, Installed};
use clap::Subcommand;
use serde_json::json;
use std::ffi::OsStr;

/// `cccc runtime …`
#[derive(Debug, Subcommand)]
pub enum RuntimeCommand {
    /// List the agent programs that are installed
    List {
        /// Also those that are not
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

/// Lists agent programs.
///
/// # Errors
///
/// The answer cannot be written.
pub fn run(client: &Client, command: RuntimeCommand) -> Result<(), Failure> {
    let RuntimeCommand::List { all } = command;
    let search = SearchPath::of(client.home());
    let known: Vec<_> = runtime::TABLE.iter().map(|runtime| program::look(runtime, search.path())).collect();
    let available: Vec<_> = known.iter().filter(|found| found.available).map(|found| found.name).collect();
    let shown: Vec<_> = known.iter().filter(|found| all || found.available).collect();
    let whose = if search.is_daemons { "daemons" } else { "caller" };
    let path = search.path().to_string_lossy();
    let result = json!({"runtimes": shown, "available": available, "path": path, "path_of": whose});
    client.present(&result, |page| {
        text(page, &shown) + "\n" + &page.paint(Tone::Quiet, &format!("looked for on {}", search.describe())) + "\n"
    })
}

fn text(page: &Page, shown: &[&Installed]) -> String {
    let mut table = Table::default();
    for found in shown {
        let place = found.path.as_ref().map_or_else(|| "not installed".into(), |path| path.display().to_string());
        let (tone, place) = match (found.command, found.available) {
            ([], _) => (Tone::Quiet, "any program: --runtime custom --command \"…\"".to_owned()),
            (_, true) => (Tone::Good, place),
            (_, false) => (Tone::Quiet, place),
        };
        table.row([cell(Tone::Name, found.name), cell(Tone::Plain, found.display_name), cell(tone, place)]);
    }
    table.text(page, 0)
}

/// The agent programs that are installed.
pub fn installed(search: &SearchPath) -> Vec<&'static str> {
    let is_there = |runtime: &&Runtime| program::find(runtime.executable, search.path()).is_some();
    runtime::TABLE.iter().filter(is_there).map(|runtime| runtime.id).collect()
}
