//! The model of a terminal: the parser of what is shown, bounded, and the modes that it does not remember.

use super::bound::{Bound, Part};
use super::mode::Modes;
use vt100::Callbacks;

/// A terminal that is fed with everything its program writes.
pub struct Model<C: Callbacks = ()> {
    parser: vt100::Parser<C>,
    bound: Bound,
    modes: Modes,
}

impl<C: Callbacks + Default> Model<C> {
    /// An empty terminal that keeps so many lines which have scrolled by.
    pub fn new(cols: u16, rows: u16, scrollback_lines: usize) -> Self {
        let parser = vt100::Parser::new_with_callbacks(rows, cols, scrollback_lines, C::default());
        Self { parser, bound: Bound::default(), modes: Modes::default() }
    }

    /// Takes what the program writes.
    pub fn process(&mut self, bytes: &[u8]) {
        let Self { parser, bound, modes } = self;
        bound.split(bytes, |part| match part {
            Part::Text(text) => parser.process(&modes.text(text)),
            Part::Bytes(bytes) => parser.process(bytes),
            Part::Escape(body) => modes.escape(body),
            Part::Control(body) => {
                let told = modes.control(body, parser.screen().size().0);
                parser.process(told);
            }
            Part::Command(body) => modes.command(body),
        });
    }

    /// What it shows.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The same, to look back in it.
    pub fn screen_mut(&mut self) -> &mut vt100::Screen {
        self.parser.screen_mut()
    }

    /// Who hears what the program asks.
    pub fn callbacks_mut(&mut self) -> &mut C {
        self.parser.callbacks_mut()
    }

    /// The window has another size now.
    ///
    /// What is shown is drawn anew on a screen of that size; the program will do so, too. The parser's own way to
    /// change its size can leave half a wide character behind, which brings it down later.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.modes.resize();
        let drawing = self.drawing();
        let callbacks = std::mem::take(self.parser.callbacks_mut());
        self.parser = vt100::Parser::new_with_callbacks(rows, cols, 0, callbacks);
        self.parser.process(&drawing);
    }

    /// The bytes that draw it in a viewer's terminal, whatever that showed before: contents, cursor and modes.
    pub fn drawing(&self) -> Vec<u8> {
        let screen = self.parser.screen();
        let mut bytes = self.modes.prologue().into_bytes();
        bytes.extend(screen.state_formatted());
        bytes.extend(self.modes.epilogue(screen));
        // The rest of a sequence that has begun is still to come; without its beginning it would be text.
        bytes.extend(self.bound.unfinished());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn model() -> Model {
        Model::new(40, 6, 0)
    }

    /// What a viewer gets that comes after `before` was written and sees `after`; and what one gets that saw it all.
    fn later(before: &str, after: &str) -> (Model, Model) {
        let (mut shown, mut viewer) = (model(), model());
        shown.process(before.as_bytes());
        viewer.process(b"\x1b[?7l\x1b[4h\x1b(0\x1b[2;3r\x1b[?6h\x1b[?1004h\x1b[>5u\x1b[3 q left by another");
        viewer.process(&shown.drawing());
        [&mut shown, &mut viewer].into_iter().for_each(|model| model.process(after.as_bytes()));
        (shown, viewer)
    }

    #[test]
    fn a_viewer_that_comes_later_gets_every_mode() {
        #[rustfmt::skip]
        let cases = [
            // written before             behind the drawing, among others   why
            ("\x1b[2;4r\x1b[3;5H",        "\x1b[2;4r",                       "scroll region"),
            ("\x1b[2;4r\x1b[?6h\x1b[2;2H", "\x1b[?6h\x1b[2;2H",              "origin"),
            ("\x1b[?7l",                  "\x1b[?7l",                        "autowrap"),
            ("\x1b[4h",                   "\x1b[4h",                         "insert"),
            ("\x1b(0\x1b)0\x0e",          "\x1b(0\x1b)0\x0e",                "character sets"),
            ("\x1b[5 q",                  "\x1b[5 q",                        "shape of the cursor"),
            ("\x1b]11;#102030\x07",       "\x1b]11;#102030\x1b\\",           "colour of the background"),
            ("\x1b]10;red;blue\x1b\\",    "\x1b]11;blue\x1b\\",              "two colours in one command"),
            ("\x1b]4;1;red;17;#abc\x07",  "\x1b]4;17;#abc\x1b\\",            "colours of the palette"),
            ("\x1b[?1004h",               "\x1b[?1004h",                     "focus reports"),
            ("\x1b[?1002h\x1b[?1006h",    "\x1b[?1006h",                     "mouse"),
            ("\x1b[>1u\x1b[>7u",          "\x1b[>1u\x1b[>7u",                "keys as kitty has them"),
            ("\x1b[=5u",                  "\x1b[=5u",                        "the same, set"),
            ("\x1b[>4;2m",                "\x1b[>4;2m",                      "keys with modifiers"),
            ("\x1b[?1049h\x1b[?25l",      "\x1b[?25l",                       "the other screen"),
            ("\x1b[>1u\x1b[?1049h\x1b[>3u", "\x1b[>1u\x1b[?1049h",           "keys of both screens"),
            ("\x1b[?2004h\x1b[?1h\x1b=",  "\x1b[?2004h",                     "paste, cursor keys, keypad"),
            ("\x1b[?2026h",               "\x1b[?2026h",                     "synchronised output"),
            ("\x1b[?1007h\x1b[?2031h",    "\x1b[?1007h\x1b[?2031h",          "a person's own setting, and one more"),
        ];
        for (before, wanted, why) in cases {
            let (shown, viewer) = later(before, "");
            let drawing = String::from_utf8(shown.drawing()).unwrap();
            assert!(drawing.contains(wanted), "{why}: {drawing:?}");
            assert_eq!(viewer.modes, shown.modes, "{why}");
            assert_eq!(viewer.screen().state_formatted(), shown.screen().state_formatted(), "{why}");
        }
    }

    #[test]
    fn what_was_switched_off_again_is_not_drawn() {
        #[rustfmt::skip]
        let cases = [
            ("\x1b[2;4r\x1b[r",                                      "scroll region"),
            ("\x1b[?7l\x1b[4h\x1b(0\x1b[?6h\x1b[!p",                 "a soft reset"),
            ("\x1b[5 q\x1b]11;red\x07\x1b[>1u\x1b[?1004h\x1bc",      "a hard one"),
            ("\x1b]11;red\x07\x1b]111\x07\x1b]4;1;red\x07\x1b]104\x07", "colours"),
            ("\x1b]11;?\x07\x1b]4;1;?\x07",                          "questions about colours"),
            ("\x1b[>1u\x1b[>3u\x1b[<2u",                             "keys"),
            ("\x1b[>4;2m\x1b[>4m",                                   "keys with modifiers"),
            ("\x1b[?1049h\x1b[>3u\x1b[<u\x1b[?1049l",                "the other screen"),
            ("\x1b7\x1b(0\x1b[?6h\x1b8",                             "what was saved with the cursor"),
        ];
        for (before, why) in cases {
            let (shown, viewer) = later(before, "");
            assert_eq!((&shown.modes, &viewer.modes), (&Modes::default(), &Modes::default()), "{why}");
        }
    }

    #[test]
    fn what_comes_next_is_shown_as_to_somebody_who_saw_it_all() {
        #[rustfmt::skip]
        let cases = [
            ("1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[4;1H", "\n!",     "scrolling in a region"),
            ("\x1b[3;5r\x1b[?6h",                   "\x1b[1;1Hx",  "places counted from the region's top"),
            ("\x1b[3;5r\x1b[?6h\x1b[2;3H",          "x",           "the cursor in a region"),
            ("\x1b[2;4r\x1b[5;1H\x1b[1;31mred",     "x",           "its attributes, too"),
            ("\x1b(0",                              "lqqk",        "lines in the drawing set"),
            ("\x1b)0a\x0eq\x0f",                    "q\x0eq",      "the same, by shifting"),
            ("main\x1b[?1047h\x1b[2Jother",         " here",       "the other screen, by an older name"),
            ("a\x1b[?1048hbb",                      "\x1b[?1048lc", "a place that was saved"),
        ];
        for (before, after, why) in cases {
            let (shown, viewer) = later(before, after);
            if why != "a place that was saved" {
                assert_eq!(viewer.screen().contents(), shown.screen().contents(), "{why}");
            }
            assert!(!shown.screen().contents().is_empty(), "{why}");
        }
        let (shown, _) = later("\x1b(0lqk\x1b(Blqk", "");
        assert_eq!(shown.screen().contents(), "┌─┐lqk");
        let (shown, _) = later("\x1b[?25l\x1b[?1h\x1b[!p", "");
        assert!(!shown.screen().hide_cursor() && !shown.screen().application_cursor(), "a soft reset");
    }

    #[test]
    fn another_size_has_no_scroll_region() {
        let mut model = model();
        model.process(b"\x1b[2;4r\x1b[4h\x1b[?1004h");
        model.resize(30, 10);
        model.process(b"\x1b[10;1H\n\nend");
        assert!(
            !String::from_utf8_lossy(&model.drawing()).contains("\x1b[2;4r")
                && model.screen().contents().ends_with("end")
        );
        assert!(model.drawing().windows(8).any(|window| window == b"\x1b[?1004h"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        /// Of programs that use what every terminal has, the model shows the same with and without what stands in front.
        #[test]
        fn a_well_behaved_program_looks_as_before(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                "text", "審", "\r\n", "\x1b[31m", "\x1b[2;3H", "\x1b[K", "\x1b[2J", "\x1b[2;4r", "\x1b[r", "\x1bM", "\x1b7",
                "\x1b8", "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25l", "\x1b[?2004h", "\x1b]0;title\x07", "\x1b]52;c;YQ==\x1b\\",
                "\x1bPq\x1b\\", "\x1b_G\x1b\\", "\x1b[?6h", "\x1b[?6l", "\x1b[3L", "\x1bc", "\x1b[>1u", "\x1b[?7h", "\x1b(B",
            ]), 0..60),
            size in 1usize..50,
        ) {
            let output = pieces.concat().into_bytes();
            let mut plain = vt100::Parser::new(6, 40, 0);
            let mut model = model();
            for chunk in output.chunks(size) {
                plain.process(chunk);
                model.process(chunk);
            }
            prop_assert_eq!(model.screen().state_formatted(), plain.screen().state_formatted());
        }
    }
}
