//! Tools: one file per noun, one struct per tool, one row each in the table below.
//!
//! A tool's arguments are its struct: its schema comes from there, and what its fields say is what agents read. What a
//! tool does is one op, or few, in the caller's name; ledgerd and ptyd decide whether it may.

mod actor;
mod automation;
mod caller;
mod context;
mod file;
mod group;
mod headless;
mod inbox;
mod message;
mod newer;
mod notify;
mod observability;
mod session;
mod task;
mod terminal;

use crate::argument;
use crate::call::Call;
use crate::schema;
use bus::contract::{Code, OpError};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::pin::Pin;

/// What an agent can call: its arguments are the fields.
pub trait Tool: DeserializeOwned + JsonSchema + Send {
    /// Does it, and gives what the agent is shown.
    ///
    /// # Errors
    ///
    /// Why not, with what to do now.
    fn call(self, call: &Call) -> impl Future<Output = Result<Value, OpError>> + Send;
}

/// What a tool changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Reads,
    /// It adds something each time.
    Adds,
    /// It puts something in the place of what was; the same call again changes nothing.
    Sets,
    /// It ends or removes something; the same call again changes nothing.
    Ends,
}

/// Who is shown a tool. Whoever calls it all the same is told by ledgerd whether it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    All,
    /// The foreman: peers may not.
    Foreman,
    /// Actors without a terminal.
    Headless,
    /// Whoever leads, while developer mode is on.
    Developer,
}

/// How a tool is called, its arguments still unread.
type Calls =
    for<'a> fn(Map<String, Value>, &'a Call) -> Pin<Box<dyn Future<Output = Result<Value, OpError>> + Send + 'a>>;

/// One tool.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What it changes.
    pub effect: Effect,
    /// Who is shown it.
    pub audience: Audience,
    /// What it is for.
    pub purpose: &'static str,
    schema: fn() -> Map<String, Value>,
    call: Calls,
}

impl Row {
    /// JSON Schema of its arguments.
    pub fn schema(&self) -> Map<String, Value> {
        (self.schema)()
    }

    /// Calls it.
    ///
    /// # Errors
    ///
    /// As [`Tool::call`]; `invalid_request` for arguments that mean nothing.
    pub async fn call(&self, args: Map<String, Value>, call: &Call) -> Result<Value, OpError> {
        (self.call)(args, call).await
    }
}

/// The tool that a name means, and its arguments.
///
/// # Errors
///
/// `unknown_tool`; `invalid_request` for an action that a newer name does not have.
pub fn named(name: &str, args: Map<String, Value>, call: &Call) -> Result<(&'static Row, Map<String, Value>), OpError> {
    let caller = call.identity().caller("").ok().map(|actor| actor.by.as_str());
    match newer::find(name, args, caller) {
        Ok(means) => means,
        Err(args) => find(name).map(|row| (row, args)).ok_or_else(|| unknown(name)),
    }
}

/// The tool of a name.
fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

fn unknown(name: &str) -> OpError {
    let near = TABLE.iter().map(|row| row.name).find(|known| known.ends_with(name.trim_start_matches("cccc_")));
    let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
    OpError::new(Code::UnknownTool, format!("unknown tool: {name}{hint}"))
}

macro_rules! tools {
    ($($name:literal $tool:ty, $effect:ident, $audience:ident, $purpose:literal;)*) => {
        /// Every tool, in the order in which agents are shown them.
        pub const TABLE: &[Row] = &[$(Row {
            name: $name,
            effect: Effect::$effect,
            audience: Audience::$audience,
            purpose: $purpose,
            schema: schema::of::<$tool>,
            call: |args, call| Box::pin(async move { argument::read::<$tool>($name, args)?.call(call).await }),
        }),*];
    };
}

#[rustfmt::skip]
tools! {
    // Where am I, what is this about.
    "cccc_bootstrap"           session::Bootstrap,        Reads, All,
        "Start here: one call gives your group, your colleagues, the playbook, the project charter, the shared context, \
         your unread messages and the recent conversation.";
    "cccc_help"                session::Help,             Reads, All,
        "The playbook of your group: how to work together here. Give a topic to read only that part.";
    "cccc_project_info"        session::ProjectInfo,      Reads, All,
        "The project charter: PROJECT.md of the group's directory. It outranks what anybody says in chat.";

    // Messages.
    "cccc_inbox_list"          inbox::List,               Reads, All,
        "Your unread messages and notices, oldest first. Reading them here does not mark them read.";
    "cccc_inbox_mark_read"     inbox::MarkRead,           Sets,  All,
        "Mark everything up to and with one message as read. An important message is acknowledged by that; a reply that \
         you owe stays owed.";
    "cccc_inbox_mark_all_read" inbox::MarkAllRead,        Sets,  All,
        "Mark all that is unread as read. Replies that you owe stay owed.";
    "cccc_message_history"     inbox::History,            Reads, All,
        "Look back at what you said and were told, newest first; also search in it.";
    "cccc_message_send"        message::Send,             Adds,  All,
        "Say something to people and agents of your group. Nobody sees what you write anywhere else.";
    "cccc_message_reply"       message::Reply,            Adds,  All,
        "Answer a message. This also settles a reply that you owe for it.";
    "cccc_tracked_send"        message::TrackedSend,      Adds,  All,
        "Give somebody a task and tell them, in one step: the task is in the shared context, the message names it.";
    "cccc_file_send"           file::Send,                Adds,  All,
        "Send a file of the group's directory, or one that you got, as a message.";
    "cccc_blob_path"           file::BlobPath,            Reads, All,
        "Where a received attachment lies on this machine, so that you can open it.";

    // The group and who is in it.
    "cccc_group_info"          group::Info,               Reads, All,
        "Title, topic, state and directories of your group.";
    "cccc_group_list"          group::List,               Reads, All,
        "All groups, the latest first.";
    "cccc_group_set_state"     group::SetState,           Sets,  Foreman,
        "active: work goes on; idle: work is done, built-in reminders stop, schedules go on; paused: messages wait; stopped: all agents end.";
    "cccc_actor_list"          actor::List,               Reads, All,
        "Who is in the group: role, whether it runs, how much it has not read.";
    "cccc_actor_profile_list"  actor::ProfileList,        Reads, All,
        "Ready-made setups that an actor can be added with.";
    "cccc_actor_add"           actor::Add,                Adds,  Foreman,
        "Add an agent to the group and start it. A foreman adds agents of its own kind unless a profile says otherwise.";
    "cccc_actor_remove"        actor::Remove,             Ends,  All,
        "Leave the group: your own actor is removed and its program ends. Finish and report first.";
    "cccc_actor_start"         actor::Start,              Sets,  Foreman,
        "Start an agent that is off.";
    "cccc_actor_stop"          actor::Stop,               Ends,  All,
        "Stop an agent: yourself, or anybody when you are the foreman.";
    "cccc_actor_restart"       actor::Restart,            Ends,  All,
        "Stop and start an agent again: yourself, or anybody when you are the foreman. Its conversation begins anew.";
    "cccc_runtime_list"        actor::RuntimeList,        Reads, All,
        "Agent programs that can be added, and which of them are installed here.";

    // Rules that speak at set times.
    "cccc_automation_state"    automation::State,         Reads, All,
        "The group's reminders and schedules, and when each is due.";
    "cccc_automation_manage"   automation::Manage,        Sets,  All,
        "Create, change, switch or delete reminders and schedules. Peers: their own only.";

    // What the group knows and plans.
    "cccc_context_get"         context::Get,              Reads, All,
        "The shared memory of the group: vision, sketch, milestones, notes, references, who does what.";
    "cccc_context_sync"        context::Sync,             Sets,  All,
        "Change the shared memory in several places at once: all of the changes, or none.";
    "cccc_vision_update"       context::VisionUpdate,     Sets,  All, "Set where all this is going, in a sentence or two.";
    "cccc_sketch_update"       context::SketchUpdate,     Sets,  All, "Set how it is to be built: structure and decisions, no progress.";
    "cccc_milestone_create"    context::MilestoneCreate,  Adds,  All, "Add a milestone. Two to six are plenty.";
    "cccc_milestone_update"    context::MilestoneUpdate,  Sets,  All, "Change a milestone. Archived ones are hidden.";
    "cccc_milestone_complete"  context::MilestoneComplete, Sets, All, "Say that a milestone is reached, and what came of it.";
    "cccc_note_add"            context::NoteAdd,          Adds,  All, "Keep a lesson or a fact for everybody.";
    "cccc_note_update"         context::NoteUpdate,       Sets,  All, "Change a note.";
    "cccc_note_remove"         context::NoteRemove,       Ends,  All, "Remove a note.";
    "cccc_reference_add"       context::ReferenceAdd,     Adds,  All, "Keep a file or an address that everybody needs.";
    "cccc_reference_update"    context::ReferenceUpdate,  Sets,  All, "Change a reference.";
    "cccc_reference_remove"    context::ReferenceRemove,  Ends,  All, "Remove a reference.";
    "cccc_task_list"           task::List,                Reads, All, "Tasks with their steps and who has them; or one of them.";
    "cccc_task_create"         task::Create,              Adds,  All,
        "Add a task with three to seven steps, each with the check that shows it is done.";
    "cccc_task_update"         task::Update,              Sets,  All, "Change a task: its state, who has it, or the state of one step.";
    "cccc_presence_get"        context::PresenceGet,      Reads, All, "What everybody says to be doing.";
    "cccc_presence_update"     context::PresenceUpdate,   Sets,  All, "Say in one line what you are doing.";
    "cccc_presence_clear"      context::PresenceClear,    Sets,  All, "Take back what you said to be doing.";

    // Actors without a terminal.
    "cccc_headless_status"     headless::Status,          Reads, Headless, "How you are, as you have said it last.";
    "cccc_headless_set_status" headless::SetStatus,       Sets,  Headless, "Say how you are, so that messages reach you at the right time.";
    "cccc_headless_ack_message" headless::AckMessage,     Sets,  Headless, "Say that you have taken a message up.";

    // Notices, and a look at others.
    "cccc_notify_send"         notify::Send,              Adds,  All,
        "Give notice of something to an agent or to all. For what you want to say, send a message.";
    "cccc_notify_ack"          notify::Ack,               Sets,  All, "Confirm a notice that asks for it.";
    "cccc_terminal_tail"       terminal::Tail,            Reads, All,
        "The last lines of an agent's terminal. Whose you may see is a setting of the group.";
    "cccc_im_bind"             group::ImBind,             Sets,  Foreman,
        "Let in the chat that was given this key: somebody sent /subscribe there. Only the user may, unless a setting of the group lets its foreman.";

    // For those who develop cccc.
    "cccc_debug_snapshot"      observability::Snapshot,   Reads, Developer, "What the daemons know about the group.";
    "cccc_debug_tail_logs"     observability::TailLogs,   Reads, Developer, "The last lines of a log.";
}

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod tests;
