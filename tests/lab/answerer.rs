//! A model that does what agents are told to do with a message: it looks into its inbox, marks what is there as read, and
//! replies, with our tools and with nothing else.

use crate::model::{Call, Model, runs_programs};
use serde_json::{Value, json};

/// What it does next, after so many results of tools.
pub fn next(request: &Value, done: usize) -> Option<Call> {
    if runs_programs(request) {
        return (done == 0).then(|| Call::Custom("exec", program()));
    }
    let mut texts = Vec::new();
    collect(request, &mut texts);
    let (tool, args) = match (done, asked(&texts)) {
        (0, _) => ("cccc_inbox_list", json!({})),
        (1, Some(id)) => ("cccc_inbox_mark_read", json!({"event_id": id})),
        (2, Some(id)) => ("cccc_message_reply", json!({"event_id": id, "text": Model::REPLY})),
        _ => return None,
    };
    let names = request["tools"]
        .as_array()?
        .iter()
        .filter_map(|offered| [&offered["name"], &offered["function"]["name"]].into_iter().find_map(Value::as_str));
    let name = names.into_iter().find(|name| name.ends_with(tool))?.to_owned();
    Some(Call::Function(name, args.to_string()))
}

/// The same for a client whose tools are called by a program.
fn program() -> String {
    let reply = json!(Model::REPLY);
    let mark = json!(Model::ANSWER);
    format!(
        "const told = await tools.mcp__cccc__cccc_inbox_list({{}});\n\
         const inbox = JSON.parse(told.content[0].text);\n\
         const id = inbox.messages.find((message) => message.data.text.includes({mark})).id;\n\
         await tools.mcp__cccc__cccc_inbox_mark_read({{event_id: id}});\n\
         await tools.mcp__cccc__cccc_message_reply({{event_id: id, text: {reply}}});\n\
         text(JSON.stringify(told));"
    )
}

/// The message that asks, in an inbox that was shown.
fn asked(texts: &[&str]) -> Option<String> {
    let inboxes =
        texts.iter().filter_map(|text| serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?.ok());
    inboxes.flat_map(|inbox| inbox["messages"].as_array().cloned().unwrap_or_default()).find_map(|message| {
        let asks = message["data"]["text"].as_str()?.contains(Model::ANSWER);
        asks.then(|| message["id"].as_str().map(str::to_owned))?
    })
}

fn collect<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(all) => all.iter().for_each(|one| collect(one, into)),
        Value::Object(fields) => fields.values().for_each(|one| collect(one, into)),
        _ => {}
    }
}
