//! A group's automation: the fold of its rules and snippets, and of what became of the rules.
//!
//! A rule's clock runs from the event that made it, changed when it is due, or enabled it again, and from the last time
//! the group went to work; when it last fired is a fact and stays what it was.

use crate::schedule;
use bus::contract::automation::{Rule, Ruleset, Trigger};
use bus::contract::event::{GroupAutomationUpdate, RuleRan};
use bus::contract::op::automation::Status;
use bus::contract::time::{self, Micros};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of what every group begins with.
const FIRST_VERSION: u64 = 1;

/// A group's automation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Automation {
    /// 1, and one more with every change.
    pub version: u64,
    /// Rules and snippets.
    pub ruleset: Ruleset,
    /// What is known of the rules, by id.
    timers: BTreeMap<String, Timer>,
    /// When the group last went to work.
    resumed_at: String,
    /// Who led it then.
    led_by: String,
}

/// What is known of a rule. What has not happened is `""`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Timer {
    /// Since when its clock runs.
    armed_at: String,
    last_fired_at: String,
    last_error_at: String,
    last_error: String,
    /// When a rule for once was done.
    completed_at: String,
}

impl Default for Automation {
    fn default() -> Self {
        let (resumed_at, led_by) = (String::new(), String::new());
        Self { version: FIRST_VERSION, ruleset: Ruleset::baseline(), timers: BTreeMap::new(), resumed_at, led_by }
    }
}

impl Automation {
    /// A rule.
    pub fn rule(&self, rule_id: &str) -> Option<&Rule> {
        self.ruleset.rules.iter().find(|rule| rule.id == rule_id)
    }

    /// Whether a rule was for once and is done.
    pub fn is_completed(&self, rule_id: &str) -> bool {
        self.timers.get(rule_id).is_some_and(|timer| !timer.completed_at.is_empty())
    }

    /// Takes what the rules and snippets are from now on: all are named, and those that are new or different are given.
    pub fn update(&mut self, update: &GroupAutomationUpdate, ts: &str) {
        self.version = update.version.unwrap_or(self.version + 1);
        let given = |rule_id: &String| update.changed_rules.iter().find(|rule| rule.id == *rule_id);
        let rules = update.rules.iter().filter_map(|rule_id| given(rule_id).or_else(|| self.rule(rule_id)).cloned());
        let rules: Vec<Rule> = rules.collect();
        for rule in &update.changed_rules {
            let before = self.rule(&rule.id);
            let is_due_anew = before.is_none_or(|before| before.trigger != rule.trigger);
            let is_enabled_again = before.is_some_and(|before| !before.enabled) && rule.enabled;
            let timer = self.timers.entry(rule.id.clone()).or_default();
            if is_due_anew {
                *timer = Timer { last_fired_at: timer.last_fired_at.clone(), ..Timer::default() };
            }
            if is_due_anew || is_enabled_again {
                ts.clone_into(&mut timer.armed_at);
            }
        }
        self.ruleset.rules = rules;
        self.timers.retain(|rule_id, _| update.rules.contains(rule_id));
        self.ruleset.snippets.retain(|name, _| update.snippets.contains(name));
        self.ruleset.snippets.extend(update.changed_snippets.clone());
    }

    /// Takes what became of a rule that was due.
    pub fn take_run(&mut self, run: &RuleRan, ts: &str) {
        let Some(rule) = self.rule(&run.rule_id) else { return };
        let is_for_once = matches!(rule.trigger, Trigger::At { .. });
        let timer = self.timers.entry(run.rule_id.clone()).or_default();
        match &run.error {
            Some(error) => {
                ts.clone_into(&mut timer.last_error_at);
                timer.last_error.clone_from(error);
            }
            None => {
                ts.clone_into(&mut timer.last_fired_at);
                timer.last_error.clear();
                if is_for_once {
                    ts.clone_into(&mut timer.completed_at);
                }
            }
        }
    }

    /// The group goes to work: every clock begins anew, and nothing that was missed is caught up.
    pub fn resume(&mut self, ts: &str) {
        ts.clone_into(&mut self.resumed_at);
        self.timers.values_mut().for_each(|timer| timer.last_error.clear());
    }

    /// Somebody leads the group, or nobody (`""`); whoever is new at it begins with clocks that begin.
    pub fn follow(&mut self, foreman: &str, ts: &str) {
        if self.led_by != foreman {
            foreman.clone_into(&mut self.led_by);
            self.resume(ts);
        }
    }

    /// How a rule fares at a moment.
    pub fn status(&self, rule: &Rule, now: Micros) -> Status {
        let timer = self.timers.get(&rule.id).cloned().unwrap_or_default();
        let completed = !timer.completed_at.is_empty();
        let times = [&timer.armed_at, &timer.last_fired_at, &self.resumed_at];
        let since = times.into_iter().filter_map(|time| time::parse(time)).max().unwrap_or(now);
        let next = (rule.enabled && !completed).then(|| schedule::next(&rule.trigger, since, now)).flatten();
        let Timer { last_fired_at, last_error_at, last_error, completed_at, .. } = timer;
        let next_fire_at = next.map(time::format).unwrap_or_default();
        Status { last_fired_at, last_error_at, last_error, next_fire_at, completed, completed_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: u32) -> String {
        format!("2026-01-13T12:{minute:02}:00Z")
    }

    fn rule(id: &str, trigger: Trigger) -> Rule {
        Rule { id: id.into(), trigger, ..Ruleset::baseline().rules.remove(0) }
    }

    fn change(automation: &mut Automation, rules: &[&str], changed: &[Rule], at: u32) {
        let update = GroupAutomationUpdate {
            rules: rules.iter().map(|id| (*id).to_owned()).collect(),
            snippets: Vec::new(),
            version: None,
            actions: Vec::new(),
            source: String::new(),
            changed_rules: changed.to_vec(),
            changed_snippets: BTreeMap::new(),
        };
        automation.update(&update, &minute(at));
    }

    fn ran(automation: &mut Automation, rule_id: &str, error: Option<&str>, at: u32) {
        let run = RuleRan { rule_id: rule_id.into(), due_at: String::new(), error: error.map(str::to_owned) };
        automation.take_run(&run, &minute(at));
    }

    fn status(automation: &Automation, rule_id: &str) -> Status {
        automation.status(automation.rule(rule_id).unwrap(), time::parse(&minute(59)).unwrap())
    }

    #[test]
    fn a_clock_begins_anew_with_what_changes_it_and_with_the_groups_work() {
        let every = |minutes: u64| Trigger::Interval { every_seconds: 60 * minutes };
        let mut automation = Automation::default();
        let mut five = rule("five", every(5));
        change(&mut automation, &["five"], &[five.clone()], 0);
        let next = |automation: &Automation| status(automation, "five").next_fire_at;
        assert_eq!(next(&automation), minute(5));
        ran(&mut automation, "five", None, 5);
        assert_eq!(next(&automation), minute(10));
        five.to = vec!["@all".into()];
        change(&mut automation, &["five"], &[five.clone()], 6);
        assert_eq!(next(&automation), minute(10), "who is told does not matter");
        five.trigger = every(6);
        change(&mut automation, &["five"], &[five.clone()], 7);
        assert_eq!(next(&automation), minute(13), "when it is due does");
        five.enabled = false;
        change(&mut automation, &["five"], &[five.clone()], 8);
        assert_eq!(next(&automation), "", "disabled");
        five.enabled = true;
        change(&mut automation, &["five"], &[five.clone()], 9);
        assert_eq!(next(&automation), minute(15), "enabled again");
        automation.resume(&minute(10));
        assert_eq!(next(&automation), minute(16), "the group was paused");
        automation.follow("a", &minute(11));
        automation.follow("a", &minute(12));
        assert_eq!(next(&automation), minute(17), "somebody else leads");
        assert_eq!(status(&automation, "five").last_fired_at, minute(5), "that stays what it was");
        change(&mut automation, &[], &[], 13);
        assert!(automation.timers.is_empty() && automation.version == 7);
    }

    #[test]
    fn a_rule_for_once_is_done_when_it_fired_until_it_is_due_anew() {
        let mut automation = Automation::default();
        let mut once = rule("once", Trigger::At { at: minute(5) });
        change(&mut automation, &["once"], &[once.clone()], 0);
        ran(&mut automation, "once", Some("nobody is there"), 5);
        let failed = status(&automation, "once");
        assert_eq!((failed.last_error.as_str(), failed.last_error_at), ("nobody is there", minute(5)));
        assert_eq!((failed.next_fire_at, failed.completed), (minute(5), false), "it is due still");
        ran(&mut automation, "once", None, 6);
        let done = status(&automation, "once");
        assert_eq!((done.last_error.as_str(), done.completed_at, done.completed), ("", minute(6), true));
        (once.enabled, once.to) = (true, Vec::new());
        change(&mut automation, &["once"], &[once.clone()], 7);
        assert!(status(&automation, "once").completed, "enabled again, it is as done as before");
        once.trigger = Trigger::At { at: minute(30) };
        change(&mut automation, &["once"], &[once], 8);
        let anew = status(&automation, "once");
        assert_eq!((anew.completed, anew.next_fire_at, anew.last_fired_at), (false, minute(30), minute(6)));
        ran(&mut automation, "gone", None, 9);
        assert!(!automation.timers.contains_key("gone"), "a rule that is gone leaves nothing behind");
    }
}
