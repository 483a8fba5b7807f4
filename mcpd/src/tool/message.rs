//! Saying something.

use super::Tool;
use super::caller::Itself;
use crate::argument::{Recipients, flag, steps};
use crate::call::Call;
use bus::contract::OpError;
use bus::contract::document::Priority;
use bus::contract::op::{message, tracked};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// To whom something is said, and how: the same arguments for every tool that says something.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Manner {
    /// actor ids, titles, @all, @peers, @foreman, user; empty: of a reply whoever sent it, else who is @named in the text, else the foreman
    #[serde(default)]
    to: Recipients,
    /// attention: important, to be acknowledged
    #[serde(default)]
    #[schemars(with = "Option<Priority>")]
    priority: String,
    /// every recipient owes you an answer
    #[serde(default, deserialize_with = "flag")]
    reply_required: bool,
    /// your own word for this message; when you cannot know whether it was sent, the same word again sends it once
    #[serde(default)]
    client_id: Option<String>,
    /// What newer clients say in place of the two before it.
    #[serde(default)]
    #[schemars(skip)]
    message_mode: String,
    /// What newer clients call it.
    #[serde(default)]
    #[schemars(skip)]
    idempotency_key: Option<String>,
    /// References to other things, of newer clients.
    #[serde(default)]
    #[schemars(skip)]
    refs: Value,
}

impl Manner {
    /// A message of this manner.
    pub fn message(self, group_id: String, text: String) -> message::Send {
        message::Send {
            group_id,
            text,
            to: self.to.0,
            priority: self.priority,
            reply_required: self.reply_required,
            client_id: self.client_id.or(self.idempotency_key),
            message_mode: self.message_mode,
            refs: self.refs,
            ..Default::default()
        }
    }

    fn reply(self, group_id: String, reply_to: String, text: String) -> message::Reply {
        let said = self.message(group_id, text);
        let message::Send { group_id, text, to, priority, reply_required, client_id, message_mode, refs, .. } = said;
        let said = message::Reply { group_id, reply_to, text, to, priority, reply_required, ..Default::default() };
        message::Reply { client_id, message_mode, refs, ..said }
    }

    fn elsewhere(self, group_id: String, dst_group_id: String, text: String) -> message::CrossSend {
        let said = self.message(group_id, text);
        let message::Send { group_id, text, to, priority, reply_required, client_id, message_mode, refs, .. } = said;
        let there = message::CrossSend { group_id, dst_group_id, text, to, ..Default::default() };
        message::CrossSend { priority, reply_required, client_id, message_mode, refs, ..there }
    }
}

/// `cccc_message_send`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Send {
    #[serde(flatten)]
    caller: Itself,
    text: String,
    #[serde(flatten)]
    manner: Manner,
    /// another group, to send it there
    #[serde(default)]
    dst_group_id: String,
    /// Newer clients reply with one of these: what is an answer shall not become a message to somebody else.
    #[serde(default)]
    #[schemars(skip)]
    reply_to: String,
    #[serde(default)]
    #[schemars(skip)]
    event_id: String,
}

impl Tool for Send {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { text, manner, .. } = self;
        let dst_group_id = self.dst_group_id.trim().to_owned();
        let reply_to = either(self.reply_to, self.event_id);
        match (dst_group_id.is_empty() || dst_group_id == group_id, reply_to.is_empty()) {
            (true, true) => me.ask(manner.message(group_id, text)).await,
            (true, false) => me.ask(manner.reply(group_id, reply_to, text)).await,
            (false, _) => me.ask(manner.elsewhere(group_id, dst_group_id, text)).await,
        }
    }
}

/// `cccc_message_reply`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Reply {
    #[serde(flatten)]
    caller: Itself,
    /// the message that you answer
    #[serde(default)]
    #[schemars(required)]
    event_id: Option<String>,
    /// The same, as the op has it.
    #[serde(default)]
    #[schemars(skip)]
    reply_to: String,
    text: String,
    #[serde(flatten)]
    manner: Manner,
}

impl Tool for Reply {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let reply_to = either(self.event_id.unwrap_or_default(), self.reply_to);
        me.ask(self.manner.reply(group_id, reply_to, self.text)).await
    }
}

/// The one that is given, of two names for a thing.
fn either(one: String, other: String) -> String {
    if one.trim().is_empty() { other } else { one }.trim().to_owned()
}

/// `cccc_tracked_send`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TrackedSend {
    #[serde(flatten)]
    caller: Itself,
    /// what the task is called
    title: String,
    /// what is said
    text: String,
    /// who is to do it
    #[serde(default)]
    to: Recipients,
    /// what is there when it is done
    #[serde(default)]
    outcome: String,
    /// steps, as text
    #[serde(default, deserialize_with = "steps")]
    #[schemars(with = "Vec<String>")]
    checklist: Vec<Value>,
    /// who has it, when that is not the one recipient
    #[serde(default)]
    assignee: String,
    /// what else there is to know
    #[serde(default)]
    notes: String,
    /// the same word again is the same task
    #[serde(default)]
    idempotency_key: String,
}

impl Tool for TrackedSend {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { title, text, to: Recipients(to), outcome, checklist, assignee, notes, idempotency_key, .. } = self;
        let checklist = json!(checklist);
        let task = tracked::Send { group_id, title, text, to, outcome, assignee, notes, ..Default::default() };
        me.ask(tracked::Send { checklist, idempotency_key, ..task }).await
    }
}
