//! What people read: replies, events and tables as aligned text, in colour where that helps.
//!
//! Pure: a [`Page`] is handed in, text comes out. Everything that goes on a page passes through
//! [`Page::paint`] or [`Page::body`], which let no control character through, because message texts, titles
//! and terminal lines are written by strangers.

pub mod automation;
pub mod context;
pub mod escape;
pub mod event;
pub mod event_id;
pub mod group;
pub mod hint;
pub mod im;
pub mod json;
pub mod profile;
pub mod relative_time;
pub mod reply;
pub mod roster;
pub mod sentence;
pub mod status;
pub mod table;
pub mod task;
pub mod template;
pub mod threads;
mod web;

use anstyle::{AnsiColor, Style};
use bus::contract::time::{self, Micros};
use std::io::IsTerminal;

/// How answers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// For people.
    Text,
    /// For programs: the reply's envelope.
    Json,
}

impl Output {
    /// What the flag says, else what `CCCC_OUTPUT` says, else text.
    pub fn choose(flag: bool, variable: Option<&str>) -> Self {
        let wanted = variable.is_some_and(|word| word.trim().eq_ignore_ascii_case("json"));
        if flag || wanted { Self::Json } else { Self::Text }
    }
}

/// How text is shown: whether in colour, as of when, in which time zone, about which group.
#[derive(Debug, Clone)]
pub struct Page {
    /// Whether colours are understood.
    pub is_coloured: bool,
    /// The time that "2m ago" is counted from.
    pub now: Micros,
    /// The zone of the clock on the reader's wall.
    pub zone: jiff::tz::TimeZone,
    /// The option that names the group to the commands a text suggests, with a space before it; or `""`.
    pub place: String,
}

/// What a piece of text is; how that looks is one row of [`Tone::style`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// A headline.
    Head,
    /// Who.
    Name,
    /// Ids, times, remarks.
    Quiet,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
}

impl Tone {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Tone::Plain => Style::new(),
            Tone::Head => Style::new().bold(),
            Tone::Name => colour(AnsiColor::Cyan),
            Tone::Quiet => Style::new().dimmed(),
            Tone::Good => colour(AnsiColor::Green),
            Tone::Warn => colour(AnsiColor::Yellow),
            Tone::Bad => colour(AnsiColor::Red).bold(),
        }
    }
}

impl Page {
    /// The page that standard output is: coloured on a terminal, unless `NO_COLOR` is set.
    pub fn stdout() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let is_terminal = std::io::stdout().is_terminal();
        Self {
            is_coloured: is_terminal && !is_dumb && !is_set("NO_COLOR"),
            now: time::now(),
            zone: jiff::tz::TimeZone::system(),
            place: String::new(),
        }
    }

    /// The same page at another moment.
    #[must_use]
    pub fn at(&self, now: Micros) -> Self {
        Self { now, ..self.clone() }
    }

    /// The same page about a group that has to be named.
    #[must_use]
    pub fn about(&self, place: &str) -> Self {
        Self { place: place.to_owned(), ..self.clone() }
    }

    /// One line of text in a tone. Line ends in it become spaces.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let text = escape::line(text);
        if !self.is_coloured || tone == Tone::Plain || text.is_empty() {
            return text;
        }
        let style = tone.style();
        format!("{style}{text}{style:#}")
    }

    /// A sentence of an answer, with a line end.
    pub fn line(&self, sentence: &str) -> String {
        self.paint(Tone::Plain, sentence) + "\n"
    }

    /// A text of many lines, each indented by `indent` columns.
    pub fn body(&self, text: &str, indent: usize) -> String {
        let margin = " ".repeat(indent);
        escape::text(text).lines().map(|line| format!("{margin}{line}").trim_end().to_owned() + "\n").collect()
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A page without colours, at 12:34:56 UTC on a Tuesday.
    pub fn page() -> Page {
        let now = time::parse("2026-01-13T12:34:56Z").expect("a time");
        Page { is_coloured: false, now, zone: jiff::tz::TimeZone::UTC, place: String::new() }
    }

    #[test]
    fn colours_are_only_where_they_are_understood() {
        let coloured = Page { is_coloured: true, ..page() };
        assert_eq!(page().paint(Tone::Bad, "no"), "no");
        assert_eq!(coloured.paint(Tone::Plain, "no"), "no");
        let painted = coloured.paint(Tone::Bad, "no");
        assert!(painted.starts_with('\u{1b}') && painted.ends_with("\u{1b}[0m"), "{painted:?}");
    }

    /// A text that could move the cursor could also forge what stands above it.
    #[test]
    fn a_stranger_cannot_paint() {
        let coloured = Page { is_coloured: true, ..page() };
        let text = "\u{1b}[2J\u{9b}31mred\u{7}\r\nnext";
        assert_eq!(page().paint(Tone::Name, text), "␛[2J�31mred␇ next");
        assert_eq!(coloured.paint(Tone::Name, text).matches('\u{1b}').count(), 2);
        assert_eq!(page().body(text, 2), "  ␛[2J�31mred␇\n  next\n");
    }
}
