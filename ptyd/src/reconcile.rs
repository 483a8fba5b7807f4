//! What should run against what does run: the next step for one actor.
//!
//! Pure. A step is done, recorded, and then everything is looked at again; so a crash after any step leaves
//! something that the next look understands.

use bus::contract::document::Phase;
use bus::contract::op::delivery::LastSession;
use std::time::Duration;

/// First pause before a program that ended by itself is started again; it doubles with every quick ending.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What ledgerd wants for an actor.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Whether it should have a session.
    pub wanted: bool,
    /// Which one: any other is replaced.
    pub generation: u64,
    /// The last session that was recorded.
    pub last: Option<&'a LastSession>,
    /// How long ago that record was made.
    pub since_last: Duration,
}

/// What there is.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Which session.
    pub session_id: &'a str,
    /// Which wish it answers.
    pub generation: u64,
    /// Whether its program runs; otherwise its holder knows how it ended.
    pub alive: bool,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing: what runs is what should run.
    Rest,
    /// Look again after this long.
    Wait(Duration),
    /// Start a session.
    Start,
    /// End the session, and record that we did.
    Stop,
    /// Record that the session runs.
    RecordStarted,
    /// Record how the program ended by itself, and let its holder go.
    RecordEnded,
    /// That it ended is on record: let its holder go.
    Forget,
    /// Record that the last session is gone and nobody knows how it ended.
    RecordLost,
}

/// The next step for an actor; `wish` is `None` when the actor (or its group) is gone.
pub fn next(wish: Option<Wish<'_>>, found: Option<Found<'_>>) -> Step {
    match (wish, found) {
        (None, None) => Step::Rest,
        (None, Some(found)) if found.alive => Step::Stop,
        (None, Some(_)) => Step::Forget,
        (Some(wish), Some(found)) => keep(&wish, &found),
        (Some(wish), None) => begin(&wish),
    }
}

fn keep(wish: &Wish<'_>, found: &Found<'_>) -> Step {
    let recorded = wish.last.filter(|last| last.session_id == found.session_id).map(|last| last.phase);
    match (found.alive, recorded) {
        (false, None | Some(Phase::Starting | Phase::Started)) => Step::RecordEnded,
        (false, Some(Phase::Failed | Phase::Exited | Phase::Stopped | Phase::Suspended | Phase::Lost)) => Step::Forget,
        // A newer one than was ever asked for: the ledger is one out of a backup.
        (true, _) if !wish.wanted || found.generation != wish.generation => Step::Stop,
        (true, Some(Phase::Started)) => Step::Rest,
        (true, None | Some(Phase::Starting)) => Step::RecordStarted,
        // It was written off, which cannot be undone, and lives: another one takes its place.
        (true, Some(Phase::Failed | Phase::Exited | Phase::Stopped | Phase::Suspended | Phase::Lost)) => Step::Stop,
    }
}

fn begin(wish: &Wish<'_>) -> Step {
    match wish.last {
        Some(last) if last.phase == Phase::Started => Step::RecordLost,
        _ if !wish.wanted => Step::Rest,
        Some(last) if last.generation == wish.generation => match pause(last).saturating_sub(wish.since_last) {
            Duration::ZERO => Step::Start,
            left => Step::Wait(left),
        },
        _ => Step::Start,
    }
}

fn pause(last: &LastSession) -> Duration {
    match last.phase {
        Phase::Starting | Phase::Started | Phase::Stopped | Phase::Suspended => Duration::ZERO,
        Phase::Lost => PAUSE_MIN,
        Phase::Exited | Phase::Failed => {
            let doublings = last.quick_exits.saturating_sub(1).min(16);
            PAUSE_MIN.saturating_mul(1 << doublings).min(PAUSE_MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(session_id: &str, generation: u64, phase: Phase, quick_exits: u32) -> LastSession {
        LastSession { session_id: session_id.into(), generation, phase, ts: String::new(), quick_exits }
    }

    /// Wanted by generation 5 unless a case says otherwise; the record is two seconds old.
    fn at(wanted: bool, last: Option<&LastSession>, found: Option<(&str, u64, bool)>) -> Step {
        let wish = Wish { wanted, generation: 5, last, since_last: Duration::from_secs(2) };
        let found = found.map(|(session_id, generation, alive)| Found { session_id, generation, alive });
        next(Some(wish), found)
    }

    #[test]
    fn what_should_run_runs_once_and_everything_that_happened_is_on_record() {
        use Phase::{Exited, Failed, Lost, Started, Starting, Stopped, Suspended};
        let wait = |seconds| Step::Wait(Duration::from_secs(seconds));
        #[rustfmt::skip]
        let cases = [
            // wanted, on record,                          there,                  step
            (true,  None,                                  None,                   Step::Start),
            (false, None,                                  None,                   Step::Rest),
            (true,  Some(("s", 5, Started, 0)),            Some(("s", 5, true)),   Step::Rest),
            (true,  None,                                  Some(("s", 5, true)),   Step::RecordStarted),
            (true,  Some(("r", 4, Stopped, 0)),            Some(("s", 5, true)),   Step::RecordStarted),
            (true,  Some(("s", 5, Lost, 0)),               Some(("s", 5, true)),   Step::Stop),
            (false, Some(("s", 5, Started, 0)),            Some(("s", 5, true)),   Step::Stop),
            (true,  Some(("s", 4, Started, 0)),            Some(("s", 4, true)),   Step::Stop),
            (true,  None,                                  Some(("s", 6, true)),   Step::Stop),
            (true,  Some(("s", 5, Started, 0)),            Some(("s", 5, false)),  Step::RecordEnded),
            (true,  None,                                  Some(("s", 5, false)),  Step::RecordEnded),
            (true,  Some(("s", 5, Exited, 1)),             Some(("s", 5, false)),  Step::Forget),
            (false, Some(("s", 5, Stopped, 0)),            Some(("s", 5, false)),  Step::Forget),
            (true,  Some(("s", 5, Started, 0)),            None,                   Step::RecordLost),
            (false, Some(("s", 5, Started, 0)),            None,                   Step::RecordLost),
            (true,  Some(("s", 5, Starting, 0)),           Some(("s", 5, true)),   Step::RecordStarted),
            (true,  Some(("s", 5, Starting, 0)),           Some(("s", 5, false)),  Step::RecordEnded),
            (true,  Some(("s", 5, Starting, 0)),           None,                   Step::Start),
            (false, Some(("s", 5, Starting, 0)),           None,                   Step::Rest),
            (true,  Some(("s", 5, Lost, 0)),               None,                   Step::Start),
            (true,  Some(("s", 5, Suspended, 0)),          None,                   Step::Start),
            (true,  Some(("s", 4, Failed, 0)),             None,                   Step::Start),
            (true,  Some(("s", 5, Exited, 0)),             None,                   Step::Start),
            (true,  Some(("s", 5, Exited, 3)),             None,                   wait(2)),
            (true,  Some(("s", 5, Exited, 400)),           None,                   wait(58)),
            (true,  Some(("s", 4, Exited, 400)),           None,                   Step::Start),
            (false, Some(("s", 5, Exited, 1)),             None,                   Step::Rest),
        ];
        for (wanted, record, there, wanted_step) in cases {
            let record = record.map(|(id, generation, phase, quick)| last(id, generation, phase, quick));
            assert_eq!(at(wanted, record.as_ref(), there), wanted_step, "{wanted} {record:?} {there:?}");
        }
    }

    #[test]
    fn the_session_of_an_actor_that_is_gone_is_ended() {
        let found = |alive| Found { session_id: "s", generation: 5, alive };
        assert_eq!(next(None, Some(found(true))), Step::Stop);
        assert_eq!(next(None, Some(found(false))), Step::Forget);
        assert_eq!(next(None, None), Step::Rest);
    }
}
