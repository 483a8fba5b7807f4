//! What an agent's program may not say to a person's terminal: what reaches the clipboard or files, and questions whose
//! answers are words of the program's own choice, which would be typed.
//!
//! Everything else passes, in whatever pieces it comes. Terminals go on with a sequence after a control in its middle,
//! which they carry out at once or ignore; so the control comes first here, or not at all.

/// Most digits of a number that are looked at, behind as many zeros.
const DIGITS_MAX: usize = 16;

/// Longest beginning of a window report that is held back until its end is seen. No terminal takes so many parameters.
const REPORT_BYTES_MAX: usize = 256;

/// Operating system commands that are dropped: the font, which is asked for by the name it was given (50), the clipboard
/// (52, 5522), and iTerm's own, which copy, fetch and ask (1337).
const COMMANDS: [&[u8]; 4] = [b"50", b"52", b"5522", b"1337"];

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
enum SequenceKind {
    /// It passes.
    Passes,
    /// It is dropped up to its terminator.
    Command,
    /// It is dropped as it is.
    Report,
    /// More of it is needed.
    Unknown,
}

impl Filter {
    /// What of a piece of output is shown.
    pub fn take(&mut self, shown: &[u8]) -> Vec<u8> {
        let mut passed = Vec::with_capacity(self.begun.len() + shown.len());
        let mut rest = shown;
        while !rest.is_empty() {
            if self.begun.is_empty() && self.dropping.is_none() {
                let plain = memchr::memchr2(0x1b, 0xc2, rest).unwrap_or(rest.len());
                passed.extend_from_slice(&rest[..plain]);
                rest = &rest[plain..];
            }
            if let Some((byte, more)) = rest.split_first() {
                self.take_byte(*byte, &mut passed);
                rest = more;
            }
        }
        passed
    }

    fn take_byte(&mut self, byte: u8, passed: &mut Vec<u8>) {
        if let Some(last) = self.dropping {
            // CAN and SUB end a sequence, too; another escape begins the next one.
            let ends = matches!(byte, 0x07 | 0x18 | 0x1a) || last == 0x1b || (last, byte) == (0xc2, 0x9c);
            self.dropping = if ends { None } else { Some(byte) };
            if last == 0x1b && byte != b'\\' {
                self.begun.push(last);
                self.take_byte(byte, passed);
            }
            return;
        }
        if self.begun.is_empty() && !matches!(byte, 0x1b | 0xc2) {
            passed.push(byte);
            return;
        }
        let is_command = matches!(self.begun[..], [0x1b, b']', ..] | [0xc2, 0x9d, ..]);
        if is_control(byte) && !matches!(self.begun[..], [] | [0xc2]) && !(is_command && byte == 0x07) {
            if !is_command {
                passed.push(byte);
            }
            return;
        }
        if byte == b'0' && self.begun.len() == 2 + DIGITS_MAX && self.begun[2..].iter().all(|zero| *zero == b'0') {
            return;
        }
        self.begun.push(byte);
        match kind(&self.begun) {
            SequenceKind::Unknown => {}
            SequenceKind::Report => self.begun.clear(),
            SequenceKind::Command => {
                self.begun.clear();
                self.dropping = Some(0);
                // It may be the terminator.
                self.take_byte(byte, passed);
            }
            SequenceKind::Passes => {
                self.begun.pop();
                passed.append(&mut self.begun);
                // It may begin the next one.
                self.take_byte(byte, passed);
            }
        }
    }
}

/// Whether terminals go on with a sequence after this byte. CAN and SUB end it, an escape begins another one.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0x00..=0x17 | 0x19 | 0x1c..=0x1f | 0x7f)
}

/// Tells what begins with an escape, or with the first byte of what stands for one and the next letter in UTF-8.
fn kind(bytes: &[u8]) -> SequenceKind {
    let Some(second) = bytes.get(1) else { return SequenceKind::Unknown };
    let second = match (bytes[0], second) {
        (0x1b, second) => second,
        (_, 0x9d) => &b']',
        (_, 0x9b) => &b'[',
        _ => return SequenceKind::Passes,
    };
    let rest = &bytes[2..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // Zeros in front change nothing.
    let zeros = rest[..digits].iter().take_while(|byte| **byte == b'0').count();
    let number = &rest[zeros..digits];
    let (next, is_long) = (rest.get(digits), number.len() > DIGITS_MAX);
    match (second, next) {
        (b']' | b'[', _) if is_long => SequenceKind::Passes,
        (b']' | b'[', None) => SequenceKind::Unknown,
        (b']', Some(b';' | 0x07 | 0x1b | 0xc2)) if COMMANDS.contains(&number) => SequenceKind::Command,
        (b'[', Some(_)) if REPORTS.contains(&number) => {
            match rest[digits..].iter().find(|byte| !matches!(byte, b'0'..=b';')) {
                // What follows is then shown as text.
                None if rest.len() > REPORT_BYTES_MAX => SequenceKind::Report,
                None => SequenceKind::Unknown,
                Some(b't') => SequenceKind::Report,
                Some(_) => SequenceKind::Passes,
            }
        }
        _ => SequenceKind::Passes,
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
            ("a\x1b]50;?\x07b",                        "ab",                            "the font is asked for"),
            ("\x1b[21;38;2;255;255;255mx",            "\x1b[21;38;2;255;255;255mx",    "a long colour"),
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
        let endless = format!("\x1b[{}", "1".repeat(10_000));
        assert_eq!(Filter::default().take(endless.as_bytes()).len(), endless.len(), "nothing is held for ever");
        let zeros = "0".repeat(10_000);
        let mut filter = Filter::default();
        assert_eq!(
            filter.take(format!("a\x1b]{zeros}52;c;x\x07b\x1b[{zeros}21tc").as_bytes()),
            b"abc",
            "with many zeros"
        );
        let shown = filter.take(format!("\x1b[21;{zeros}td").as_bytes());
        assert!(!shown.contains(&0x1b) && shown.ends_with(b"td"), "a report that is too long for one");
    }

    #[test]
    fn a_control_in_the_middle_hides_nothing() {
        #[rustfmt::skip]
        let cases: [(&[u8], bool); 6] = [
            // said                    whether its controls are carried out to the end
            (b"\x1b]52;c;cGF5\x07",    false),
            (b"\x1b]0052;c;?\x1b\\",   false),
            (b"\x1b]50;?\x07",         false),
            ("\u{9d}52;c;x\x07".as_bytes(), false),
            (b"\x1b[21t",              true),
            (b"\x1b[021;0t",           true),
        ];
        for (said, is_report) in cases {
            for control in (0..=0x1f).chain([0x7f]).filter(|byte| !matches!(byte, 0x07 | 0x18 | 0x1a | 0x1b)) {
                let places = if said[0] == 0xc2 { 2..said.len() } else { 1..said.len() };
                for place in places {
                    let said = [&said[..place], &[control], &said[place..]].concat();
                    let shown = Filter::default().take(&said);
                    let is_shown = is_report || place == 1;
                    let wanted = if is_shown { vec![control] } else { Vec::new() };
                    // The terminator's escape may be split from the rest of it, which is then a sequence without a sense.
                    let shown: Vec<u8> = shown.strip_suffix(b"\x1b\\").unwrap_or(&shown).to_vec();
                    let is_split = said.ends_with(&[0x1b, control, b'\\']);
                    assert!(shown == wanted || is_split && shown == [control], "{said:?}: {shown:?}");
                    let mut filter = Filter::default();
                    let pieces: Vec<u8> = said.iter().flat_map(|byte| filter.take(&[*byte])).collect();
                    assert_eq!(Filter::default().take(&said), pieces, "{said:?}, byte by byte");
                }
            }
        }
        #[rustfmt::skip]
        let others: [(&[u8], &[u8], &str); 5] = [
            // said                   shown                 why
            (b"\x1b\x07]52;c;x\x07y", b"\x07y",            "a bell behind the escape rings"),
            (b"\x1b[2\x071tx",        b"\x07x",            "and one among the digits"),
            (b"\x1b]52\x07y",         b"y",               "a bell ends a command"),
            (b"\x1b]5\x182;c;x",      b"\x1b]5\x182;c;x",  "cancelled, the rest is text"),
            (b"\x1b[3\n1mx",          b"\n\x1b[31mx",      "what passes comes whole"),
        ];
        for (said, wanted, why) in others {
            assert_eq!(Filter::default().take(said), wanted, "{why}");
        }
    }
}
