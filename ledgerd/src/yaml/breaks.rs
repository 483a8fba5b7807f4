//! Ends of lines that YAML 1.1 has and the reader we use does not know: U+0085, U+2028 and U+2029.
//!
//! PyYAML writes a text that has one as if a line ended there, with the indentation of the next one behind it, and takes
//! that away when it reads. So does this, before the document is read: U+0085 is a newline, the other two stay as they
//! are, and the blanks around them go.

use std::borrow::Cow;

const NEXT_LINE: char = '\u{85}';
const SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];

/// A document in which lines end with newlines only, meaning what it means to PyYAML. JSON has no such ends of lines, and
/// stays as it is.
pub fn mend(text: &str) -> Cow<'_, str> {
    let is_end = |c: char| c == NEXT_LINE || SEPARATORS.contains(&c);
    if !text.contains(is_end) || text.trim_start().starts_with('{') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace(NEXT_LINE, "\n");
    let (mut out, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(at) = rest.find(|c| c == '\n' || SEPARATORS.contains(&c)) {
        let (before, run) = rest.split_at(at);
        let end = run.find(|c| !matches!(c, '\n' | ' ' | '\t') && !SEPARATORS.contains(&c)).unwrap_or(run.len());
        let (run, after) = run.split_at(end);
        if run.contains(SEPARATORS) {
            out.push_str(before.trim_end_matches([' ', '\t']));
            fold(&mut out, run);
        } else {
            out.push_str(before);
            out.push_str(run);
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes a run of ends of lines, one of which is a separator, so that it is read as what PyYAML makes of it.
fn fold(out: &mut String, run: &str) {
    let mut ends: Vec<char> = run.chars().filter(|c| !matches!(c, ' ' | '\t')).collect();
    let indentation = &run[run.trim_end_matches([' ', '\t']).len()..];
    // A newline that others follow stands for nothing.
    if ends[0] == '\n' {
        ends.remove(0);
    }
    let mut newlines = 0;
    for end in ends {
        if end == '\n' {
            // Of several in a row the first stands for nothing.
            out.push_str(if newlines == 0 { "\n\n" } else { "\n" });
            newlines += 1;
        } else {
            if newlines > 0 {
                out.push_str(indentation);
            }
            newlines = 0;
            out.push(end);
        }
    }
    if newlines > 0 {
        out.push_str(indentation);
    }
}
