//! Files of the user's that are sent with a message.
//!
//! Only fronts may look at them: they run for the user, beside the clients that name them. What lies below no attached
//! directory is not sent, also when a link leads there; everything is opened before anything is stored, and stored
//! before anything is said. A message that is refused in the end leaves stored files behind that nothing names.
//!
//! A file that the group has stored already can be sent on by the path that its attachment has. Whether the speaker may
//! read it is ledgerd's answer, and nothing is stored again.

use super::upload::{self, UploadError};
use crate::contract::op::{blob, group, message};
use crate::contract::{Code, Op, OpError, Principal, Scope, limit};
use crate::identity;
use crate::link::Json;
use crate::peer::{Peers, Question};
use nix::fcntl::OFlag;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Requests whose files are read at the same time; others wait.
static PLACES: Semaphore = Semaphore::const_new(4);

/// The directories of a group.
struct Roots {
    active: Option<PathBuf>,
    all: Vec<PathBuf>,
}

/// What the paths of the files begin with that a group has stored.
const STORED: &str = "state/blobs/";

/// A file that somebody wants to send.
#[derive(Debug)]
enum Named {
    /// The group has stored it: what it is called, and how a message names it.
    Stored(String, Value),
    /// It is at this path.
    At(String),
}

impl Named {
    /// Looks whether a path is that of a stored file which the speaker may read.
    async fn look(peers: &Peers, speaker: &Principal, group_id: &str, path: String) -> Result<Self, OpError> {
        let Some(stored) = path.strip_prefix(STORED) else { return Ok(Self::At(path)) };
        let piece = blob::Read { group_id: group_id.to_owned(), path: path.clone(), offset: None, limit: Some(1) };
        match peers.ask_as(speaker.clone(), piece).await {
            Ok(_) => {
                // What it contains stands before its name.
                let name = stored.split_once('_').map_or(stored, |(_, name)| name);
                Ok(Self::Stored(name.to_owned(), json!({"path": path, "mime_type": upload::mime_type(name)})))
            }
            // A directory may have a folder of this name.
            Err(refusal) if matches!(refusal.code, Code::BlobNotFound | Code::InvalidBlob) => Ok(Self::At(path)),
            Err(refusal) => Err(refusal),
        }
    }
}

/// A file that may be sent.
#[derive(Debug)]
struct Sendable {
    name: String,
    file: File,
    bytes: u64,
}

/// Stores files of a group's directories, and sends a message with them and with those that it has stored before; one
/// without a text names them.
///
/// # Errors
///
/// `invalid_request` without paths or beyond a limit, `scope_not_attached`, `invalid_path`, and as `blob_upload` and
/// `send`.
pub async fn send(
    peers: &Arc<Peers>,
    paths: Vec<String>,
    message: message::Send,
    principal: Principal,
    request_id: Option<String>,
) -> Result<Json, OpError> {
    if paths.is_empty() {
        return Err(OpError::new(Code::InvalidRequest, "missing paths; name one or more files"));
    }
    if paths.len() > limit::ATTACHMENTS_MAX {
        return Err(OpError::too_large("paths", paths.len(), limit::ATTACHMENTS_MAX, "ATTACHMENTS_MAX"));
    }
    let show = group::Show { group_id: message.group_id.clone(), ..Default::default() };
    let shown = peers.ask_all_as(principal.clone(), show).await?.group;
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        files.push(Named::look(peers, &principal, &message.group_id, path).await?);
    }
    let _place = PLACES.acquire().await.expect("it is never closed");
    let (storing, speaker, group_id) = (Arc::clone(peers), principal.clone(), message.group_id.clone());
    let stored = tokio::task::spawn_blocking(move || {
        let roots = Roots::of(&shown.scopes, &shown.active_scope_key);
        let opened = open_all(&files, &roots)?;
        store_all(&storing, &speaker, &group_id, files, opened)
    });
    let gone = |_| OpError::new(Code::InternalError, "the files could not be looked at");
    let (names, attachments): (Vec<String>, Vec<Value>) = stored.await.map_err(gone)??.into_iter().unzip();
    let text = if message.text.trim().is_empty() { format!("Files: {}", names.join(", ")) } else { message.text };
    let send = message::Send { text, attachments: attachments.into(), ..message };
    peers.ask_for_json(Question::new(principal, Op::Send(send)).with_id(request_id)).await
}

impl Roots {
    /// Where the directories of a group really are. One that is gone holds nothing.
    fn of(scopes: &[Scope], active_scope_key: &str) -> Self {
        let real = |scope: &Scope| fs::canonicalize(&scope.url).ok();
        let active = scopes.iter().find(|scope| scope.scope_key == active_scope_key).and_then(real);
        Self { active, all: scopes.iter().filter_map(real).collect() }
    }

    /// Opens a file below one of them.
    fn open(&self, path: &str) -> Result<Sendable, OpError> {
        let refused = |code, why: String| OpError::new(code, format!("cannot send {path}: {why}")).with("path", path);
        let place = match (Path::new(path), &self.active) {
            (absolute, _) if absolute.is_absolute() => absolute.to_path_buf(),
            (relative, Some(active)) => active.join(relative),
            (_, None) => {
                let why = "the group has no directory that it could be below; make it absolute";
                return Err(refused(Code::ScopeNotAttached, why.into()));
            }
        };
        let unreadable = |error: io::Error| refused(Code::InvalidPath, error.to_string());
        let real = fs::canonicalize(place).map_err(unreadable)?;
        if !self.all.iter().any(|root| real.starts_with(root)) {
            let copied = self.active.as_ref().map(|active| format!("copy it below {}, or ", active.display()));
            let copied = copied.unwrap_or_default();
            let why = format!(
                "it is below no directory that is attached to the group; {copied}ask the user to attach its own"
            );
            return Err(refused(Code::ScopeNotAttached, why));
        }
        let file = self.open_in_its_place(&real).map_err(unreadable)?;
        let found = file.metadata().map_err(unreadable)?;
        if !found.is_file() {
            return Err(refused(Code::InvalidPath, "it is no file".into()));
        }
        let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Sendable { name, file, bytes: found.len() })
    }

    /// Opens a path that leads below one of them, and looks where what was opened lies: a link may have been put in the
    /// place of a directory meanwhile.
    fn open_in_its_place(&self, real: &Path) -> io::Result<File> {
        // Nothing that keeps whoever opens it waiting.
        let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
        let file = File::options().read(true).custom_flags(flags).open(real)?;
        let place = identity::place_of(&file)?;
        if self.all.iter().any(|root| place.starts_with(root)) {
            return Ok(file);
        }
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "it was moved while it was opened"))
    }
}

/// Opens all files that are not stored yet, or none.
fn open_all(files: &[Named], roots: &Roots) -> Result<Vec<Sendable>, OpError> {
    let open = |named: &Named| match named {
        Named::Stored(..) => None,
        Named::At(path) => Some(roots.open(path)),
    };
    let files: Vec<Sendable> = files.iter().filter_map(open).collect::<Result<_, _>>()?;
    let bytes = files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
    if bytes > limit::SENT_FILES_BYTES_MAX {
        let (has, max) = (bytes as usize, limit::SENT_FILES_BYTES_MAX as usize);
        return Err(OpError::too_large("the files together", has, max, "SENT_FILES_BYTES_MAX"));
    }
    match files.iter().find(|file| file.bytes > limit::BLOB_BYTES_MAX as u64) {
        Some(file) => Err(OpError::too_large(&file.name, file.bytes as usize, limit::BLOB_BYTES_MAX, "BLOB_BYTES_MAX")),
        None => Ok(files),
    }
}

/// Stores the files that were opened, and returns all of them, in the order asked for: what each is called, and how a message
/// names it.
fn store_all(
    peers: &Peers,
    speaker: &Principal,
    group_id: &str,
    files: Vec<Named>,
    opened: Vec<Sendable>,
) -> Result<Vec<(String, Value)>, OpError> {
    let store = |Sendable { name, mut file, .. }: Sendable| {
        let ask = |piece| peers.ask_blocking_as(speaker.clone(), piece);
        let stored = upload::store(&mut file, group_id, &name, ask);
        stored.map(|stored| (name.clone(), json!(stored))).map_err(|error| match error {
            UploadError::Refused(refusal) | UploadError::Size(refusal) => refusal,
            UploadError::File(why) => OpError::new(Code::InvalidPath, format!("cannot send {name}: {why}")),
            UploadError::Shorter => OpError::new(Code::InvalidPath, format!("cannot send {name}: {error}")),
        })
    };
    let mut opened = opened.into_iter().map(store);
    let all = files.into_iter().filter_map(|named| match named {
        Named::Stored(name, attachment) => Some(Ok((name, attachment))),
        Named::At(_) => opened.next(),
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_files_below_attached_directories_are_sent() {
        let folder = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(folder.path()).unwrap();
        for name in ["active/sub", "other", "outside"] {
            fs::create_dir_all(base.join(name)).unwrap();
            fs::write(base.join(name).join("a.txt"), "hello").unwrap();
        }
        symlink(base.join("outside/a.txt"), base.join("active/out.txt")).unwrap();
        symlink(base.join("outside"), base.join("active/away")).unwrap();
        symlink(base.join("active/sub/a.txt"), base.join("active/in.txt")).unwrap();
        nix::unistd::mkfifo(&base.join("active/pipe"), Mode::S_IRWXU).unwrap();
        let roots = Roots { active: Some(base.join("active")), all: vec![base.join("active"), base.join("other")] };
        let at = |name: &str| base.join(name).to_str().unwrap().to_owned();
        #[rustfmt::skip]
        let cases = [
            ("sub/a.txt".to_owned(),          Ok("a.txt")),
            ("./sub/../sub/a.txt".to_owned(), Ok("a.txt")),
            ("in.txt".to_owned(),             Ok("a.txt")),
            (at("other/a.txt"),               Ok("a.txt")),
            (at("outside/a.txt"),             Err(Code::ScopeNotAttached)),
            ("../outside/a.txt".to_owned(),   Err(Code::ScopeNotAttached)),
            ("out.txt".to_owned(),            Err(Code::ScopeNotAttached)),
            ("away/a.txt".to_owned(),         Err(Code::ScopeNotAttached)),
            ("sub".to_owned(),                Err(Code::InvalidPath)),
            ("pipe".to_owned(),               Err(Code::InvalidPath)),
            ("gone".to_owned(),               Err(Code::InvalidPath)),
        ];
        for (path, wanted) in cases {
            let found = roots.open(&path).map(|file| file.name).map_err(|error| error.code);
            assert_eq!(found.as_deref().map_err(|code| *code), wanted, "{path}");
        }
        // What a path leads to once a link is in the place of one of its directories.
        let opened = |name: &str| roots.open_in_its_place(&base.join(name)).map(drop).map_err(|error| error.kind());
        assert_eq!(opened("active/sub/a.txt"), Ok(()));
        assert_eq!(opened("active/away/a.txt"), Err(io::ErrorKind::PermissionDenied));
        let nowhere = Roots { active: None, all: vec![] };
        assert_eq!(nowhere.open("a.txt").unwrap_err().code, Code::ScopeNotAttached);
    }

    #[test]
    fn files_are_sent_all_or_none_and_within_limits() {
        let folder = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(folder.path()).unwrap();
        let large = |name: &str, bytes: u64| File::create(base.join(name)).unwrap().set_len(bytes).unwrap();
        large("small", 5);
        large("too large", limit::BLOB_BYTES_MAX as u64 + 1);
        (0..6).for_each(|number| large(&format!("large{number}"), limit::BLOB_BYTES_MAX as u64));
        let roots = Roots { active: Some(base.clone()), all: vec![base] };
        let open = |names: &[&str]| {
            let files: Vec<Named> = names.iter().map(|name| Named::At((*name).to_owned())).collect();
            open_all(&files, &roots).map(|files| files.len())
        };
        assert_eq!(open(&["small", "large0"]).unwrap(), 2);
        assert_eq!(open(&["small", "gone"]).unwrap_err().code, Code::InvalidPath);
        assert_eq!(open(&["small", "too large"]).unwrap_err().details["limit"], "BLOB_BYTES_MAX");
        let many = ["large0", "large1", "large2", "large3", "large4", "large5"];
        assert_eq!(open(&many).unwrap_err().details["limit"], "SENT_FILES_BYTES_MAX");
    }
}
