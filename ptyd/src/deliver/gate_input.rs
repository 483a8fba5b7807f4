//! What the gate looks at, read off a live session.

use super::gate::{self, Session};
use crate::session::{Live, foreground};
use bus::contract::Actor;
use bus::contract::document::TerminalState;
use bus::contract::runtime::{self, Composer};
use std::time::Duration;

/// What is known of the program of an actor.
pub fn composer(actor: &Actor) -> Composer {
    runtime::terminal(&actor.runtime, &actor.command).composer()
}

/// How an actor's terminal is, in the word that lists show.
pub fn state(live: Option<&Live>, actor: &Actor) -> TerminalState {
    gate::state(actor.deliver, live.map(|live| session(live, None)).as_ref())
}

/// How things are with a session now. `since_introduction` is how long ago it was told who it is, if anybody has seen that.
pub fn session(live: &Live, since_introduction: Option<Duration>) -> Session {
    let spot = live.spot();
    let (since_output, since_last_output) = {
        let screen = live.screen();
        (screen.since_first_output(), screen.since_last_output())
    };
    Session {
        age: live.age(),
        since_output,
        since_last_output,
        paste_on: live.paste_on(),
        foreground: foreground::kind(live.pid()),
        spot,
        introduced: live.journal().introduced,
        since_introduction,
        person: live.person_busy(),
        draft: live.draft(spot),
    }
}
