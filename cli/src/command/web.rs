//! `cccc web`: serves browsers, alone and in the foreground, and looks after the tokens that let people in.

use super::group_arg::GroupArg;
use crate::client::Client;
use crate::failure::Failure;
use crate::stack;
use bus::contract::op::web;
use bus::contract::time;
use bus::contract::web::WebRole;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::net::IpAddr;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// `cccc web`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Web {
    #[command(subcommand)]
    command: Option<WebCommand>,
    /// Address to listen at [default: $CCCC_WEB_HOST, else 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    host: Option<IpAddr>,
    /// Port to listen on; 0 is any [default: $CCCC_WEB_PORT, else 8848 or one that is free]
    #[arg(long)]
    port: Option<u16>,
    /// Whether things can be changed there, or only looked at [default: $CCCC_WEB_MODE, else normal]
    #[arg(long, value_parser = PossibleValuesParser::new(["normal", "exhibit"]))]
    mode: Option<String>,
    /// The same as `--mode exhibit`
    #[arg(long, conflicts_with = "mode")]
    exhibit: bool,
}

/// What can be typed after `cccc web`.
#[derive(Debug, Subcommand)]
enum WebCommand {
    /// Add, list and revoke the tokens that let people in
    #[command(subcommand)]
    Token(TokenCommand),
}

/// `cccc web token`
#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Give somebody a token; it is shown once
    Add {
        /// Who gets it
        name: String,
        /// What it may do
        #[arg(long, default_value = "viewer", value_parser = PossibleValuesParser::new(WebRole::WORDS), ignore_case = true)]
        role: String,
        /// The only group that it may ask about, by id or title; all of them when absent
        #[arg(long, short = 'g', value_name = "GROUP")]
        group: Option<String>,
        /// When it ends: a time such as 2027-01-31T12:00:00Z, or in how long, such as 2h or 30d; never when absent
        #[arg(long, value_name = "WHEN", value_parser = end)]
        expires: Option<String>,
    },
    /// List them
    List,
    /// Have one count no more; what it has open ends
    Revoke {
        /// Which one, by id or name
        token: String,
    },
}

/// A time as the wire has it, from a time or from how long it is until then.
fn end(typed: &str) -> Result<String, String> {
    if time::parse(typed).is_some() {
        return Ok(typed.to_owned());
    }
    let words = "write a time such as 2027-01-31T12:00:00Z, or in how long, such as 2h or 30d";
    let span: jiff::Span = typed.parse().map_err(|_| words.to_owned())?;
    let span = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| words.to_owned())?;
    let then = jiff::Timestamp::now().checked_add(span).map_err(|_| format!("{typed} is too far away"))?;
    Ok(time::format(then.as_microsecond()))
}

/// Does what was typed.
///
/// # Errors
///
/// The refusal; or the program that serves browsers is not installed, or cannot be started.
pub fn run(client: &Client, args: Web) -> Result<(), Failure> {
    match args.command {
        Some(WebCommand::Token(command)) => token(client, command),
        None => serve(client, &args),
    }
}

fn token(client: &Client, command: TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Add { name, role, group, expires } => {
            let place = |named: String| client.group(&GroupArg { group: Some(named) });
            let group_id = group.map(place).transpose()?;
            client.run(web::Add { name, role: Some(role), group_id, expires_at: expires }, None)
        }
        TokenCommand::List => client.run(web::List {}, None),
        TokenCommand::Revoke { token } => client.run(web::Revoke { token_id: token }, None),
    }
}

/// Becomes the program that serves browsers.
fn serve(client: &Client, args: &Web) -> Result<(), Failure> {
    stack::ensure(client.home(), true)?;
    let program = stack::program("webd")?;
    let mut command = Command::new(&program);
    command.arg("--home").arg(client.home().root()).env("CCCC_WEB_ALONE", "1");
    let mode = if args.exhibit { Some("exhibit".to_owned()) } else { args.mode.clone() };
    let host = args.host.map(|host| host.to_string());
    let port = args.port.map(|port| port.to_string());
    for (name, value) in [("CCCC_WEB_HOST", host), ("CCCC_WEB_PORT", port), ("CCCC_WEB_MODE", mode)] {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let error = command.exec();
    Err(Failure::Failed(format!("cannot start {}: {error}", program.display())))
}
