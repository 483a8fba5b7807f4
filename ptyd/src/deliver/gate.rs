//! The gate: whether text may be typed into a terminal now, and if not, why and until when.
//!
//! Pure: what is known about the session is handed in as [`Sight`], ages instead of times.

use bus::contract::document::{Deliver, GroupState};
use bus::contract::held::Reason;
use bus::contract::runtime::Terminal;
use std::time::Duration;

/// How long a program without any output is given to start.
pub const SILENT_START: Duration = Duration::from_secs(10);

/// How long a program is given after its first output, and after it has switched bracketed paste on.
pub const SETTLE: Duration = Duration::from_secs(1);

/// How long a program is given to take in who it is before its first message follows.
pub const INTRODUCTION_PAUSE: Duration = Duration::from_secs(1);

/// What is known about an actor's terminal.
#[derive(Debug, Clone, Copy)]
pub struct Sight {
    /// State of the group.
    pub state: GroupState,
    /// The actor's setting.
    pub deliver: Deliver,
    /// What the runtime's row says.
    pub terminal: Terminal,
    /// The session, if one is alive.
    pub session: Option<Session>,
    /// How long ago the last delivery was, and how long it has to be.
    pub since_delivery: Option<Duration>,
    /// `min_interval_seconds`.
    pub interval: Duration,
}

/// What is known about a session that is alive.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// How long it has lived.
    pub age: Duration,
    /// How long ago its first output was.
    pub since_output: Option<Duration>,
    /// How long bracketed paste has been on.
    pub paste_on: Option<Duration>,
    /// Whether it was told who it is.
    pub introduced: bool,
    /// How long ago that was, if we have seen it.
    pub since_introduction: Option<Duration>,
    /// How long a person's keys will keep others out.
    pub person: Option<Duration>,
}

/// Whether to type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Now.
    Open,
    /// Not now. With a duration: look again then. Without: something will happen that says so.
    Held(Reason, Option<Duration>),
}

/// Looks at everything in the order in which a person would like to be told.
pub fn check(sight: &Sight) -> Gate {
    if sight.deliver == Deliver::Inbox {
        return Gate::Held(Reason::Inbox, None);
    }
    let Some(session) = sight.session else { return Gate::Held(Reason::NoSession, None) };
    if sight.state == GroupState::Paused {
        return Gate::Held(Reason::Paused, None);
    }
    if let Some(gate) = starting(&session).or_else(|| readiness(sight, &session)) {
        return gate;
    }
    let introduced = session.since_introduction.map(|since| INTRODUCTION_PAUSE.saturating_sub(since));
    if let Some(left) = introduced.filter(|left| !left.is_zero()) {
        return Gate::Held(Reason::Starting, Some(left));
    }
    if let Some(left) = session.person {
        return Gate::Held(Reason::Person, Some(left));
    }
    match sight.since_delivery.and_then(|since| sight.interval.checked_sub(since)).filter(|left| !left.is_zero()) {
        Some(left) => Gate::Held(Reason::Interval, Some(left)),
        None => Gate::Open,
    }
}

fn starting(session: &Session) -> Option<Gate> {
    let left = match session.since_output {
        Some(since) => SETTLE.saturating_sub(since),
        None => SILENT_START.saturating_sub(session.age),
    };
    (!left.is_zero()).then_some(Gate::Held(Reason::Starting, Some(left)))
}

fn readiness(sight: &Sight, session: &Session) -> Option<Gate> {
    if let Some(since) = session.paste_on {
        let left = SETTLE.saturating_sub(since);
        return (!session.introduced && !left.is_zero()).then_some(Gate::Held(Reason::Starting, Some(left)));
    }
    let known = sight.terminal == Terminal::Composer;
    match (sight.deliver, session.introduced) {
        (Deliver::Typed, _) => None,
        // A known program without bracketed paste is an old one: after a while it gets its text all the same.
        (Deliver::Auto, false) if known => {
            let left = SILENT_START.saturating_sub(session.age);
            (!left.is_zero()).then_some(Gate::Held(Reason::Starting, Some(left)))
        }
        (Deliver::Auto, true) if known => None,
        (Deliver::Auto | Deliver::Inbox, _) => Some(Gate::Held(Reason::NotReady, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    const READY: Session = Session {
        age: ms(60_000),
        since_output: Some(ms(60_000)),
        paste_on: Some(ms(50_000)),
        introduced: true,
        since_introduction: None,
        person: None,
    };

    const SIGHT: Sight = Sight {
        state: GroupState::Active,
        deliver: Deliver::Auto,
        terminal: Terminal::Unknown,
        session: Some(READY),
        since_delivery: None,
        interval: Duration::ZERO,
    };

    #[test]
    fn text_is_typed_when_a_program_is_ready_for_it_and_not_before() {
        use Gate::{Held, Open};
        use Terminal::{Composer, Unknown};
        let session = |session| Sight { session: Some(session), ..SIGHT };
        #[rustfmt::skip]
        let cases = [
            ("ready",                          SIGHT, Open),
            ("idle delivers",                  Sight { state: GroupState::Idle, ..SIGHT }, Open),
            ("paused",                         Sight { state: GroupState::Paused, ..SIGHT }, Held(Reason::Paused, None)),
            ("no session",                     Sight { session: None, ..SIGHT }, Held(Reason::NoSession, None)),
            ("paused and no session",          Sight { session: None, state: GroupState::Paused, ..SIGHT }, Held(Reason::NoSession, None)),
            ("inbox only",                     Sight { deliver: Deliver::Inbox, ..SIGHT }, Held(Reason::Inbox, None)),
            ("no output yet",                  session(Session { age: ms(4_000), since_output: None, ..READY }), Held(Reason::Starting, Some(ms(6_000)))),
            ("silent for long",                session(Session { since_output: None, ..READY }), Open),
            ("just spoke for the first time",  session(Session { since_output: Some(ms(300)), ..READY }), Held(Reason::Starting, Some(ms(700)))),
            ("paste just on, first message",   session(Session { paste_on: Some(ms(400)), introduced: false, ..READY }), Held(Reason::Starting, Some(ms(600)))),
            ("paste just on again",            session(Session { paste_on: Some(ms(400)), ..READY }), Open),
            ("unknown program, paste off",     session(Session { paste_on: None, ..READY }), Held(Reason::NotReady, None)),
            ("was just told who it is",        session(Session { since_introduction: Some(ms(200)), ..READY }), Held(Reason::Starting, Some(ms(800)))),
            ("was told who it is",             session(Session { since_introduction: Some(ms(1_000)), ..READY }), Open),
            ("a person is typing",             session(Session { person: Some(ms(900)), ..READY }), Held(Reason::Person, Some(ms(900)))),
            ("interval not over",              Sight { since_delivery: Some(ms(1_000)), interval: ms(3_000), ..SIGHT }, Held(Reason::Interval, Some(ms(2_000)))),
            ("interval over",                  Sight { since_delivery: Some(ms(3_000)), interval: ms(3_000), ..SIGHT }, Open),
        ];
        for (why, sight, wanted) in cases {
            assert_eq!(check(&sight), wanted, "{why}");
        }
        #[rustfmt::skip]
        let without_paste = [
            // terminal deliver         introduced age     wanted
            (Unknown,  Deliver::Typed,  false,     4_000,  Open),
            (Unknown,  Deliver::Auto,   false,     90_000, Held(Reason::NotReady, None)),
            (Composer, Deliver::Auto,   false,     4_000,  Held(Reason::Starting, Some(ms(6_000)))),
            (Composer, Deliver::Auto,   false,     10_000, Open),
            (Composer, Deliver::Auto,   true,      90_000, Open),
        ];
        for (terminal, deliver, introduced, age, wanted) in without_paste {
            let session = Session { age: ms(age), paste_on: None, introduced, ..READY };
            assert_eq!(
                check(&Sight { terminal, deliver, session: Some(session), ..SIGHT }),
                wanted,
                "{terminal:?} {deliver:?} {age}"
            );
        }
    }
}
