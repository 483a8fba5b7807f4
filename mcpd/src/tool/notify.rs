//! Notices.

use super::Tool;
use super::actor::Roster;
use super::caller::Itself;
use crate::argument::flag;
use crate::call::Call;
use bus::contract::OpError;
use bus::contract::document::{NotifyKind, NotifyPriority};
use bus::contract::op::notify;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// `cccc_notify_send`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Send {
    #[serde(flatten)]
    caller: Itself,
    #[schemars(with = "NotifyKind")]
    kind: String,
    title: String,
    message: String,
    /// empty: everybody
    #[serde(default)]
    target_actor_id: String,
    /// high and urgent also reach terminals
    #[serde(default)]
    #[schemars(with = "Option<NotifyPriority>")]
    priority: String,
    #[serde(default, deserialize_with = "flag")]
    requires_ack: bool,
}

impl Tool for Send {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { kind, title, message, target_actor_id, priority, requires_ack, .. } = self;
        let target_actor_id = match target_actor_id.trim() {
            "" => String::new(),
            named => Roster::of(&me, &group_id).await?.recipient(named)?,
        };
        me.ask(notify::Notify {
            group_id,
            kind,
            priority,
            title,
            message,
            target_actor_id,
            requires_ack,
            context: None,
        })
        .await
    }
}

/// `cccc_notify_ack`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Ack {
    #[serde(flatten)]
    caller: Itself,
    notify_event_id: String,
}

impl Tool for Ack {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let actor_id = me.id().to_owned();
        me.ask(notify::Ack { group_id, actor_id, notify_event_id: self.notify_event_id }).await
    }
}
