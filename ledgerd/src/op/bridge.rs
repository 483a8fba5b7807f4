//! Ops about a group's bridge to a chat platform. Credentials go in and come out for the bridge only; what clients and the
//! ledger have of them is where they come from.

use super::request::{RequestContext, required, secrets_lost};
use super::{reading, variable};
use crate::decision::{Answer, Decision, Needs};
use crate::state::State;
use crate::state::group::Group;
use bus::contract::event::ImConfig;
use bus::contract::im::Platform;
use bus::contract::op::bridge::{self, Configured, CredentialSource};
use bus::contract::private::{Asked, Variables};
use bus::contract::{Code, OpError, Reply, lenient};
use serde_json::{Map, Value, json};

/// Fields that are no credentials.
const PLAIN: [&str; 6] = ["platform", "enabled", "files", "skip_pending_on_start", "feishu_domain", "allow_agent_bind"];

/// Other spellings of a credential.
const ALIASES: [(&str, &str); 2] = [("token", "bot_token"), ("token_env", "bot_token_env")];

/// What ends the name of a field that names an environment variable.
const ENV: &str = "_env";

/// Addresses of the two installations of Feishu, and what else they are called. Nothing else is ever asked.
const FEISHU: [(&str, &[&str]); 2] = [
    ("https://open.feishu.cn", &["", "feishu", "cn", "china", "open.feishu.cn"]),
    (
        "https://open.larksuite.com",
        &["lark", "global", "intl", "international", "open.larksuite.com", "open.larkoffice.com"],
    ),
];

/// Largest file that may be set, in MB.
const FILE_MB_MAX: i64 = 1_000;

/// The stored credentials, for `im_config_set`.
pub fn needs(state: &State, args: &bridge::Set) -> Needs {
    let file = |group: &Group| reading::file(&group.id, &group.im.credentials);
    reading::secrets(state.group(&args.group_id).ok().and_then(file))
}

/// `im_config_get`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`.
pub fn get(cx: &RequestContext<'_>, args: &bridge::Get) -> Result<Reply, OpError> {
    Ok(Reply::ImConfigGet(configured(cx.group(&args.group_id)?)))
}

fn configured(group: &Group) -> Configured {
    let im = &group.im;
    let source = |config: &Map<String, Value>, name: &str| {
        if im.credentials.keys.iter().any(|key| key == name) {
            CredentialSource::Stored
        } else if config.contains_key(&format!("{name}{ENV}")) {
            CredentialSource::Env
        } else {
            CredentialSource::Missing
        }
    };
    let sources = im.config.as_ref().map(|config| {
        let names = platform_of(config).map(Platform::credentials).unwrap_or_default();
        names.iter().map(|name| ((*name).to_owned(), source(config, name))).collect()
    });
    Configured { group_id: group.id.clone(), im: im.config.clone(), credentials: sources.unwrap_or_default() }
}

fn platform_of(config: &Map<String, Value>) -> Option<Platform> {
    Platform::parse(config.get("platform")?.as_str()?)
}

/// `im_config_set`: nothing is written when nothing changes.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `permission_denied`; `invalid_request`, which never says a value.
pub fn set(cx: &RequestContext<'_>, args: &bridge::Set) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let stored = cx.secrets(&group.im.credentials)?;
    let nothing = Map::new();
    let before = group.im.config.as_ref().unwrap_or(&nothing);
    let (config, credentials) = changed(before, &stored, &args.config)?;
    variable::check_size(&credentials)?;
    let mut writer = cx.writer();
    if group.im.config.as_ref() != Some(&config) || credentials != stored {
        let keys = credentials.names();
        let version = writer.keep(&group.id, credentials);
        writer.write(&group.id, ImConfig { config: Some(config), version, keys });
    }
    Ok(writer.done())
}

/// What a configuration and its credentials are after a change.
fn changed(
    before: &Map<String, Value>,
    stored: &Variables,
    asked: &Asked,
) -> Result<(Map<String, Value>, Variables), OpError> {
    let given = asked.0.as_object().filter(|given| !given.is_empty());
    let given = given.ok_or_else(|| invalid("config must be an object with at least the platform"))?;
    let platform = match given.get("platform") {
        Some(word) => word.as_str().and_then(Platform::parse),
        None => platform_of(before),
    };
    let platform = platform
        .ok_or_else(|| invalid(format!("config needs a platform; use one of: {}", Platform::WORDS.join(", "))))?;
    let (mut config, mut credentials) = (before.clone(), stored.clone());
    // What another platform has logged in with is of no use here.
    let is_ours = |name: &str| platform.credentials().contains(&name.strip_suffix(ENV).unwrap_or(name));
    config.retain(|name, _| PLAIN.contains(&name.as_str()) || is_ours(name));
    credentials.0.retain(|name, _| is_ours(name));
    if platform != Platform::Feishu {
        config.remove("feishu_domain");
    }
    config.insert("platform".into(), platform.word().into());
    for (name, value) in given {
        let alias = ALIASES.iter().find(|(alias, _)| alias == name);
        let name = alias.map_or(name.as_str(), |(_, name)| name);
        if PLAIN.contains(&name) {
            set_plain(&mut config, platform, name, value)?;
        } else if is_ours(name) {
            set_credential(&mut config, &mut credentials, name, value)?;
        } else {
            // Keeping what nobody knows could put a secret into the ledger.
            let names: Vec<_> = PLAIN.iter().chain(platform.credentials()).copied().collect();
            let sentence = format!("{platform} has no {name}; give any of: {}", names.join(", "));
            return Err(invalid(sentence).with("unknown_keys", vec![name]));
        }
    }
    for name in ["enabled", "skip_pending_on_start", "allow_agent_bind"] {
        config.entry(name).or_insert(Value::Bool(name == "skip_pending_on_start"));
    }
    config.entry("files").or_insert_with(|| json!({"enabled": true, "max_mb": platform.file_mb()}));
    Ok((config, credentials))
}

fn set_plain(config: &mut Map<String, Value>, platform: Platform, name: &str, value: &Value) -> Result<(), OpError> {
    if name == "platform" {
        return Ok(());
    }
    if value.is_null() {
        config.remove(name);
        return Ok(());
    }
    let wrong = || invalid(format!("invalid {name}"));
    let value = match name {
        "files" => {
            let files = value.as_object().ok_or_else(wrong)?;
            let enabled = files.get("enabled").map_or(Some(true), lenient::as_flag).ok_or_else(wrong)?;
            let default = i64::try_from(platform.file_mb()).expect("a small number");
            let max_mb = files.get("max_mb").map_or(Some(default), lenient::as_integer);
            let max_mb = max_mb.filter(|mb| (1..=FILE_MB_MAX).contains(mb));
            let max_mb = max_mb.ok_or_else(|| invalid(format!("files.max_mb must be 1 to {FILE_MB_MAX}")))?;
            json!({"enabled": enabled, "max_mb": max_mb})
        }
        "feishu_domain" if platform == Platform::Feishu => feishu(value.as_str().ok_or_else(wrong)?)?.into(),
        "feishu_domain" => return Err(invalid(format!("{platform} has no feishu_domain"))),
        _ => lenient::as_flag(value).ok_or_else(wrong)?.into(),
    };
    config.insert(name.to_owned(), value);
    Ok(())
}

/// The address of an installation of Feishu.
fn feishu(given: &str) -> Result<&'static str, OpError> {
    let word = given.trim().to_ascii_lowercase();
    let word = word.strip_prefix("https://").unwrap_or(&word).trim_end_matches('/');
    let word = word.strip_suffix("/open-apis").unwrap_or(word);
    let found = FEISHU.iter().find(|(_, words)| words.contains(&word));
    found.map(|(address, _)| *address).ok_or_else(|| invalid("invalid feishu_domain; use feishu or lark"))
}

/// A credential is a value or the name of an environment variable, never both.
fn set_credential(
    config: &mut Map<String, Value>,
    credentials: &mut Variables,
    name: &str,
    value: &Value,
) -> Result<(), OpError> {
    let (name, must_be_name) = name.strip_suffix(ENV).map_or((name, false), |name| (name, true));
    let text = match value {
        Value::Null => "",
        Value::String(text) => text.trim(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Err(invalid(format!("{name} must be a text")));
        }
    };
    if must_be_name && !text.is_empty() && !is_variable(text) {
        return Err(invalid(format!("{name}{ENV} must be the name of an environment variable, such as BOT_TOKEN")));
    }
    config.remove(&format!("{name}{ENV}"));
    credentials.0.remove(name);
    if text.is_empty() {
        return Ok(());
    }
    if is_variable(text) {
        config.insert(format!("{name}{ENV}"), text.into());
    } else {
        let value = Asked(json!({ name: text }));
        credentials.0.extend(variable::given(&value)?.0);
    }
    Ok(())
}

/// `[A-Z_][A-Z0-9_]*`
fn is_variable(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn invalid(why: impl Into<String>) -> OpError {
    OpError::new(Code::InvalidRequest, why)
}

/// `im_config_unset`: the configuration and its credentials go; the chats that are let in stay.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `permission_denied`.
pub fn unset(cx: &RequestContext<'_>, args: &bridge::Unset) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let mut writer = cx.writer();
    if group.im.config.is_some() {
        let version = writer.keep(&group.id, Variables::default());
        writer.write(&group.id, ImConfig { config: None, version, keys: Vec::new() });
    }
    Ok(writer.done())
}

/// Answer of `im_config_set` and `im_config_unset`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn is_configured(state: &State, group_id: &str) -> Result<Configured, OpError> {
    Ok(configured(state.group(group_id)?))
}

/// `im_secrets_get`
///
/// # Errors
///
/// `permission_denied` for everybody but our own system; `missing_group_id`, `group_not_found`; `internal_error` when
/// the values are lost.
pub fn secrets(cx: &RequestContext<'_>, args: &bridge::Secrets) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    let finish = |variables: Option<Variables>| {
        let variables = variables.ok_or_else(secrets_lost)?;
        Ok(Reply::ImSecretsGet(bridge::SecretsAre { variables }))
    };
    match group.im.credentials.version.as_str() {
        "" => finish(Some(Variables::default())).map(Answer::Now),
        version => {
            let (ledger, versions) = (group.id.clone(), vec![version.to_owned()]);
            Ok(Answer::Secrets { ledger, versions, finish: Box::new(finish) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_a_secret_or_a_name_of_one() {
        #[rustfmt::skip]
        let cases = [
            // asked                                                     credentials' names in the configuration   stored
            (json!({"platform": "telegram", "bot_token": "123:abc"}),       vec![],                                  vec!["bot_token"]),
            (json!({"platform": "telegram", "token": "123:abc"}),           vec![],                                  vec!["bot_token"]),
            (json!({"platform": "telegram", "bot_token": "MY_TOKEN"}),      vec!["bot_token_env"],                   vec![]),
            (json!({"platform": "Discord", "token_env": "MY_TOKEN"}),       vec!["bot_token_env"],                   vec![]),
            (json!({"platform": "slack", "bot_token": "xoxb", "app_token": "A"}), vec!["app_token_env"],             vec!["bot_token"]),
            (json!({"platform": "feishu", "feishu_app_id": "a b", "feishu_app_secret": null}), vec![],              vec!["feishu_app_id"]),
        ];
        for (asked, names, stored) in cases {
            let (config, credentials) = changed(&Map::new(), &Variables::default(), &Asked(asked.clone())).unwrap();
            let named: Vec<_> = config.keys().filter(|key| key.ends_with(ENV)).map(String::as_str).collect();
            assert_eq!(
                (named, credentials.names()),
                (names, stored.iter().map(ToString::to_string).collect()),
                "{asked}"
            );
        }
    }

    #[test]
    fn what_is_not_given_stays_and_what_belongs_elsewhere_goes() {
        let set = |before: &(Map<String, Value>, Variables), asked: Value| changed(&before.0, &before.1, &Asked(asked));
        let nothing = (Map::new(), Variables::default());
        let slack =
            set(&nothing, json!({"platform": "slack", "bot_token": "x-b", "app_token_env": "APP", "enabled": "yes"}));
        let slack = slack.unwrap();
        assert_eq!(slack.0["files"], json!({"enabled": true, "max_mb": 20}));
        let other = set(&slack, json!({"files": {"enabled": false, "max_mb": 5}})).unwrap();
        assert_eq!((&other.0["enabled"], &other.0["app_token_env"], &other.1), (&json!(true), &json!("APP"), &slack.1));
        let now_stored = set(&slack, json!({"app_token": "x-a"})).unwrap();
        assert_eq!((now_stored.0.get("app_token_env"), now_stored.1.names().len()), (None, 2));
        let feishu =
            set(&slack, json!({"platform": "feishu", "feishu_domain": "https://open.larkoffice.com/open-apis/"}))
                .unwrap();
        assert_eq!((feishu.0["feishu_domain"].as_str(), feishu.1.0.len()), (Some("https://open.larksuite.com"), 0));
        assert!(!feishu.0.contains_key("app_token_env") && feishu.0["enabled"] == true);
    }

    #[test]
    fn what_is_refused_is_refused_without_a_word_of_it() {
        #[rustfmt::skip]
        let cases = [
            json!(null),
            json!({}),
            json!({"bot_token": "hunter2-x"}),
            json!({"platform": "pigeon", "bot_token": "hunter2-x"}),
            json!({"platform": "telegram", "webhook_secret": "hunter2-x"}),
            json!({"platform": "telegram", "app_token": "hunter2-x"}),
            json!({"platform": "telegram", "bot_token_env": "hunter2-x"}),
            json!({"platform": "telegram", "bot_token": ["hunter2-x"]}),
            json!({"platform": "telegram", "feishu_domain": "hunter2-x"}),
            json!({"platform": "feishu", "feishu_domain": "https://hunter2-x"}),
            json!({"platform": "telegram", "enabled": "hunter2-x"}),
            json!({"platform": "telegram", "files": {"max_mb": 0}}),
        ];
        for asked in cases {
            let refusal = changed(&Map::new(), &Variables::default(), &Asked(asked.clone())).unwrap_err();
            assert_eq!(refusal.code, Code::InvalidRequest, "{asked}");
            assert!(!format!("{refusal:?}").contains("hunter2"), "{refusal:?}");
        }
    }
}
