//! What a group does by itself: rules that say when and what, and snippets, the texts they share.
//!
//! A stored rule is complete: defaults are worked out and its times are checked before it is written. Readers ignore
//! fields they do not know, so that a later version may add some; requests with unknown fields are refused by the op.

use super::document::{NotifyPriority, words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names that a text may use in `{{…}}`, and that are filled in when a rule fires.
pub const VARIABLES: &[&str] = &["interval_minutes", "group_title", "actor_names", "scheduled_at"];

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Unique in its group.
    pub id: String,
    /// Whether it fires.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whose it is.
    #[serde(default)]
    pub scope: RuleScope,
    /// The actor whose it is, when it is personal.
    #[serde(default)]
    pub owner_actor_id: Option<String>,
    /// Who is told: actor ids, `@all`, `@peers`, `@foreman`; empty is every enabled actor.
    #[serde(default = "to_the_foreman")]
    pub to: Vec<String>,
    /// When it fires.
    pub trigger: Trigger,
    /// What happens then.
    #[serde(default)]
    pub action: Action,
}

words! {
    /// Whose a rule is.
    RuleScope {
        /// Everybody's.
        Group = "group",
        /// One actor's.
        Personal = "personal",
    } default Group
}

/// When a rule fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trigger {
    /// Again and again, with the same time in between.
    Interval {
        /// Seconds from one time to the next.
        every_seconds: u64,
    },
    /// By the calendar.
    Cron {
        /// Minute, hour, day of month, month, day of week.
        cron: String,
        /// IANA name of the zone whose clock counts.
        #[serde(default = "utc")]
        timezone: String,
    },
    /// Once.
    At {
        /// When.
        at: String,
    },
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// Tells its recipients something.
    Notify {
        /// Headline.
        #[serde(default)]
        title: String,
        /// Snippet whose text is used, if there is one of this name.
        #[serde(default)]
        snippet_ref: Option<String>,
        /// Text that is used otherwise.
        #[serde(default)]
        message: String,
        /// How urgent it is.
        #[serde(default)]
        priority: NotifyPriority,
        /// Whether an acknowledgement is wanted.
        #[serde(default)]
        requires_ack: bool,
    },
    /// Sets the group's state, or stops it.
    GroupState {
        /// Which one.
        #[serde(default)]
        state: RuleState,
    },
    /// Starts or stops actors.
    ActorControl {
        /// What is done.
        #[serde(default)]
        operation: Operation,
        /// With whom: actor ids, `@all`, `@peers`, `@foreman`.
        #[serde(default = "everybody")]
        targets: Vec<String>,
    },
}

words! {
    /// What a rule may set a group to.
    RuleState {
        /// It works.
        Active = "active",
        /// It rests.
        Idle = "idle",
        /// It is held.
        Paused = "paused",
        /// All its actors are stopped.
        Stopped = "stopped",
    } default Paused
}
words! {
    /// What a rule may do with actors.
    Operation {
        /// Enables and starts them.
        Start = "start",
        /// Disables and ends them.
        Stop = "stop",
        /// Gives them a new session.
        Restart = "restart",
    } default Restart
}

impl Default for Action {
    fn default() -> Self {
        let priority = NotifyPriority::default();
        Self::Notify { title: String::new(), snippet_ref: None, message: String::new(), priority, requires_ack: false }
    }
}

/// All rules, in order, and all snippets, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Ruleset {
    /// The rules.
    pub rules: Vec<Rule>,
    /// The texts that they share.
    pub snippets: BTreeMap<String, String>,
}

impl Ruleset {
    /// What a group begins with: a checkpoint with the foreman every quarter of an hour.
    pub fn baseline() -> Self {
        let action = Action::Notify {
            title: "Stand-up".into(),
            snippet_ref: Some("standup".into()),
            message: String::new(),
            priority: NotifyPriority::default(),
            requires_ack: false,
        };
        let rule = Rule {
            id: "standup".into(),
            enabled: true,
            scope: RuleScope::Group,
            owner_actor_id: None,
            to: to_the_foreman(),
            trigger: Trigger::Interval { every_seconds: 900 },
            action,
        };
        Self { rules: vec![rule], snippets: [("standup".into(), STANDUP.into())].into() }
    }
}

/// Text of the first rule.
const STANDUP: &str = "Checkpoint, every {{interval_minutes}} minutes. Look up from the details for a moment:\n\
    - Direction: is what {{actor_names}} work on still the next right step for {{group_title}}?\n\
    - Evidence: what was shown to work since the last checkpoint, and what is only believed?\n\
    - Coordination: who waits for whom, and which message has had no answer?\n\
    Bring the shared context up to date, and say in one message what changes. If nothing does, go on.";

fn yes() -> bool {
    true
}

fn utc() -> String {
    "UTC".into()
}

fn to_the_foreman() -> Vec<String> {
    vec!["@foreman".into()]
}

fn everybody() -> Vec<String> {
    vec!["@all".into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_rule_does_not_say_has_its_default() {
        let rule: Rule =
            serde_json::from_value(json!({"id": "r", "trigger": {"kind": "cron", "cron": "0 9 * * 1"}})).unwrap();
        assert_eq!(
            serde_json::to_value(&rule).unwrap(),
            json!({"id": "r", "enabled": true, "scope": "group", "owner_actor_id": null, "to": ["@foreman"],
                   "trigger": {"kind": "cron", "cron": "0 9 * * 1", "timezone": "UTC"},
                   "action": {"kind": "notify", "title": "", "snippet_ref": null, "message": "", "priority": "normal",
                              "requires_ack": false}})
        );
    }

    #[test]
    fn a_ruleset_goes_there_and_back() {
        let mut ruleset = Ruleset::baseline();
        let control = Action::ActorControl { operation: Operation::Stop, targets: everybody() };
        for (id, action) in [("stop", Action::GroupState { state: RuleState::Stopped }), ("end", control)] {
            let trigger = Trigger::At { at: "2026-01-13T12:00:00Z".into() };
            ruleset.rules.push(Rule { id: id.into(), trigger, action, ..ruleset.rules[0].clone() });
        }
        let packed = serde_json::to_vec(&ruleset).unwrap();
        assert_eq!(serde_json::from_slice::<Ruleset>(&packed).unwrap(), ruleset);
        let value = serde_json::to_value(&ruleset).unwrap();
        assert_eq!(serde_json::from_value::<Ruleset>(value).unwrap(), ruleset);
    }

    #[test]
    fn the_first_text_uses_variables_that_there_are() {
        let named: Vec<_> = STANDUP.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap()).collect();
        assert!(!named.is_empty() && named.iter().all(|name| VARIABLES.contains(name)), "{named:?}");
    }
}
