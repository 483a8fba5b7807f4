//! A look at terminals.

use super::Tool;
use super::caller::Itself;
use crate::argument::{integer, optional_flag};
use crate::call::Call;
use bus::contract::OpError;
use bus::contract::op::terminal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// `cccc_terminal_tail`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Tail {
    #[serde(flatten)]
    caller: Itself,
    target_actor_id: String,
    /// 1 to 100000; usually 8000
    #[serde(default, deserialize_with = "integer")]
    max_chars: Option<i64>,
    /// true: what the screen shows; false: every byte
    #[serde(default, deserialize_with = "optional_flag")]
    strip_ansi: Option<bool>,
}

impl Tool for Tail {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let max_chars = self.max_chars.map(|chars| chars.clamp(1, 100_000));
        let (actor_id, strip_ansi) = (self.target_actor_id, self.strip_ansi);
        me.ask(terminal::Tail { group_id, actor_id, max_chars, strip_ansi, compact: None }).await
    }
}
