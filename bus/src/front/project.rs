//! The project charter: `PROJECT.md` in the group's directory, which is the user's file and not ours.

use crate::contract::Group;
use crate::contract::prompt::beginning;
use crate::{identity, plain};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Names under which a charter is looked for, in this order.
pub const NAMES: [&str; 2] = ["PROJECT.md", "project.md"];

/// The charter of a group: `found`, `path`, `content`, and `error` when it is not there or cannot be read. Of one that is
/// longer than so many bytes, the beginning, and `truncated`.
pub async fn info(group: &Group, bytes_max: usize) -> Value {
    let Some(folder) = folder(group) else {
        return nothing("", "the group has no directory, so there is no charter; ask the user to attach one");
    };
    let looked = tokio::task::spawn_blocking(move || look(&folder, bytes_max)).await;
    looked.unwrap_or_else(|_| nothing("", "the charter could not be looked at"))
}

/// Where the charter of a group is, or would be: its active directory, or the first it has.
pub fn folder(group: &Group) -> Option<PathBuf> {
    let active = group.scopes.iter().find(|scope| scope.scope_key == group.active_scope_key);
    active.or(group.scopes.first()).map(|scope| PathBuf::from(&scope.url))
}

fn look(folder: &Path, bytes_max: usize) -> Value {
    for path in NAMES.map(|name| folder.join(name)) {
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return nothing(&path.to_string_lossy(), &format!("it cannot be looked at: {error}")),
            Ok(about) => return read(folder, &path, about.is_symlink(), bytes_max),
        }
    }
    let expected = folder.join(NAMES[0]);
    nothing(&expected.to_string_lossy(), "there is no charter; ask the user what counts, or to write one")
}

/// What is at a path. A link is followed as long as it stays below the folder.
fn read(folder: &Path, path: &Path, is_link: bool, bytes_max: usize) -> Value {
    let shown = path.to_string_lossy();
    let what = if is_link { "it is a link that leads to" } else { "it is" };
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound if is_link => {
            nothing(&shown, "it is a link that leads nowhere; ask the user to mend it")
        }
        io::ErrorKind::PermissionDenied => nothing(&shown, &format!("{what} what may not be read; ask the user")),
        io::ErrorKind::InvalidData => nothing(&shown, &format!("{what} no plain file; ask the user for one")),
        _ => nothing(&shown, &format!("it cannot be read: {error}")),
    };
    let (root, real) = match folder.canonicalize().and_then(|root| Ok((root, path.canonicalize()?))) {
        Ok(places) => places,
        Err(error) => return unreadable(error),
    };
    // A link may be put in the place of a folder at any time: where what was opened lies is what counts.
    let opened = plain::open_to_read(&real).and_then(|file| Ok((identity::place_of(&file)?, file)));
    let (bytes, is_long) = match opened
        .and_then(|(place, file)| Ok((place.starts_with(&root), first(file, bytes_max)?)))
    {
        Ok((true, found)) => found,
        Ok((false, _)) => {
            let why = format!(
                "it is a link that leads out of {}, and nothing is read there; ask the user to put the text itself here",
                folder.display()
            );
            return nothing(&shown, &why);
        }
        Err(error) => return unreadable(error),
    };
    let text = String::from_utf8_lossy(&bytes);
    let content = beginning(&text, bytes_max);
    let mut info = json!({"found": true, "path": shown, "content": content});
    if is_long || content.len() < text.len() {
        info["truncated"] = json!(true);
    }
    info
}

/// The beginning of a file, and whether there is more.
fn first(file: File, bytes_max: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    file.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    let is_long = bytes.len() > bytes_max;
    Ok((bytes, is_long))
}

fn nothing(path: &str, why: &str) -> Value {
    json!({"found": false, "path": path, "content": "", "error": why})
}
