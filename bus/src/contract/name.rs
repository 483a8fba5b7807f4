//! Names: what must not be in one, and when two of them look alike.
//!
//! Whoever reads a name in a terminal or a browser takes it for what it looks like. So a new name is refused that has
//! something in it that nobody sees, and names are compared as they are seen. What is in a ledger stays as it is.

use std::ops::RangeInclusive;
use unicode_normalization::UnicodeNormalization;

/// Characters that show nothing by themselves: Unicode's format characters but for a few, and what it lets a font ignore.
const INVISIBLE: &[RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// The few format characters that are seen, in texts of their scripts, and the blank of Braille. No name needs them.
const SEEN: &[RangeInclusive<char>] = &[
    '\u{600}'..='\u{605}',
    '\u{6dd}'..='\u{6dd}',
    '\u{70f}'..='\u{70f}',
    '\u{890}'..='\u{891}',
    '\u{8e2}'..='\u{8e2}',
    '\u{2800}'..='\u{2800}',
    '\u{110bd}'..='\u{110bd}',
    '\u{110cd}'..='\u{110cd}',
    '\u{13430}'..='\u{1345f}',
];

/// Marks that decorate whatever letter they stand behind, in no script of their own.
const DECORATION: &[RangeInclusive<char>] = &[
    '\u{300}'..='\u{36f}',
    '\u{1ab0}'..='\u{1aff}',
    '\u{1dc0}'..='\u{1dff}',
    '\u{20d0}'..='\u{20ff}',
    '\u{fe20}'..='\u{fe2f}',
];

/// What words of some scripts and pictures of several parts are joined and chosen with.
const JOINING: &[RangeInclusive<char>] = &['\u{200c}'..='\u{200d}', '\u{fe00}'..='\u{fe0f}', '\u{e0100}'..='\u{e01ef}'];

fn is_in(ranges: &[RangeInclusive<char>], c: char) -> bool {
    ranges.iter().any(|range| range.contains(&c))
}

/// Whether a character shows nothing, or acts on what stands around it: control and format characters, direction
/// marks, fillers, tags.
pub fn is_invisible(c: char) -> bool {
    c.is_control() || is_in(INVISIBLE, c)
}

/// Whether a character that shows nothing joins or chooses the shape of its neighbours, as Persian, Hindi and emoji
/// need it.
pub fn is_joining(c: char) -> bool {
    is_in(JOINING, c)
}

/// Finds what a name must not have in it. Joining characters may stand behind what is no ASCII letter; behind a digit, `#`
/// and `*` only what chooses their shape, as keycaps have it.
pub fn stray(text: &str) -> Option<char> {
    let mut before = 'a';
    text.chars().find(|c| {
        let chooses = ('\u{fe00}'..='\u{fe0f}').contains(c);
        let is_open = if chooses { is_shaped(before) } else { !before.is_ascii() };
        let joins = is_joining(*c) && is_open && !is_invisible(before);
        // A picture is followed by what chooses its colours and then by what joins it to the next.
        let joins = joins || *c == '\u{200d}' && ('\u{fe00}'..='\u{fe0f}').contains(&before);
        before = *c;
        (is_invisible(*c) || is_in(SEEN, *c)) && !joins
    })
}

/// Whether a character may look otherwise when it is told so: no letter of ASCII and no blank does, while the digits of
/// keycaps do.
fn is_shaped(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_digit() || matches!(c, '#' | '*')
}

/// Checks that there is nothing in a name that nobody sees.
///
/// # Errors
///
/// The sentence for the person who chose it.
pub fn check(what: &str, text: &str) -> Result<(), String> {
    match stray(text) {
        None => Ok(()),
        Some(c) => {
            let code = u32::from(c);
            Err(format!("{what} has a control or format character in it that nobody sees (U+{code:04X}); leave it out"))
        }
    }
}

/// The text without what nobody sees.
pub fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).collect()
}

/// The form in which a name is believed (NFKC): full-width letters, ligatures and letters with their marks apart are
/// the plain ones.
pub fn normal(text: &str) -> String {
    text.nfkc().collect::<String>().trim().to_owned()
}

/// What is left of a name for somebody who takes a quick look: neither case nor width nor decoration counts, and what
/// shows nothing is not there. Names with the same outline can be mistaken for each other.
pub fn outline(text: &str) -> String {
    if text.is_ascii() {
        return visible(text).trim().to_ascii_lowercase();
    }
    let seen = text.nfkd().filter(|c| !is_invisible(*c) && !is_in(SEEN, *c) && !is_in(DECORATION, *c));
    let lower: String = seen.flat_map(char::to_lowercase).collect();
    // A capital may have become a letter with its mark apart.
    lower.nfkd().filter(|c| !is_in(DECORATION, *c)).collect::<String>().trim().to_owned()
}

/// The outline of a name that somebody is called by, with an at sign or without.
pub fn outline_called(text: &str) -> String {
    outline(text).trim_start_matches('@').trim_start().to_owned()
}

/// A name that was written in several lines, in one: line breaks and tabs are blanks. Older clients take such names.
pub fn in_one_line(text: &str) -> String {
    if !text.contains(['\n', '\r', '\t']) {
        return text.to_owned();
    }
    let parts = text.split(['\n', '\r', '\t']).map(str::trim).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_found() {
        #[rustfmt::skip]
        let cases = [
            // name                            what must not be in it
            ("web shop — 审阅 é 🙂",            None),
            ("می\u{200c}خواهم",                None),
            ("👩🏽\u{200d}💻 ❤\u{fe0f}\u{200d}🔥", None),
            ("葛\u{e0100}城",                   None),
            ("1\u{fe0f}\u{20e3} plan #\u{fe0f}\u{20e3}", None),
            ("a\u{fe0f}",                      Some('\u{fe0f}')),
            ("a \u{fe0f}b",                    Some('\u{fe0f}')),
            ("1\u{200d}2",                     Some('\u{200d}')),
            ("z\0",                            Some('\0')),
            ("a\nb",                           Some('\n')),
            ("z\u{200b}",                      Some('\u{200b}')),
            ("us\u{200d}er",                   Some('\u{200d}')),
            ("\u{200d}user",                   Some('\u{200d}')),
            ("é\u{200d}\u{200d}",              Some('\u{200d}')),
            ("\u{202e}resu",                   Some('\u{202e}')),
            ("z\u{ad}",                        Some('\u{ad}')),
            ("z\u{3164}",                      Some('\u{3164}')),
            ("z\u{e0041}",                     Some('\u{e0041}')),
            ("z\u{34f}",                       Some('\u{34f}')),
            ("z\u{2800}",                      Some('\u{2800}')),
            ("a\u{2028}b",                     Some('\u{2028}')),
        ];
        for (name, wanted) in cases {
            assert_eq!(stray(name), wanted, "{name:?}");
            assert_eq!(check("it", name).is_ok(), wanted.is_none(), "{name:?}");
        }
    }

    #[test]
    fn names_that_look_alike_have_the_same_outline() {
        #[rustfmt::skip]
        let cases = [
            ("USER",                 "user"),
            ("ｕｓｅｒ",              "user"),
            ("uſer",                 "user"),
            ("u\u{200b}ser",         "user"),
            ("\u{202e}user\u{202c}", "user"),
            ("user\0 ",              "user"),
            ("üser",                 "user"),
            ("u\u{336}ser",          "user"),
            ("İ",                    "i"),
            ("审阅",                  "审阅"),
        ];
        for (name, wanted) in cases {
            assert_eq!(outline(name), wanted, "{name:?}");
        }
        assert_ne!(outline("कि"), outline("की"), "a vowel is no decoration");
    }

    #[test]
    fn a_name_of_several_lines_is_one_of_one_line() {
        for (written, wanted) in [("a b", "a b"), ("a\n b\tc\r\n", "a b c"), ("\n", ""), ("a\u{0}\nb", "a\u{0} b")] {
            assert_eq!(in_one_line(written), wanted);
        }
    }

    #[test]
    fn a_name_is_believed_in_its_plain_form() {
        for (written, wanted) in [("ｚ", "z"), ("e\u{301}", "é"), ("é", "é"), (" a ", "a"), ("审阅", "审阅")] {
            assert_eq!(normal(written), wanted);
        }
    }
}
