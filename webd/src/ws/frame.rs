//! What is said on the socket of a page, in both directions. This file is the protocol: docs/web-stream.md and the page's
//! own types are made from it.

use bus::contract::{Event, OpError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Which protocol this is. A page of another one is told so, and loads itself anew.
pub const VERSION: u32 = 1;

/// What a page says: a text frame with one JSON object, whose `t` says what it is.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Said {
    /// Who this is, and which group it looks at: others who look are told. Said first, and whenever it changes.
    Look {
        /// The protocol that the page speaks, `v` of `hello`.
        v: u32,
        /// What others are told of it, like `desk` or `phone`; 40 characters at most.
        name: String,
        /// The group that is open, or null.
        #[serde(default)]
        group_id: Option<String>,
    },
    /// Wants the events of a group, or of the home (`home`), each once and in order. Asked for again it begins anew.
    Follow {
        /// Which ledger.
        group_id: String,
        /// The last event that is known (`seq`): what comes after it follows. Null begins with what comes now.
        #[serde(default)]
        after_seq: Option<u64>,
    },
    /// Wants them no more.
    Unfollow {
        /// Which ledger.
        group_id: String,
    },
    /// Asks for an op, as `POST /api/v1/call/<op>` does. Several may be asked together and are answered as they are ready.
    Ask {
        /// Comes back with the answer.
        id: u64,
        /// Which op.
        op: String,
        /// Its arguments.
        #[serde(default)]
        args: Map<String, Value>,
    },
    /// Opens an agent's terminal, to look on at first.
    TermOpen {
        /// What this terminal is called on this socket from now on. A number that is in use is opened anew.
        id: u32,
        /// Which group.
        group_id: String,
        /// Whose terminal.
        actor_id: String,
        /// How many bytes of what was put out before may be shown above the screen; 262144 at most, none when missing.
        #[serde(default)]
        earlier_bytes: u32,
    },
    /// Keys, if the page has the keyboard, or nobody has.
    TermKeys {
        /// Which terminal.
        id: u32,
        /// As a terminal sends them.
        data: String,
    },
    /// For how much there is room. It counts while the page has the keyboard.
    TermSize {
        /// Which terminal.
        id: u32,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// Takes the keyboard, from whomever.
    TermTake {
        /// Which terminal.
        id: u32,
    },
    /// Leaves the keyboard to others.
    TermGive {
        /// Which terminal.
        id: u32,
    },
    /// How many bytes of this terminal's binary frames were drawn in all since it was opened, heads not counted. When more
    /// than 524288 are on the way nothing more is sent, and what is missed meanwhile is made good by a new screen.
    TermAck {
        /// Which terminal.
        id: u32,
        /// How many.
        bytes: u64,
    },
    /// Closes a terminal.
    TermClose {
        /// Which terminal.
        id: u32,
    },
}

/// What the server says: a text frame with one JSON object, whose `t` says what it is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Told {
    /// The first frame.
    Hello {
        /// The protocol of this socket.
        v: u32,
        /// Of the server.
        version: String,
        /// Whether nothing may be changed from here.
        read_only: bool,
    },
    /// That the server is still there: every 15 seconds. A page that hears nothing for 40 has lost it.
    Alive {},
    /// A ledger is followed from here on.
    Following {
        /// Which ledger.
        group_id: String,
        /// The last event that is known to the page.
        seq: u64,
    },
    /// Events, in order.
    Events {
        /// Of which ledger.
        group_id: String,
        /// They, as in the ledger.
        #[schemars(with = "Vec<Event>")]
        events: Vec<Box<RawValue>>,
    },
    /// A ledger is not followed any more, or not at all: it is gone, it is shorter than what the page knows because an older
    /// copy was restored (`event_not_found`: begin anew), or nothing of it is for whoever asks.
    Unfollowed {
        /// Which ledger.
        group_id: String,
        /// Why.
        error: OpError,
    },
    /// What an op has answered.
    Answer {
        /// Of the question.
        id: u64,
        /// The answer, or null when it was refused.
        #[schemars(with = "Option<Value>")]
        result: Option<Box<RawValue>>,
        /// Why it was refused, or null.
        error: Option<OpError>,
    },
    /// Who else looks at the group that is open.
    Presence {
        /// Which group.
        group_id: String,
        /// What the other pages say of themselves.
        others: Vec<String>,
    },
    /// A terminal is open, or something of it has changed. Its screen and output come in binary frames.
    Term {
        /// Which terminal.
        id: u32,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
        /// Whether this page has the keyboard.
        mine: bool,
        /// Who has the keyboard, or null when nobody has.
        holder: Option<String>,
    },
    /// A terminal is not reached right now, and is tried again: what is shown is what was.
    TermAway {
        /// Which terminal.
        id: u32,
        /// Why.
        error: OpError,
    },
    /// A terminal was closed: nothing more of it comes.
    TermClosed {
        /// Which terminal.
        id: u32,
        /// Why it cannot be shown (`actor_not_running`, …), or null when its program has ended.
        error: Option<OpError>,
        /// What the program exited with, where that is known.
        code: Option<i32>,
        /// The signal that ended it, where that is known.
        signal: Option<i32>,
    },
    /// Something that was said makes no sense; nothing was done.
    Refused {
        /// Why.
        error: OpError,
    },
}

/// What a binary frame carries: four bytes, big-endian, that say which terminal, one of these, and the terminal's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// Output, right behind what came before. Characters may be cut between two frames.
    Output = 0,
    /// What draws the screen as it is, whatever was shown before; output goes on behind it.
    Screen = 1,
    /// What was put out before, to be written once, ahead of the first screen: it fills the lines above.
    Earlier = 2,
}

impl Carried {
    /// The frame.
    pub fn to_bytes(self, id: u32, bytes: &[u8]) -> Vec<u8> {
        [&id.to_be_bytes()[..], &[self as u8], bytes].concat()
    }
}

impl Told {
    /// The text frame.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("plain data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_said_is_read_and_what_is_told_is_plain() {
        let said = |text| serde_json::from_value::<Said>(text).ok();
        let follow = Said::Follow { group_id: "g".into(), after_seq: Some(7) };
        assert_eq!(said(json!({"t": "follow", "group_id": "g", "after_seq": 7})), Some(follow));
        let open = Said::TermOpen { id: 1, group_id: "g".into(), actor_id: "a".into(), earlier_bytes: 0 };
        assert_eq!(said(json!({"t": "term_open", "id": 1, "group_id": "g", "actor_id": "a", "newer": 1})), Some(open));
        assert_eq!(said(json!({"t": "sing"})), None);
        let event = serde_json::value::to_raw_value(&json!({"seq": 1})).unwrap();
        let told = Told::Events { group_id: "g".into(), events: vec![event] };
        assert_eq!(told.to_text(), r#"{"t":"events","group_id":"g","events":[{"seq":1}]}"#);
        assert_eq!(Told::Alive {}.to_text(), r#"{"t":"alive"}"#);
        assert_eq!(Carried::Screen.to_bytes(258, b"x"), [0, 0, 1, 2, 1, b'x']);
    }
}
