//! The line that an event takes on disk, and the proof that it is the right one.
//!
//! A line is the event as it travels, plus three fields that stay on disk:
//!
//! * `req` on the first event of each request: its `id`, `op` (a digest of what was asked), `synced` (the sequence
//!   number up to which the ledger was known to be on disk; absent when that is the line before), and `with` (ledger
//!   and sequence number of the line that decides whether this request happened, when it touches several ledgers).
//! * `more: true` on every event of a request but its last, so that a request is taken whole or not at all.
//! * `sum`, always last: a 128-bit blake3 chain over the `sum` of the line before and this line. A line that was
//!   changed, lost, doubled or moved breaks the chain at that place.
//!
//! Pure: bytes in, bytes out. What a broken line means is decided by [`super::scan`].

use bus::contract::limit::LEDGER_LINE_BYTES_MAX;
use bus::contract::{Body, Event};
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::Write as _;

/// A link of the chain.
pub type Sum = [u8; 16];

/// What the first line of a ledger is chained to.
pub const START: Sum = [0; 16];

/// Digest of an op and of who asked for it.
pub type OpDigest = [u8; 8];

const SUM_KEY: &[u8] = b",\"sum\":\"";
const SUM_END: &[u8] = b"\"}";
const SUM_HEX: usize = 32;
const MORE: &[u8] = b",\"more\":true";
const REQ_KEY: &[u8] = b",\"req\":";
/// Bytes at the end of every line that state its sum, without the newline.
pub const SUM_BYTES: usize = SUM_KEY.len() + SUM_HEX + SUM_END.len();

/// The request that an event belongs to, as its first event tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Req {
    /// The request's id.
    pub id: String,
    /// What it asked for.
    pub op: OpDigest,
    /// Up to here the ledger was on disk for certain when this line was written.
    pub synced: u64,
    /// The line that decides whether the request happened; `None` is this ledger itself.
    pub with: Option<(String, u64)>,
}

/// One line, read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The event.
    pub event: Event,
    /// Present on the first event of a request.
    pub req: Option<Req>,
    /// Whether the next line belongs to the same request.
    pub more: bool,
    /// Its link of the chain.
    pub sum: Sum,
}

/// Why bytes are not the line that should stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not an event with a sum at its end.
    #[error("it is no event line ({0})")]
    Shape(String),
    /// Another sequence number.
    #[error("it has sequence number {found}, {wanted} was expected")]
    Seq {
        /// On disk.
        found: u64,
        /// By position.
        wanted: u64,
    },
    /// The chain is broken.
    #[error("its checksum does not match its content and the line before")]
    Sum,
    /// A snapshot has seen what was here.
    #[error("its request is not what it was when the snapshot was made")]
    Changed,
}

/// A line would be longer than a ledger accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event takes {bytes} bytes, the limit LEDGER_LINE_BYTES_MAX is {LEDGER_LINE_BYTES_MAX}")]
pub struct TooLong {
    /// Its size, newline included.
    pub bytes: usize,
}

/// Appends the line of an event to `out` and returns its link of the chain.
///
/// # Errors
///
/// [`TooLong`] leaves `out` as it was.
pub fn write(out: &mut Vec<u8>, event: &Event, req: Option<&Req>, more: bool, before: &Sum) -> Result<Sum, TooLong> {
    let start = out.len();
    serde_json::to_writer(&mut *out, event).expect("an event is plain data and memory takes it");
    assert_eq!(out.pop(), Some(b'}'), "an event is written as an object");
    if let Some(req) = req {
        write_req(out, req, event.seq);
    }
    if more {
        out.extend_from_slice(MORE);
    }
    let sum = chain(before, &out[start..]);
    out.extend_from_slice(SUM_KEY);
    push_hex(out, &sum);
    out.extend_from_slice(SUM_END);
    out.push(b'\n');
    let bytes = out.len() - start;
    if bytes > LEDGER_LINE_BYTES_MAX {
        out.truncate(start);
        return Err(TooLong { bytes });
    }
    Ok(sum)
}

/// Reads the line that should stand at `seq` after a line with the sum `before`. `line` is without its newline.
///
/// # Errors
///
/// It is not that line.
pub fn read(line: &[u8], seq: u64, before: &Sum) -> Result<Record, LineError> {
    let (content, stated) = split(line)?;
    if chain(before, content) != stated {
        // Most telling first: a wrong number says that lines are missing, and where.
        return Err(match read_loose(line) {
            Ok(record) if record.event.seq != seq => LineError::Seq { found: record.event.seq, wanted: seq },
            Ok(_) => LineError::Sum,
            Err(shape) => shape,
        });
    }
    let record = read_loose(line)?;
    if record.event.seq != seq {
        return Err(LineError::Seq { found: record.event.seq, wanted: seq });
    }
    Ok(record)
}

/// Reads a line for itself, whatever stands before it: an event line whose chain is not looked at.
///
/// # Errors
///
/// It has not the shape of a line.
pub fn read_loose(line: &[u8]) -> Result<Record, LineError> {
    let (_, sum) = split(line)?;
    let on_disk = OnDisk::read(line)?;
    let more = on_disk.more;
    let (event, req) = on_disk.checked()?;
    Ok(Record { event, req, more, sum })
}

/// The event of a line that was read before, and is not looked at closely again.
///
/// # Errors
///
/// It is no event.
pub fn event(line: &[u8]) -> Result<Event, LineError> {
    OnDisk::read(line)?.checked().map(|(event, _)| event)
}

/// The event of a line that this process has written, unread, to be handed on; `None` when the line is not as it was
/// written, or was written in another way. The cost is that of one look whether it has the shape of an event.
pub fn unread(line: &[u8]) -> Option<Event> {
    let (content, _) = split(line).ok()?;
    let content = content.strip_suffix(MORE).unwrap_or(content);
    // A text has no quote without a backslash before it, and what is within the data does not reach to the end.
    let is_req = |at: &usize| serde_json::from_slice::<&RawValue>(&content[*at + REQ_KEY.len()..]).is_ok();
    let end = memmem::rfind(content, REQ_KEY).filter(is_req).unwrap_or(content.len());
    let mut json = Vec::with_capacity(end + 1);
    json.extend_from_slice(&content[..end]);
    json.push(b'}');
    Event::unread(json).ok()
}

/// The link of the chain that a line states, whether or not it is right.
pub fn stated_sum(line: &[u8]) -> Option<Sum> {
    split(line).ok().map(|(_, sum)| sum)
}

/// A line in one pass. The same as reading an [`Event`] and the rest after it, at half the cost: a start reads many.
#[derive(Deserialize)]
struct OnDisk<'a> {
    #[serde(default)]
    seq: u64,
    id: String,
    ts: String,
    kind: String,
    #[serde(default)]
    group_id: String,
    #[serde(default)]
    scope_key: String,
    #[serde(default)]
    by: String,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    req: Option<ReqOnDisk>,
    #[serde(default)]
    more: bool,
}

impl<'a> OnDisk<'a> {
    fn read(line: &'a [u8]) -> Result<Self, LineError> {
        serde_json::from_slice(line).map_err(|e| LineError::Shape(e.to_string()))
    }

    fn checked(self) -> Result<(Event, Option<Req>), LineError> {
        let Self { seq, id, ts, kind, group_id, scope_key, by, data, req, .. } = self;
        if id.is_empty() {
            return Err(LineError::Shape("an event needs an id".into()));
        }
        let data = data.map_or("null", RawValue::get);
        let body = Body::read(kind, data).map_err(|e| LineError::Shape(e.to_string()))?;
        let req = req.map(|req| req.checked(seq)).transpose()?;
        Ok((Event { seq, id, ts, group_id, scope_key, by, body }, req))
    }
}

#[derive(Deserialize)]
struct ReqOnDisk {
    id: String,
    op: String,
    synced: Option<u64>,
    with: Option<(String, u64)>,
}

impl ReqOnDisk {
    fn checked(self, seq: u64) -> Result<Req, LineError> {
        let op = unhex(self.op.as_bytes()).ok_or_else(|| LineError::Shape("its op digest is not hex".into()))?;
        Ok(Req { id: self.id, op, synced: self.synced.unwrap_or(seq.saturating_sub(1)), with: self.with })
    }
}

fn write_req(out: &mut Vec<u8>, req: &Req, seq: u64) {
    out.extend_from_slice(REQ_KEY);
    out.extend_from_slice(b"{\"id\":");
    serde_json::to_writer(&mut *out, &req.id).expect("text is plain data and memory takes it");
    out.extend_from_slice(b",\"op\":\"");
    push_hex(out, &req.op);
    out.push(b'"');
    if req.synced + 1 != seq {
        write!(out, ",\"synced\":{}", req.synced).expect("memory takes it");
    }
    if let Some((ledger, seq)) = &req.with {
        write!(out, ",\"with\":[\"{ledger}\",{seq}]").expect("memory takes it");
    }
    out.push(b'}');
}

fn chain(before: &Sum, content: &[u8]) -> Sum {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(content);
    let mut sum = START;
    hasher.finalize_xof().fill(&mut sum);
    sum
}

/// A line's content and its stated sum.
fn split(line: &[u8]) -> Result<(&[u8], Sum), LineError> {
    let no_sum = || LineError::Shape("no checksum at its end".into());
    let at = line.len().checked_sub(SUM_BYTES).ok_or_else(no_sum)?;
    let (content, rest) = line.split_at(at);
    let hex = rest.strip_prefix(SUM_KEY).and_then(|rest| rest.strip_suffix(SUM_END)).ok_or_else(no_sum)?;
    Ok((content, unhex(hex).ok_or_else(no_sum)?))
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend(bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]));
}

fn unhex<const N: usize>(hex: &[u8]) -> Option<[u8; N]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    if hex.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::event::ChatAck;
    use proptest::prelude::*;

    fn event(seq: u64, text: &str) -> Event {
        let body = ChatAck { actor_id: text.into(), event_id: "e".into() }.into();
        Event {
            seq,
            id: format!("{seq:032x}"),
            ts: "2026-01-13T12:34:56Z".into(),
            group_id: "g_0123456789ab".into(),
            scope_key: String::new(),
            by: "user".into(),
            body,
        }
    }

    fn req(synced: u64, with: Option<(String, u64)>) -> Req {
        Req { id: "a \"quoted\"\n id".into(), op: [0, 1, 2, 3, 4, 5, 6, 0xff], synced, with }
    }

    fn line(seq: u64, req: Option<&Req>, more: bool) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, &event(seq, "a"), req, more, &START).unwrap();
        out.pop();
        out
    }

    #[test]
    fn a_line_is_read_back_as_it_was_written() {
        #[rustfmt::skip]
        let cases = [
            // first of a request                        more
            (None,                                       false),
            (None,                                       true),
            (Some(req(6, None)),                         false),
            (Some(req(3, None)),                         true),
            (Some(req(3, Some(("home".into(), 12)))),    false),
        ];
        for (req, more) in cases {
            let record = read(&line(7, req.as_ref(), more), 7, &START).unwrap();
            assert_eq!((record.req, record.more, record.event), (req, more, event(7, "a")));
        }
    }

    /// Whatever another version has written is read as the contract reads it.
    #[test]
    fn a_line_is_the_event_that_the_contract_reads() {
        #[rustfmt::skip]
        let cases = [
            r#"{"v":1,"seq":1,"id":"a","ts":"t","kind":"chat.ack","group_id":"g","scope_key":"s","by":"u","data":{"actor_id":"x","event_id":"y"}}"#,
            r#"{"id":"a","ts":"t","kind":"chat.ack","data":{"actor_id":7},"extra":[1,{"b":null}]}"#,
            r#"{"id":"a","ts":"t","kind":"x.unknown"}"#,
            r#"{"data":null,"kind":"x.unknown","ts":"t","id":"\u0061"}"#,
        ];
        for text in cases {
            assert_eq!(super::event(text.as_bytes()).unwrap(), serde_json::from_str::<Event>(text).unwrap(), "{text}");
        }
        for text in ["{}", "[]", r#"{"id":"","ts":"t","kind":"k"}"#, r#"{"id":"a","ts":"t"}"#, "\u{ff}"] {
            assert!(super::event(text.as_bytes()).is_err() && serde_json::from_str::<Event>(text).is_err(), "{text}");
        }
    }

    /// Whatever a line has on disk only, and whatever looks like it inside of the event, the same event is handed on.
    #[test]
    fn a_line_that_is_handed_on_has_the_event_and_nothing_else() {
        let like_it =
            r#","req":{"id":"a","op":"0001020304050607"},"more":true,"sum":"00000000000000000000000000000000"}"#;
        let nested = serde_json::json!({"a": [like_it, {"b": 1, "req": {"id": "a", "op": "0001020304050607"}}], "z": {"more": true}});
        let last = serde_json::json!({"a": 1, "req": {"id": "a"}});
        let bodies = [
            ChatAck { actor_id: like_it.into(), event_id: "\\\"\n".into() }.into(),
            Body::Unknown { kind: "x.other".into(), data: nested },
            Body::Unknown { kind: "x.other".into(), data: last },
        ];
        for body in bodies {
            for req in [None, Some(req(6, None)), Some(req(3, Some(("home".into(), 12))))] {
                for more in [false, true] {
                    let (event, mut line) = (Event { body: Body::clone(&body), ..event(7, "") }, Vec::new());
                    write(&mut line, &event, req.as_ref(), more, &START).unwrap();
                    line.pop();
                    let unread = unread(&line).unwrap();
                    assert_eq!((unread.seq, unread.json()), (7, event.json()), "{req:?} {more}");
                    let kind = memmem::find(&line, b"\"kind\"").unwrap();
                    for (at, byte) in [(40, b'\n'), (kind + 1, b'q')] {
                        let mut harmed = line.clone();
                        harmed[at] = byte;
                        assert!(super::unread(&harmed).is_none(), "what was harmed is not handed on");
                    }
                }
            }
        }
        assert!(unread(br#"{"id":"a","ts":"t","kind":"x.unknown"}"#).is_none(), "somebody else has written it");
    }

    #[test]
    fn what_is_usual_takes_no_room() {
        let text = String::from_utf8(line(7, Some(&req(6, None)), false)).unwrap();
        assert!(!text.contains("synced") && !text.contains("with") && !text.contains("more"), "{text}");
    }

    /// Whichever bit of a line changes, the line is not believed.
    #[test]
    fn no_changed_bit_goes_unnoticed() {
        let whole = line(7, Some(&req(6, None)), true);
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[at] ^= 1 << bit;
                assert!(read(&changed, 7, &START).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_line_in_the_wrong_place_is_told_from_a_changed_one() {
        let whole = line(7, None, false);
        let other = [1; 16];
        assert_eq!(read(&whole, 8, &other), Err(LineError::Seq { found: 7, wanted: 8 }));
        assert_eq!(read(&whole, 8, &START), Err(LineError::Seq { found: 7, wanted: 8 }));
        assert_eq!(read(&whole, 7, &other), Err(LineError::Sum));
        assert!(matches!(read(b"{}", 7, &START), Err(LineError::Shape(_))));
    }

    #[test]
    fn a_line_that_is_too_long_leaves_nothing_behind() {
        let mut out = b"before".to_vec();
        let long = "x".repeat(LEDGER_LINE_BYTES_MAX);
        assert!(write(&mut out, &event(1, &long), None, false, &START).unwrap_err().bytes > LEDGER_LINE_BYTES_MAX);
        assert_eq!(out, b"before");
    }

    proptest! {
        #[test]
        fn garbage_is_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(read(&bytes, 1, &START).is_err());
            prop_assert!(stated_sum(&bytes).is_none());
        }

        #[test]
        fn any_text_survives(text in "\\PC*") {
            let mut out = Vec::new();
            let sum = write(&mut out, &event(1, &text), None, false, &START).unwrap();
            prop_assert_eq!(out.pop(), Some(b'\n'));
            prop_assert!(!out.contains(&b'\n'));
            let record = read(&out, 1, &START).unwrap();
            prop_assert_eq!((record.event, record.sum), (event(1, &text), sum));
        }
    }
}
