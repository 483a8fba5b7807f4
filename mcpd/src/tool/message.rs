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
    /// What newer clients say in place of the two above.
    #[serde(default)]
    #[schemars(skip)]
    message_mode: String,
}

impl Manner {
    /// A message of this manner.
    pub fn message(self, group_id: String, text: String) -> message::Send {
        let Self { to: Recipients(to), priority, reply_required, client_id, message_mode } = self;
        message::Send { group_id, text, to, priority, reply_required, client_id, message_mode, ..Default::default() }
    }

    fn reply(self, group_id: String, reply_to: String, text: String) -> message::Reply {
        let Self { to: Recipients(to), priority, reply_required, client_id, message_mode } = self;
        let said = message::Reply { group_id, reply_to, text, to, priority, reply_required, ..Default::default() };
        message::Reply { client_id, message_mode, ..said }
    }

    fn elsewhere(self, group_id: String, dst_group_id: String, text: String) -> message::CrossSend {
        let Self { to: Recipients(to), priority, reply_required, client_id, message_mode } = self;
        let said =
            message::CrossSend { group_id, dst_group_id, text, to, priority, reply_required, ..Default::default() };
        message::CrossSend { client_id, message_mode, ..said }
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
    /// Newer clients reply with it: what is an answer shall not become a message to somebody else.
    #[serde(default, alias = "event_id")]
    #[schemars(skip)]
    reply_to: String,
}

impl Tool for Send {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { text, manner, .. } = self;
        let (dst_group_id, reply_to) = (self.dst_group_id.trim().to_owned(), self.reply_to.trim().to_owned());
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
    #[serde(alias = "reply_to")]
    event_id: String,
    text: String,
    #[serde(flatten)]
    manner: Manner,
}

impl Tool for Reply {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        me.ask(self.manner.reply(group_id, self.event_id, self.text)).await
    }
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
    /// steps
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
