//! Event ids as people type them: whole, or the digits that `tail` and `inbox` show.

use crate::client::Client;
use crate::failure::Failure;
use crate::print::event_id::{SHOWN, short};
use bus::contract::op::ledger;
use bus::contract::{Code, Event, OpError, id, limit};

/// Fewest digits that can name an event.
const DIGITS_MIN: usize = 6;

/// How many pages of the ledger are looked through, from its end.
const PAGES_MAX: usize = 10;

/// What a few digits name on one page.
#[derive(Debug, PartialEq, Eq)]
enum Match {
    Nothing,
    One(String),
    Several(Vec<String>),
}

impl Client {
    /// The whole id of an event of a group. The last digits of an id are looked for from the end of the ledger;
    /// the first ones will do where no other event shares them. Only `kinds` are looked at, all when it is empty.
    ///
    /// # Errors
    ///
    /// Nothing is named so, or several events are.
    pub fn event_id(&self, group_id: &str, typed: &str, kinds: &[&str]) -> Result<String, Failure> {
        let typed = typed.trim().trim_start_matches('#').to_ascii_lowercase();
        if id::bytes(&typed).is_some() || !typed.bytes().all(|b| b.is_ascii_hexdigit()) || typed.is_empty() {
            // Whole, or an id of another make: for the daemon to judge.
            return Ok(typed);
        }
        if typed.len() < DIGITS_MIN {
            let sentence = format!("{typed:?} is too short to name an event; type its {SHOWN} digits");
            return Err(OpError::new(Code::EventNotFound, sentence).into());
        }
        let mut before = String::new();
        for _ in 0..PAGES_MAX {
            let page = self.page_before(group_id, &before, limit::RANGE_EVENTS_MAX, kinds)?;
            match find(&typed, &page.events) {
                Match::One(id) => return Ok(id),
                Match::Several(ids) => return Err(ambiguous(&typed, &ids).into()),
                Match::Nothing => {}
            }
            match page.events.first() {
                Some(first) if page.has_more_before && first.id != before => before.clone_from(&first.id),
                _ => break,
            }
        }
        Err(OpError::event_not_found(&typed).with("hint", "only recent events can be named by a few digits").into())
    }

    /// Up to so many events before one of a group, and itself; the last events of the group before none.
    ///
    /// # Errors
    ///
    /// The refusal.
    pub fn page_before(
        &self,
        group_id: &str,
        event_id: &str,
        events_max: usize,
        kinds: &[&str],
    ) -> Result<ledger::Windowed, Failure> {
        let window = ledger::Window {
            group_id: group_id.into(),
            event_id: event_id.into(),
            before: i64::try_from(events_max.min(limit::RANGE_EVENTS_MAX)).ok(),
            after: Some(0),
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        };
        self.ask(window, None)
    }
}

fn find(typed: &str, events: &[Event]) -> Match {
    let ids = |is_it: &dyn Fn(&str) -> bool| -> Vec<String> {
        events.iter().map(|event| &event.id).filter(|id| is_it(id)).cloned().collect()
    };
    let mut ids = match ids(&|id| id.ends_with(typed)) {
        ends if ends.is_empty() => ids(&|id| id.starts_with(typed)),
        ends => ends,
    };
    match ids.len() {
        0 => Match::Nothing,
        1 => Match::One(ids.remove(0)),
        _ => Match::Several(ids),
    }
}

fn ambiguous(typed: &str, ids: &[String]) -> OpError {
    let some: Vec<_> = ids.iter().take(3).map(|id| format!("{id} ({})", short(id))).collect();
    let sentence =
        format!("{typed:?} names {} events; type more digits of one of them: {}", ids.len(), some.join(", "));
    OpError::new(Code::EventNotFound, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::event::tests::event;
    use serde_json::json;

    #[test]
    fn a_few_digits_name_an_event_by_its_end_or_its_beginning() {
        let ids = [
            "0198c0ffee007000800000000a1b2c3d",
            "0198c0ffef0070008000000012345678",
            "0198c0ffef0070008000000112345678",
        ];
        let make = |id: &&str| Event { id: (*id).to_owned(), ..event(1, "chat.message", "user", json!({"text": "t"})) };
        let events: Vec<_> = ids.iter().map(make).collect();
        let several = |at: &[usize]| Match::Several(at.iter().map(|at| ids[*at].to_owned()).collect());
        #[rustfmt::skip]
        let cases = [
            ("0a1b2c3d",          Match::One(ids[0].into())),
            ("1b2c3d",            Match::One(ids[0].into())),
            ("12345678",          several(&[1, 2])),
            ("0112345678",        Match::One(ids[2].into())),
            ("0198c0ffee",        Match::One(ids[0].into())),
            ("0198c0",            several(&[0, 1, 2])),
            ("abcdef",            Match::Nothing),
        ];
        for (typed, wanted) in cases {
            assert_eq!(find(typed, &events), wanted, "{typed}");
        }
    }
}
