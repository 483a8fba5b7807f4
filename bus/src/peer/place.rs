//! The directory an op is about: found in its arguments, made absolute, and identified for ledgerd, which may not
//! look at files.

use crate::contract::{Code, Op, OpError, Scope};
use crate::scope::{self, ScopeError};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The path an op names, if it names one.
pub fn path_of(op: &Op) -> Option<&str> {
    let path = match op {
        Op::Attach(request) => &request.path,
        Op::GroupUse(request) => &request.path,
        Op::Send(request) => &request.path,
        Op::TrackedSend(request) => &request.path,
        Op::ActorAdd(request) => &request.path,
        Op::GroupCreateFromTemplate(request) => &request.path,
        Op::ActorUpdate(request) => {
            return request.patch.as_ref()?.get("path")?.as_str().map(str::trim).filter(is_given);
        }
        _ => return None,
    };
    Some(path.as_str()).filter(is_given)
}

fn is_given(path: &&str) -> bool {
    !path.is_empty()
}

/// Writes into an op what the directory it names is. Blocking: it looks at files and may start `git`.
///
/// A relative path is taken relative to `base`, the client's working directory. `~` is the user's home. An op
/// that names no directory, or whose directory is already identified, is left as it is.
///
/// # Errors
///
/// `invalid_path`, with what to do.
pub fn fill(op: &mut Op, base: Option<&Path>) -> Result<(), OpError> {
    let Some(path) = path_of(op).map(str::to_owned) else { return Ok(()) };
    if slot(op).is_none_or(|slot| slot.is_some()) {
        return Ok(());
    }
    let given = absolute(&path, base);
    // Everywhere else it may come later; a group that is made of it works there at once.
    if matches!(op, Op::GroupCreateFromTemplate(_)) && !given.is_dir() {
        let sentence = format!("there is no directory {}; make it first", given.display());
        return Err(OpError::new(Code::InvalidPath, sentence).with("path", path));
    }
    let scope = scope::identify(&given)
        .map_err(|error: ScopeError| OpError::new(Code::InvalidPath, error.to_string()).with("path", path))?;
    match op {
        Op::Attach(request) => request.path.clone_from(&scope.url),
        Op::GroupUse(request) => request.path.clone_from(&scope.url),
        Op::Send(request) => request.path.clone_from(&scope.url),
        Op::TrackedSend(request) => request.path.clone_from(&scope.url),
        Op::ActorAdd(request) => request.path.clone_from(&scope.url),
        Op::GroupCreateFromTemplate(request) => request.path.clone_from(&scope.url),
        Op::ActorUpdate(request) => {
            if let Some(patch) = &mut request.patch {
                patch.insert("path".into(), Value::String(scope.url.clone()));
            }
        }
        _ => {}
    }
    if let Some(slot) = slot(op) {
        *slot = Some(scope);
    }
    Ok(())
}

fn slot(op: &mut Op) -> Option<&mut Option<Scope>> {
    match op {
        Op::Attach(request) => Some(&mut request.scope),
        Op::GroupUse(request) => Some(&mut request.scope),
        Op::Send(request) => Some(&mut request.scope),
        Op::TrackedSend(request) => Some(&mut request.scope),
        Op::ActorAdd(request) => Some(&mut request.scope),
        Op::ActorUpdate(request) => Some(&mut request.scope),
        Op::GroupCreateFromTemplate(request) => Some(&mut request.scope),
        _ => None,
    }
}

fn absolute(path: &str, base: Option<&Path>) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (Path::new(path).strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => base.map_or_else(|| PathBuf::from(path), |base| base.join(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn op(name: &str, args: Value) -> Op {
        let args: Map<String, Value> = args.as_object().unwrap().clone();
        Op::from_wire(name, args).unwrap().0
    }

    #[test]
    fn the_directory_of_every_op_is_identified() {
        let folder = tempfile::tempdir().unwrap();
        let base = std::fs::canonicalize(folder.path()).unwrap();
        let text = base.to_str().unwrap();
        #[rustfmt::skip]
        let cases = [
            ("attach",       json!({"path": text})),
            ("attach",       json!({"path": "."})),
            ("group_use",    json!({"path": text})),
            ("send",         json!({"path": "./"})),
            ("tracked_send", json!({"path": "."})),
            ("actor_add",    json!({"path": text})),
            ("actor_update", json!({"patch": {"path": text, "title": "t"}})),
            ("group_create_from_template", json!({"path": "."})),
        ];
        for (name, args) in cases {
            let mut op = op(name, args.clone());
            fill(&mut op, Some(&base)).unwrap();
            assert_eq!(path_of(&op), Some(text), "{name} {args}");
            assert_eq!(slot(&mut op).unwrap().as_ref().unwrap().url, text, "{name} {args}");
        }
    }

    /// An op that gets a directory one day must not be forgotten here.
    #[test]
    fn every_op_with_a_scope_names_its_directory() {
        for row in crate::contract::op::TABLE {
            let mut op = op(row.name, json!({"path": "/x", "patch": {"path": "/x"}}));
            let has_scope = serde_json::to_value(&op).unwrap()[row.name].get("scope").is_some();
            assert_eq!((slot(&mut op).is_some(), path_of(&op).is_some()), (has_scope, has_scope), "{}", row.name);
        }
    }

    #[test]
    fn an_op_without_a_directory_is_left_alone_and_a_relative_one_without_a_base_is_refused() {
        for (name, args) in [("attach", json!({})), ("send", json!({"path": " "})), ("ping", json!({"path": "."}))] {
            let before = op(name, args);
            let mut after = before.clone();
            fill(&mut after, None).unwrap();
            assert_eq!(after, before);
        }
        let refused = fill(&mut op("attach", json!({"path": "work"})), None).unwrap_err();
        assert_eq!(refused.code, Code::InvalidPath);
        assert!(refused.message.contains("make the path absolute"), "{}", refused.message);
    }

    #[test]
    fn a_group_is_made_of_a_directory_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let refused = fill(&mut op("group_create_from_template", json!({"path": "gone"})), Some(folder.path()));
        assert_eq!(refused.unwrap_err().code, Code::InvalidPath);
        fill(&mut op("attach", json!({"path": "later"})), Some(folder.path())).unwrap();
    }
}
