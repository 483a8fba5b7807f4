//! What keeps ptyd from doing what it should, and what it says of itself.

use bus::daemon::TROUBLE;
use std::collections::BTreeMap;
use tokio::sync::watch;

/// What it says of itself when all is well.
const STATUS: &str = "serving terminals";

/// The troubles that there are now.
#[derive(Debug, Default)]
pub struct Troubles(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    /// With terminals that cannot be found: it is about all groups.
    terminals: Option<String>,
    /// Groups whose assignments cannot be read, and why.
    groups: BTreeMap<String, String>,
}

impl Troubles {
    /// Notes whether the assignments of a group can be read, and why not.
    pub fn note_group(&self, group_id: &str, trouble: Option<String>) {
        self.0.send_if_modified(|State { groups, .. }| match trouble {
            Some(trouble) => groups.insert(group_id.to_owned(), trouble.clone()).as_ref() != Some(&trouble),
            None => groups.remove(group_id).is_some(),
        });
    }

    /// Notes whether the terminals that run can be found, and why not.
    pub fn note_terminals(&self, trouble: Option<String>) {
        self.0.send_modify(|state| state.terminals = trouble);
    }

    /// Tells the status whenever it has changed, for ever.
    pub async fn follow(&self, tell: impl Fn(&str)) {
        let mut changes = self.0.subscribe();
        // We hold the sender.
        while changes.changed().await.is_ok() {
            tell(&self.status());
        }
    }

    /// What ptyd says of itself. What is wrong with terminals comes first: it is about all groups.
    pub fn status(&self) -> String {
        let State { terminals, groups } = &*self.0.borrow();
        let of_groups = groups.first_key_value().map(|(group_id, why)| {
            format!("nothing is typed or started in {group_id}, whose assignments cannot be read: {why}")
        });
        let all: Vec<_> = terminals.clone().into_iter().chain(of_groups).collect();
        match all.is_empty() {
            true => STATUS.to_owned(),
            false => format!("{STATUS}{TROUBLE}{}", all.join("; ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_tells_what_is_wrong_and_terminals_first() {
        let troubles = Troubles::default();
        assert_eq!(troubles.status(), STATUS);
        troubles.note_group("g", Some("no disk".into()));
        troubles.note_terminals(Some("2 are lost".into()));
        let said = "2 are lost; nothing is typed or started in g, whose assignments cannot be read: no disk";
        assert_eq!(troubles.status(), format!("{STATUS}{TROUBLE}{said}"));
        troubles.note_group("g", None);
        troubles.note_terminals(None);
        assert_eq!(troubles.status(), STATUS);
    }

    #[test]
    fn what_is_known_already_wakes_nobody() {
        let troubles = Troubles::default();
        let changes = troubles.0.subscribe();
        troubles.note_group("g", None);
        assert!(!changes.has_changed().unwrap());
        troubles.note_group("g", Some("no disk".into()));
        assert!(changes.has_changed().unwrap());
    }
}
