//! Whether an agent's program knows our tools, looked at once, beside the start: an agent goes to work without them, too.

use super::Live;
use super::launcher::Launcher;
use bus::contract::op::delivery::Place;
use bus::contract::runtime::{self, Runtime};
use bus::setup::{self, State, Surroundings};
use std::ffi::OsString;
use std::sync::Arc;

/// What is said of a program whose configuration cannot be read.
const UNKNOWN: &str = "unknown";

/// Begins to look, and waits for nothing. What is found is the session's: a program learns of its servers when it starts.
pub fn look(launcher: &Launcher, place: &Place, live: &Arc<Live>) {
    let Some((runtime, world)) = surroundings(launcher, place, std::env::vars_os()) else { return };
    let live = Arc::clone(live);
    let actor_id = place.actor.id.clone();
    tokio::task::spawn_blocking(move || {
        let word = word(&world, runtime, &actor_id);
        live.note_tools(word);
    });
}

/// The program's row and where it looks; `None` for a program that we do not know.
fn surroundings(
    launcher: &Launcher,
    place: &Place,
    inherited: impl IntoIterator<Item = (OsString, OsString)>,
) -> Option<(&'static Runtime, Surroundings)> {
    let name = runtime::executable(&place.actor.command)?;
    let runtime = runtime::TABLE.iter().find(|runtime| runtime.executable == name)?;
    let own = place.actor.env.iter().map(|(name, value)| (name.into(), value.into()));
    let project = place.directory.as_ref().ok()?;
    Some((runtime, Surroundings::new(inherited.into_iter().chain(own), project, launcher.command()?)))
}

/// The word for lists; `""` where there is nothing to be said.
fn word(world: &Surroundings, runtime: &'static Runtime, actor_id: &str) -> &'static str {
    match setup::known(world, runtime) {
        Ok(State::Ready | State::ByHand) => "",
        Ok(state) => {
            tracing::info!(actor_id, runtime = runtime.id, %state, "an agent starts without our tools");
            state.word()
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::warn!(actor_id, runtime = runtime.id, %error, cause, "nobody knows whether an agent has our tools");
            UNKNOWN
        }
    }
}
