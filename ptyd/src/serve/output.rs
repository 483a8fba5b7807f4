//! Looking at a terminal's output by its offsets: what the screen shows, what came after a place, what was before it.
//!
//! The output is the holder's, in its ring and its log; nothing is kept here. An answer is one unbroken stretch, so
//! whoever goes on from its ends misses nothing that is still kept, and sees by the offsets what is not.

use super::{Answered, Asked, look};
use crate::screen::tail;
use crate::session::{Live, not_running};
use bus::contract::op::terminal::{History, Output, Since, Snapshot};
use bus::contract::{Code, OpError};
use ptyd::hold::{Chunk, HoldError};
use std::sync::Arc;

/// Bytes of output in an answer when the client does not say.
const BYTES_DEFAULT: i64 = 64 * 1024;

/// Fewest bytes of output that can be asked for: every answer gets somewhere.
const BYTES_MIN: i64 = 1024;

/// Most bytes of output in an answer. Escaped for the wire they are some six times as many.
const BYTES_MAX: i64 = 256 * 1024;

/// Longest UTF-8 sequence.
const CHAR_BYTES_MAX: usize = 4;

/// `terminal_snapshot`: ledgerd says whether the caller may look, and what to warn of.
pub async fn snapshot(asked: &Asked<'_>, op: Snapshot) -> Answered<Snapshot> {
    let mut shown = asked.forward(op.clone()).await?;
    let live = live(asked, &op.group_id, &op.actor_id)?;
    let drawing_max = op.limit_bytes.filter(|count| *count != 0).unwrap_or(BYTES_MAX).clamp(0, BYTES_MAX);
    // All under one lock: the offset belongs to this very screen.
    let screen = live.screen();
    let drawing = screen.drawing();
    if drawing.len() as u64 <= drawing_max.unsigned_abs() {
        shown.drawing = String::from_utf8_lossy(&drawing).into_owned();
    }
    shown.text = screen.text();
    shown.offset = screen.offset();
    (shown.cols, shown.rows) = screen.size();
    drop(screen);
    live.id().clone_into(&mut shown.session_id);
    Ok(shown)
}

/// `terminal_since`: ledgerd says whether the caller may look, and that there is an offset.
pub async fn since(asked: &Asked<'_>, op: Since) -> Answered<Since> {
    let output = asked.forward(op.clone()).await?;
    let live = live(asked, &op.group_id, &op.actor_id)?;
    let _place = asked.service.tail_place().await;
    let after = offset(op.after).unwrap_or_default().max(live.cleared()).min(live.screen().offset());
    let stretch = look(read_on(&live, after, bytes_max(op.limit_bytes))).await.map_err(|e| unread(e, &op.actor_id))?;
    let text = String::from_utf8_lossy(&stretch.bytes).into_owned();
    Ok(answer(output, &live, &stretch, text))
}

/// `terminal_history`: ledgerd says whether the caller may look.
pub async fn history(asked: &Asked<'_>, op: History) -> Answered<History> {
    let output = asked.forward(op.clone()).await?;
    let live = live(asked, &op.group_id, &op.actor_id)?;
    let _place = asked.service.tail_place().await;
    let (newest, (cols, rows)) = {
        let screen = live.screen();
        (screen.offset(), screen.size())
    };
    let before = [offset(op.before), offset(op.render_before)].into_iter().flatten().fold(newest, u64::min);
    let stretch =
        look(read_back(&live, before, bytes_max(op.limit_bytes))).await.map_err(|e| unread(e, &op.actor_id))?;
    let (strip, compact) = (op.strip_ansi.unwrap_or(true), op.compact.unwrap_or(true));
    let read = move || {
        let bytes = &stretch.bytes;
        let text = if strip { tail::render(bytes, cols, rows) } else { String::from_utf8_lossy(bytes).into_owned() };
        (if compact { tail::compact(&text) } else { text }, stretch)
    };
    // It takes a while, and others want to be served.
    let read = tokio::task::spawn_blocking(read).await;
    let (text, stretch) =
        read.map_err(|_| OpError::new(Code::TerminalTailFailed, "the terminal's output could not be read"))?;
    Ok(answer(output, &live, &stretch, text))
}

fn live(asked: &Asked<'_>, group_id: &str, actor_id: &str) -> Result<Arc<Live>, OpError> {
    asked.service.live(group_id, actor_id).ok_or_else(|| not_running(actor_id))
}

fn offset(asked: Option<i64>) -> Option<u64> {
    asked.map(|offset| u64::try_from(offset).unwrap_or(0))
}

fn bytes_max(asked: Option<i64>) -> u64 {
    asked.filter(|count| *count != 0).unwrap_or(BYTES_DEFAULT).clamp(BYTES_MIN, BYTES_MAX).unsigned_abs()
}

fn unread(error: HoldError, actor_id: &str) -> OpError {
    match error {
        // It has ended since ledgerd looked.
        HoldError::Lost { .. } => not_running(actor_id),
        error => OpError::new(Code::TerminalTailFailed, error.to_string()),
    }
}

fn answer(output: Output, live: &Live, stretch: &Stretch, text: String) -> Output {
    let (start, end, has_more) = (stretch.start, stretch.end(), stretch.has_more);
    Output { session_id: live.id().to_owned(), text, start, end, has_more, ..output }
}

async fn read_on(live: &Live, after: u64, bytes_max: u64) -> Result<Stretch, HoldError> {
    let mut stretch = Stretch::at(after);
    let mut output = live.hold().read_from(after, false).await?;
    while stretch.take_on(output.next().await?, bytes_max) {}
    Ok(stretch)
}

async fn read_back(live: &Live, before: u64, bytes_max: u64) -> Result<Stretch, HoldError> {
    let oldest = live.cleared().min(before);
    let from = before.saturating_sub(bytes_max).max(oldest);
    let mut stretch = Stretch { has_more: from > oldest, ..Stretch::at(from) };
    let mut output = live.hold().read_from(from, false).await?;
    while stretch.take_until(output.next().await?, before) {}
    if stretch.has_more {
        stretch.begin_with_a_character();
    }
    Ok(stretch)
}

/// Output without a gap.
#[derive(Debug, PartialEq, Eq)]
struct Stretch {
    start: u64,
    bytes: Vec<u8>,
    has_more: bool,
}

impl Stretch {
    fn at(start: u64) -> Self {
        Self { start, bytes: Vec::new(), has_more: false }
    }

    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Takes the next chunk of output that is read forwards. False when that is enough.
    fn take_on(&mut self, chunk: Chunk, bytes_max: u64) -> bool {
        match chunk {
            Chunk::Bytes { bytes, .. } => self.bytes.extend(bytes),
            Chunk::Gap { to, .. } if self.bytes.is_empty() => self.start = to,
            // What is behind the gap is for the next time.
            Chunk::Gap { .. } => self.has_more = true,
            Chunk::End { .. } => {
                self.end_with_a_character();
                return false;
            }
        }
        if self.bytes.len() as u64 > bytes_max {
            self.bytes.truncate(usize::try_from(bytes_max).unwrap_or(usize::MAX));
            self.has_more = true;
            self.end_with_a_character();
        }
        !self.has_more
    }

    /// Takes the next chunk of output that is wanted up to a place. False when that is enough.
    fn take_until(&mut self, chunk: Chunk, before: u64) -> bool {
        match chunk {
            Chunk::Bytes { bytes, .. } => self.bytes.extend(bytes),
            Chunk::Gap { to, .. } if to >= before => {
                // What is in front of the gap is all there is; if it is nothing, nothing older is kept.
                self.has_more &= !self.bytes.is_empty();
                return false;
            }
            Chunk::Gap { to, .. } => {
                self.has_more = !self.bytes.is_empty();
                self.bytes.clear();
                self.start = to;
            }
            Chunk::End { .. } => return false,
        }
        let wanted = usize::try_from(before.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.bytes.truncate(wanted);
        self.bytes.len() < wanted
    }

    /// Leaves away what is left of a character that begins earlier.
    fn begin_with_a_character(&mut self) {
        let rest = self.bytes.iter().take(CHAR_BYTES_MAX - 1).take_while(|byte| **byte & 0xC0 == 0x80).count();
        self.bytes.drain(..rest);
        self.start += rest as u64;
    }

    /// Leaves a character whose end is not there yet for the next time.
    fn end_with_a_character(&mut self) {
        let lead = self.bytes.iter().rev().take(CHAR_BYTES_MAX).position(|byte| byte & 0xC0 != 0x80);
        let Some(behind) = lead else { return };
        let at = self.bytes.len() - 1 - behind;
        let length = match self.bytes[at] {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        if at + length > self.bytes.len() {
            self.bytes.truncate(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &[u8]) -> Chunk {
        Chunk::Bytes { offset: 0, bytes: text.to_vec() }
    }

    const fn gap(from: u64, to: u64) -> Chunk {
        Chunk::Gap { from, to }
    }

    const END: Chunk = Chunk::End { offset: 0 };

    fn stretch(start: u64, text: &[u8], has_more: bool) -> Stretch {
        Stretch { start, bytes: text.to_vec(), has_more }
    }

    #[test]
    fn what_follows_a_place_is_one_stretch_of_whole_characters() {
        #[rustfmt::skip]
        let cases = [
            // from 10 on, 8 bytes at most                          answer
            (vec![END],                                             stretch(10, b"", false)),
            (vec![bytes(b"abc"), bytes(b"de"), END],                stretch(10, b"abcde", false)),
            (vec![bytes(b"abcdefgh"), END],                         stretch(10, b"abcdefgh", false)),
            (vec![bytes(b"abcdefghi")],                             stretch(10, b"abcdefgh", true)),
            (vec![bytes("abcdefgé".as_bytes())],                    stretch(10, b"abcdefg", true)),
            (vec![bytes(b"ab\xE2\x82"), END],                       stretch(10, b"ab", false)),
            (vec![bytes(b"ab\xFF\x80"), END],                       stretch(10, b"ab\xFF\x80", false)),
            (vec![gap(10, 50), bytes(b"abc"), END],                 stretch(50, b"abc", false)),
            (vec![bytes(b"abc"), gap(13, 50)],                      stretch(10, b"abc", true)),
        ];
        for (chunks, wanted) in cases {
            let (mut read, why) = (Stretch::at(10), format!("{chunks:?}"));
            let last = chunks.len() - 1;
            for (at, chunk) in chunks.into_iter().enumerate() {
                assert_eq!(read.take_on(chunk, 8), at < last, "{why}: chunk {at}");
            }
            assert_eq!(read, wanted, "{why}");
        }
    }

    #[test]
    fn what_was_before_a_place_is_the_stretch_that_is_next_to_it() {
        #[rustfmt::skip]
        let cases = [
            // from 10 to 18                                        answer
            (vec![bytes(b"abcdefghijk")],                           stretch(10, b"abcdefgh", true)),
            (vec![bytes(b"abc"), bytes(b"defgh")],                  stretch(10, b"abcdefgh", true)),
            (vec![bytes(b"abc"), END],                              stretch(10, b"abc", true)),
            (vec![gap(10, 14), bytes(b"efghij")],                   stretch(14, b"efgh", false)),
            (vec![bytes(b"ab"), gap(12, 14), bytes(b"efgh")],       stretch(14, b"efgh", true)),
            (vec![bytes(b"ab"), gap(12, 18)],                       stretch(10, b"ab", true)),
            (vec![gap(10, 30)],                                     stretch(10, b"", false)),
            (vec![bytes(b"\x82\xACcdefgh")],                        stretch(12, b"cdefgh", true)),
        ];
        for (chunks, wanted) in cases {
            let (mut read, why) = (Stretch { has_more: true, ..Stretch::at(10) }, format!("{chunks:?}"));
            let last = chunks.len() - 1;
            for (at, chunk) in chunks.into_iter().enumerate() {
                assert_eq!(read.take_until(chunk, 18), at < last, "{why}: chunk {at}");
            }
            read.begin_with_a_character();
            assert_eq!(read, wanted, "{why}");
        }
    }
}
