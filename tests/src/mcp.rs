//! An MCP client as agents have one: over the pipes of `cccc mcp`, or over HTTP with an actor's token.
//!
//! It does what every client does and nothing more: it says hello once and keeps to the address it was given.

mod pipes;
mod web;

pub use pipes::Pipes;
pub use web::Web;

use crate::Stack;
use serde_json::{Value, json};
use std::io;

/// What clients of today ask for.
pub const PROTOCOL: &str = "2025-06-18";

/// Who an actor is, as its program is told.
#[derive(Debug, Clone, Default)]
pub struct Badge {
    /// Its group.
    pub group_id: String,
    /// Its name.
    pub actor_id: String,
    /// What proves it.
    pub token: String,
}

impl Badge {
    /// The variables that say so; none for what is not known.
    pub fn variables(&self) -> Vec<(String, String)> {
        let all = [("GROUP_ID", &self.group_id), ("ACTOR_ID", &self.actor_id), ("ACTOR_TOKEN", &self.token)];
        let known = all.into_iter().filter(|(_, value)| !value.is_empty());
        known.map(|(name, value)| (format!("CCCC_{name}"), value.clone())).collect()
    }
}

impl Stack {
    /// Adds a headless actor and has a token made for it.
    ///
    /// # Panics
    ///
    /// There is one of this name.
    pub fn headless(&self, group_id: &str, actor_id: &str) -> Badge {
        let args = json!({"group_id": group_id, "actor_id": actor_id, "runtime": "custom", "runner": "headless"});
        self.ask("actor_add", &args);
        let given = self.ok(&["actor", "token", actor_id, "-g", group_id]);
        let token = given.lines().find_map(|line| line.strip_prefix("CCCC_ACTOR_TOKEN=")).expect("a token").to_owned();
        Badge { group_id: group_id.to_owned(), actor_id: actor_id.to_owned(), token }
    }
}

/// What a tool has answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it is.
    pub value: Value,
    /// Whether it is a refusal.
    pub is_error: bool,
    /// Its line about what waits for the caller, which is no part of the value.
    pub reminder: Option<String>,
}

/// One client.
#[derive(Debug)]
pub struct Mcp {
    way: Way,
    last_id: u64,
}

#[derive(Debug)]
enum Way {
    Pipes(Pipes),
    Web(Web),
}

impl Mcp {
    /// Starts `cccc mcp` as an actor's agent does, and says hello.
    pub fn stdio(stack: &Stack, badge: &Badge) -> Self {
        Self::greet(Way::Pipes(Pipes::open(stack, badge)))
    }

    /// Says hello over HTTP.
    pub fn http(stack: &Stack, token: &str) -> Self {
        Self::greet(Way::Web(Web::new(stack, token)))
    }

    fn greet(way: Way) -> Self {
        let mut client = Self { way, last_id: 0 };
        let who = json!({"name": "tests", "version": "1"});
        let params = json!({"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": who});
        let hello = client.request("initialize", &params).expect("a hello");
        assert_eq!(hello["result"]["protocolVersion"], PROTOCOL, "{hello}");
        assert_eq!(hello["result"]["serverInfo"]["name"], "cccc-mcp", "{hello}");
        let begun = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        match &mut client.way {
            Way::Pipes(pipes) => pipes.say_message(&begun).expect("it is heard"),
            Way::Web(web) => assert_eq!(web.exchange(&begun).expect("it is heard"), None),
        }
        client
    }

    /// The process that serves it alone, if one does.
    pub fn pid(&self) -> Option<u32> {
        match &self.way {
            Way::Pipes(pipes) => Some(pipes.pid()),
            Way::Web(_) => None,
        }
    }

    /// How often it was told something, unasked.
    pub fn told(&self, method: &str) -> usize {
        match &self.way {
            Way::Pipes(pipes) => pipes.passed_over().iter().filter(|message| message["method"] == method).count(),
            Way::Web(_) => 0,
        }
    }

    /// Asks, and waits for the answer: a whole JSON-RPC message.
    ///
    /// # Errors
    ///
    /// The connection broke, which says nothing about what was asked.
    pub fn request(&mut self, method: &str, params: &Value) -> io::Result<Value> {
        self.last_id += 1;
        let message = json!({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params});
        match &mut self.way {
            Way::Pipes(pipes) => {
                pipes.say_message(&message)?;
                pipes.hear_answer(self.last_id)
            }
            Way::Web(web) => web.exchange(&message)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Calls a tool.
    ///
    /// # Errors
    ///
    /// As [`Mcp::request`].
    ///
    /// # Panics
    ///
    /// The answer is not one of a tool, or says one thing to programs and another one to readers.
    pub fn try_call(&mut self, tool: &str, args: &Value) -> io::Result<Answer> {
        let message = self.request("tools/call", &json!({"name": tool, "arguments": args}))?;
        let result = &message["result"];
        let content = result["content"].as_array().unwrap_or_else(|| panic!("{tool} {args}: {message}"));
        let texts: Vec<&str> = content.iter().filter_map(|part| part["text"].as_str()).collect();
        assert!(texts.len() == content.len() && texts.len() == 1, "{tool}: {message}");
        let mut value: Value = serde_json::from_str(texts[0]).expect("an answer is JSON");
        assert_eq!(value, result["structuredContent"], "{tool}: programs and readers are told the same");
        let reminder = value.as_object_mut().and_then(|fields| fields.remove("waiting_for_you"));
        let reminder = reminder.map(|line| line.as_str().expect("a line").to_owned());
        Ok(Answer { value, is_error: result["isError"] == true, reminder })
    }

    /// Calls a tool that must do it.
    ///
    /// # Panics
    ///
    /// It did not.
    pub fn call(&mut self, tool: &str, args: &Value) -> Answer {
        let answer = self.try_call(tool, args).unwrap_or_else(|error| panic!("{tool} {args}: {error}"));
        assert!(!answer.is_error, "{tool} {args}: {}", answer.value);
        answer
    }

    /// The same, and only what it is.
    ///
    /// # Panics
    ///
    /// As [`Mcp::call`].
    pub fn ok(&mut self, tool: &str, args: &Value) -> Value {
        self.call(tool, args).value
    }

    /// Calls a tool that must refuse; the code.
    ///
    /// # Panics
    ///
    /// It did not, or without a sentence.
    pub fn refused(&mut self, tool: &str, args: &Value) -> String {
        let answer = self.try_call(tool, args).unwrap_or_else(|error| panic!("{tool} {args}: {error}"));
        let error = &answer.value["error"];
        assert!(answer.is_error && error["message"].as_str().is_some_and(|text| text.len() > 10), "{tool}: {answer:?}");
        error["code"].as_str().expect("a code").to_owned()
    }
}
