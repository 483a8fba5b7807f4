//! What a search looks for, and the signature by which a piece of a ledger is known not to have it.
//!
//! Pure: deciding makes the query, the store's scan asks it about events, and the store's search index keeps signatures.
//! They mean the same by a match because the rule is here and nowhere else.

use crate::recipient::is_addressed;
use bus::contract::document::{KindFilter, MessageMode, Role};
use bus::contract::event::ChatMessage;
use bus::contract::long_text;
use bus::contract::{Body, Event};
use memchr::{memchr2, memmem};

/// Bits of a signature. More tell pieces better apart and take more room.
const SIGNATURE_BITS: usize = 2_048;

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = SIGNATURE_BITS / 8;

/// Bits that may be set before a signature says too little.
const SIGNATURE_FULL: u32 = SIGNATURE_BITS as u32 / 2;

/// What two words of the same letters in two fields must not be confused by.
const TEXT: u8 = 0;
const SENDER: u8 = 1;
const RECIPIENT: u8 = 2;
const KIND: u8 = 3;

/// Bytes that nearly every line has, the most frequent first. A byte that is not here is a rare one.
const FREQUENT: &[u8] = b"0123456789abcdef\":,etsionr_{}dlupmghkw.-vyfbjqxz ";

/// Everything that must hold of a message or notification that is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Folded.
    needle: String,
    sender: String,
    recipient: String,
    kinds: KindFilter,
    /// Who must have said it or be addressed by it, in which role.
    reader: Option<(String, Role)>,
    mode: Option<MessageMode>,
}

impl Query {
    /// Looks for a text, whatever the case of its letters, from a sender, to a recipient; `""` is any.
    pub fn new(text: &str, sender: &str, recipient: &str, kinds: KindFilter) -> Self {
        let (sender, recipient) = (sender.to_owned(), recipient.to_owned());
        Self { needle: fold(text), sender, recipient, kinds, reader: None, mode: None }
    }

    /// The same, of messages only that somebody has said or is addressed by, in its role.
    pub fn seen_by(self, name: &str, role: Role) -> Self {
        Self { reader: Some((name.to_owned(), role)), ..self }
    }

    /// The same, of messages of one mode only, if one is given.
    pub fn in_mode(self, mode: Option<MessageMode>) -> Self {
        Self { mode, ..self }
    }

    /// Whether an event is looked for. `read` gets the text of a message that became a file, and is asked only when
    /// everything else holds.
    pub fn matches(&self, event: &Event, read: impl FnOnce(&str) -> Option<Vec<u8>>) -> bool {
        let Some(said) = Said::of(event) else { return false };
        let is_kind = match self.kinds {
            KindFilter::All => true,
            KindFilter::Chat => !said.is_notice,
            KindFilter::Notify => said.is_notice,
        };
        is_kind
            && (self.sender.is_empty() || self.sender == said.sender)
            && (self.recipient.is_empty() || said.recipients().any(|name| name == self.recipient))
            && self.reader.as_ref().is_none_or(|(name, role)| said.is_seen_by(name, *role))
            && self.mode.is_none_or(|mode| said.mode == Some(mode))
            && (self.needle.is_empty()
                || said.texts.iter().any(|text| fold(text).contains(&self.needle))
                || long_text::path(event).and_then(read).is_some_and(|text| self.is_in(&text)))
    }

    fn is_in(&self, text: &[u8]) -> bool {
        if is_plain(&self.needle) {
            return contains(text, self.needle.as_bytes());
        }
        fold(&String::from_utf8_lossy(text)).contains(&self.needle)
    }

    /// Whether a line of a ledger may be the line of an event that is looked for. Cheap, and never wrongly no.
    pub fn may_match(&self, line: &[u8]) -> bool {
        let has = |word: &str| memmem::find(line, word.as_bytes()).is_some();
        let is_kind = match self.kinds {
            KindFilter::All => has("chat.message") || has("system.notify"),
            KindFilter::Chat => has("chat.message"),
            KindFilter::Notify => has("system.notify"),
        };
        let is_mode = self.mode != Some(MessageMode::Mail) || has(MessageMode::Mail.word());
        let is_text = !is_plain(&self.needle) || contains(line, self.needle.as_bytes());
        is_kind && is_mode && (is_text || has(long_text::MARK))
    }

    /// The places that the signature of a piece has set, if something in it matches.
    pub fn places(&self) -> Vec<u16> {
        let mut places = Vec::new();
        let mut add = |place| places.push(place);
        trigrams(self.needle.as_bytes(), &mut add);
        if !self.sender.is_empty() {
            add(place(SENDER, self.sender.as_bytes()));
        }
        if !self.recipient.is_empty() {
            add(place(RECIPIENT, self.recipient.as_bytes()));
        }
        match self.kinds {
            KindFilter::All => {}
            KindFilter::Chat => add(place(KIND, b"chat")),
            KindFilter::Notify => add(place(KIND, b"notify")),
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// Which words a piece of a ledger may have: one that lacks a bit has not the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature([u8; SIGNATURE_BYTES]);

impl Default for Signature {
    fn default() -> Self {
        Self([0; SIGNATURE_BYTES])
    }
}

impl Signature {
    /// To be kept.
    pub fn bytes(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.0
    }

    /// Adds everything that can be looked for in an event. Returns whether there is anything.
    pub fn add(&mut self, event: &Event) -> bool {
        let Some(said) = Said::of(event) else { return false };
        let mut set = |place: u16| self.0[usize::from(place / 8)] |= 1 << (place % 8);
        for text in &said.texts {
            trigrams(fold(text).as_bytes(), &mut set);
        }
        // A text this long has nearly every place; to read it for the rest would tell little.
        if long_text::path(event).is_some() {
            (0..SIGNATURE_BITS as u16).for_each(&mut set);
        }
        set(place(SENDER, said.sender.as_bytes()));
        said.recipients().for_each(|name| set(place(RECIPIENT, name.as_bytes())));
        set(place(KIND, if said.is_notice { b"notify" } else { b"chat" }));
        true
    }

    /// Whether so much was added that it says little.
    pub fn is_full(&self) -> bool {
        self.0.iter().map(|byte| byte.count_ones()).sum::<u32>() >= SIGNATURE_FULL
    }
}

/// Whether all places are set in the bytes of a signature. One that is cut off has none.
pub fn has_places(bytes: &[u8], places: &[u16]) -> bool {
    places.iter().all(|place| bytes.get(usize::from(place / 8)).is_some_and(|byte| byte & 1 << (place % 8) != 0))
}

/// What can be looked for in an event.
struct Said<'a> {
    is_notice: bool,
    sender: &'a str,
    to: &'a [String],
    target: Option<&'a str>,
    texts: [&'a str; 2],
    mode: Option<MessageMode>,
}

impl<'a> Said<'a> {
    fn of(event: &'a Event) -> Option<Self> {
        let sender = event.by.as_str();
        match &event.body {
            Body::ChatMessage(message) => {
                let (to, texts) = (&message.to[..], [message.text.as_str(), ""]);
                Some(Self { is_notice: false, sender, to, target: None, texts, mode: Some(mode(message)) })
            }
            Body::SystemNotify(notice) => {
                let target = notice.target_actor_id.as_deref().filter(|target| !target.is_empty());
                let texts = [notice.title.as_str(), notice.message.as_str()];
                Some(Self { is_notice: true, sender, to: &[], target, texts, mode: None })
            }
            _ => None,
        }
    }

    /// Whether somebody has said it or is addressed by it.
    fn is_seen_by(&self, name: &str, role: Role) -> bool {
        let is_own = self.sender == name || self.sender.is_empty() && name == "user";
        !self.is_notice && (is_own || is_addressed(self.to, name, role))
    }

    /// Whom it names; what names nobody is for all.
    fn recipients(&self) -> impl Iterator<Item = &'a str> {
        let named = self.to.iter().map(String::as_str).chain(self.target);
        let all = (self.to.is_empty() && self.target.is_none()).then_some("@all");
        named.chain(all)
    }
}

/// How a message was handed over: as newer clients say, or as the fields of older ones mean.
fn mode(message: &ChatMessage) -> MessageMode {
    let meant = if message.reply_required { MessageMode::RequestReply } else { MessageMode::Send };
    message.message_mode.unwrap_or(meant)
}

/// The text with all letters small. One letter stays one letter, and none becomes an ASCII letter that was none: so
/// a line of a ledger can be looked through as it is.
fn fold(text: &str) -> String {
    text.chars().map(small).collect()
}

fn small(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut small = letter.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) if !one.is_ascii() => one,
        _ => letter,
    }
}

/// Whether a folded text stands in a line of a ledger as it is, but for the case of ASCII letters.
fn is_plain(needle: &str) -> bool {
    let is_escaped = |letter: char| letter == '"' || letter == '\\' || letter.is_control();
    let has_case = |letter: char| !letter.is_ascii() && !letter.to_uppercase().eq(std::iter::once(letter));
    !needle.chars().any(|letter| is_escaped(letter) || has_case(letter))
}

/// Whether a line has a text, whatever the case of its ASCII letters. The needle's are small.
fn contains(line: &[u8], needle: &[u8]) -> bool {
    if !needle.iter().any(u8::is_ascii_alphabetic) {
        return memmem::find(line, needle).is_some();
    }
    let rarity = |byte: &u8| FREQUENT.iter().position(|frequent| frequent == byte).unwrap_or(FREQUENT.len());
    let Some((at, rare)) = needle.iter().copied().enumerate().max_by_key(|(_, byte)| rarity(byte)) else { return true };
    let mut from = at;
    while let Some(found) = line.get(from..).and_then(|rest| memchr2(rare, rare.to_ascii_uppercase(), rest)) {
        let begin = from + found - at;
        if line.get(begin..begin + needle.len()).is_some_and(|piece| piece.eq_ignore_ascii_case(needle)) {
            return true;
        }
        from += found + 1;
    }
    false
}

fn trigrams(text: &[u8], take: &mut impl FnMut(u16)) {
    text.windows(3).for_each(|three| take(place(TEXT, three)));
}

/// The place of a word of a field (FNV-1a, folded).
fn place(field: u8, word: &[u8]) -> u16 {
    let hash = word
        .iter()
        .chain([&field])
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    ((hash ^ hash >> 15) % SIGNATURE_BITS as u32) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn event(kind: &str, by: &str, data: Value) -> Event {
        serde_json::from_value(json!({"id": "a", "ts": "t", "kind": kind, "by": by, "data": data})).unwrap()
    }

    fn message(by: &str, to: &[&str], text: &str) -> Event {
        event("chat.message", by, json!({"text": text, "to": to}))
    }

    /// A cheap no must be a real no, and what a signature lacks must not be there.
    fn check(query: &Query, event: &Event, wanted: bool) {
        assert_eq!(query.matches(event, |_| None), wanted, "{query:?} in {event:?}");
        let mut signature = Signature::default();
        signature.add(event);
        let line = serde_json::to_vec(event).unwrap();
        if wanted {
            assert!(query.may_match(&line) && has_places(signature.bytes(), &query.places()), "{query:?} in {event:?}");
        }
    }

    #[test]
    fn what_is_looked_for_is_found_whatever_its_case() {
        use KindFilter::{All, Chat, Notify};
        let said = message("a", &["b", "@peers"], "Der Plan: \"GRÜN\" 审阅 İx");
        let all = message("user", &[], "to everybody");
        let told =
            event("system.notify", "system", json!({"title": "Headline", "message": "a Body", "target_actor_id": "b"}));
        #[rustfmt::skip]
        let cases = [
            // text        sender    recipient  kinds    found in said, all, told
            ("",           "",       "",        All,     [true,  true,  true]),
            ("PLAN",       "",       "",        All,     [true,  false, false]),
            ("\"grün\"",   "",       "",        All,     [true,  false, false]),
            ("审阅",        "",       "",        Chat,    [true,  false, false]),
            ("审",          "",       "",        Notify,  [false, false, false]),
            ("İX",         "",       "",        All,     [true,  false, false]),
            ("b",          "",       "",        All,     [false, true,  true]),
            ("headline",   "",       "",        All,     [false, false, true]),
            ("A BODY",     "system", "b",       Notify,  [false, false, true]),
            ("",           "a",      "",        All,     [true,  false, false]),
            ("",           "",       "b",       All,     [true,  false, true]),
            ("",           "",       "@all",    All,     [false, true,  false]),
            ("",           "",       "@peers",  Chat,    [true,  false, false]),
            ("",           "A",      "",        All,     [false, false, false]),
            ("chat",       "",       "",        All,     [false, false, false]),
        ];
        for (text, sender, recipient, kinds, found) in cases {
            let query = Query::new(text, sender, recipient, kinds);
            for (event, found) in [&said, &all, &told].into_iter().zip(found) {
                check(&query, event, found);
            }
        }
        let other = event("group.update", "user", json!({"patch": {"title": "Plan"}}));
        check(&Query::new("plan", "", "", All), &other, false);
    }

    #[test]
    fn a_reader_and_a_mode_narrow_a_search() {
        use MessageMode::{Mail, RequestReply, Send};
        let with = |by, data: Value| event("chat.message", by, data);
        let plain = message("a", &["b"], "x");
        let old = with("", json!({"text": "x", "to": ["@peers"], "reply_required": true}));
        let mail = with("c", json!({"text": "x", "to": [], "message_mode": "mail"}));
        let told = event("system.notify", "system", json!({"title": "x"}));
        #[rustfmt::skip]
        let cases = [
            // reader   role           mode                found in plain, old, mail, told
            ("a",      Role::Foreman, None,               [true,  false, true,  false]),
            ("a",      Role::Peer,    None,               [true,  true,  true,  false]),
            ("b",      Role::Foreman, None,               [true,  false, true,  false]),
            ("user",   Role::Foreman, None,               [false, true,  true,  false]),
            ("b",      Role::Peer,    Some(Send),         [true,  false, false, false]),
            ("b",      Role::Peer,    Some(RequestReply), [false, true,  false, false]),
            ("b",      Role::Peer,    Some(Mail),         [false, false, true,  false]),
        ];
        for (name, role, mode, found) in cases {
            let query = Query::new("", "", "", KindFilter::Chat).seen_by(name, role).in_mode(mode);
            for (event, found) in [&plain, &old, &mail, &told].into_iter().zip(found) {
                check(&query, event, found);
            }
        }
    }

    /// The rule that lets a line be looked through as it is, for every letter there is.
    #[test]
    fn a_letter_without_case_comes_from_no_other_letter() {
        for letter in '\0'..=char::MAX {
            let folded = small(letter);
            assert_eq!(small(folded), folded, "{letter:?}");
            if folded != letter && !letter.is_ascii() {
                assert!(!is_plain(&folded.to_string()), "{letter:?} becomes {folded:?}");
            }
        }
    }

    #[test]
    fn a_signature_tells_pieces_apart_and_says_when_it_cannot() {
        let mut signature = Signature::default();
        assert!(!signature.add(&event("chat.ack", "a", json!({"actor_id": "a", "event_id": "e"}))));
        assert!(signature.add(&message("a", &["b"], "one thing only")) && !signature.is_full());
        let query = |text: &str| Query::new(text, "", "", KindFilter::All).places();
        assert!(has_places(signature.bytes(), &query("thing")) && !has_places(signature.bytes(), &query("another")));
        let long: String = (0..10_000).map(|number| format!("{number:x} ")).collect();
        signature.add(&message("a", &["b"], &long));
        assert!(signature.is_full());
    }

    proptest! {
        #[test]
        fn no_piece_of_a_text_is_missed(text in "\\PC{0,40}", from in 0_usize..40, len in 0_usize..12) {
            let piece: String = text.chars().skip(from).take(len).collect();
            check(&Query::new(&piece, "a", "b", KindFilter::Chat), &message("a", &["b"], &text), true);
            let loud: String = piece.chars().map(|letter| letter.to_ascii_uppercase()).collect();
            check(&Query::new(&loud, "", "", KindFilter::All), &message("a", &["b"], &text), true);
        }
    }
}
