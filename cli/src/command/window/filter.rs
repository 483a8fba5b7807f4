//! What an agent's program may not say to a person's terminal: what reaches the clipboard or files, and questions whose
//! answers are words of the program's own choice, which would be typed.
//!
//! Everything else passes unchanged, in whatever pieces it comes.

/// Longest beginning of a sequence that is held back until it can be told what it is.
const HELD_BYTES_MAX: usize = 16;

/// Operating system commands that are dropped: the clipboard (52, 5522), and iTerm's own, which copy, fetch and ask (1337).
const COMMANDS: [&[u8]; 3] = [b"52", b"5522", b"1337"];

/// Window reports that are dropped: the icon's label and the window's title, which a program may have chosen.
const REPORTS: [&[u8]; 2] = [b"20", b"21"];

/// Passes a program's output on without what is dropped.
#[derive(Debug, Default)]
pub struct Filter {
    /// The beginning of a sequence whose kind is not to be seen yet.
    begun: Vec<u8>,
    /// The last byte of a command that is being dropped.
    dropping: Option<u8>,
}

/// What a sequence is, as far as it can be seen.
#[derive(Debug, PartialEq)]
enum Kind {
    /// It passes.
    Passes,
    /// It is dropped up to its terminator.
    Command,
    /// It is dropped; so many bytes.
    Report(usize),
    /// More of it is needed.
    Unknown,
}

impl Filter {
    /// What of a piece of output is shown.
    pub fn take(&mut self, shown: &[u8]) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.begun);
        bytes.extend_from_slice(shown);
        let (mut passed, mut at) = (Vec::with_capacity(bytes.len()), 0);
        while at < bytes.len() {
            if let Some(last) = self.dropping {
                let byte = bytes[at];
                // CAN and SUB end a sequence, too; another escape begins the next one.
                let ends = matches!(byte, 0x07 | 0x18 | 0x1a) || last == 0x1b || (last, byte) == (0xc2, 0x9c);
                self.dropping = if ends { None } else { Some(byte) };
                if last == 0x1b && byte != b'\\' {
                    // What began before this piece goes on in it.
                    bytes.splice(..at, [0x1b]);
                    at = 0;
                } else {
                    at += 1;
                }
                continue;
            }
            if !matches!(bytes[at], 0x1b | 0xc2) {
                passed.push(bytes[at]);
                at += 1;
                continue;
            }
            match kind(&bytes[at..]) {
                Kind::Passes => {
                    passed.push(bytes[at]);
                    at += 1;
                }
                Kind::Command => {
                    self.dropping = Some(0);
                    at += 2;
                }
                Kind::Report(count) => at += count,
                Kind::Unknown => {
                    self.begun = bytes[at..].to_vec();
                    break;
                }
            }
        }
        passed
    }
}

/// Tells what begins with an escape, or with the first byte of what stands for one and the next letter in UTF-8.
fn kind(bytes: &[u8]) -> Kind {
    let Some(second) = bytes.get(1) else { return Kind::Unknown };
    let second = match (bytes[0], second) {
        (0x1b, second) => second,
        (_, 0x9d) => &b']',
        (_, 0x9b) => &b'[',
        _ => return Kind::Passes,
    };
    let rest = &bytes[2..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // Zeros in front change nothing.
    let zeros = rest[..digits].iter().take_while(|byte| **byte == b'0').count();
    let number = &rest[zeros..digits];
    let (next, is_long) = (rest.get(digits), digits > HELD_BYTES_MAX);
    match (second, next) {
        (b']' | b'[', _) if is_long => Kind::Passes,
        (b']' | b'[', None) => Kind::Unknown,
        (b']', Some(b';' | 0x07 | 0x1b | 0xc2)) if COMMANDS.contains(&number) => Kind::Command,
        (b'[', Some(b't')) if REPORTS.contains(&number) => Kind::Report(2 + digits + 1),
        (b'[', Some(b';')) if REPORTS.contains(&number) => {
            let more = rest[digits..].iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
            match rest.get(digits + more) {
                None if more > HELD_BYTES_MAX => Kind::Passes,
                None => Kind::Unknown,
                Some(b't') => Kind::Report(2 + digits + more + 1),
                Some(_) => Kind::Passes,
            }
        }
        _ => Kind::Passes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_the_clipboard_or_asks_for_a_title_is_dropped() {
        #[rustfmt::skip]
        let cases = [
            // said                                    shown                            why
            ("plain \x1b[31mred\x1b[m",                "plain \x1b[31mred\x1b[m",       "colours"),
            ("a\x1b]52;c;cGF5\x07b",                   "ab",                            "the clipboard is set"),
            ("a\x1b]52;c;?\x1b\\b",                    "ab",                            "the clipboard is asked for"),
            ("a\x1b]0052;c;?\x1b\\b",                  "ab",                            "with zeros"),
            ("a\x1b]5522;type=read;x\x1b\\b",          "ab",                            "kitty's clipboard"),
            ("a\x1b]1337;Copy=:cGF5\x07b",             "ab",                            "iTerm's clipboard"),
            ("a\x1b]52;c;x\x1b[31mb",                  "a\x1b[31mb",                    "another sequence ends it"),
            ("a\x1b]52;c;x\x18b",                      "ab",                            "cancelled"),
            ("a\x1b[21tb\x1b[20tc\x1b[21;0td",         "abcd",                          "titles are asked for"),
            ("\x1b[22;0t\x1b[23;0t\x1b[18t\x1b[8;24;80t", "\x1b[22;0t\x1b[23;0t\x1b[18t\x1b[8;24;80t", "other words of windows"),
            ("\x1b]0;title\x07\x1b]520;x\x07\x1b]11;?\x07", "\x1b]0;title\x07\x1b]520;x\x07\x1b]11;?\x07", "other commands"),
            ("\x1b[21m\x1b[21;2Hx",                    "\x1b[21m\x1b[21;2Hx",           "the same number, something else"),
            ("\u{9d}52;c;x\u{9c}é\u{9b}21ty",            "éy",                            "in one character"),
            ("\x1b]52;c;x\x1b]52;c;y\x07z",           "z",                             "one behind the other"),
            ("\x1b\x1b]52;c;x\x07y",                   "\x1by",                         "two escapes"),
        ];
        for (said, wanted, why) in cases {
            assert_eq!(Filter::default().take(said.as_bytes()), wanted.as_bytes(), "{why}");
            let mut filter = Filter::default();
            let shown: Vec<u8> = said.as_bytes().iter().flat_map(|byte| filter.take(&[*byte])).collect();
            assert_eq!(shown, wanted.as_bytes(), "{why}, byte by byte");
        }
        let endless = format!("\x1b[{}", "0".repeat(10_000));
        assert_eq!(Filter::default().take(endless.as_bytes()).len(), endless.len(), "nothing is held for ever");
    }
}
