//! Lists in pages: as many rows as fit into one answer, and the cursor from which the next answer goes on.
//!
//! Each row has its limits, and their sum may be far more than a message of the bus takes. Whoever knows no cursors gets
//! the first page, which says that there is more.

use bus::contract::{Code, OpError, limit};
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

/// Fills a page with rows, the first of which has the number `start` in the whole list: as many as fit into
/// [`limit::PAGE_BYTES_MAX`], at least one. `id` names a row for the cursor.
pub fn fill<T: Serialize>(start: usize, rows: impl Iterator<Item = T>, id: impl Fn(&T) -> String) -> Page<T> {
    let (mut taken, mut bytes) = (Vec::new(), 0);
    for row in rows {
        bytes += room(&row);
        if bytes > limit::PAGE_BYTES_MAX
            && let Some(last) = taken.last()
        {
            let cursor = format!("{}:{}", start + taken.len(), id(last));
            return Page { rows: taken, cursor: Some(cursor) };
        }
        taken.push(row);
    }
    Page { rows: taken, cursor: None }
}

/// The number of the row that comes after a cursor of [`fill`]: the one after the row that it names, wherever that is
/// now. When that row has gone, nobody knows how many before it have gone, too, so the list begins anew: better a row told
/// twice, which a client finds by its id, than one that is on no page.
///
/// # Errors
///
/// `invalid_request`: it is no cursor.
pub fn resume<'a>(mut ids: impl Iterator<Item = &'a str>, cursor: &str) -> Result<usize, OpError> {
    if cursor.is_empty() {
        return Ok(0);
    }
    let read = cursor.split_once(':').and_then(|(shown, id)| Some((shown.parse::<usize>().ok()?, id)));
    let (_, id) = read.ok_or_else(|| unreadable(cursor))?;
    Ok(ids.position(|known| known == id).map_or(0, |number| number + 1))
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
                let page = fill(start, rows.iter().skip(start), |(id, _)| id.clone());
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
        #[rustfmt::skip]
        let cases = [
            // now                  cursor    next   why
            (vec!["a", "b", "c"],   "",       0,     "the beginning"),
            (vec!["a", "b", "c"],   "2:b",    2,     "nothing has changed"),
            (vec!["b", "c"],        "2:b",    1,     "one before it has gone"),
            (vec!["a", "c"],        "2:b",    0,     "it has gone itself"),
            (vec!["c", "d"],        "2:b",    0,     "it has gone, and one before it"),
            (vec!["z", "a", "b"],   "2:b",    3,     "one has come before it"),
            (vec![],                "2:b",    0,     "all have gone"),
        ];
        for (now, cursor, next, why) in cases {
            assert_eq!(resume(now.into_iter(), cursor), Ok(next), "{why}");
        }
        for wrong in ["b", ":", "x:b", "-1:b"] {
            assert_eq!(resume(["b"].into_iter(), wrong).unwrap_err().code, Code::InvalidRequest, "{wrong}");
        }
    }
}
