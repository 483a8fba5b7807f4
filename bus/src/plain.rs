//! Files of ours, opened without being kept waiting and without being led astray.
//!
//! Where one of our files should be, somebody may have put a pipe without a writer, a device, a link or a file that fills
//! the memory. Whoever opens or reads it here is told so, at once.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Opens a plain file in the given way. A link is none, wherever it leads.
///
/// # Errors
///
/// As `open`; [`io::ErrorKind::InvalidData`] where something else than a plain file is there.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    use nix::libc::{ELOOP, ENXIO, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK};
    let file = match options.custom_flags(O_NOCTTY | O_NOFOLLOW | O_NONBLOCK).open(path) {
        Err(e) if matches!(e.raw_os_error(), Some(ELOOP | ENXIO)) => return Err(stranger()),
        other => other?,
    };
    if file.metadata()?.is_file() { Ok(file) } else { Err(stranger()) }
}

/// Opens a plain file, only to read it.
///
/// # Errors
///
/// As [`open`].
pub fn open_to_read(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().read(true))
}

/// Reads a plain file of at most `bytes_max` bytes.
///
/// # Errors
///
/// As [`open`]; [`io::ErrorKind::FileTooLarge`] where there is more, and then nothing was read.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let file = open_to_read(path)?;
    let too_large = |bytes: u64| {
        let text = format!("it has {bytes} bytes, and one of ours has {bytes_max} at most; move it away");
        Err(io::Error::new(io::ErrorKind::FileTooLarge, text))
    };
    let len = file.metadata()?.len();
    if len > bytes_max {
        return too_large(len);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or_default());
    // It may grow while it is read.
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max { too_large(bytes.len() as u64) } else { Ok(bytes) }
}

fn stranger() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "it is no plain file (a link, a pipe, a device or a folder); move it away",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use std::fs;

    #[test]
    fn what_is_no_plain_file_of_ours_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        mkfifo(&at("pipe"), Mode::S_IRWXU).unwrap();
        fs::write(at("file"), "12345").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        File::create(at("huge")).unwrap().set_len(20_000_000_000).unwrap();
        for name in ["pipe", "link", "folder", "/dev/zero"] {
            assert_eq!(read(&at(name), 5).unwrap_err().kind(), io::ErrorKind::InvalidData, "{name}");
        }
        for name in ["pipe", "link", "/dev/null"] {
            let refused = open(&at(name), OpenOptions::new().append(true).create(true)).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidData, "{name}");
        }
        assert_eq!(read(&at("huge"), 5).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read(&at("none"), 5).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(read(&at("file"), 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read(&at("file"), 5).unwrap(), b"12345");
    }
}
