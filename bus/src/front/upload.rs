//! How a file becomes a stored file of a group: piece by piece, for every front.
//!
//! What is there already, from an upload that broke off, is not sent again.

use crate::contract::event::Attachment;
use crate::contract::op::blob;
use crate::contract::{Code, OpError, id, limit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// How often an upload begins again, because what was there is gone.
const ROUNDS_MAX: usize = 3;

/// Media types by the end of a file's name; what is not here is sent without one.
#[rustfmt::skip]
const TYPES: &[(&str, &str)] = &[
    ("png", "image/png"), ("jpg", "image/jpeg"), ("jpeg", "image/jpeg"), ("gif", "image/gif"), ("webp", "image/webp"),
    ("svg", "image/svg+xml"), ("pdf", "application/pdf"), ("zip", "application/zip"), ("json", "application/json"),
    ("txt", "text/plain"), ("log", "text/plain"), ("md", "text/markdown"), ("csv", "text/csv"), ("html", "text/html"),
    ("mp3", "audio/mpeg"), ("wav", "audio/wav"), ("mp4", "video/mp4"), ("webm", "video/webm"),
];

/// Why a file was not stored. `E` is what asking the daemon may end with.
#[derive(Debug, thiserror::Error)]
pub enum UploadError<E> {
    /// The daemon was asked in vain.
    #[error("the daemon did not store it")]
    Refused(E),
    /// It cannot be read.
    #[error("it cannot be read")]
    File(#[source] io::Error),
    /// It is too large.
    #[error("{}", .0.message)]
    Size(OpError),
    /// It became shorter while it was sent.
    #[error("it became shorter while it was sent")]
    Shorter,
}

/// What asking the daemon may end with.
pub trait UploadAnswer {
    /// The daemon's own refusal, if it was one.
    fn refusal(&self) -> Option<&OpError>;
}

impl UploadAnswer for OpError {
    fn refusal(&self) -> Option<&OpError> {
        Some(self)
    }
}

/// Stores a file of a group under a name, and returns it as a message names it.
///
/// # Errors
///
/// As [`UploadError`] says. What was sent before stays for somebody to go on with it.
pub fn store<E: UploadAnswer>(
    file: &mut File,
    group_id: &str,
    name: &str,
    mut ask: impl FnMut(blob::Upload) -> Result<blob::Uploaded, E>,
) -> Result<Attachment, UploadError<E>> {
    let bytes = file.metadata().map_err(UploadError::File)?.len();
    if bytes > limit::BLOB_BYTES_MAX as u64 {
        let has = usize::try_from(bytes).unwrap_or(usize::MAX);
        return Err(UploadError::Size(OpError::too_large("the file", has, limit::BLOB_BYTES_MAX, "BLOB_BYTES_MAX")));
    }
    let sha256 = id::digest_of(&mut *file).map_err(UploadError::File)?;
    let mut piece = blob::Upload {
        group_id: group_id.to_owned(),
        sha256,
        bytes: i64::try_from(bytes).ok(),
        mime_type: mime_type(name).to_owned(),
        name: name.to_owned(),
        offset: Some(0),
        content: String::new(),
    };
    let mut buffer = vec![0; limit::BLOB_PIECE_BYTES_MAX];
    let mut rounds = 0;
    loop {
        let sent = match ask(piece.clone()) {
            Ok(sent) => sent,
            // Half of it was there when we asked, and is not any more.
            Err(error)
                if rounds < ROUNDS_MAX && error.refusal().is_some_and(|why| why.code == Code::UploadOutOfStep) =>
            {
                rounds += 1;
                (piece.offset, piece.content) = (Some(0), String::new());
                continue;
            }
            Err(error) => return Err(UploadError::Refused(error)),
        };
        if let Some(stored) = sent.attachment {
            return Ok(stored);
        }
        file.seek(SeekFrom::Start(sent.received)).map_err(UploadError::File)?;
        let rest = (&mut *file).take(bytes.saturating_sub(sent.received));
        let count = fill(rest, &mut buffer).map_err(UploadError::File)?;
        if count == 0 {
            return Err(UploadError::Shorter);
        }
        (piece.offset, piece.content) = (i64::try_from(sent.received).ok(), STANDARD.encode(&buffer[..count]));
    }
}

fn fill(mut input: impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match input.read(&mut buffer[count..])? {
            0 => break,
            more => count += more,
        }
    }
    Ok(count)
}

/// The media type that the end of a file's name stands for, or `""`.
pub fn mime_type(name: &str) -> &'static str {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    TYPES.iter().find(|(known, _)| *known == end).map_or("", |(_, mime_type)| mime_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_follows_from_the_name() {
        for (name, wanted) in [
            ("a.PNG", "image/png"),
            ("a.tar.zip", "application/zip"),
            ("png", ""),
            ("a.", ""),
            ("审.md", "text/markdown"),
        ] {
            assert_eq!(mime_type(name), wanted, "{name}");
        }
    }
}
