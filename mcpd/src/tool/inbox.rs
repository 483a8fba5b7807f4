//! What the caller has not read, and what it was told before.

use super::Tool;
use super::caller::{Itself, bounded};
use crate::argument::integer;
use crate::call::Call;
use bus::contract::document::KindFilter;
use bus::contract::op::{history, inbox};
use bus::contract::{OpError, limit};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// Messages in one answer where the caller does not say.
pub const USUAL: i64 = 50;

/// `cccc_inbox_list`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct List {
    #[serde(flatten)]
    caller: Itself,
    /// 1 to 1000
    #[serde(default, deserialize_with = "integer")]
    limit: Option<i64>,
    #[serde(default)]
    #[schemars(with = "Option<KindFilter>")]
    kind_filter: String,
}

impl Tool for List {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let limit = bounded(self.limit, USUAL, limit::INBOX_MESSAGES_MAX).max(1);
        let actor_id = me.id().to_owned();
        me.ask(inbox::List { group_id, actor_id, limit: Some(limit), kind_filter: self.kind_filter }).await
    }
}

/// `cccc_inbox_mark_read`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct MarkRead {
    #[serde(flatten)]
    caller: Itself,
    /// id of the last message that you have dealt with
    event_id: String,
}

impl Tool for MarkRead {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let actor_id = me.id().to_owned();
        me.ask(inbox::MarkRead { group_id, actor_id, event_id: self.event_id }).await
    }
}

/// `cccc_inbox_mark_all_read`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct MarkAllRead {
    #[serde(flatten)]
    caller: Itself,
    #[serde(default)]
    #[schemars(with = "Option<KindFilter>")]
    kind_filter: String,
}

impl Tool for MarkAllRead {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let actor_id = me.id().to_owned();
        me.ask(inbox::MarkAllRead { group_id, actor_id, kind_filter: self.kind_filter }).await
    }
}

/// `cccc_message_history`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct History {
    #[serde(flatten)]
    caller: Itself,
    /// text to look for
    #[serde(default)]
    query: String,
    /// go on from the cursor of the answer before
    #[serde(default)]
    before_event_id: String,
    #[serde(default, deserialize_with = "integer")]
    limit: Option<i64>,
}

impl Tool for History {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { query, before_event_id, limit, .. } = self;
        let actor_id = me.id().to_owned();
        me.ask(history::History { group_id, actor_id, query, before_event_id, limit, mode: String::new() }).await
    }
}
