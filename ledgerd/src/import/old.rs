//! A home of the older implementation (0.4.x, Python), read as it lies on disk. Nothing is written here.
//!
//! Files and names are those of the wire standard's chapter on the layout. The older implementation repaired what it
//! could not read and went on; so do we, but we count what we had to leave out, and the report says it. A group is left
//! out for its own document and its ledger alone: without them it would be another one.

use super::ledger::Ledger;
use super::{ImportError, file, reasons, shape, yaml};
use crate::op::observability;
use bus::contract::automation::{Rule, Ruleset};
use bus::contract::context::{Milestone, Note, Patch, Presence, Reference, Task};
use bus::contract::document::{Actor, GroupState, Profile, Scope};
use bus::contract::op::observability::Observability;
use bus::contract::private::Variables;
use bus::contract::prompt::{PromptKind, beginning};
use bus::contract::remote::{Provider, RemoteConfig};
use bus::contract::{id, lenient, limit, surrogate};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// A home.
#[derive(Debug)]
pub struct Home {
    root: PathBuf,
    /// Group that attaching a scope means, by scope.
    pub scope_defaults: BTreeMap<String, String>,
    /// Group that commands mean that name none.
    pub active_group: Option<String>,
    /// Profiles with their secrets.
    pub profiles: Vec<(Profile, Variables)>,
    /// How much the system was to tell of itself, if that was said.
    pub observability: Option<Observability>,
    /// Access from other machines, if that was said.
    pub remote: Option<RemoteConfig>,
    /// Ids of its groups, sorted.
    pub groups: Vec<String>,
    /// What is there and was not understood.
    pub left_out: Vec<String>,
}

/// A group.
#[derive(Debug)]
pub struct Group {
    /// `g_` and 12 hex digits.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// What it is about.
    pub topic: String,
    /// When it was created.
    pub created_at: String,
    /// Whether messages are delivered.
    pub state: GroupState,
    /// Attached directories.
    pub scopes: Vec<Scope>,
    /// The one in which actors work that name none.
    pub active_scope_key: String,
    /// The roster, in order.
    pub actors: Vec<Actor>,
    /// Settings that were set, under the names of `group_settings_update`.
    pub settings: Map<String, Value>,
    /// Rules and snippets, and their version.
    pub automation: Option<(u64, Ruleset)>,
    /// Texts of its own that agents are given.
    pub prompts: Vec<(PromptKind, String)>,
    /// Everything that was recorded.
    pub ledger: Ledger,
    /// Event up to which everybody has read, by name.
    pub cursors: BTreeMap<String, String>,
    /// Its context, all of it.
    pub context: Patch,
    /// Private environments, by actor.
    pub secrets: BTreeMap<String, Variables>,
    /// Stored files.
    pub files: Vec<Stored>,
    /// What is there and was not understood.
    pub left_out: Vec<String>,
}

/// A stored file.
#[derive(Debug)]
pub struct Stored {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the group's folder.
    pub below: String,
    /// How long it is.
    pub bytes: u64,
}

impl Home {
    /// Reads what is about the whole home.
    ///
    /// # Errors
    ///
    /// It is none, or its daemon still runs.
    pub fn open(root: &Path) -> Result<Self, ImportError> {
        let registry = root.join("registry.json");
        if file::open(root, &registry, file::DOCUMENT_BYTES_MAX)?.is_none() {
            return Err(ImportError::NoHome { home: root.to_path_buf() });
        }
        if UnixStream::connect(root.join("daemon/ccccd.sock")).is_ok() {
            return Err(ImportError::Runs { home: root.to_path_buf() });
        }
        let mut reader = Reader { root, left_out: Vec::new() };
        let registry = reader.json(&registry);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let scope_defaults = registry["defaults"].as_object().into_iter().flatten();
        let active = reader.json(&root.join("active.json"));
        let settings = reader.yaml(&root.join("settings.yaml"));
        if settings["runtime_pool"].as_array().is_some_and(|pool| !pool.is_empty()) {
            reader.left_out.push("settings.yaml: runtime_pool, which nothing asks for any more".into());
        }
        let is_group = |name: &String| {
            id::is_group(name) && root.join("groups").join(name).join("group.yaml").symlink_metadata().is_ok()
        };
        Ok(Self {
            root: root.to_path_buf(),
            scope_defaults: scope_defaults.filter_map(|(key, group)| Some((key.clone(), text(group)?))).collect(),
            active_group: text(&active["active_group_id"]).filter(|group| !group.is_empty()),
            observability: settings["observability"].as_object().map(observability::stored),
            remote: settings["remote_access"].as_object().map(remote),
            groups: file::names(root, &root.join("groups"))?.into_iter().filter(is_group).collect(),
            profiles: profiles(&mut reader),
            left_out: reader.left_out,
        })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Reads a group whole. A file that cannot be read is left out and named.
    ///
    /// # Errors
    ///
    /// The group's document or its ledger cannot be read.
    pub fn group(&self, group_id: &str) -> Result<Group, ImportError> {
        let folder = self.root.join("groups").join(group_id);
        let path = folder.join("group.yaml");
        let document = yaml_file(&self.root, &path)?;
        if !document.is_object() {
            return Err(ImportError::Unreadable { path, why: "it is no group document".into() });
        }
        let mut reader = Reader { root: &self.root, left_out: Vec::new() };
        let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
        let title = cut(text("title"), "title", limit::TITLE_BYTES_MAX, &mut reader.left_out);
        let topic = cut(text("topic"), "topic", limit::TOPIC_BYTES_MAX, &mut reader.left_out);
        if document["im"].is_object() {
            reader.left_out.push("the chat bridge: its settings, its tokens and who was authorised".into());
        }
        let actors = actors(&document["actors"], &mut reader.left_out);
        let secrets = self.root.join("state/secrets/actors").join(group_id);
        let private = actors.iter().map(|actor| {
            let found = reader.variables(&secrets.join(secret_file(&actor.id, 24)));
            (actor.id.clone(), found)
        });
        let private = private.filter(|(_, found)| !found.0.is_empty()).collect();
        let ledger = Ledger::open(&self.root, &folder, group_id, &mut reader.left_out)?;
        let cursors = reader.json(&folder.join("state/read_cursors.json"));
        let cursors = cursors.as_object().into_iter().flatten();
        let scopes = document["scopes"].as_array().into_iter().flatten().map(shape::plain).collect();
        Ok(Group {
            id: group_id.to_owned(),
            title,
            topic,
            created_at: text("created_at"),
            state: GroupState::parse(&text("state")).unwrap_or_default(),
            scopes: each(&Value::Array(scopes), "a directory", &mut reader.left_out),
            active_scope_key: text("active_scope_key"),
            settings: settings(&document),
            automation: automation(&document["automation"], &mut reader.left_out),
            prompts: prompts(&mut reader, &folder.join("prompts")),
            ledger,
            cursors: cursors.filter_map(|(n, c)| Some((n.clone(), c["event_id"].as_str()?.to_owned()))).collect(),
            context: context(&mut reader, &folder.join("context")),
            secrets: private,
            files: files(&mut reader, &folder),
            actors,
            left_out: reader.left_out,
        })
    }
}

/// Reads documents of one home, and notes those that cannot be read.
struct Reader<'a> {
    root: &'a Path,
    left_out: Vec<String>,
}

impl Reader<'_> {
    fn noted<T: Default>(&mut self, found: Result<T, ImportError>) -> T {
        found.unwrap_or_else(|error| {
            self.left_out.push(reasons(&error));
            T::default()
        })
    }

    fn json(&mut self, path: &Path) -> Value {
        let found = json_file(self.root, path);
        self.noted(found)
    }

    fn yaml(&mut self, path: &Path) -> Value {
        let found = yaml_file(self.root, path);
        self.noted(found)
    }

    fn names(&mut self, folder: &Path) -> Vec<String> {
        let found = file::names(self.root, folder);
        self.noted(found)
    }

    fn variables(&mut self, path: &Path) -> Variables {
        let found = self.json(path);
        let all = found.as_object().into_iter().flatten();
        Variables(all.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect())
    }
}

fn cut(text: String, what: &str, bytes_max: usize, left_out: &mut Vec<String>) -> String {
    if text.len() <= bytes_max {
        return text;
    }
    left_out.push(format!("the end of its {what}, which has {} bytes; the limit is {bytes_max}", text.len()));
    beginning(&text, bytes_max).to_owned()
}

fn profiles(reader: &mut Reader<'_>) -> Vec<(Profile, Variables)> {
    let stored = reader.json(&reader.root.join("state/actor_profiles/profiles.json"));
    let mut profiles = Vec::new();
    for (id, stored) in stored["profiles"].as_object().into_iter().flatten() {
        match serde_json::from_value::<Profile>(shape::profile(stored)) {
            Ok(profile) => {
                let secrets = reader.root.join("state/secrets/actor_profiles").join(secret_file(&profile.id, 32));
                profiles.push((profile, reader.variables(&secrets)));
            }
            // The words of a parser could quote what it may hold.
            Err(_) => reader.left_out.push(format!("the profile {id}: it is not what a profile should be")),
        }
    }
    profiles
}

fn remote(stored: &Map<String, Value>) -> RemoteConfig {
    let usual = RemoteConfig::default();
    let text = |field: &str| stored.get(field).and_then(Value::as_str).unwrap_or_default();
    let flag = |field: &str, usual| stored.get(field).and_then(lenient::as_flag).unwrap_or(usual);
    let provider = Provider::parse(text("provider")).unwrap_or_default();
    RemoteConfig {
        provider,
        enforce_web_token: flag("enforce_web_token", usual.enforce_web_token),
        enabled: provider != Provider::Off && flag("enabled", usual.enabled),
        ..usual
    }
}

/// The roster; of two actors of one name the first counts.
fn actors(list: &Value, left_out: &mut Vec<String>) -> Vec<Actor> {
    let mut found: Vec<Actor> = Vec::new();
    for stored in list.as_array().into_iter().flatten() {
        let read = shape::actor(stored).and_then(|row| {
            serde_json::from_value::<Actor>(row).map_err(|_| "it is not what an actor should be".into())
        });
        match read {
            Ok(actor) if found.iter().any(|one| one.id == actor.id) => {
                left_out.push(format!("another actor {}", actor.id));
            }
            Ok(actor) => found.push(actor),
            Err(why) => left_out.push(format!("an actor: {why}")),
        }
    }
    found
}

/// Settings by the names that clients use; on disk they lie in several places.
fn settings(document: &Value) -> Map<String, Value> {
    const RENAMED: [(&str, &str, &str); 3] = [
        ("terminal_transcript", "visibility", "terminal_transcript_visibility"),
        ("terminal_transcript", "notify_tail", "terminal_transcript_notify_tail"),
        ("terminal_transcript", "notify_lines", "terminal_transcript_notify_lines"),
    ];
    let mut settings = Map::new();
    for part in ["messaging", "delivery", "automation"] {
        let stored = document[part].as_object().into_iter().flatten();
        settings.extend(stored.map(|(key, value)| (key.clone(), value.clone())));
    }
    for (part, stored, name) in RENAMED {
        if let Some(value) = document[part].get(stored) {
            settings.insert(name.to_owned(), value.clone());
        }
    }
    settings.retain(|key, _| crate::state::settings::is_known(key));
    settings
}

fn automation(document: &Value, left_out: &mut Vec<String>) -> Option<(u64, Ruleset)> {
    let rules: Vec<Rule> = each(document.get("rules")?, "an automation rule", left_out);
    let snippets = document["snippets"].as_object().into_iter().flatten();
    let snippets = snippets.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect();
    Some((document["version"].as_u64().unwrap_or(1), Ruleset { rules, snippets }))
}

fn prompts(reader: &mut Reader<'_>, folder: &Path) -> Vec<(PromptKind, String)> {
    let mut prompts = Vec::new();
    for kind in [PromptKind::Preamble, PromptKind::Help] {
        let found = file::text(reader.root, &folder.join(kind.filename()));
        if let Some(text) = reader.noted(found).filter(|text| !text.trim().is_empty()) {
            let text = cut(text, kind.filename(), limit::PROMPT_BYTES_MAX, &mut reader.left_out);
            prompts.push((kind, text));
        }
    }
    prompts
}

fn context(reader: &mut Reader<'_>, folder: &Path) -> Patch {
    fn by_id<T: DeserializeOwned>(
        list: &[Value],
        what: &str,
        shape: fn(&Value) -> Value,
        left_out: &mut Vec<String>,
    ) -> BTreeMap<String, Option<T>> {
        let mut found = BTreeMap::new();
        for stored in list {
            let one = shape(stored);
            match one["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned) {
                None => left_out.push(format!("{what} that has no id")),
                Some(id) => match serde_json::from_value(one) {
                    Ok(one) => drop(found.insert(id, Some(one))),
                    Err(_) => left_out.push(format!("{what} {id}")),
                },
            }
        }
        found
    }
    let document = reader.yaml(&folder.join("context.yaml"));
    let presence = reader.yaml(&folder.join("presence.yaml"));
    let tasks = folder.join("tasks");
    let names = reader.names(&tasks).into_iter().filter(|name| name.ends_with(".yaml"));
    let stored: Vec<Value> = names.map(|name| reader.yaml(&tasks.join(name))).filter(|task| !task.is_null()).collect();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |key: &str| document[key].as_str().map(str::to_owned);
    let left_out = &mut reader.left_out;
    Patch {
        vision: text("vision"),
        sketch: text("sketch"),
        milestones: by_id::<Milestone>(&list(&document["milestones"]), "the milestone", shape::milestone, left_out),
        tasks: by_id::<Task>(&stored, "the task", shape::task, left_out),
        notes: by_id::<Note>(&list(&document["notes"]), "the note", shape::plain, left_out),
        references: by_id::<Reference>(&list(&document["references"]), "the reference", shape::plain, left_out),
        presence: by_id::<Presence>(&list(&presence["agents"]), "the presence of", shape::plain, left_out),
        ..Patch::default()
    }
}

/// Files that messages refer to: attachments, and long texts.
fn files(reader: &mut Reader<'_>, folder: &Path) -> Vec<Stored> {
    let (mut files, mut sum) = (Vec::new(), 0);
    for below in ["state/blobs", "state/ledger/blobs"] {
        for name in reader.names(&folder.join(below)) {
            let path = folder.join(below).join(&name);
            let found = file::open(reader.root, &path, limit::BLOB_BYTES_MAX as u64);
            let Some((_, bytes)) = reader.noted(found) else { continue };
            if sum + bytes > limit::GROUP_BLOBS_BYTES_MAX {
                reader.left_out.push(format!("{}: the files before it take GROUP_BLOBS_BYTES_MAX", path.display()));
                continue;
            }
            sum += bytes;
            files.push(Stored { path, below: format!("{below}/{name}"), bytes });
        }
    }
    files
}

/// The members of a list that are what they should be; the others are noted.
fn each<T: DeserializeOwned>(list: &Value, what: &str, left_out: &mut Vec<String>) -> Vec<T> {
    let mut found = Vec::new();
    for one in list.as_array().into_iter().flatten() {
        match serde_json::from_value(one.clone()) {
            Ok(one) => found.push(one),
            Err(error) => left_out.push(format!("{what}: {error}")),
        }
    }
    found
}

/// The name of the file with somebody's secrets.
fn secret_file(id: &str, slug_max: usize) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let slug: String = id.chars().map(safe).collect();
    let slug: String = slug.trim_matches(['.', '_', '-']).chars().take(slug_max).collect();
    let fallback = if slug_max == 24 { "actor" } else { "profile" };
    let hash = &id::digest(id)[..16];
    format!("{}.{hash}.json", if slug.is_empty() { fallback } else { &slug })
}

/// A document; null when there is none. The words of a parser could quote a secret, so they are not repeated.
fn json_file(root: &Path, path: &Path) -> Result<Value, ImportError> {
    file::text(root, path)?.map_or(Ok(Value::Null), |text| {
        serde_json::from_str(&surrogate::mend(&text))
            .map_err(|_| ImportError::Unreadable { path: path.to_path_buf(), why: "it is not JSON".into() })
    })
}

fn yaml_file(root: &Path, path: &Path) -> Result<Value, ImportError> {
    file::text(root, path)?.map_or(Ok(Value::Null), |text| {
        yaml::read(&text).map_err(|why| ImportError::Unreadable { path: path.to_path_buf(), why })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_under_the_name_they_were_given() {
        assert_eq!(secret_file("lead", 24), "lead.e3456bc1f4d270f4.json");
        assert!(secret_file("…", 32).starts_with("profile."));
    }
}
