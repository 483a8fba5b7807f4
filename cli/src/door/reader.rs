//! Takes lines off a connection, one at a time, and never holds more of it than one line may have.
//!
//! Every wait has an end: a client that says nothing, or stops in the middle of a line, is given up.

use bus::contract::limit;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// A line longer than this needs one of the few places for long lines.
const SHORT_LINE_BYTES_MAX: usize = 64 * 1024;

/// Long lines being read at once, in all connections together: 32 of 2 MB are what we keep memory for.
pub const LONG_LINES_MAX: usize = 32;

/// While others wait for a place, a long line must come forward within this time…
const STALL: Duration = Duration::from_secs(2);

/// …by so many bytes.
const STALL_BYTES: usize = 64 * 1024;

/// The places for long lines.
#[derive(Debug)]
pub struct LongLines {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl LongLines {
    /// So many places.
    pub fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { places: Arc::new(Semaphore::new(places)), waiting: AtomicUsize::new(0) })
    }

    /// Waits for a place until the deadline.
    async fn place(&self, deadline: Instant) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let _waiting = Waiting::begin(&self.waiting);
        timeout_at(deadline, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok()
    }

    fn are_waited_for(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// Somebody waits, until this is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is asked of the system in one read.
const READ_BYTES: usize = 8 * 1024;

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the connection to the first byte.
    pub first_byte: Duration,
    /// Between the answer to one request and the first byte of the next.
    pub next_request: Duration,
    /// From the first byte of a line to its end.
    pub line: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(30),
            next_request: Duration::from_secs(300),
            line: Duration::from_secs(30),
        }
    }
}

/// What came next on a connection.
#[derive(Debug)]
pub enum Next {
    /// A whole line, without its end. At the end of the connection the line end may be missing.
    Line(Vec<u8>, Option<OwnedSemaphorePermit>),
    /// A line that has no end within [`limit::REQUEST_LINE_BYTES_MAX`].
    TooLong,
    /// A long line that did not come forward while others waited for its place.
    Stalled,
    /// The client has closed its side, or has taken too long.
    End,
}

/// Splits what a connection brings into lines.
#[derive(Debug)]
pub struct Reader {
    buffer: Vec<u8>,
    patience: Patience,
    long_lines: Arc<LongLines>,
    is_first: bool,
    /// Whether a line has begun, for whoever wants to know.
    has_begun: Arc<AtomicBool>,
}

impl Reader {
    /// A reader of a new connection; `long_lines` is shared by all of them.
    pub fn new(patience: Patience, long_lines: Arc<LongLines>) -> Self {
        Self { buffer: Vec::new(), patience, long_lines, is_first: true, has_begun: Arc::default() }
    }

    /// The same, which tells whether a line has begun while it waits for the rest.
    #[must_use]
    pub fn telling(self, has_begun: Arc<AtomicBool>) -> Self {
        Self { has_begun, ..self }
    }

    /// Waits for the next line.
    ///
    /// # Errors
    ///
    /// The connection broke.
    pub async fn next<R: AsyncRead + Unpin>(&mut self, connection: &mut R) -> io::Result<Next> {
        let idle = if self.is_first { self.patience.first_byte } else { self.patience.next_request };
        self.is_first = false;
        let mut deadline = Instant::now() + if self.buffer.is_empty() { idle } else { self.patience.line };
        let mut permit = None;
        let mut seen = 0;
        // Since when, and from where on, a long line is watched.
        let mut watched = (Instant::now(), 0);
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.buffer[seen..]) {
                return Ok(self.cut(seen + end, permit));
            }
            seen = self.buffer.len();
            self.has_begun.store(seen > 0, Ordering::Relaxed);
            if seen >= limit::REQUEST_LINE_BYTES_MAX {
                return Ok(Next::TooLong);
            }
            if seen > SHORT_LINE_BYTES_MAX && permit.is_none() {
                match self.long_lines.place(deadline).await {
                    Some(place) => permit = Some(place),
                    None => return Ok(Next::End),
                }
                watched = (Instant::now(), seen);
            }
            // Doubling keeps a long line from being copied again and again; the limit keeps it from growing further.
            let room = seen.clamp(READ_BYTES, SHORT_LINE_BYTES_MAX).min(limit::REQUEST_LINE_BYTES_MAX - seen);
            self.buffer.reserve(room);
            let mut part = (&mut *connection).take(room as u64);
            let look_at = if permit.is_some() { deadline.min(watched.0 + STALL) } else { deadline };
            let Ok(read) = timeout_at(look_at, part.read_buf(&mut self.buffer)).await else {
                if Instant::now() >= deadline {
                    return Ok(Next::End);
                }
                // Nothing more is there to be read. A byte now and then is no progress either.
                if seen - watched.1 < STALL_BYTES && self.long_lines.are_waited_for() {
                    return Ok(Next::Stalled);
                }
                watched = (Instant::now(), seen);
                continue;
            };
            // What is read late may have come in time, and there may be more: too little is judged when there is not.
            if self.buffer.len() - watched.1 >= STALL_BYTES && watched.0.elapsed() >= STALL {
                watched = (Instant::now(), self.buffer.len());
            }
            if read? == 0 {
                let last = std::mem::take(&mut self.buffer);
                return Ok(if last.trim_ascii().is_empty() { Next::End } else { Next::Line(last, permit) });
            }
            if seen == 0 {
                deadline = Instant::now() + self.patience.line;
            }
        }
    }

    /// What was read after the last line: the first bytes of what a connection becomes after an upgrade.
    pub fn into_rest(self) -> Vec<u8> {
        self.buffer
    }

    fn cut(&mut self, end: usize, permit: Option<OwnedSemaphorePermit>) -> Next {
        let rest = self.buffer.split_off(end + 1);
        let mut line = std::mem::replace(&mut self.buffer, rest);
        line.pop();
        Next::Line(line, permit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    fn reader(patience: Patience) -> Reader {
        Reader::new(patience, LongLines::new(1))
    }

    async fn lines_of(input: Vec<u8>) -> Vec<String> {
        let (mut near, mut far) = tokio::io::duplex(1_000);
        let client = tokio::spawn(async move {
            // The reader may give up in the middle; that is what some cases are about.
            let _ = far.write_all(&input).await;
        });
        let mut reader = reader(Patience::default());
        let mut lines = Vec::new();
        loop {
            match reader.next(&mut near).await.unwrap() {
                Next::Line(line, _) if line.len() > 1_000 => lines.push(format!("{} bytes", line.len())),
                Next::Line(line, _) => lines.push(String::from_utf8(line).unwrap()),
                Next::TooLong => lines.push("too long".into()),
                Next::Stalled => lines.push("stalled".into()),
                Next::End => break,
            }
            if lines.last().is_some_and(|line| line == "too long") {
                break;
            }
        }
        drop(near);
        client.await.unwrap();
        lines
    }

    #[tokio::test]
    async fn a_connection_is_cut_into_lines() {
        let long = |count: usize| "x".repeat(count);
        let limit = limit::REQUEST_LINE_BYTES_MAX;
        #[rustfmt::skip]
        let cases = [
            ("a\n".to_owned(),                    vec!["a".to_owned()],                          "one"),
            ("a\nb\n\nc\n".to_owned(),            vec!["a".into(), "b".into(), String::new(), "c".into()], "several at once"),
            ("a\nb".to_owned(),                   vec!["a".into(), "b".into()],                  "the last line end is missing"),
            ("".to_owned(),                       vec![],                                        "nothing"),
            ("a\n \r".to_owned(),                 vec!["a".into()],                              "only blanks are left"),
            (long(limit - 1) + "\nb\n",           vec![format!("{} bytes", limit - 1), "b".into()], "the longest there may be"),
            (long(limit) + "\n",                  vec!["too long".into()],                       "one byte too many"),
            (long(limit * 3),                     vec!["too long".into()],                       "no end at all"),
        ];
        for (input, wanted, why) in cases {
            assert_eq!(lines_of(input.into_bytes()).await, wanted, "{why}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_is_given_up() {
        for said in ["", "{\"op\":", "{}\n{\"op\":"] {
            let (mut near, mut far) = tokio::io::duplex(1_000);
            far.write_all(said.as_bytes()).await.unwrap();
            let mut reader = reader(Patience::default());
            while let Next::Line(..) = reader.next(&mut near).await.unwrap() {}
            // The far end is still open: only the clock can have ended this.
            assert!(far.write_all(b"x").await.is_ok(), "{said:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_kept_for_few_long_lines_only() {
        let places = LongLines::new(1);
        let long = vec![b'x'; SHORT_LINE_BYTES_MAX * 3];
        let (mut near, mut far) = tokio::io::duplex(long.len() * 2);
        far.write_all(&long).await.unwrap();
        let held = Arc::clone(&places.places).acquire_owned().await.unwrap();
        let mut reader = Reader::new(Patience::default(), Arc::clone(&places));
        assert!(matches!(reader.next(&mut near).await.unwrap(), Next::End));
        assert!(reader.into_rest().len() <= SHORT_LINE_BYTES_MAX * 2);
        drop(held);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_is_read_late_has_not_stalled() {
        let places = LongLines::new(1);
        let (first, mut far) = tokio::io::duplex(1024 * 1024);
        let (second, mut more) = tokio::io::duplex(1024 * 1024);
        far.write_all(&vec![b'x'; SHORT_LINE_BYTES_MAX * 2]).await.unwrap();
        let mut late = Reader::new(Patience::default(), Arc::clone(&places));
        let reading = tokio::spawn(async move { late.next(&mut first.chain(second)).await.unwrap() });
        while places.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let _other = Waiting::begin(&places.waiting);
        // It all comes in time, the first read brings little, and the reader is not there for a while.
        far.write_all(b"x").await.unwrap();
        drop(far);
        more.write_all(&[vec![b'x'; STALL_BYTES], b"\n".to_vec()].concat()).await.unwrap();
        tokio::time::advance(STALL * 2).await;
        let next = reading.await.unwrap();
        assert!(
            matches!(&next, Next::Line(line, _) if line.len() == SHORT_LINE_BYTES_MAX * 2 + 1 + STALL_BYTES),
            "{next:?}"
        );
    }

    /// Whether it brings nothing more, or a byte now and then.
    #[tokio::test(start_paused = true)]
    async fn a_stalled_line_loses_its_place_when_others_wait() {
        for pause in [Duration::from_secs(600), Duration::from_millis(700)] {
            let places = LongLines::new(1);
            let long = vec![b'x'; SHORT_LINE_BYTES_MAX * 2];
            let (mut near, mut far) = tokio::io::duplex(long.len() * 2);
            far.write_all(&long).await.unwrap();
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(pause).await;
                    // The reader gives up in the end.
                    let _ = far.write_all(b"x").await;
                }
            });
            let mut stalled = Reader::new(Patience::default(), Arc::clone(&places));
            let first = tokio::spawn(async move { (stalled.next(&mut near).await.unwrap(), Instant::now()) });
            tokio::time::sleep(STALL * 2).await;
            assert!(!first.is_finished(), "nobody needs its place");
            let (mut near, mut far) = tokio::io::duplex(long.len() * 2);
            far.write_all(&[&long[..], b"\n"].concat()).await.unwrap();
            let begin = Instant::now();
            let next = Reader::new(Patience::default(), places).next(&mut near).await.unwrap();
            assert!(matches!(next, Next::Line(line, _) if line.len() == long.len()), "{pause:?}");
            assert!(begin.elapsed() <= STALL * 2, "{pause:?}: {:?}", begin.elapsed());
            assert!(matches!(first.await.unwrap().0, Next::Stalled), "{pause:?}");
        }
    }
}
