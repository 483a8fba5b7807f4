//! What a group does by itself: its rules, one line each, and when they are due.

use super::table::{Table, cell};
use super::{Page, Tone};
use bus::contract::automation::{Action, Rule, Trigger};
use bus::contract::op::automation::{Managed, StateIs, Status};

/// All rules that may be seen.
pub fn text(page: &Page, state: &StateIs) -> String {
    let mut table = Table::default();
    for rule in &state.ruleset.rules {
        let status = state.status.get(&rule.id).cloned().unwrap_or_default();
        let (tone, how) = how(page, rule, &status);
        let owner = rule.owner_actor_id.as_ref().map(|owner| format!("of {owner}")).unwrap_or_default();
        table.row([
            cell(Tone::Name, &rule.id),
            cell(tone, how),
            cell(Tone::Plain, when(&rule.trigger)),
            cell(Tone::Plain, what(rule)),
            cell(Tone::Quiet, owner),
            cell(Tone::Bad, &status.last_error),
        ]);
    }
    let mut told = table.text(page, 0);
    if state.ruleset.rules.is_empty() {
        let sentence = format!("no rules; add one with `cccc automation add{}`", page.place);
        told += &(page.paint(Tone::Quiet, &sentence) + "\n");
    }
    let names: Vec<&str> = state.ruleset.snippets.keys().map(String::as_str).collect();
    if !names.is_empty() {
        told += &(page.paint(Tone::Quiet, &format!("snippets: {}", names.join(", "))) + "\n");
    }
    told
}

/// What a change came to.
pub fn managed(page: &Page, reply: &Managed) -> String {
    if !reply.changed {
        return page.paint(Tone::Quiet, "nothing was to be changed") + "\n";
    }
    text(page, &reply.now)
}

fn how(page: &Page, rule: &Rule, status: &Status) -> (Tone, String) {
    match (status.completed, rule.enabled, status.next_fire_at.as_str()) {
        (true, _, _) => (Tone::Quiet, format!("done {}", page.clock(&status.completed_at))),
        (false, false, _) => (Tone::Quiet, "off".into()),
        (false, true, "") => (Tone::Bad, "never due".into()),
        (false, true, next) => (Tone::Good, format!("due {}", page.clock(next))),
    }
}

fn when(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Interval { every_seconds } if every_seconds % 60 == 0 => format!("every {} min", every_seconds / 60),
        Trigger::Interval { every_seconds } => format!("every {every_seconds} s"),
        Trigger::Cron { cron, timezone } => format!("{cron} ({timezone})"),
        Trigger::At { at } => format!("at {at}"),
    }
}

fn what(rule: &Rule) -> String {
    match &rule.action {
        Action::Notify { title, snippet_ref, message, .. } => {
            let to = if rule.to.is_empty() { "everybody".into() } else { rule.to.join(", ") };
            let snippet = snippet_ref.as_ref().map(|name| format!("snippet {name}")).unwrap_or_default();
            let beginning = message.lines().next().unwrap_or_default();
            let texts = [title.as_str(), snippet.as_str(), beginning];
            format!("tell {to}: {}", texts.into_iter().find(|text| !text.is_empty()).unwrap_or("nothing"))
        }
        Action::GroupState { state } => format!("set the group {state}"),
        Action::ActorControl { operation, targets } => format!("{operation} {}", targets.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::{Value, json};

    fn state(rules: Value, status: Value, snippets: Value) -> StateIs {
        let state = json!({"group_id": "g_1", "ruleset": {"rules": rules, "snippets": snippets}, "status": status,
            "supported_vars": [], "version": 2, "server_now": "", "config_path": ""});
        serde_json::from_value(state).expect("a state")
    }

    #[test]
    fn a_rule_is_told_in_a_line() {
        let rules = json!([
            {"id": "standup", "trigger": {"kind": "interval", "every_seconds": 900}, "action": {"kind": "notify", "snippet_ref": "s"}},
            {"id": "mine", "enabled": false, "scope": "personal", "owner_actor_id": "a", "to": ["a"],
             "trigger": {"kind": "cron", "cron": "0 9 * * 1", "timezone": "Europe/Berlin"}, "action": {"kind": "notify", "message": "look\nup"}},
            {"id": "end", "trigger": {"kind": "at", "at": "2026-01-13T12:00:00Z"}, "action": {"kind": "group_state", "state": "stopped"}},
            {"id": "bad", "to": [], "trigger": {"kind": "interval", "every_seconds": 90}, "action": {"kind": "notify"}},
        ]);
        let status = json!({
            "standup": {"last_fired_at": "", "last_error_at": "", "last_error": "", "next_fire_at": "2026-01-13T12:15:00Z", "completed": false, "completed_at": ""},
            "end": {"last_fired_at": "", "last_error_at": "", "last_error": "", "next_fire_at": "", "completed": true, "completed_at": "2026-01-13T12:00:01Z"},
            "bad": {"last_fired_at": "", "last_error_at": "", "last_error": "nobody was there", "next_fire_at": "", "completed": false, "completed_at": ""},
        });
        let told = text(&page(), &state(rules, status, json!({"s": "text"})));
        let lines: Vec<String> =
            told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            lines,
            [
                "standup due 12:15:00 every 15 min tell @foreman: snippet s",
                "mine off 0 9 * * 1 (Europe/Berlin) tell a: look of a",
                "end done 12:00:01 at 2026-01-13T12:00:00Z set the group stopped",
                "bad never due every 90 s tell everybody: nothing nobody was there",
                "snippets: s",
            ]
        );
        let none = state(json!([]), json!({}), json!({}));
        let told = text(&page().about(" -g one"), &none);
        assert_eq!(told, "no rules; add one with `cccc automation add -g one`\n");
        let unchanged = Managed { now: none, applied_actions: vec![], changed: false, event: None };
        assert_eq!(managed(&page(), &unchanged), "nothing was to be changed\n");
    }
}
