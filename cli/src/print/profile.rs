//! Profiles: what they are, and who is linked to them.

use super::table::{Table, cell};
use super::{Page, Tone};
use bus::contract::op::profile::{Got, Listing};

/// One line per profile.
pub fn list(page: &Page, listings: &[Listing]) -> String {
    if listings.is_empty() {
        return page.paint(Tone::Quiet, "no profiles yet; make one with `cccc profile set <id>`") + "\n";
    }
    let mut table = Table::default();
    for Listing { profile, usage_count } in listings {
        table.row([
            cell(Tone::Name, &profile.id),
            cell(Tone::Plain, &profile.name),
            cell(Tone::Plain, &profile.runtime),
            cell(Tone::Quiet, profile.runner.word()),
            cell(Tone::Quiet, format!("revision {}", profile.revision)),
            cell(Tone::Plain, used(*usage_count)),
        ]);
    }
    table.text(page, 0)
}

/// Everything about a profile.
pub fn show(page: &Page, got: &Got) -> String {
    let profile = &got.profile;
    let mut table = Table::default();
    #[rustfmt::skip]
    let rows = [
        ("id",       profile.id.clone()),
        ("name",     profile.name.clone()),
        ("runtime",  profile.runtime.clone()),
        ("runner",   profile.runner.word().to_owned()),
        ("command",  shell_words::join(&profile.command)),
        ("submit",   profile.submit.word().to_owned()),
        ("revision", profile.revision.to_string()),
        ("linked",   used(got.usage.len() as u64)),
    ];
    for (name, value) in rows {
        table.row([cell(Tone::Quiet, name), cell(Tone::Plain, value)]);
    }
    for usage in &got.usage {
        let actor = format!("{} in {} ({})", usage.actor_id, usage.group_id, usage.group_title);
        table.row([cell(Tone::Plain, ""), cell(Tone::Name, actor)]);
    }
    table.text(page, 0)
}

fn used(count: u64) -> String {
    match count {
        0 => "nobody".into(),
        1 => "1 actor".into(),
        count => format!("{count} actors"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::json;

    #[test]
    fn a_profile_says_what_it_is_and_who_follows_it() {
        let row = json!({"v": 1, "id": "p", "name": "Reviewers", "runtime": "custom", "command": ["sh", "-c", "a b"],
                         "created_at": "", "updated_at": "", "revision": 3});
        let mut listing = row.clone();
        listing["usage_count"] = 2.into();
        let listed = list(&page(), &[serde_json::from_value(listing).unwrap()]);
        assert_eq!(listed, "p  Reviewers  custom  pty  revision 3  2 actors\n");
        assert_eq!(list(&page(), &[]), "no profiles yet; make one with `cccc profile set <id>`\n");

        let usage = json!([{"group_id": "g_1", "group_title": "One", "actor_id": "a", "actor_title": ""}]);
        let got: Got = serde_json::from_value(json!({"profile": row, "usage": usage})).unwrap();
        let shown = show(&page(), &got);
        for line in ["command   sh -c 'a b'", "submit    enter", "linked    1 actor", "a in g_1 (One)"] {
            assert!(shown.contains(line), "{line:?} is not in\n{shown}");
        }
    }
}
