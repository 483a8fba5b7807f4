//! The charter of a group, `PROJECT.md` in its directory, which is the user's file and not ours.

use super::user;
use crate::access::Asked;
use crate::answer::{self, Answer, Refusal};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use bus::contract::op::group;
use bus::contract::{Ask as _, Group, OpError};
use bus::front::project;
use http::StatusCode;
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// Most bytes of a charter that is edited.
const CHARTER_BYTES_MAX: usize = 1024 * 1024;

/// How a charter is made that was not there: as files of a project usually are.
const MODE_NEW: u32 = 0o644;

/// What it says.
pub async fn get(visit: Visit, Path(group_id): Path<String>) -> Answer {
    if let Err(denied) = visit.access().check(Asked::Op(group::Show::ROW, &group_id)) {
        return denied.refusal().answer();
    }
    match shown(&visit, group_id).await {
        Ok(group) => answer::value(&project::info(&group, CHARTER_BYTES_MAX).await),
        Err(refusal) => answer::refusal(&refusal),
    }
}

/// Writes it, whole or not at all.
pub async fn put(visit: Visit, Path(group_id): Path<String>, request: Request) -> Answer {
    // Whoever may change a group may change what it is about.
    if let Err(denied) = visit.access().check(Asked::Op(group::Update::ROW, &group_id)) {
        return denied.refusal().answer();
    }
    let body = match super::body(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal.answer(),
    };
    let content = match body.get("content").and_then(Value::as_str) {
        Some(content) if content.len() <= CHARTER_BYTES_MAX => content.to_owned(),
        Some(content) => {
            let sentence =
                format!("the text has {} bytes; more than {CHARTER_BYTES_MAX} is too much here", content.len());
            return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", sentence).answer();
        }
        None => return bad("invalid_request", "content is missing: the text as a string"),
    };
    let group = match shown(&visit, group_id).await {
        Ok(group) => group,
        Err(refusal) => return answer::refusal(&refusal),
    };
    let Some(folder) = project::folder(&group) else {
        return bad("NO_SCOPE", "the group has no directory; attach one first");
    };
    match tokio::task::spawn_blocking(move || write(&folder, &content)).await {
        Ok(Ok(path)) => answer::value(&json!({"found": true, "path": path, "content": body["content"]})),
        Ok(Err(refusal)) => refusal.answer(),
        Err(_) => bad("WRITE_FAILED", "the file could not be written"),
    }
}

async fn shown(visit: &Visit, group_id: String) -> Result<Group, OpError> {
    visit.peers.ask_as(user(), group::Show { group_id, ..group::Show::default() }).await.map(|shown| shown.group)
}

fn bad(code: &'static str, sentence: &str) -> Answer {
    Refusal::new(StatusCode::BAD_REQUEST, code, sentence).answer()
}

/// A link is written through only as long as it stays in the directory.
fn write(folder: &std::path::Path, content: &str) -> Result<PathBuf, Refusal> {
    let failed = |code, why: String| Refusal::new(StatusCode::BAD_REQUEST, code, why);
    let root = folder
        .canonicalize()
        .map_err(|error| failed("INVALID_SCOPE", format!("{} cannot be used: {error}", folder.display())))?;
    let there = project::NAMES.map(|name| root.join(name)).into_iter().find(|path| path.symlink_metadata().is_ok());
    let path = there.unwrap_or_else(|| root.join(project::NAMES[0]));
    let unwritten =
        |error: std::io::Error| failed("WRITE_FAILED", format!("{} cannot be written: {error}", path.display()));
    let (place, mode) = match path.canonicalize() {
        Ok(place) if !place.starts_with(&root) || !place.is_file() => {
            let why = format!("{} leads out of the directory, or is no file; nothing was written", path.display());
            return Err(failed("WRITE_FAILED", why));
        }
        Ok(place) => {
            let mode = fs::metadata(&place).map_err(unwritten)?.permissions().mode() & 0o777;
            (place, mode)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            (path.clone(), MODE_NEW)
        }
        Err(error) => return Err(unwritten(error)),
    };
    let beside = place.parent().unwrap_or(&root);
    let mut file = tempfile::NamedTempFile::new_in(beside).map_err(unwritten)?;
    file.write_all(content.as_bytes()).map_err(unwritten)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(mode)).map_err(unwritten)?;
    file.as_file().sync_all().map_err(unwritten)?;
    file.persist(&place).map_err(|error| unwritten(error.error))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charter_is_written_where_it_is_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let text = |name: &str| fs::read_to_string(at(name)).unwrap();
        write(folder.path(), "one").unwrap();
        assert_eq!(
            (text("PROJECT.md").as_str(), at("PROJECT.md").metadata().unwrap().permissions().mode() & 0o777),
            ("one", MODE_NEW)
        );
        fs::rename(at("PROJECT.md"), at("project.md")).unwrap();
        fs::set_permissions(at("project.md"), fs::Permissions::from_mode(0o600)).unwrap();
        write(folder.path(), "two").unwrap();
        assert_eq!(
            (text("project.md").as_str(), at("project.md").metadata().unwrap().permissions().mode() & 0o777),
            ("two", 0o600)
        );
        assert!(!at("PROJECT.md").exists());

        let outside = tempfile::NamedTempFile::new().unwrap();
        std::os::unix::fs::symlink(outside.path(), at("PROJECT.md")).unwrap();
        assert_eq!(write(folder.path(), "three").unwrap_err().code, "WRITE_FAILED");
        assert_eq!(fs::read(outside.path()).unwrap(), b"");
        fs::remove_file(at("PROJECT.md")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("PROJECT.md")).unwrap();
        assert!(write(folder.path(), "four").is_err());
    }
}
