//! Reminders and schedules.

use super::Tool;
use super::caller::Either;
use crate::argument::integer;
use crate::call::Call;
use bus::contract::op::automation;
use bus::contract::{Code, OpError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// `cccc_automation_state`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct State {
    #[serde(flatten)]
    caller: Either,
}

impl Tool for State {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        me.ask(automation::Get { group_id }).await
    }
}

/// `cccc_automation_manage`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Manage {
    #[serde(flatten)]
    caller: Either,
    /// one change; for several give actions
    #[serde(default)]
    op: Option<Operation>,
    /// for create and update: {id, scope: group|personal, to: [recipients], trigger: {kind: interval, every_seconds} | {kind: cron, cron, timezone} | {kind: at, at}, action: {kind: notify, message}}
    #[serde(default)]
    rule: Option<Map<String, Value>>,
    /// for enable, disable, delete
    #[serde(default)]
    rule_id: String,
    /// for replace_all: {rules: [], snippets: {}}
    #[serde(default)]
    ruleset: Option<Map<String, Value>>,
    /// {type: create_rule|update_rule, rule} | {type: set_rule_enabled, rule_id, enabled} | {type: delete_rule, rule_id}
    #[serde(default)]
    actions: Vec<Map<String, Value>>,
    /// refuse when the rules have changed since this version
    #[serde(default, deserialize_with = "integer")]
    expected_version: Option<i64>,
}

/// One change.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Operation {
    Create,
    Update,
    Enable,
    Disable,
    Delete,
    ReplaceAll,
}

impl Manage {
    /// All changes as ledgerd takes them, the simple one first.
    fn actions(self) -> Result<Vec<Value>, OpError> {
        let needs = |what: &str| {
            let sentence = format!("this needs {what}; cccc_help shows an example under the topic reminders");
            OpError::new(Code::InvalidRequest, sentence).with("argument", what)
        };
        let rule = || self.rule.clone().ok_or_else(|| needs("rule"));
        let rule_id = || Some(self.rule_id.trim()).filter(|id| !id.is_empty()).ok_or_else(|| needs("rule_id"));
        let first = match self.op {
            None => None,
            Some(Operation::Create) => Some(json!({"type": "create_rule", "rule": rule()?})),
            Some(Operation::Update) => Some(json!({"type": "update_rule", "rule": rule()?})),
            Some(Operation::Enable) => {
                Some(json!({"type": "set_rule_enabled", "rule_id": rule_id()?, "enabled": true}))
            }
            Some(Operation::Disable) => {
                Some(json!({"type": "set_rule_enabled", "rule_id": rule_id()?, "enabled": false}))
            }
            Some(Operation::Delete) => Some(json!({"type": "delete_rule", "rule_id": rule_id()?})),
            Some(Operation::ReplaceAll) => {
                let ruleset = self.ruleset.clone().ok_or_else(|| needs("ruleset"))?;
                Some(json!({"type": "replace_all_rules", "ruleset": ruleset}))
            }
        };
        let all: Vec<_> = first.into_iter().chain(self.actions.into_iter().map(Value::Object)).collect();
        if all.is_empty() { Err(needs("op or actions")) } else { Ok(all) }
    }
}

impl Tool for Manage {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let expected_version = json!(self.expected_version);
        let mut actions = self.actions()?;
        actions.iter_mut().for_each(|action| own(action, me.id()));
        me.ask(automation::Manage { group_id, actions: actions.into(), expected_version }).await
    }
}

/// A personal rule is the caller's own unless it says whose it is.
fn own(action: &mut Value, caller: &str) {
    let own = |rule: &mut Value| {
        let Some(rule) = rule.as_object_mut() else { return };
        let is_personal = rule.get("scope").and_then(Value::as_str) == Some("personal");
        let is_owned = rule.get("owner_actor_id").and_then(Value::as_str).is_some_and(|owner| !owner.is_empty());
        if is_personal && !is_owned {
            rule.insert("owner_actor_id".into(), caller.into());
        }
    };
    action.get_mut("rule").into_iter().for_each(own);
    let rules = action.pointer_mut("/ruleset/rules").and_then(Value::as_array_mut);
    rules.into_iter().flatten().for_each(own);
}
