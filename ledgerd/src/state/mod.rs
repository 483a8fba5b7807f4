//! Everything ledgerd knows: a fold of the home's ledger and of every group's.
//!
//! Pure: no clock, no file. [`State::apply`] cannot fail and is the only way state changes, so a replay of the ledgers
//! gives the same state, and a snapshot is only a replay that was done before.

pub mod ack;
pub mod actor;
mod apply;
pub mod asked;
pub mod automation;
pub mod context;
pub mod group;
pub mod headless;
pub mod home;
pub mod im;
pub mod index;
pub mod packed;
pub mod prompt;
pub mod push;
pub mod queue;
pub mod remote;
pub mod reply;
pub mod secret;
pub mod seq_list;
pub mod session;
pub mod settings;
pub mod tracked;
pub mod unread;
pub mod view;
pub mod web;

use crate::decision::{HOME, Head};
use bus::contract::event::KINDS;
use bus::contract::{Event, OpError, time};
use group::Group;
use home::Home;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Number of the snapshots' shape. Raise it with every change of a stored type or of what an event does.
pub const SNAPSHOT: u32 = 20;

/// The whole state.
#[derive(Debug, Default)]
pub struct State {
    /// Facts about the home.
    pub home: Home,
    /// Folds of the groups' ledgers, whether or not the home knows the group yet.
    groups: BTreeMap<String, Group>,
}

#[derive(Serialize, Deserialize)]
struct Snapshot<T> {
    format: u32,
    /// Kinds are stored as their place in the table; another table is another shape.
    kinds: String,
    fold: T,
}

impl State {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last event of a ledger.
    pub fn head(&self, ledger: &str) -> Option<Head> {
        if ledger == HOME { self.home.head } else { self.groups.get(ledger)?.head }
    }

    /// Takes the next event of a ledger.
    pub fn apply(&mut self, ledger: &str, event: &Event) {
        let last = self.head(ledger).map_or(0, |head| head.ts);
        // A time that cannot be read was written by somebody else; the order of the ledger still counts.
        let head = Head { seq: event.seq, ts: time::parse(&event.ts).unwrap_or(last + 1) };
        if ledger != HOME {
            self.group_mut(ledger).apply(event, head);
        } else if let Some(gone) = self.home.apply(event, head) {
            self.groups.remove(&gone);
        }
    }

    /// Forgets a ledger, before it is replayed again.
    pub fn forget(&mut self, ledger: &str) {
        if ledger == HOME {
            self.home = Home::default();
        } else {
            self.groups.remove(ledger);
        }
    }

    /// Notes that a ledger is damaged before its tail: what was read of it is shown, and nothing is written to it.
    pub fn set_damaged(&mut self, ledger: &str, why: String) {
        if ledger == HOME {
            self.home.damaged = Some(why);
        } else {
            self.group_mut(ledger).damaged = Some(why);
        }
    }

    /// Why a ledger can only be read.
    pub fn damage(&self, ledger: &str) -> Option<&str> {
        if ledger == HOME { self.home.damaged.as_deref() } else { self.groups.get(ledger)?.damaged.as_deref() }
    }

    /// A snapshot of one ledger's fold.
    pub fn save(&self, ledger: &str) -> Vec<u8> {
        if ledger == HOME { pack(&self.home) } else { pack(&self.groups.get(ledger)) }
    }

    /// Takes a snapshot in place of a replay. False, and nothing changed, when it was made by another version.
    pub fn load(&mut self, ledger: &str, bytes: &[u8]) -> bool {
        if ledger == HOME {
            return unpack(bytes).map(|home| self.home = home).is_some();
        }
        let Some(group) = unpack::<Option<Group>>(bytes).flatten().filter(|group| group.id == ledger) else {
            return false;
        };
        self.groups.insert(ledger.to_owned(), group);
        true
    }

    /// Ids of the groups that belong to this home.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> {
        self.home.groups.iter().map(String::as_str)
    }

    /// A group of this home.
    ///
    /// # Errors
    ///
    /// `group_not_found`.
    pub fn group(&self, group_id: &str) -> Result<&Group, OpError> {
        let known = self.home.groups.contains(group_id);
        self.groups.get(group_id).filter(|_| known).ok_or_else(|| OpError::group_not_found(group_id))
    }

    fn group_mut(&mut self, group_id: &str) -> &mut Group {
        self.groups.entry(group_id.to_owned()).or_insert_with(|| Group::new(group_id))
    }
}

fn pack<T: Serialize>(fold: &T) -> Vec<u8> {
    let snapshot = Snapshot { format: SNAPSHOT, kinds: KINDS.join(" "), fold };
    rmp_serde::to_vec_named(&snapshot).expect("state is plain data")
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    // A snapshot that cannot be read is as good as none: the ledger has everything.
    let snapshot: Snapshot<T> = rmp_serde::from_slice(bytes).ok()?;
    (snapshot.format == SNAPSHOT && snapshot.kinds == KINDS.join(" ")).then_some(snapshot.fold)
}
