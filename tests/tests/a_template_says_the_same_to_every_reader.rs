//! What we write as YAML, PyYAML and the older release read alike, and what they write, we do: words that look like
//! something else, characters that end a line for some readers only, and whatever chance comes up with.

use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};
use tests::{Stack, published};

/// Words that some reader takes for something else.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "0o755", "1_000", "010", "08", "0x1F", "0b11", "1:30", "1e3", "1.5e+3", "-.5", ".5", "1.", ".inf", ".NaN", "+1", "-",
    "2026-01-13", "2026-01-13T12:00:00Z", "2026-01-13 12:00:00", "yes", "No", "ON", "off", "y", "N", "true", "Null", "~",
    "null", "=", "<<", "---", "...", "- a", "? a", ": a", "a: b", "a #b", "#a", "&a", "*a", "!a", "!!str a", "|", ">", "%a",
    "@a", "`a", "[a", "{a", "a, b", "'a'", "\"a\"", "\\", "a\\nb", "a\u{85}b", "a\u{9b}b", "a\u{2028}b", "a\u{2029}b",
    "a\u{feff}b", "a\u{fffe}b", "a\u{7f}b", "a\u{a0}b", "a\u{1}b", "a\tb", "a\rb", "a\r\nb", "a\nb", "a\n\nb", "a\n b\n c", "a\n\tb",
    "a\n---\nb", "a\n#b", "é", "😀", "審", "a  b",
];

/// Characters of which chance makes words.
const CHARACTERS: &[char] = &[
    'a', 'e', 'o', 'x', 'Z', '0', '1', '7', '9', '_', '-', '+', '.', ':', '/', '#', '&', '*', '!', '|', '>', '\'', '"',
    '%', '@', '`', '[', ']', '{', '}', ',', '?', '=', '<', '~', '\\', ' ', '\n', '\t', '\r', '\u{85}', '\u{9b}',
    '\u{2028}', '\u{feff}', '\u{a0}', 'é', '😀',
];

/// Words that chance has made, none of which begins or ends with a blank: those are cut off by everybody.
fn chance(mut seed: u64, count: usize) -> Vec<String> {
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).expect("a small number")
    };
    let is_blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let mut words = Vec::new();
    while words.len() < count {
        let length = 1 + next(8);
        let word: String = (0..length).map(|_| CHARACTERS[next(CHARACTERS.len())]).collect();
        if !word.starts_with(is_blank) && !word.ends_with(is_blank) {
            words.push(word);
        }
    }
    words
}

/// What PyYAML and the older release make of a template.
fn read(text: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("published/read_template.py");
    let mut python = Command::new(published("cccc-pair==0.4.2").join("python"));
    let mut child = python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{text}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn a_template_says_the_same_to_every_reader() {
    let stack = Stack::start();
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_nanos() as u64 | 1;
    let words: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).chain(chance(seed, 400)).collect();
    let actors: Vec<Value> = words
        .chunks(100)
        .enumerate()
        .map(|(number, words)| {
            let command: Vec<&str> = ["agent"].into_iter().chain(words.iter().map(String::as_str)).collect();
            json!({"id": format!("a{number}"), "runtime": "custom", "command": command, "title": WORDS[number]})
        })
        .collect();
    let snippets: serde_json::Map<String, Value> = words
        .iter()
        .take(WORDS.len())
        .enumerate()
        .map(|(n, word)| (format!("s{n}"), json!(format!("{word}\n."))))
        .collect();
    let template = json!({"kind": "cccc.group_template", "v": 1, "title": "1_000", "topic": "0o755", "actors": actors,
                          "automation": {"rules": [], "snippets": snippets}});
    let make = |name: &str, template: &str| -> String {
        let path = stack.folder().join(name);
        std::fs::create_dir(&path).expect("a folder");
        let args = json!({"path": path, "template": template});
        stack.ask("group_create_from_template", &args)["group_id"].as_str().expect("an id").to_owned()
    };
    let export = |group_id: &str| -> String {
        let args = json!({"group_id": group_id});
        stack.ask("group_template_export", &args)["template"].as_str().expect("a text").to_owned()
    };
    let group = make("first", &template.to_string());
    let shown = stack.ask("group_show", &json!({"group_id": group}))["group"].clone();
    assert_eq!((&shown["title"], &shown["topic"]), (&json!("1_000"), &json!("0o755")), "the template's own");
    let text = export(&group);
    let theirs = read(&text);
    for (number, actor) in actors.iter().enumerate() {
        let (id, command) = (actor["id"].as_str().expect("an id"), &actor["command"]);
        assert_eq!(&theirs["document"]["actors"][number]["command"], command, "PyYAML, seed {seed}");
        assert_eq!(&theirs["older"][id], command, "the older release, seed {seed}");
    }
    assert_eq!(theirs["document"]["automation"]["snippets"], template["automation"]["snippets"], "seed {seed}");

    // And back: what PyYAML writes is what we read.
    let again = export(&make("second", theirs["dumped"].as_str().expect("a text")));
    for part in ["actors", "title", "topic", "automation", "settings"] {
        assert_eq!(read(&again)["document"][part], theirs["again"][part], "{part}, seed {seed}");
    }
}
