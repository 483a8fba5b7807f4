//! Our entry in a runtime's configuration: what it should be, and what is wrong with one that is there.

use super::recipe::SERVER;
use serde_json::{Map, Value, json};
use std::fmt;
use std::path::Path;

/// The only argument of our program.
const ARGUMENT: &str = "mcp";

/// Variables by which the server knows whose it is. A program hands them on; none of their values stands in a
/// configuration, which all agents of a user share.
pub const IDENTITY: [&str; 5] = ["CCCC_HOME", "CCCC_GROUP_ID", "CCCC_ACTOR_ID", "CCCC_ACTOR_TOKEN", "CCCC_SESSION_ID"];

/// What of it Gemini CLI keeps from its servers, because it looks like a secret, unless an entry names it in `env`.
const REDACTED: [&str; 1] = ["CCCC_ACTOR_TOKEN"];

/// What an entry looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `command` and `args`.
    Stdio,
    /// The same with `type: stdio`.
    TypedStdio,
    /// `type: local`, and one list with the command and its arguments.
    Local,
    /// `command`, `args`, and `env_vars`: the names of the variables that the server gets.
    Passing,
    /// `command`, `args`, and `env`: variables that would not be handed on, each a reference to the program's own.
    Referring,
}

impl Shape {
    /// The entry that runs our program.
    pub fn entry(self, command: &str) -> Value {
        match self {
            Self::Stdio => json!({"command": command, "args": [ARGUMENT]}),
            Self::TypedStdio => json!({"type": "stdio", "command": command, "args": [ARGUMENT]}),
            Self::Local => json!({"type": "local", "command": [command, ARGUMENT], "enabled": true}),
            Self::Passing => json!({"command": command, "args": [ARGUMENT], "env_vars": IDENTITY}),
            Self::Referring => {
                let env: Map<_, _> =
                    REDACTED.iter().map(|name| ((*name).to_owned(), json!(format!("${name}")))).collect();
                json!({"command": command, "args": [ARGUMENT], "env": env})
            }
        }
    }

    /// The variables that an entry has to name, and in which fields it may.
    fn named(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Stdio | Self::TypedStdio | Self::Local => (&[], &[]),
            Self::Passing => (&IDENTITY, &["env_vars"]),
            Self::Referring => (&REDACTED, &["env"]),
        }
    }
}

/// Fields that say what is run, how it is reached and as whom: those of an old entry do not stay beside ours.
pub const REPLACED: &[&str] = &[
    "args",
    "bearer_token_env_var",
    "cwd",
    "disabled",
    "enabled",
    "env",
    "env_http_headers",
    "environment",
    "headers",
    "httpUrl",
    "http_headers",
    "transport",
    "type",
    "url",
];

/// The entry in the place of an old one: what else a person has set there goes on to count.
pub fn repaired(old: &Value, new: &Value) -> Value {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return new.clone() };
    let mut fields = new.clone();
    for (name, field) in old.iter().filter(|(name, _)| !new.contains_key(*name) && !REPLACED.contains(&name.as_str())) {
        fields.insert(name.clone(), field.clone());
    }
    for name in ["env", "environment"] {
        let Some(Value::Object(variables)) = old.get(name) else { continue };
        let mut variables = variables.clone();
        variables.retain(|name, _| !IDENTITY.contains(&name.as_str()));
        variables.extend(new.get(name).and_then(Value::as_object).cloned().into_iter().flatten());
        if !variables.is_empty() {
            fields.insert(name.to_owned(), Value::Object(variables));
        }
    }
    Value::Object(fields)
}

/// One thing that is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It runs something else.
    Command {
        /// What it runs.
        found: String,
    },
    /// It is no program that is run.
    Transport {
        /// What it is.
        found: String,
    },
    /// It is switched off.
    Disabled,
    /// It says for all agents who they are.
    Identity {
        /// The variables that say so.
        names: Vec<String>,
    },
    /// It does not hand on what says who the agent is.
    Variables {
        /// The variables that are missing.
        names: Vec<&'static str>,
    },
    /// It is no entry at all.
    Malformed,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { found } => write!(f, "it runs {found}"),
            Self::Transport { found } => write!(f, "its transport is {found}"),
            Self::Disabled => f.write_str("it is switched off"),
            Self::Identity { names } => write!(f, "it fixes {} for every agent", names.join(", ")),
            Self::Variables { names } => write!(f, "it does not hand on {}", names.join(", ")),
            Self::Malformed => f.write_str("it is no entry of a server"),
        }
    }
}

/// What is wrong with an entry; nothing if it runs `command` as it should. `shape`: what it should look like, where its
/// program does not write it itself.
pub fn faults(entry: &Value, command: &Path, shape: Option<Shape>) -> Vec<Fault> {
    let Some(entry) = entry.as_object() else { return vec![Fault::Malformed] };
    // Some keep how the server is reached in an object of its own.
    let transport = entry.get("transport").and_then(Value::as_object).unwrap_or(entry);
    let mut faults = Vec::new();
    faults.extend(wrong_transport(transport));
    if faults.is_empty() {
        faults.extend(wrong_command(transport, command));
    }
    let is_off = entry.get("disabled") == Some(&Value::Bool(true)) || entry.get("enabled") == Some(&Value::Bool(false));
    faults.extend(is_off.then_some(Fault::Disabled));
    faults.extend(fixed_identity(entry, transport));
    let (needed, fields) = shape.map(Shape::named).unwrap_or_default();
    let named: Vec<_> = fields.iter().filter_map(|field| transport.get(*field)).flat_map(names_in).collect();
    let names: Vec<_> = needed.iter().copied().filter(|name| !named.iter().any(|named| named == name)).collect();
    faults.extend((!names.is_empty()).then_some(Fault::Variables { names }));
    faults
}

fn wrong_transport(transport: &Map<String, Value>) -> Option<Fault> {
    let kind = transport.get("type").or_else(|| transport.get("transport")).and_then(Value::as_str);
    match kind {
        Some("stdio" | "local") => None,
        Some(other) => Some(Fault::Transport { found: other.to_owned() }),
        None => ["url", "httpUrl"]
            .iter()
            .find_map(|key| transport.get(*key)?.as_str())
            .map(|url| Fault::Transport { found: url.to_owned() }),
    }
}

fn wrong_command(transport: &Map<String, Value>, command: &Path) -> Option<Fault> {
    let mut found = transport.get("command").map(words).unwrap_or_default();
    found.extend(transport.get("args").map(words).unwrap_or_default());
    // Some join the words into one, and some of those quote.
    let joined = format!("{} {ARGUMENT}", command.display());
    let is_ours = match &*found {
        [whole] => whole.replace(['\'', '"'], "") == joined,
        [program, argument] => argument == ARGUMENT && is_same(Path::new(program), command),
        _ => false,
    };
    (!is_ours).then(|| Fault::Command { found: if found.is_empty() { "nothing".into() } else { found.join(" ") } })
}

/// Whether both are the same program; a link is what it leads to.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok().filter(|_| path.is_absolute());
    one == other || real(one).is_some_and(|one| real(other) == Some(one))
}

/// One that only names the variable of the program's own environment is as good as none.
fn fixed_identity(entry: &Map<String, Value>, transport: &Map<String, Value>) -> Option<Fault> {
    let places = [entry.get("env"), entry.get("environment"), transport.get("env"), transport.get("environment")];
    let is_fixed = |value: &Value| !value.as_str().is_some_and(is_reference);
    let mut names: Vec<String> = places
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flatten()
        .filter(|(name, value)| IDENTITY.contains(&name.as_str()) && is_fixed(value))
        .map(|(name, _)| name.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then_some(Fault::Identity { names })
}

/// Whether a value names a variable of the program's own environment, in one of the ways that programs have for it.
pub fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '{'])
}

/// The variables that a list names, or an object sets.
fn names_in(field: &Value) -> Vec<String> {
    field.as_object().map_or_else(|| words(field), |variables| variables.keys().cloned().collect())
}

/// A word or a list of words.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(word) => vec![word.clone()],
        Value::Array(words) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Whether what a program tells of its servers tells of ours.
pub fn is_told(output: &str) -> bool {
    output.contains(SERVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repaired_entry_keeps_what_a_person_has_set() {
        let old = json!({"command": "old", "type": "http", "url": "u", "timeout": 5, "disabled": true,
                         "env": {"CCCC_ACTOR_ID": "a", "KEEP": "k"}, "environment": {"CCCC_GROUP_ID": "g"}});
        let wanted = json!({"command": "/c", "args": ["mcp"], "type": "stdio", "timeout": 5, "env": {"KEEP": "k"}});
        assert_eq!(repaired(&old, &Shape::TypedStdio.entry("/c")), wanted);
        let mended = repaired(&old, &Shape::Referring.entry("/c"));
        assert_eq!(mended["env"], json!({"KEEP": "k", "CCCC_ACTOR_TOKEN": "$CCCC_ACTOR_TOKEN"}));
        assert_eq!(repaired(&json!("x"), &Shape::Stdio.entry("/c")), Shape::Stdio.entry("/c"));
    }

    #[test]
    fn what_is_written_has_no_fault_and_what_others_left_has() {
        let command = Path::new("/opt/cccc");
        for shape in [Shape::Stdio, Shape::TypedStdio, Shape::Local, Shape::Passing, Shape::Referring] {
            assert_eq!(faults(&shape.entry("/opt/cccc"), command, Some(shape)), [], "{shape:?}");
        }
        let stdio = |more: Value| {
            let mut entry = json!({"command": "/opt/cccc", "args": ["mcp"]});
            entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            entry
        };
        #[rustfmt::skip]
        let cases = [
            // entry                                                              what is wrong
            (stdio(json!({})),                                                    ""),
            (stdio(json!({"type": "stdio", "env": {}, "tools": ["*"]})),          ""),
            (stdio(json!({"env": {"RUST_LOG": "debug"}})),                        ""),
            (stdio(json!({"env": {"CCCC_ACTOR_ID": "$CCCC_ACTOR_ID"}})),          ""),
            (json!({"command": "/opt/cccc mcp"}),                                 ""),
            (json!({"command": "'/opt/cccc' mcp", "args": []}),                   ""),
            (json!({"transport": {"type": "stdio", "command": "/opt/cccc", "args": ["mcp"]}}), ""),
            (json!({"transport": "stdio", "command": "/opt/cccc", "args": ["mcp"]}), ""),
            (json!({"command": "cccc", "args": ["mcp"]}),                         "it runs cccc mcp"),
            (json!({"command": "/opt/cccc"}),                                     "it runs /opt/cccc"),
            (json!({"command": ["/old/cccc", "mcp"], "type": "local"}),           "it runs /old/cccc mcp"),
            (json!({}),                                                           "it runs nothing"),
            (json!({"type": "http", "url": "http://localhost/mcp"}),              "its transport is http"),
            (json!({"url": "http://localhost/mcp"}),                              "its transport is http://localhost/mcp"),
            (stdio(json!({"disabled": true})),                                    "it is switched off"),
            (stdio(json!({"enabled": false})),                                    "it is switched off"),
            (stdio(json!({"env": {"CCCC_GROUP_ID": "g", "CCCC_ACTOR_ID": "a"}})), "it fixes CCCC_ACTOR_ID, CCCC_GROUP_ID for every agent"),
            (json!("cccc mcp"),                                                   "it is no entry of a server"),
        ];
        for (entry, wanted) in cases {
            let found: Vec<_> = faults(&entry, command, None).iter().map(Fault::to_string).collect();
            assert_eq!(found.join("; "), wanted, "{entry}");
        }
        let bare = faults(&stdio(json!({"env_vars": ["CCCC_HOME"]})), command, Some(Shape::Passing));
        assert!(matches!(&*bare, [Fault::Variables { names }] if names.len() == 4), "{bare:?}");
        let bare = faults(&stdio(json!({"env": {"KEEP": "k"}})), command, Some(Shape::Referring));
        assert_eq!(bare, [Fault::Variables { names: vec!["CCCC_ACTOR_TOKEN"] }]);
    }
}
