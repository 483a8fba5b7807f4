//! `cccc principals`: whether a claim to be an actor needs a proof.

use super::{Context, Failure};
use bus::contract::Op;
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
pub fn run(context: &Context, args: Principals) -> Result<(), Failure> {
    let op = match args.wanted {
        None => Op::PrincipalsGet(principal::Get {}),
        Some(Wanted::Strict) => Op::PrincipalsSet(principal::Set { strict: true }),
        Some(Wanted::Claimed) => Op::PrincipalsSet(principal::Set { strict: false }),
    };
    context.run(op, None)
}
