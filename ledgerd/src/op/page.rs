//! Lists in pages: as many rows as fit into one answer, and the cursor from which the next answer goes on.
//!
//! Each row has its limits, and their sum may be far more than a message of the bus takes. Whoever knows no cursors gets
//! the first page, which says that there is more.

use bus::contract::{Code, OpError, id, limit};
use serde::Serialize;
use std::io::{self, Write};

/// Rows that fit, and how to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` when nothing is left.
    pub cursor: Option<String>,
}

/// Where a page begins in the whole list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Start {
    /// How many rows come before it.
    pub number: usize,
    /// Which ones those are, in whatever order.
    before: u64,
}

impl Start {
    /// The place after one more row.
    fn after(self, id: &str) -> Self {
        let mark = u64::from_str_radix(&id::digest(id)[..16], 16).expect("a digest is hex");
        Self { number: self.number + 1, before: self.before.wrapping_add(mark) }
    }
}

/// Fills a page with rows, which begin at `start` in the whole list: as many as fit into [`limit::PAGE_BYTES_MAX`], at
/// least one. `id` names a row for the cursor.
pub fn fill<T: Serialize>(start: Start, rows: impl Iterator<Item = T>, id: impl Fn(&T) -> String) -> Page<T> {
    let (rows, has_more) = take(rows);
    let end = || rows.iter().fold(start, |place, row| place.after(&id(row)));
    let last = rows.last().filter(|_| has_more);
    let cursor = last.map(|last| {
        let Start { number, before } = end();
        format!("{number}:{before:016x}:{}", id(last))
    });
    Page { rows, cursor }
}

/// As many rows as fit into [`limit::PAGE_BYTES_MAX`], at least one, and whether there are more.
pub fn take<T: Serialize>(rows: impl Iterator<Item = T>) -> (Vec<T>, bool) {
    let (mut taken, mut bytes) = (Vec::new(), 0);
    for row in rows {
        bytes += room(&row);
        if bytes > limit::PAGE_BYTES_MAX && !taken.is_empty() {
            return (taken, true);
        }
        taken.push(row);
    }
    (taken, false)
}

/// Where the page begins that comes after a cursor of [`fill`]: after the row that it names, as long as the rows up to it
/// are those that were told. When they are not, because one has gone, was renamed or has another place, nobody knows what
/// is missing, so the list begins anew: better a row told twice, which a client finds by its id, than one that is on no
/// page.
///
/// # Errors
///
/// `invalid_request`: it is no cursor.
pub fn resume<'a>(mut ids: impl Iterator<Item = &'a str>, cursor: &str) -> Result<Start, OpError> {
    if cursor.is_empty() {
        return Ok(Start::default());
    }
    let mut words = cursor.splitn(3, ':');
    let number = words.next().and_then(|number| number.parse().ok());
    let before = words.next().and_then(|before| u64::from_str_radix(before, 16).ok());
    let (Some(number), Some(before), Some(last)) = (number, before, words.next()) else {
        return Err(unreadable(cursor));
    };
    let mut start = Start::default();
    let is_there = ids.any(|id| {
        start = start.after(id);
        id == last
    });
    Ok(if is_there && start == (Start { number, before }) { start } else { Start::default() })
}

/// The refusal of something that is no cursor.
pub fn unreadable(cursor: &str) -> OpError {
    let sentence = format!("invalid cursor: {cursor:?}; give what the answer before said, or none to begin anew");
    OpError::new(Code::InvalidRequest, sentence)
}

/// Bytes that something takes as JSON.
pub fn room(value: &impl Serialize) -> usize {
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).expect("counting does not fail, and a row is plain data");
    count.0
}

struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_on_one_page_whatever_its_size() {
        for bytes in [1, limit::PAGE_BYTES_MAX / 3, limit::PAGE_BYTES_MAX * 2] {
            let rows: Vec<(String, String)> = (0..10).map(|n| (format!("r:{n}"), "x".repeat(bytes))).collect();
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let start = resume(rows.iter().map(|(id, _)| id.as_str()), &cursor).unwrap();
                let page = fill(start, rows.iter().skip(start.number), |(id, _)| id.clone());
                assert!(page.rows.len() == 1 || room(&page.rows) <= limit::PAGE_BYTES_MAX + page.rows.len() + 1);
                seen.extend(page.rows.into_iter().map(|(id, _)| id.clone()));
                let Some(next) = page.cursor else { break };
                cursor = next;
            }
            assert!(seen.iter().eq(rows.iter().map(|(id, _)| id)), "{bytes}: {seen:?}");
        }
    }

    #[test]
    fn a_list_that_changes_meanwhile_is_gone_on_with() {
        let end = ["a", "b"].into_iter().fold(Start::default(), Start::after);
        let cursor = format!("{}:{:016x}:b", end.number, end.before);
        #[rustfmt::skip]
        let cases = [
            // now                       next   why
            (vec!["a", "b", "c", "d"],   2,     "nothing has changed"),
            (vec!["a", "b", "d", "e"],   2,     "what comes after it has changed"),
            (vec!["b", "c", "d"],        0,     "one before it has gone"),
            (vec!["a", "c", "d"],        0,     "it has gone itself"),
            (vec!["z", "a", "b"],        0,     "one has come before it, or was renamed"),
            (vec!["c", "b", "a", "d"],   0,     "they have other places, and nobody has told of c"),
            (vec!["b", "a", "c", "d"],   0,     "a would be told twice, and nothing is missing"),
            (vec![],                     0,     "all have gone"),
        ];
        assert_eq!(resume(["a"].into_iter(), "").unwrap().number, 0, "the beginning");
        for (now, next, why) in cases {
            assert_eq!(resume(now.into_iter(), &cursor).map(|start| start.number), Ok(next), "{why}");
        }
        for wrong in ["b", ":", "x:b", "-1:b", "2:b", "2:xyz:b", "2:00"] {
            assert_eq!(resume(["b"].into_iter(), wrong).unwrap_err().code, Code::InvalidRequest, "{wrong}");
        }
    }
}
