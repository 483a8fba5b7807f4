//! Logs, which the supervisor writes: the end of one, and emptying it.

use super::layout::Layout;
use super::{StoreError, disk, layout};
use crate::decision::{Log, LogPiece};
use bus::plain;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// How much of a log is looked at for its last lines.
const TAIL_BYTES_MAX: u64 = 1024 * 1024;

/// Reads or empties a log. One that is not there has no lines, and is made empty.
///
/// # Errors
///
/// It cannot be read or written.
pub fn look(layout: &Layout, log: &Log) -> Result<LogPiece, StoreError> {
    let path = layout.log(log.name);
    let lines = if log.clears {
        // Its writer appends, so the next line is the first.
        let folder = layout::make_folder(&layout.logs());
        let emptied = folder.and_then(|()| disk::open_private(&path)).and_then(|file| disk::set_len(&file, 0));
        emptied.map_err(|e| StoreError::io("empty", &path, e))?;
        Vec::new()
    } else {
        match plain::open(&path, File::options().read(true)) {
            Ok(file) => tail(&file, log.lines_max).map_err(|e| StoreError::io("read", &path, e))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(StoreError::io("read", &path, e)),
        }
    };
    Ok(LogPiece { path: path.to_string_lossy().into_owned(), lines })
}

fn tail(file: &File, lines_max: usize) -> io::Result<Vec<String>> {
    let len = file.metadata()?.len();
    let from = len.saturating_sub(TAIL_BYTES_MAX);
    let mut bytes = vec![0; usize::try_from(len - from).unwrap_or_default()];
    file.read_exact_at(&mut bytes, from)?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line may have begun before.
    let lines: Vec<&str> = text.lines().skip(usize::from(from > 0)).collect();
    let first = lines.len().saturating_sub(lines_max);
    Ok(lines[first..].iter().map(|line| (*line).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_log_has_its_last_lines_until_it_is_emptied() {
        let home = tempfile::tempdir().unwrap();
        let layout = Layout::new(home.path());
        let look = |lines_max: usize, clears: bool| look(&layout, &Log { name: "ptyd", lines_max, clears }).unwrap();
        assert_eq!(look(9, false).lines, Vec::<String>::new(), "there is none yet");
        fs::create_dir_all(layout.logs()).unwrap();
        fs::write(layout.log("ptyd"), "one\ntwo\n\u{fffd}three\n").unwrap();
        assert_eq!(look(2, false).lines, ["two", "\u{fffd}three"]);
        let long = "x".repeat(TAIL_BYTES_MAX as usize) + "\nlast\n";
        fs::write(layout.log("ptyd"), long).unwrap();
        assert_eq!(look(9, false).lines, ["last"], "half a line is none");
        assert_eq!((look(0, true).lines.len(), look(9, false).lines.len()), (0, 0));
        assert_eq!(fs::metadata(layout.log("ptyd")).unwrap().len(), 0);
    }
}
