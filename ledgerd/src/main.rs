//! Decides, writes and remembers: the only process that writes state.
//!
//! `ledgerd` serves a home; `ledgerd verify` looks whether its ledgers are whole, without changing anything and
//! whether or not another ledgerd serves them.

mod decision;
mod op;
mod permission;
mod recipient;
mod schedule;
mod serve;
mod stamp;
mod state;
mod store;
mod template;
mod verify;
mod yaml;

use bus::daemon::Daemon;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "verify") {
        return verify::run(arguments);
    }
    Daemon::run("ledgerd", serve::run)
}
