//! The group and its neighbours.

use super::Tool;
use super::caller::{Either, InGroup};
use crate::call::Call;
use bus::contract::document::GroupState;
use bus::contract::op::{group, im};
use bus::contract::private::Hidden;
use bus::contract::{Code, OpError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// `cccc_group_info`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Info {
    #[serde(flatten)]
    caller: InGroup,
}

impl Tool for Info {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.look(call)?;
        let shown = me.ask_for_all(group::Show { group_id, ..Default::default() }).await?;
        Ok(json!({"group": info(&shown.group)}))
    }
}

/// What agents are shown of a group: no settings, commands or environments.
pub fn info(group: &bus::contract::Group) -> Value {
    json!({
        "group_id": group.group_id, "title": group.title, "topic": group.topic, "state": group.state,
        "running": group.running, "active_scope_key": group.active_scope_key, "scopes": group.scopes,
        "created_at": group.created_at, "updated_at": group.updated_at,
    })
}

/// `cccc_group_list`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct List {}

impl Tool for List {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let listed = call.as_anybody().ask_for_all(group::List::default()).await?;
        let row = |group: &bus::contract::document::GroupRow| {
            json!({
                "group_id": group.group_id, "title": group.title, "topic": group.topic, "running": group.running,
                "state": group.state, "created_at": group.created_at, "updated_at": group.updated_at,
            })
        };
        Ok(json!({"groups": listed.groups.iter().map(row).collect::<Vec<_>>()}))
    }
}

/// `cccc_group_set_state`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SetState {
    #[serde(flatten)]
    caller: Either,
    #[schemars(with = "Wanted")]
    state: String,
}

/// What a group can be told to be.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is looked at")]
enum Wanted {
    Active,
    Idle,
    Paused,
    Stopped,
}

impl Tool for SetState {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        match self.state.trim() {
            word if word.eq_ignore_ascii_case("stopped") => me.ask(group::Stop { group_id }).await,
            "" => Err(OpError::new(Code::MissingState, "give a state: active, idle, paused or stopped")),
            word if GroupState::parse(word).is_none() => {
                let sentence = format!("{word} is no state; use active, idle, paused or stopped");
                Err(OpError::new(Code::InvalidRequest, sentence).with("argument", "state"))
            }
            word => me.ask(group::SetState { group_id, state: word.to_owned() }).await,
        }
    }
}

/// `cccc_im_bind`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ImBind {
    #[serde(flatten)]
    caller: InGroup,
    /// the key that the chat was shown
    key: String,
}

impl Tool for ImBind {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        me.ask(im::Bind { group_id, key: Hidden::from(self.key) }).await
    }
}
