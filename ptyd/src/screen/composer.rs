//! What stands at the cursor: an empty composer, a text in it, a question, or something else. Whether text may be typed,
//! and whether a text that was typed is really there, is read off the screen and nowhere else.
//!
//! Pure, and generic: it must be safe for a program that nobody has heard of. Text is compared without blanks, frames and
//! marks of no width, because programs wrap, indent and frame what is typed, each in its own way.

use bus::contract::runtime::{self, Composer};
use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthChar;

/// Longest prompt with letters in it that still counts as one.
const LABEL_CHARS_MAX: usize = 16;

/// Of a text that is longer than its composer, so many characters must be seen before the cursor.
const END_CHARS_MIN: usize = 64;

/// What a glyph at the beginning of a line may mean. Many mean both, and what stands behind them decides.
struct Glyph {
    glyph: char,
    /// It prompts for text when nothing but a frame stands before it.
    prompts: bool,
    /// It points at the choice which Enter would take, when the cursor stands on it.
    points: bool,
}

const fn both(glyph: char) -> Glyph {
    Glyph { glyph, prompts: true, points: true }
}

const fn prompt(glyph: char) -> Glyph {
    Glyph { glyph, prompts: true, points: false }
}

const fn pointer(glyph: char) -> Glyph {
    Glyph { glyph, prompts: false, points: true }
}

#[rustfmt::skip]
const GLYPHS: &[Glyph] = &[
    both('>'), both('❯'), both('›'), both('»'), both('▶'), both('➜'), both('➤'), both('→'),
    prompt('λ'), prompt('⟩'), prompt('≫'),
    pointer('▸'), pointer('●'), pointer('◉'), pointer('◯'), pointer('○'), pointer('☐'), pointer('☑'),
];

fn prompts(c: char) -> bool {
    GLYPHS.iter().any(|row| row.glyph == c && row.prompts)
}

fn points(c: char) -> bool {
    GLYPHS.iter().any(|row| row.glyph == c && row.points)
}

/// Words near the cursor that only questions have.
const QUESTIONS: &[&str] = &[
    "enter to confirm",
    "enter to select",
    "enter to choose",
    "enter to accept",
    "enter to submit",
    "enter to continue",
    "press enter",
    "press return",
    "press any key",
    "(y/n)",
    "[y/n]",
    "(yes/no)",
    "[yes/no]",
    "password:",
    "passphrase",
];

/// What a person is asked for, and nobody else may answer.
const SECRETS: &[&str] = &["key", "token", "password", "passphrase", "secret", "code"];

/// How many lines below the cursor such words may stand.
const QUESTION_LINES: usize = 8;

/// What stands at the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Nothing is drawn at all.
    Blank,
    /// An empty composer.
    Prompt,
    /// Nothing stands before the cursor on its line: perhaps a composer without a prompt.
    Open,
    /// A text stands in the composer, behind its prompt.
    Draft,
    /// A text stands there: a label, output, a shell's prompt.
    Text,
    /// A choice is asked for: Enter would take it.
    Question,
}

/// What was seen of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// All of it, and nothing but the prompt before it.
    Whole,
    /// Its end: it is longer than what is shown of it.
    End,
    /// The program's own mark for a paste.
    Mark,
}

impl Sighting {
    /// For the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "text",
            Self::End => "end of the text",
            Self::Mark => "mark of a paste",
        }
    }
}

/// What stood around the cursor before a text was typed: by it the text is told from what was there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Setting {
    /// Before the cursor on its line.
    pub before: String,
    /// Behind it, normalised. An example that a program shows there goes when something is typed; a draft stays.
    pub after: String,
    /// The whole line, normalised: when it looks so again, what was typed is gone.
    pub line: String,
    /// Whether words stood near it that only questions have; then they say nothing about what comes later.
    pub asks: bool,
}

/// The lines of a screen, the place of the cursor, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    lines: Vec<Vec<String>>,
    row: usize,
    col: usize,
    /// The cursor is hidden, and nobody knows where the program means it to be.
    is_lost: bool,
    /// What stands behind the cursor is drawn faint, as examples are.
    is_faint: bool,
}

impl View {
    /// Reads a screen. Where the real cursor is hidden and a single cell is drawn inverse, that is the cursor.
    pub fn of(screen: &vt100::Screen) -> Self {
        let (rows, cols) = screen.size();
        let drawn = drawn_cursor(screen);
        let (row, col) = drawn.unwrap_or_else(|| screen.cursor_position());
        let cell = |row, col| match screen.cell(row, col) {
            Some(cell) if cell.has_contents() => cell.contents().to_owned(),
            Some(cell) if cell.is_wide_continuation() => String::new(),
            _ => " ".to_owned(),
        };
        let line = |row| (0..cols).map(|col| cell(row, col)).collect();
        let behind = (col..cols).filter_map(|col| screen.cell(row, col));
        let is_shown = |cell: &&vt100::Cell| !plain(cell.contents()).is_empty();
        Self {
            lines: (0..rows).map(line).collect(),
            row: row.into(),
            col: col.into(),
            is_lost: screen.hide_cursor() && drawn.is_none(),
            is_faint: behind.filter(is_shown).all(vt100::Cell::dim),
        }
    }

    /// What stands around the cursor now.
    pub fn setting(&self) -> Setting {
        Setting { before: self.before(), after: plain(&self.after()), line: self.line(), asks: self.asks(&[]) }
    }

    /// What stands before the cursor on its line.
    pub fn before(&self) -> String {
        self.lines.get(self.row).map_or_else(String::new, |line| line[..self.col.min(line.len())].concat())
    }

    /// The cursor's line, normalised: by it a line at rest is recognised.
    pub fn line(&self) -> String {
        self.lines.get(self.row).map_or_else(String::new, |line| plain(&line.concat()))
    }

    fn after(&self) -> String {
        self.lines.get(self.row).map_or_else(String::new, |line| line[self.col.min(line.len())..].concat())
    }

    /// Whether words stand on one of the lines.
    pub fn says(&self, words: &str) -> bool {
        self.lines.iter().any(|line| line.concat().contains(words))
    }

    /// What stands at the cursor. `composer` is what is known of the program.
    pub fn spot(&self, composer: &Composer) -> Spot {
        if self.lines.iter().flatten().all(|cell| cell.trim().is_empty()) {
            return Spot::Blank;
        }
        let is_known = !composer.prompts.is_empty();
        let is_prompted = is_known && composer.prompts.contains(&self.before().trim());
        match judge(&self.before(), &self.after()) {
            Spot::Question => Spot::Question,
            _ if is_prompted && !self.is_free(composer) => Spot::Draft,
            _ if is_prompted => Spot::Prompt,
            // Elsewhere than at its prompt, a program that we know shows a dialog, or a draft.
            Spot::Prompt | Spot::Open if is_known => Spot::Question,
            Spot::Open | Spot::Text if self.asks(&[]) => Spot::Question,
            // Of a program that we know every line but those belongs to its composer: a mode of it, the second line of a draft.
            Spot::Text if is_known => Spot::Draft,
            Spot::Prompt if self.asks_for_a_secret() => Spot::Question,
            Spot::Prompt if !self.is_free(composer) => Spot::Draft,
            Spot::Open if self.is_lost => Spot::Text,
            other => other,
        }
    }

    /// Whether nothing stands behind the cursor but an example of what could be typed.
    fn is_free(&self, composer: &Composer) -> bool {
        let after = self.after();
        let after = after.trim();
        self.is_faint || plain(after).is_empty() || composer.examples.iter().any(|example| after.starts_with(example))
    }

    /// Whether words of a question stand below the cursor or right above it, outside of these lines.
    fn asks(&self, but: &[usize]) -> bool {
        let above = (0..self.row).rev().find(|row| !but.contains(row) && !plain(&self.lines[*row].concat()).is_empty());
        let below = self.row..=self.row + QUESTION_LINES;
        let near = |at: &usize| Some(*at) == above || below.contains(at) && !but.contains(at);
        let lines = self.lines.iter().enumerate().filter(|(at, _)| near(at));
        lines.map(|(_, line)| line.concat().to_lowercase()).any(|line| {
            let choice = line.trim_start().strip_prefix(points).map(str::trim_start);
            choice.is_some_and(is_numbered) || QUESTIONS.iter().any(|words| line.contains(words))
        })
    }

    /// Whether the line above asks for something that is nobody's but the person's.
    fn asks_for_a_secret(&self) -> bool {
        let above = self.lines[..self.row].iter().rev().map(|line| line.concat().to_lowercase());
        let above = above.map(|line| line.trim().to_owned()).find(|line| !plain(line).is_empty()).unwrap_or_default();
        above.ends_with([':', '?']) && SECRETS.iter().any(|word| above.contains(word))
    }

    /// Whether a text stands in the composer, its end at the cursor, and Enter would send it and nothing else. `setting` is
    /// what was there before it was typed.
    pub fn shows(&self, text: &str, setting: &Setting, composer: &Composer) -> Option<Sighting> {
        let after = plain(&self.after());
        if !after.is_empty() && after == setting.after {
            return None;
        }
        let (seen, lines) = self.find(text, &setting.before, composer)?;
        // A field of a dialog shows a text, too, and Enter would take the choice below it.
        let is_field = composer.prompts.is_empty() && !setting.asks && self.asks(&lines);
        (!is_field).then_some(seen)
    }

    fn find(&self, text: &str, before: &str, composer: &Composer) -> Option<(Sighting, Vec<usize>)> {
        let wanted: Vec<char> = plain(text).chars().collect();
        if wanted.is_empty() {
            return None;
        }
        let own = plain(&self.before());
        if let Some(rest) = own.strip_prefix(&plain(before))
            && is_mark(rest, composer.paste_marks)
            && begins_with_prompt(&self.before(), composer)
        {
            return Some((Sighting::Mark, vec![self.row]));
        }
        let (mut left, mut lines) = (wanted.len(), Vec::new());
        for row in (0..=self.row).rev() {
            let line = &self.lines[row];
            let shown = if row == self.row { self.before() } else { line.concat() };
            let shown: Vec<char> = plain(&shown).chars().collect();
            // Only a line that was filled to its edge ends above the cursor.
            if row == self.row && shown.is_empty() && !self.is_full(row.checked_sub(1)) {
                return None;
            }
            lines.push(row);
            let same = shown.iter().rev().zip(wanted[..left].iter().rev()).take_while(|(a, b)| a == b).count();
            left -= same;
            if left == 0 {
                let rest: String = shown[..shown.len() - same].iter().collect();
                let is_alone = is_begin(&rest, before, composer) && begins_with_prompt(&line.concat(), composer);
                return is_alone.then_some((Sighting::Whole, lines));
            }
            if same < shown.len() {
                break;
            }
        }
        (wanted.len() - left >= END_CHARS_MIN).then_some((Sighting::End, lines))
    }

    fn is_full(&self, row: Option<usize>) -> bool {
        let Some(line) = row.and_then(|row| self.lines.get(row)) else { return false };
        // A frame and a wide character may keep the last few cells empty.
        line.iter().rev().take(6).any(|cell| !plain(cell).is_empty())
    }

    /// Whether a text is to be seen anywhere.
    pub fn has(&self, text: &str) -> bool {
        let all: String = self.lines.iter().map(|line| plain(&line.concat())).collect();
        let wanted = plain(text);
        !wanted.is_empty() && all.contains(&wanted)
    }

    /// The last lines that show something, for people who are told what is in the way.
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let mut lines: Vec<String> = self.lines.iter().map(|line| line.concat().trim_end().to_owned()).collect();
        lines.retain(|line| !plain(line).is_empty());
        lines.split_off(lines.len().saturating_sub(count))
    }
}

/// Whether nothing but a prompt stands before the text.
fn is_begin(rest: &str, before: &str, composer: &Composer) -> bool {
    rest == plain(before) || composer.prompts.contains(&rest) || rest.chars().all(prompts)
}

/// Whether the line is that of the composer, where it is known what that begins with.
fn begins_with_prompt(line: &str, composer: &Composer) -> bool {
    composer.prompts.is_empty() || composer.prompts.iter().any(|prompt| line.trim_start().starts_with(prompt))
}

/// Whether a mark of a paste stands on the cursor's line, of whichever program.
fn is_mark(shown: &str, own: &[&str]) -> bool {
    let known = runtime::TABLE.iter().flat_map(|row| row.terminal.composer().paste_marks);
    let marks: Vec<&str> = if own.is_empty() { known.copied().collect() } else { own.to_vec() };
    marks.into_iter().any(|mark| fits(shown, mark))
}

/// Whether a text has a form in which `N` stands for digits.
fn fits(text: &str, form: &str) -> bool {
    let mut rest = text;
    let mut parts = form.split('N');
    let Some(first) = parts.next().and_then(|first| rest.strip_prefix(first)) else { return false };
    rest = first;
    for part in parts {
        let digits = rest.trim_start_matches('#').trim_start_matches(|c: char| c.is_ascii_digit());
        let Some(next) = (digits.len() < rest.len()).then(|| digits.strip_prefix(part)).flatten() else { return false };
        rest = next;
    }
    rest.is_empty()
}

/// Judges a line by what stands on both sides of the cursor.
fn judge(before: &str, after: &str) -> Spot {
    let before = before.trim_matches(|c: char| c.is_whitespace() || is_frame(c));
    let after = after.trim_start_matches(|c: char| c.is_whitespace() || is_frame(c));
    let mut chars = before.chars();
    match chars.next() {
        None if after.starts_with(points) => Spot::Question,
        None => Spot::Open,
        Some(first) if prompts(first) => match chars.as_str().trim() {
            "" if is_numbered(after) => Spot::Question,
            rest if rest.chars().all(prompts) => Spot::Prompt,
            rest if is_numbered(rest) => Spot::Question,
            _ => Spot::Draft,
        },
        Some(_) if is_label(before) => Spot::Prompt,
        Some(_) => Spot::Text,
    }
}

/// `1. Yes`
fn is_numbered(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len() && rest.starts_with(['.', ')'])
}

/// `you>`, `( O)>`: short, and no question.
fn is_label(text: &str) -> bool {
    text.ends_with(prompts) && text.chars().count() <= LABEL_CHARS_MAX && !text.contains(['?', '[', '/', '!', ':'])
}

fn is_frame(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{259f}' | '|')
}

/// A text as it is compared: without blanks, frames, and what has no width.
pub fn plain(text: &str) -> String {
    let shows = |c: &char| !c.is_whitespace() && !is_frame(*c) && c.width().is_some_and(|width| width > 0);
    text.chars().filter(shows).collect()
}

/// The one cell that is drawn inverse while the real cursor is hidden.
fn drawn_cursor(screen: &vt100::Screen) -> Option<(u16, u16)> {
    if !screen.hide_cursor() {
        return None;
    }
    let (rows, cols) = screen.size();
    let all = (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col)));
    let mut drawn = all.filter(|(row, col)| {
        screen.cell(*row, *col).is_some_and(|cell| cell.inverse() && !cell.is_wide_continuation())
    });
    let first = drawn.next()?;
    drawn.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests;
