//! The gate: whether text may be typed into a terminal now, and if not, why and until when.
//!
//! Pure: what is known about the session is handed in as [`GateInput`], ages instead of times. An open gate is a permission to
//! paste and nothing more: Enter follows only when the text was seen (see [`super::Terminal`]).

use crate::screen::composer::Spot;
use crate::session::foreground::Kind;
use bus::contract::document::{Deliver, GroupState, TerminalState};
use bus::contract::held::Reason;
use std::time::Duration;

/// How long a program without any output is given to start.
pub const SILENT_START: Duration = Duration::from_secs(10);

/// How long a program is given after its first output, and after it has switched bracketed paste on.
pub const SETTLE: Duration = Duration::from_secs(1);

/// How long a program is given to take in who it is before its first message follows.
pub const INTRODUCTION_PAUSE: Duration = Duration::from_secs(1);

/// How long a draft may stand before more than a moment's typing is said of it.
pub const DRAFT_NOTICE: Duration = Duration::from_secs(60);

/// A program that wrote something this recently is at work.
pub const BUSY: Duration = Duration::from_millis(1_500);

/// What is known about an actor's terminal.
#[derive(Debug, Clone, Copy)]
pub struct GateInput {
    /// State of the group.
    pub state: GroupState,
    /// The actor's setting.
    pub deliver: Deliver,
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
    /// How long ago its last output was.
    pub since_last_output: Option<Duration>,
    /// How long bracketed paste has been on, by the program that is in the foreground now.
    pub paste_on: Option<Duration>,
    /// What reads the terminal.
    pub foreground: Kind,
    /// What stands at the cursor.
    pub spot: Spot,
    /// Whether it was told who it is.
    pub introduced: bool,
    /// How long ago that was, if we have seen it.
    pub since_introduction: Option<Duration>,
    /// How long a person's keys will keep others out.
    pub person: Option<Duration>,
    /// How long a draft has stood: what a person has typed and not sent, or what was left of a text of ours.
    pub draft: Option<Duration>,
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
pub fn check(input: &GateInput) -> Gate {
    if input.deliver == Deliver::Inbox {
        return Gate::Held(Reason::Inbox, None);
    }
    let Some(session) = input.session else { return Gate::Held(Reason::NoSession, None) };
    if input.state == GroupState::Paused {
        return Gate::Held(Reason::Paused, None);
    }
    if let Some(gate) = starting(&session).or_else(|| readiness(input.deliver, &session)) {
        return gate;
    }
    let introduced = session.since_introduction.map(|since| INTRODUCTION_PAUSE.saturating_sub(since));
    if let Some(left) = introduced.filter(|left| !left.is_zero()) {
        return Gate::Held(Reason::Starting, Some(left));
    }
    // Whoever answers a question is no reason; the question is.
    let question = || composer(input.deliver, &session).filter(|_| session.spot == Spot::Question);
    if let Some(gate) = question().or_else(|| person(&session)).or_else(|| composer(input.deliver, &session)) {
        return gate;
    }
    match input.since_delivery.and_then(|since| input.interval.checked_sub(since)).filter(|left| !left.is_zero()) {
        Some(left) => Gate::Held(Reason::Interval, Some(left)),
        None => Gate::Open,
    }
}

/// How a terminal is, in the word that lists show.
pub fn state(deliver: Deliver, session: Option<&Session>) -> TerminalState {
    let Some(session) = session else { return TerminalState::Ended };
    if let Some(Gate::Held(reason, _)) = starting(session).or_else(|| readiness(deliver, session)) {
        return if reason == Reason::Starting { TerminalState::Starting } else { TerminalState::NotReady };
    }
    match (session.spot, session.draft, composer(deliver, session)) {
        (Spot::Question, ..) => TerminalState::Asks,
        (Spot::Draft, ..) | (_, Some(_), _) => TerminalState::Draft,
        (_, None, Some(Gate::Held(Reason::Elsewhere, _))) => TerminalState::Asks,
        (_, None, _) if is_busy(session) => TerminalState::Busy,
        (_, None, _) => TerminalState::Ready,
    }
}

fn is_busy(session: &Session) -> bool {
    session.since_last_output.is_some_and(|since| since < BUSY)
}

fn starting(session: &Session) -> Option<Gate> {
    let left = match session.since_output {
        Some(since) => SETTLE.saturating_sub(since),
        None => SILENT_START.saturating_sub(session.age),
    };
    (!left.is_zero()).then_some(Gate::Held(Reason::Starting, Some(left)))
}

fn readiness(deliver: Deliver, session: &Session) -> Option<Gate> {
    let is_typed = deliver == Deliver::Typed;
    match session.foreground {
        Kind::Program => {}
        Kind::Shell | Kind::Script | Kind::Elsewhere if is_typed => {}
        // It reads lines for itself, as far as anybody knows.
        Kind::Script if session.paste_on.is_none() => {}
        Kind::Shell | Kind::Script | Kind::Elsewhere => return Some(Gate::Held(Reason::Shell, None)),
    }
    match session.paste_on {
        Some(since) => {
            let left = SETTLE.saturating_sub(since);
            if !session.introduced && !left.is_zero() {
                return Some(Gate::Held(Reason::Starting, Some(left)));
            }
            // It says that it can take text long before it has drawn where.
            (session.spot == Spot::Blank && !is_typed).then_some(Gate::Held(Reason::Starting, None))
        }
        None if is_typed => None,
        None => Some(Gate::Held(Reason::NotReady, None)),
    }
}

fn person(session: &Session) -> Option<Gate> {
    match (session.person, session.draft) {
        (Some(left), _) => Some(Gate::Held(Reason::Person, Some(left))),
        (_, Some(since)) if since >= DRAFT_NOTICE => Some(Gate::Held(Reason::OldDraft, None)),
        (None, Some(since)) => Some(Gate::Held(Reason::Draft, Some(DRAFT_NOTICE.saturating_sub(since)))),
        (None, None) => None,
    }
}

/// Who has said that text is to be typed whatever the program shows vouches for its prompt, not for its questions.
fn composer(deliver: Deliver, session: &Session) -> Option<Gate> {
    match (session.spot, deliver) {
        (Spot::Prompt | Spot::Open, _) | (Spot::Blank | Spot::Text, Deliver::Typed) => None,
        // Its age says when it is news.
        (Spot::Draft, _) => Some(Gate::Held(Reason::Draft, None)),
        (Spot::Text, _) if is_busy(session) => Some(Gate::Held(Reason::Busy, Some(BUSY))),
        (Spot::Text | Spot::Question | Spot::Blank, _) => Some(Gate::Held(Reason::Elsewhere, None)),
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
        since_last_output: Some(ms(9_000)),
        paste_on: Some(ms(50_000)),
        foreground: Kind::Program,
        spot: Spot::Prompt,
        introduced: true,
        since_introduction: None,
        person: None,
        draft: None,
    };

    const SIGHT: GateInput = GateInput {
        state: GroupState::Active,
        deliver: Deliver::Auto,
        session: Some(READY),
        since_delivery: None,
        interval: Duration::ZERO,
    };

    #[test]
    fn text_is_typed_when_a_program_is_ready_for_it_and_not_before() {
        use Gate::{Held, Open};
        let session = |session| GateInput { session: Some(session), ..SIGHT };
        #[rustfmt::skip]
        let cases = [
            ("ready",                          SIGHT, Open),
            ("idle delivers",                  GateInput { state: GroupState::Idle, ..SIGHT }, Open),
            ("paused",                         GateInput { state: GroupState::Paused, ..SIGHT }, Held(Reason::Paused, None)),
            ("no session",                     GateInput { session: None, ..SIGHT }, Held(Reason::NoSession, None)),
            ("paused and no session",          GateInput { session: None, state: GroupState::Paused, ..SIGHT }, Held(Reason::NoSession, None)),
            ("inbox only",                     GateInput { deliver: Deliver::Inbox, ..SIGHT }, Held(Reason::Inbox, None)),
            ("no output yet",                  session(Session { age: ms(4_000), since_output: None, ..READY }), Held(Reason::Starting, Some(ms(6_000)))),
            ("silent for long",                session(Session { since_output: None, ..READY }), Open),
            ("just spoke for the first time",  session(Session { since_output: Some(ms(300)), ..READY }), Held(Reason::Starting, Some(ms(700)))),
            ("paste just on, first message",   session(Session { paste_on: Some(ms(400)), introduced: false, ..READY }), Held(Reason::Starting, Some(ms(600)))),
            ("paste just on again",            session(Session { paste_on: Some(ms(400)), ..READY }), Open),
            ("paste on, nothing drawn yet",    session(Session { spot: Spot::Blank, ..READY }), Held(Reason::Starting, None)),
            ("paste off",                      session(Session { paste_on: None, ..READY }), Held(Reason::NotReady, None)),
            ("a shell",                        session(Session { foreground: Kind::Shell, ..READY }), Held(Reason::Shell, None)),
            ("a script goes on",               session(Session { foreground: Kind::Script, ..READY }), Held(Reason::Shell, None)),
            ("a shell on another machine",     session(Session { foreground: Kind::Elsewhere, ..READY }), Held(Reason::Shell, None)),
            ("was just told who it is",        session(Session { since_introduction: Some(ms(200)), ..READY }), Held(Reason::Starting, Some(ms(800)))),
            ("was told who it is",             session(Session { since_introduction: Some(ms(1_000)), ..READY }), Open),
            ("a person is typing",             session(Session { person: Some(ms(900)), ..READY }), Held(Reason::Person, Some(ms(900)))),
            ("a person has left a draft",      session(Session { draft: Some(ms(40_000)), ..READY }), Held(Reason::Draft, Some(ms(20_000)))),
            ("it stands for a minute",         session(Session { draft: Some(ms(60_000)), ..READY }), Held(Reason::OldDraft, None)),
            ("somebody is still at it",        session(Session { draft: Some(ms(60_000)), person: Some(ms(900)), ..READY }), Held(Reason::Person, Some(ms(900)))),
            ("it stands for days",             session(Session { draft: Some(ms(90_000_000)), ..READY }), Held(Reason::OldDraft, None)),
            ("it prints in the middle of a line", session(Session { spot: Spot::Text, since_last_output: Some(ms(9)), ..READY }), Held(Reason::Busy, Some(BUSY))),
            ("a question",                     session(Session { spot: Spot::Question, ..READY }), Held(Reason::Elsewhere, None)),
            ("a person answers it",            session(Session { spot: Spot::Question, person: Some(ms(9)), ..READY }), Held(Reason::Elsewhere, None)),
            ("something else at the cursor",   session(Session { spot: Spot::Text, ..READY }), Held(Reason::Elsewhere, None)),
            ("no prompt",                      session(Session { spot: Spot::Open, ..READY }), Open),
            ("interval not over",              GateInput { since_delivery: Some(ms(1_000)), interval: ms(3_000), ..SIGHT }, Held(Reason::Interval, Some(ms(2_000)))),
            ("interval over",                  GateInput { since_delivery: Some(ms(3_000)), interval: ms(3_000), ..SIGHT }, Open),
        ];
        for (why, input, wanted) in cases {
            assert_eq!(check(&input), wanted, "{why}");
        }
        let typed = |session| GateInput { session: Some(session), deliver: Deliver::Typed, ..SIGHT };
        #[rustfmt::skip]
        let vouched_for = [
            ("no bracketed paste",  Session { paste_on: None, introduced: false, ..READY }, Open),
            ("a label",             Session { paste_on: None, spot: Spot::Text, ..READY }, Open),
            ("a shell",             Session { paste_on: None, foreground: Kind::Shell, spot: Spot::Text, ..READY }, Open),
            ("a question all the same", Session { paste_on: None, spot: Spot::Question, ..READY }, Held(Reason::Elsewhere, None)),
            ("a draft all the same", Session { paste_on: None, draft: Some(ms(90_000)), ..READY }, Held(Reason::OldDraft, None)),
        ];
        for (why, session, wanted) in vouched_for {
            assert_eq!(check(&typed(session)), wanted, "{why}");
        }
    }

    #[test]
    fn a_terminal_is_in_one_state_that_people_know() {
        use TerminalState::{Asks, Busy, Draft, Ended, NotReady, Ready, Starting};
        #[rustfmt::skip]
        let cases = [
            (READY,                                                             Ready),
            (Session { since_last_output: Some(ms(100)), ..READY },             Busy),
            (Session { spot: Spot::Question, ..READY },                         Asks),
            (Session { spot: Spot::Text, ..READY },                             Asks),
            (Session { draft: Some(ms(1)), ..READY },                           Draft),
            (Session { since_output: Some(ms(1)), ..READY },                    Starting),
            (Session { spot: Spot::Blank, ..READY },                            Starting),
            (Session { paste_on: None, ..READY },                               NotReady),
            (Session { foreground: Kind::Shell, ..READY },                      NotReady),
        ];
        for (session, wanted) in cases {
            assert_eq!(state(Deliver::Auto, Some(&session)), wanted, "{session:?}");
        }
        assert_eq!(state(Deliver::Auto, None), Ended);
    }
}
