//! Rows of cells under each other, as wide as they need to be.

use super::{Page, Tone, escape};
use unicode_width::UnicodeWidthStr;

/// Columns between two cells.
const GAP: usize = 2;

/// One cell: one line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

/// A cell of a tone.
pub fn cell(tone: Tone, text: impl AsRef<str>) -> Cell {
    Cell { text: escape::line(text.as_ref()), tone }
}

/// Rows of cells. A row may be shorter than the others.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table of these rows.
    pub fn of<Row: IntoIterator<Item = Cell>>(rows: impl IntoIterator<Item = Row>) -> Self {
        Self { rows: rows.into_iter().map(|row| row.into_iter().collect()).collect() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The rows as lines, indented; cells of one column begin under each other.
    pub fn text(&self, page: &Page, indent: usize) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|c| c.text.width()).max();
        let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        self.rows.iter().map(|row| line(page, row, &widths, indent)).collect()
    }
}

fn line(page: &Page, row: &[Cell], widths: &[usize], indent: usize) -> String {
    let last = row.iter().rposition(|cell| !cell.text.is_empty());
    let mut line = " ".repeat(indent);
    for (at, (cell, width)) in row.iter().zip(widths).enumerate().take(last.map_or(0, |last| last + 1)) {
        line += &page.paint(cell.tone, &cell.text);
        // A column that is empty in every row takes no room at all.
        if Some(at) != last && *width > 0 {
            line += &" ".repeat(width - cell.text.width() + GAP);
        }
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;

    #[test]
    fn cells_stand_under_each_other_whatever_their_script() {
        let mut table = Table::default();
        table.row([cell(Tone::Name, "审阅"), cell(Tone::Plain, ""), cell(Tone::Good, "runs")]);
        table.row([cell(Tone::Name, "foreman"), cell(Tone::Plain, ""), cell(Tone::Bad, "exit 1\nat once")]);
        table.row([cell(Tone::Name, "x")]);
        assert_eq!(table.text(&page(), 1), " 审阅     runs\n foreman  exit 1 at once\n x\n");
        let coloured = Page { is_coloured: true, ..page() };
        assert!(table.text(&coloured, 1).lines().all(|line| line.starts_with(" \u{1b}[36m")));
    }
}
