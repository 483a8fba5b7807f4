//! Who looks at which group right now, as the pages say of themselves. Nothing of it is kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Most characters of what a page says of itself.
const NAME_CHARS_MAX: usize = 40;

/// All pages. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    pages: Arc<Mutex<BTreeMap<u64, Sight>>>,
    changed: watch::Sender<u64>,
}

/// What one page looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sight {
    name: String,
    group_id: Option<String>,
}

impl Presence {
    /// A page has come; it looks at nothing yet. When it is dropped it has left.
    pub fn come(&self) -> (Looking, Others) {
        let number = {
            let mut pages = self.lock();
            let number = pages.last_key_value().map_or(0, |(last, _)| last + 1);
            pages.insert(number, Sight::default());
            number
        };
        let looking = Looking { presence: self.clone(), number };
        let mut changed = self.changed.subscribe();
        changed.mark_changed();
        (looking, Others { presence: self.clone(), number, changed, told: None })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Sight>> {
        // Nothing in here panics half-way through a change.
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The group that a page looks at, and who else does.
    fn seen_by(&self, number: u64) -> Option<(String, Vec<String>)> {
        let pages = self.lock();
        let group_id = pages.get(&number)?.group_id.clone()?;
        let others =
            pages.iter().filter(|(other, sight)| **other != number && sight.group_id.as_ref() == Some(&group_id));
        let others = others.map(|(_, sight)| sight.name.clone()).collect();
        Some((group_id, others))
    }
}

/// What a page says of itself.
#[derive(Debug)]
pub struct Looking {
    presence: Presence,
    number: u64,
}

impl Looking {
    /// It looks at this group from now on.
    pub fn at(&self, name: &str, group_id: Option<String>) {
        let sight = Sight { name: name.chars().take(NAME_CHARS_MAX).collect(), group_id };
        self.presence.lock().insert(self.number, sight);
        self.presence.tell();
    }

    /// What it calls itself.
    pub fn name(&self) -> String {
        self.presence.lock().get(&self.number).map(|sight| sight.name.clone()).unwrap_or_default()
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.presence.lock().remove(&self.number);
        self.presence.tell();
    }
}

/// Who else looks at the group of a page.
#[derive(Debug)]
pub struct Others {
    presence: Presence,
    number: u64,
    changed: watch::Receiver<u64>,
    told: Option<(String, Vec<String>)>,
}

impl Others {
    /// The group that the page looks at and who else does, whenever that is not what was told last. `None` when the
    /// process ends.
    pub async fn next(&mut self) -> Option<(String, Vec<String>)> {
        loop {
            self.changed.changed().await.ok()?;
            let seen = self.presence.seen_by(self.number);
            if seen.is_some() && seen != self.told {
                self.told.clone_from(&seen);
                return seen;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_is_told_who_else_looks_at_its_group() {
        let presence = Presence::default();
        let (desk, mut told) = presence.come();
        let (phone, _others) = presence.come();
        let seen = |names: &[&str]| Some(("g".to_owned(), names.iter().map(|name| (*name).to_owned()).collect()));
        desk.at("desk", Some("g".into()));
        assert_eq!(told.next().await, seen(&[]));
        phone.at("phone", Some("other".into()));
        phone.at("phone", Some("g".into()));
        assert_eq!(told.next().await, seen(&["phone"]));
        drop(phone);
        assert_eq!(told.next().await, seen(&[]));
        assert_eq!(desk.name(), "desk");
    }
}
