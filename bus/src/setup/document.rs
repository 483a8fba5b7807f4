//! A configuration file as its owner wrote it: one entry is read, put in or taken out, and everything else stays, comments
//! and order too. Pure: text in, text out.

use super::entry::{IDENTITY, REPLACED, repaired};
use super::recipe::SERVER;
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::Value;
use std::path::Path;
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

/// Comments and trailing commas are what such files have; the rest is a mistake, which is not ours to mend.
const JSON: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A byte order mark, which some editors put in front.
const MARK: &str = "\u{feff}";

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It cannot be read as what it should be.
    #[error("it is no {language}: {why}")]
    Syntax {
        /// JSON or TOML.
        language: &'static str,
        /// Where and why not.
        why: String,
    },
    /// Something else stands where the servers should.
    #[error("{what} is no object")]
    Structure {
        /// What it is about.
        what: String,
    },
}

/// A file's text, taken apart.
#[derive(Debug)]
pub enum Document {
    /// JSON, with comments.
    Json {
        /// The text.
        root: CstRootNode,
        /// Whether it begins with a byte order mark.
        is_marked: bool,
    },
    /// TOML.
    Toml(Box<DocumentMut>),
}

impl Document {
    /// Takes a text apart; the name of its file says in which language it is. An empty text is an empty document.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Syntax`]; [`DocumentError::Structure`] when it is JSON and no object.
    pub fn parse(path: &Path, text: &str) -> Result<Self, DocumentError> {
        let syntax = |language, why: String| DocumentError::Syntax { language, why: why.trim().replace('\n', " ") };
        if path.extension().is_some_and(|extension| extension == "toml") {
            let document = text.parse::<DocumentMut>().map_err(|error| syntax("TOML", error.to_string()))?;
            return Ok(Self::Toml(Box::new(document)));
        }
        let (text, is_marked) = text.strip_prefix(MARK).map_or((text, false), |text| (text, true));
        let root = CstRootNode::parse(text, &JSON).map_err(|error| syntax("JSON", error.to_string()))?;
        let is_empty = root.value().is_none();
        if !is_empty && root.object_value().is_none() {
            return Err(DocumentError::Structure { what: "the file".to_owned() });
        }
        Ok(Self::Json { root, is_marked })
    }

    /// Our entry among the servers under a key, or under a key of an object under a key.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Structure`]
    pub fn entry<K: AsRef<str>>(&self, keys: &[K]) -> Result<Option<Value>, DocumentError> {
        match self {
            Self::Json { root, .. } => {
                let Some(servers) = root.object_value().map(|top| servers(&top, keys)).transpose()?.flatten() else {
                    return Ok(None);
                };
                Ok(servers.get(SERVER).map(|property| property.to_serde_value().unwrap_or(Value::Null)))
            }
            Self::Toml(document) => {
                let mut servers: &dyn TableLike = document.as_table();
                for key in keys.iter().map(K::as_ref) {
                    let Some(item) = servers.get(key) else { return Ok(None) };
                    servers = item.as_table_like().ok_or_else(|| no_object(key))?;
                }
                Ok(servers.get(SERVER).map(json_of_toml))
            }
        }
    }

    /// Puts our entry in, in the place of one that is there.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Structure`], and then nothing has changed.
    pub fn put<K: AsRef<str>>(&mut self, keys: &[K], entry: &Value) -> Result<(), DocumentError> {
        match self {
            Self::Json { root, .. } => {
                let top = root.object_value_or_set();
                let mut servers = top.clone();
                for key in keys.iter().map(K::as_ref) {
                    servers = servers.object_value_or_create(key).ok_or_else(|| no_object(key))?;
                }
                match servers.get(SERVER) {
                    Some(property) => {
                        let old = property.to_serde_value().unwrap_or(Value::Null);
                        property.set_value(input(&repaired(&old, entry)));
                    }
                    None => {
                        servers.append(SERVER, input(entry));
                    }
                }
                top.ensure_multiline();
                servers.ensure_multiline();
            }
            Self::Toml(document) => {
                let mut implicit = Table::new();
                implicit.set_implicit(true);
                let mut servers: &mut dyn TableLike = document.as_table_mut();
                for key in keys.iter().map(K::as_ref) {
                    let item = servers.entry(key).or_insert_with(|| Item::Table(implicit.clone()));
                    servers = item.as_table_like_mut().ok_or_else(|| no_object(key))?;
                }
                let mut table = Table::new();
                for (name, field) in entry.as_object().into_iter().flatten() {
                    table.insert(name, toml_of_json(field));
                }
                // What a person has said of it, a time limit or which tools it has, goes on to count.
                let old = servers.get(SERVER);
                if let Some(headed) = old.and_then(Item::as_table) {
                    table.decor_mut().clone_from(headed.decor());
                }
                if let Some(old) = old.and_then(Item::as_table_like) {
                    for (name, field) in old.iter() {
                        if !table.contains_key(name) && !REPLACED.contains(&name) {
                            table.insert(name, on_its_line(field));
                        }
                    }
                    if let Some(mut env) = old.get("env").map(on_its_line) {
                        let variables = env.as_table_like_mut();
                        let is_left = variables.is_some_and(|variables| {
                            IDENTITY.iter().for_each(|name| drop(variables.remove(name)));
                            !variables.is_empty()
                        });
                        if is_left {
                            table.insert("env", env);
                        }
                    }
                }
                servers.insert(SERVER, Item::Table(table));
            }
        }
        Ok(())
    }

    /// Takes our entry out, and says whether there was one.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Structure`], and then nothing has changed.
    pub fn remove<K: AsRef<str>>(&mut self, keys: &[K]) -> Result<bool, DocumentError> {
        match self {
            Self::Json { root, .. } => {
                let Some(top) = root.object_value() else { return Ok(false) };
                let Some(property) = servers(&top, keys)?.and_then(|servers| servers.get(SERVER)) else {
                    return Ok(false);
                };
                property.remove();
                Ok(true)
            }
            Self::Toml(document) => {
                let mut servers: &mut dyn TableLike = document.as_table_mut();
                for key in keys.iter().map(K::as_ref) {
                    let Some(item) = servers.get_mut(key) else { return Ok(false) };
                    servers = item.as_table_like_mut().ok_or_else(|| no_object(key))?;
                }
                Ok(servers.remove(SERVER).is_some())
            }
        }
    }

    /// The text of the whole.
    pub fn text(&self) -> String {
        match self {
            Self::Json { root, is_marked } => {
                let mark = if *is_marked { MARK } else { "" };
                let text = root.to_string();
                let end = if text.ends_with('\n') { "" } else { "\n" };
                format!("{mark}{text}{end}")
            }
            Self::Toml(document) => document.to_string(),
        }
    }
}

fn servers<K: AsRef<str>>(top: &CstObject, keys: &[K]) -> Result<Option<CstObject>, DocumentError> {
    let mut object = top.clone();
    for key in keys.iter().map(K::as_ref) {
        let Some(property) = object.get(key) else { return Ok(None) };
        object = property.object_value().ok_or_else(|| no_object(key))?;
    }
    Ok(Some(object))
}

fn no_object(key: &str) -> DocumentError {
    DocumentError::Structure { what: format!("\"{key}\" in it") }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(flag) => CstInputValue::Bool(*flag),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(all) => CstInputValue::Array(all.iter().map(input).collect()),
        Value::Object(fields) => {
            CstInputValue::Object(fields.iter().map(|(name, field)| (name.clone(), input(field))).collect())
        }
    }
}

/// A field as it stands in a line of its own: what was around it belongs to the line that it shared.
fn on_its_line(field: &Item) -> Item {
    let mut field = field.clone();
    if let Some(value) = field.as_value_mut() {
        let around = [value.decor().prefix(), value.decor().suffix()];
        if around.into_iter().flatten().all(|text| text.as_str().is_none_or(|text| text.trim().is_empty())) {
            value.decor_mut().clear();
        }
    }
    field
}

fn toml_of_json(field: &Value) -> Item {
    match field {
        Value::Bool(flag) => value(*flag),
        Value::Array(words) => value(words.iter().filter_map(Value::as_str).collect::<toml_edit::Array>()),
        Value::String(text) => value(text.as_str()),
        Value::Object(fields) => {
            let field = |(name, field): (&String, &Value)| Some((name.clone(), toml_of_json(field).into_value().ok()?));
            value(fields.iter().filter_map(field).collect::<toml_edit::InlineTable>())
        }
        other => value(other.to_string()),
    }
}

/// What of TOML says which program is run: words, flags, lists and tables of them. Numbers and times are shown.
fn json_of_toml(item: &Item) -> Value {
    if let Some(table) = item.as_table_like() {
        return Value::Object(table.iter().map(|(name, field)| (name.to_owned(), json_of_toml(field))).collect());
    }
    match item.as_value() {
        Some(toml_edit::Value::String(text)) => Value::String(text.value().clone()),
        Some(toml_edit::Value::Boolean(flag)) => Value::Bool(*flag.value()),
        Some(toml_edit::Value::Array(all)) => {
            Value::Array(all.iter().map(|one| json_of_toml(&Item::Value(one.clone()))).collect())
        }
        Some(other) => Value::String(other.to_string().trim().to_owned()),
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::entry::Shape;

    const JSONC: &str = r#"{
  // theirs
  "theme": "dark",
  "mcpServers": {
    "other": {"command": "x"}, // keep me
  },
}
"#;

    const TOML: &str = "# mine\nmodel = \"m\" # why\n\n[mcp_servers.other]\ncommand = \"x\"\n\n[projects.\"/w\"]\ntrust_level = \"trusted\"\n";

    #[test]
    fn an_entry_comes_and_goes_and_the_rest_stays() {
        #[rustfmt::skip]
        let cases = [
            // file      before                                    key            shape
            ("a.json",   JSONC,                                    "mcpServers",     Shape::Stdio),
            ("a.json",   JSONC,                                    "amp.mcpServers", Shape::Stdio),
            ("a.json",   "{\"a\":1}",                              "mcp",            Shape::Local),
            ("a.json",   "{\"p\":{\"w\":{\"a\":1}}}",             "p|w|s",         Shape::Stdio),
            ("a.toml",   "[p.w]\na = 1\n",                         "p|w|s",          Shape::Stdio),
            ("a.json",   "{}",                                     "mcpServers",     Shape::Stdio),
            ("a.json",   "",                                       "mcpServers",     Shape::TypedStdio),
            ("a.json",   "\u{feff}{\"mcpServers\": {}}\r\n",       "mcpServers",     Shape::Stdio),
            ("a.toml",   TOML,                                     "mcp_servers",    Shape::Passing),
            ("a.toml",   "",                                       "mcp_servers",    Shape::Passing),
            ("a.toml",   "mcp_servers = {other = {command = \"x\"}}\n", "mcp_servers", Shape::Passing),
        ];
        for (file, before, keys, shape) in cases {
            let keys: Vec<_> = keys.split('|').collect();
            let path = Path::new(file);
            let parse = |text: &str| Document::parse(path, text).unwrap();
            let mut document = parse(before);
            assert_eq!(document.entry(&keys).unwrap(), None, "{before}");
            document.put(&keys, &shape.entry("/opt/cccc")).unwrap();
            let put = document.text();
            assert_eq!(parse(&put).entry(&keys).unwrap(), Some(shape.entry("/opt/cccc")), "{put}");
            for line in before.lines().map(str::trim).filter(|line| line.contains(['#', '/']) && !line.contains("= {"))
            {
                assert!(put.contains(line), "{line} is not in {put}");
            }
            let mut again = parse(&put);
            again.put(&keys, &shape.entry("/opt/cccc")).unwrap();
            assert_eq!(again.text(), put, "a second time changes nothing");
            again.put(&keys, &shape.entry("/new/cccc")).unwrap();
            let moved = again.text();
            assert_eq!(parse(&moved).entry(&keys).unwrap(), Some(shape.entry("/new/cccc")), "{moved}");
            assert!(again.remove(&keys).unwrap() && !again.remove(&keys).unwrap());
            let removed = again.text();
            assert_eq!(parse(&removed).entry(&keys).unwrap(), None, "{removed}");
            assert_eq!(before.contains("keep me"), removed.contains("keep me"), "{removed}");
            assert!(!removed.contains("cccc"), "{removed}");
        }
        assert_eq!(
            {
                let mut document = Document::parse(Path::new("a.json"), JSONC).unwrap();
                document.put(&["mcpServers"], &Shape::Stdio.entry("/opt/cccc")).unwrap();
                document.remove(&["mcpServers"]).unwrap();
                document.text()
            },
            JSONC,
            "what was put in and taken out leaves no trace"
        );
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        #[rustfmt::skip]
        let cases = [
            ("a.json", "not json",                "it is no JSON: "),
            ("a.json", "{\"a\": 1 \"b\": 2}",     "it is no JSON: "),
            ("a.json", "{\"a\": 'b'}",            "it is no JSON: "),
            ("a.json", "[1]",                     "the file is no object"),
            ("a.json", "{\"mcpServers\": [1]}",   "\"mcpServers\" in it is no object"),
            ("a.toml", "a = ",                    "it is no TOML: "),
            ("a.toml", "mcpServers = 1",          "\"mcpServers\" in it is no object"),
        ];
        for (file, text, wanted) in cases {
            let put = Document::parse(Path::new(file), text)
                .and_then(|mut document| document.put(&["mcpServers"], &Shape::Stdio.entry("/c")));
            let said = put.unwrap_err().to_string();
            assert!(said.starts_with(wanted) && !said.contains('\n'), "{text}: {said}");
        }
    }

    /// An entry that is repaired keeps what a person has set in it, and loses what made it stale, in each way that there is
    /// to write a table.
    #[test]
    fn what_a_person_has_set_in_a_table_stays() {
        for before in [
            "[mcp_servers.cccc]\ncommand = \"cccc\"\nargs = [\"mcp\"]\nstartup_timeout_sec = 20\nenabled = false\nenv = { CCCC_ACTOR_ID = \"a\", KEEP = \"k\" }\n",
            "[mcp_servers]\ncccc = {command = \"x\", enabled = false, env = {KEEP = \"k\", CCCC_ACTOR_ID = \"a\"}, startup_timeout_sec = 20 }\n",
            "mcp_servers = {cccc = {command = \"x\", startup_timeout_sec = 20, env = {KEEP = \"k\"}}}\n",
            "[mcp_servers]\ncccc.command = \"x\"\ncccc.startup_timeout_sec = 20\ncccc.env.KEEP = \"k\"\n",
            "[mcp_servers.cccc]\ncommand = \"x\"\nstartup_timeout_sec = 20\n[mcp_servers.cccc.env]\nKEEP = \"k\"\n",
        ] {
            mended(before);
        }
    }

    fn mended(before: &str) {
        let mut document = Document::parse(Path::new("a.toml"), before).unwrap();
        document.put(&["mcp_servers"], &Shape::Passing.entry("/opt/cccc")).unwrap();
        let after = document.text();
        assert!(
            after.contains("startup_timeout_sec = 20") && after.contains("KEEP") && after.contains("/opt/cccc"),
            "{after}"
        );
        assert!(!after.contains("CCCC_ACTOR_ID = ") && !after.contains("enabled"), "{after}");
        let read = Document::parse(Path::new("a.toml"), &after).unwrap().entry(&["mcp_servers"]).unwrap().unwrap();
        assert_eq!((&read["startup_timeout_sec"], &read["env"]["KEEP"]), (&"20".into(), &"k".into()), "{after}");
    }
}
