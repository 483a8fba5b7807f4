//! Actors without a terminal say themselves how they are.

use super::Tool;
use super::caller::Itself;
use crate::call::Call;
use bus::contract::OpError;
use bus::contract::document::HeadlessStatus;
use bus::contract::op::headless;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// `cccc_headless_status`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Status {
    #[serde(flatten)]
    caller: Itself,
}

impl Tool for Status {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        me.ask(headless::Status { group_id, actor_id: me.id().to_owned() }).await
    }
}

/// `cccc_headless_set_status`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SetStatus {
    #[serde(flatten)]
    caller: Itself,
    #[schemars(with = "HeadlessStatus")]
    status: String,
    /// what you work on
    #[serde(default)]
    task_id: String,
}

impl Tool for SetStatus {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { status, task_id, .. } = self;
        me.ask(headless::SetStatus { group_id, actor_id: me.id().to_owned(), status, task_id }).await
    }
}

/// `cccc_headless_ack_message`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AckMessage {
    #[serde(flatten)]
    caller: Itself,
    message_id: String,
}

impl Tool for AckMessage {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        me.ask(headless::AckMessage { group_id, actor_id: me.id().to_owned(), message_id: self.message_id }).await
    }
}
