//! The project charter: `PROJECT.md` in the group's directory, which is the user's file and not ours.

use bus::contract::Group;
use bus::contract::prompt::beginning;
use bus::plain;
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};

/// Names under which a charter is looked for, in this order.
const NAMES: [&str; 2] = ["PROJECT.md", "project.md"];

/// So much of it is shown.
const SHOWN_BYTES_MAX: usize = 64 * 1024;

/// A longer file is no charter.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The charter of a group: `found`, `path`, `content`, and `error` when it is not there or cannot be read.
pub async fn info(group: Group) -> Value {
    let active = group.scopes.iter().find(|scope| scope.scope_key == group.active_scope_key);
    let Some(scope) = active.or(group.scopes.first()) else {
        return nothing("", "the group has no directory, so there is no charter; ask the user to attach one");
    };
    let folder = PathBuf::from(&scope.url);
    let looked = tokio::task::spawn_blocking(move || look(&folder)).await;
    looked.unwrap_or_else(|_| nothing("", "the charter could not be looked at"))
}

fn look(folder: &Path) -> Value {
    for path in NAMES.map(|name| folder.join(name)) {
        let shown = path.to_string_lossy().into_owned();
        match plain::read(&path, BYTES_MAX) {
            Ok(bytes) => {
                let whole = String::from_utf8_lossy(&bytes);
                let content = beginning(&whole, SHOWN_BYTES_MAX);
                let mut info = json!({"found": true, "path": shown, "content": content});
                if content.len() < whole.len() {
                    info["truncated"] = json!(true);
                }
                return info;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return nothing(&shown, &format!("it cannot be read: {error}")),
        }
    }
    let expected = folder.join(NAMES[0]);
    nothing(&expected.to_string_lossy(), "there is no charter; ask the user what counts, or to write one")
}

fn nothing(path: &str, why: &str) -> Value {
    json!({"found": false, "path": path, "content": "", "error": why})
}
