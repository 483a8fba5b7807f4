//! How deep JSON text goes, told without reading it.
//!
//! Readers of JSON give up at some depth, ours at 128 levels. What a client says is written into events, and these into
//! answers, each a few levels deeper: what was taken at the very limit could be written, but not be read again.

use super::error::{Code, OpError};
use super::limit::NESTING_MAX;

/// Checks the arguments of an op, given as text in which they lie below `around` levels of their envelope. Whether the
/// text is JSON at all is for its reader to say.
///
/// # Errors
///
/// They have more levels than [`NESTING_MAX`].
pub fn check(text: &str, around: usize) -> Result<(), OpError> {
    let levels = deepest(text).saturating_sub(around);
    if levels <= NESTING_MAX {
        return Ok(());
    }
    let sentence = format!(
        "the arguments have {levels} levels of lists and objects, the limit NESTING_MAX is {NESTING_MAX}; send what is \
         deeper as JSON in a text, or as a file"
    );
    Err(OpError::new(Code::InvalidRequest, sentence).with("limit", "NESTING_MAX").with("max", NESTING_MAX as u64))
}

/// Levels of lists and objects in the deepest place.
fn deepest(text: &str) -> usize {
    let (mut level, mut deepest) = (0_usize, 0);
    let (mut is_in_string, mut is_escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_in_string => is_escaped = true,
            b'"' => is_in_string = !is_in_string,
            _ if is_in_string => {}
            b'[' | b'{' => {
                level += 1;
                deepest = deepest.max(level);
            }
            b']' | b'}' => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_counted_where_they_are_deepest_and_not_in_strings() {
        #[rustfmt::skip]
        let cases = [
            // text                                 levels
            ("",                                    0),
            ("7",                                   0),
            ("{}",                                  1),
            (r#"{"a": [1, {"b": []}], "c": {}}"#,   4),
            (r#"{"a": {}, "b": {}, "c": [[]]}"#,    3),
            (r#"{"a[[[": "{{{\"[[[\\", "b": []}"#,  2),
            ("]]]}}}[",                             1),
            ("[[[[",                                4),
        ];
        for (text, levels) in cases {
            assert_eq!(deepest(text), levels, "{text}");
        }
    }

    #[test]
    fn what_is_too_deep_is_refused_with_the_limit() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(check(&nested(NESTING_MAX), 0), Ok(()));
        assert_eq!(check(&nested(NESTING_MAX + 1), 1), Ok(()));
        let refusal = check(&nested(NESTING_MAX + 2), 1).unwrap_err();
        assert_eq!((refusal.code, &refusal.details["limit"]), (Code::InvalidRequest, &"NESTING_MAX".into()));
        assert!(refusal.message.contains(&format!("have {} levels", NESTING_MAX + 1)), "{refusal}");
    }
}
