//! Makes text safe to type into a terminal: what a stranger writes must never act as a key or an escape sequence.
//!
//! Everything that is typed passes through here, names and titles included. What is removed is removed without a
//! trace; what stays is printable text, newlines and tabs, and what joins letters and pictures to each other.

use bus::contract::name::{is_invisible, is_joining};

/// What the program on the other side of the terminal does with text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// It has switched bracketed paste on: a paste is one piece of text, whatever is in it.
    Paste,
    /// It reads keys or lines: a newline would submit half a message and a tab might complete a word.
    Line,
}

/// Stands for a newline where a newline would submit.
const LINE_BREAK: &str = " ⏎ ";

/// Text without control characters: carriage returns and exotic line ends become newlines, C0, DEL and C1 go
/// (ESC is among them, so no sequence survives, the paste terminator included), and so does what nobody sees: marks that
/// turn the direction of a text, fillers, tags in which instructions could be hidden. Newlines at the end go too.
pub fn sanitise(text: &str, form: Form) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\r' => {
                // The newline that may follow stands for both.
                if chars.peek() != Some(&'\n') {
                    clean.push('\n');
                }
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push('\n'),
            '\n' | '\t' => clean.push(char),
            // One of them behind something that is seen; a row of them could carry anything.
            other if is_joining(other) => {
                if clean.chars().next_back().is_some_and(|before| joins(before, other)) {
                    clean.push(other);
                }
            }
            other if is_invisible(other) => {}
            other => clean.push(other),
        }
    }
    clean.truncate(clean.trim_end_matches(['\n', '\t', ' ']).len());
    match form {
        Form::Paste => clean,
        Form::Line => clean.replace('\n', LINE_BREAK).replace('\t', " "),
    }
}

/// Whether a joining character has something to join. A picture's colours are chosen before it is joined to the next.
fn joins(before: char, joining: char) -> bool {
    let chooses = |c: char| is_joining(c) && !matches!(c, '\u{200c}' | '\u{200d}');
    match is_joining(before) {
        true => chooses(before) && !chooses(joining),
        false => !before.is_whitespace(),
    }
}

/// One line of sanitised text of at most `chars_max` characters, for names, titles and quotes.
pub fn one_line(text: &str, chars_max: usize) -> String {
    let line = sanitise(text, Form::Line);
    match line.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_act_as_a_key_is_removed() {
        #[rustfmt::skip]
        let cases = [
            // written                         pasted                    typed as a line
            ("plain",                          "plain",                  "plain"),
            ("a\r\nb\rc\nd",                   "a\nb\nc\nd",             "a ⏎ b ⏎ c ⏎ d"),
            ("a\tb",                           "a\tb",                   "a b"),
            ("end\n\n",                        "end",                    "end"),
            ("x\x1b[201~\rrm -rf",             "x[201~\nrm -rf",         "x[201~ ⏎ rm -rf"),
            ("\x1b]0;title\x07",               "]0;title",               "]0;title"),
            ("\u{9b}201~ \u{9d}52;c;aa\u{9c}", "201~ 52;c;aa",           "201~ 52;c;aa"),
            ("nul\0 del\x7f ^C\x03 ^D\x04",    "nul del ^C ^D",          "nul del ^C ^D"),
            ("u\u{85}v\u{2028}w",              "u\nv\nw",                "u ⏎ v ⏎ w"),
            ("审阅 👍🏽 é",                      "审阅 👍🏽 é",               "审阅 👍🏽 é"),
            ("\n\r\u{7}",                      "",                       ""),
            ("ab\u{202e}dc\u{2066}\u{200f}.",   "abdc.",                  "abdc."),
            ("x\u{200b}y\u{feff}\u{ad}z",       "xyz",                    "xyz"),
            ("a\u{e0041}\u{e0042}b\u{3164}",    "ab",                     "ab"),
            ("می\u{200c}خواهم",                "می\u{200c}خواهم",        "می\u{200c}خواهم"),
            ("👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥",  "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥", "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥"),
            ("\u{200d}a\u{fe01}\u{fe02}\u{fe03}", "a\u{fe01}",              "a\u{fe01}"),
        ];
        for (written, pasted, typed) in cases {
            assert_eq!(sanitise(written, Form::Paste), pasted, "{written:?}");
            assert_eq!(sanitise(written, Form::Line), typed, "{written:?}");
        }
        assert_eq!(one_line("abc\ndef", 5), "abc ⏎…");
        assert_eq!(one_line("abc", 3), "abc");
    }

    proptest! {
        #[test]
        fn nothing_typed_is_a_control_character(text in any::<String>()) {
            let line = sanitise(&text, Form::Line);
            prop_assert!(!line.chars().any(|c| is_invisible(c) && !is_joining(c)));
            let pasted = sanitise(&text, Form::Paste);
            prop_assert!(!pasted.chars().any(|c| is_invisible(c) && !is_joining(c) && c != '\n' && c != '\t'));
            prop_assert_eq!(sanitise(&pasted, Form::Paste), pasted);
        }
    }
}
