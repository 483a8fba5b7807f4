//! What an agent's program may switch in a person's terminal, and the bytes that put it back: one row per mode.
//!
//! ptyd remembers these modes for viewers that come later; whoever shows an agent's terminal in a person's puts them
//! back when it leaves. Pure words.

/// A private mode (DECSET) of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// Its number, as in `CSI ? number h`.
    pub number: u16,
    /// How it stands in a terminal that nobody has touched. `None` where that is a person's own setting, which nobody
    /// can ask for: what a program makes of it is shown to viewers, and never put back.
    pub default: Option<bool>,
}

const fn off(number: u16) -> Mode {
    Mode { number, default: Some(false) }
}

const fn on(number: u16) -> Mode {
    Mode { number, default: Some(true) }
}

const fn own(number: u16) -> Mode {
    Mode { number, default: None }
}

/// Every private mode that a viewer must get and lose again, but for the two screens.
#[rustfmt::skip]
pub const PRIVATE: &[Mode] = &[
    off(1),     // application cursor keys
    off(5),     // reverse video
    off(6),     // origin: rows count from the top of the scroll region
    on(7),      // autowrap
    off(9),     // mouse: presses
    own(12),    // blinking cursor
    on(25),     // visible cursor
    own(45),    // reverse wrap
    off(66),    // application keypad
    off(69),    // left and right margins
    off(1000),  // mouse: presses and releases
    off(1002),  // mouse: while a button is held
    off(1003),  // mouse: every move
    off(1004),  // focus reports
    off(1005),  // mouse: places in UTF-8
    off(1006),  // mouse: places in numbers
    own(1007),  // the wheel moves the cursor
    off(1015),  // mouse: places as urxvt has them
    off(1016),  // mouse: places in pixels
    own(1034),  // Alt sets the eighth bit
    own(1036),  // Alt sends ESC
    own(1039),  // the same, another key
    off(2004),  // bracketed paste
    off(2026),  // synchronised output
    own(2027),  // width of clusters
    off(2031),  // reports of dark and light
    off(2048),  // reports of the size
    off(9001),  // keys as Windows has them
];

/// Takes every level of the kitty keyboard protocol off the screen that is shown.
pub const KEYS_OFF: &str = "\x1b[<99u";

/// Puts all colours back that a program can set: the palette, and those of text, background, cursor, pointer, marks.
pub const COLOURS_OFF: &str =
    "\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\\x1b]113\x1b\\\x1b]114\x1b\\\x1b]117\x1b\\\x1b]119\x1b\\";

/// Behind the private modes: insert and line end modes, scroll region, character sets, keypad, keys with modifiers, the
/// cursor's shape, a link, attributes.
const REST: &str =
    "\x1b[4l\x1b[20l\x1b[r\x1b(B\x1b)B\x1b*B\x1b+B\x0f\x1b>\x1b[>1m\x1b[>2m\x1b[>4m\x1b[0 q\x1b]8;;\x1b\\\x1b[m";

/// The bytes that put a terminal into the modes in which it starts. They keep what is shown and which of the two screens
/// it is; the cursor goes to the top.
pub fn neutral() -> String {
    let private = PRIVATE.iter().filter_map(|mode| {
        let last = if mode.default? { 'h' } else { 'l' };
        Some(format!("\x1b[?{}{last}", mode.number))
    });
    private.chain([REST.to_owned(), KEYS_OFF.to_owned()]).collect()
}

/// The bytes that leave nothing of a program in a terminal: the modes of [`neutral`], the screen that was there before a
/// full-screen program, and the cursor below what is shown. [`COLOURS_OFF`] is left to who knows that colours were set: a
/// palette may be a person's own.
pub fn reset() -> String {
    // Leaving the other screen brings the cursor back to where it was saved; on the main screen, that is done here.
    let leave = format!("\x1b[9999;1H\x1b7\x1b[?1049l{KEYS_OFF}\x1b(B\x0f\x1b[m\r\n");
    neutral() + &leave
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_may_leave_behind_is_put_back() {
        #[rustfmt::skip]
        let cases = [
            ("\x1b[?7h",    "autowrap"),             ("\x1b[?6l",    "origin"),
            ("\x1b[4l",     "insert"),               ("\x1b[r",      "scroll region"),
            ("\x1b(B",      "character sets"),       ("\x0f",        "which of them"),
            ("\x1b[0 q",    "shape of the cursor"),  ("\x1b[?25h",   "hidden cursor"),
            ("\x1b[?1004l", "focus reports"),        ("\x1b[?2026l", "synchronised output"),
            ("\x1b[?1000l", "mouse"),                ("\x1b[?1006l", "mouse"),
            ("\x1b[?1l",    "cursor keys"),          ("\x1b>",       "keypad"),
            ("\x1b[?2004l", "bracketed paste"),      ("\x1b[?1049l", "other screen"),
            ("\x1b[<99u",   "keys as kitty has them"), ("\x1b[>4m",  "keys with modifiers"),
        ];
        let reset = reset();
        for (bytes, why) in cases {
            assert!(reset.contains(bytes), "{why}");
        }
        assert!(!neutral().contains("1049"), "the screen stays");
        let numbers: Vec<u16> = PRIVATE.iter().map(|mode| mode.number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "each once");
    }
}
