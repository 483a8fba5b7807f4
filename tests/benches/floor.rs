//! What the machine itself needs: one durable append, a group commit, a round trip on a raw socket.

use crate::row::{quantile, times};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Instant;

/// One line, about as long as a short message's event.
const LINE_BYTES: usize = 600;

/// Lines of one group commit: as many as there are clients.
const BATCH: usize = 64;

/// The floors, all from this run and from the folder that homes are made in.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    /// One append and `fdatasync`, in milliseconds.
    pub sync_ms: f64,
    /// Appends per second when 64 share one `fdatasync`.
    pub group_commit_per_s: f64,
    /// Connect, one line there, one line back, in milliseconds.
    pub round_trip_ms: f64,
}

/// Measures all floors.
///
/// # Errors
///
/// The temporary folder cannot be used.
pub fn measure() -> io::Result<Floor> {
    let folder = tempfile::tempdir_in("/tmp")?;
    let mut file = OpenOptions::new().append(true).create(true).open(folder.path().join("log"))?;
    let line = vec![b'x'; LINE_BYTES];
    let mut failed = None;
    let syncs = times(400, |_| failed = append(&mut file, &line, 1).err());
    let begin = Instant::now();
    let batches = 400;
    for _ in 0..batches {
        append(&mut file, &line, BATCH)?;
    }
    let group_commit_per_s = (batches * BATCH) as f64 / begin.elapsed().as_secs_f64();
    match failed {
        Some(error) => Err(error),
        None => Ok(Floor {
            sync_ms: quantile(&syncs, 0.5),
            group_commit_per_s,
            round_trip_ms: round_trip(&folder.path().join("socket"))?,
        }),
    }
}

fn append(file: &mut File, line: &[u8], count: usize) -> io::Result<()> {
    file.write_all(&line.repeat(count))?;
    file.sync_data()
}

fn round_trip(path: &std::path::Path) -> io::Result<f64> {
    let listener = UnixListener::bind(path)?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            // A client that is gone is the end of the measurement.
            let _ = reader.read_line(&mut line).and_then(|_| reader.get_mut().write_all(line.as_bytes()));
        }
    });
    let mut failed = None;
    let trips = times(1_000, |_| failed = one_trip(path).err());
    failed.map_or_else(|| Ok(quantile(&trips, 0.5)), Err)
}

fn one_trip(path: &std::path::Path) -> io::Result<()> {
    let mut stream = UnixStream::connect(path)?;
    stream.write_all(&[&[b'x'; LINE_BYTES][..], b"\n"].concat())?;
    BufReader::new(stream).read_line(&mut String::new()).map(|_| ())
}
