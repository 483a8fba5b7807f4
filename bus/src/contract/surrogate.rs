//! Halves of surrogate pairs in JSON text.
//!
//! A client that cuts a text in the middle of an emoji writes half of it, `\ud83d`, which is no character; strict readers
//! of JSON refuse the whole text for it. Here it becomes U+FFFD, as bytes do that are no UTF-8, and nothing else is lost.

use std::borrow::Cow;

/// Digits of a code unit that is written as `\u….`
const DIGITS: usize = 4;

/// The same JSON text with U+FFFD for each half of a surrogate pair that stands alone. Text without any is left as it is.
pub fn mend(text: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let (mut taken, mut at) = (0, 0);
    while let Some(found) = text[at..].find('\\') {
        let begin = at + found;
        at = match (unit(text, begin), unit(text, begin + 2 + DIGITS)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => begin + 2 * (2 + DIGITS),
            (Some(0xD800..=0xDFFF), _) => {
                mended.push_str(&text[taken..begin]);
                mended.push_str("\\ufffd");
                taken = begin + 2 + DIGITS;
                taken
            }
            (Some(_), _) => begin + 2 + DIGITS,
            // Whatever is escaped is no beginning of an escape itself.
            (None, _) => begin + 1 + text[begin + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if taken == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(&text[taken..]);
    Cow::Owned(mended)
}

/// The code unit whose escape begins here.
fn unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..)?.strip_prefix("\\u")?.get(..DIGITS)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_becomes_one_replacement_character() {
        #[rustfmt::skip]
        let cases = [
            // JSON                       read
            (r#""plain""#,                "plain"),
            (r#""\ud83d\ude00""#,         "😀"),
            (r#""cut \ud83d""#,           "cut \u{fffd}"),
            (r#""\ude00 begins""#,        "\u{fffd} begins"),
            (r#""\uD83Dx\uDE00""#,        "\u{fffd}x\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#,   "\u{fffd}😀"),
            (r#""\\ud83d""#,              "\\ud83d"),
            (r#""\\\ud83d""#,             "\\\u{fffd}"),
            (r#""\u00e9\n""#,             "é\n"),
        ];
        for (json, read) in cases {
            assert_eq!(serde_json::from_str::<String>(&mend(json)).unwrap(), read, "{json}");
        }
    }

    #[test]
    fn what_is_no_escape_at_all_is_left_for_the_reader_to_refuse() {
        for text in ["\"\\u12\"", "\"\\ud8\"", "\"\\", "\\é", "\"\\u+123\"", ""] {
            assert_eq!(mend(text), text);
        }
    }
}
