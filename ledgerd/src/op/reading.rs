//! What is on disk only and must be read before an op is decided, in the shapes in which ops ask for it.

use super::attachment;
use crate::decision::{HOME, LedgerName, Needs};
use crate::state::State;
use crate::state::group::Group;
use crate::state::secret::Secrets;
use serde_json::Value;

/// Events of a group.
pub fn events(group: &Group, seqs: impl IntoIterator<Item = u64>) -> Needs {
    Needs { events: seqs.into_iter().map(|seq| (group.id.clone(), seq)).collect(), ..Needs::default() }
}

/// The event that is named, if there is one.
pub fn event(state: &State, group_id: &str, event_id: &str) -> Needs {
    state.group(group_id).map(|group| events(group, group.index.find(event_id))).unwrap_or_default()
}

/// The stored files that a message names.
pub fn files(state: &State, group_id: &str, attachments: &Value) -> Needs {
    let Ok(group) = state.group(group_id) else { return Needs::default() };
    let paths = attachment::paths(attachments).into_iter();
    Needs { files: paths.map(|path| (group.id.clone(), path)).collect(), ..Needs::default() }
}

/// Values of secrets.
pub fn secrets(files: impl IntoIterator<Item = (LedgerName, String)>) -> Needs {
    Needs { secrets: files.into_iter().collect(), ..Needs::default() }
}

/// The private environment that an actor starts with: its own, or its profile's.
pub fn secrets_of_actor(state: &State, group_id: &str, actor_id: &str) -> Needs {
    let file = || {
        let group = state.group(group_id).ok()?;
        let (ledger, secrets) = state.secrets_of(&group.id, group.actor_state(actor_id)?);
        file(ledger, secrets)
    };
    secrets(file())
}

/// What a profile keeps secret.
pub fn secrets_of_profile(state: &State, profile_id: &str) -> Needs {
    secrets(state.home.profiles.get(profile_id).and_then(|kept| file(HOME, &kept.secrets)))
}

/// Where the values of some secrets are, if there are any.
pub fn file(ledger: &str, secrets: &Secrets) -> Option<(LedgerName, String)> {
    (!secrets.version.is_empty()).then(|| (ledger.to_owned(), secrets.version.clone()))
}
