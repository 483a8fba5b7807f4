//! `cccc blob put` and `get`, and what `--attach` does: files go to the daemon and come from it piece by piece.

use super::group_arg::{Address, GroupArg};
use crate::client::{Client, say};
use crate::failure::Failure;
use crate::print::Output;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::contract::OpError;
use bus::contract::event::Attachment;
use bus::contract::op::blob;
use bus::front::upload::{self, UploadAnswer, UploadError};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::{File, remove_file};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// `cccc blob …`
#[derive(Debug, Subcommand)]
pub enum BlobCommand {
    /// Store a file for a group; `send --attach` does this by itself
    Put {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        at: Address,
    },
    /// Fetch a stored file
    Get(BlobGetArgs),
}

/// `cccc blob get`
#[derive(Debug, Args)]
pub struct BlobGetArgs {
    /// Path of the stored file, as an attachment has it: state/blobs/…
    path: String,
    /// Where to write it, which must not exist yet [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: GroupArg,
}

/// Stores or fetches a file.
///
/// # Errors
///
/// The refusal, or the file cannot be read or written.
pub fn run(client: &Client, command: BlobCommand) -> Result<(), Failure> {
    match command {
        BlobCommand::Put { file, at } => {
            let group_id = client.group(&at.place)?;
            let stored = upload(client, &group_id, &file, at.speaker.name())?;
            client
                .present(&json!({"group_id": group_id, "attachment": stored}), |_| format!("stored {}\n", stored.path))
        }
        BlobCommand::Get(get) => fetch(client, get),
    }
}

/// Stores files and returns them as a message names them; null for none.
///
/// # Errors
///
/// As [`run`].
pub fn attach(client: &Client, group_id: &str, files: &[PathBuf], by: Option<&str>) -> Result<Value, Failure> {
    if files.is_empty() {
        return Ok(Value::Null);
    }
    let stored = files.iter().map(|file| upload(client, group_id, file, by).map(|stored| json!(stored)));
    Ok(Value::Array(stored.collect::<Result<_, _>>()?))
}

fn upload(client: &Client, group_id: &str, path: &Path, by: Option<&str>) -> Result<Attachment, Failure> {
    let fail = |error: io::Error| Failure::Failed(format!("cannot read {}: {error}", path.display()));
    let mut file = File::open(path).map_err(fail)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stored = upload::store(&mut file, group_id, &name, |piece| client.ask(piece, by));
    stored.map_err(|error| match error {
        UploadError::Refused(failure) => failure,
        UploadError::File(source) => fail(source),
        UploadError::Size(refusal) => Failure::Failed(format!("{}: {}", path.display(), refusal.message)),
        UploadError::Shorter => Failure::Failed(format!("{}: {error}", path.display())),
    })
}

impl UploadAnswer for Failure {
    fn refusal(&self) -> Option<&OpError> {
        if let Failure::Refused(refusal) = self { Some(refusal) } else { None }
    }
}

fn fetch(client: &Client, get: BlobGetArgs) -> Result<(), Failure> {
    let group_id = client.group(&get.place)?;
    if get.output.is_none() && client.output() == Output::Json {
        return Err(Failure::Usage("with --json, say where to write the file: --output FILE".into()));
    }
    // Asked before anything is made: what is refused leaves no file behind.
    let first = piece(client, &group_id, &get.path, 0)?;
    let Some(path) = get.output else {
        return pour(client, &group_id, &get.path, first, &mut io::stdout().lock(), Path::new("standard output"))
            .map(drop);
    };
    let mut file = File::create_new(&path).map_err(|error| unwritable(&path, &error))?;
    // Half a file is no file.
    let bytes =
        pour(client, &group_id, &get.path, first, &mut file, &path).inspect_err(|_| drop(remove_file(&path)))?;
    match client.output() {
        Output::Text => say(&format!("wrote {bytes} bytes to {}\n", path.display())),
        Output::Json => client.present(&json!({"path": path, "bytes": bytes}), |_| String::new()),
    }
}

/// A stored file, whole.
///
/// # Errors
///
/// As [`run`].
pub fn whole(client: &Client, group_id: &str, path: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    pour(client, group_id, path, piece(client, group_id, path, 0)?, &mut bytes, Path::new("memory"))?;
    Ok(bytes)
}

fn piece(client: &Client, group_id: &str, path: &str, offset: u64) -> Result<blob::Piece, Failure> {
    let (group_id, path) = (group_id.to_owned(), path.to_owned());
    let ask = blob::Read { group_id, path, offset: i64::try_from(offset).ok(), limit: None };
    client.ask(ask, None)
}

/// Writes a stored file from its first piece on, and says how long it is.
fn pour(
    client: &Client,
    group_id: &str,
    path: &str,
    mut next: blob::Piece,
    out: &mut impl Write,
    target: &Path,
) -> Result<u64, Failure> {
    let mut offset = 0;
    loop {
        let bytes = STANDARD.decode(&next.content).map_err(|_| {
            Failure::Failed("the daemon's answer is not base64; `cccc doctor` compares versions".into())
        })?;
        out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| unwritable(target, &error))?;
        offset += bytes.len() as u64;
        if bytes.is_empty() || offset >= next.bytes {
            return Ok(offset);
        }
        next = piece(client, group_id, path, offset)?;
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("cannot write {}: {error}", path.display()))
}
