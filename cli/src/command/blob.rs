//! `cccc blob put` and `get`, and what `--attach` does: files go to the daemon and come from it piece by piece.

use super::place::{Place, Speaker};
use super::{Context, Failure, Output, answer, say};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::contract::event::Attachment;
use bus::contract::op::blob;
use bus::contract::{Code, Op, limit};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

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

/// `cccc blob …`
#[derive(Debug, Subcommand)]
pub enum Blob {
    /// Store a file for a group; `send --attach` does this by itself
    Put {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Fetch a stored file
    Get(Get),
}

/// `cccc blob get`
#[derive(Debug, Args)]
pub struct Get {
    /// Path of the stored file, as an attachment has it: state/blobs/…
    path: String,
    /// Where to write it, which must not exist yet [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Stores or fetches a file.
///
/// # Errors
///
/// The refusal, or the file cannot be read or written.
pub fn run(context: &Context, command: Blob) -> Result<(), Failure> {
    match command {
        Blob::Put { file, place, speaker } => {
            let group_id = context.group(&place)?;
            let stored = upload(context, &group_id, &file, speaker.name())?;
            context
                .present(&json!({"group_id": group_id, "attachment": stored}), |_| format!("stored {}\n", stored.path))
        }
        Blob::Get(get) => fetch(context, get),
    }
}

/// Stores files and returns them as a message names them; null for none.
///
/// # Errors
///
/// As [`run`].
pub fn attach(context: &Context, group_id: &str, files: &[PathBuf], by: Option<&str>) -> Result<Value, Failure> {
    if files.is_empty() {
        return Ok(Value::Null);
    }
    let stored = files.iter().map(|file| upload(context, group_id, file, by).map(|stored| json!(stored)));
    Ok(Value::Array(stored.collect::<Result<_, _>>()?))
}

fn upload(context: &Context, group_id: &str, path: &Path, by: Option<&str>) -> Result<Attachment, Failure> {
    let fail = |error: io::Error| Failure::Failed(format!("cannot read {}: {error}", path.display()));
    let mut file = File::open(path).map_err(fail)?;
    let bytes = file.metadata().map_err(fail)?.len();
    if bytes > limit::BLOB_BYTES_MAX as u64 {
        let (name, max) = (path.display(), limit::BLOB_BYTES_MAX);
        return Err(Failure::Failed(format!("{name} has {bytes} bytes, the limit BLOB_BYTES_MAX is {max}")));
    }
    let mut hash = Sha256::new();
    io::copy(&mut file, &mut hash).map_err(fail)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut piece = blob::Upload {
        group_id: group_id.to_owned(),
        sha256: hash.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")),
        bytes: i64::try_from(bytes).ok(),
        mime_type: mime_type(&name).to_owned(),
        name,
        offset: Some(0),
        content: String::new(),
    };
    let mut buffer = vec![0; limit::BLOB_PIECE_BYTES_MAX];
    let mut rounds = 0;
    loop {
        let sent = match context.ask(Op::BlobUpload(piece.clone()), by) {
            // Half of it was there when we asked, and is not any more.
            Err(Failure::Refused(refusal)) if refusal.code == Code::UploadOutOfStep && rounds < ROUNDS_MAX => {
                rounds += 1;
                (piece.offset, piece.content) = (Some(0), String::new());
                continue;
            }
            sent => answer!(sent?, BlobUpload)?,
        };
        if let Some(stored) = sent.attachment {
            return Ok(stored);
        }
        file.seek(SeekFrom::Start(sent.received)).map_err(fail)?;
        let rest = (&mut file).take(bytes.saturating_sub(sent.received));
        let count = fill(rest, &mut buffer).map_err(fail)?;
        if count == 0 {
            return Err(Failure::Failed(format!("{} became shorter while it was sent", path.display())));
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

fn mime_type(name: &str) -> &'static str {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    TYPES.iter().find(|(known, _)| *known == end).map_or("", |(_, mime_type)| mime_type)
}

fn fetch(context: &Context, get: Get) -> Result<(), Failure> {
    let group_id = context.group(&get.place)?;
    let mut out: Box<dyn Write> = match &get.output {
        None if context.output() == Output::Json => {
            return Err(Failure::Usage("with --json, say where to write the file: --output FILE".into()));
        }
        None => Box::new(io::stdout().lock()),
        Some(path) => Box::new(File::create_new(path).map_err(|error| unwritable(path, &error))?),
    };
    let target = get.output.clone().unwrap_or_else(|| "standard output".into());
    let mut offset = 0;
    loop {
        let ask = blob::Read {
            group_id: group_id.clone(),
            path: get.path.clone(),
            offset: i64::try_from(offset).ok(),
            limit: None,
        };
        let piece = answer!(context.ask(Op::BlobRead(ask), None)?, BlobRead)?;
        let bytes = STANDARD.decode(&piece.content).map_err(|_| {
            Failure::Failed("the daemon's answer is not base64; `cccc doctor` compares versions".into())
        })?;
        out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| unwritable(&target, &error))?;
        offset += bytes.len() as u64;
        if bytes.is_empty() || offset >= piece.bytes {
            break;
        }
    }
    match get.output {
        None => Ok(()),
        Some(path) if context.output() == Output::Text => say(&format!("wrote {offset} bytes to {}\n", path.display())),
        Some(path) => context.present(&json!({"path": path, "bytes": offset}), |_| String::new()),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("cannot write {}: {error}", path.display()))
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
