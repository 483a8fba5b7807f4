//! `cccc automation`: what a group does by itself.

use super::group_arg::{Address, GroupArg};
use super::word;
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::document::NotifyPriority;
use bus::contract::op::automation;
use bus::contract::surrogate;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// `cccc automation`
#[derive(Debug, Subcommand)]
pub enum AutomationCommand {
    /// Show the rules, and when each is due
    Show {
        #[command(flatten)]
        place: GroupArg,
    },
    /// Add a rule that tells somebody something
    Add(Box<AutomationAddArgs>),
    /// Switch a rule on
    Enable {
        /// Rule, by its id
        rule: String,
        #[command(flatten)]
        at: Address,
    },
    /// Switch a rule off
    Disable {
        /// Rule, by its id
        rule: String,
        #[command(flatten)]
        at: Address,
    },
    /// Remove a rule
    Remove {
        /// Rule, by its id
        rule: String,
        #[command(flatten)]
        at: Address,
    },
    /// Replace all rules and snippets
    Set {
        /// A JSON object `{"rules": […], "snippets": {…}}`; `-` reads it from standard input
        ruleset: String,
        #[command(flatten)]
        at: Address,
    },
    /// Bring back the rules that every group begins with
    Reset {
        #[command(flatten)]
        at: Address,
    },
}

/// `cccc automation add`
#[derive(Debug, Args)]
pub struct AutomationAddArgs {
    /// Id of the rule
    rule: String,
    #[command(flatten)]
    when: When,
    /// Zone whose clock `--cron` means
    #[arg(long, value_name = "ZONE", default_value = "UTC", conflicts_with_all = ["every", "at"])]
    timezone: String,
    /// Whom to tell; repeat for more. Actor ids, @all, @peers, @foreman
    #[arg(long, value_name = "WHO", default_value = "@foreman")]
    to: Vec<String>,
    /// Headline
    #[arg(long, default_value = "", allow_hyphen_values = true, value_parser = word::said)]
    title: String,
    /// What to tell; `-` reads it from standard input
    #[arg(long, default_value = "", required_unless_present = "snippet", allow_hyphen_values = true, value_parser = word::said)]
    message: String,
    /// Snippet to tell instead of a message
    #[arg(long, value_name = "NAME")]
    snippet: Option<String>,
    /// How urgent it is; high and urgent ones are typed into terminals
    #[arg(long, value_parser = PossibleValuesParser::new(NotifyPriority::WORDS), default_value = "high", ignore_case = true)]
    priority: String,
    /// Ask for an acknowledgement
    #[arg(long)]
    ack: bool,
    /// Only for this actor, and only to be changed by it
    #[arg(long, value_name = "ACTOR")]
    owner: Option<String>,
    #[command(flatten)]
    at: Address,
}

/// When a rule is due.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct When {
    /// Again and again, after so long: 90s, 15m, 2h, 1d
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    every: Option<u64>,
    /// By the calendar: minute, hour, day of month, month, day of week
    #[arg(long, value_name = "FIELDS")]
    cron: Option<String>,
    /// Once, at a time such as 2026-01-31T09:00:00+01:00
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

/// Reads a time span: a number, and `s`, `m`, `h` or `d` after it.
fn seconds(word: &str) -> Result<u64, String> {
    let word = word.trim();
    let (number, unit) = word.split_at(word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len()));
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err("write a number with s, m, h or d after it, such as 15m".into()),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    seconds
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| "write a number with s, m, h or d after it, such as 15m".into())
}

/// Shows or changes what a group does by itself.
///
/// # Errors
///
/// The refusal: nothing was changed.
pub fn run(client: &Client, command: AutomationCommand) -> Result<(), Failure> {
    match command {
        AutomationCommand::Show { place } => {
            let group_id = client.group(&place)?;
            client.run(automation::Get { group_id }, None)
        }
        AutomationCommand::Add(add) => {
            let rule = rule(&add, word::text(add.message.clone())?);
            manage(client, &add.at, json!({"type": "create_rule", "rule": rule}))
        }
        AutomationCommand::Enable { rule, at } => switch(client, &at, &rule, true),
        AutomationCommand::Disable { rule, at } => switch(client, &at, &rule, false),
        AutomationCommand::Remove { rule, at } => manage(client, &at, json!({"type": "delete_rule", "rule_id": rule})),
        AutomationCommand::Set { ruleset, at } => {
            let ruleset = serde_json::from_str(&surrogate::mend(&word::text(ruleset)?))
                .map_err(|error| Failure::Usage(format!("the ruleset is no JSON: {error}")))?;
            at.ask(client, |group_id| automation::Update { group_id, ruleset, expected_version: Value::Null })
        }
        AutomationCommand::Reset { at } => {
            at.ask(client, |group_id| automation::ResetBaseline { group_id, expected_version: Value::Null })
        }
    }
}

fn rule(add: &AutomationAddArgs, message: String) -> Value {
    let When { every, cron, at } = &add.when;
    let trigger = match (every, cron, at) {
        (Some(every_seconds), _, _) => json!({"kind": "interval", "every_seconds": every_seconds}),
        (None, Some(cron), _) => json!({"kind": "cron", "cron": cron, "timezone": add.timezone}),
        (None, None, at) => json!({"kind": "at", "at": at}),
    };
    json!({
        "id": add.rule, "to": add.to, "trigger": trigger,
        "scope": if add.owner.is_some() { "personal" } else { "group" }, "owner_actor_id": add.owner,
        "action": {"kind": "notify", "title": add.title, "message": message, "snippet_ref": add.snippet,
                   "priority": add.priority.to_lowercase(), "requires_ack": add.ack},
    })
}

fn switch(client: &Client, at: &Address, rule: &str, enabled: bool) -> Result<(), Failure> {
    manage(client, at, json!({"type": "set_rule_enabled", "rule_id": rule, "enabled": enabled}))
}

fn manage(client: &Client, at: &Address, action: Value) -> Result<(), Failure> {
    at.ask(client, |group_id| {
        let actions = json!([action]);
        automation::Manage { group_id, actions, expected_version: Value::Null }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_is_a_number_and_a_unit() {
        #[rustfmt::skip]
        let cases = [
            ("90", Some(90)), ("90s", Some(90)), ("15m", Some(900)), ("2h", Some(7_200)), (" 1d ", Some(86_400)),
            ("0m", None), ("m", None), ("", None), ("15 m", None), ("1w", None), ("-5m", None),
            ("99999999999999999999", None), ("18446744073709551615d", None),
        ];
        for (word, wanted) in cases {
            assert_eq!(seconds(word).ok(), wanted, "{word:?}");
        }
    }
}
