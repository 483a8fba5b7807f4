//! The escape sequences in a program's output, found by a state machine that stands in front of the screen's parser.
//!
//! The parser keeps a string sequence (OSC, DCS, APC, PM, SOS) as long as it lasts, and a program that never ends one
//! would be kept byte by byte. So everything is passed on as it is, up to [`SEQUENCE_BYTES_MAX`] bytes per sequence; the
//! rest of a longer one is swallowed until it ends. The states are those of the parser, so that both always agree where
//! a sequence begins and ends. Pure; holds at most one sequence.

/// Most bytes of one sequence that are passed on. Titles, links and colours need far less; what needs more (a picture, a
/// text for the clipboard) is not drawn by the model of the screen.
pub const SEQUENCE_BYTES_MAX: usize = 4 * 1024;

const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const ESC: u8 = 0x1b;

/// End of a device control string in one byte.
const ST: u8 = 0x9c;

/// A piece of what a program has written, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text and control characters outside of any sequence.
    Text(&'a [u8]),
    /// Bytes of a sequence, as they come.
    Bytes(&'a [u8]),
    /// An escape sequence has ended: what came behind ESC.
    Escape(&'a [u8]),
    /// A control sequence has ended: what came behind `ESC [`.
    Control(&'a [u8]),
    /// An operating system command has ended: what came behind `ESC ]`.
    Command(&'a [u8]),
}

/// Where in a sequence the output is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    Escape,
    EscapeIntermediate,
    Control,
    Command,
    DeviceEntry,
    DeviceParameter,
    DeviceIntermediate,
    DeviceIgnore,
    Device,
    /// SOS, PM and APC: nobody reads them.
    Other,
}

/// Finds sequences, and bounds them.
#[derive(Debug, Default)]
pub struct Bound {
    state: State,
    /// What came behind the sequence's beginning.
    body: Vec<u8>,
}

impl Bound {
    /// Cuts output into parts. [`Part::Text`] and [`Part::Bytes`] together are what the parser gets; the other parts say
    /// what those bytes were, right behind the last of them, and only of sequences that were passed on whole.
    pub fn split(&mut self, bytes: &[u8], mut take: impl FnMut(Part<'_>)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = match self.state {
                State::Ground => {
                    let length = rest.iter().position(|byte| *byte == ESC).unwrap_or(rest.len());
                    if length > 0 {
                        take(Part::Text(&rest[..length]));
                    } else {
                        self.begin(State::Escape);
                        take(Part::Bytes(&rest[..1]));
                    }
                    length.max(1)
                }
                _ => self.sequence(rest, &mut take),
            };
            rest = &rest[length..];
        }
    }

    /// The bytes that lead a parser which knows nothing into the middle of the sequence that has begun.
    pub fn unfinished(&self) -> Vec<u8> {
        let begin: &[u8] = match self.state {
            State::Ground => return Vec::new(),
            State::Escape | State::EscapeIntermediate => b"\x1b",
            State::Control => b"\x1b[",
            State::Command => b"\x1b]",
            State::DeviceEntry
            | State::DeviceParameter
            | State::DeviceIntermediate
            | State::DeviceIgnore
            | State::Device => b"\x1bP",
            State::Other => b"\x1bX",
        };
        [begin, &self.body].concat()
    }

    fn begin(&mut self, state: State) {
        self.state = state;
        self.body.clear();
    }

    /// Goes on within a sequence: to its end, or to the first byte that is swallowed. Says how far it went.
    fn sequence(&mut self, bytes: &[u8], take: &mut impl FnMut(Part<'_>)) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            if self.is_too_long(*byte) {
                if at > 0 {
                    take(Part::Bytes(&bytes[..at]));
                }
                let swallowed = bytes[at..].iter().take_while(|byte| self.is_too_long(**byte)).count();
                return at + swallowed;
            }
            let before = self.state;
            let is_whole = self.step(*byte);
            if before != self.state && (is_whole || self.state == State::Ground) {
                take(Part::Bytes(&bytes[..=at]));
                if is_whole {
                    take(self.ended(before));
                }
                if self.state == State::Escape {
                    self.body.clear();
                }
                return at + 1;
            }
        }
        take(Part::Bytes(bytes));
        bytes.len()
    }

    fn ended(&self, state: State) -> Part<'_> {
        match state {
            State::Control => Part::Control(&self.body),
            State::Command => Part::Command(&self.body),
            _ => Part::Escape(&self.body),
        }
    }

    /// Whether a byte is one too many. What ends a sequence never is, nor what is carried out in the middle of one.
    fn is_too_long(&self, byte: u8) -> bool {
        let is_full = self.body.len() >= SEQUENCE_BYTES_MAX;
        is_full
            && match self.state {
                State::Ground => false,
                State::Escape | State::EscapeIntermediate => matches!(byte, 0x20..=0x2f),
                State::Control => matches!(byte, 0x20..=0x3f),
                State::Command => !matches!(byte, BEL | CAN | SUB | ESC),
                State::DeviceEntry | State::DeviceParameter | State::DeviceIntermediate => {
                    !matches!(byte, CAN | SUB | ESC | 0x40..=0x7e)
                }
                State::Device => !matches!(byte, CAN | SUB | ESC | ST),
                State::DeviceIgnore | State::Other => !matches!(byte, CAN | SUB | ESC),
            }
    }

    /// Takes one byte of a sequence. True when the sequence ends with it and was whole.
    fn step(&mut self, byte: u8) -> bool {
        let was = self.state;
        match (was, byte) {
            (State::Command, CAN | SUB | ESC | BEL) => {
                self.state = if byte == ESC { State::Escape } else { State::Ground };
                return self.body.len() < SEQUENCE_BYTES_MAX;
            }
            (_, CAN | SUB) => self.state = State::Ground,
            (_, ESC) => self.begin(State::Escape),
            // Control characters are carried out in the middle of these, and belong to none of them.
            (State::Escape | State::EscapeIntermediate | State::Control, 0..=0x1f | 0x7f..) => {}
            (State::Escape, b'P') => self.begin(State::DeviceEntry),
            (State::Escape, b'X' | b'^' | b'_') => self.begin(State::Other),
            (State::Escape, b'[') => self.begin(State::Control),
            (State::Escape, b']') => self.begin(State::Command),
            (State::Device, ST) => self.state = State::Ground,
            _ => {
                self.body.push(byte);
                self.state = after(was, byte);
                return self.state == State::Ground && self.body.len() <= SEQUENCE_BYTES_MAX;
            }
        }
        false
    }
}

/// The state behind a byte that ends no string.
fn after(state: State, byte: u8) -> State {
    match (state, byte) {
        (State::Escape | State::EscapeIntermediate, 0x20..=0x2f) => State::EscapeIntermediate,
        (State::Escape | State::EscapeIntermediate, 0x30..=0x7e) => State::Ground,
        (State::Control, 0x40..=0x7e) => State::Ground,
        (State::DeviceEntry | State::DeviceParameter | State::DeviceIntermediate, 0x40..=0x7e) => State::Device,
        (State::DeviceEntry | State::DeviceParameter | State::DeviceIntermediate, 0x20..=0x2f) => {
            State::DeviceIntermediate
        }
        (State::DeviceEntry, 0x30..=0x3f) | (State::DeviceParameter, 0x30..=0x3b) => State::DeviceParameter,
        (State::DeviceIntermediate, 0x30..=0x3f) | (State::DeviceParameter, 0x3c..=0x3f) => State::DeviceIgnore,
        (same, _) => same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is passed on, and which sequences were found.
    fn split(chunks: &[&[u8]]) -> (Vec<u8>, Vec<String>) {
        let (mut bound, mut passed, mut found) = (Bound::default(), Vec::new(), Vec::new());
        for chunk in chunks {
            bound.split(chunk, |part| match part {
                Part::Text(bytes) | Part::Bytes(bytes) => passed.extend_from_slice(bytes),
                Part::Escape(body) => found.push(format!("esc {}", body.escape_ascii())),
                Part::Control(body) => found.push(format!("csi {}", body.escape_ascii())),
                Part::Command(body) => found.push(format!("osc {}", body.escape_ascii())),
            });
        }
        (passed, found)
    }

    #[test]
    fn sequences_are_found_wherever_the_output_is_cut() {
        #[rustfmt::skip]
        let cases: &[(&[u8], &[&str], &str)] = &[
            (b"text",                            &[],                                "none"),
            (b"a\x1b[?25hb",                     &["csi ?25h"],                      "a control sequence"),
            (b"\x1b[3\n1m",                      &["csi 31m"],                       "a line end in the middle of one"),
            (b"\x1b(0\x1b=",                     &["esc (0", "esc ="],               "two short ones"),
            (b"\x1b]11;#000\x07x",               &["osc 11;#000"],                   "a command, ended by a bell"),
            (b"\x1b]11;#000\x1b\\x",             &["osc 11;#000", "esc \\\\"],       "the same, ended by a string's end"),
            (b"\x1b]0;a\x1b[1m",                 &["osc 0;a", "csi 1m"],             "one that another sequence ends"),
            (b"\x1b]0;a\x18[1m",                 &["osc 0;a"],                       "one that was given up counts, as it does for the parser"),
            (b"\x1b[1\x18m\x1b[2\x1b[3m",        &["csi 3m"],                        "two that were given up"),
            (b"\x1bP1$r0m\x1b\\\x1b[m",          &["esc \\\\", "csi m"],             "a device's string"),
            (b"\x1bPq[1m\x9c\x1b[m",             &["csi m"],                         "one that ends in one byte"),
            (b"\x1b_G\x9c[1m\x07\x1b\\\x1b[m",   &["esc \\\\", "csi m"],             "a string that neither byte ends"),
        ];
        for (bytes, wanted, why) in cases {
            assert_eq!(split(&[bytes]), (bytes.to_vec(), wanted.iter().map(|w| (*w).to_owned()).collect()), "{why}");
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(split(&single), split(&[bytes]), "{why}, byte by byte");
        }
    }

    #[test]
    fn what_is_too_long_is_swallowed_to_its_end() {
        let long = "x".repeat(3 * SEQUENCE_BYTES_MAX);
        #[rustfmt::skip]
        let cases = [
            // begin            long             end         why
            ("\x1b]52;c;",      long.clone(),    "\x07",     "a text for the clipboard"),
            ("\x1b]52;c;",      long.clone(),    "\x1b\\",   "the same, ended in another way"),
            ("\x1bPq",          long.clone(),    "\x1b\\",   "a picture"),
            ("\x1b_G",          long.clone(),    "\x1b\\",   "another kind of picture"),
            ("\x1b^",           long.clone(),    "\x1b\\",   "a private message"),
            ("\x1bX",           long,            "\x18",     "a string that is given up"),
            ("\x1b[",           "1;".repeat(2 * SEQUENCE_BYTES_MAX), "m", "parameters"),
            ("\x1bP",           "1;".repeat(2 * SEQUENCE_BYTES_MAX), "q\x1b\\", "parameters of a picture"),
            ("\x1b",            " ".repeat(2 * SEQUENCE_BYTES_MAX),  "F", "what stands between ESC and its end"),
        ];
        for (begin, long, end, why) in cases {
            let all = format!("before{begin}{long}{end}behind\x1b[31m");
            for size in [all.len(), 7, 1] {
                let (passed, found) = split(&all.as_bytes().chunks(size).collect::<Vec<_>>());
                assert!(passed.len() < SEQUENCE_BYTES_MAX + 64, "{why}: {}", passed.len());
                assert!(passed.starts_with(format!("before{begin}").as_bytes()), "{why}");
                assert!(passed.ends_with(format!("{end}behind\x1b[31m").as_bytes()), "{why}");
                let is_known = |found: &String| found == "csi 31m" || found == "esc \\\\";
                assert!(found.iter().all(is_known), "{why}: nobody is told of one that was cut");
            }
        }
    }

    /// A program that never ends a string costs a few kilobytes, however long it goes on.
    #[test]
    fn one_string_of_64_megabytes_is_not_kept() {
        let chunk = vec![b'x'; 64 * 1024];
        for begin in ["\x1b]52;c;", "\x1bPq", "\x1b_G", "\x1b^", "\x1bX"] {
            let (mut bound, mut passed) = (Bound::default(), 0);
            let mut count = |part: Part<'_>| match part {
                Part::Text(bytes) | Part::Bytes(bytes) => passed += bytes.len(),
                other => panic!("nothing has ended: {other:?}"),
            };
            bound.split(begin.as_bytes(), &mut count);
            (0..1024).for_each(|_| bound.split(&chunk, &mut count));
            assert!(passed <= begin.len() + SEQUENCE_BYTES_MAX, "{begin:?}: {passed}");
            assert!(bound.body.capacity() <= 2 * SEQUENCE_BYTES_MAX, "{begin:?}: {}", bound.body.capacity());
        }
    }

    /// What a program writes, with strings that are below the limit.
    fn output() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..12),
            proptest::sample::select(vec![
                "\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1bX", "\x1b_", "\x1b^", "\x1b\\", "\x07", "\x18", "\x1a",
                "\u{9c}", "q", "1;", ":", "?", "$", "m", "H", "審", "\r\n", "0;title", "text"
            ])
            .prop_map(|piece| piece.as_bytes().to_vec()),
            Just(vec![0x9c]),
        ];
        proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    /// Chunks of about a size. None ends in the middle of a character: behind one that is cut in two, the parser takes
    /// what follows for text, an escape included.
    fn uncut(output: &[u8], size: usize) -> Vec<&[u8]> {
        let is_cut = |end: usize| {
            let parts = (1..=end.min(3)).map(|length| std::str::from_utf8(&output[end - length..end]));
            parts.into_iter().any(|part| part.is_err_and(|error| error.error_len().is_none()))
        };
        let mut ends = vec![0];
        ends.extend((size..output.len()).step_by(size).filter(|end| !is_cut(*end)));
        ends.push(output.len());
        ends.windows(2).map(|ends| &output[ends[0]..ends[1]]).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn what_is_short_enough_is_never_changed(output in output(), size in 1usize..40) {
            let chunks: Vec<&[u8]> = output.chunks(size).collect();
            prop_assert_eq!(split(&chunks).0, output);
        }

        /// Both machines agree where sequences end, so text behind a long one is shown, whatever came before.
        #[test]
        fn the_parser_sees_the_same_screen(output in output(), size in 1usize..40) {
            let output = [output.as_slice(), b"x"].concat();
            let chunks = uncut(&output, size);
            let mut plain = vt100::Parser::new(6, 30, 0);
            // In the same chunks: the parser's own reading of broken characters depends on them.
            chunks.iter().for_each(|chunk| plain.process(chunk));
            let (mut bound, mut bounded) = (Bound::default(), vt100::Parser::new(6, 30, 0));
            for chunk in chunks {
                bound.split(chunk, |part| if let Part::Text(bytes) | Part::Bytes(bytes) = part {
                    bounded.process(bytes);
                });
            }
            prop_assert_eq!(bounded.screen().state_formatted(), plain.screen().state_formatted());
            let mut led = vt100::Parser::new(6, 30, 0);
            led.process(&plain.screen().state_formatted());
            led.process(&bound.unfinished());
            for parser in [&mut plain, &mut led] {
                parser.process(b"\x1b\\\x1b[Hhere");
            }
            prop_assert_eq!(led.screen().contents().starts_with("here"), true);
            prop_assert_eq!(plain.screen().contents().starts_with("here"), true);
        }
    }
}
