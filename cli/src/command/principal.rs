//! `cccc principals`: whether a claim to be an actor needs a proof.

use crate::client::Client;
use crate::failure::Failure;
use bus::contract::op::principal;
use clap::{Args, ValueEnum};

/// `cccc principals`
#[derive(Debug, Args)]
pub struct Principals {
    /// What to set; shows what is set when absent
    #[arg(value_enum)]
    wanted: Option<Wanted>,
}

/// How far a home believes who speaks.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wanted {
    /// Whoever says to be an actor must prove it with the token of that actor's session
    Strict,
    /// Whoever says to be an actor is believed
    Claimed,
}

/// Shows or sets it.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, args: Principals) -> Result<(), Failure> {
    match args.wanted {
        None => client.run(principal::Get {}, None),
        Some(wanted) => client.run(principal::Set { strict: matches!(wanted, Wanted::Strict) }, None),
    }
}
