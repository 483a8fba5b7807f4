//! What the caller has not read, and what it was told before.

use super::Tool;
use super::caller::{Itself, bounded};
use crate::argument::integer;
use crate::bound::keep_first;
use crate::call::{Asker, Call};
use bus::contract::document::KindFilter;
use bus::contract::op::{history, inbox};
use bus::contract::{OpError, limit};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// Messages in one answer where the caller does not say.
pub const USUAL: i64 = 50;

/// Bytes of messages in one answer; the first one is shown whatever it has.
const BYTES_MAX: usize = 256 * 1024;

/// `cccc_inbox_list`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct List {
    #[serde(flatten)]
    caller: Itself,
    /// 1 to 1000
    #[serde(default, deserialize_with = "integer")]
    limit: Option<i64>,
    #[serde(default)]
    kind_filter: Option<KindFilter>,
}

impl Tool for List {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        unread(&me, group_id, self.limit, self.kind_filter, BYTES_MAX).await
    }
}

/// What the caller has not read, as much of it as fits. `has_more` says whether that is all.
///
/// # Errors
///
/// `group_not_found`, `actor_not_found`, `permission_denied`.
pub async fn unread(
    me: &Asker<'_>,
    group_id: String,
    limit: Option<i64>,
    kind_filter: Option<KindFilter>,
    bytes_max: usize,
) -> Result<Value, OpError> {
    let limit = bounded(limit, USUAL, limit::INBOX_MESSAGES_MAX).max(1);
    let kind_filter = kind_filter.unwrap_or_default().word().to_owned();
    let mut listed =
        me.ask(inbox::List { group_id, actor_id: me.id().to_owned(), limit: Some(limit), kind_filter }).await?;
    let total = listed["unread_total"].as_u64().unwrap_or_default();
    if let Some(messages) = listed["messages"].as_array_mut() {
        keep_first(messages, bytes_max);
        let shown = messages.len() as u64;
        listed["has_more"] = (shown < total).into();
    }
    Ok(listed)
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
        me.ask(inbox::MarkRead { group_id, actor_id, event_id: self.event_id, only_shown: false }).await
    }
}

/// `cccc_inbox_mark_all_read`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct MarkAllRead {
    #[serde(flatten)]
    caller: Itself,
    #[serde(default)]
    kind_filter: Option<KindFilter>,
}

impl Tool for MarkAllRead {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let actor_id = me.id().to_owned();
        let kind_filter = self.kind_filter.unwrap_or_default().word().to_owned();
        me.ask(inbox::MarkAllRead { group_id, actor_id, kind_filter }).await
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
    /// 1 to 200; usually 50
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
