//! What the group knows: vision, sketch, milestones, notes, references, presence.

use super::Tool;
use super::actor::Roster;
use super::caller::InGroup;
use crate::argument::flag;
use crate::call::{Asker, Call};
use bus::contract::OpError;
use bus::contract::context::Progress;
use bus::contract::op::context as op;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// `cccc_context_get`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Get {
    #[serde(flatten)]
    caller: InGroup,
    /// also what was archived
    #[serde(default, deserialize_with = "flag")]
    include_archived: bool,
}

impl Tool for Get {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.look(call)?;
        shown(&me, group_id, self.include_archived).await
    }
}

/// The context as agents are shown it; what was archived is left out, unless it is asked for.
///
/// # Errors
///
/// `group_not_found`.
pub async fn shown(me: &Asker<'_>, group_id: String, include_archived: bool) -> Result<Value, OpError> {
    let mut context = me.ask(op::Get { group_id }).await?;
    if !include_archived {
        if let Some(milestones) = context["milestones"].as_array_mut() {
            milestones.retain(|milestone| !is_archived(milestone));
        }
        // What is not archived is one of these.
        let summary = &mut context["tasks_summary"];
        let count = |status: Progress| summary[status.word()].as_u64().unwrap_or_default();
        summary["total"] = [Progress::Planned, Progress::Active, Progress::Done].map(count).iter().sum::<u64>().into();
    }
    Ok(context)
}

/// Whether a milestone or a task was archived.
pub fn is_archived(thing: &Value) -> bool {
    thing["status"] == Progress::Archived.word()
}

/// `cccc_context_sync`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Sync {
    #[serde(flatten)]
    caller: InGroup,
    /// each with its name under `op` and its fields beside: vision.update, sketch.update, milestone.create|update|complete|restore|remove, task.create|update|move|restore|delete, note.add|update|remove, reference.add|update|remove, presence.update|clear, coordination.brief.update, coordination.note.add, agent_state.update|clear, meta.merge
    ops: Vec<Map<String, Value>>,
    /// only check
    #[serde(default, deserialize_with = "flag")]
    dry_run: bool,
    /// refuse when the context has changed since this version
    #[serde(default)]
    expected_version: Option<String>,
}

impl Tool for Sync {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { ops, dry_run, expected_version, .. } = self;
        check_speakers(&me, &group_id, &ops).await?;
        me.ask(op::Sync { group_id, ops: json!(ops), dry_run, expected_version, if_version: None }).await
    }
}

/// Changes that say what somebody is at, and where they name whom.
const SPOKEN_FOR: &[(&str, &str)] = &[("presence.update", "agent_id"), ("agent_state.update", "actor_id")];

/// Checks that whom changes speak for is in the group. What was said of others can still be taken back.
async fn check_speakers(me: &Asker<'_>, group_id: &str, ops: &[Map<String, Value>]) -> Result<(), OpError> {
    let text = |op: &Map<String, Value>, key: &str| op.get(key)?.as_str().map(|text| text.trim().to_owned());
    let named = |op: &Map<String, Value>| {
        let name = text(op, "op")?;
        let (_, key) = SPOKEN_FOR.iter().find(|(known, _)| *known == name)?;
        text(op, key).filter(|id| !id.is_empty() && id != me.id())
    };
    let named: Vec<_> = ops.iter().filter_map(named).collect();
    if named.is_empty() {
        return Ok(());
    }
    let roster = Roster::of(me, group_id).await?;
    named.iter().try_for_each(|id| roster.check(id))
}

/// Makes one change.
///
/// # Errors
///
/// As `context_sync`.
pub async fn change(me: &Asker<'_>, group_id: String, name: &str, fields: &impl Serialize) -> Result<Value, OpError> {
    let Value::Object(mut change) = json!(fields) else { unreachable!("fields are an object") };
    // What is not given stays as it is.
    change.retain(|_, value| !value.is_null());
    change.insert("op".into(), name.into());
    me.ask(op::Sync { group_id, ops: json!([change]), ..Default::default() }).await
}

/// Tools that make one change: the name of the change, the tool, and its fields, which are the change's own.
macro_rules! changes {
    ($($name:literal $tool:ident { $($(#[$doc:meta])* $field:ident : $type:ty),* $(,)? })*) => {$(
        #[doc = concat!("One `", $name, "`.")]
        #[derive(Debug, Deserialize, Serialize, JsonSchema)]
        pub struct $tool {
            #[serde(flatten, skip_serializing)]
            caller: InGroup,
            $($(#[$doc])* $field: $type),*
        }

        impl Tool for $tool {
            async fn call(self, call: &Call) -> Result<Value, OpError> {
                let (me, group_id) = self.caller.act(call)?;
                change(&me, group_id, $name, &self).await
            }
        }
    )*};
}

changes! {
    "vision.update" VisionUpdate {
        /// the whole text
        vision: String,
    }
    "sketch.update" SketchUpdate {
        /// the whole text
        sketch: String,
    }
    "milestone.create" MilestoneCreate {
        name: String,
        description: String,
        #[schemars(with = "Option<Progress>")]
        status: Option<String>,
    }
    "milestone.update" MilestoneUpdate {
        /// M1, M2, …
        milestone_id: String,
        name: Option<String>,
        description: Option<String>,
        #[schemars(with = "Option<Progress>")]
        status: Option<String>,
    }
    "milestone.complete" MilestoneComplete {
        milestone_id: String,
        /// what came of it
        outcomes: String,
    }
    "note.add" NoteAdd {
        content: String,
    }
    "note.update" NoteUpdate {
        /// N001, …
        note_id: String,
        content: Option<String>,
    }
    "note.remove" NoteRemove {
        note_id: String,
    }
    "reference.add" ReferenceAdd {
        /// path or address
        url: String,
        /// what it is for
        note: String,
    }
    "reference.update" ReferenceUpdate {
        /// R001, …
        reference_id: String,
        url: Option<String>,
        note: Option<String>,
    }
    "reference.remove" ReferenceRemove {
        reference_id: String,
    }
}

/// `cccc_presence_get`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct PresenceGet {
    #[serde(flatten)]
    caller: InGroup,
}

impl Tool for PresenceGet {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.look(call)?;
        me.ask(op::PresenceGet { group_id }).await
    }
}

/// Who is meant: whoever calls, unless somebody else is named.
fn somebody<'a>(named: &'a str, caller: &'a str) -> &'a str {
    Some(named.trim()).filter(|named| !named.is_empty()).unwrap_or(caller)
}

/// Whether something is said of somebody, who may not be in the group.
async fn is_spoken_for(me: &Asker<'_>, group_id: &str, agent_id: &str) -> Result<bool, OpError> {
    let present = me.ask_for(op::PresenceGet { group_id: group_id.to_owned() }).await?;
    Ok(present.agents.iter().any(|presence| presence.id == agent_id))
}

/// `cccc_presence_update`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PresenceUpdate {
    #[serde(flatten)]
    caller: InGroup,
    /// you, unless it is somebody else
    #[serde(default)]
    agent_id: String,
    status: String,
}

impl Tool for PresenceUpdate {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let agent_id = somebody(&self.agent_id, me.id());
        if agent_id != me.id() {
            Roster::of(&me, &group_id).await?.check(agent_id)?;
        }
        change(&me, group_id, "presence.update", &json!({"agent_id": agent_id, "status": self.status})).await
    }
}

/// `cccc_presence_clear`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct PresenceClear {
    #[serde(flatten)]
    caller: InGroup,
    /// you, unless it is somebody else
    #[serde(default)]
    agent_id: String,
}

impl Tool for PresenceClear {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let agent_id = somebody(&self.agent_id, me.id());
        if agent_id != me.id() && !is_spoken_for(&me, &group_id, agent_id).await? {
            Roster::of(&me, &group_id).await?.check(agent_id)?;
        }
        change(&me, group_id, "presence.clear", &json!({"agent_id": agent_id})).await
    }
}
