//! The last lines a terminal has shown, as text.
//!
//! Pure: bytes in, text out. Programs that draw on the alternate screen show what is on it; others show what has
//! scrolled by, too.

use super::model::Model;

/// Lines that have scrolled by and are kept while the bytes are read.
const SCROLLBACK_LINES: usize = 5_000;

/// Cells of all those lines together; each takes some 32 bytes. Wide terminals keep fewer lines.
const SCROLLBACK_CELLS: usize = 600_000;

/// Shortest and longest block of lines whose repetition is dropped.
const BLOCK_LINES: std::ops::RangeInclusive<usize> = 3..=60;

/// Renders bytes as a terminal of this size shows them: line ends trimmed, blank lines at the end dropped.
pub fn render(bytes: &[u8], cols: u16, rows: u16) -> String {
    let lines_max = SCROLLBACK_LINES.min(SCROLLBACK_CELLS / usize::from(cols.max(1)));
    let mut model = Model::<()>::new(cols, rows, lines_max);
    model.process(bytes);
    let screen = model.screen_mut();
    screen.set_scrollback(usize::MAX);
    let mut lines = Vec::new();
    // One window after the other, from the oldest line to the newest.
    let mut above = screen.scrollback();
    while above > 0 {
        screen.set_scrollback(above);
        let new = above.min(usize::from(rows));
        lines.extend(screen.rows(0, cols).take(new));
        above -= new;
    }
    screen.set_scrollback(0);
    lines.extend(screen.rows(0, cols));
    let mut lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.join("\n")
}

/// Drops a line that repeats the one before, and a block of lines that repeats the block before.
pub fn compact(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines() {
        if kept.last() == Some(&line) {
            continue;
        }
        kept.push(line);
        let repeated = BLOCK_LINES.take_while(|size| 2 * size <= kept.len()).find(|size| {
            let (before, last) = kept[kept.len() - 2 * size..].split_at(*size);
            before == last
        });
        if let Some(size) = repeated {
            kept.truncate(kept.len() - size);
        }
    }
    kept.join("\n")
}

/// The last characters of a text.
pub fn last_chars(text: &str, chars_max: usize) -> &str {
    match text.char_indices().rev().nth(chars_max.saturating_sub(1)) {
        Some((start, _)) if chars_max > 0 => &text[start..],
        Some(_) => "",
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_what_a_person_has_seen() {
        let many: String = (0..30).map(|n| format!("line {n}\r\n")).collect();
        let all: Vec<String> = (0..30).map(|n| format!("line {n}")).collect();
        #[rustfmt::skip]
        let cases = [
            ("a\r\nb  \r\n\r\n",                          "a\nb".to_owned()),
            ("12%\r50%\r100%",                            "100%".to_owned()),
            ("\x1b[31mred\x1b[0m \x1b]0;title\x07plain",   "red plain".to_owned()),
            ("ab\x08c",                                    "ac".to_owned()),
            ("gone\x1b[2K\rhere",                          "here".to_owned()),
            ("shell\r\n\x1b[?1049h\x1b[Hfull",             "full".to_owned()),
            ("",                                           String::new()),
            (many.as_str(),                                all.join("\n")),
        ];
        for (bytes, text) in cases {
            assert_eq!(render(bytes.as_bytes(), 20, 4), text, "{bytes:?}");
        }
    }

    #[test]
    fn repetition_is_dropped() {
        #[rustfmt::skip]
        let cases = [
            ("a\na\na\nb",              "a\nb"),
            ("a\nb\na\nb",              "a\nb\na\nb"),
            ("a\nb\nc\na\nb\nc\nd",     "a\nb\nc\nd"),
            ("a\nb\nc\na\nb\nd",        "a\nb\nc\na\nb\nd"),
            ("",                        ""),
        ];
        for (text, kept) in cases {
            assert_eq!(compact(text), kept, "{text:?}");
        }
    }

    #[test]
    fn the_last_characters_are_whole() {
        for (chars_max, wanted) in [(0, ""), (1, "é"), (3, "cdé"), (9, "abcdé")] {
            assert_eq!(last_chars("abcdé", chars_max), wanted);
        }
    }
}
