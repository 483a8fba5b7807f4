//! A template: a group's configuration as one YAML document, written and read. What it means for a group that is there
//! is for `op` to say.
//!
//! Fields that we do not know are passed over, but for those of rules: a template may come from a later version, and
//! a rule that is only half understood must not fire.

use crate::op::{actor_config, rule, title};
use crate::state::group::Group;
use crate::state::settings::{self, Settings};
use crate::yaml;
use bus::contract::automation::Ruleset;
use bus::contract::document::{Deliver, Restart, Resume};
use bus::contract::op::{actor, template};
use bus::contract::prompt::{PromptKind, PromptSource};
use bus::contract::{Actor, Code, OpError, lenient, limit};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the document calls itself.
const KIND: &str = "cccc.group_template";

/// Its shape.
const VERSION: u32 = 1;

/// How much of a prompt a summary shows.
const PREVIEW_CHARS: usize = 2_000;

/// What is in a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Title of the group it was made of.
    pub title: String,
    /// Topic of the group it was made of.
    pub topic: String,
    /// When it was made.
    pub exported_at: String,
    /// Version of the product that made it.
    pub cccc_version: String,
    /// Rows of its actors, in order.
    pub actors: Vec<Actor>,
    /// Settings that it names.
    pub settings: Map<String, Value>,
    /// Texts that are not the built-in ones.
    pub prompts: BTreeMap<PromptKind, String>,
    /// Rules and snippets.
    pub automation: Ruleset,
}

/// The document as it is written.
#[derive(Serialize)]
struct Document<'a> {
    kind: &'a str,
    v: u32,
    title: &'a str,
    topic: &'a str,
    exported_at: &'a str,
    cccc_version: &'a str,
    actors: Vec<Row<'a>>,
    settings: Map<String, Value>,
    prompts: BTreeMap<&'a str, &'a str>,
    automation: &'a Ruleset,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    runtime: &'a str,
    runner: &'a str,
    command: &'a [String],
    submit: &'a str,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deliver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(actor: &'a Actor) -> Self {
        Self {
            id: &actor.id,
            title: &actor.title,
            runtime: &actor.runtime,
            runner: actor.runner.word(),
            command: &actor.command,
            submit: actor.submit.word(),
            enabled: actor.enabled,
            restart: Some(actor.restart.word()).filter(|_| actor.restart != Restart::default()),
            deliver: Some(actor.deliver.word()).filter(|_| actor.deliver != Deliver::default()),
            resume: Some(actor.resume.word()).filter(|_| actor.resume != Resume::default()),
        }
    }
}

/// Writes a group as a template: what it is, without its environments, its secrets, its directories and its history.
///
/// # Errors
///
/// `template_export_failed`: it would be longer than a template may be, or has something in it that YAML does not say
/// back.
pub fn write(group: &Group, now: &str) -> Result<String, OpError> {
    let own = |kind: PromptKind| Some((kind.word(), group.prompts.own(kind)?));
    let document = Document {
        kind: KIND,
        v: VERSION,
        title: &group.title,
        topic: &group.topic,
        exported_at: now,
        cccc_version: env!("CARGO_PKG_VERSION"),
        actors: group.actor_states.iter().map(|actor_state| Row::of(&actor_state.actor)).collect(),
        settings: group.settings().effective(),
        prompts: PROMPTS.into_iter().filter_map(own).collect(),
        automation: &group.automation.ruleset,
    };
    let document = serde_json::to_value(&document).expect("plain data");
    let text = yaml::write(&document);
    check_length(&text).map_err(|error| OpError { code: Code::TemplateExportFailed, ..error })?;
    if yaml::read(&text).as_ref() != Ok(&document) {
        // Nobody should keep a file that means something else.
        let sentence =
            format!("something in {} cannot be written as YAML; look for odd characters in its texts", group.id);
        return Err(OpError::new(Code::TemplateExportFailed, sentence));
    }
    Ok(text)
}

fn check_length(text: &str) -> Result<(), OpError> {
    let (has, max) = (text.len(), limit::TEMPLATE_BYTES_MAX);
    if has <= max { Ok(()) } else { Err(OpError::too_large("the template", has, max, "TEMPLATE_BYTES_MAX")) }
}

/// Texts that a template may have.
pub const PROMPTS: [PromptKind; 2] = [PromptKind::Preamble, PromptKind::Help];

/// Reads a template; `now` dates the rows of its actors. A title that an actor of `group` has already is not looked at: it
/// may be older than what is asked of titles.
///
/// # Errors
///
/// `missing_template`, `invalid_template` with a sentence that says what of it is wrong, a limit.
pub fn read(text: &str, now: &str, group: Option<&Group>) -> Result<Template, OpError> {
    if text.trim().is_empty() {
        return Err(OpError::new(Code::MissingTemplate, "missing template"));
    }
    check_length(text)?;
    let Value::Object(fields) = yaml::read(text).map_err(invalid)? else {
        return Err(invalid("it is not an object".into()));
    };
    let text = |field: &str| fields.get(field).map(plain).unwrap_or_default();
    if text("kind") != KIND {
        return Err(invalid(format!("its kind is {:?}, not {KIND}", text("kind"))));
    }
    if fields.get("v").and_then(lenient::as_integer) != Some(i64::from(VERSION)) {
        return Err(invalid(format!("its v is {:?}; this version reads {VERSION}", text("v"))));
    }
    Ok(Template {
        title: text("title"),
        topic: text("topic"),
        exported_at: text("exported_at"),
        cccc_version: text("cccc_version"),
        actors: actors(fields.get("actors"), now, group)?,
        settings: known_settings(fields.get("settings"))?,
        prompts: prompts(fields.get("prompts"))?,
        automation: match fields.get("automation") {
            None | Some(Value::Null) => Ruleset::baseline(),
            Some(Value::Object(given)) => {
                let known = given.iter().filter(|(field, _)| ["rules", "snippets"].contains(&field.as_str()));
                let known = known.map(|(field, value)| (field.clone(), value.clone())).collect();
                rule::read_ruleset(Code::InvalidTemplate, &Value::Object(known))?
            }
            Some(_) => return Err(invalid("its automation is not an object".into())),
        },
    })
}

fn invalid(sentence: String) -> OpError {
    OpError::new(Code::InvalidTemplate, format!("the template cannot be used: {sentence}"))
}

/// A value as text, whatever YAML took it for.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

fn actors(given: Option<&Value>, now: &str, group: Option<&Group>) -> Result<Vec<Actor>, OpError> {
    let rows = match given {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(rows)) => rows,
        Some(_) => return Err(invalid("its actors are not a list".into())),
    };
    if rows.len() > limit::ACTORS_MAX {
        return Err(OpError::too_large("the template", rows.len(), limit::ACTORS_MAX, "ACTORS_MAX"));
    }
    let mut actors: Vec<Actor> = Vec::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let Value::Object(row) = row else { return Err(invalid(format!("actor {} is not an object", place + 1))) };
        let actor = one_actor(row, now)
            .map_err(|error| invalid(format!("actor {} ({:?}): {}", place + 1, text_of(row, "id"), error.message)))?;
        if actors.iter().any(|known| known.id == actor.id) {
            return Err(invalid(format!("actor {} is there twice", actor.id)));
        }
        actors.push(actor);
    }
    let has_it = |actor: &Actor| {
        group
            .and_then(|group| group.actor_state(&actor.id))
            .is_some_and(|actor_state| actor_state.actor.title == actor.title)
    };
    for actor in actors.iter().filter(|actor| !has_it(actor)) {
        title::check(&actors, actor).map_err(|error| {
            invalid(format!("actor {:?}: {}; give it another title in the template, or none", actor.id, error.message))
        })?;
    }
    Ok(actors)
}

fn text_of(row: &Map<String, Value>, field: &str) -> String {
    row.get(field).map(plain).unwrap_or_default()
}

fn one_actor(row: &Map<String, Value>, now: &str) -> Result<Actor, OpError> {
    let refused = |sentence: &str| OpError::new(Code::InvalidTemplate, sentence);
    let command = match row.get("command") {
        None | Some(Value::Null) => None,
        Some(Value::String(line)) => Some(shell_words::split(line).map_err(|_| refused("a quote is open"))?),
        Some(Value::Array(words)) => Some(words.iter().map(plain).collect()),
        Some(_) => return Err(refused("its command is neither words nor a line")),
    };
    let actor_id = text_of(row, "id");
    if actor_id.is_empty() {
        return Err(refused("it has no id"));
    }
    let args = actor::Add {
        actor_id,
        title: text_of(row, "title"),
        runtime: text_of(row, "runtime"),
        runner: text_of(row, "runner"),
        command,
        submit: text_of(row, "submit"),
        restart: text_of(row, "restart"),
        deliver: text_of(row, "deliver"),
        resume: text_of(row, "resume"),
        ..actor::Add::default()
    };
    let enabled = row.get("enabled").and_then(lenient::as_flag).unwrap_or(true);
    // The title is looked at when all names are known.
    Ok(Actor { enabled, ..actor_config::unnamed_row(&Group::default(), "user", &args, None, now)? })
}

fn known_settings(given: Option<&Value>) -> Result<Map<String, Value>, OpError> {
    let given = match given {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(invalid("its settings are not an object".into())),
    };
    let known = given.iter().filter(|(key, value)| settings::is_known(key) && !value.is_null());
    let known: Map<String, Value> = known.map(|(key, value)| (key.clone(), value.clone())).collect();
    if known.is_empty() {
        return Ok(known);
    }
    settings::check(Some(&known)).map_err(|error| invalid(error.message))
}

fn prompts(given: Option<&Value>) -> Result<BTreeMap<PromptKind, String>, OpError> {
    let given = match given {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(invalid("its prompts are not an object".into())),
    };
    let mut prompts = BTreeMap::new();
    for kind in PROMPTS {
        let text = match given.get(kind.word()) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) if text.trim().is_empty() => continue,
            Some(Value::String(text)) => text,
            Some(_) => return Err(invalid(format!("its prompt {kind} is not a text"))),
        };
        if text.len() > limit::PROMPT_BYTES_MAX {
            return Err(OpError::too_large(
                &format!("the prompt {kind}"),
                text.len(),
                limit::PROMPT_BYTES_MAX,
                "PROMPT_BYTES_MAX",
            ));
        }
        prompts.insert(kind, text.clone());
    }
    Ok(prompts)
}

impl Template {
    /// What clients see of it.
    pub fn summary(&self) -> template::Summary {
        let actor = |actor: &Actor| template::Actor {
            id: actor.id.clone(),
            title: actor.title.clone(),
            runtime: actor.runtime.clone(),
            runner: actor.runner.word().to_owned(),
            command: actor.command.clone(),
            submit: actor.submit.word().to_owned(),
            enabled: actor.enabled,
        };
        let prompt = |kind: PromptKind| {
            let own = self.prompts.get(&kind).map(String::as_str);
            let prompt = template::Prompt {
                source: source(own),
                chars: own.map_or(0, |text| text.chars().count() as u64),
                preview: own.unwrap_or_default().chars().take(PREVIEW_CHARS).collect(),
            };
            (kind, prompt)
        };
        template::Summary {
            kind: KIND.to_owned(),
            v: VERSION,
            title: self.title.clone(),
            topic: self.topic.clone(),
            exported_at: self.exported_at.clone(),
            cccc_version: self.cccc_version.clone(),
            actors: self.actors.iter().map(actor).collect(),
            settings: Settings(&self.settings).effective(),
            automation: template::Counts {
                rules: self.automation.rules.len() as u64,
                snippets: self.automation.snippets.len() as u64,
            },
            prompts: PROMPTS.into_iter().map(prompt).collect(),
        }
    }
}

/// Where a text comes from.
pub fn source(own: Option<&str>) -> PromptSource {
    if own.is_some() { PromptSource::Home } else { PromptSource::Builtin }
}
