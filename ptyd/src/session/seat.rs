//! Who sits at the keyboard, as all viewers are told.

use super::Live;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

/// A viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Which one.
    pub number: u64,
    /// What others are told of who it is.
    pub name: Arc<str>,
}

impl Live {
    /// Who has the keyboard, and who has it from then on.
    pub fn seat(&self) -> watch::Receiver<Option<Viewer>> {
        self.seat.subscribe()
    }

    /// A viewer takes the keyboard, from whomever. What is typed already stays.
    pub fn take_keyboard(&self, viewer: &Viewer) {
        let mut person = self.lock_person();
        person.seize(viewer.number, Instant::now());
        self.sit(Some(viewer));
    }

    /// A viewer is gone, or looks on: the keyboard is free for the next one.
    pub fn leave_keyboard(&self, viewer: &Viewer) {
        if self.lock_person().leaves(viewer.number) {
            self.sit(None);
        }
    }

    /// Tells who has the keyboard now. While the person's lock is held, so that the last word is the right one.
    pub(super) fn sit(&self, viewer: Option<&Viewer>) {
        self.seat.send_if_modified(|seat| {
            let is_new = seat.as_ref() != viewer;
            if is_new {
                *seat = viewer.cloned();
            }
            is_new
        });
    }
}
