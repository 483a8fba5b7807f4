//! Ops about groups and the directories attached to them.

use crate::contract::document::{Group, GroupRow, GroupState, Scope};
use crate::contract::event::Event;
use crate::contract::lenient;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `attach`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Attach {
    /// Directory; made absolute by the client.
    #[serde(deserialize_with = "lenient::text")]
    pub path: String,
    /// Group to attach to; empty finds or creates the group of the directory.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// What the directory is; found out by the door, which may look at files.
    pub scope: Option<Scope>,
}

/// Answer of `attach`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attached {
    /// The group.
    pub group_id: String,
    /// The directory's scope.
    pub scope_key: String,
    /// The group's title.
    pub title: String,
    /// The `group.attach` event.
    pub event: Event,
}

/// `groups`. A group that is touched between two pages moves to the front, where only a new listing shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct List {
    /// The `next_cursor` of the answer before; empty begins.
    #[serde(deserialize_with = "lenient::text")]
    pub cursor: String,
}

/// Answer of `groups`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// Last touched first. Those touched while the pages were asked for come at the end of the last, perhaps once more.
    pub groups: Vec<GroupRow>,
    /// Groups that cannot be shown.
    pub registry_health: RegistryHealth,
    /// Whether there is more; absent when this is all. An answer has at most
    /// [`crate::contract::limit::PAGE_BYTES_MAX`] bytes of rows, and at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Groups that cannot be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegistryHealth {
    /// Known, but their folder is gone.
    pub missing_group_ids: Vec<String>,
    /// Their ledger cannot be read at all.
    pub corrupt_group_ids: Vec<String>,
}

/// `group_show`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Show {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The `next_cursor` of the answer before; empty begins.
    #[serde(deserialize_with = "lenient::text")]
    pub cursor: String,
}

/// Answer of `group_show`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// The whole document, without secrets. Where `has_more` says so, its directories and actors go on in the next page,
    /// directories first.
    pub group: Group,
    /// Whether there is more; absent when this is all. An answer has at most
    /// [`crate::contract::limit::PAGE_BYTES_MAX`] bytes of rows, and at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `group_create`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Create {
    /// Name for people; `working-group` when empty.
    #[serde(deserialize_with = "lenient::text")]
    pub title: String,
    /// What it is about.
    #[serde(deserialize_with = "lenient::text")]
    pub topic: String,
}

/// Answer of `group_create`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Created {
    /// The new group's id.
    pub group_id: String,
    /// Its title.
    pub title: String,
    /// The `group.create` event.
    pub event: Event,
    /// The whole document, but for what `has_more` says.
    pub group: Group,
    /// Whether its directories and actors go on; absent when this is all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give `group_show` as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `group_update`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Update {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// `title` and `topic`.
    #[serde(deserialize_with = "lenient::object")]
    pub patch: Option<Map<String, Value>>,
}

/// Answer of `group_update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Updated {
    /// Which group.
    pub group_id: String,
    /// The whole document, but for what `has_more` says.
    pub group: Group,
    /// The `group.update` event.
    pub event: Event,
    /// Whether its directories and actors go on; absent when this is all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give `group_show` as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `group_delete`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Delete {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `group_delete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deleted {
    /// The group that is gone.
    pub group_id: String,
}

/// `group_reset`
///
/// The new group is set up as the old one was: title, topic, directories and which of them is active, settings, actors
/// in their order with their profiles and environments, private ones and tokens of headless actors included, rules and
/// snippets, the playbook, the chat platform and the chats that were let in. Directories that meant the old group mean
/// the new one, and so do commands that name no group. What was said and done is gone with the old group: history,
/// inboxes, context, files, and rules that were for once and are done. The preamble, which tells of one mission, is the
/// built-in one again. The new group is active and does not run; `group_start` starts it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reset {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The same once more, to show that it is meant.
    #[serde(deserialize_with = "lenient::text")]
    pub confirm: String,
}

/// Answer of `group_reset`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WasReset {
    /// The new group.
    pub group_id: String,
    /// The new group, beside the old one.
    pub new_group_id: String,
    /// The group that is gone.
    pub old_group_id: String,
    /// Always true: both happen, or neither.
    pub deleted_old: bool,
    /// The new group, when commands that name none mean it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_group_id: Option<String>,
    /// The `group.create` event.
    pub event: Event,
}

/// `group_use`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Use {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Directory; made absolute by the client.
    #[serde(deserialize_with = "lenient::text")]
    pub path: String,
    /// What the directory is; found out by the door.
    pub scope: Option<Scope>,
}

/// Answer of `group_use`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Used {
    /// Which group.
    pub group_id: String,
    /// The scope that is active now.
    pub active_scope_key: String,
    /// The `group.set_active_scope` event.
    pub event: Event,
}

/// `group_detach_scope`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DetachScope {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which scope.
    #[serde(deserialize_with = "lenient::text")]
    pub scope_key: String,
}

/// Answer of `group_detach_scope`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScopeDetached {
    /// Which group.
    pub group_id: String,
    /// The `group.detach_scope` event.
    pub event: Event,
}

/// `group_set_state`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SetState {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// A word of [`GroupState`].
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<GroupState>")]
    pub state: String,
}

/// Answer of `group_set_state`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StateSet {
    /// Which group.
    pub group_id: String,
    /// The state now.
    pub state: GroupState,
    /// The `group.set_state` event.
    pub event: Event,
}

/// `group_settings_update`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SettingsUpdate {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Any of the 19 keys.
    #[serde(deserialize_with = "lenient::object")]
    pub patch: Option<Map<String, Value>>,
}

/// `group_settings_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SettingsGet {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `group_settings_get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsAre {
    /// Which group.
    pub group_id: String,
    /// All 19 effective values.
    pub settings: Map<String, Value>,
    /// Which of them were set.
    pub set: Vec<String>,
}

/// Answer of `group_settings_update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsUpdated {
    /// Which group.
    pub group_id: String,
    /// All 19 effective values.
    pub settings: Map<String, Value>,
    /// The `group.settings_update` event.
    pub event: Event,
}

/// `group_start`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Start {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `group_start`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Started {
    /// Which group.
    pub group_id: String,
    /// The actors that run now, in roster order.
    pub started: Vec<String>,
    /// The `group.start` event.
    pub event: Event,
    /// Actors that run headless because there are no terminals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced_headless: Vec<String>,
    /// Actors that did not start, each with the reason. They stay enabled.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub failed: Map<String, Value>,
}

/// `group_stop`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Stop {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `group_stop`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stopped {
    /// Which group.
    pub group_id: String,
    /// All its actors.
    pub stopped: Vec<String>,
    /// The `group.stop` event.
    pub event: Event,
}

/// `active_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActiveGet {}

/// `active_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ActiveSet {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `active_get` and `active_set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Active {
    /// The group that commands mean that name none, or `""`.
    pub active_group_id: String,
}

/// `registry_reconcile`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reconcile {
    /// Whether the home is to forget groups whose folder is gone. For the user only.
    #[serde(deserialize_with = "lenient::literally_true")]
    pub remove_missing: bool,
}

/// Answer of `registry_reconcile`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reconciled {
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// How many groups were looked at.
    pub scanned_groups: u64,
    /// Known, but their folder was gone when ledgerd started; sorted.
    pub missing_group_ids: Vec<String>,
    /// Their ledger cannot be read at all; sorted. They are never removed.
    pub corrupt_group_ids: Vec<String>,
    /// What the home has forgotten, secrets included; sorted.
    pub removed_group_ids: Vec<String>,
    /// Scopes that had one of them as their default group; sorted.
    pub removed_default_scope_keys: Vec<String>,
}
