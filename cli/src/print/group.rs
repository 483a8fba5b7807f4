//! Groups: the list of them, one of them, its settings.

use super::sentence::text;
use super::table::{Table, cell};
use super::{Page, Tone};
use bus::contract::document::{Group, GroupRow, GroupState};
use bus::contract::op::group::RegistryHealth;
use serde_json::{Map, Value};

/// One line per group; the active one has a star.
pub fn list(page: &Page, groups: &[GroupRow], health: &RegistryHealth, active: &str) -> String {
    let mut table = Table::default();
    for group in groups {
        let is_active = group.group_id == active;
        table.row([
            cell(Tone::Good, if is_active { "*" } else { "" }),
            cell(Tone::Name, &group.group_id),
            cell(if is_active { Tone::Head } else { Tone::Plain }, &group.title),
            cell(state_tone(group.state), group.state.word()),
            cell(Tone::Quiet, if group.running { "running" } else { "" }),
            cell(Tone::Quiet, page.ago(&group.updated_at)),
            cell(Tone::Quiet, &group.path),
            cell(Tone::Bad, if group.registry_health == "ok" { "" } else { &group.registry_health }),
        ]);
    }
    let mut text = table.text(page, 0);
    if groups.is_empty() {
        text += &format!("{}\n", page.paint(Tone::Quiet, "no groups yet; run `cccc attach .` in a project"));
    }
    for (ids, what) in
        [(&health.missing_group_ids, "its folder is gone"), (&health.corrupt_group_ids, "cannot be read")]
    {
        for id in ids {
            text += &format!("{}\n", page.paint(Tone::Bad, &format!("{id}: {what}")));
        }
    }
    text
}

/// How a state looks.
pub fn state_tone(state: GroupState) -> Tone {
    match state {
        GroupState::Active => Tone::Good,
        GroupState::Idle => Tone::Quiet,
        GroupState::Paused => Tone::Warn,
    }
}

/// Everything about one group.
pub fn show(page: &Page, group: &Group) -> String {
    let mut text = format!("{} {}\n", page.paint(Tone::Name, &group.group_id), page.paint(Tone::Head, &group.title));
    if let Some(why) = &group.damaged {
        text += &format!("  {}\n", page.paint(Tone::Bad, &format!("damaged, can only be read: {why}")));
    }
    let mut facts = Table::default();
    let running = if group.running { "running" } else { "not running" };
    facts.row([cell(Tone::Quiet, "state"), cell(state_tone(group.state), format!("{}, {running}", group.state))]);
    if !group.topic.is_empty() {
        facts.row([cell(Tone::Quiet, "topic"), cell(Tone::Plain, &group.topic)]);
    }
    facts.row([cell(Tone::Quiet, "created"), cell(Tone::Plain, page.clock(&group.created_at))]);
    for scope in &group.scopes {
        let active = if scope.scope_key == group.active_scope_key { " (active)" } else { "" };
        facts.row([
            cell(Tone::Quiet, "folder"),
            cell(Tone::Plain, format!("{} {}{active}", scope.url, scope.scope_key)),
        ]);
    }
    for actor in &group.actors {
        let off = if actor.enabled { "" } else { ", off" };
        let words = shell_words::join(&actor.command);
        let row = format!("{} ({}, {}{off}) {words}", actor.id, actor.runtime, actor.runner);
        facts.row([cell(Tone::Quiet, "actor"), cell(Tone::Plain, row)]);
    }
    text += &facts.text(page, 2);
    if !group.settings.is_empty() {
        text += &settings(page, &group.settings);
    }
    text
}

/// Settings, one per line.
pub fn settings(page: &Page, settings: &Map<String, Value>) -> String {
    Table::of(settings.iter().map(|(key, value)| [cell(Tone::Quiet, key), cell(Tone::Plain, text(value))]))
        .text(page, 2)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::json;

    /// A row of `groups`.
    pub fn row(id: &str, title: &str, path: &str) -> GroupRow {
        serde_json::from_value(
            json!({"group_id": id, "title": title, "topic": "", "path": path, "default_scope_key": "",
            "created_at": "2026-01-13T10:00:00Z", "updated_at": "2026-01-13T12:30:00Z", "running": title == "one",
            "registry_health": "ok", "state": "active"}),
        )
        .expect("a row")
    }

    #[test]
    fn the_active_group_has_a_star() {
        let groups = [row("g_000000000001", "one", "/w/one"), row("g_000000000002", "a longer title", "")];
        let health = RegistryHealth { missing_group_ids: vec!["g_3".into()], corrupt_group_ids: vec![] };
        let wanted = "*  g_000000000001  one             active  running  4m  /w/one\n   \
                      g_000000000002  a longer title  active           4m\n\
                      g_3: its folder is gone\n";
        assert_eq!(list(&page(), &groups, &health, "g_000000000001"), wanted);
        let none = list(&page(), &[], &RegistryHealth::default(), "");
        assert_eq!(none, "no groups yet; run `cccc attach .` in a project\n");
    }

    #[test]
    fn a_group_is_shown_whole() {
        let group: Group = serde_json::from_value(json!({"v": 1, "group_id": "g_1", "title": "T", "topic": "ship it",
            "created_at": "2026-01-13T10:00:00Z", "updated_at": "", "running": true, "state": "paused",
            "active_scope_key": "s_1", "settings": {"default_send_to": "foreman", "min_interval_seconds": 0},
            "scopes": [{"scope_key": "s_1", "url": "/w/one"}],
            "actors": [{"v": 1, "id": "a", "runtime": "custom", "command": ["x", "a b"], "created_at": "", "updated_at": ""}]}))
        .unwrap();
        let wanted = "g_1 T\n  state    paused, running\n  topic    ship it\n  created  10:00:00\n  folder   /w/one s_1 (active)\n  \
                      actor    a (custom, pty) x 'a b'\n  default_send_to       foreman\n  min_interval_seconds  0\n";
        assert_eq!(show(&page(), &group), wanted);
    }
}
