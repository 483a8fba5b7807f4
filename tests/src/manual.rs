//! The reference manual of the ops, written from the source of the contract: `docs/ops.md`.
//!
//! The contract's files are formatted in one way, so their documented structures can be read line by line.

use bus::contract::op::{About, Access, Row, Server, TABLE};
use bus::contract::{Code, refusal};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A field of a request or a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    kind: String,
    doc: String,
}

/// The structures of one file, by name.
type Structures = BTreeMap<String, Vec<Field>>;

const INTRODUCTION: &str = "# Ops

Everything that can be asked, over the client socket (one JSON object per line: `{\"op\": …, \"args\": {…}}`) or with
`cccc call <op> '<args>'`. Written from the contract (`bus/src/contract/op/`) by `make docs`; do not edit it by hand.

Unknown arguments are ignored. Besides its own, every op takes these:

| Argument | Takes | Means |
|---|---|---|
| `by` | text | who speaks; a claim, unless a token proves it |
| `token` | text | proves the actor it was given to (`CCCC_ACTOR_TOKEN`) |
| `request_id` | text | the client's own name for a request that writes: the same id twice writes once |

";

/// The whole manual.
///
/// # Panics
///
/// The source of the contract is not beside this crate, or an op's types are not where the table says.
pub fn ops() -> String {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bus/src/contract");
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table = read(&contract.join("op/table.rs"));
    let mut text = INTRODUCTION.to_owned();
    for row in TABLE {
        let (request, reply) = types(&table, row.name);
        section(&mut text, row);
        for (title, (noun, name)) in [("Argument", request), ("Answer", reply)] {
            let file = contract.join("op").join(&noun);
            let file = if file.is_dir() { file.join("mod.rs") } else { file.with_extension("rs") };
            let fields = structures(&read(&file)).remove(&name).unwrap_or_default();
            fields_table(&mut text, title, &fields);
        }
        let own = codes(row.own_refusals());
        if !own.is_empty() {
            write!(text, "Refused, besides what is [common](#refusals), with: {own}.\n\n").expect("memory takes it");
        }
    }
    text + &refusals(&read(&contract.join("error.rs")))
}

fn section(text: &mut String, row: &Row) {
    let access = match row.access {
        Access::Read => "reads",
        Access::Write => "writes",
        Access::Store => "stores files",
    };
    let server = match row.server {
        Server::Ledger => "ledgerd",
        Server::Pty => "ptyd",
        Server::Look => "ledgerd, by way of ptyd",
        Server::Door => "the door",
    };
    let about = match row.about {
        About::Group => "a group",
        About::Home => "the home",
    };
    let speaker = row.speaker;
    write!(
        text,
        "## `{}`\n\n{}\n\n*{access}, about {about}, served by {server}; without `by`, `{speaker}` speaks*\n\n",
        row.name,
        row.doc.trim()
    )
    .expect("memory takes it");
}

fn codes(codes: &[Code]) -> String {
    codes.iter().map(|code| format!("`{}`", code.word())).collect::<Vec<_>>().join(", ")
}

fn fields_table(text: &mut String, title: &str, fields: &[Field]) {
    if fields.is_empty() {
        return;
    }
    write!(text, "| {title} | {} | Means |\n|---|---|---|\n", if title == "Argument" { "Takes" } else { "Is" })
        .expect("memory takes it");
    for Field { name, kind, doc } in fields {
        writeln!(text, "| `{name}` | {kind} | {} |", doc.replace('|', "\\|")).expect("memory takes it");
    }
    text.push('\n');
}

/// Where the table says an op's request and reply are: file and structure.
fn types(table: &str, op: &str) -> ((String, String), (String, String)) {
    let row = table.lines().find(|line| line.trim_start().starts_with(&format!("\"{op}\"")));
    let row = row.unwrap_or_else(|| panic!("{op} has a row"));
    let place = |path: &str| {
        let (noun, name) =
            path.trim().split_once("::").unwrap_or_else(|| panic!("{op}: {path} is in a file of a noun"));
        (noun.to_owned(), name.to_owned())
    };
    let (request, rest) = row.split_once('(').and_then(|(_, rest)| rest.split_once(')')).expect("a request");
    let reply = rest.split_once("->").and_then(|(_, rest)| rest.split_once(',')).expect("a reply").0;
    (place(request), place(reply))
}

/// The public structures of a file with their documented fields.
fn structures(source: &str) -> Structures {
    let mut found = Structures::new();
    let (mut current, mut doc, mut attributes) = (None::<String>, String::new(), String::new());
    for line in source.lines() {
        if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.split([' ', '(', ';']).next()) {
            current = line.ends_with('{').then(|| name.to_owned());
            found.entry(name.to_owned()).or_default();
        } else if line == "}" {
            current = None;
        } else if let Some(words) = line.trim_start().strip_prefix("/// ") {
            doc = if doc.is_empty() { words.to_owned() } else { format!("{doc} {words}") };
            continue;
        } else if line.trim_start().starts_with("#[") {
            attributes.push_str(line.trim());
            continue;
        } else if let (Some(name), Some(field)) = (&current, line.strip_prefix("    pub ")) {
            let (field, kind) = field.trim_end_matches(',').split_once(": ").unwrap_or((field, ""));
            let field = renamed(&attributes).unwrap_or_else(|| field.trim_start_matches("r#").to_owned());
            let fields = found.get_mut(name).expect("it was opened");
            fields.push(Field { name: field, kind: kind_of(kind, &attributes), doc: linkless(&doc) });
        }
        doc.clear();
        attributes.clear();
    }
    found
}

fn renamed(attributes: &str) -> Option<String> {
    let (_, rest) = attributes.split_once("rename = \"")?;
    rest.split_once('"').map(|(name, _)| name.to_owned())
}

/// A type in the words of a client.
fn kind_of(kind: &str, attributes: &str) -> String {
    if attributes.contains("flatten") {
        return format!("the fields of {}", kind_of(kind, ""));
    }
    let inside = |prefix: &str| kind.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>'));
    if let Some(inner) = inside("Option<") {
        return format!("{} or null", kind_of(inner, ""));
    }
    if let Some(inner) = inside("Vec<") {
        return format!("list of {}", kind_of(inner, ""));
    }
    if let Some(inner) = inside("Box<") {
        return kind_of(inner, "");
    }
    if kind.starts_with("Map<") || kind.starts_with("BTreeMap<") {
        return "object".into();
    }
    let last = kind.rsplit("::").next().unwrap_or(kind);
    match last {
        "String" => "text".into(),
        "bool" => "true or false".into(),
        "u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "usize" => "number".into(),
        "f64" => "fraction".into(),
        "Value" => "anything".into(),
        other => format!("`{other}`"),
    }
}

/// A sentence without the brackets and paths that lead through the source.
fn linkless(doc: &str) -> String {
    let mut text = String::new();
    let mut rest = doc;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((link, after)) = after.split_once("`]") else { break };
        write!(text, "{before}`{}`", link.rsplit("::").next().unwrap_or(link)).expect("memory takes it");
        rest = after;
    }
    text + rest
}

/// The codes of refusals with what they mean, and those that are common to many ops.
fn refusals(source: &str) -> String {
    let mut text = String::from(
        "# Refusals\n\nA refused request has `ok: false` and an error with one of these codes, a sentence for people, and \
         details for programs. Asking again later with the same `request_id` is safe where it says so.\n\n\
         | An op that | may be refused with |\n|---|---|\n",
    );
    let common = [
        ("is asked", refusal::ANY),
        ("writes", refusal::WRITE),
        ("stores files", refusal::STORE),
        ("is about a group", refusal::GROUP),
    ];
    for (which, common) in common {
        writeln!(text, "| {which} | {} |", codes(common)).expect("memory takes it");
    }
    text.push_str("\n| Code | Means | Again later |\n|---|---|---|\n");
    let mut doc = String::new();
    for line in source.lines().skip_while(|line| !line.starts_with("codes! {")) {
        let line = line.trim();
        if let Some(words) = line.strip_prefix("/// ") {
            doc = if doc.is_empty() { words.to_owned() } else { format!("{doc} {words}") };
        } else if let Some((_, rest)) = line.split_once(" = \"") {
            let (code, rest) = rest.split_once('"').expect("a code is quoted");
            let again = if rest.contains("retry") { "yes" } else { "no" };
            writeln!(text, "| `{code}` | {} | {again} |", linkless(&doc)).expect("memory takes it");
            doc.clear();
        } else if line == "}" {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_is_read_as_it_is_documented() {
        let source = "/// Which.\npub struct List {\n    /// How many, see [`crate::contract::limit::MAX`].\n    /// Or all.\n    \
                      #[serde(rename = \"n\")]\n    pub limit: Option<i64>,\n    /// Who.\n    pub to: Vec<String>,\n}\n\npub struct Nothing {}\n";
        let field = |name: &str, kind: &str, doc: &str| Field { name: name.into(), kind: kind.into(), doc: doc.into() };
        let found = structures(source);
        assert_eq!(
            found["List"],
            [field("n", "number or null", "How many, see `MAX`. Or all."), field("to", "list of text", "Who.")]
        );
        assert!(found["Nothing"].is_empty());
    }
}
