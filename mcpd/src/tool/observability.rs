//! For those who develop cccc; only in developer mode.

use super::Tool;
use super::caller::Itself;
use crate::argument::integer;
use crate::call::Call;
use bus::contract::OpError;
use bus::contract::op::observability;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// `cccc_debug_snapshot`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Snapshot {
    #[serde(flatten)]
    caller: Itself,
}

impl Tool for Snapshot {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        me.ask(observability::Snapshot { group_id }).await
    }
}

/// `cccc_debug_tail_logs`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TailLogs {
    #[serde(flatten)]
    caller: Itself,
    /// daemon, web, im, or a process: ledgerd, ptyd, mcpd, door
    component: String,
    /// up to 2000; usually 200
    #[serde(default, deserialize_with = "integer")]
    lines: Option<i64>,
}

impl Tool for TailLogs {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        me.ask(observability::TailLogs { component: self.component, group_id, lines: self.lines }).await
    }
}
