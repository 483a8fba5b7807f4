//! What state knows of secrets: that there are some, what they are called, and which file has them.

use super::State;
use crate::decision::HOME;
use crate::state::actor::ActorState;
use bus::contract::document::Profile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The secrets of one actor or of one profile, without a single value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// Names the file below `secrets/<ledger>/`; `""` when there are none.
    pub version: String,
    /// Names of the variables, sorted.
    pub keys: Vec<String>,
}

/// A profile and its secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// The profile.
    pub profile: Profile,
    /// Its secrets.
    pub secrets: Secrets,
}

impl State {
    /// Whose secrets an actor starts with, its own or its profile's: the ledger that names them, and what it says.
    pub fn secrets_of<'a>(&'a self, group_id: &'a str, actor_state: &'a ActorState) -> (&'a str, &'a Secrets) {
        let linked = actor_state.actor.profile_id.as_ref().and_then(|profile_id| self.home.profiles.get(profile_id));
        match linked {
            Some(kept) => (HOME, &kept.secrets),
            None => (group_id, &actor_state.secrets),
        }
    }

    /// Versions of secrets that the events of a ledger name; `None` when nobody can tell, because the ledger is
    /// damaged or not there.
    pub fn versions(&self, ledger: &str) -> Option<BTreeSet<&str>> {
        if self.damage(ledger).is_some() {
            return None;
        }
        let mut versions: BTreeSet<&str> = if ledger == HOME {
            let of_profiles = self.home.profiles.values().map(|kept| kept.secrets.version.as_str());
            let ours = [&self.home.remote.token, &self.home.web_tokens.hashes, &self.home.push.secrets];
            of_profiles.chain(ours.map(|secrets| secrets.version.as_str())).collect()
        } else {
            let group = self.group(ledger).ok()?;
            let of_actors = group.actor_states.iter().map(|actor_state| actor_state.secrets.version.as_str());
            of_actors.chain([group.im.credentials.version.as_str(), group.im.keys_version.as_str()]).collect()
        };
        // Whoever has none names none.
        versions.remove("");
        Some(versions)
    }

    /// Actors that are linked to a profile, and their groups.
    pub fn linked<'a>(
        &'a self,
        profile_id: &'a str,
    ) -> impl Iterator<Item = (&'a super::group::Group, &'a ActorState)> {
        let groups = self.groups().filter_map(|group_id| self.group(group_id).ok());
        let actor_states =
            groups.flat_map(|group| group.actor_states.iter().map(move |actor_state| (group, actor_state)));
        actor_states.filter(move |(_, actor_state)| actor_state.actor.profile_id.as_deref() == Some(profile_id))
    }
}
