//! The modes of a terminal that the screen's parser does not remember: what a viewer's terminal must be told besides what
//! is shown on it.
//!
//! Pure: fed with the whole sequences of a program's output. Every list in it is bounded by the numbers that count.

use bus::contract::mode;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Private modes that the parser draws by itself, some of which exclude each other; and the origin, which has a place of
/// its own because it is saved with the cursor.
const ELSEWHERE: &[u16] = &[1, 6, 9, 25, 1000, 1002, 1003, 1005, 1006, 2004];

/// Levels of the kitty keyboard protocol that are kept per screen.
const KEYS_LEVELS_MAX: usize = 16;

/// Resources of keys with modifiers (`CSI > number ; value m`) that are kept.
const MODIFIERS: usize = 5;

/// Longest name of a colour that is kept.
const COLOUR_BYTES_MAX: usize = 64;

/// Colours of the palette that can be set.
const PALETTE: u16 = 256;

/// The command that sets a colour of the palette.
const PALETTE_COMMAND: u16 = 4;

/// Other colours that can be set: of text, background, cursor, pointer and marks, each by a command of its own.
const COLOUR_COMMANDS: std::ops::RangeInclusive<u16> = 10..=19;

/// What the drawing set of DEC shows for the bytes from 0x60.
const GRAPHICS: [char; 31] = [
    '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─', '⎼', '⎽', '├', '┤', '┴',
    '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
];

/// Character sets, and which of them is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Charsets {
    sets: [u8; 4],
    used: usize,
}

impl Default for Charsets {
    fn default() -> Self {
        Self { sets: [b'B'; 4], used: 0 }
    }
}

/// What is saved with the cursor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Saved {
    origin: bool,
    charsets: Charsets,
}

/// The kitty keyboard protocol on one screen: flags that were pushed, and those that hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Keys {
    pushed: Vec<u16>,
    flags: u16,
}

impl Keys {
    fn take(&mut self, kind: u8, numbers: &[u16]) {
        let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
        match kind {
            b'>' => {
                self.pushed.push(self.flags);
                self.pushed.drain(..self.pushed.len().saturating_sub(KEYS_LEVELS_MAX));
                self.flags = number(0);
            }
            b'<' => (0..number(0).clamp(1, KEYS_LEVELS_MAX as u16 + 1)).for_each(|_| {
                self.flags = self.pushed.pop().unwrap_or(0);
            }),
            b'=' => match number(1) {
                2 => self.flags |= number(0),
                3 => self.flags &= !number(0),
                _ => self.flags = number(0),
            },
            _ => {}
        }
    }

    fn drawing(&self) -> String {
        let mut levels = self.pushed.iter().chain([&self.flags]);
        let first = levels.next().filter(|flags| **flags != 0).map(|flags| format!("\x1b[={flags}u"));
        first.into_iter().chain(levels.map(|flags| format!("\x1b[>{flags}u"))).collect()
    }
}

/// The modes of one terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modes {
    /// Those that are not as they are in a terminal that nobody has touched.
    private: BTreeMap<u16, bool>,
    insert: bool,
    line_end: bool,
    /// First and last row, counted from one; none when it is the whole screen.
    region: Option<(u16, u16)>,
    origin: bool,
    charsets: Charsets,
    cursor_shape: u16,
    modifiers: [Option<u16>; MODIFIERS],
    /// Command and place in the palette, to the colour's name.
    colours: BTreeMap<(u16, u16), Vec<u8>>,
    alternate: bool,
    /// Of the main screen and of the other one.
    keys: [Keys; 2],
    saved: [Saved; 2],
}

impl Modes {
    /// Text on its way to the parser, which knows no drawing set: lines are drawn in its stead.
    pub fn text<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let is_shift = |byte: &u8| matches!(byte, 0x0e | 0x0f);
        if self.charsets == Charsets::default() && !bytes.iter().any(is_shift) {
            return Cow::Borrowed(bytes);
        }
        let mut text = Vec::with_capacity(bytes.len());
        for byte in bytes {
            match byte {
                0x0e => self.charsets.used = 1,
                0x0f => self.charsets.used = 0,
                0x60..=0x7e if self.charsets.sets[self.charsets.used] == b'0' => {
                    let drawn = GRAPHICS[usize::from(*byte) - 0x60];
                    text.extend_from_slice(drawn.encode_utf8(&mut [0; 4]).as_bytes());
                    continue;
                }
                _ => {}
            }
            text.push(*byte);
        }
        Cow::Owned(text)
    }

    /// Takes an escape sequence: what came behind ESC.
    pub fn escape(&mut self, body: &[u8]) {
        match body {
            b"c" => *self = Self::default(),
            b"7" => self.save(),
            b"8" => self.restore(),
            b"n" => self.charsets.used = 2,
            b"o" => self.charsets.used = 3,
            [slot @ b'('..=b'+', set @ 0x30..=0x7e] => self.charsets.sets[usize::from(slot - b'(')] = *set,
            _ => {}
        }
    }

    /// Takes a control sequence on a screen of so many rows: what came behind `ESC [`. Returns what the parser must be told
    /// because it does not know the sequence, mostly nothing.
    pub fn control(&mut self, body: &[u8], rows: u16) -> &'static [u8] {
        let Some((last, body)) = body.split_last() else { return b"" };
        let prefix = body.first().copied().filter(|byte| matches!(byte, b'<'..=b'?'));
        let body = if prefix.is_some() { &body[1..] } else { body };
        let end = body.iter().position(|byte| matches!(byte, 0x20..=0x2f)).unwrap_or(body.len());
        let numbers: Vec<u16> = body[..end].split(|byte| *byte == b';').map(number).collect();
        let first = numbers.first().copied().unwrap_or(0);
        match (prefix, &body[end..], last) {
            (Some(b'?'), b"", b'h' | b'l') => {
                return numbers.iter().fold(b"", |told, number| match self.switch(*number, *last == b'h') {
                    b"" => told,
                    new => new,
                });
            }
            (None, b"", b'h' | b'l') => numbers.iter().for_each(|number| match number {
                4 => self.insert = *last == b'h',
                20 => self.line_end = *last == b'h',
                _ => {}
            }),
            (None, b"", b'r') => {
                let (top, bottom) =
                    (first.max(1), numbers.get(1).copied().filter(|row| *row > 0).unwrap_or(rows).min(rows));
                self.region = Some((top, bottom)).filter(|region| top < bottom && *region != (1, rows));
            }
            (None, b"", b's') if body.is_empty() => self.save(),
            (None, b"", b'u') if body.is_empty() => self.restore(),
            (None, b" ", b'q') => self.cursor_shape = first,
            (None, b"!", b'p') => return self.reset_softly(),
            (Some(kind), b"", b'u') => self.keys[usize::from(self.alternate)].take(kind, &numbers),
            (Some(b'>'), b"", b'm') if body.is_empty() => self.modifiers = [None; MODIFIERS],
            (Some(b'>'), b"", b'm' | b'n') => {
                if let Some(value) = self.modifiers.get_mut(usize::from(first)) {
                    *value = numbers.get(1).copied().filter(|_| *last == b'm');
                }
            }
            _ => {}
        }
        b""
    }

    /// Takes an operating system command: what came behind `ESC ]`.
    pub fn command(&mut self, body: &[u8]) {
        let mut fields = body.split(|byte| *byte == b';');
        let command = fields.next().map_or(0, number);
        match command {
            PALETTE_COMMAND => {
                while let (Some(place), Some(colour)) = (fields.next(), fields.next()) {
                    self.set_colour(PALETTE_COMMAND, number(place), colour);
                }
            }
            // One that names several sets those behind the first, too.
            command if COLOUR_COMMANDS.contains(&command) => {
                (command..).zip(fields).for_each(|(command, colour)| self.set_colour(command, 0, colour));
            }
            104 if body == b"104" || body == b"104;" => {
                self.colours.retain(|(command, _), _| *command != PALETTE_COMMAND)
            }
            104 => fields.for_each(|place| drop(self.colours.remove(&(PALETTE_COMMAND, number(place))))),
            110..=119 => drop(self.colours.remove(&(command - 100, 0))),
            _ => {}
        }
    }

    /// The window has another size: the scroll region is all of it, as in every terminal.
    pub fn resize(&mut self) {
        self.region = None;
    }

    /// The bytes before what is shown: the screen it is shown on, in neutral modes.
    pub fn prologue(&self) -> String {
        let screen = match self.alternate {
            // The other screen has keys of its own; those of the main one hold again when it is left.
            true => format!("\x1b[?1049l{}{}\x1b[?1049h", mode::KEYS_OFF, self.keys[0].drawing()),
            false => "\x1b[?1049l".to_owned(),
        };
        format!("{}{screen}{}", mode::KEYS_OFF, mode::neutral())
    }

    /// The bytes behind what is shown.
    pub fn epilogue(&self, screen: &vt100::Screen) -> Vec<u8> {
        let mut bytes = self.cursor(screen);
        let mut text = String::new();
        // Writing to a string cannot fail, here and below.
        for (number, on) in &self.private {
            let _ = write!(text, "\x1b[?{number}{}", if *on { 'h' } else { 'l' });
        }
        [(4, self.insert), (20, self.line_end)].iter().filter(|(_, on)| *on).for_each(|(number, _)| {
            let _ = write!(text, "\x1b[{number}h");
        });
        for (slot, set) in ['(', ')', '*', '+'].iter().zip(self.charsets.sets).filter(|(_, set)| *set != b'B') {
            let _ = write!(text, "\x1b{slot}{}", char::from(set));
        }
        text.push_str(["", "\x0e", "\x1bn", "\x1bo"][self.charsets.used]);
        if self.cursor_shape > 0 {
            let _ = write!(text, "\x1b[{} q", self.cursor_shape);
        }
        for (resource, value) in self.modifiers.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?))) {
            let _ = write!(text, "\x1b[>{resource};{value}m");
        }
        text.push_str(&self.keys[usize::from(self.alternate)].drawing());
        bytes.extend_from_slice(text.as_bytes());
        for ((command, place), colour) in &self.colours {
            let begin = match *command {
                PALETTE_COMMAND => format!("\x1b]{PALETTE_COMMAND};{place};"),
                command => format!("\x1b]{command};"),
            };
            bytes.extend([begin.as_bytes(), colour, b"\x1b\\"].concat());
        }
        bytes
    }

    /// Scroll region and origin, both of which move the cursor; then the cursor's place.
    fn cursor(&self, screen: &vt100::Screen) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some((top, bottom)) = self.region {
            bytes.extend(format!("\x1b[{top};{bottom}r").into_bytes());
        }
        let (row, col) = screen.cursor_position();
        if self.origin {
            let top = self.region.map_or(0, |(top, _)| top - 1);
            let (row, col) = (row.saturating_sub(top) + 1, col.min(screen.size().1.saturating_sub(1)) + 1);
            bytes.extend(format!("\x1b[?6h\x1b[{row};{col}H").into_bytes());
        } else if self.region.is_some() {
            bytes.extend(screen.cursor_state_formatted());
            bytes.extend(screen.attributes_formatted());
        }
        bytes
    }

    fn switch(&mut self, number: u16, on: bool) -> &'static [u8] {
        match (number, on) {
            (6, _) => self.origin = on,
            (47, _) => self.alternate = on,
            (1047, _) => {
                self.alternate = on;
                return if on { b"\x1b[?47h" } else { b"\x1b[2J\x1b[?47l" };
            }
            (1048, true) => {
                self.save();
                return b"\x1b7";
            }
            (1048, false) => {
                self.restore();
                return b"\x1b8";
            }
            (1049, true) => {
                self.save();
                self.alternate = true;
            }
            (1049, false) => {
                self.alternate = false;
                self.restore();
            }
            _ => {
                let known = mode::PRIVATE.iter().find(|mode| mode.number == number && !ELSEWHERE.contains(&number));
                match known.map(|mode| mode.default) {
                    Some(default) if default != Some(on) => drop(self.private.insert(number, on)),
                    Some(_) => drop(self.private.remove(&number)),
                    None => {}
                }
            }
        }
        b""
    }

    /// DECSTR. The parser does not know it; where it knew of a region, the cursor goes to the top.
    fn reset_softly(&mut self) -> &'static [u8] {
        let is_moved = self.region.is_some() || self.origin;
        (self.insert, self.origin, self.region, self.charsets) = (false, false, None, Charsets::default());
        self.private.remove(&7);
        self.private.remove(&66);
        self.saved = Default::default();
        if is_moved { b"\x1b[?25h\x1b[?1l\x1b>\x1b[m\x1b[?6l\x1b[r" } else { b"\x1b[?25h\x1b[?1l\x1b>\x1b[m" }
    }

    fn save(&mut self) {
        self.saved[usize::from(self.alternate)] = Saved { origin: self.origin, charsets: self.charsets };
    }

    fn restore(&mut self) {
        Saved { origin: self.origin, charsets: self.charsets } = self.saved[usize::from(self.alternate)];
    }

    fn set_colour(&mut self, command: u16, place: u16, colour: &[u8]) {
        let is_question = colour == b"?";
        let is_known = COLOUR_COMMANDS.contains(&command) || command == PALETTE_COMMAND;
        if is_known && place < PALETTE && !is_question && !colour.is_empty() && colour.len() <= COLOUR_BYTES_MAX {
            self.colours.insert((command, place), colour.to_vec());
        }
    }
}

/// A number as the parser reads it: digits, however many, up to what is no digit.
fn number(digits: &[u8]) -> u16 {
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0u16, |number, digit| number.saturating_mul(10).saturating_add(u16::from(digit - b'0')))
}
