//! Ops about a group's automation. When a rule is due is worked out here; who waits for that moment, and does what the
//! rule says, is not ledgerd.

use super::request::{RequestContext, required, written, written_as};
use super::{rule, ruleset};
use crate::decision::Decision;
use crate::permission;
use crate::stamp::Stamp;
use crate::state::State;
use crate::state::automation::Automation;
use crate::state::group::Group;
use bus::contract::automation::{Ruleset, Trigger, VARIABLES};
use bus::contract::event::RuleRan;
use bus::contract::op::automation;
use bus::contract::{Body, Code, Event, OpError, Reply, Request, lenient, limit, time};
use serde_json::{Map, Value};

/// How much of an error is kept.
const ERROR_CHARS: usize = 500;

/// What a change says of itself that brings back what every group begins with.
const BASELINE: &str = "baseline_reset";

/// `group_automation_state`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `permission_denied`.
pub fn state(cx: &RequestContext<'_>, args: &automation::Get) -> Result<Reply, OpError> {
    let group = cx.group(&args.group_id)?;
    Ok(Reply::GroupAutomationState(shown(group, &cx.by, cx.stamp)))
}

fn shown(group: &Group, by: &str, stamp: &Stamp) -> automation::StateIs {
    let (automation, ruleset, now) = (&group.automation, ruleset::visible(group, by), stamp.now());
    let status = ruleset.rules.iter().map(|rule| (rule.id.clone(), automation.status(rule, now))).collect();
    automation::StateIs {
        group_id: group.id.clone(),
        ruleset,
        status,
        supported_vars: VARIABLES.iter().map(|name| (*name).to_owned()).collect(),
        version: automation.version,
        server_now: time::format(now),
        config_path: format!("groups/{}/ledger.jsonl", group.id),
    }
}

/// Checks that a client has seen the version that is to be changed.
fn check_version(automation: &Automation, expected: &Value) -> Result<(), OpError> {
    let current = automation.version;
    let expected = match expected {
        Value::Null => return Ok(()),
        Value::Number(_) | Value::String(_) => lenient::as_integer(expected),
        _ => None,
    };
    let expected =
        expected.ok_or_else(|| OpError::new(Code::InvalidRequest, "expected_version must be a whole number"))?;
    if u64::try_from(expected) == Ok(current) {
        return Ok(());
    }
    let sentence = format!("the automation has changed: it is at {current}, not at {expected}; read it again");
    let refusal = OpError::new(Code::VersionConflict, sentence);
    Err(refusal.with("expected_version", expected).with("current_version", current))
}

/// `group_automation_update`: everything anew.
///
/// # Errors
///
/// `group_automation_update_failed`, `version_conflict`, `permission_denied`, `invalid_request`, a limit.
pub fn update(cx: &RequestContext<'_>, args: &automation::Update) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    check_version(&group.automation, &args.expected_version)?;
    let after = rule::read_ruleset(Code::GroupAutomationUpdateFailed, &args.ruleset)?;
    replace(cx, group, &after, Vec::new(), "")
}

/// `group_automation_reset_baseline`
///
/// # Errors
///
/// `group_automation_reset_baseline_failed`, `version_conflict`, `permission_denied`, `invalid_request`.
pub fn reset(cx: &RequestContext<'_>, args: &automation::ResetBaseline) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    check_version(&group.automation, &args.expected_version)?;
    replace(cx, group, &Ruleset::baseline(), Vec::new(), BASELINE)
}

fn replace(
    cx: &RequestContext<'_>,
    group: &Group,
    after: &Ruleset,
    actions: Vec<Map<String, Value>>,
    source: &str,
) -> Result<Decision, OpError> {
    ruleset::check_may(group, &cx.by, &group.automation.ruleset, after)?;
    let mut writer = cx.writer();
    writer.write(&group.id, ruleset::event(&group.automation, after, actions, source));
    Ok(writer.done())
}

/// `group_automation_manage`: what changes nothing writes nothing.
///
/// # Errors
///
/// `permission_denied`, `invalid_request`, `version_conflict`, `group_automation_manage_failed`, a limit.
pub fn manage(cx: &RequestContext<'_>, args: &automation::Manage) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let (after, applied) = plan(group, &cx.by, args)?;
    if after == group.automation.ruleset {
        return Ok(Decision::default());
    }
    replace(cx, group, &after, applied, "")
}

/// Works out what the actions come to.
fn plan(group: &Group, by: &str, args: &automation::Manage) -> Result<(Ruleset, Vec<Map<String, Value>>), OpError> {
    let invalid = |sentence: &str| OpError::new(Code::InvalidRequest, sentence);
    let actions = args.actions.as_array().filter(|actions| !actions.is_empty());
    let actions = actions.ok_or_else(|| invalid("actions must be a list with at least one action"))?;
    if actions.len() > limit::AUTOMATION_ACTIONS_MAX {
        let max = limit::AUTOMATION_ACTIONS_MAX;
        return Err(OpError::too_large("the number of actions", actions.len(), max, "AUTOMATION_ACTIONS_MAX"));
    }
    check_version(&group.automation, &args.expected_version)?;
    let mut after = group.automation.ruleset.clone();
    let mut applied = Vec::with_capacity(actions.len());
    for (index, action) in actions.iter().enumerate() {
        let action = action.as_object().ok_or_else(|| invalid("an action must be an object"))?;
        let done = ruleset::act(&mut after, action).map_err(|error| at(index, error))?;
        let replaces_all = done.get("type").and_then(Value::as_str) == Some("replace_all_rules");
        if replaces_all
            && !permission::is_user(by)
            && group.foreman().is_none_or(|actor_state| actor_state.actor.id != by)
        {
            let sentence = format!("permission denied: {by} is peer here and may not replace all rules");
            return Err(ruleset::denied(by, sentence));
        }
        applied.push(done);
    }
    rule::check_size(&after)?;
    Ok((after, applied))
}

/// The refusal of all actions, because of one.
fn at(index: usize, error: OpError) -> OpError {
    let message = format!("action {index}: {}; nothing was changed", error.message);
    OpError { message, ..error }.with("index", index as u64)
}

/// What a request has written, if anything.
fn updated_event(events: &[Event]) -> Option<&Event> {
    events.iter().find(|event| matches!(event.body, Body::GroupAutomationUpdate(_)))
}

/// Who asked: as the event has it, or, when there is none, as the request proves it.
fn speaker(state: &State, request: &Request, events: &[Event]) -> Result<String, OpError> {
    updated_event(events).map_or_else(|| permission::speaker(state, request), |event| Ok(event.by.clone()))
}

/// Answer of `group_automation_update`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn updated(state: &State, args: &automation::Update, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::GroupAutomationUpdate(_)))?;
    let automation = &state.group(&args.group_id)?.automation;
    let (group_id, ruleset, version) = (args.group_id.clone(), automation.ruleset.clone(), automation.version);
    Ok(Reply::GroupAutomationUpdate(automation::Updated { group_id, ruleset, version, event }))
}

/// Answer of `group_automation_reset_baseline`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn was_reset(
    state: &State,
    stamp: &Stamp,
    args: &automation::ResetBaseline,
    events: &[Event],
) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::GroupAutomationUpdate(_)))?;
    let now = shown(state.group(&args.group_id)?, &event.by, stamp);
    Ok(Reply::GroupAutomationResetBaseline(automation::BaselineReset { now, event }))
}

/// Answer of `group_automation_manage`. Actions that changed nothing have written nothing and are worked out once more.
///
/// # Errors
///
/// The group has been deleted since.
pub fn managed(
    state: &State,
    stamp: &Stamp,
    request: &Request,
    args: &automation::Manage,
    events: &[Event],
) -> Result<Reply, OpError> {
    let group = state.group(&args.group_id)?;
    let by = speaker(state, request, events)?;
    let applied_actions = if events.is_empty() {
        plan(group, &by, args)?.1
    } else {
        let actions = |body: &Body| match body {
            Body::GroupAutomationUpdate(update) => Some(update.actions.clone()),
            _ => None,
        };
        written_as(events, actions)?.1
    };
    let (now, event) = (shown(group, &by, stamp), updated_event(events).cloned());
    let changed = event.is_some();
    Ok(Reply::GroupAutomationManage(automation::Managed { now, applied_actions, changed, event }))
}

/// `rule_record`: what became of a rule that was due. One for once that has done what it is for is disabled.
///
/// # Errors
///
/// `permission_denied`, `missing_group_id`, `group_not_found`, `invalid_request` for a rule that is gone, or a time that is none.
pub fn record(cx: &RequestContext<'_>, args: &automation::RuleRecord) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    let automation = &group.automation;
    let Some(rule) = automation.rule(&args.rule_id) else {
        return Err(OpError::new(Code::InvalidRequest, format!("no rule {:?}; it may be gone since", args.rule_id)));
    };
    if !args.due_at.is_empty() && time::parse(&args.due_at).is_none() {
        return Err(OpError::new(Code::InvalidRequest, format!("due_at is no time: {:?}", args.due_at)));
    }
    let error = Some(args.error.chars().take(ERROR_CHARS).collect::<String>()).filter(|error| !error.is_empty());
    let is_done = error.is_none() && rule.enabled && matches!(rule.trigger, Trigger::At { .. });
    let mut writer = cx.writer();
    writer.write(&group.id, RuleRan { rule_id: rule.id.clone(), due_at: args.due_at.clone(), error });
    if is_done {
        let mut after = automation.ruleset.clone();
        let disable =
            [("type", "set_rule_enabled".into()), ("rule_id", rule.id.as_str().into()), ("enabled", false.into())];
        let action = disable.into_iter().map(|(field, value): (&str, Value)| (field.to_owned(), value)).collect();
        let done = ruleset::act(&mut after, &action)?;
        writer.write(&group.id, ruleset::event(automation, &after, vec![done], ""));
    }
    Ok(writer.done())
}

/// Answer of `rule_record`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn recorded(events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::RuleRan(_)))?;
    Ok(Reply::RuleRecord(automation::RuleRecorded { event }))
}
