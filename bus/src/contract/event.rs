//! Events: everything that ever happened, one row per kind.
//!
//! A kind that has been on disk is understood for ever: fields are only added, with a default.
//! Kinds of ours that the wire standard does not name are `x.cccc.<noun>`. Unknown kinds, and known kinds
//! with data we cannot read, are kept as they are in [`Body::Unknown`].

mod shape;

use super::automation::Rule;
use super::context::{Change, Patch};
use super::document::{
    Actor, GroupState, HeadlessStatus, MessageMode, NotifyKind, NotifyPriority, Phase, Priority, Profile, Stage,
};
use super::im::{Asking, Chat};
use super::op::observability::Observability;
use super::prompt::PromptKind;
use super::push::PushDevice;
use super::remote::RemoteConfig;
use super::web::WebToken;
use super::{schema, version};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// One event as it travels: JSON, everywhere. In a format for machines, as on the bus, it is that JSON as bytes, so that
/// whoever hands it on need not read it. On disk the line also has `req`, `more` and `sum`, which stay there.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// 1, 2, 3 … within its ledger. 0 for an event that was never stored.
    pub seq: u64,
    /// 32 hex digits.
    pub id: String,
    /// See [`super::time`]; strictly increasing within a ledger.
    pub ts: String,
    /// `""` in the home ledger.
    pub group_id: String,
    /// Scope of a message or of a scope event, otherwise `""`.
    pub scope_key: String,
    /// Who did it.
    pub by: String,
    /// What happened.
    pub body: Body,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    seq: u64,
    id: String,
    ts: String,
    kind: String,
    #[serde(default)]
    group_id: String,
    #[serde(default)]
    scope_key: String,
    #[serde(default)]
    by: String,
    data: Option<Box<RawValue>>,
}

impl Event {
    /// The kind's name.
    pub fn kind(&self) -> &str {
        self.body.kind()
    }

    /// The event as JSON in one line.
    ///
    /// # Panics
    ///
    /// Never: it is plain data.
    pub fn json(&self) -> Vec<u8> {
        match &self.body {
            Body::Unread(json) => json.to_vec(),
            _ => serde_json::to_vec(self).expect("an event is plain data"),
        }
    }

    /// An event that is only handed on: its number, and its JSON as it is stored. Nothing else of it is known.
    ///
    /// # Errors
    ///
    /// It has not the shape that we write, so that whoever is given it might not be able to read it.
    pub fn unread(json: Vec<u8>) -> serde_json::Result<Self> {
        let seq = shape::seq(&json)?;
        let [id, ts, group_id, scope_key, by] = [const { String::new() }; 5];
        Ok(Self { seq, id, ts, group_id, scope_key, by, body: Body::Unread(json.into()) })
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.body, serializer.is_human_readable()) {
            (Body::Unread(json), true) => {
                serde_json::from_slice::<Value>(json).map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
            (Body::Unread(json), false) => serializer.serialize_bytes(json),
            (_, true) => self.write_object(serializer),
            (_, false) => serializer.serialize_bytes(&self.json()),
        }
    }
}

impl Event {
    fn write_object<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(9))?;
        map.serialize_entry("v", &version::EVENT)?;
        map.serialize_entry("seq", &self.seq)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("ts", &self.ts)?;
        map.serialize_entry("kind", self.kind())?;
        map.serialize_entry("group_id", &self.group_id)?;
        map.serialize_entry("scope_key", &self.scope_key)?;
        map.serialize_entry("by", &self.by)?;
        map.serialize_entry("data", &Data(&self.body))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return Line::deserialize(deserializer)?.into_event().map_err(D::Error::custom);
        }
        deserializer.deserialize_bytes(Text)
    }
}

impl Line {
    fn into_event(self) -> serde_json::Result<Event> {
        if self.id.is_empty() {
            return Err(serde_json::Error::custom("an event needs an id"));
        }
        let Line { seq, id, ts, kind, group_id, scope_key, by, data } = self;
        let body = Body::read(kind, data.as_deref().map_or("null", RawValue::get))?;
        Ok(Event { seq, id, ts, group_id, scope_key, by, body })
    }
}

/// Reads the JSON of an event from bytes.
struct Text;

impl Visitor<'_> for Text {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event as JSON")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Event, E> {
        serde_json::from_slice(bytes).map_err(E::custom)
    }
}

/// As it is on the wire. What `data` is of each kind, [`schema::event`] says.
impl JsonSchema for Event {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "One event. What its `data` is follows from its `kind`; later versions have kinds that this one does \
                            not know, and fields.",
            "properties": {
                "v": {"description": "Version of the form of an event.", "const": version::EVENT},
                "seq": {
                    "description": "1, 2, 3 … within its ledger; 0 for an event that was never stored.",
                    "type": "integer",
                    "minimum": 0,
                },
                "id": {"description": "32 hex digits.", "type": "string", "minLength": 1},
                "ts": {
                    "description": "When it happened: UTC, with microseconds; strictly increasing within a ledger.",
                    "type": "string",
                    "format": "date-time",
                },
                "kind": {"description": "What kind of thing happened.", "type": "string"},
                "group_id": {"description": "Group whose ledger it is in; empty in the home's.", "type": "string"},
                "scope_key": {"description": "Scope of a message or of a scope event; else empty.", "type": "string"},
                "by": {"description": "Who did it.", "type": "string"},
                "data": {"description": "What happened: see `events`."},
            },
            "required": ["v", "seq", "id", "ts", "kind", "group_id", "scope_key", "by", "data"],
        })
    }
}

struct Data<'a>(&'a Body);

macro_rules! events {
    ($($(#[$doc:meta])* $kind:literal $variant:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
            pub struct $variant { $($(#[$fdoc])* pub $field: $type),* }

            impl From<$variant> for Body {
                fn from(data: $variant) -> Self { Body::$variant(data) }
            }
        )*

        /// What happened: one variant per kind.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Body {
            $($(#[$doc])* $variant($variant),)*
            /// A kind, or a shape of a known kind, that this version does not know.
            Unknown {
                /// Name of the kind.
                kind: String,
                /// Its data, untouched.
                data: Value,
            },
            /// The JSON of the whole event, which nobody has read: see [`Event::unread`]. Nothing is decided by it.
            Unread(Box<[u8]>),
        }

        /// Names of all kinds, in the order of the table.
        pub const KINDS: &[&str] = &[$($kind),*];

        impl Body {
            /// The kind's name; none of what was not read.
            pub fn kind(&self) -> &str {
                debug_assert!(!matches!(self, Body::Unread(_)), "the kind of an event is asked for that was not read");
                match self {
                    $(Body::$variant(_) => $kind,)*
                    Body::Unknown { kind, .. } => kind,
                    Body::Unread(_) => "",
                }
            }

            /// Reads the data of a kind from JSON text; what has another shape is kept as it is.
            ///
            /// # Errors
            ///
            /// It is not JSON.
            pub fn read(kind: String, data: &str) -> serde_json::Result<Self> {
                match kind.as_str() {
                    $($kind => if let Ok(body) = serde_json::from_str::<$variant>(data) {
                        return Ok(Body::$variant(body));
                    },)*
                    _ => {}
                }
                Ok(Body::Unknown { kind, data: serde_json::from_str(data)? })
            }
        }

        /// How the schema of a kind's data is made.
        pub(super) fn describe(kind: &str) -> Option<schema::Describe> {
            match kind {
                $($kind => Some($variant::json_schema),)*
                _ => None,
            }
        }

        impl Serialize for Data<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.0 {
                    $(Body::$variant(data) => data.serialize(serializer),)*
                    Body::Unknown { data, .. } => data.serialize(serializer),
                    Body::Unread(_) => unreachable!("its event is written as it is"),
                }
            }
        }
    };
}

events! {
    /// A group exists. The first line of every group ledger.
    "group.create" GroupCreate {
        /// Name for people.
        title: String,
        /// What the group is about.
        #[serde(default)]
        topic: String,
    }
    /// Title or topic changed.
    "group.update" GroupUpdate {
        /// `title` and `topic`; null is unchanged.
        patch: Map<String, Value>,
    }
    /// A directory was attached (or its path updated) and made active. The event's `scope_key` names it.
    "group.attach" GroupAttach {
        /// Absolute path.
        url: String,
        /// Last component.
        #[serde(default)]
        label: String,
        /// Normalised remote, or `""`.
        #[serde(default)]
        git_remote: String,
    }
    /// A directory was detached.
    "group.detach_scope" GroupDetachScope {
        /// Which one.
        scope_key: String,
    }
    /// Another attached directory became active. The event's `scope_key` names it.
    "group.set_active_scope" GroupSetActiveScope {
        /// The path that was asked for.
        path: String,
    }
    /// All actors were enabled and the group set running.
    "group.start" GroupStart {
        /// Their ids.
        started: Vec<String>,
        /// Actors that run headless because there are no terminals.
        #[serde(default)]
        forced_headless: Vec<String>,
    }
    /// All actors were disabled and the group set not running.
    "group.stop" GroupStop {
        /// Their ids.
        stopped: Vec<String>,
    }
    /// The group's state changed.
    "group.set_state" GroupSetState {
        /// Before.
        old_state: GroupState,
        /// After.
        new_state: GroupState,
    }
    /// Settings changed.
    "group.settings_update" GroupSettingsUpdate {
        /// As the client sent it, checked.
        patch: Map<String, Value>,
    }
    /// Rules or snippets changed. All are named; those that are new or different are given.
    "group.automation_update" GroupAutomationUpdate {
        /// Ids of all rules, in order.
        rules: Vec<String>,
        /// Names of all snippets.
        snippets: Vec<String>,
        /// Version of them from then on.
        #[serde(default)]
        version: Option<u64>,
        /// What was done, in short, when it was done rule by rule.
        #[serde(default)]
        actions: Vec<Map<String, Value>>,
        /// `baseline_reset`, or `""`.
        #[serde(default)]
        source: String,
        /// Rules that are new or different.
        #[serde(default)]
        changed_rules: Vec<Rule>,
        /// Snippets that are new or different.
        #[serde(default)]
        changed_snippets: BTreeMap<String, String>,
    }
    /// An actor joined, at the end of the roster.
    "actor.add" ActorAdd {
        /// The stored row, plus `role`.
        actor: ActorAdded,
    }
    /// An actor's row changed.
    "actor.update" ActorUpdate {
        /// Which actor.
        actor_id: String,
        /// The changed fields, as stored (defaults and resets already worked out).
        patch: Map<String, Value>,
        /// Profile that was linked.
        #[serde(default)]
        profile_id: Option<String>,
        /// `convert_to_custom`, or null.
        #[serde(default)]
        profile_action: Option<String>,
    }
    /// An actor should run: it is enabled and its group set running.
    "actor.start" ActorStart {
        /// Which actor.
        actor_id: String,
        /// What carries it.
        #[serde(default)]
        runner: Option<String>,
        /// Only when different.
        #[serde(default)]
        runner_effective: Option<String>,
    }
    /// An actor should not run any more: it is disabled.
    "actor.stop" ActorStop {
        /// Which actor.
        actor_id: String,
        /// Always null.
        #[serde(default)]
        runner: Option<String>,
        /// Always null.
        #[serde(default)]
        runner_effective: Option<String>,
    }
    /// An actor should run in a new session.
    "actor.restart" ActorRestart {
        /// Which actor.
        actor_id: String,
        /// What carries it.
        #[serde(default)]
        runner: Option<String>,
        /// Only when different.
        #[serde(default)]
        runner_effective: Option<String>,
    }
    /// An actor left; its cursor and queue are gone.
    "actor.remove" ActorRemove {
        /// Which actor.
        actor_id: String,
        /// Always null.
        #[serde(default)]
        runner: Option<String>,
        /// Always null.
        #[serde(default)]
        runner_effective: Option<String>,
    }
    /// A message.
    "chat.message" ChatMessage {
        /// What was said; may be empty only with attachments.
        text: String,
        /// `plain` or `markdown`.
        #[serde(default = "plain")]
        format: String,
        /// Whether it asks for an acknowledgement.
        #[serde(default)]
        priority: Priority,
        /// Whether it asks for a reply.
        #[serde(default)]
        reply_required: bool,
        /// Resolved recipients; empty is everybody.
        #[serde(default)]
        to: Vec<String>,
        /// Event it answers.
        #[serde(default)]
        reply_to: Option<String>,
        /// First 100 characters of the answered text.
        #[serde(default)]
        quote_text: Option<String>,
        /// Relayed copy: group it came from.
        #[serde(default)]
        src_group_id: Option<String>,
        /// Relayed copy: event it came from.
        #[serde(default)]
        src_event_id: Option<String>,
        /// Send record: group it went to.
        #[serde(default)]
        dst_group_id: Option<String>,
        /// Send record: recipients there.
        #[serde(default)]
        dst_to: Option<Vec<String>>,
        /// References to other things.
        #[serde(default)]
        refs: Vec<Value>,
        /// Stored files.
        #[serde(default)]
        attachments: Vec<Attachment>,
        /// Reserved.
        #[serde(default)]
        thread: String,
        /// The client's own id of the message.
        #[serde(default)]
        client_id: Option<String>,
        /// How it is handed over, when the client has said so in these words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_mode: Option<MessageMode>,
        /// What the sender thinks of it, for its recipients to weigh.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        insight: Option<String>,
        /// What the user might say next.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suggested_user_message: Option<String>,
    }
    /// A recipient acknowledged an attention message. At most one per pair.
    "chat.ack" ChatAck {
        /// Who.
        actor_id: String,
        /// What.
        event_id: String,
    }
    /// A message asks for answers no more; who has answered it before has answered it.
    "chat.reply_request.cancelled" ReplyRequestCancelled {
        /// Which one.
        source_event_id: String,
    }
    /// A read cursor moved (or was confirmed): everything up to the event is read.
    "chat.read" ChatRead {
        /// Whose.
        actor_id: String,
        /// Up to and with this event.
        event_id: String,
        /// What was given to the reader with it, when it was read that way.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        event_ids: Vec<String>,
    }
    /// A batch changed the group's context.
    "context.sync" ContextSync {
        /// Version of the context from then on.
        version: String,
        /// What each operation did.
        changes: Vec<Change>,
        /// What the context's documents are from then on.
        #[serde(default)]
        patch: Patch,
    }
    /// A notification.
    "system.notify" SystemNotify {
        /// What it is about.
        #[serde(default)]
        kind: NotifyKind,
        /// How urgent.
        #[serde(default)]
        priority: NotifyPriority,
        /// Headline.
        #[serde(default)]
        title: String,
        /// Body.
        #[serde(default)]
        message: String,
        /// For whom; null is everybody.
        #[serde(default)]
        target_actor_id: Option<String>,
        /// Facts for programs.
        #[serde(default)]
        context: Map<String, Value>,
        /// Whether an acknowledgement is wanted.
        #[serde(default)]
        requires_ack: bool,
        /// Event it is about.
        #[serde(default)]
        related_event_id: Option<String>,
    }
    /// A notification was acknowledged.
    "system.notify_ack" SystemNotifyAck {
        /// Which one.
        notify_event_id: String,
        /// By whom.
        actor_id: String,
    }
    /// Something happened to an actor's session.
    "x.cccc.session" Session {
        /// Which actor.
        actor_id: String,
        /// Which session: 32 hex digits.
        session_id: String,
        /// The wish it answers: seq of the event that last asked for a (new) session.
        generation: u64,
        /// What happened.
        phase: Phase,
        /// Process id of the agent, when it started.
        #[serde(default)]
        pid: Option<u32>,
        /// Exit code, when it exited with one.
        #[serde(default)]
        exit_code: Option<i32>,
        /// Signal number, when one ended it.
        #[serde(default)]
        signal: Option<i32>,
        /// Why it failed, or what else is known.
        #[serde(default)]
        detail: String,
        /// SHA-256 (hex) of the token that proves the agent; the token itself is nowhere.
        #[serde(default)]
        token_sha256: Option<String>,
        /// The last lines that its terminal showed, when it ended by itself.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        last_lines: Vec<String>,
    }
    /// Messages came a step further on their way to one actor.
    "x.cccc.delivery" Delivery {
        /// To whom.
        actor_id: String,
        /// Which messages or notifications, in order.
        event_ids: Vec<String>,
        /// How far.
        stage: Stage,
        /// Why they are held, or the error. A word of `delivery` in the documentation.
        #[serde(default)]
        reason: String,
        /// How: `terminal`.
        #[serde(default)]
        path: String,
        /// What is known: session, bytes, offset.
        #[serde(default)]
        evidence: Map<String, Value>,
    }
    /// A message that hands a task on was sent under a key of its sender.
    "x.cccc.tracked" Tracked {
        /// The key.
        idempotency_key: String,
        /// Of what was asked: the same key with another one is a mistake.
        digest: String,
        /// The message.
        event_id: String,
    }
    /// A message is to be handed to actors once more, or though it is mail.
    "x.cccc.hand_over" HandOver {
        /// Which one.
        event_id: String,
        /// To whom.
        actor_ids: Vec<String>,
        /// Whether that counts although it may have come before.
        #[serde(default)]
        forced: bool,
    }
    /// A text that agents are given changed. One that is long comes in pieces, one event after the other.
    "x.cccc.prompt" PromptSet {
        /// Which text.
        kind: PromptKind,
        /// The text, or its next piece; `""` brings the built-in text back.
        text: String,
        /// Whether this goes on where the event before ended.
        #[serde(default)]
        continues: bool,
    }
    /// The group's bridge to a chat platform was configured. Stored credentials are in a file of the version's name and
    /// in no event.
    "x.cccc.im_config" ImConfig {
        /// The configuration without them; null when there is none any more.
        config: Option<Map<String, Value>>,
        /// Names the file below `secrets/`; `""` when none is stored.
        version: String,
        /// Names of the stored credentials, sorted.
        keys: Vec<String>,
    }
    /// A chat asks to be let in. Its key is in a file of the version's name, with those of all others that wait.
    "x.cccc.im_pending" ImPending {
        /// SHA-256 (hex) of its key.
        key_sha256: String,
        /// Who asks, and how long the key counts.
        asking: Asking,
        /// Names the file below `secrets/`.
        version: String,
    }
    /// A chat's key was used or rejected.
    "x.cccc.im_key_gone" ImKeyGone {
        /// SHA-256 (hex) of the key.
        key_sha256: String,
        /// Names the file below `secrets/` with the keys that are left; `""` when there are none.
        version: String,
    }
    /// A chat was let in, or it changed what it is sent.
    "x.cccc.im_chat" ImChat {
        /// The chat now.
        chat: Chat,
    }
    /// A chat is not let in any more.
    "x.cccc.im_chat_gone" ImChatGone {
        /// The platform's id of it.
        chat_id: String,
        /// Thread in it; 0 is the chat itself.
        #[serde(default)]
        thread_id: i64,
        /// Whether messages were passed on to it.
        #[serde(default)]
        was_subscribed: bool,
    }
    /// An actor's private environment changed. The values are in a file of the version's name and in no event.
    "x.cccc.actor_secrets" ActorSecrets {
        /// Whose.
        actor_id: String,
        /// Names the file below `secrets/`; `""` when there are none.
        version: String,
        /// Names, sorted.
        keys: Vec<String>,
    }
    /// A headless actor was given a token, or had it taken away. The token itself is nowhere.
    "x.cccc.actor_token" ActorToken {
        /// Whose.
        actor_id: String,
        /// SHA-256 (hex) of the token that proves it; null when none does any more.
        token_sha256: Option<String>,
    }
    /// A template was applied. What it changed was written before this.
    "x.cccc.template" TemplateApplied {
        /// Title of the group it was made of.
        title: String,
        /// Actors that left.
        removed: Vec<String>,
        /// Actors that joined.
        added: Vec<String>,
        /// Actors that changed.
        updated: Vec<String>,
        /// The roster, in order.
        order: Vec<String>,
    }
    /// A rule was due: it did what it is for, or could not.
    "x.cccc.rule" RuleRan {
        /// Which one.
        rule_id: String,
        /// When it was due.
        #[serde(default)]
        due_at: String,
        /// Why it could not; null when it could.
        #[serde(default)]
        error: Option<String>,
    }
    /// A headless actor has said how it is. What it does not name stays as it was.
    "x.cccc.headless" Headless {
        /// Which actor.
        actor_id: String,
        /// What it is doing.
        #[serde(default)]
        status: Option<HeadlessStatus>,
        /// Task it works on.
        #[serde(default)]
        task_id: Option<String>,
        /// Message it took last.
        #[serde(default)]
        message_id: Option<String>,
    }
    /// A torn tail was cut off when the ledger was opened.
    "x.cccc.recovered" Recovered {
        /// Bytes that were cut off.
        cut_bytes: u64,
        /// File (beside the ledger) that has them.
        saved_as: String,
    }
    /// The home was opened (home ledger). Every open writes a higher epoch.
    "x.cccc.opened" Opened {
        /// 1, 2, 3 …
        epoch: u64,
        /// Product version.
        version: String,
        /// Layout of the home.
        home_version: u32,
    }
    /// A group belongs to this home (home ledger).
    "x.cccc.group" GroupKnown {
        /// Which one.
        known_group_id: String,
    }
    /// A group was deleted (home ledger); its folder and secrets go after this is on disk.
    "x.cccc.group_deleted" GroupDeleted {
        /// Which one.
        deleted_group_id: String,
    }
    /// Attaching this scope without naming a group means this group (home ledger).
    "x.cccc.scope_default" ScopeDefault {
        /// Which scope.
        scope_key: String,
        /// Which group; `""` forgets it.
        default_group_id: String,
    }
    /// A profile was made or changed (home ledger).
    "x.cccc.profile" ProfileSet {
        /// As it is now.
        profile: Profile,
    }
    /// A profile was deleted, and its secrets with it (home ledger).
    "x.cccc.profile_deleted" ProfileDeleted {
        /// Which one.
        profile_id: String,
    }
    /// A profile's secrets changed (home ledger). The values are in a file of the version's name and in no event.
    "x.cccc.profile_secrets" ProfileSecrets {
        /// Whose.
        profile_id: String,
        /// Names the file below `secrets/`; `""` when there are none.
        version: String,
        /// Names, sorted.
        keys: Vec<String>,
    }
    /// Whether a claim to be an actor needs a proof (home ledger).
    "x.cccc.strict_principals" StrictPrincipals {
        /// Whether it does.
        strict: bool,
    }
    /// Access from other machines was configured, started or stopped (home ledger). The token is in a file of the
    /// version's name and in no event.
    "x.cccc.remote_access" RemoteAccessSet {
        /// What is set.
        config: RemoteConfig,
        /// Names the file below `secrets/`; `""` when there is no token.
        version: String,
        /// Names of what is in it.
        keys: Vec<String>,
    }
    /// Somebody got a token for the web server (home ledger). Hashes of all of them are in a file of the version's name,
    /// and the token itself is nowhere.
    "x.cccc.web_token" WebTokenAdded {
        /// What is known of it.
        token: WebToken,
        /// Names the file below `secrets/`.
        version: String,
        /// Ids of those whose hashes are in it.
        keys: Vec<String>,
    }
    /// A token for the web server counts no more (home ledger).
    "x.cccc.web_token_revoked" WebTokenRevoked {
        /// Which one.
        token_id: String,
        /// Names the file below `secrets/`; `""` when there are no tokens any more.
        version: String,
        /// Ids of those whose hashes are in it.
        keys: Vec<String>,
    }
    /// A browser is told while no page is open, or of other things than before (home ledger). How it is reached is in a file
    /// of the version's name and in no event.
    "x.cccc.web_push" WebPushSet {
        /// As it is now.
        device: PushDevice,
        /// Names the file below `secrets/`.
        version: String,
        /// Ids of those that are in it, and the key of this home.
        keys: Vec<String>,
    }
    /// A browser is told of nothing any more (home ledger).
    "x.cccc.web_push_removed" WebPushRemoved {
        /// Which one.
        device_id: String,
        /// Why; `""` is that somebody wanted it.
        reason: String,
        /// Names the file below `secrets/`; `""` when nothing is kept any more.
        version: String,
        /// Ids of those that are in it, and the key of this home.
        keys: Vec<String>,
    }
    /// This home has a key for services that reach browsers (home ledger). It is in a file of the version's name and in no
    /// event.
    "x.cccc.web_push_key" WebPushKept {
        /// Names the file below `secrets/`.
        version: String,
        /// Ids of those that are in it, and the key of this home.
        keys: Vec<String>,
    }
    /// A message went from one group to another (home ledger); this stands for both of its halves.
    "x.cccc.cross_group" CrossGroup {
        /// Where it comes from.
        src_group_id: String,
        /// The record there.
        src_event_id: String,
        /// Where it went.
        dst_group_id: String,
        /// The message there.
        dst_event_id: String,
    }
    /// How much the system tells of itself has changed (home ledger).
    "x.cccc.observability" ObservabilitySet {
        /// All of it, as it is from then on.
        observability: Observability,
    }
    /// Commands that name no group mean this one (home ledger).
    "x.cccc.active_group" ActiveGroup {
        /// Which one; `""` is none.
        active_group_id: String,
    }
}

fn plain() -> String {
    "plain".into()
}

/// A stored file that a message refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// `file`, `image` or `text`.
    #[serde(default)]
    pub kind: String,
    /// Below the group's folder: `state/blobs/…`.
    pub path: String,
    /// Name for people.
    #[serde(default)]
    pub title: String,
    /// Media type.
    #[serde(default)]
    pub mime_type: String,
    /// Size.
    #[serde(default)]
    pub bytes: u64,
    /// Of the content.
    #[serde(default)]
    pub sha256: String,
}

/// The actor of `actor.add`: the stored row and the role it joined with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActorAdded {
    /// The stored row.
    #[serde(flatten)]
    pub actor: Actor,
    /// Role at that moment; computed again whenever it is read.
    #[serde(default)]
    pub role: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(kind: &str, data: Value) -> Value {
        json!({"v": 1, "seq": 3, "id": "0190", "ts": "2026-01-13T12:34:56Z", "kind": kind,
               "group_id": "g_0123456789ab", "scope_key": "", "by": "user", "data": data})
    }

    #[test]
    fn an_event_goes_there_and_back() {
        let event: Event =
            serde_json::from_value(line("chat.read", json!({"actor_id": "a", "event_id": "e"}))).unwrap();
        assert!(matches!(event.body, Body::ChatRead(_)));
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }

    #[test]
    fn an_event_that_is_handed_on_is_written_as_it_is() {
        let event: Event =
            serde_json::from_value(line("chat.read", json!({"actor_id": "a", "event_id": "e"}))).unwrap();
        let unread = Event::unread(event.json()).unwrap();
        assert_eq!((unread.seq, unread.json()), (3, event.json()));
        assert_eq!(serde_json::to_value(&unread).unwrap(), serde_json::to_value(&event).unwrap());
        assert_eq!(rmp_serde::to_vec_named(&unread).unwrap(), rmp_serde::to_vec_named(&event).unwrap());
    }

    /// Whoever is given an event that cannot be read loses the whole answer.
    #[test]
    fn an_event_that_is_handed_on_can_be_read() {
        let data = json!({"actor_id": "\u{1}", "list": [1, -1.5, true, null, {}]});
        let text = serde_json::to_vec(&line("x.other", data)).unwrap();
        assert!(Event::unread(text.clone()).is_ok() && Event::unread(text[..text.len() - 1].to_vec()).is_err());
        for at in 0..text.len() {
            for byte in *b"\n\0\xff\"}x0,e" {
                let mut harmed = text.clone();
                harmed[at] = byte;
                let is_taken = Event::unread(harmed.clone()).is_ok();
                assert!(!is_taken || serde_json::from_slice::<Event>(&harmed).is_ok(), "{byte} at {at}");
            }
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for data in ["1e999", r#""\ud800""#, &deep] {
            let text =
                r#"{"v":1,"seq":3,"id":"a","ts":"t","kind":"k","group_id":"","scope_key":"","by":"u","data":DATA}"#;
            let harmed = text.replace("DATA", data);
            assert!(serde_json::from_str::<Event>(&harmed).is_err() && Event::unread(harmed.into()).is_err(), "{data}");
        }
    }

    #[test]
    fn what_we_do_not_know_is_kept_as_it_is() {
        for (kind, data) in [("x.other.thing", json!({"a": [1, null]})), ("chat.read", json!({"actor_id": 7}))] {
            let value = line(kind, data);
            let event: Event = serde_json::from_value(value.clone()).unwrap();
            assert!(matches!(event.body, Body::Unknown { .. }), "{kind}");
            assert_eq!(serde_json::to_value(&event).unwrap(), value);
        }
        assert!(Body::read("chat.read".into(), "{").is_err(), "what is no JSON is no event");
    }
}
