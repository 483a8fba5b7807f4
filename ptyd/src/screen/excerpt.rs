//! The last lines of a screen as they may be put on record: few, short, and without what may be a key or a code.

use super::composer::View;

/// Lines that are put on record.
pub const LINES_MAX: usize = 8;

/// Characters of such a line.
const CHARS_MAX: usize = 120;

/// Words that long, of letters and digits both, may be secrets.
const SECRET_CHARS_MIN: usize = 8;

/// What a person would look at first.
pub fn excerpt(view: &View) -> Vec<String> {
    view.last_lines(LINES_MAX).iter().map(|line| redacted(line)).collect()
}

/// The same of a text of which the last lines count.
pub fn excerpt_of(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES_MAX)..].iter().map(|line| redacted(line)).collect()
}

fn redacted(line: &str) -> String {
    let words: Vec<String> = line.split(' ').map(word).collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(CHARS_MAX).collect()
}

/// A word, or what is left of one that may be a key, a code, or an address with one in it.
fn word(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return if host.len() == rest.len() { word.to_owned() } else { format!("{scheme}://{host}/…") };
    }
    let is_of = |of: fn(&char) -> bool| word.chars().any(|c| of(&c));
    let is_mixed = is_of(char::is_ascii_digit) && is_of(char::is_ascii_alphabetic);
    let is_long = word.chars().count() >= SECRET_CHARS_MIN;
    let is_path = word.starts_with(['/', '~', '.']);
    if is_long && is_mixed && !is_path { "…".to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_put_on_record() {
        #[rustfmt::skip]
        let cases = [
            ("❯ 1. Yes, and always allow /tmp/lab/w1 ",       "❯ 1. Yes, and always allow /tmp/lab/w1 "),
            ("key sk-ant-api03-abcdefghijklmn found",         "key … found"),
            ("go to https://a.example/x?code=1 now",          "go to https://a.example/… now"),
            ("code ABCD-1234",                                "code …"),
            ("a\u{1b}[31m b",                                 "a[31m b"),
        ];
        for (line, wanted) in cases {
            assert_eq!(redacted(line), wanted);
        }
        assert_eq!(redacted(&"x".repeat(500)).chars().count(), CHARS_MAX);
    }

    #[test]
    fn the_last_lines_count() {
        let text: String = (0..20).map(|n| format!("line {n}\n\n")).collect();
        let lines = excerpt_of(&text);
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (LINES_MAX, Some("line 19")));
        assert_eq!(excerpt_of(" \n"), Vec::<String>::new());
    }
}
