//! `cccc`: the command line, the supervisor and the client socket, in one program.
//!
//! Without arguments it runs the whole stack in the foreground. A command is one row in [`command::Command`] and one
//! file; it asks the daemons and writes no state.

mod client;
mod command;
mod demo;
mod door;
mod failure;
mod follow;
mod print;
mod stack;
mod supervise;

use clap::{CommandFactory, Parser};
use client::Client;
use command::help::EVERYWHERE;
use command::{Command, usage};
use print::Output;
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs several coding agents as one durable, coordinated group.
#[derive(Debug, Parser)]
#[command(name = "cccc", version = bus::contract::version::PRODUCT, max_term_width = 100)]
#[command(help_template = command::help::template())]
pub struct Cli {
    /// The folder with everything in it [default: $CCCC_HOME, else ~/.cccc]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FOLDER")]
    home: Option<PathBuf>,
    /// Print the answer as JSON (also with CCCC_OUTPUT=json)
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    json: bool,
    /// Fail rather than start the daemons when they do not run
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    no_start: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

fn main() -> ExitCode {
    // The system has no reason to refuse; if it did, we are what we would be without it.
    let _ = bus::daemon::inherit::hear();
    let wanted = std::env::var("CCCC_OUTPUT").ok();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let words: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
            return usage::answer(&error, &words, wanted.as_deref(), Cli::command());
        }
    };
    let output = Output::choose(cli.json, wanted.as_deref());
    let may_start = !cli.no_start && cli.command.as_ref().is_some_and(Command::starts_daemons);
    let client = match Client::new(cli.home.as_deref(), output, may_start) {
        Ok(client) => client,
        Err(failure) => return failure.report(output, ""),
    };
    match command::run(&client, cli.command, Cli::command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(output, client.place()),
    }
}
