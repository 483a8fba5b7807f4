//! A home of the older implementation (0.4.x, Python), read as it lies on disk. Nothing is written here.
//!
//! Files and names are those of the wire standard's chapter on the layout. The older implementation repaired what it
//! could not read and went on; so do we, but we count what we had to leave out, and the report says it.

use super::ImportError;
use super::ledger::Ledger;
use super::yaml;
use bus::contract::automation::{Rule, Ruleset};
use bus::contract::context::{Milestone, Note, Patch, Presence, Reference, Task};
use bus::contract::document::{Actor, GroupState, Profile, Scope};
use bus::contract::private::Variables;
use bus::contract::prompt::{PromptKind, beginning};
use bus::contract::{id, limit, surrogate};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
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
    /// Stored files: where they are, and their path below the group's folder.
    pub files: Vec<(PathBuf, String)>,
    /// What is there and was not understood.
    pub left_out: Vec<String>,
}

impl Home {
    /// Reads what is about the whole home.
    ///
    /// # Errors
    ///
    /// It is none, or its daemon still runs.
    pub fn open(root: &Path) -> Result<Self, ImportError> {
        if !root.join("registry.json").is_file() {
            return Err(ImportError::NoHome { home: root.to_path_buf() });
        }
        if UnixStream::connect(root.join("daemon/ccccd.sock")).is_ok() {
            return Err(ImportError::Runs { home: root.to_path_buf() });
        }
        let registry = json_file(&root.join("registry.json"))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let scope_defaults = registry["defaults"].as_object().into_iter().flatten();
        let active = json_file(&root.join("active.json"))?;
        let mut home = Self {
            root: root.to_path_buf(),
            scope_defaults: scope_defaults.filter_map(|(key, group)| Some((key.clone(), text(group)?))).collect(),
            active_group: text(&active["active_group_id"]).filter(|group| !group.is_empty()),
            profiles: Vec::new(),
            groups: Vec::new(),
            left_out: Vec::new(),
        };
        let is_group = |name: &String| id::is_group(name) && home.folder(name).join("group.yaml").is_file();
        home.groups = names(&root.join("groups"))?.into_iter().filter(is_group).collect();
        let profiles = json_file(&root.join("state/actor_profiles/profiles.json"))?;
        for (id, profile) in profiles["profiles"].as_object().into_iter().flatten() {
            match serde_json::from_value::<Profile>(profile.clone()) {
                Ok(profile) => {
                    let secrets = root.join("state/secrets/actor_profiles").join(secret_file(&profile.id, 32));
                    home.profiles.push((profile, variables(&secrets)?));
                }
                // The words of a parser could quote what it may hold.
                Err(_) => home.left_out.push(format!("the profile {id}: it is not what a profile should be")),
            }
        }
        Ok(home)
    }

    /// Reads a group whole.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or the group's document cannot be understood.
    pub fn group(&self, group_id: &str) -> Result<Group, ImportError> {
        let folder = self.folder(group_id);
        let path = folder.join("group.yaml");
        let document = yaml_file(&path)?;
        if !document.is_object() {
            return Err(ImportError::Unreadable { path, why: "it is no group document".into() });
        }
        let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
        let mut left_out = Vec::new();
        if document["im"].is_object() {
            left_out.push("the chat bridge: its settings, its tokens and who was authorised".into());
        }
        let actors: Vec<Actor> = each(&document["actors"], "an actor", &mut left_out);
        let secrets = self.root.join("state/secrets/actors").join(group_id);
        let mut private = BTreeMap::new();
        for actor in &actors {
            let found = variables(&secrets.join(secret_file(&actor.id, 24)))?;
            if !found.0.is_empty() {
                private.insert(actor.id.clone(), found);
            }
        }
        let ledger = Ledger::open(&folder, group_id)?;
        if ledger.unreadable > 0 {
            left_out.push(format!("{} lines of the ledger that are no events, or nested too deep", ledger.unreadable));
        }
        let cursors = json_file(&folder.join("state/read_cursors.json"))?;
        let cursors = cursors.as_object().into_iter().flatten();
        Ok(Group {
            id: group_id.to_owned(),
            title: text("title"),
            topic: text("topic"),
            created_at: text("created_at"),
            state: GroupState::parse(&text("state")).unwrap_or_default(),
            scopes: each(&document["scopes"], "a directory", &mut left_out),
            active_scope_key: text("active_scope_key"),
            settings: settings(&document),
            automation: automation(&document["automation"], &mut left_out),
            prompts: prompts(&folder.join("prompts"))?,
            ledger,
            cursors: cursors.filter_map(|(n, c)| Some((n.clone(), c["event_id"].as_str()?.to_owned()))).collect(),
            context: context(&folder.join("context"), &mut left_out)?,
            secrets: private,
            files: files(&folder)?,
            actors,
            left_out,
        })
    }

    fn folder(&self, group_id: &str) -> PathBuf {
        self.root.join("groups").join(group_id)
    }
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

fn prompts(folder: &Path) -> Result<Vec<(PromptKind, String)>, ImportError> {
    let mut prompts = Vec::new();
    for kind in [PromptKind::Preamble, PromptKind::Help] {
        if let Some(text) = read(&folder.join(kind.filename()))?.filter(|text| !text.trim().is_empty()) {
            prompts.push((kind, beginning(&text, limit::PROMPT_BYTES_MAX).to_owned()));
        }
    }
    Ok(prompts)
}

fn context(folder: &Path, left_out: &mut Vec<String>) -> Result<Patch, ImportError> {
    fn by_id<T: DeserializeOwned>(
        value: &Value,
        what: &str,
        left_out: &mut Vec<String>,
    ) -> BTreeMap<String, Option<T>> {
        let named = value.as_array().into_iter().flatten().filter_map(|one| Some((one["id"].as_str()?, one)));
        let mut found = BTreeMap::new();
        for (id, one) in named {
            match serde_json::from_value(one.clone()) {
                Ok(one) => drop(found.insert(id.to_owned(), Some(one))),
                Err(_) => left_out.push(format!("{what} {id}")),
            }
        }
        found
    }
    let document = yaml_file(&folder.join("context.yaml"))?;
    let presence = yaml_file(&folder.join("presence.yaml"))?;
    let mut tasks = Vec::new();
    for name in names(&folder.join("tasks"))?.into_iter().filter(|name| name.ends_with(".yaml")) {
        tasks.push(yaml_file(&folder.join("tasks").join(name))?);
    }
    let text = |key: &str| document[key].as_str().map(str::to_owned);
    Ok(Patch {
        vision: text("vision"),
        sketch: text("sketch"),
        milestones: by_id::<Milestone>(&document["milestones"], "the milestone", left_out),
        tasks: by_id::<Task>(&json!(tasks), "the task", left_out),
        notes: by_id::<Note>(&document["notes"], "the note", left_out),
        references: by_id::<Reference>(&document["references"], "the reference", left_out),
        presence: by_id::<Presence>(&presence["agents"], "the presence of", left_out),
        ..Patch::default()
    })
}

/// Files that messages refer to: attachments, and long texts.
fn files(folder: &Path) -> Result<Vec<(PathBuf, String)>, ImportError> {
    let mut files = Vec::new();
    for below in ["state/blobs", "state/ledger/blobs"] {
        for name in names(&folder.join(below))? {
            let path = folder.join(below).join(&name);
            if path.is_file() {
                files.push((path, format!("{below}/{name}")));
            }
        }
    }
    Ok(files)
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

fn variables(path: &Path) -> Result<Variables, ImportError> {
    let found = json_file(path)?;
    let all = found.as_object().into_iter().flatten();
    Ok(Variables(all.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()))
}

/// A document; null when there is none. The words of a parser could quote a secret, so they are not repeated.
fn json_file(path: &Path) -> Result<Value, ImportError> {
    read(path)?.map_or(Ok(Value::Null), |text| {
        serde_json::from_str(&surrogate::mend(&text))
            .map_err(|_| ImportError::Unreadable { path: path.to_path_buf(), why: "it is not JSON".into() })
    })
}

fn yaml_file(path: &Path) -> Result<Value, ImportError> {
    read(path)?.map_or(Ok(Value::Null), |text| {
        yaml::read(&text).map_err(|why| ImportError::Unreadable { path: path.to_path_buf(), why })
    })
}

fn read(path: &Path) -> Result<Option<String>, ImportError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ImportError::io("read", path, error)),
    }
}

/// Names in a folder, sorted; none when it is not there.
///
/// # Errors
///
/// It cannot be listed.
pub fn names(folder: &Path) -> Result<Vec<String>, ImportError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ImportError::io("list", folder, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| ImportError::io("list", folder, error))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(names)
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
