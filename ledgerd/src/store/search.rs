//! Looking for events: through the pieces that the search index names, and through everything that is not in it yet.
//!
//! Bounded by what is asked for and by the bytes of the ledger that are read. Whoever meets the second bound is told
//! how far the search has come and can go on from there. Reads settled events only, on any thread.

use super::layout::Layout;
use super::ledger::read_span;
use super::search_index::{self, SearchIndex};
use super::{Span, Store, StoreError, blob, line};
use crate::decision::{Found, Search};
use bus::contract::Event;
use bus::contract::limit::{LEDGER_LINE_BYTES_MAX, RANGE_BYTES_MAX, TEXT_BYTES_MAX};
use memchr::{memchr, memrchr};
use std::fs::File;
use std::io;
use std::sync::Arc;

/// How much is read at once of what is not in the search index; a line always fits.
const CHUNK_BYTES: u64 = 2 * LEDGER_LINE_BYTES_MAX as u64;

/// One search, and where in its ledger.
#[derive(Debug)]
pub struct Hunt {
    layout: Layout,
    ledger: String,
    file: Arc<File>,
    from: u64,
    to: u64,
    search: Search,
}

impl Store {
    /// Prepares a search; `None` when there is nothing to look through.
    ///
    /// # Errors
    ///
    /// The ledger cannot be opened.
    pub fn hunt(&self, search: Search) -> Result<Option<Hunt>, StoreError> {
        let Some(ledger) = self.ledgers.get(&search.ledger) else { return Ok(None) };
        let (Some(span), Some(file)) = (ledger.span(search.seqs.clone()), ledger.file()?) else { return Ok(None) };
        let (from, to) = (span.offset, span.offset + span.bytes);
        let (layout, name) = (self.layout.clone(), search.ledger.clone());
        Ok(Some(Hunt { layout, ledger: name, file, from, to, search }))
    }

    /// Whether much of a ledger is not in its search index.
    pub(super) fn is_badly_catalogued(&self, ledger: &str) -> bool {
        let Some(found) = self.ledgers.get(ledger) else { return false };
        let file = found.file().ok().flatten();
        file.is_some_and(|file| search_index::lags(&self.layout, ledger, &file, found.settled().offset))
    }
}

/// Why a search ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// There is one more than was asked for, or than an answer carries.
    Events,
    /// Enough was read.
    Bytes,
}

/// What was found until now, in the order in which it was found.
struct Catch {
    events: Vec<Event>,
    /// Bytes of the lines found.
    bytes: usize,
    /// Bytes that may still be read, of the ledger and of texts that became files.
    budget: u64,
    /// Set when the search is over.
    bound: Option<Bound>,
    /// Up to where everything was looked through, or is known to have nothing.
    reached: u64,
}

impl Hunt {
    /// Searches.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn run(&self) -> Result<Found, StoreError> {
        self.search_through().map_err(|source| StoreError::io("search", &self.layout.ledger(&self.ledger), source))
    }

    fn search_through(&self) -> io::Result<Found> {
        let newest_first = self.search.newest_first;
        let reached = if newest_first { self.to } else { self.from };
        let mut catch = Catch { events: Vec::new(), bytes: 0, budget: self.search.bytes_max, bound: None, reached };
        let search_index = SearchIndex::open(&self.layout, &self.ledger, &self.file);
        let end = search_index.as_ref().map_or(0, SearchIndex::end).clamp(self.from, self.to);
        if newest_first {
            self.chunks(end, self.to, &mut catch)?;
        }
        if let Some(search_index) = search_index.filter(|_| end > self.from && catch.bound.is_none()) {
            let mut pieces = search_index.pieces(self.from, end, self.search.query.places(), newest_first);
            while let Some((from, to)) = pieces.next()?.filter(|_| catch.bound.is_none()) {
                catch.reached = if newest_first { to } else { from };
                self.chunks(from, to, &mut catch)?;
            }
        }
        if !newest_first && catch.bound.is_none() {
            catch.reached = end;
            self.chunks(end, self.to, &mut catch)?;
        }
        self.finish(catch)
    }

    fn finish(&self, catch: Catch) -> io::Result<Found> {
        let Catch { mut events, bound, reached, .. } = catch;
        let looked_to = match bound {
            None => None,
            Some(Bound::Events) => events.last().map(|last| last.id.clone()),
            Some(Bound::Bytes) => self.event_at(reached)?,
        };
        if self.search.newest_first {
            events.reverse();
        }
        Ok(Found { events, has_more: bound.is_some(), looked_to })
    }

    /// The event beyond which the search has not come: the line that begins at a place, or ends there.
    fn event_at(&self, place: u64) -> io::Result<Option<String>> {
        let line = if self.search.newest_first {
            let bytes = read_span(&self.file, Span { offset: place, bytes: CHUNK_BYTES.min(self.to_end(place)?) })?;
            memchr(b'\n', &bytes).map(|end| bytes[..end].to_vec())
        } else {
            let begin = place.saturating_sub(CHUNK_BYTES);
            let bytes = read_span(&self.file, Span { offset: begin, bytes: place - begin })?;
            bytes.strip_suffix(b"\n").map(|bytes| bytes[memrchr(b'\n', bytes).map_or(0, |end| end + 1)..].to_vec())
        };
        Ok(line.and_then(|line| line::event(&line).ok()).map(|event| event.id))
    }

    fn to_end(&self, place: u64) -> io::Result<u64> {
        Ok(self.file.metadata()?.len().saturating_sub(place))
    }

    /// Looks through everything between two places where lines begin and end.
    fn chunks(&self, from: u64, to: u64, catch: &mut Catch) -> io::Result<()> {
        let (mut from, mut to) = (from, to);
        while from < to && catch.bound.is_none() {
            if catch.budget == 0 {
                catch.bound = Some(Bound::Bytes);
                return Ok(());
            }
            let bytes = CHUNK_BYTES.min(to - from);
            let offset = if self.search.newest_first { to - bytes } else { from };
            let chunk = read_span(&self.file, Span { offset, bytes })?;
            // The line that the chunk's far end cuts in two belongs to the next chunk.
            let lines = if self.search.newest_first {
                let begin = if offset == from { 0 } else { memchr(b'\n', &chunk).map_or(chunk.len(), |end| end + 1) };
                to = offset + begin as u64;
                &chunk[begin..]
            } else {
                let end = memrchr(b'\n', &chunk).map_or(0, |end| end + 1);
                from = offset + end as u64;
                &chunk[..end]
            };
            if lines.is_empty() {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line has no end within the limit"));
            }
            catch.reached = if self.search.newest_first { offset + chunk.len() as u64 } else { offset };
            self.lines(lines, catch);
            catch.budget = catch.budget.saturating_sub(bytes);
        }
        Ok(())
    }

    fn lines(&self, mut lines: &[u8], catch: &mut Catch) {
        while catch.bound.is_none() && !lines.is_empty() {
            let line = if self.search.newest_first {
                let whole = lines.strip_suffix(b"\n").unwrap_or(lines);
                let begin = memrchr(b'\n', whole).map_or(0, |end| end + 1);
                lines = &lines[..begin];
                &whole[begin..]
            } else {
                let end = memchr(b'\n', lines).unwrap_or(lines.len());
                let (line, rest) = lines.split_at(end);
                lines = rest.get(1..).unwrap_or_default();
                line
            };
            if let Some(event) = self.found(line, catch) {
                catch.take(event, line.len(), self.search.events_max);
            }
            let bytes = line.len() as u64 + 1;
            catch.reached = if self.search.newest_first { catch.reached - bytes } else { catch.reached + bytes };
            if catch.budget == 0 && catch.bound.is_none() {
                catch.bound = Some(Bound::Bytes);
            }
        }
    }

    /// What is no event is of no interest to a search; that it is none is for others to say.
    fn found(&self, line: &[u8], catch: &mut Catch) -> Option<Event> {
        let query = &self.search.query;
        if !query.may_match(line) {
            return None;
        }
        let event = line::event(line).ok()?;
        query.matches(&event, |path| self.text(path, catch)).then_some(event)
    }

    /// A text that became a file. One that cannot be read has no words.
    fn text(&self, path: &str, catch: &mut Catch) -> Option<Vec<u8>> {
        let text = blob::read(&self.layout, &self.ledger, path, 0, TEXT_BYTES_MAX).ok()??.piece;
        catch.budget = catch.budget.saturating_sub(text.len() as u64);
        Some(text)
    }
}

impl Catch {
    /// Takes an event, unless it is one too many.
    fn take(&mut self, event: Event, bytes: usize, events_max: usize) {
        self.bytes += bytes;
        if self.events.len() >= events_max || self.bytes > RANGE_BYTES_MAX && !self.events.is_empty() {
            self.bound = Some(Bound::Events);
        } else {
            self.events.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Blob;
    use crate::query::Query;
    use crate::store::line::START;
    use crate::store::{disk, layout};
    use bus::contract::document::KindFilter;
    use bus::contract::long_text;
    use serde_json::json;
    use std::fs;

    const GROUP: &str = "g_0123456789ab";
    const EVENTS: u64 = 9_000;

    /// What only a text that became a file has, and where it has it.
    const DEEP: &str = "said at the END";

    /// Bytes of a text that became a file.
    const FILE_BYTES: usize = 40_000;

    /// The file that the text of a message became: of one in eighteen hundred.
    fn spilled(seq: u64) -> Option<String> {
        (seq % 1_800 == 3).then(|| format!("state/blobs/{seq:064x}_chat.{seq:032x}.txt"))
    }

    /// Every tenth message is long, every seventh event is none; one number in a thousand is "special".
    fn event(seq: u64) -> Event {
        let (kind, data) = match seq % 7 {
            0 => ("x.cccc.delivery", json!({"actor_id": "a", "event_ids": [], "stage": "handed"})),
            1 => ("system.notify", json!({"title": format!("Notice {seq}"), "message": "m", "target_actor_id": "b"})),
            _ => {
                let more = if seq.is_multiple_of(10) { "and so on ".repeat(200) } else { "and so on ".repeat(20) };
                let word = if seq % 1_000 == 2 { "SPECIAL" } else { "usual" };
                let file = |path| json!({"kind": "text", "path": path, "title": "", "mime_type": "", "bytes": FILE_BYTES, "sha256": ""});
                let attachments: Vec<_> = spilled(seq).map(file).into_iter().collect();
                let text = format!("message {seq} is {word} {more}");
                ("chat.message", json!({"text": text, "to": ["b"], "attachments": attachments}))
            }
        };
        let by = if seq % 500 == 3 { "rare" } else { "user" };
        let id = format!("{seq:032x}");
        serde_json::from_value(
            json!({"seq": seq, "id": id, "ts": "2026-01-13T12:00:00Z", "kind": kind, "by": by, "data": data}),
        )
        .unwrap()
    }

    struct World {
        _home: tempfile::TempDir,
        layout: Layout,
        events: Vec<Event>,
        /// Where each of them begins, and where the last one ends.
        places: Vec<u64>,
    }

    impl World {
        fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            let layout = Layout::new(home.path());
            let events: Vec<Event> = (1..=EVENTS).map(event).collect();
            let (mut out, mut sum, mut places) = (Vec::new(), START, vec![0]);
            for event in &events {
                sum = line::write(&mut out, event, None, false, &sum).unwrap();
                places.push(out.len() as u64);
            }
            layout::make_folder(&layout.folder(GROUP)).unwrap();
            disk::write_at(&disk::create_private(&layout.ledger(GROUP)).unwrap(), &out, 0).unwrap();
            for event in &events {
                let Some(path) = long_text::path(event) else { continue };
                let text = "so on ".repeat(FILE_BYTES / 6) + &format!("message {} {DEEP}", event.seq);
                let (group_id, name) = (GROUP.into(), path.strip_prefix("state/blobs/").unwrap().into());
                blob::store(&layout, &Blob { group_id, name, bytes: text.into_bytes() }).unwrap();
            }
            Self { _home: home, layout, events, places }
        }

        fn hunt(&self, search: Search) -> Found {
            let from = self.places[*search.seqs.start() as usize - 1];
            let to = self.places[*search.seqs.end() as usize];
            let file = Arc::new(File::open(self.layout.ledger(GROUP)).unwrap());
            Hunt { layout: self.layout.clone(), ledger: GROUP.into(), file, from, to, search }.run().unwrap()
        }

        fn catalogued(&self) -> u64 {
            let file = File::open(self.layout.ledger(GROUP)).unwrap();
            SearchIndex::open(&self.layout, GROUP, &file).map_or(0, |found| found.end())
        }

        /// Goes through all pages of a search, which must agree with looking at every event.
        fn check(&self, query: &Query, newest_first: bool, events_max: usize, bytes_max: u64) {
            let (mut first, mut last) = (1, EVENTS);
            let mut found: Vec<Event> = Vec::new();
            for _ in 0..EVENTS {
                let (seqs, query) = (first..=last, query.clone());
                let page = self.hunt(Search { ledger: GROUP.into(), seqs, query, newest_first, events_max, bytes_max });
                assert!(page.events.len() <= events_max && page.has_more == page.looked_to.is_some());
                let at = found.len();
                if newest_first {
                    found.splice(0..0, page.events)
                } else {
                    found.splice(at..at, page.events)
                };
                let Some(looked_to) = page.looked_to else { break };
                let seq = u64::from_str_radix(&looked_to, 16).unwrap();
                (first, last) = if newest_first { (first, seq - 1) } else { (seq + 1, last) };
                if first > last {
                    break;
                }
            }
            let read = |path: &str| Some(fs::read(self.layout.folder(GROUP).join(path)).unwrap());
            let wanted: Vec<_> = self.events.iter().filter(|event| query.matches(event, read)).collect();
            let seqs = |events: &[&Event]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
            assert_eq!(seqs(&found.iter().collect::<Vec<_>>()), seqs(&wanted), "{query:?}");
        }
    }

    #[test]
    fn every_page_together_is_what_looking_at_everything_finds() {
        let world = World::new();
        let query = |text: &str, sender: &str, kinds| Query::new(text, sender, "", kinds);
        #[rustfmt::skip]
        let cases = [
            // looked for                                events  bytes
            (query("special", "", KindFilter::All),      3,      u64::MAX),
            (query("special", "", KindFilter::All),      200,    CHUNK_BYTES),
            (query("message 4", "", KindFilter::Chat),   200,    3 * CHUNK_BYTES),
            (query("", "rare", KindFilter::All),         5,      u64::MAX),
            (query("notice 4", "", KindFilter::Notify),  50,     u64::MAX),
            (query("nowhere to be found", "", KindFilter::All), 5, CHUNK_BYTES),
            (query("SAID at the end", "", KindFilter::All), 3,     u64::MAX),
            (query("SAID at the end", "", KindFilter::All), 200,   CHUNK_BYTES),
            (query("3603 said at", "", KindFilter::Chat), 200,     1),
        ];
        for catalogued_to in [0, EVENTS as usize / 2 + 2_000, EVENTS as usize] {
            search_index::extend(&world.layout, GROUP, world.places[catalogued_to]).unwrap();
            assert_eq!(world.catalogued() > 0, catalogued_to > 0);
            for (query, events_max, bytes_max) in &cases {
                world.check(query, true, *events_max, *bytes_max);
                world.check(query, false, *events_max, *bytes_max);
            }
        }
    }

    #[test]
    fn a_text_that_became_a_file_is_looked_through_to_its_end() {
        let world = World::new();
        let query = Query::new("3603 SAID at the end", "", "", KindFilter::Chat);
        let search = |query| Search {
            ledger: GROUP.into(),
            seqs: 1..=EVENTS,
            query,
            newest_first: true,
            events_max: 5,
            bytes_max: u64::MAX,
        };
        for is_catalogued in [false, true] {
            if is_catalogued {
                search_index::extend(&world.layout, GROUP, world.places[EVENTS as usize]).unwrap();
            }
            let found = world.hunt(search(query.clone()));
            assert_eq!(found.events.iter().map(|event| event.seq).collect::<Vec<_>>(), [3_603], "{is_catalogued}");
        }
        fs::remove_dir_all(world.layout.blobs(GROUP)).unwrap();
        assert!(world.hunt(search(query)).events.is_empty(), "what is gone has no words");
    }

    #[test]
    fn what_is_rare_is_found_without_reading_much() {
        let world = World::new();
        search_index::extend(&world.layout, GROUP, world.places[EVENTS as usize]).unwrap();
        let query = Query::new("message 3002 is special", "", "", KindFilter::All);
        let (seqs, bytes_max) = (1..=EVENTS, 2 * CHUNK_BYTES);
        let search = Search { ledger: GROUP.into(), seqs, query, newest_first: true, events_max: 5, bytes_max };
        let found = world.hunt(search);
        assert_eq!((found.events.len(), found.has_more), (1, false), "the ledger is much larger than what was read");
    }

    #[test]
    fn a_catalogue_of_another_history_or_cut_off_is_made_again() {
        let world = World::new();
        let all = world.places[EVENTS as usize];
        search_index::extend(&world.layout, GROUP, all).unwrap();
        let (path, end) = (world.layout.search_index(GROUP), world.catalogued());
        assert!(all - end < CHUNK_BYTES);
        let good = fs::read(&path).unwrap();
        let mut broken = good.clone();
        let at = broken.len() - crate::query::SIGNATURE_BYTES - 1;
        broken[at] ^= 1;
        let more = [&good[..], &[0; 3 * crate::query::SIGNATURE_BYTES]].concat();
        #[rustfmt::skip]
        let cases = [
            (&good[..],                      end,   "whole"),
            (&good[..good.len() - 7],        0,     "a row that was counted is not whole"),
            (&more,                          end,   "rows that were written and not synced do not count"),
            (&broken,                        0,     "the sum is of another history"),
            (&b"something else"[..],         0,     "no search_index"),
        ];
        for (bytes, kept, why) in cases {
            fs::write(&path, bytes).unwrap();
            assert!(world.catalogued() >= kept, "{why}");
            search_index::extend(&world.layout, GROUP, all).unwrap();
            assert_eq!(world.catalogued(), end, "{why}");
            world.check(&Query::new("special", "", "", KindFilter::All), true, 50, u64::MAX);
        }
    }
}
