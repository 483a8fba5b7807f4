//! Saying something.

use super::Tool;
use super::caller::Itself;
use crate::argument::{Recipients, flag};
use crate::call::Call;
use bus::contract::OpError;
use bus::contract::document::Priority;
use bus::contract::op::{message, tracked};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// `cccc_message_send`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Send {
    #[serde(flatten)]
    caller: Itself,
    text: String,
    /// actor ids, titles, @all, @peers, @foreman, user; empty: who is @named in the text, else the foreman
    #[serde(default)]
    to: Recipients,
    /// attention: important, to be acknowledged
    #[serde(default)]
    #[schemars(with = "Option<Priority>")]
    priority: String,
    /// every recipient owes you an answer
    #[serde(default, deserialize_with = "flag")]
    reply_required: bool,
    /// another group, to send it there
    #[serde(default)]
    dst_group_id: String,
}

impl Tool for Send {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { text, to: Recipients(to), priority, reply_required, .. } = self;
        let dst_group_id = self.dst_group_id.trim().to_owned();
        if dst_group_id.is_empty() || dst_group_id == group_id {
            return me.ask(message::Send { group_id, text, to, priority, reply_required, ..Default::default() }).await;
        }
        let sent =
            message::CrossSend { group_id, dst_group_id, text, to, priority, reply_required, ..Default::default() };
        me.ask(sent).await
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
    /// empty: whoever sent it
    #[serde(default)]
    to: Recipients,
    #[serde(default)]
    #[schemars(with = "Option<Priority>")]
    priority: String,
    #[serde(default, deserialize_with = "flag")]
    reply_required: bool,
}

impl Tool for Reply {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { event_id: reply_to, text, to: Recipients(to), priority, reply_required, .. } = self;
        me.ask(message::Reply { group_id, reply_to, text, to, priority, reply_required, ..Default::default() }).await
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
    #[serde(default)]
    checklist: Vec<String>,
    /// the same word again is the same task
    #[serde(default)]
    idempotency_key: String,
}

impl Tool for TrackedSend {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { title, text, to: Recipients(to), outcome, checklist, idempotency_key, .. } = self;
        let checklist = json!(checklist);
        me.ask(tracked::Send { group_id, title, text, to, outcome, checklist, idempotency_key, ..Default::default() })
            .await
    }
}
