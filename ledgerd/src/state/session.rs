//! The last session of an actor: what is recorded of it, and whether it has ended for good.

use bus::contract::document::{Phase, Restart, Resume};
use bus::contract::op::delivery::LastSession;
use bus::contract::time::Micros;
use bus::contract::{Actor, event, limit, runtime};
use serde::{Deserialize, Serialize};

/// A program that lived for less has not really run.
const QUICK_EXIT_MICROS: Micros = 60_000_000;

/// The last session of an actor, as its records tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Which session.
    pub session_id: String,
    /// Which wish it answers.
    pub generation: u64,
    /// What became of it.
    pub phase: Phase,
    /// When that was.
    pub ts: String,
    /// How often in a row it ended by itself without living for a minute.
    pub quick_exits: u32,
    /// Process id of the agent.
    pub pid: Option<u32>,
    /// SHA-256 (hex) of the token that proves the agent, also after it has ended: its last words count.
    pub token_sha256: Option<String>,
    /// The last lines that its terminal showed, when it ended by itself.
    #[serde(default)]
    pub last_lines: Vec<String>,
    /// Whether there was a conversation to go on with when it began: the session before it was started, and did not end at
    /// once.
    #[serde(default)]
    follows: bool,
    started: Option<Micros>,
    exit_code: Option<i32>,
    signal: Option<i32>,
    detail: String,
}

impl Session {
    /// The last session after one more record, or `None` when the record says nothing new: it repeats what is known,
    /// or tells the end of a session that has been replaced.
    pub fn after(last: Option<&Self>, record: &event::Session, ts: &str, at: Micros) -> Option<Self> {
        let begins = match record.phase {
            Phase::Starting | Phase::Started | Phase::Failed => true,
            Phase::Exited | Phase::Stopped | Phase::Suspended | Phase::Lost => false,
        };
        let same = last.filter(|last| last.session_id == record.session_id);
        match (same, last) {
            (Some(same), _) if !same.is_open() || record.phase == same.phase || record.phase == Phase::Starting => {
                return None;
            }
            (None, Some(last)) if record.generation < last.generation || last.is_open() && !begins => return None,
            _ => {}
        }
        let started = if record.phase == Phase::Started { Some(at) } else { same.and_then(|same| same.started) };
        let lived_long = started.is_some_and(|started| at - started >= QUICK_EXIT_MICROS);
        let so_far = last.filter(|last| last.generation == record.generation).map_or(0, |last| last.quick_exits);
        let quick_exits = match record.phase {
            Phase::Stopped | Phase::Suspended => 0,
            Phase::Exited | Phase::Lost if lived_long => 0,
            Phase::Exited | Phase::Failed => so_far.saturating_add(1),
            Phase::Starting | Phase::Started | Phase::Lost => so_far,
        };
        Some(Self {
            session_id: record.session_id.clone(),
            generation: record.generation,
            phase: record.phase,
            ts: ts.to_owned(),
            quick_exits,
            pid: record.pid.or_else(|| same.and_then(|same| same.pid)),
            token_sha256: record.token_sha256.clone().or_else(|| same.and_then(|same| same.token_sha256.clone())),
            last_lines: record.last_lines.clone(),
            follows: same.map_or_else(|| last.is_some_and(Self::has_lived), |same| same.follows),
            started,
            exit_code: record.exit_code,
            signal: record.signal,
            detail: record.detail.clone(),
        })
    }

    /// Whether the program runs, as far as is recorded.
    pub fn is_alive(&self) -> bool {
        self.phase == Phase::Started
    }

    /// Whether it runs or is about to.
    fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Starting | Phase::Started)
    }

    /// Whether there may be a conversation of it, as ptyd sees it when it starts the next one.
    fn has_lived(&self) -> bool {
        self.phase != Phase::Failed && self.quick_exits == 0
    }

    /// Whether it ended (or failed to start) in a way after which nobody starts it again by itself.
    pub fn has_ended_for_good(&self, actor: &Actor) -> bool {
        match self.phase {
            Phase::Starting | Phase::Started | Phase::Stopped | Phase::Suspended | Phase::Lost => false,
            Phase::Failed => true,
            Phase::Exited => match actor.restart {
                _ if self.may_lack_a_conversation(actor) => false,
                Restart::Never => true,
                _ if self.quick_exits >= limit::QUICK_EXITS_MAX => true,
                Restart::OnFailure => self.exit_code == Some(0),
                Restart::Always => false,
            },
        }
    }

    /// Whether it was told to go on with its last conversation and ended at once with an error, as claude does where there
    /// is none. It is then started once more, without being told so.
    fn may_lack_a_conversation(&self, actor: &Actor) -> bool {
        let goes_on = self.follows && actor.resume == Resume::Last && runtime::can_resume(&actor.command);
        goes_on && self.quick_exits == 1 && self.exit_code.is_some_and(|code| code != 0)
    }

    /// How it ended, in words; `None` while it runs.
    pub fn ending(&self) -> Option<String> {
        let mut words = match (self.phase, self.exit_code, self.signal) {
            (Phase::Starting | Phase::Started, ..) => return None,
            (Phase::Failed, ..) => "did not start".to_owned(),
            (Phase::Exited, _, Some(signal)) => format!("ended by signal {signal}"),
            (Phase::Exited, Some(code), None) => format!("exited with code {code}"),
            (Phase::Exited, None, None) => "exited".to_owned(),
            (Phase::Stopped, ..) => "stopped".to_owned(),
            (Phase::Suspended, ..) => "stopped together with everything else".to_owned(),
            (Phase::Lost, ..) => "lost: nobody saw how it ended".to_owned(),
        };
        if !self.detail.is_empty() {
            words.push_str(": ");
            words.push_str(&self.detail);
        }
        if self.phase == Phase::Exited && self.quick_exits >= limit::QUICK_EXITS_MAX {
            words.push_str(&format!(" ({} times in a row within a minute)", self.quick_exits));
        }
        Some(words)
    }

    /// As ptyd reads it.
    pub fn summary(&self) -> LastSession {
        LastSession {
            session_id: self.session_id.clone(),
            generation: self.generation,
            phase: self.phase,
            ts: self.ts.clone(),
            quick_exits: self.quick_exits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(session_id: &str, generation: u64, phase: Phase) -> event::Session {
        let exit_code = (phase == Phase::Exited).then_some(1);
        event::Session {
            actor_id: "a".into(),
            session_id: session_id.into(),
            generation,
            phase,
            pid: Some(7),
            exit_code,
            signal: None,
            detail: String::new(),
            token_sha256: matches!(phase, Phase::Starting | Phase::Started).then(|| "hash".into()),
            last_lines: Vec::new(),
        }
    }

    fn follow(records: &[(&str, u64, Phase, Micros)]) -> (Option<Session>, Vec<bool>) {
        let mut last = None;
        let news = records.iter().map(|(id, generation, phase, at)| {
            let next = Session::after(last.as_ref(), &record(id, *generation, *phase), "", *at);
            let is_news = next.is_some();
            last = next.or(last.take());
            is_news
        });
        let news = news.collect();
        (last, news)
    }

    #[test]
    fn a_record_that_says_nothing_new_changes_nothing() {
        use Phase::{Exited, Failed, Lost, Started, Starting, Stopped};
        #[rustfmt::skip]
        let cases = [
            // records: session, generation, phase                 each is news         last              why
            (vec![("s", 1, Started), ("s", 1, Started)],           vec![true, false],  ("s", Started),   "a repetition"),
            (vec![("s", 1, Started), ("s", 1, Exited), ("s", 1, Lost)], vec![true, true, false], ("s", Exited), "it ended once"),
            (vec![("s", 1, Started), ("t", 2, Started), ("s", 1, Stopped)], vec![true, true, false], ("t", Started), "it was replaced"),
            (vec![("s", 1, Started), ("t", 1, Lost)],              vec![true, false],  ("s", Started),   "another one's end"),
            (vec![("s", 1, Lost), ("t", 1, Started)],              vec![true, true],   ("t", Started),   "started again"),
            (vec![("s", 1, Exited)],                               vec![true],         ("s", Exited),    "nobody saw its start"),
            (vec![("s", 1, Failed), ("t", 2, Started)],            vec![true, true],   ("t", Started),   "a new wish"),
            (vec![("t", 2, Started), ("s", 1, Started)],           vec![true, false],  ("t", Started),   "an old wish"),
            (vec![("s", 1, Starting), ("s", 1, Started), ("s", 1, Starting)], vec![true, true, false], ("s", Started), "first it is to start"),
            (vec![("s", 1, Starting), ("s", 1, Failed)],           vec![true, true],   ("s", Failed),    "and could not"),
            (vec![("s", 1, Starting), ("s", 1, Exited)],           vec![true, true],   ("s", Exited),    "it was quick"),
            (vec![("s", 1, Starting), ("t", 1, Starting), ("s", 1, Started)], vec![true, true, true], ("s", Started), "nobody knew whether it came up"),
        ];
        for (records, wanted, (id, phase), why) in cases {
            let records: Vec<_> =
                records.into_iter().map(|(id, generation, phase)| (id, generation, phase, 0)).collect();
            let (last, news) = follow(&records);
            let last = last.unwrap();
            assert_eq!((news, last.session_id.as_str(), last.phase), (wanted, id, phase), "{why}");
        }
    }

    #[test]
    fn quick_exits_are_counted_until_one_lives_for_a_minute() {
        use Phase::{Exited, Started};
        let minute = QUICK_EXIT_MICROS;
        let mut records = vec![("a", 1, Started, 0), ("a", 1, Exited, 5), ("b", 1, Started, 10), ("b", 1, Exited, 20)];
        assert_eq!(follow(&records).0.unwrap().quick_exits, 2);
        records.extend([("c", 1, Started, 30), ("c", 1, Exited, 30 + minute)]);
        assert_eq!(follow(&records).0.unwrap().quick_exits, 0);
        records.extend([
            ("d", 1, Started, 2 * minute),
            ("d", 1, Exited, 2 * minute + 1),
            ("e", 9, Started, 3 * minute),
        ]);
        let last = follow(&records).0.unwrap();
        for (phase, wanted) in [(Phase::Stopped, [0, 0]), (Phase::Suspended, [0, 0]), (Phase::Lost, [1, 0])] {
            let ended = |lived| [("a", 1, Exited, 0), ("b", 1, Started, 10), ("b", 1, phase, 10 + lived)];
            let left = [1, minute].map(|lived| follow(&ended(lived)).0.unwrap().quick_exits);
            assert_eq!(left, wanted, "{phase} does not end a program by itself, or not quickly");
        }
        assert_eq!((last.quick_exits, last.token_sha256.as_deref()), (0, Some("hash")), "a new wish begins anew");
    }

    #[test]
    fn an_ending_is_for_good_unless_the_restart_policy_covers_it() {
        use Restart::{Always, Never, OnFailure};
        #[rustfmt::skip]
        let cases = [
            // phase            code     quick  never  on failure  always
            (Phase::Started,    None,    0,     false, false,      false),
            (Phase::Exited,     Some(1), 1,     true,  false,      false),
            (Phase::Exited,     Some(0), 1,     true,  true,       false),
            (Phase::Exited,     None,    1,     true,  false,      false),
            (Phase::Exited,     Some(1), limit::QUICK_EXITS_MAX, true, true, true),
            (Phase::Failed,     None,    1,     true,  true,       true),
            (Phase::Lost,       None,    0,     false, false,      false),
            (Phase::Suspended,  Some(0), 0,     false, false,      false),
        ];
        let actor = |restart, resume, command: &str| {
            let row = json!({"v": 1, "id": "a", "runtime": "custom", "created_at": "", "updated_at": "", "command": [command]});
            Actor { restart, resume, ..serde_json::from_value(row).unwrap() }
        };
        for (phase, exit_code, quick_exits, never, on_failure, always) in cases {
            let mut session = Session::after(None, &record("s", 1, phase), "", 0).unwrap();
            (session.exit_code, session.quick_exits) = (exit_code, quick_exits);
            let ended = [Never, OnFailure, Always]
                .map(|restart| session.has_ended_for_good(&actor(restart, Resume::default(), "claude")));
            assert_eq!(ended, [never, on_failure, always], "{phase} {exit_code:?}");
            assert_eq!(session.ending().is_none(), phase == Phase::Started);
        }
        #[rustfmt::skip]
        let cases = [
            // one that is to go on    code     quick  for good
            ("claude",                 Some(1), 1,     false),
            ("claude",                 Some(1), 2,     true),
            ("claude",                 Some(1), 0,     true),
            ("claude",                 Some(0), 1,     true),
            ("claude",                 None,    1,     true),
            ("cat",                    Some(1), 1,     true),
        ];
        for (command, exit_code, quick_exits, for_good) in cases {
            let mut session = follow(&[("r", 1, Phase::Stopped, 0), ("s", 1, Phase::Exited, 0)]).0.unwrap();
            (session.exit_code, session.quick_exits) = (exit_code, quick_exits);
            let ended = session.has_ended_for_good(&actor(Never, Resume::Last, command));
            assert_eq!(ended, for_good, "{command} {exit_code:?} {quick_exits}");
        }
        #[rustfmt::skip]
        let cases = [
            // before the one that ended at once                                     for good  why
            (vec![],                                                                 true,     "the first one has nothing to go on with"),
            (vec![("r", 1, Phase::Started, 0), ("r", 1, Phase::Stopped, 9)],         false,    "there was one"),
            (vec![("r", 1, Phase::Started, 0), ("r", 1, Phase::Exited, 9)],          true,     "there was one that ended at once"),
            (vec![("r", 1, Phase::Failed, 0)],                                       true,     "there was none that started"),
        ];
        for (mut records, for_good, why) in cases {
            records.extend([("s", 2, Phase::Started, 10), ("s", 2, Phase::Exited, 20)]);
            let session = follow(&records).0.unwrap();
            assert_eq!(session.has_ended_for_good(&actor(Never, Resume::Last, "claude")), for_good, "{why}");
        }
    }
}
