//! Reading a ledger from some place to its end: which requests are whole, and what the rest is.
//!
//! A crash in mid-write leaves a torn tail: it was never acknowledged and may go. Anything else that does not fit is
//! damage: it was acknowledged and somebody has to look at it. They are told apart by what follows. A line tells up
//! to where its ledger was on disk when it was written (`req.synced`), so a whole line that knew the broken one to be
//! on disk proves damage. Lines of the same unfinished batch prove nothing: after a power cut the pages of one write
//! may have arrived in any order. Nor does a crash make a whole line of something else: a line that another program
//! wrote, or an editor that ends lines with CR LF, is damage, wherever it stands.

use super::line::{self, LineError, Record, Req, Sum};
use bus::contract::limit::LEDGER_LINE_BYTES_MAX;
use serde_json::{Map, Value};
use std::io::{self, BufRead, Read};

/// Longest torn tail: no batch is longer. It is copied aside when it is cut off, so what is longer is left alone.
const TORN_BYTES_MAX: u64 = if cfg!(test) { 4 } else { 512 } * 1024 * 1024;

/// A place between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Sequence number of the line before; 0 at the beginning.
    pub seq: u64,
    /// Offset in the file.
    pub offset: u64,
    /// Sum of the line before.
    pub sum: Sum,
}

impl Place {
    /// Before the first line.
    pub const START: Self = Self { seq: 0, offset: 0, sum: line::START };
}

/// One request's events in one ledger.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Whole {
    /// Its lines, at least one.
    pub records: Vec<Record>,
    /// The bytes each line takes, newline included.
    pub bytes: Vec<usize>,
}

impl Whole {
    fn req(&self) -> Option<&Req> {
        self.records.first().and_then(|first| first.req.as_ref())
    }

    /// Whether another ledger decides if this request has happened.
    fn is_decided_elsewhere(&self) -> bool {
        self.req().is_some_and(|req| req.with.is_some())
    }
}

/// Where and why a ledger is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} at byte {byte} is damaged: {why}")]
pub struct Damage {
    /// Which line, counted from 1.
    pub line: u64,
    /// Where it begins.
    pub byte: u64,
    /// What is wrong with it.
    pub why: LineError,
}

/// What comes after the last whole request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Nothing.
    Clean,
    /// Something that was never acknowledged.
    Torn,
    /// Something that was.
    Damaged(Damage),
}

/// Reads from `from` on and hands every whole request to `take`, in order. Returns where the last of them ends and
/// what comes then.
///
/// `decided` is asked about the last request only, when another ledger decides on it. An earlier one was decided, or
/// nothing would have been written after it.
///
/// # Errors
///
/// The input cannot be read.
pub fn scan(
    input: impl BufRead,
    from: Place,
    decided: &dyn Fn(&Req) -> bool,
    take: &mut dyn FnMut(Whole),
) -> io::Result<(Place, Ending)> {
    let mut scanner = Scanner { input, line: Vec::new(), taken: from, read: from, whole: Whole::default() };
    let mut held: Option<(Whole, Place)> = None;
    loop {
        match scanner.next()? {
            Step::Request(whole) => {
                if let Some((earlier, end)) = held.take() {
                    take(earlier);
                    scanner.taken = end;
                }
                if whole.is_decided_elsewhere() {
                    held = Some((whole, scanner.read));
                } else {
                    take(whole);
                    scanner.taken = scanner.read;
                }
            }
            Step::End(ending) => {
                let Some((last, end)) = held else { return Ok((scanner.taken, ending)) };
                if ending == Ending::Clean && !last.req().is_some_and(decided) {
                    return Ok((scanner.taken, Ending::Torn));
                }
                take(last);
                return Ok((end, ending));
            }
        }
    }
}

enum Step {
    Request(Whole),
    End(Ending),
}

struct Scanner<R> {
    input: R,
    line: Vec<u8>,
    /// After the last request that was handed on.
    taken: Place,
    /// After the last line that was read.
    read: Place,
    whole: Whole,
}

impl<R: BufRead> Scanner<R> {
    fn next(&mut self) -> io::Result<Step> {
        loop {
            self.line.clear();
            let limit = LEDGER_LINE_BYTES_MAX as u64;
            let bytes = (&mut self.input).take(limit).read_until(b'\n', &mut self.line)?;
            if bytes == 0 {
                let ending = if self.whole.records.is_empty() { Ending::Clean } else { Ending::Torn };
                return Ok(Step::End(ending));
            }
            let seq = self.read.seq + 1;
            let read = match self.line.strip_suffix(b"\n") {
                Some(line) => line::read(line, seq, &self.read.sum),
                None => Err(LineError::Shape("it has no end".into())),
            };
            let record = match read {
                Ok(record) => record,
                Err(why) => return Ok(Step::End(self.judge(why)?)),
            };
            self.read = Place { seq, offset: self.read.offset + bytes as u64, sum: record.sum };
            let more = record.more;
            self.whole.records.push(record);
            self.whole.bytes.push(bytes);
            if !more {
                return Ok(Step::Request(std::mem::take(&mut self.whole)));
            }
        }
    }

    /// Torn or damaged: decided by the line that does not fit and by all that follow it.
    fn judge(&mut self, why: LineError) -> io::Result<Ending> {
        let missing = self.read.seq + 1;
        if missing == 1 && !self.line.first().is_some_and(|byte| b"{ \n\0".contains(byte)) {
            return Ok(Ending::Damaged(Damage { line: missing, byte: self.read.offset, why }));
        }
        let mut rest_bytes = 0;
        loop {
            let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            rest_bytes += self.line.len() as u64;
            let knows = rest_bytes > TORN_BYTES_MAX
                || line::read_loose(line).is_ok_and(|r| r.req.is_some_and(|req| req.synced >= missing));
            if knows || is_rewritten(&self.line) {
                return Ok(Ending::Damaged(Damage { line: missing, byte: self.read.offset, why }));
            }
            self.line.clear();
            let limit = LEDGER_LINE_BYTES_MAX as u64;
            if (&mut self.input).take(limit).read_until(b'\n', &mut self.line)? == 0 {
                return Ok(Ending::Torn);
            }
        }
    }
}

/// Whether a line is a whole event, and not as we write it: with something else than its sum at its end.
fn is_rewritten(line: &[u8]) -> bool {
    let Some(line) = line.strip_suffix(b"\n").filter(|line| line::stated_sum(line).is_none()) else { return false };
    serde_json::from_slice::<Map<String, Value>>(line).is_ok_and(|object| object.contains_key("kind"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{self, Line};

    fn requests(bytes: &[u8], decided: bool) -> (Vec<usize>, Place, Ending) {
        let mut sizes = Vec::new();
        let (end, ending) =
            scan(bytes, Place::START, &|_| decided, &mut |whole| sizes.push(whole.records.len())).unwrap();
        (sizes, end, ending)
    }

    /// Requests of one, three and two events.
    fn ledger() -> (Vec<u8>, Vec<usize>) {
        testing::ledger(&[
            Line::first(),
            Line::first().more(),
            Line::next().more(),
            Line::next(),
            Line::first().more(),
            Line::next(),
        ])
    }

    /// Wherever a crash cuts the file, exactly the requests that are whole remain.
    #[test]
    fn a_cut_anywhere_keeps_exactly_the_whole_requests() {
        let (bytes, ends) = ledger();
        let whole_ends = [0, ends[0], ends[3], ends[5]];
        for cut in 0..=bytes.len() {
            let (sizes, end, ending) = requests(&bytes[..cut], true);
            let kept = whole_ends.iter().filter(|end| **end <= cut).count() - 1;
            assert_eq!(sizes, [1, 3, 2][..kept], "cut at {cut}");
            assert_eq!(end.offset, whole_ends[kept] as u64, "cut at {cut}");
            assert_eq!(ending == Ending::Clean, cut == whole_ends[kept], "cut at {cut}");
            assert!(!matches!(ending, Ending::Damaged(_)), "cut at {cut}");
        }
    }

    #[test]
    fn a_torn_tail_is_told_from_damage_by_what_follows() {
        let (bytes, ends) = ledger();
        let zeroed = |from: usize, to: usize| {
            let mut changed = bytes.clone();
            changed[from..to].fill(0);
            changed
        };
        let without = |from: usize, to: usize| [&bytes[..from], &bytes[to..]].concat();
        let crlf = |from: usize| {
            let text = String::from_utf8(bytes[from..].to_vec()).unwrap();
            [&bytes[..from], text.replace('\n', "\r\n").as_bytes()].concat()
        };
        #[rustfmt::skip]
        let cases = [
            // on disk                                 kept              damaged line   why
            (bytes.clone(),                            vec![1, 3, 2],    None,          "all is well"),
            ([&bytes[..], b"\0\0\0\0"].concat(),       vec![1, 3, 2],    None,          "space was allocated, the data never arrived"),
            ([&bytes[..], b"\n"].concat(),             vec![1, 3, 2],    None,          "an empty line"),
            (zeroed(ends[3], bytes.len()),             vec![1, 3],       None,          "the last request never arrived"),
            (zeroed(ends[4], bytes.len()),             vec![1, 3],       None,          "half of the last request arrived"),
            (zeroed(ends[4] - 9, ends[4]),             vec![1, 3],       None,          "only the second half of the last request arrived"),
            (zeroed(ends[1], ends[2]),                 vec![1],          Some(3),       "the next request knew this one was on disk"),
            (zeroed(ends[0] - 2, ends[0] - 1),         vec![],           Some(1),       "the first line"),
            (zeroed(ends[0] - 1, ends[0]),             vec![],           Some(1),       "a newline is gone"),
            (without(ends[0], ends[3]),                vec![1],          Some(2),       "a request is missing"),
            (crlf(0),                                  vec![],           Some(1),       "an editor has changed every end"),
            (crlf(ends[0]),                            vec![1],          Some(2),       "all but the first"),
            (crlf(ends[4]),                            vec![1, 3],       Some(6),       "the last one alone"),
            ([&bytes[..], b"{\"kind\": \"chat\"}\n"].concat(), vec![1, 3, 2], Some(7), "another program has written"),
            (b"{\"kind\": \"chat\"}\n".to_vec(),      vec![],           Some(1),       "another program's file"),
            ([b"\xef\xbb\xbf", &bytes[..ends[0]]].concat(), vec![],       Some(1),       "a mark of Unicode in front"),
        ];
        for (bytes, kept, damaged, why) in cases {
            let (sizes, end, ending) = requests(&bytes, true);
            assert_eq!(sizes, kept, "{why}");
            let line = match ending {
                Ending::Damaged(damage) => Some(damage.line),
                Ending::Clean | Ending::Torn => None,
            };
            assert_eq!(line, damaged, "{why}");
            assert!(end.offset <= bytes.len() as u64);
        }
    }

    /// After a power cut, later pages of a batch may be there and earlier ones not. Nothing of it was acknowledged.
    #[test]
    fn a_hole_in_an_unfinished_batch_is_a_torn_tail() {
        let (bytes, ends) =
            testing::ledger(&[Line::first(), Line::first(), Line::first().synced(1), Line::first().synced(1)]);
        let mut holed = bytes.clone();
        holed[ends[1]..ends[2]].fill(0);
        assert_eq!(requests(&holed, true).0, [1, 1]);
        assert_eq!(requests(&holed, true).2, Ending::Torn);
    }

    #[test]
    fn another_ledger_decides_only_on_the_last_request() {
        let (bytes, ends) = testing::ledger(&[Line::first(), Line::first().with("home", 3), Line::first()]);
        assert_eq!(requests(&bytes, false).0, [1, 1, 1], "it is not the last");
        assert_eq!(requests(&bytes[..ends[1]], true).0, [1, 1], "it was decided");
        let (sizes, end, ending) = requests(&bytes[..ends[1]], false);
        assert_eq!((sizes, end.offset, ending), (vec![1], ends[0] as u64, Ending::Torn), "it was not");
    }

    #[test]
    fn an_endless_line_is_read_in_bounded_pieces() {
        let (mut bytes, _) = ledger();
        bytes.extend(std::iter::repeat_n(b'x', 3 * LEDGER_LINE_BYTES_MAX));
        assert_eq!(requests(&bytes, true).0, [1, 3, 2]);
        assert_eq!(requests(&bytes, true).2, Ending::Torn);
    }
}
