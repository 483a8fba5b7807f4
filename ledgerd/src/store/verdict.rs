//! Whether a ledger whose lines are right is the one that should lie there: one judgement for the start and for verify.

use super::StoreError;
use super::layout::Layout;
use super::scan::{Damage, Ending, Place};
use crate::decision::HOME;
use bus::contract::event::Opened;
use bus::contract::{Event, version};
use std::error::Error as _;
use std::path::Path;

/// Why a ledger that has damage before its tail can only be read.
pub fn damaged(path: &Path, damage: &Damage) -> String {
    format!("{}: {damage}; what lies before can be read", path.display())
}

/// How many events a snapshot has seen that are not there: of a ledger that has so many bytes, and whose whole requests
/// end at `place`. Nothing that a snapshot has seen was never acknowledged, so it is no torn tail.
pub fn missing(seen: Place, bytes: u64, place: Place, ending: &Ending) -> Option<u64> {
    (seen.offset > bytes || (*ending == Ending::Torn && seen.seq > place.seq)).then_some(seen.seq)
}

/// Why a ledger can only be read that has `events`, and had `wanted` when its snapshot was made.
pub fn shortened(layout: &Layout, ledger: &str, events: u64, wanted: u64) -> String {
    format!(
        "{}: it has {events} events, and {wanted} were there when its snapshot was made; put the rest back, or, if it is \
         meant to be so, remove {}",
        layout.ledger(ledger).display(),
        layout.snapshot(ledger).display()
    )
}

/// Why nothing can be done with a ledger that the system does not read.
pub fn unreadable(error: &StoreError) -> String {
    format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default())
}

/// Why a ledger is not the one that should lie in its place. `first` is its first event; `is_known` says whether the
/// home's ledger has its group.
pub fn misplaced(layout: &Layout, ledger: &str, is_known: bool, first: Option<&Event>) -> Option<String> {
    let path = layout.ledger(ledger);
    let (wanted, is_home) = if ledger == HOME { ("", true) } else { (ledger, false) };
    match first {
        Some(event) if event.group_id == wanted => None,
        Some(event) if event.group_id.is_empty() => Some(format!("{} is the ledger of a home", path.display())),
        Some(event) => Some(format!("{} is the ledger of {}", path.display(), event.group_id)),
        None if is_known && !is_home => Some(format!("{}: it has no events", path.display())),
        None => None,
    }
}

/// Checks that this version knows the layout of a home.
///
/// # Errors
///
/// [`StoreError::Newer`].
pub fn check_version(layout: &Layout, last: &Opened) -> Result<(), StoreError> {
    if last.home_version > version::HOME {
        let (home, version) = (layout.root().to_path_buf(), last.version.clone());
        return Err(StoreError::Newer { home, version, layout: last.home_version });
    }
    Ok(())
}
