//! A ruleset that is to be: what actions make of it, who may make that of it, and the event that says so.

use super::rule;
use crate::permission;
use crate::state::automation::Automation;
use crate::state::group::Group;
use bus::contract::automation::{Action, Rule, RuleScope, Ruleset, Trigger};
use bus::contract::document::Role;
use bus::contract::event::GroupAutomationUpdate;
use bus::contract::{Code, OpError, lenient, limit};
use serde_json::{Map, Value};

/// Does one action to a ruleset, and returns what it was in short. The names of the actions are in the first column.
///
/// # Errors
///
/// `group_automation_manage_failed`, with a sentence.
pub fn act(ruleset: &mut Ruleset, action: &Map<String, Value>) -> Result<Map<String, Value>, OpError> {
    let refused = |sentence: String| OpError::new(CODE, sentence);
    let text = |field: &str| action.get(field).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let kind = text("type");
    let place = |ruleset: &Ruleset, id: &str| ruleset.rules.iter().position(|rule| rule.id == id);
    let found = |ruleset: &Ruleset, id: &str| place(ruleset, id).ok_or_else(|| refused(format!("no rule {id:?}")));
    let mut done = Map::from_iter([("type".to_owned(), Value::from(kind.as_str()))]);
    match kind.as_str() {
        "create_rule" => {
            let rule = given_rule(action)?;
            if place(ruleset, &rule.id).is_some() {
                return Err(refused(format!("there is a rule {} already; use update_rule", rule.id)));
            }
            done.insert("rule_id".into(), rule.id.as_str().into());
            ruleset.rules.push(rule);
        }
        "update_rule" => {
            let rule = given_rule(action)?;
            let place = found(ruleset, &rule.id)?;
            done.insert("rule_id".into(), rule.id.as_str().into());
            ruleset.rules[place] = rule;
        }
        "set_rule_enabled" => {
            let rule_id = text("rule_id");
            let enabled = action.get("enabled").and_then(lenient::as_flag);
            let enabled = enabled.ok_or_else(|| refused("set_rule_enabled needs enabled: true or false".into()))?;
            let place = found(ruleset, &rule_id)?;
            ruleset.rules[place].enabled = enabled;
            done.extend([("rule_id".into(), rule_id.into()), ("enabled".into(), enabled.into())]);
        }
        "delete_rule" => {
            let rule_id = text("rule_id");
            let place = found(ruleset, &rule_id)?;
            ruleset.rules.remove(place);
            done.insert("rule_id".into(), rule_id.into());
        }
        "replace_all_rules" => {
            *ruleset = rule::read_ruleset(CODE, action.get("ruleset").unwrap_or(&Value::Null))?;
            done.insert("rules".into(), ruleset.rules.len().into());
            done.insert("snippets".into(), ruleset.snippets.len().into());
        }
        other => return Err(refused(format!("there is no action {other:?}; use one of: {}", ACTIONS.join(", ")))),
    }
    Ok(done)
}

/// Names of the actions.
const ACTIONS: [&str; 5] = ["create_rule", "update_rule", "set_rule_enabled", "delete_rule", "replace_all_rules"];

const CODE: Code = Code::GroupAutomationManageFailed;

fn given_rule(action: &Map<String, Value>) -> Result<Rule, OpError> {
    rule::read(CODE, action.get("rule").unwrap_or(&Value::Null))
}

/// Whether a rule starts, stops or holds something.
fn is_operational(rule: &Rule) -> bool {
    match rule.action {
        Action::Notify { .. } => false,
        Action::GroupState { .. } | Action::ActorControl { .. } => true,
    }
}

/// Rules that are there before and not after, or after and not before, or different.
fn different<'a>(before: &'a Ruleset, after: &'a Ruleset) -> impl Iterator<Item = &'a Rule> {
    let lost = before.rules.iter().filter(|rule| !after.rules.contains(rule));
    lost.chain(after.rules.iter().filter(|rule| !before.rules.contains(rule)))
}

/// Checks whether somebody may change one ruleset into another. The user may do everything; the foreman nothing that
/// starts or stops something, and nothing to a rule that does; a peer only what reminds itself.
///
/// # Errors
///
/// `permission_denied`; a limit.
pub fn check_may(group: &Group, by: &str, before: &Ruleset, after: &Ruleset) -> Result<(), OpError> {
    if permission::is_user(by) {
        return Ok(());
    }
    let role = group.role(by);
    let is_own = |rule: &Rule| {
        rule.scope == RuleScope::Personal && rule.owner_actor_id.as_deref() == Some(by) && rule.to == [by]
    };
    for rule in different(before, after) {
        let why = match role {
            _ if is_operational(rule) => "it starts, stops or holds something, which only the user may have done",
            Role::Peer if !is_own(rule) => "a peer may only have rules that are personal, its own, and told to itself",
            Role::Foreman | Role::Peer => continue,
        };
        let sentence = format!("permission denied: {by} is {role} here and may not change rule {}: {why}", rule.id);
        return Err(denied(by, sentence).with("role", role.word()).with("rule_id", rule.id.as_str()));
    }
    if role == Role::Peer && before.snippets != after.snippets {
        let sentence = format!("permission denied: {by} is peer here, and snippets are everybody's; ask the foreman");
        return Err(denied(by, sentence));
    }
    let min = limit::AUTOMATION_AGENT_INTERVAL_SECONDS_MIN;
    let is_too_often = |rule: &&Rule| {
        !before.rules.contains(rule)
            && matches!(rule.trigger, Trigger::Interval { every_seconds } if every_seconds < min)
    };
    if let Some(rule) = after.rules.iter().find(is_too_often) {
        let sentence =
            format!("rule {} fires more often than every {min} seconds; only the user may have that", rule.id);
        return Err(OpError::new(Code::InvalidRequest, sentence)
            .with("limit", "AUTOMATION_AGENT_INTERVAL_SECONDS_MIN")
            .with("min", min));
    }
    Ok(())
}

/// A refusal because of who asks.
pub fn denied(by: &str, sentence: String) -> OpError {
    OpError::denied(Code::PermissionDenied, sentence).with("by", by)
}

/// What somebody may see of a ruleset: a peer does not see what other actors keep for themselves.
pub fn visible(group: &Group, by: &str) -> Ruleset {
    let ruleset = &group.automation.ruleset;
    let is_peer = group.actor_state(by).is_some() && group.role(by) == Role::Peer;
    if permission::is_user(by) || !is_peer {
        return ruleset.clone();
    }
    let is_shown = |rule: &&Rule| rule.scope == RuleScope::Group || rule.owner_actor_id.as_deref() == Some(by);
    let rules: Vec<Rule> = ruleset.rules.iter().filter(is_shown).cloned().collect();
    let is_used = |name: &String| {
        rules.iter().any(|rule| matches!(&rule.action, Action::Notify { snippet_ref: Some(used), .. } if used == name))
    };
    let snippets = ruleset.snippets.iter().filter(|(name, _)| is_used(name));
    Ruleset { snippets: snippets.map(|(name, text)| (name.clone(), text.clone())).collect(), rules }
}

/// The event that turns what there is into what is to be.
pub fn event(
    before: &Automation,
    after: &Ruleset,
    actions: Vec<Map<String, Value>>,
    source: &str,
) -> GroupAutomationUpdate {
    let known = &before.ruleset;
    let is_new = |(name, text): &(&String, &String)| known.snippets.get(*name) != Some(*text);
    let changed_snippets = after.snippets.iter().filter(is_new);
    GroupAutomationUpdate {
        rules: after.rules.iter().map(|rule| rule.id.clone()).collect(),
        snippets: after.snippets.keys().cloned().collect(),
        version: Some(before.version + 1),
        actions,
        source: source.to_owned(),
        changed_rules: after.rules.iter().filter(|rule| !known.rules.contains(rule)).cloned().collect(),
        changed_snippets: changed_snippets.map(|(name, text)| (name.clone(), text.clone())).collect(),
    }
}

/// The event that takes away what an actor keeps for itself, if it keeps anything.
pub fn without(before: &Automation, owner: &str) -> Option<GroupAutomationUpdate> {
    let is_own = |rule: &Rule| rule.scope == RuleScope::Personal && rule.owner_actor_id.as_deref() == Some(owner);
    let (own, rules): (Vec<Rule>, _) = before.ruleset.rules.iter().cloned().partition(is_own);
    let deleted = |rule: &Rule| {
        Map::from_iter([("type".to_owned(), "delete_rule".into()), ("rule_id".into(), rule.id.as_str().into())])
    };
    let after = Ruleset { rules, snippets: before.ruleset.snippets.clone() };
    (!own.is_empty()).then(|| event(before, &after, own.iter().map(deleted).collect(), ""))
}
