//! Every change that the store makes on disk: the few calls of the system that a power cut can undo or reorder.
//!
//! What is written may be lost, or be there in part, until its file was synced; a name that came, went or changed may be
//! as before until its folder was. Each file and each folder is by itself: nothing here promises an order between two of
//! them. In tests every change can be recorded (`recording`), so that the disk can be built as a power cut may leave it.

#[cfg(test)]
pub mod image;
#[cfg(test)]
pub mod recording;

use bus::plain;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::Path;

/// How much is copied at once.
const COPY_BYTES: usize = 256 * 1024;

/// Opens a file of ours for reading and writing, and makes it when it is missing.
///
/// # Errors
///
/// As [`plain::open`].
pub fn open_private(path: &Path) -> io::Result<File> {
    #[cfg(test)]
    let change = recording::begin(path, recording::Kind::made_if_missing(path))?;
    let file = plain::open(path, OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600))?;
    #[cfg(test)]
    change.end();
    Ok(file)
}

/// Makes a file that must not be there yet.
///
/// # Errors
///
/// As `open`.
pub fn create_private(path: &Path) -> io::Result<File> {
    #[cfg(test)]
    let change = recording::begin(path, recording::Kind::MadeFile)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    #[cfg(test)]
    change.end();
    Ok(file)
}

/// Makes a folder that must not be there yet, in one that is.
///
/// # Errors
///
/// As `mkdir`.
pub fn create_folder(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    let change = recording::begin(path, recording::Kind::MadeFolder)?;
    DirBuilder::new().mode(0o700).create(path)?;
    #[cfg(test)]
    change.end();
    Ok(())
}

/// Writes all of some bytes at a place of a file.
///
/// # Errors
///
/// As `pwrite`; some of them may have been written.
pub fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(test)]
    let change = recording::begin(file, recording::Kind::Written { offset, bytes: bytes.to_vec() })?;
    file.write_all_at(bytes, offset)?;
    #[cfg(test)]
    change.end();
    Ok(())
}

/// Writes everything that can be read into a file that is empty.
///
/// # Errors
///
/// It cannot be read, or as [`write_at`].
pub fn copy(from: &mut impl Read, to: &File) -> io::Result<()> {
    let (mut buffer, mut offset) = (vec![0; COPY_BYTES], 0);
    loop {
        let bytes = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        write_at(to, &buffer[..bytes], offset)?;
        offset += bytes as u64;
    }
}

/// Cuts a file, or makes it longer with zeros.
///
/// # Errors
///
/// As `ftruncate`.
pub fn set_len(file: &File, bytes: u64) -> io::Result<()> {
    #[cfg(test)]
    let change = recording::begin(file, recording::Kind::Sized(bytes))?;
    file.set_len(bytes)?;
    #[cfg(test)]
    change.end();
    Ok(())
}

/// Makes everything that was written to a file survive a power cut, or every name in a folder. There is no second try:
/// after a failed sync the system may have dropped what it could not write.
///
/// # Errors
///
/// As `fsync`.
pub fn sync(file: &File) -> io::Result<()> {
    #[cfg(test)]
    let change = recording::begin(file, recording::Kind::Synced)?;
    file.sync_all()?;
    #[cfg(test)]
    change.end();
    Ok(())
}

/// As [`sync`], without what nobody needs to read the file: its times.
///
/// # Errors
///
/// As `fdatasync`.
pub fn sync_data(file: &File) -> io::Result<()> {
    #[cfg(test)]
    let change = recording::begin(file, recording::Kind::Synced)?;
    file.sync_data()?;
    #[cfg(test)]
    change.end();
    Ok(())
}

/// Makes the names in a folder survive a power cut.
///
/// # Errors
///
/// As [`sync`].
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    sync(&File::open(folder)?)
}

/// Gives a file or a folder another name, whatever file was there before.
///
/// # Errors
///
/// As `rename`.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(test)]
    let change = recording::begin(from, recording::Kind::Renamed { to: to.to_path_buf() })?;
    fs::rename(from, to)?;
    #[cfg(test)]
    change.end();
    Ok(())
}

/// Removes a file.
///
/// # Errors
///
/// As `unlink`.
pub fn remove_file(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    let change = recording::begin(path, recording::Kind::Removed(vec![path.to_path_buf()]))?;
    fs::remove_file(path)?;
    #[cfg(test)]
    change.end();
    Ok(())
}

/// Removes a folder and everything in it.
///
/// # Errors
///
/// Some of it is still there.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    let change = recording::begin(path, recording::Kind::removed_below(path))?;
    fs::remove_dir_all(path)?;
    #[cfg(test)]
    change.end();
    Ok(())
}
