//! docs/web-stream.md and docs/web-stream.json, made from the frames.

use super::frame::{Carried, Said, Told, VERSION};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[test]
fn the_socket_is_documented() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let schema = schema();
    let json = serde_json::to_string_pretty(&schema).expect("plain data") + "\n";
    for (name, written) in [("web-stream.json", &json), ("web-stream.md", &manual(&schema))] {
        let path = docs.join(name);
        if std::env::var_os("CCCC_WRITE_DOCS").is_some() {
            fs::write(&path, written).expect("the file can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == *written, "{} is not what the frames say: make docs", path.display());
    }
}

fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12;
    let (mut said, mut told) = (settings().into_generator(), settings().for_serialize().into_generator());
    let frames = |schema: schemars::Schema| schema.get("oneOf").cloned().unwrap_or_default();
    let (said_frames, told_frames) = (frames(said.root_schema_for::<Said>()), frames(told.root_schema_for::<Told>()));
    let mut definitions: Map<String, Value> = said.take_definitions(true);
    definitions.extend(told.take_definitions(true));
    json!({"v": VERSION, "said": said_frames, "told": told_frames, "$defs": definitions})
}

fn manual(schema: &Value) -> String {
    let mut text = format!(
        "# The socket of a page\n\n\
         Generated from `webd/src/ws/frame.rs` (`make docs`); the schema is in [web-stream.json](web-stream.json).\n\n\
         `GET /ws` is a WebSocket. Text frames carry one JSON object each, whose `t` says what it is; unknown fields are \
         ignored. Protocol {VERSION}. Who may open it is who may ask over REST: own origin, and a token where one is wanted.\n"
    );
    for (title, name) in [("What a page says", "said"), ("What the server says", "told")] {
        let _ = write!(text, "\n## {title}\n");
        for frame in schema[name].as_array().into_iter().flatten() {
            let kind = frame["properties"]["t"]["const"].as_str().unwrap_or_default();
            let _ = write!(text, "\n### `{kind}`\n\n{}\n", sentence(frame));
            let fields = frame["properties"].as_object().into_iter().flatten().filter(|(field, _)| *field != "t");
            let rows: String =
                fields.map(|(field, of)| format!("| `{field}` | {} | {} |\n", type_of(of), sentence(of))).collect();
            if !rows.is_empty() {
                let _ = write!(text, "\n| Field | Type | |\n|---|---|---|\n{rows}");
            }
        }
    }
    let _ = write!(
        text,
        "\n## Binary frames\n\n\
         From the server only: four bytes, big-endian, with the number of the terminal, one that says what it is, and the \
         terminal's bytes.\n\n\
         | Byte | |\n|---|---|\n\
         | {} | Output, right behind what came before. Characters may be cut between two frames. |\n\
         | {} | What draws the screen as it is, whatever was shown before; output goes on behind it. |\n\
         | {} | What was put out before, to be written once, ahead of the first screen: it fills the lines above. |\n",
        Carried::Output as u8,
        Carried::Screen as u8,
        Carried::Earlier as u8
    );
    text
}

fn sentence(of: &Value) -> String {
    of["description"].as_str().unwrap_or_default().replace('\n', " ")
}

fn type_of(of: &Value) -> String {
    let named =
        |of: &Value| of["$ref"].as_str().and_then(|path| path.rsplit('/').next()).map(|name| format!("`{name}`"));
    if let Some(name) = named(of) {
        return name;
    }
    let choices = of["anyOf"].as_array().map(|choices| choices.iter().map(type_of).collect::<Vec<_>>().join(" or "));
    choices.unwrap_or_else(|| match &of["type"] {
        Value::String(word) if word == "array" => format!("list of {}", type_of(&of["items"])),
        Value::String(word) => word.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".into(),
    })
}
