//! What keys make of the line that is being typed, told by the keys alone; what stands on the screen counts besides.
//!
//! Pure. Keys come as terminals have always sent them, or as programs can ask for: as xterm has them with modifiers
//! (`CSI 27 ; modifiers ; key ~`), or all of them by the kitty keyboard protocol (`CSI key ; modifiers : event u`).

/// What keys make of the line that is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// It was sent or given up.
    Done,
    /// There is text in it.
    Begun,
    /// The keys move about, or take something away.
    Same,
    /// Keys have only come up again, which is nothing.
    Released,
}

const ESC: char = '\x1b';

/// Behind this character or [`ESC`], a line end begins another line of the same text.
const CONTINUES: char = '\\';

/// The first byte of every sequence, and Escape's own.
const ESCAPE: u8 = 0x1b;

const PASTE_BEGIN: &[u8] = b"\x1b[200~";

const PASTE_END: &[u8] = b"\x1b[201~";

/// Longest begin of a sequence that is waited with: no key's is as long.
const SEQUENCE_BYTES_MAX: usize = 64;

/// Modifiers of the kitty protocol: what a letter may have and be one still (Shift, Caps Lock, Num Lock) …
const SHIFTED: u32 = 1 | 64 | 128;

/// … and what says nothing about any key.
const LOCKS: u32 = 64 | 128;

const CTRL: u32 = 4;

/// The kitty protocol's event of a key that comes up.
const RELEASE: u32 = 3;

/// Keys that have a number of their own there, and no character.
const FUNCTIONAL: std::ops::RangeInclusive<u32> = 57_344..=63_743;

/// Those of the keypad that have one nevertheless.
const KEYPAD: std::ops::RangeInclusive<u32> = 57_399..=57_416;

const KEYPAD_ENTER: u32 = 57_414;

/// How far keys have been read: a read may end in the middle of a sequence, or of a paste.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The last key that was pressed.
    last: Option<char>,
    /// The begin of a sequence: what it says, the next read tells.
    unfinished: Vec<u8>,
    /// A paste has begun, and not ended.
    in_paste: bool,
}

impl Reading {
    /// What the next keys make of the line.
    pub fn next(&mut self, keys: &[u8]) -> Line {
        let mut bytes = std::mem::take(&mut self.unfinished);
        // Whoever presses Escape and then a bracket presses that alone.
        if bytes == [ESCAPE] && !matches!(keys, [b'[' | b'O', _, ..]) && !self.in_paste {
            bytes.clear();
        }
        bytes.extend_from_slice(keys);
        let (mut rest, mut line) = (&bytes[..], None);
        while !rest.is_empty() {
            let (length, key) = if self.in_paste { Key::pasted(rest) } else { Key::first(rest) };
            match key {
                Key::Paste => self.in_paste = false,
                Key::PasteBegun => self.in_paste = true,
                Key::Unfinished | Key::Char(ESC) if length == rest.len() => self.unfinished = rest.to_vec(),
                _ => {}
            }
            rest = &rest[length..];
            let made = if self.in_paste { Line::Begun } else { key.makes(self.last) };
            line = match (line, made) {
                (Some(Line::Done | Line::Begun), Line::Same | Line::Released) | (Some(Line::Same), Line::Released) => {
                    line
                }
                _ => Some(made),
            };
            self.last = key.last(self.last);
        }
        line.unwrap_or(Line::Same)
    }

    /// Another viewer types: what an earlier one has not finished goes on no more. What stands before the cursor does.
    pub fn begin_anew(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// A character, control characters among them.
    Char(char),
    /// Enter with a modifier: a line end in the text.
    LineEnd,
    /// A paste begins, or goes on.
    PasteBegun,
    /// It ends.
    Paste,
    /// The begin of a sequence, as far as it has come.
    Unfinished,
    /// A key of no character.
    Other,
    /// One that comes up.
    Release,
}

impl Key {
    /// The first key of several bytes, and how many of them it takes.
    fn first(bytes: &[u8]) -> (usize, Self) {
        match bytes {
            [ESCAPE, b'[', rest @ ..] => {
                // Whatever belongs to no sequence ends it.
                let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else {
                    let is_begin = bytes.len() <= SEQUENCE_BYTES_MAX;
                    return (bytes.len(), if is_begin { Self::Unfinished } else { Self::Other });
                };
                match (&rest[..end], rest[end]) {
                    (b"200", b'~') => (PASTE_BEGIN.len(), Self::PasteBegun),
                    (parameters, last @ 0x40..=0x7e) => (2 + end + 1, Self::reported(parameters, last)),
                    _ => (2 + end, Self::Other),
                }
            }
            [ESCAPE, b'O'] => (2, Self::Unfinished),
            // The keypad, where programs ask for it.
            [ESCAPE, b'O', b'M', ..] => (3, Self::Char('\r')),
            [ESCAPE, b'O', key @ (b'j'..=b'y' | b'X'), ..] => (3, Self::Char(char::from(*key))),
            [ESCAPE, b'O', 0x40..=0x7e, ..] => (3, Self::Other),
            [ESCAPE, b'\r', ..] => (2, Self::LineEnd),
            [ESCAPE, 0x20..=0x7e | 0x80.., rest @ ..] => {
                (2 + rest.iter().take_while(|byte| matches!(byte, 0x80..=0xbf)).count(), Self::Other)
            }
            [byte @ 0..=0x7f, ..] => (1, Self::Char(char::from(*byte))),
            [_, rest @ ..] => {
                let length = 1 + rest.iter().take_while(|byte| matches!(byte, 0x80..=0xbf)).count();
                // Half a character is one that has begun.
                let character = String::from_utf8_lossy(&bytes[..length]).chars().next();
                (length, Self::Char(character.unwrap_or(char::REPLACEMENT_CHARACTER)))
            }
            [] => (0, Self::Other),
        }
    }

    /// What has come of a paste, in the middle of it.
    fn pasted(bytes: &[u8]) -> (usize, Self) {
        if let Some(end) = bytes.windows(PASTE_END.len()).position(|window| window == PASTE_END) {
            return (end + PASTE_END.len(), Self::Paste);
        }
        // Of its end, the begin may have come.
        let begun = (1..PASTE_END.len()).rev().find(|length| bytes.ends_with(&PASTE_END[..*length])).unwrap_or(0);
        match bytes.len() - begun {
            0 => (begun, Self::Unfinished),
            length => (length, Self::PasteBegun),
        }
    }

    /// What stands between `CSI` and its last byte.
    fn reported(parameters: &[u8], last: u8) -> Self {
        let Ok(parameters) = std::str::from_utf8(parameters) else { return Self::Other };
        let mut fields = parameters.split(';').map(|field| field.split(':'));
        let mut field = || fields.next().map(|mut field| [0; 2].map(|_| field.next()));
        let number = |digits: Option<&str>| digits.and_then(|digits| digits.parse::<u32>().ok());
        let (key, modifiers, event, text) = match last {
            b'u' => {
                let ([key, _], [modifiers, event], text) =
                    (field().unwrap_or_default(), field().unwrap_or_default(), field().unwrap_or_default());
                (number(key), number(modifiers), number(event), number(text[0]))
            }
            b'~' if parameters.starts_with("27;") => {
                let (_, [modifiers, _], [key, _]) = (field(), field().unwrap_or_default(), field().unwrap_or_default());
                (number(key), number(modifiers), None, None)
            }
            // Of the other keys, too, terminals tell when they come up.
            _ => (None, None, number(field().and_then(|_| field()).unwrap_or_default()[1]), None),
        };
        if event == Some(RELEASE) {
            return Self::Release;
        }
        let modifiers = modifiers.unwrap_or(1).saturating_sub(1);
        let Some(key) = key else { return Self::Other };
        let is_enter = key == 13 || key == KEYPAD_ENTER;
        match char::from_u32(key) {
            _ if is_enter && modifiers & !LOCKS == 0 => Self::Char('\r'),
            _ if is_enter => Self::LineEnd,
            _ if text.is_some() => Self::Char(text.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)),
            Some(letter @ 'a'..='z') if modifiers & !LOCKS == CTRL => Self::Char(char::from(letter as u8 & 0x1f)),
            _ if KEYPAD.contains(&key) && modifiers & !SHIFTED == 0 => Self::Char(char::REPLACEMENT_CHARACTER),
            _ if FUNCTIONAL.contains(&key) => Self::Other,
            Some(character) if modifiers & !SHIFTED == 0 => Self::Char(character),
            _ => Self::Other,
        }
    }

    /// What it makes of the line.
    fn makes(self, before: Option<char>) -> Line {
        match self {
            // Where Enter is another key, `\n` makes a line end; elsewhere the screen soon tells.
            Self::LineEnd | Self::PasteBegun | Self::Paste | Self::Char('\n') => Line::Begun,
            Self::Char('\r') if matches!(before, Some(CONTINUES | ESC)) => Line::Begun,
            // Enter, ^C, ^D and ^U leave no half-typed line behind.
            Self::Char('\r' | '\x03' | '\x04' | '\x15') => Line::Done,
            Self::Char(character) if character.is_control() => Line::Same,
            Self::Char(_) => Line::Begun,
            Self::Other | Self::Unfinished => Line::Same,
            Self::Release => Line::Released,
        }
    }

    /// The last key that was pressed, for what follows.
    fn last(self, before: Option<char>) -> Option<char> {
        match self {
            Self::Char(character) => Some(character),
            Self::LineEnd | Self::PasteBegun | Self::Paste | Self::Other => None,
            // Of what follows it depends which key that is.
            Self::Release | Self::Unfinished => before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_begin_a_line_end_it_or_do_neither() {
        #[rustfmt::skip]
        let cases: &[(&[u8], Line, &str)] = &[
            (b"ls",                          Line::Begun,    "letters"),
            ("é".as_bytes(),                 Line::Begun,    "one of two bytes"),
            (b"\xc3",                        Line::Begun,    "half of it"),
            (b"ls\r",                        Line::Done,     "Enter"),
            (b"\x03",                        Line::Done,     "^C"),
            (b"\x04",                        Line::Done,     "^D"),
            (b"x\x15",                       Line::Done,     "^U"),
            (b"ls\rx",                       Line::Begun,    "the next line"),
            (b"",                            Line::Same,     "nothing"),
            (b"\x1b",                        Line::Same,     "escape"),
            (b"\x1b[A",                      Line::Same,     "an arrow"),
            (b"\x1bOA",                      Line::Same,     "the same, the other way"),
            (b"x\x1b[D",                     Line::Begun,    "an arrow behind a letter"),
            (b"\x1b[Dx",                     Line::Begun,    "a letter behind an arrow"),
            (b"\x7f\x7f",                    Line::Same,     "backspace"),
            ("\x1bé".as_bytes(),             Line::Same,     "Alt and a letter"),
            (b"\x1bOM",                      Line::Done,     "Enter of the keypad"),
            (b"\x1bOq",                      Line::Begun,    "a digit of the keypad"),
            (b"\\\r",                        Line::Begun,    "a line end that continues the text"),
            (b"\x1b\r",                      Line::Begun,    "the same"),
            (b"\n",                          Line::Begun,    "the same"),
            (b"\x1b[13;2u",                  Line::Begun,    "Shift and Enter"),
            (b"\x1b[27;2;13~",               Line::Begun,    "the same, as xterm has it"),
            (b"\x1b[27;5;99~",               Line::Done,     "^C, as xterm has it"),
            (b"\x1b[200~x\x1b[201~",         Line::Begun,    "a paste"),
            (b"\x1b[200~x\r",                Line::Begun,    "half of one"),
            (b"\x1b[200~x\x1b[201~\r",       Line::Done,     "a paste and Enter"),
            (b"\x1b[13u",                    Line::Done,     "Enter, as kitty has it"),
            (b"\x1b[13;1u",                  Line::Done,     "the same without modifiers"),
            (b"\x1b[13;1:1u",                Line::Done,     "when it goes down"),
            (b"\x1b[13;1:2u",                Line::Done,     "when it is held"),
            (b"\x1b[13;1:3u",                Line::Released, "when it comes up"),
            (b"\x1b[13;65u",                 Line::Done,     "with Caps Lock"),
            (b"\x1b[13;5u",                  Line::Begun,    "with Ctrl"),
            (b"\x1b[57414u",                 Line::Done,     "Enter of the keypad"),
            (b"\x1b[57400u",                 Line::Begun,    "a digit of the keypad"),
            (b"\x1b[97u",                    Line::Begun,    "a letter"),
            (b"\x1b[97;1u",                  Line::Begun,    "the same without modifiers"),
            (b"\x1b[97:65;2;65u",            Line::Begun,    "a capital one, and its text"),
            (b"\x1b[0;;229u",                Line::Begun,    "a text of no key"),
            (b"\x1b[97;1:3u",                Line::Released, "a letter's key comes up"),
            (b"\x1b[97u\x1b[97;1:3u",        Line::Begun,    "both"),
            (b"\x1b[1;1:3A",                 Line::Released, "an arrow comes up"),
            (b"\x1b[57441u",                 Line::Same,     "Shift alone"),
            (b"\x1b[127u",                   Line::Same,     "backspace"),
            (b"\x1b[9u",                     Line::Same,     "tabulator"),
            (b"\x1b[99;5u",                  Line::Done,     "^C"),
            (b"\x1b[117;69u",                Line::Done,     "^U, with Caps Lock"),
            (b"\x1b[106;5u",                 Line::Begun,    "^J"),
            (b"\x1b[97;5u",                  Line::Same,     "^A"),
            (b"\x1b[97;3u",                  Line::Same,     "Alt and a letter"),
            (b"\x1b[92u\x1b[13u",            Line::Begun,    "a line end that continues the text"),
            (b"\x1b[92u\x1b[92;1:3u\x1b[13u", Line::Begun,   "the same, with a key that comes up in between"),
            (b"\x1b[97",                     Line::Same,     "half a sequence"),
            (b"\x1b[99999999999u\x1b[u\x1b[;;u", Line::Same, "no key"),
        ];
        for (keys, wanted, why) in cases {
            assert_eq!(Reading::default().next(keys), *wanted, "{why}: {}", keys.escape_ascii());
        }
    }

    #[test]
    fn a_line_end_that_continues_the_text_ends_nothing_also_when_it_comes_alone() {
        for (before, wanted) in
            [(&b"\\"[..], Line::Begun), (b"\x1b", Line::Begun), (b"\x1b[92u", Line::Begun), (b"a", Line::Done)]
        {
            for end in [&b"\r"[..], b"\x1b[13u"] {
                let mut reading = Reading::default();
                reading.next(before);
                assert_eq!(reading.next(end), wanted, "{} {}", before.escape_ascii(), end.escape_ascii());
            }
        }
    }

    #[test]
    fn keys_say_the_same_wherever_a_read_ends() {
        type Case = (&'static [&'static [u8]], &'static [Line], &'static str);
        #[rustfmt::skip]
        let cases: &[Case] = &[
            (&[b"\x1b[97", b";1u"],                  &[Line::Same, Line::Begun],              "a letter, as kitty has it"),
            (&[b"\x1b", b"[97;1u"],                  &[Line::Same, Line::Begun],              "the same, cut earlier"),
            (&[b"\x1b[97;1", b":3u"],                &[Line::Same, Line::Released],           "it comes up"),
            (&[b"\x1b[1", b";1", b"3D"],             &[Line::Same, Line::Same, Line::Same],   "an arrow"),
            (&[b"\x1b", b"[D"],                      &[Line::Same, Line::Same],               "the same, cut earlier"),
            (&[b"\x1bO", b"A"],                      &[Line::Same, Line::Same],               "the other way"),
            (&[b"\x1bO", b"M"],                      &[Line::Same, Line::Done],               "Enter of the keypad"),
            (&[b"\x1bO", b"\r"],                     &[Line::Same, Line::Done],               "Alt and O, then Enter"),
            (&[b"\x1b[", b"\r"],                     &[Line::Same, Line::Done],               "Alt and a bracket, then Enter"),
            (&[b"\x1b", b"["],                       &[Line::Same, Line::Begun],              "Escape, then a bracket"),
            (&[b"\x1b", b"x"],                       &[Line::Same, Line::Begun],              "Escape, then a letter"),
            (&[b"\\", b"\x1b[13", b"u"],             &[Line::Begun, Line::Same, Line::Begun], "a line end that continues"),
            (&[b"\x1b[200~a", b"b\r", b"c\x1b[201~"], &[Line::Begun, Line::Begun, Line::Begun], "a paste"),
            (&[b"\x1b[20", b"0~a\r", b"\x1b[201~"],   &[Line::Same, Line::Begun, Line::Begun], "its begin is cut"),
            (&[b"\x1b[200~a\r", b"\x03\r", b"\x1b[201~\r"], &[Line::Begun, Line::Begun, Line::Done], "Enter behind it"),
            (&[b"\x1b[200~a\r\x1b[2", b"01~", b"\r"], &[Line::Begun, Line::Begun, Line::Done], "its end is cut"),
            (&[b"\x1b[200~a\r\x1b", b"[201~\r"],     &[Line::Begun, Line::Done],              "the same, earlier"),
            (&[b"\x1b[200~a\r\x1b", b"[A\r"],        &[Line::Begun, Line::Begun],             "what looked like its end"),
            (&[b"\x1b[200~\x1b[97", b"\r"],          &[Line::Begun, Line::Begun],             "half a sequence in it"),
        ];
        for (reads, wanted, why) in cases {
            let mut reading = Reading::default();
            let made: Vec<Line> = reads.iter().map(|keys| reading.next(keys)).collect();
            assert_eq!(made, *wanted, "{why}");
        }
    }

    #[test]
    fn what_one_viewer_has_not_finished_is_nothing_to_the_next() {
        for begun in [&b"\x1b[200~a"[..], b"\x1b[97"] {
            let mut reading = Reading::default();
            reading.next(begun);
            reading.begin_anew();
            assert_eq!(reading.next(b"\r"), Line::Done, "{}", begun.escape_ascii());
        }
    }

    #[test]
    fn no_sequence_is_waited_with_for_ever() {
        let mut reading = Reading::default();
        reading.next(b"\x1b[1");
        for _ in 0..100 {
            reading.next(b";1;1;1");
            assert!(reading.unfinished.len() <= SEQUENCE_BYTES_MAX);
        }
    }
}
