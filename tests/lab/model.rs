//! A model that follows a script: it speaks three protocols as far as agent programs need them, answers the same to everything,
//! and remembers what it was asked.

use super::answerer;
use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What it says.
const SAYS: &str = "Understood.";

/// A model on a port of its own.
#[derive(Debug, Clone)]
pub struct Model {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Model {
    /// Whoever says this is told to remove a file, once.
    pub const REMOVE: &'static str = "REMOVE-IT";

    /// Whoever says this is told to look into its inbox, to mark what is there as read, and to reply to it.
    pub const ANSWER: &'static str = "ANSWER-IT";

    /// What is said in that reply.
    pub const REPLY: &'static str = "It is done, as you asked.";

    /// Starts it; it serves for as long as the process lives.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let model = Self { port: listener.local_addr().expect("its number").port(), asked: Arc::default() };
        let serving = model.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let model = serving.clone();
                // A client that goes away ends its thread.
                thread::spawn(move || drop(model.serve(connection)));
            }
        });
        model
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many requests had a text in them.
    pub fn count(&self, text: &str) -> usize {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|body| body.contains(text)).count()
    }

    /// How many requests had two texts in them.
    pub fn count_both(&self, one: &str, other: &str) -> usize {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter(|body| body.contains(one) && body.contains(other)).count()
    }

    fn serve(&self, connection: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(connection.try_clone()?);
        let mut writer = connection;
        loop {
            let mut head = String::new();
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line)?;
                if line.trim().is_empty() {
                    break;
                }
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("content-length")
                {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let (kind, answer) = self.answer(&path, &body);
            write!(writer, "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", answer.len())?;
            writer.write_all(answer.as_bytes())?;
        }
    }

    fn answer(&self, path: &str, body: &[u8]) -> (&'static str, String) {
        let text = String::from_utf8_lossy(body).into_owned();
        let request: Value = serde_json::from_str(&text).unwrap_or_default();
        let said = [&request["messages"], &request["input"]].map(Value::to_string).concat();
        let results: usize = [r#""type":"tool_result""#, r#"call_output","#, r#""role":"tool""#]
            .iter()
            .map(|mark| said.matches(mark).count())
            .sum();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        let tool = match results {
            0 if said.contains(Self::REMOVE) => remover(&request),
            done if said.contains(Self::ANSWER) => answerer::next(&request, done),
            _ => None,
        };
        match path {
            _ if path.contains("count_tokens") => ("application/json", r#"{"input_tokens":1}"#.into()),
            _ if path.starts_with("/v1/messages") => ("text/event-stream", messages(&request, tool)),
            _ if path.contains("/responses") => ("text/event-stream", responses(tool)),
            _ if path.contains("/chat/completions") => ("text/event-stream", completions(tool)),
            _ => ("application/json", r#"{"data":[],"models":[],"object":"list"}"#.into()),
        }
    }
}

/// A tool of the client that the model wants called.
pub enum Call {
    /// Its name, and its arguments as JSON.
    Function(String, String),
    /// Its name, and a program of its own language.
    Custom(&'static str, String),
}

/// The call that removes a file, with whatever tool the client has for it.
fn remover(request: &Value) -> Option<Call> {
    const COMMAND: &str = "rm -rf precious";
    if runs_programs(request) {
        let arguments =
            json!({"cmd": COMMAND, "justification": "asked for", "sandbox_permissions": "require_escalated"});
        return Some(Call::Custom("exec", format!("text(await tools.exec_command({arguments}));")));
    }
    let name = |tool: &Value| {
        let name = [&tool["name"], &tool["function"]["name"]].into_iter().find_map(Value::as_str)?;
        ["Bash", "bash"].contains(&name).then(|| name.to_owned())
    };
    let name = request["tools"].as_array()?.iter().find_map(name)?;
    let arguments = json!({"command": COMMAND, "description": "Remove a file"});
    Some(Call::Function(name, arguments.to_string()))
}

/// Whether the client offers its tools to programs that it runs, as Codex does; its requests for a mere title do so, too.
pub fn runs_programs(request: &Value) -> bool {
    request["input"][0]["type"] == "additional_tools" && request["text"]["format"].is_null()
}

/// An id that nothing else has: of two results of one call a client keeps one.
fn fresh(kind: &str) -> String {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    format!("{kind}_{}", LAST.fetch_add(1, Ordering::Relaxed))
}

fn stream(events: &[(&str, Value)]) -> String {
    let event = |(kind, data): &(&str, Value)| match *kind {
        "" => format!("data: {data}\n\n"),
        kind => format!("event: {kind}\ndata: {data}\n\n"),
    };
    events.iter().map(event).collect()
}

/// Anthropic's Messages.
fn messages(request: &Value, tool: Option<Call>) -> String {
    let usage = json!({"input_tokens": 1, "output_tokens": 1});
    let mut message = json!({"id": fresh("msg"), "type": "message", "role": "assistant", "model": request["model"], "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": usage});
    if request["stream"] != json!(true) {
        message["content"] = json!([{"type": "text", "text": SAYS}]);
        message["stop_reason"] = "end_turn".into();
        return message.to_string();
    }
    let (block, delta, stop) = match tool {
        Some(Call::Function(name, arguments)) => (
            json!({"type": "tool_use", "id": fresh("toolu"), "name": name, "input": {}}),
            json!({"type": "input_json_delta", "partial_json": arguments}),
            "tool_use",
        ),
        Some(Call::Custom(..)) | None => {
            (json!({"type": "text", "text": ""}), json!({"type": "text_delta", "text": SAYS}), "end_turn")
        }
    };
    stream(&[
        ("message_start", json!({"type": "message_start", "message": message})),
        ("content_block_start", json!({"type": "content_block_start", "index": 0, "content_block": block})),
        ("content_block_delta", json!({"type": "content_block_delta", "index": 0, "delta": delta})),
        ("content_block_stop", json!({"type": "content_block_stop", "index": 0})),
        (
            "message_delta",
            json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null}, "usage": {"output_tokens": 5}}),
        ),
        ("message_stop", json!({"type": "message_stop"})),
    ])
}

/// OpenAI's Responses.
fn responses(tool: Option<Call>) -> String {
    let item = match tool {
        Some(Call::Function(name, arguments)) => {
            json!({"type": "function_call", "id": "fc1", "call_id": fresh("call"), "name": name, "arguments": arguments})
        }
        Some(Call::Custom(name, input)) => {
            json!({"type": "custom_tool_call", "id": "fc1", "call_id": fresh("call"), "name": name, "input": input})
        }
        None => {
            json!({"type": "message", "role": "assistant", "id": "m1", "content": [{"type": "output_text", "text": SAYS}]})
        }
    };
    let usage = json!({"input_tokens": 1, "input_tokens_details": null, "output_tokens": 1, "output_tokens_details": null,
        "total_tokens": 2});
    stream(&[
        ("response.created", json!({"type": "response.created", "response": {"id": "r1"}})),
        ("response.output_item.done", json!({"type": "response.output_item.done", "item": item})),
        ("response.completed", json!({"type": "response.completed", "response": {"id": "r1", "usage": usage}})),
    ])
}

/// OpenAI's chat completions.
fn completions(tool: Option<Call>) -> String {
    let chunk = |delta: Value, finish: Value| {
        json!({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    };
    let (delta, finish) = match tool {
        Some(Call::Function(name, arguments)) => (
            json!({"role": "assistant", "tool_calls": [{"index": 0, "id": fresh("call"), "type": "function",
                "function": {"name": name, "arguments": arguments}}]}),
            "tool_calls",
        ),
        Some(Call::Custom(..)) | None => (json!({"role": "assistant", "content": SAYS}), "stop"),
    };
    stream(&[("", chunk(delta, Value::Null)), ("", chunk(json!({}), finish.into()))]) + "data: [DONE]\n\n"
}
