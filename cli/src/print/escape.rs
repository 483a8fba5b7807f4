//! Text of strangers, made harmless for a terminal: nothing in it can move the cursor, change colours, set a
//! title, reach the clipboard, or make a line read backwards.
//!
//! What is taken out stays visible (`␛` for an escape), so that nobody wonders what a text tried to do.

use bus::contract::name::{is_invisible, is_joining};

/// Keeps line ends and tabs; every other control character becomes visible.
pub fn text(text: &str) -> String {
    text.replace("\r\n", "\n").chars().map(|c| if matches!(c, '\n' | '\t') { c } else { visible(c) }).collect()
}

/// The same on one line: line ends and tabs become spaces.
pub fn line(text: &str) -> String {
    text.replace("\r\n", " ").chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { visible(c) }).collect()
}

fn visible(c: char) -> char {
    match c {
        // The pictures of control characters stand in the same order as the characters.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        // With what turns a text's direction, or is not seen, a name could be made to look like another.
        c if is_invisible(c) && !is_joining(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_what_can_be_seen() {
        #[rustfmt::skip]
        let cases = [
            // written                              shown as text               on one line
            ("plain — ünï 审阅 🙂",                  "plain — ünï 审阅 🙂",        "plain — ünï 审阅 🙂"),
            ("a\tb\nc",                             "a\tb\nc",                  "a b c"),
            ("a\r\nb\rc",                           "a\nb␍c",                   "a b␍c"),
            ("\u{1b}]52;c;cGF5\u{7}",               "␛]52;c;cGF5␇",             "␛]52;c;cGF5␇"),
            ("\u{1b}[201~rm\u{8}\u{7f}\0",          "␛[201~rm␈␡␀",              "␛[201~rm␈␡␀"),
            ("\u{9b}2J\u{85}",                      "�2J�",                     "�2J�"),
            ("us\u{200b}er\u{e0041} 👩\u{200d}💻",    "us�er� 👩\u{200d}💻",        "us�er� 👩\u{200d}💻"),
            ("exe\u{202e}txt.\u{2066}x\u{200f}",    "exe�txt.�x�",              "exe�txt.�x�"),
        ];
        for (written, as_text, as_line) in cases {
            assert_eq!((text(written).as_str(), line(written).as_str()), (as_text, as_line), "{written:?}");
        }
    }

    #[test]
    fn no_control_character_survives() {
        let all: String = ('\0'..='\u{3000}').collect();
        assert!(!line(&all).chars().any(char::is_control));
        assert!(text(&all).chars().filter(|c| c.is_control()).all(|c| c == '\n' || c == '\t'));
    }
}
