//! One bounded page of a ledger: asked for, and checked before anybody sees it.

use super::View;
use crate::contract::op::ledger::{Range, Ranged};
use crate::contract::{Code, Event, OpError};
use crate::peer::Peers;
use serde_json::value::RawValue;
use std::sync::{Arc, OnceLock};

/// Events asked for at once: fewer than wait for a follower, so that one that hears in time need not read by itself.
pub const EVENTS_MAX: usize = 200;

/// One event, for everybody who is told of it.
#[derive(Debug)]
pub struct Item {
    event: Event,
    json: OnceLock<Box<RawValue>>,
}

impl Item {
    /// What has happened.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The same as JSON, written once for all.
    pub fn json(&self) -> &RawValue {
        self.json.get_or_init(|| serde_json::value::to_raw_value(&self.event).expect("an event is plain data"))
    }
}

impl From<Event> for Item {
    fn from(event: Event) -> Self {
        Self { event, json: OnceLock::new() }
    }
}

/// The next events of a ledger.
#[derive(Debug, Default)]
pub struct Page {
    /// In order.
    pub items: Vec<Arc<Item>>,
    /// Everything up to here was looked at.
    pub through_seq: u64,
    /// Where the ledger ends.
    pub head_seq: u64,
}

impl Page {
    /// Asks for what comes after a sequence number.
    ///
    /// # Errors
    ///
    /// ledgerd's refusal, or `daemon_unavailable`; as [`Page::check`].
    pub async fn ask(peers: &Peers, ledger: &str, view: &View, after_seq: u64) -> Result<Self, OpError> {
        let range = Range {
            group_id: ledger.to_owned(),
            after_seq: Some(i64::try_from(after_seq).unwrap_or(i64::MAX)),
            limit: Some(EVENTS_MAX as i64),
            for_speaker: !view.is_whole,
        };
        let ranged = peers.ask_as(view.principal.clone(), range).await?;
        Self::check(ledger, view.is_whole, after_seq, ranged)
    }

    /// Takes what has come when it is what follows.
    ///
    /// # Errors
    ///
    /// `event_not_found`: the ledger is shorter than what was told, because an older copy was restored.
    /// `internal_error`: something was left out, or comes again.
    fn check(ledger: &str, is_whole: bool, after_seq: u64, ranged: Ranged) -> Result<Self, OpError> {
        let Ranged { events, through_seq, head_seq } = ranged;
        if head_seq < after_seq {
            return Err(restored(ledger, head_seq, after_seq));
        }
        let ends = std::iter::once(after_seq).chain(events.iter().map(|event| event.seq));
        let follows = |(last, seq): (u64, u64)| if is_whole { seq == last + 1 } else { seq > last };
        let is_right = ends.clone().zip(events.iter().map(|event| event.seq)).all(follows)
            && ends.last().is_some_and(|last| if is_whole { last == through_seq } else { last <= through_seq })
            && through_seq <= head_seq
            && (through_seq > after_seq || head_seq == after_seq);
        if !is_right {
            let sentence = format!("ledgerd left out events of ledger {ledger} after event {after_seq}");
            return Err(OpError::new(Code::InternalError, sentence).with("group_id", ledger));
        }
        let items = events.into_iter().map(|event| Arc::new(Item::from(event))).collect();
        Ok(Self { items, through_seq, head_seq })
    }
}

/// An older copy of a ledger was restored.
pub fn restored(ledger: &str, head_seq: u64, seq: u64) -> OpError {
    let sentence = format!(
        "ledger {ledger} ends at {head_seq}, before event {seq} that was already delivered: an older copy was restored; \
         follow it again from where you want to begin"
    );
    OpError::new(Code::EventNotFound, sentence).with("group_id", ledger).with("seq", seq)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_follows_is_taken() {
        let event = |seq: &u64| json!({"seq": seq, "id": format!("{seq:032x}"), "ts": "", "kind": "x.test"});
        let (left_out, restored) = (Some(Code::InternalError), Some(Code::EventNotFound));
        #[rustfmt::skip]
        let cases: [(&[u64], _, _, _, _, _); 10] = [
            // after 3 come  through  head  whole     view      why
            (&[4, 5],        5,       5,    None,     None,     "the next events"),
            (&[4, 5],        5,       9,    None,     None,     "a part of them"),
            (&[],            3,       3,    None,     None,     "nothing new"),
            (&[5],           6,       6,    left_out, None,     "some are not for everybody"),
            (&[],            6,       6,    left_out, None,     "none are for everybody"),
            (&[],            3,       6,    left_out, left_out, "events are there and are not given"),
            (&[3, 4],        4,       6,    left_out, left_out, "an event would be told twice"),
            (&[5, 4],        5,       6,    left_out, left_out, "in another order"),
            (&[4, 5],        4,       6,    left_out, left_out, "more than was looked at"),
            (&[],            2,       2,    restored, restored, "an older copy was restored"),
        ];
        for (seqs, through_seq, head_seq, whole, view, why) in cases {
            let events = || seqs.iter().map(|seq| serde_json::from_value(event(seq)).unwrap()).collect();
            let check = |is_whole| Page::check("a", is_whole, 3, Ranged { events: events(), through_seq, head_seq });
            let code = |is_whole| check(is_whole).err().map(|refusal| refusal.code);
            assert_eq!((code(true), code(false)), (whole, view), "{why}");
        }
    }
}
