//! A text on its way into a terminal, and how far it has come.

use crate::screen::composer::Setting;
use bus::contract::document::Submit;
use serde::{Deserialize, Serialize};

/// Begin and end of a paste.
pub const PASTE: (&str, &str) = ("\x1b[200~", "\x1b[201~");

/// Characters by which a text without an id is recognised.
const HALLMARK_CHARS: usize = 24;

/// What says how far a text has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// The holder's count of typed bytes.
    #[default]
    Counted,
    /// Nothing: a person has typed in the middle of it.
    Disturbed,
    /// The screen: all of the text is typed, was not seen, and nothing was submitted. The keyboard is free meanwhile.
    Unseen,
    /// The same, and it was seen in the composer while it was not for us to submit it.
    Stood,
    /// All of it had been typed, the key that submits included, before somebody else typed.
    Submitted,
    /// The same, and it was a person who typed, before it was seen to leave.
    Touched,
    /// It was submitted, and seen to leave.
    Left,
}

impl Course {
    /// Whether the text was typed and waits to be seen.
    pub fn is_unseen(self) -> bool {
        matches!(self, Self::Unseen | Self::Stood)
    }
}

/// A text on its way into the terminal. With the holder's count of typed bytes it says exactly how far it has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// What is delivered by it; empty for the introduction.
    pub event_ids: Vec<String>,
    /// The bytes, paste markers included.
    pub payload: String,
    /// The key that submits it.
    pub submit: Submit,
    /// The holder's count of typed bytes before the first one.
    pub typed_before: u64,
    /// Where the output was before the first one.
    pub offset: u64,
    /// What says how far it has come.
    #[serde(default)]
    pub course: Course,
    /// What stood around the cursor before it was typed.
    #[serde(default)]
    pub setting: Setting,
    /// The process group that was in the foreground then; 0 where that is not known. Nothing more is typed into another.
    #[serde(default)]
    pub group: i32,
    /// It, or what stands for it, has been anywhere on the screen.
    #[serde(default)]
    pub shown: bool,
    /// Submit keys that were pressed after the first.
    #[serde(default)]
    pub more_keys: u8,
}

/// How far a text has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// This many of its bytes are typed; the rest may follow.
    Bytes(u64),
    /// The text is typed, and waits to be seen before it is submitted.
    Unseen,
    /// All of it is typed, the key that submits included.
    Whole,
    /// Nobody can tell.
    Unknown,
}

impl Typing {
    /// The bytes of the key that submits.
    pub fn key(&self) -> &'static [u8] {
        match self.submit {
            Submit::Enter => b"\r",
            Submit::Newline => b"\n",
            Submit::None => b"",
        }
    }

    /// The text, without what marks it as a paste.
    pub fn text(&self) -> &str {
        let (begin, end) = PASTE;
        self.payload.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end)).unwrap_or(&self.payload)
    }

    /// What of it is not to be seen twice on a screen: its first message's id, or how it begins.
    pub fn hallmark(&self) -> String {
        let text = self.text();
        let id = text.split_once("[cccc #").and_then(|(_, rest)| rest.split_once(']')).map(|(id, _)| format!("#{id}"));
        id.unwrap_or_else(|| text.chars().filter(|c| !c.is_whitespace()).take(HALLMARK_CHARS).collect())
    }

    /// All bytes, the keys included.
    pub fn total(&self) -> u64 {
        (self.payload.len() + self.key().len() * (1 + usize::from(self.more_keys))) as u64
    }

    /// How far it has come, by the holder's count of typed bytes.
    pub fn progress(&self, typed: u64) -> Progress {
        match typed.checked_sub(self.typed_before) {
            _ if matches!(self.course, Course::Submitted | Course::Touched | Course::Left) => Progress::Whole,
            _ if self.course == Course::Disturbed => Progress::Unknown,
            _ if self.course.is_unseen() => Progress::Unseen,
            Some(done) if done == self.total() => Progress::Whole,
            Some(done) if done < self.total() => Progress::Bytes(done),
            Some(_) | None => Progress::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_says_how_far_a_text_has_come_until_somebody_else_types() {
        use Course::{Counted, Disturbed, Left, Stood, Submitted, Touched, Unseen};
        let typing = |course| Typing { payload: "four".into(), typed_before: 100, course, ..Typing::default() };
        #[rustfmt::skip]
        let cases = [
            // course    count  progress
            (Counted,    100,   Progress::Bytes(0)),
            (Counted,    104,   Progress::Bytes(4)),
            (Counted,    105,   Progress::Whole),
            (Counted,    106,   Progress::Unknown),
            (Counted,    99,    Progress::Unknown),
            (Disturbed,  105,   Progress::Unknown),
            (Unseen,     900,   Progress::Unseen),
            (Stood,      900,   Progress::Unseen),
            (Submitted,  999,   Progress::Whole),
            (Touched,    999,   Progress::Whole),
            (Left,       999,   Progress::Whole),
        ];
        for (course, count, progress) in cases {
            assert_eq!(typing(course).progress(count), progress, "{course:?} {count}");
        }
    }

    #[test]
    fn a_text_is_known_by_its_first_id_or_by_how_it_begins() {
        let typing = |payload: &str| Typing { payload: payload.into(), ..Typing::default() };
        let two = "\x1b[200~[cccc] 2 messages:\n\n[cccc #1a2b3c4d] a → b: x\n\n[cccc #99999999] a → b: y\x1b[201~";
        assert_eq!(typing(two).hallmark(), "#1a2b3c4d");
        assert_eq!(typing("[cccc] You are a, foreman of the group").hallmark(), "[cccc]Youarea,foremanoft");
        assert_eq!((typing("\x1b[200~x\x1b[201~").text(), typing("x").text()), ("x", "x"));
        assert_eq!(Typing { more_keys: 1, ..typing("x") }.progress(3), Progress::Whole);
    }
}
