//! Folders of this machine, for whoever chooses one: what is in a folder, where people keep their work, and what a folder is.

use crate::answer::{self, Answer, Refusal};
use axum::extract::Query;
use bus::scope;
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Most entries that are shown of a folder.
const ENTRIES_MAX: usize = 100;

/// Where people keep their work, below their home.
const USUAL: [&str; 11] =
    ["dev", "projects", "code", "src", "workspace", "repos", "github", "work", "Desktop", "Documents", "Downloads"];

/// Most suggestions.
const SUGGESTIONS_MAX: usize = 10;

/// What is in a folder: folders first, by name.
pub async fn list(Query(query): Query<HashMap<String, String>>) -> Answer {
    let path = absolute(query.get("path").map_or("~", String::as_str));
    let shows_hidden = query.get("show_hidden").is_some_and(|word| word == "true" || word == "1");
    answered(tokio::task::spawn_blocking(move || listed(&path, shows_hidden)).await)
}

/// The home of the user, and folders below it that are there.
pub async fn recent() -> Answer {
    let looked = tokio::task::spawn_blocking(|| {
        let home = home();
        let shown = |path: &PathBuf| json!({"name": name_of(path), "path": path, "icon": "folder"});
        let below = USUAL.iter().map(|name| home.join(name)).filter(|path| path.is_dir());
        let all: Vec<Value> =
            [home.clone()].into_iter().chain(below).take(SUGGESTIONS_MAX).map(|path| shown(&path)).collect();
        Ok(json!({"suggestions": all}))
    });
    answered(looked.await)
}

/// What a folder is to a group that attaches it: the top of its repository, if it is in one.
pub async fn scope_root(Query(query): Query<HashMap<String, String>>) -> Answer {
    let path = absolute(query.get("path").map_or("", String::as_str));
    let looked = tokio::task::spawn_blocking(move || {
        let refused = |why: String| Refusal::new(StatusCode::BAD_REQUEST, "invalid_path", why);
        let scope = scope::identify(&path).map_err(|error| refused(error.to_string()))?;
        let told = json!({"path": path, "scope_root": scope.url, "scope_key": scope.scope_key, "git_remote": scope.git_remote});
        Ok(told)
    });
    answered(looked.await)
}

fn answered(looked: Result<Result<Value, Refusal>, tokio::task::JoinError>) -> Answer {
    match looked {
        Ok(Ok(told)) => answer::value(&told),
        Ok(Err(refusal)) => refusal.answer(),
        Err(_) => {
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "ERROR", "the folder could not be looked at").answer()
        }
    }
}

fn home() -> PathBuf {
    std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from)
}

/// A path as people write it: `~` is the home, and whatever is not absolute is below it.
fn absolute(path: &str) -> PathBuf {
    let path = path.trim();
    match path.strip_prefix("~") {
        Some(rest) => home().join(rest.trim_start_matches('/')),
        None => home().join(path),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn listed(path: &Path, shows_hidden: bool) -> Result<Value, Refusal> {
    let refused =
        |status, code, why: &str| Refusal::new(status, code, format!("cannot look into {}: {why}", path.display()));
    let about = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => refused(StatusCode::NOT_FOUND, "NOT_FOUND", "it does not exist"),
        io::ErrorKind::NotADirectory => refused(StatusCode::BAD_REQUEST, "NOT_DIR", "it is no folder"),
        io::ErrorKind::PermissionDenied => refused(StatusCode::FORBIDDEN, "PERMISSION_DENIED", "you may not"),
        _ => refused(StatusCode::BAD_REQUEST, "ERROR", &error.to_string()),
    };
    let entries = fs::read_dir(path).map_err(about)?.flatten();
    let shown = entries.map(|entry| entry.path()).filter(|path| shows_hidden || !name_of(path).starts_with('.'));
    let mut all: Vec<(bool, String, PathBuf)> = shown.map(|path| (path.is_dir(), name_of(&path), path)).collect();
    all.sort_by(|(one_is_folder, one, _), (other_is_folder, other, _)| {
        other_is_folder.cmp(one_is_folder).then_with(|| one.to_lowercase().cmp(&other.to_lowercase()))
    });
    let more = all.len().saturating_sub(ENTRIES_MAX);
    all.truncate(ENTRIES_MAX);
    let items: Vec<_> =
        all.iter().map(|(is_dir, name, path)| json!({"name": name, "path": path, "is_dir": is_dir})).collect();
    Ok(json!({"path": path, "parent": path.parent(), "items": items, "more": more}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_first_and_what_is_hidden_only_when_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "A", ".git"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("a.txt"), "").unwrap();
        let names = |shows_hidden| {
            let told = listed(folder.path(), shows_hidden).unwrap();
            told["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(false), ["A", "b", "a.txt"]);
        assert_eq!(names(true), [".git", "A", "b", "a.txt"]);
        let code = |name: &str| listed(&folder.path().join(name), false).unwrap_err().code;
        assert_eq!((code("gone"), code("a.txt")), ("NOT_FOUND", "NOT_DIR"));
        (0..200).for_each(|number| fs::write(folder.path().join(format!("f{number}")), "").unwrap());
        let told = listed(folder.path(), false).unwrap();
        assert_eq!((told["items"].as_array().unwrap().len(), &told["more"]), (ENTRIES_MAX, &json!(103)));
        assert_eq!(absolute("/a"), PathBuf::from("/a"));
        assert_eq!(absolute(" ~/x "), home().join("x"));
    }
}
