//! What a terminal shows: a model of the screen, fed with everything the program writes.
//!
//! The model answers three questions: what does a person see now (for viewers), is the program ready for text (for
//! the gate), and what has the program asked the terminal (for programs that nobody looks at).

mod bound;
pub mod composer;
pub mod excerpt;
mod mode;
mod model;
mod query;
pub mod tail;

use composer::View;
use model::Model;
use query::Queries;
use std::time::{Duration, Instant};

/// Size of a new terminal.
pub const COLS: u16 = 120;

/// See [`COLS`].
pub const ROWS: u16 = 40;

/// The number of the mode of bracketed paste.
const PASTE_MODE: &[u8] = b"2004";

/// Longest sequence that switches modes and may be cut in two.
const SEQUENCE_BYTES_MAX: usize = 32;

/// Output that was there before we looked counts as this old.
const LONG_AGO: Duration = Duration::from_secs(60);

/// One terminal's screen.
pub struct Screen {
    model: Model<Queries>,
    first_output: Option<Instant>,
    last_output: Option<Instant>,
    paste_since: Option<Instant>,
    offset: u64,
    /// What is looked out for after every piece of output, until it is there.
    watched: Option<String>,
    was_shown: bool,
    /// How often bracketed paste was switched on, also where it was on already.
    switched_on: u64,
    /// The end of the output, in case a sequence is cut in two.
    end: Vec<u8>,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let size = self.model.screen().size();
        f.debug_struct("Screen").field("size", &size).field("offset", &self.offset).finish_non_exhaustive()
    }
}

impl Screen {
    /// An empty screen whose next output is at `offset` of the session. `paste` says whether bracketed paste was on
    /// there, which only somebody who looked before can know.
    pub fn new(cols: u16, rows: u16, offset: u64, paste: bool) -> Self {
        let model = Model::new(cols, rows, 0);
        let mut screen = Self {
            model,
            first_output: None,
            last_output: None,
            paste_since: None,
            offset,
            watched: None,
            was_shown: false,
            switched_on: 0,
            end: Vec::new(),
        };
        if paste {
            screen.switch_paste(true);
        }
        if offset > 0 {
            screen.first_output = long_ago();
        }
        screen
    }

    /// A screen that shows what an earlier one has [drawn](Self::drawing), whose next output is at `offset`.
    pub fn drawn(cols: u16, rows: u16, offset: u64, drawing: &[u8]) -> Self {
        let mut screen = Self::new(cols, rows, offset, false);
        screen.model.process(drawing);
        screen.switch_paste(screen.model.screen().bracketed_paste());
        screen
    }

    /// Says whether bracketed paste is on, of a screen that has not seen it switched.
    pub fn switch_paste(&mut self, on: bool) {
        self.model.process(if on { b"\x1b[?2004h" } else { b"\x1b[?2004l" });
        self.paste_since = long_ago().filter(|_| on);
    }

    /// Takes what the program has just written.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.take(bytes, Some(Instant::now()));
    }

    /// Takes what the program wrote before we looked. Nobody waits for an answer to it any more.
    pub fn replay(&mut self, bytes: &[u8]) {
        self.take(bytes, long_ago());
        self.model.callbacks_mut().take();
    }

    fn take(&mut self, bytes: &[u8], when: Option<Instant>) {
        if bytes.is_empty() {
            return;
        }
        self.model.process(bytes);
        self.offset += bytes.len() as u64;
        self.count_switches(bytes);
        if self.watched.as_ref().is_some_and(|text| self.view().has(text)) {
            self.watched = None;
            self.was_shown = true;
        }
        self.first_output = self.first_output.or(when);
        self.last_output = when;
        self.paste_since = match (self.model.screen().bracketed_paste(), self.paste_since) {
            (false, _) => None,
            (true, since) => since.or(when),
        };
    }

    /// Counts how often bracketed paste is switched on. The model forgets that it was on before.
    fn count_switches(&mut self, bytes: &[u8]) {
        let known = self.end.len();
        self.end.extend_from_slice(bytes);
        let begins = self.end.windows(PASTE_MODE.len()).enumerate().filter(|(_, window)| *window == PASTE_MODE);
        let is_on = |at: usize| {
            let rest = &self.end[at + PASTE_MODE.len()..];
            let end = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b';');
            // What was whole before is counted.
            end.filter(|end| rest[*end] == b'h' && at + PASTE_MODE.len() + end >= known).is_some()
        };
        self.switched_on += begins.filter(|(at, _)| is_on(*at)).count() as u64;
        self.end.drain(..self.end.len().saturating_sub(SEQUENCE_BYTES_MAX));
    }

    /// How often bracketed paste was switched on, also where it was on already.
    pub fn switched_on(&self) -> u64 {
        self.switched_on
    }

    /// Notes that output up to `offset` was missed: what is shown may be wrong until the program draws again.
    pub fn skip_to(&mut self, offset: u64) {
        self.offset = self.offset.max(offset);
    }

    /// Whether the program has asked something that was not answered.
    pub fn is_asked(&mut self) -> bool {
        !self.model.callbacks_mut().is_empty()
    }

    /// What the terminal would answer to the program's questions since the last call.
    pub fn answers(&mut self) -> Vec<u8> {
        self.model.callbacks_mut().take()
    }

    /// Whether the output so far ends with a whole character. Behind half a one, a [drawing](Self::drawing) cannot be gone
    /// on with.
    pub fn is_between_characters(&self) -> bool {
        let parts = (1..=self.end.len().min(3)).map(|length| std::str::from_utf8(&self.end[self.end.len() - length..]));
        !parts.into_iter().any(|part| part.is_err_and(|error| error.error_len().is_none()))
    }

    /// Where the next output begins, in bytes since the session's start.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How long ago the program first wrote something.
    pub fn since_first_output(&self) -> Option<Duration> {
        self.first_output.map(|then| then.elapsed())
    }

    /// How long the program has been silent.
    pub fn since_last_output(&self) -> Option<Duration> {
        self.last_output.map(|then| then.elapsed())
    }

    /// How long bracketed paste has been on.
    pub fn paste_on(&self) -> Option<Duration> {
        self.paste_since.map(|then| then.elapsed())
    }

    /// What stands on it, and where the cursor is.
    pub fn view(&self) -> View {
        View::of(self.model.screen())
    }

    /// Looks out for a text from now on; for none when it is empty.
    pub fn watch_for(&mut self, text: &str) {
        self.was_shown = self.view().has(text);
        self.watched = (!self.was_shown && !text.is_empty()).then(|| text.to_owned());
    }

    /// Whether the text that is looked out for has been anywhere on the screen, if only for a moment.
    pub fn was_shown(&self) -> bool {
        self.was_shown
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let (rows, cols) = self.model.screen().size();
        (cols, rows)
    }

    /// The window has another size now; the program will draw itself anew.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.model.resize(cols, rows);
    }

    /// The bytes that draw this screen in a viewer's terminal, whatever it showed before: contents, cursor and modes.
    pub fn drawing(&self) -> Vec<u8> {
        self.model.drawing()
    }

    /// What a person reads on it.
    pub fn text(&self) -> String {
        self.model.screen().contents()
    }
}

fn long_ago() -> Option<Instant> {
    let now = Instant::now();
    Some(now.checked_sub(LONG_AGO).unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn screen() -> Screen {
        Screen::new(40, 5, 0, false)
    }

    #[test]
    fn bracketed_paste_is_seen_across_chunks_and_the_last_word_counts() {
        #[rustfmt::skip]
        let cases: &[(&[&str], bool)] = &[
            (&["hello"],                                      false),
            (&["\x1b[?2004h"],                                true),
            (&["\x1b[?20", "04h> "],                          true),
            (&["\x1b[?2004h", "\x1b[?2004l"],                 false),
            (&["\x1b[?2004h\x1b[?2004l\x1b[?1;2004h"],        true),
            (&["\x1b[?2004h", "\x1bc"],                       false),
        ];
        for (chunks, on) in cases {
            let mut screen = screen();
            chunks.iter().for_each(|chunk| screen.feed(chunk.as_bytes()));
            assert_eq!(screen.paste_on().is_some(), *on, "{chunks:?}");
        }
        assert!(Screen::new(40, 5, 9, true).paste_on().is_some_and(|age| age >= LONG_AGO || age.is_zero()));
    }

    #[test]
    fn every_time_that_bracketed_paste_is_switched_on_counts() {
        let mut screen = screen();
        #[rustfmt::skip]
        let cases: &[(&str, u64)] = &[
            ("\x1b[?2004h\x1b[?2004h", 2), ("\x1b[?20", 2), ("04h", 3), ("\x1b[?2004l 2004 20045", 3), ("\x1b[?2004;1", 3),
            ("006h", 4), ("x", 4), ("\x1b[?1;2004h", 5), ("", 5),
        ];
        for (bytes, wanted) in cases {
            screen.feed(bytes.as_bytes());
            assert_eq!(screen.switched_on(), *wanted, "{bytes:?}");
        }
    }

    #[test]
    fn a_viewer_that_comes_later_sees_the_same_screen() {
        let mut shown = screen();
        shown.feed(b"\x1b[?1049h\x1b[2J\x1b[2;3Hwork \x1b[31mred\x1b[m\x1b[?2004h\x1b[4;1H> ");
        let mut viewer = screen();
        viewer.feed(b"something else\r\nbefore");
        viewer.feed(&shown.drawing());
        assert_eq!(viewer.text(), shown.text());
        assert_eq!(viewer.model.screen().cursor_position(), shown.model.screen().cursor_position());
        assert!(viewer.paste_on().is_some() && viewer.model.screen().alternate_screen());
    }

    #[test]
    fn a_drawing_is_gone_on_with_from_its_place_on() {
        let mut shown = screen();
        shown.feed(b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[2;3Htitle\x1b[4;1H");
        let mut again = Screen::drawn(40, 5, shown.offset(), &shown.drawing());
        [&mut shown, &mut again].into_iter().for_each(|screen| screen.feed(b"more"));
        assert_eq!((again.offset(), again.text()), (shown.offset(), shown.text()));
        let model = again.model.screen();
        assert!(model.hide_cursor() && model.alternate_screen() && again.paste_on().is_some());
        again.switch_paste(false);
        assert!(again.paste_on().is_none());
    }

    #[test]
    fn half_a_character_is_no_place_to_go_on_from() {
        for bytes in ["", "a", "é", "審", "👍"] {
            for end in 1..bytes.len() {
                let mut screen = screen();
                screen.feed(&[b"text ", &bytes.as_bytes()[..end]].concat());
                assert!(!screen.is_between_characters(), "{bytes} {end}");
            }
            let mut screen = screen();
            screen.feed(bytes.as_bytes());
            assert!(screen.is_between_characters(), "{bytes}");
        }
    }

    #[test]
    fn offsets_count_every_byte() {
        let mut screen = Screen::new(40, 5, 100, false);
        screen.replay(b"abc");
        screen.feed("é".as_bytes());
        assert_eq!(screen.offset(), 105);
        screen.skip_to(50);
        screen.skip_to(500);
        assert_eq!(screen.offset(), 500);
    }

    #[test]
    fn a_question_that_is_old_is_not_answered() {
        let mut screen = screen();
        screen.replay(b"\x1b[6n");
        assert!(screen.answers().is_empty());
        screen.feed(b"ab\x1b[6n");
        assert_eq!(screen.answers(), b"\x1b[1;3R");
        assert!(screen.answers().is_empty());
    }

    #[test]
    fn another_size_keeps_what_is_shown_and_cuts_no_character_in_half() {
        let mut screen = screen();
        screen.feed("\x1b[?2004h\x1b[1;39H審\x1b[2;1Hleft".as_bytes());
        screen.resize(39, 4);
        screen.feed("\x1b[1;39Hx\x1b[1;39H ".as_bytes());
        assert_eq!(screen.size(), (39, 4));
        assert!(screen.text().contains("left") && screen.paste_on().is_some());
    }

    #[test]
    fn a_viewer_that_comes_in_the_middle_of_a_sequence_is_not_shown_its_rest() {
        for (begin, rest) in
            [("a\x1b[3", "1mb"), ("a\x1b", "[31mb"), ("a\x1b]0;ti", "tle\x07b"), ("a\x1bPq", "x\x1b\\b")]
        {
            let (mut shown, mut viewer) = (screen(), screen());
            shown.feed(begin.as_bytes());
            viewer.feed(&shown.drawing());
            shown.resize(39, 5);
            [&mut shown, &mut viewer].into_iter().for_each(|screen| screen.feed(rest.as_bytes()));
            assert_eq!((shown.text(), viewer.text()), ("ab".into(), "ab".into()), "{begin:?}");
        }
    }

    /// Pieces of what programs write, and of what broken programs write.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..12),
            (0u16..300, 0u16..300, proptest::char::range('@', '~'))
                .prop_map(|(a, b, c)| format!("\x1b[{a};{b}{c}").into_bytes()),
            (0u16..2100, prop_oneof![Just('h'), Just('l')])
                .prop_map(|(mode, c)| format!("\x1b[?{mode}{c}").into_bytes()),
            prop_oneof![Just("審"), Just("👍🏽"), Just("e\u{301}"), Just("\u{200b}"), Just("\r\n")]
                .prop_map(|s| s.as_bytes().to_vec()),
            prop_oneof![
                Just("\x1bM"),
                Just("\x1b7"),
                Just("\x1b8"),
                Just("\x1bc"),
                Just("\x1b[?1049h"),
                Just("\x1b[?1049l"),
                Just("\t\x08")
            ]
            .prop_map(|s| s.as_bytes().to_vec()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        /// A program's garbage may look wrong; it may not bring down what shows all the others.
        #[test]
        fn nothing_a_program_writes_breaks_the_screen(
            cols in 10u16..130, rows in 2u16..45, pieces in proptest::collection::vec(piece(), 0..60),
            resize in proptest::option::of((10u16..130, 2u16..45)),
        ) {
            let mut screen = Screen::new(cols, rows, 0, false);
            let half = pieces.len() / 2;
            pieces[..half].iter().for_each(|piece| screen.feed(piece));
            if let Some((cols, rows)) = resize {
                screen.resize(cols, rows);
            }
            pieces[half..].iter().for_each(|piece| screen.feed(piece));
            let drawing = screen.drawing();
            let mut viewer = Screen::new(cols, rows, 0, false);
            viewer.feed(&drawing);
            screen.answers();
            tail::render(&pieces.concat(), cols, rows);
        }
    }
}
