//! Templates: what one would change, and what it has changed.

use super::{Page, Tone};
use bus::contract::op::template::{Diff, ImportReplaced, Previewed};

/// What is in a template, and what it would change.
pub fn preview(page: &Page, reply: &Previewed) -> String {
    let summary = &reply.template;
    let actors: Vec<_> = summary.actors.iter().map(|actor| format!("{} ({})", actor.id, actor.runtime)).collect();
    let mut told = page.paint(Tone::Head, &summary.title) + "\n";
    told += &line(page, "actors", &actors);
    let automation = format!("{} rules, {} snippets", summary.automation.rules, summary.automation.snippets);
    told += &line(page, "automation", &[automation]);
    told + &diff(page, &reply.diff)
}

fn diff(page: &Page, diff: &Diff) -> String {
    let settings: Vec<_> = diff
        .settings_changed
        .iter()
        .map(|(key, change)| format!("{key} = {} (it is {})", change.to, change.from))
        .collect();
    let prompts: Vec<_> =
        diff.prompts_changed.iter().filter(|(_, change)| change.changed).map(|(kind, _)| kind.to_string()).collect();
    let parts = [
        ("would add", &diff.actors_add),
        ("would change", &diff.actors_update),
        ("would remove", &diff.actors_remove),
        ("would set", &settings),
        ("would replace the text", &prompts),
    ];
    let told: String = parts.into_iter().map(|(what, names)| line(page, what, names)).collect();
    if told.is_empty() { page.paint(Tone::Quiet, "  nothing else would change") + "\n" } else { told }
}

/// What an import has changed.
pub fn imported(page: &Page, reply: &ImportReplaced) -> String {
    let settings: Vec<_> = reply.settings_patch.keys().cloned().collect();
    let prompts: Vec<_> = reply.prompt_paths.keys().map(ToString::to_string).collect();
    let parts = [
        ("added", &reply.added),
        ("changed", &reply.updated),
        ("removed", &reply.removed),
        ("settings", &settings),
        ("texts", &prompts),
        ("rules", &reply.automation.rule_ids),
    ];
    let (id, place) = (&reply.group_id, &page.place);
    let head = format!("group {id} is as the template says; start it with `cccc group start{place}`");
    let rest: String = parts.into_iter().map(|(what, names)| line(page, what, names)).collect();
    page.paint(Tone::Plain, &head) + "\n" + &rest
}

fn line(page: &Page, what: &str, names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("  {} {}\n", page.paint(Tone::Quiet, &format!("{what}:")), page.paint(Tone::Plain, &names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::json;

    #[test]
    fn a_preview_and_an_import_are_told_line_by_line() {
        let summary = json!({"kind": "", "v": 1, "title": "Team", "topic": "", "exported_at": "", "cccc_version": "",
            "actors": [{"id": "a", "title": "", "runtime": "claude", "runner": "pty", "command": [], "submit": "enter", "enabled": true}],
            "settings": {}, "automation": {"rules": 1, "snippets": 0}, "prompts": {}});
        let change = |changed: bool| {
            json!({"changed": changed, "current_chars": 0, "new_chars": 0,
            "current_source": "builtin", "new_source": "builtin"})
        };
        let told =
            |diff| preview(&page(), &serde_json::from_value(json!({"template": summary, "diff": diff})).unwrap());
        let head = "Team\n  actors: a (claude)\n  automation: 1 rules, 0 snippets\n";
        let diff = json!({"actors_add": ["a"], "actors_update": [], "actors_remove": ["b", "c"],
            "settings_changed": {"min_interval_seconds": {"from": 0, "to": 7}},
            "prompts_changed": {"preamble": change(true), "help": change(false)}});
        let changes = "  would add: a\n  would remove: b, c\n  would set: min_interval_seconds = 7 (it is 0)\n  \
                       would replace the text: preamble\n";
        assert_eq!(told(diff), format!("{head}{changes}"));
        let nothing = json!({"actors_add": [], "actors_update": [], "actors_remove": [], "settings_changed": {}, "prompts_changed": {}});
        assert_eq!(told(nothing), format!("{head}  nothing else would change\n"));
        let reply = json!({"group_id": "g_1", "applied": true, "removed": [], "added": ["a"], "updated": [], "settings_patch": {},
            "prompt_paths": {}, "automation": {"rule_ids": ["standup"], "snippet_ids": []}});
        assert_eq!(
            imported(&page().about(" -g one"), &serde_json::from_value(reply).unwrap()),
            "group g_1 is as the template says; start it with `cccc group start -g one`\n  added: a\n  rules: standup\n"
        );
    }
}
