//! mcpd over HTTP, at the address that a client was once given.

use crate::Stack;
use crate::http::{self, HttpAnswer};
use crate::wait;
use serde_json::Value;
use std::io;

/// A client of an address. Each message is a request of its own.
#[derive(Debug, Clone)]
pub struct Web {
    port: u16,
    token: String,
    session: Option<String>,
}

impl Stack {
    /// The port at which agents are served over HTTP; waits until there is one.
    pub fn mcp_port(&self) -> u16 {
        self.port_of("mcp.json")
    }

    /// The port at which browsers are served; waits until there is one.
    pub fn web_port(&self) -> u16 {
        self.port_of("web.json")
    }

    fn port_of(&self, file: &str) -> u16 {
        wait::until_some(&format!("what {file} says"), || {
            let text = std::fs::read_to_string(self.home().join("run").join(file)).ok()?;
            serde_json::from_str::<Value>(&text).ok()?["port"].as_u64()?.try_into().ok()
        })
    }
}

impl Web {
    /// A client with a token.
    pub fn new(stack: &Stack, token: &str) -> Self {
        Self { port: stack.mcp_port(), token: token.to_owned(), session: None }
    }

    /// Sends a body with the headers that every client sends, and some more.
    ///
    /// # Errors
    ///
    /// Nobody listens, or the connection broke.
    pub fn post(&mut self, body: &[u8], more: &[(&str, &str)]) -> io::Result<HttpAnswer> {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
        if !self.token.is_empty() {
            headers.push(("Authorization", &bearer));
        }
        let session = self.session.clone();
        headers.extend(session.as_deref().map(|session| ("Mcp-Session-Id", session)));
        headers.extend(more);
        let answer = http::request(self.port, "POST /mcp", &headers, body)?;
        if let Some(session) = answer.header("mcp-session-id") {
            self.session = Some(session.to_owned());
        }
        Ok(answer)
    }

    /// Sends a message; the answer to it, if it has one.
    ///
    /// # Errors
    ///
    /// The connection broke, or the request was refused before anybody looked at the message.
    pub fn exchange(&mut self, message: &Value) -> io::Result<Option<Value>> {
        let version = [("MCP-Protocol-Version", super::PROTOCOL)];
        let is_first = message["method"] == "initialize";
        let answer = self.post(message.to_string().as_bytes(), if is_first { &[] } else { &version })?;
        let about = |answer: &HttpAnswer| io::Error::other(format!("{}: {}", answer.status, answer.body));
        match answer.status {
            202 => Ok(None),
            200 => messages(&answer).into_iter().find(|one| one["id"] == message["id"]).map(Some).ok_or(about(&answer)),
            _ => Err(about(&answer)),
        }
    }
}

/// The messages of an answer, which is one of them or a stream of events.
fn messages(answer: &HttpAnswer) -> Vec<Value> {
    if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")) {
        let data = answer.body.lines().filter_map(|line| line.strip_prefix("data:"));
        return data.filter_map(|text| serde_json::from_str(text.trim()).ok()).collect();
    }
    serde_json::from_str(&answer.body).into_iter().collect()
}
