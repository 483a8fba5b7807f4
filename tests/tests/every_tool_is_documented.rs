//! Every tool is in `docs/tools.md` and `docs/tools.json` as agents are shown it, and all of them together are short.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tests::Stack;
use tests::mcp::{Badge, Mcp};

/// Bytes of the answer to `tools/list`, which every agent reads at the start of every conversation.
const BYTES_MAX: usize = 40_000;

const HEAD: &str = "# Tools\n\nWhat agents act through, over MCP: `cccc mcp`, or mcpd over HTTP. Written by `make docs`; the schemas \
                    are in [tools.json](tools.json).\n\nEvery tool also takes `group_id` and the caller's own name where \
                    its schema says so; an agent leaves them away. A peer is not shown what only the foreman may do.\n\n\
                    Newer versions have one name for a noun and an `action`: `cccc_file`, `cccc_task`, `cccc_coordination`, \
                    `cccc_agent_state`, `cccc_group`, `cccc_actor`, `cccc_automation`, `cccc_headless`, `cccc_notify`, \
                    `cccc_terminal`, `cccc_debug`. Those are answered as well, and not listed.\n";

fn word(hints: &Value) -> &'static str {
    let is = |name: &str| hints[name] == json!(true);
    match (is("readOnlyHint"), is("destructiveHint"), is("idempotentHint")) {
        (true, ..) => "reads",
        (_, true, _) => "ends",
        (_, _, true) => "sets",
        _ => "adds",
    }
}

/// Whether an argument is one of those that an agent leaves away, because it is known who calls and where. Of somebody else
/// the schema says who it is, or needs it.
fn is_the_callers(name: &str, argument: &Value) -> bool {
    ["group_id", "actor_id", "by"].contains(&name) && argument["description"].is_null()
}

/// The names of its arguments, those that it needs in bold.
fn arguments(schema: &Value) -> String {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema["properties"].as_object().expect("properties");
    let named =
        properties.iter().filter(|(name, argument)| required.contains(&json!(name)) || !is_the_callers(name, argument));
    let shown = named
        .map(|(name, _)| if required.contains(&json!(name)) { format!("**`{name}`**") } else { format!("`{name}`") });
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_tool_is_documented() {
    let stack = Stack::start();
    // Of whom nothing is known, everything is shown.
    let answer = Mcp::stdio(&stack, &Badge::default()).request("tools/list", &json!({})).expect("tools");
    let tools = answer["result"]["tools"].as_array().expect("tools");
    assert!(answer.to_string().len() <= BYTES_MAX, "{} bytes", answer.to_string().len());
    let mut manual = format!("{HEAD}\n| Tool | Effect | Arguments | What it is for |\n|---|---|---|---|\n");
    for tool in tools {
        let text = |key: &str| tool[key].as_str().unwrap_or_default();
        let (effect, arguments) = (word(&tool["annotations"]), arguments(&tool["inputSchema"]));
        writeln!(manual, "| `{}` | {effect} | {arguments} | {} |", text("name"), text("description")).expect("text");
        assert!(!text("description").is_empty() && tool["inputSchema"]["type"] == "object", "{tool}");
    }
    let schemas = format!("{}\n", serde_json::to_string_pretty(tools).expect("plain data"));
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for (name, written) in [("tools.md", &manual), ("tools.json", &schemas)] {
        let path = docs.join(name);
        if std::env::var_os("CCCC_WRITE_DOCS").is_some() {
            fs::write(&path, written).expect("the file can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == *written, "{} is not what agents are shown: make docs", path.display());
    }
}
