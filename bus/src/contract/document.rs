//! Documents clients read: a group, an actor, a scope. Field names and defaults are the wire's (`spec` §4).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A directory attached to a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// `s_` and 12 hex digits, of the repository's remote or, without one, of the path.
    pub scope_key: String,
    /// Absolute path of the directory.
    pub url: String,
    /// Its last component.
    #[serde(default)]
    pub label: String,
    /// Normalised `remote.origin.url`, or `""`.
    #[serde(default)]
    pub git_remote: String,
}

/// One actor as it is stored and shown. What is computed (`role`, `running`, …) is in [`ActorView`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// Always 1.
    pub v: u32,
    /// Unique in the group.
    pub id: String,
    /// Name for people; also a recipient name.
    #[serde(default)]
    pub title: String,
    /// Words of the command line.
    #[serde(default)]
    pub command: Vec<String>,
    /// Public environment: visible to every reader, never for secrets.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Scope it works in; `""` is the group's active one.
    #[serde(default)]
    pub default_scope_key: String,
    /// Key that submits a typed message.
    #[serde(default)]
    pub submit: Submit,
    /// Whether it should run when the group runs.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What carries it.
    #[serde(default)]
    pub runner: Runner,
    /// Id of its runtime, such as `claude`.
    pub runtime: String,
    /// What happens when its program ends by itself.
    #[serde(default)]
    pub restart: Restart,
    /// Whether messages may be typed into its terminal.
    #[serde(default)]
    pub deliver: Deliver,
    /// Whether a new session goes on with the program's own last conversation.
    #[serde(default)]
    pub resume: Resume,
    /// When it was added.
    pub created_at: String,
    /// When its row last changed.
    pub updated_at: String,
    /// Linked profile, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
    /// Revision of the profile that was last applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_revision_applied: Option<u64>,
}

impl Actor {
    /// Whether it is to resume, and its program cannot. Refused, but a change of its profile can still make such a row.
    pub fn cannot_resume(&self) -> bool {
        self.resume == Resume::Last && self.runner == Runner::Pty && !super::runtime::can_resume(&self.command)
    }
}

/// A configuration that actors in any group may be linked to. Its secrets are kept elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Always 1.
    pub v: u32,
    /// Chosen, or `ap_` and 12 hex digits.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Id of its runtime, such as `claude`.
    pub runtime: String,
    /// What carries its actors.
    #[serde(default)]
    pub runner: Runner,
    /// Words of the command line.
    #[serde(default)]
    pub command: Vec<String>,
    /// Key that submits a typed message.
    #[serde(default)]
    pub submit: Submit,
    /// Always empty: what a profile has of an environment is secret.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// When it was made.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// 1, and one more with every change.
    pub revision: u64,
}

fn yes() -> bool {
    true
}

/// An actor with what is computed when it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActorView {
    /// The stored row.
    #[serde(flatten)]
    pub actor: Actor,
    /// By position: the first enabled actor leads.
    pub role: Role,
    /// Whether a session of it is alive.
    pub running: bool,
    /// Process id of the agent, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// How its terminal is, where ptyd could be asked; absent for whoever has no terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_state: Option<TerminalState>,
    /// `missing`, `stale` or `unknown` when its program did not know our tools as it started, where ptyd could be asked; it
    /// works without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<String>,
    /// How its last session ended, or why it did not start; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_exit: Option<String>,
    /// The last lines that its terminal showed, when its program has ended by itself and nothing runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_lines: Vec<String>,
    /// Unread chat and notifications, when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_count: Option<u64>,
    /// Messages not yet handed over, and why the oldest of them waits, when there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
}

/// What an actor's terminal has not received yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// How many messages.
    pub count: u64,
    /// Why the oldest waits; `""` when it is about to be handed over.
    pub reason: String,
}

pub use super::terminal::TerminalState;
pub(super) use super::words::words;

words! {
    /// Who leads.
    Role {
        /// The first enabled actor.
        Foreman = "foreman",
        /// Everybody else.
        Peer = "peer",
    } default Peer
}
words! {
    /// What carries an actor.
    Runner {
        /// A program in a terminal of ours.
        Pty = "pty",
        /// Something outside that polls its inbox.
        Headless = "headless",
    } default Pty
}
words! {
    /// How a headless actor is, in its own words.
    HeadlessStatus {
        /// It waits for work.
        Idle = "idle",
        /// It works.
        Working = "working",
        /// It waits for somebody.
        Waiting = "waiting",
        /// It does not work any more, and is told nothing until it is started again.
        Stopped = "stopped",
    } default Idle
}
words! {
    /// Key that submits a typed message.
    Submit {
        /// Carriage return.
        Enter = "enter",
        /// Line feed.
        Newline = "newline",
        /// No key: the text is left in the composer.
        None = "none",
    } default Enter
}
words! {
    /// What happens when an actor's program ends by itself.
    Restart {
        /// It stays down, and the foreman is told.
        Never = "no",
        /// It is started again after an exit other than 0.
        OnFailure = "on-failure",
        /// It is always started again.
        Always = "always",
    } default Never
}
words! {
    /// Whether messages are typed into an actor's terminal.
    Deliver {
        /// Into a program that has switched bracketed paste on and shows an empty composer; never into a shell.
        Auto = "auto",
        /// Also into one that never switched bracketed paste on, whatever its prompt; into a shell without a submit key.
        Typed = "typed",
        /// Never: it reads its inbox by itself.
        Inbox = "inbox",
    } default Auto
}
words! {
    /// Whether a new session goes on with the program's own last conversation, where the program has a switch for that.
    Resume {
        /// It begins with an empty one.
        Never = "no",
        /// It goes on with the last, unless that has just failed.
        Last = "last",
    } default Never
}
words! {
    /// State of a group.
    GroupState {
        /// Messages are delivered, policies run.
        Active = "active",
        /// Messages are delivered, built-in policies rest.
        Idle = "idle",
        /// Messages are accepted and held.
        Paused = "paused",
    } default Active
}
words! {
    /// Whether a message asks for an acknowledgement.
    Priority {
        /// It does not.
        Normal = "normal",
        /// It asks every recipient.
        Attention = "attention",
    } default Normal
}
words! {
    /// How a message is handed over, as newer clients say it.
    MessageMode {
        /// It is typed into the terminals of its recipients.
        Send = "send",
        /// The same, and every recipient owes a reply.
        RequestReply = "request_reply",
        /// It waits in the inboxes of its recipients, and nobody is woken for it.
        Mail = "mail",
    } default Send
}
words! {
    /// How far a text is that is shown while it is written.
    StreamStep {
        /// It begins.
        Start = "start",
        /// It goes on.
        Update = "update",
        /// It is whole, and becomes a message.
        End = "end",
    } default Start
}
words! {
    /// Which unread events are meant.
    KindFilter {
        /// Both.
        All = "all",
        /// `chat.message`.
        Chat = "chat",
        /// `system.notify`.
        Notify = "notify",
    } default All
}
words! {
    /// What a notification is about.
    NotifyKind {
        /// Open obligations.
        Nudge = "nudge",
        /// A reminder of an announced next step.
        Keepalive = "keepalive",
        /// A reminder of the playbook.
        HelpNudge = "help_nudge",
        /// An actor is quiet.
        ActorIdle = "actor_idle",
        /// The whole group is quiet.
        SilenceCheck = "silence_check",
        /// A rule fired.
        Automation = "automation",
        /// Something changed.
        StatusChange = "status_change",
        /// Something went wrong.
        Error = "error",
        /// Anything else.
        Info = "info",
    } default Info
}
words! {
    /// How urgent a notification is. High and urgent ones are typed into terminals.
    NotifyPriority {
        /// Inbox only.
        Low = "low",
        /// Inbox only.
        Normal = "normal",
        /// Also typed.
        High = "high",
        /// Also typed.
        Urgent = "urgent",
    } default Normal
}
words! {
    /// How far a message has come on its way to one actor (`x.cccc.delivery`).
    Stage {
        /// Not sent yet, with the reason.
        Held = "held",
        /// Written to the terminal, or requested on the agent's protocol.
        Handed = "handed",
        /// The runtime has taken it.
        Accepted = "accepted",
        /// Written, and nobody knows whether it arrived: never sent again blindly.
        Uncertain = "uncertain",
        /// It cannot be delivered.
        Failed = "failed",
    } default Held
}
words! {
    /// What happened to an actor's session (`x.cccc.session`).
    Phase {
        /// It is about to start: its token counts from now on.
        Starting = "starting",
        /// The program runs.
        Started = "started",
        /// It could not be started.
        Failed = "failed",
        /// It ended by itself.
        Exited = "exited",
        /// We ended it because it should not run any more.
        Stopped = "stopped",
        /// It ended because everything was stopped: it is started again with everything else.
        Suspended = "suspended",
        /// Its holder is gone and nobody knows how it ended (a reboot, a kill): it is started again.
        Lost = "lost",
    } default Started
}

/// The group document of `group_show`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// Always 1.
    pub v: u32,
    /// `g_` and 12 hex digits.
    pub group_id: String,
    /// Name for people.
    pub title: String,
    /// What the group is about.
    pub topic: String,
    /// When it was created.
    pub created_at: String,
    /// When anything of it last changed.
    pub updated_at: String,
    /// Whether its enabled actors should run, also after a restart. Not the same as "a session is alive".
    pub running: bool,
    /// See [`GroupState`].
    pub state: GroupState,
    /// Scope in which actors work that name none; `""` when there is none.
    pub active_scope_key: String,
    /// Attached directories.
    pub scopes: Vec<Scope>,
    /// The roster, in order: the first enabled actor leads.
    pub actors: Vec<Actor>,
    /// The 19 settings that are set, under the keys of `group_settings_update`, whose reply has all effective values.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// Rules and snippets.
    #[serde(default)]
    pub automation: Map<String, Value>,
    /// Chat platform, without its secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub im: Option<Map<String, Value>>,
    /// Why the group can only be read, when its ledger is damaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged: Option<String>,
}

/// One row of `groups`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupRow {
    /// See [`Group::group_id`].
    pub group_id: String,
    /// See [`Group::title`].
    pub title: String,
    /// See [`Group::topic`].
    pub topic: String,
    /// Path of the active scope, or `""`.
    pub path: String,
    /// Key of the active scope, or `""`.
    pub default_scope_key: String,
    /// See [`Group::created_at`].
    pub created_at: String,
    /// See [`Group::updated_at`].
    pub updated_at: String,
    /// Whether at least one session is alive.
    pub running: bool,
    /// `ok`, or `damaged` for a group that can only be read.
    pub registry_health: String,
    /// See [`Group::state`].
    pub state: GroupState,
}
