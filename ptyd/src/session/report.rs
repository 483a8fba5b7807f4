//! What a viewer's terminal says by itself, without a key being pressed: answers to the program's questions, where the
//! mouse is, whether the window has the focus.
//!
//! Pure. Reports reach the program as keys do, but they are nobody's half-typed line.

/// Whether bytes are reports and nothing else. What cannot be told from a key is a key.
pub fn is_report(mut bytes: &[u8]) -> bool {
    if bytes.is_empty() {
        return false;
    }
    while !bytes.is_empty() {
        let length = match bytes {
            [0x1b, b'[', rest @ ..] => control(rest),
            [0x1b, b']' | b'P', rest @ ..] => string(rest),
            _ => None,
        };
        let Some(length) = length else { return false };
        bytes = &bytes[2 + length..];
    }
    true
}

/// Length of the rest of a control sequence that reports something.
fn control(rest: &[u8]) -> Option<usize> {
    let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte))?;
    let (parameters, last) = (&rest[..end], rest[end]);
    let length = end + 1;
    match (parameters.first(), last) {
        // Focus; the place of the cursor, the status, the kind of terminal, sizes, modes.
        (None, b'I' | b'O') | (Some(_), b'R' | b'n' | b'c' | b't' | b'y') => Some(length),
        // The mouse, and which kinds of keys are reported.
        (Some(b'<'), b'M' | b'm') | (Some(b'?'), b'u') => Some(length),
        // The mouse as of old: three bytes follow.
        (None, b'M') => (rest.len() >= length + 3).then_some(length + 3),
        _ => None,
    }
}

/// Length of the rest of a string: colours, names, capabilities.
fn string(rest: &[u8]) -> Option<usize> {
    let end = rest.iter().position(|byte| matches!(byte, 0x07 | 0x1b))?;
    match &rest[end..] {
        [0x07, ..] => Some(end + 1),
        [0x1b, b'\\', ..] => Some(end + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_says_by_itself_is_told_from_keys() {
        #[rustfmt::skip]
        let cases: &[(&[u8], bool, &str)] = &[
            (b"",                                  false, "nothing"),
            (b"\x1b[12;40R",                       true,  "the cursor's place"),
            (b"\x1b[?62;22c\x1b[0n",               true,  "two answers"),
            (b"\x1b[I",                            true,  "the window has the focus"),
            (b"\x1b[<35;10;4M\x1b[<0;10;4m",       true,  "the mouse"),
            (b"\x1b[M !!",                         true,  "the mouse as of old"),
            (b"\x1b[M !",                          false, "half of it"),
            (b"\x1b]11;rgb:00/00/00\x1b\\",        true,  "the colour of the background"),
            (b"\x1b]11;rgb:00/00/00\x07",          true,  "the same, ended by a bell"),
            (b"\x1bP>|xterm(390)\x1b\\",           true,  "the terminal's name"),
            (b"\x1b[?2026;2$y",                    true,  "a mode"),
            (b"\x1b[?1u",                          true,  "how keys are reported"),
            (b"\x1b[97u",                          false, "a key, reported so"),
            (b"\x1b[13;2u",                        false, "shift and Enter"),
            (b"\x1b\r",                            false, "the same, as of old"),
            (b"\x1b[27;2;13~",                     false, "the same, as xterm has it"),
            (b"\x1b[A",                            false, "an arrow"),
            (b"\x1bOA",                            false, "an arrow, the other way"),
            (b"\x1b[3~",                           false, "delete"),
            (b"\x1b[200~text\x1b[201~",            false, "a paste"),
            (b"\x1b",                              false, "escape"),
            (b"\x1b[12;40Rx",                      false, "a key behind an answer"),
            (b"ls",                                false, "letters"),
        ];
        for (bytes, wanted, why) in cases {
            assert_eq!(is_report(bytes), *wanted, "{why}");
        }
    }
}
