//! Decides, writes and remembers: the only process that writes state.
//!
//! `ledgerd` serves a home; `ledgerd verify` looks whether its ledgers are whole, without changing anything and
//! whether or not another ledgerd serves them; `ledgerd import` brings a home of the older implementation over.

mod clock;
mod decision;
mod import;
mod mint;
mod op;
mod permission;
mod query;
mod recipient;
mod schedule;
mod serve;
mod stamp;
mod state;
mod store;
mod suggest;
mod template;
mod verify;
mod visible;
mod yaml;

use bus::daemon::{Daemon, inherit};
use std::process::ExitCode;

fn main() -> ExitCode {
    // The system has no reason to refuse; if it did, we are what we would be without it.
    let _ = inherit::hear();
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(first) if first == "verify" => verify::run(arguments),
        Some(first) if first == "import" => import::run(arguments),
        _ => Daemon::run("ledgerd", serve::run),
    }
}
