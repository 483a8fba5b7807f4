//! The group's tasks.

use super::Tool;
use super::caller::InGroup;
use super::context::{change, is_archived};
use crate::argument::flag;
use crate::call::Call;
use bus::contract::context::{Progress, StepProgress};
use bus::contract::op::context as op;
use bus::contract::{Code, OpError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `cccc_task_list`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct List {
    #[serde(flatten)]
    caller: InGroup,
    /// only this one
    #[serde(default)]
    task_id: String,
    /// also archived ones
    #[serde(default, deserialize_with = "flag")]
    include_archived: bool,
}

impl Tool for List {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.look(call)?;
        let mut listed = me.ask(op::TaskList { group_id, task_id: self.task_id.clone() }).await?;
        if self.include_archived {
            return Ok(listed);
        }
        if listed.get("task").is_some_and(is_archived) {
            let sentence = format!("the task {} is archived; give include_archived to see it", self.task_id);
            return Err(OpError::new(Code::ArchivedHidden, sentence).with("task_id", self.task_id));
        }
        if let Some(tasks) = listed.get_mut("tasks").and_then(Value::as_array_mut) {
            tasks.retain(|task| !is_archived(task));
        }
        Ok(listed)
    }
}

/// `cccc_task_create`
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Create {
    #[serde(flatten, skip_serializing)]
    caller: InGroup,
    name: String,
    /// what is there when it is done
    goal: String,
    steps: Vec<Step>,
    milestone_id: Option<String>,
    /// actor id
    assignee: Option<String>,
}

/// A step of a task.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Step {
    name: String,
    /// how you can tell that it is done
    acceptance: String,
}

impl Tool for Create {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        change(&me, group_id, "task.create", &self).await
    }
}

/// `cccc_task_update`
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Update {
    #[serde(flatten, skip_serializing)]
    caller: InGroup,
    /// T001, …
    task_id: String,
    #[schemars(with = "Option<Progress>")]
    status: Option<String>,
    name: Option<String>,
    goal: Option<String>,
    /// empty: nobody
    assignee: Option<String>,
    /// empty: none
    milestone_id: Option<String>,
    /// S1, …; with step_status
    step_id: Option<String>,
    #[schemars(with = "Option<StepProgress>")]
    step_status: Option<String>,
}

impl Tool for Update {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        if self.step_id.is_some() != self.step_status.is_some() {
            let sentence = "step_id and step_status go together: give both, or none";
            return Err(OpError::new(Code::InvalidRequest, sentence).with("argument", "step_status"));
        }
        change(&me, group_id, "task.update", &self).await
    }
}
