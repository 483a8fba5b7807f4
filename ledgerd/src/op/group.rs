//! Ops about groups: what they are called, whether they work, and whether they are.

use super::page::{self, Page, Start};
use super::profile;
use super::reconcile;
use super::request::{RequestContext, named, required, within, written, written_as};
use crate::decision::Decision;
use crate::state::State;
use crate::state::group::Group;
use crate::state::settings;
use bus::contract::document::{self, GroupRow, GroupState};
use bus::contract::event;
use bus::contract::op::group;
use bus::contract::time::Micros;
use bus::contract::{Actor, Body, Code, Event, OpError, Reply, Scope, id, limit, time};
use serde::Serialize;
use serde_json::{Map, Value};
use std::cmp::Reverse;

/// Title of a group that nobody has named.
pub const UNTITLED: &str = "working-group";

/// Where a group is in the list: last touched first.
type Touched<'a> = (Reverse<Option<Micros>>, Reverse<Option<Micros>>, &'a str);

/// How far a listing of the groups has come.
#[derive(Clone, Copy)]
struct Listing<'a> {
    /// When the first group of its first page had been touched.
    front: Option<Micros>,
    /// The last group that was listed, as it was then.
    last: Touched<'a>,
}

impl<'a> Listing<'a> {
    fn is_behind_the_front((Reverse(touched), ..): Touched<'_>, front: Option<Micros>) -> bool {
        touched <= front
    }

    /// Whether a group is still to be listed: further back, or touched since what was listed of those touched meanwhile.
    fn lacks(&self, touched: Touched<'a>) -> bool {
        let [is_old, was_old] = [touched, self.last].map(|place| Self::is_behind_the_front(place, self.front));
        match (is_old, was_old) {
            (true, _) => was_old && touched > self.last,
            (false, true) => true,
            (false, false) => touched < self.last,
        }
    }

    /// Reads a cursor.
    fn read(cursor: &'a str) -> Option<Self> {
        let mut words = cursor.splitn(4, ' ');
        let mut time = || match words.next()? {
            "" => Some(None),
            micros => micros.parse().ok().map(Some),
        };
        let (front, updated, created) = (time()?, time()?, time()?);
        Some(Self { front, last: (Reverse(updated), Reverse(created), words.next()?) })
    }
}

/// `groups`: last touched first. A group that is touched moves to the front, so a cursor says how its group was when it was
/// listed: those behind it are not listed again for that. Whatever was touched while the pages were asked for comes once
/// more at the end, because it may have been on none of them.
///
/// # Errors
///
/// `invalid_request` for what is no cursor.
pub fn list(cx: &RequestContext<'_>, args: &group::List) -> Result<Reply, OpError> {
    let registry_health = reconcile::health(cx.state);
    let is_readable = |group_id: &&str| !registry_health.corrupt_group_ids.iter().any(|bad| bad == group_id);
    let readable = cx.state.groups().filter(is_readable).filter_map(|group_id| cx.state.group(group_id).ok());
    let mut groups: Vec<(Touched<'_>, &Group)> = readable.map(|group| (touched(group), group)).collect();
    groups.sort_unstable_by_key(|(touched, _)| *touched);
    let listing = match args.cursor.as_str() {
        "" => None,
        cursor => Some(Listing::read(cursor).ok_or_else(|| page::unreadable(cursor))?),
    };
    let front = match listing {
        Some(listing) => listing.front,
        None => groups.first().and_then(|((Reverse(touched), ..), _)| *touched),
    };
    groups.retain(|(touched, _)| listing.is_none_or(|listing| listing.lacks(*touched)));
    let (rest, mut again): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|(touched, _)| Listing::is_behind_the_front(*touched, front));
    // Last touched last: one that is touched between two of these pages is not missed either.
    again.reverse();
    let rows = rest.into_iter().chain(again).map(|(_, group)| group.row());
    let (groups, has_more) = page::take(rows);
    let name = |row: &GroupRow| {
        let [updated, created] = [&row.updated_at, &row.created_at].map(|text| time::parse(text));
        let [front, updated, created] =
            [front, updated, created].map(|time| time.map_or(String::new(), |micros| micros.to_string()));
        format!("{front} {updated} {created} {}", row.group_id)
    };
    let next_cursor = groups.last().filter(|_| has_more).map(name);
    Ok(Reply::Groups(group::Listed { groups, registry_health, has_more, next_cursor }))
}

fn touched(group: &Group) -> Touched<'_> {
    (Reverse(time::parse(&group.touched_at)), Reverse(time::parse(&group.created_at)), &group.id)
}

/// `group_show`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`; `invalid_request` for what is no cursor.
pub fn show(cx: &RequestContext<'_>, args: &group::Show) -> Result<Reply, OpError> {
    let group = cx.group(&args.group_id)?;
    let scopes = group.scopes.iter().map(|scope| scope.scope_key.as_str());
    let rows = scopes.chain(group.actor_states.iter().map(|actor_state| actor_state.actor.id.as_str()));
    let (group, next_cursor) = document(group, page::resume(rows, &args.cursor)?);
    Ok(Reply::GroupShow(group::Shown { group, has_more: next_cursor.is_some(), next_cursor }))
}

/// What a document has many of.
#[derive(Serialize)]
#[serde(untagged)]
enum Row {
    Scope(Scope),
    Actor(Actor),
}

/// The document of a group with its directories, and then its actors, from this number on, as many as fit; and the cursor
/// for the rest.
fn document(group: &Group, start: Start) -> (document::Group, Option<String>) {
    let scopes = group.scopes.iter().cloned().map(Row::Scope);
    let rows = scopes
        .chain(group.actor_states.iter().map(|actor_state| Row::Actor(actor_state.actor.clone())))
        .skip(start.number);
    let Page { rows, cursor } = page::fill(start, rows, |row| match row {
        Row::Scope(scope) => scope.scope_key.clone(),
        Row::Actor(actor) => actor.id.clone(),
    });
    let mut document = group.document();
    for row in rows {
        match row {
            Row::Scope(scope) => document.scopes.push(scope),
            Row::Actor(actor) => document.actors.push(actor),
        }
    }
    (document, cursor)
}

/// `group_create`: an empty group under a new id.
///
/// # Errors
///
/// A limit.
pub fn create(cx: &RequestContext<'_>, args: &group::Create) -> Result<Decision, OpError> {
    check_room(cx.state)?;
    check_names(&args.title, &args.topic)?;
    let mut writer = cx.writer();
    let group_id = format!("g_{}", id::digest12(&writer.id()));
    let title = if args.title.is_empty() { UNTITLED } else { &args.title }.to_owned();
    writer.write(&group_id, event::GroupCreate { title, topic: args.topic.clone() });
    writer.home(event::GroupKnown { known_group_id: group_id });
    Ok(writer.done())
}

/// Checks that the home takes one more group.
///
/// # Errors
///
/// A limit.
pub fn check_room(state: &State) -> Result<(), OpError> {
    // Not counted one by one: that would make each new group dearer than the one before it.
    let groups = state.groups().len();
    if groups < limit::GROUPS_MAX {
        return Ok(());
    }
    Err(OpError::too_large("the home", groups, limit::GROUPS_MAX, "GROUPS_MAX"))
}

fn check_names(title: &str, topic: &str) -> Result<(), OpError> {
    named("the title", title)?;
    within("the topic", topic, limit::TOPIC_BYTES_MAX, "TOPIC_BYTES_MAX")
}

/// Answer of `group_create`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn created(state: &State, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::GroupCreate(_)))?;
    let group = state.group(&event.group_id)?;
    let (group_id, title) = (group.id.clone(), group.title.clone());
    let (group, next_cursor) = document(group, Start::default());
    let has_more = next_cursor.is_some();
    Ok(Reply::GroupCreate(group::Created { group_id, title, event, group, has_more, next_cursor }))
}

/// `group_update`: title and topic. A blank title is ignored, a blank topic clears.
///
/// # Errors
///
/// `invalid_patch`, `group_update_failed`, a limit.
pub fn update(cx: &RequestContext<'_>, args: &group::Update) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let patch = args
        .patch
        .as_ref()
        .filter(|patch| !patch.is_empty())
        .ok_or_else(|| OpError::new(Code::InvalidPatch, "the patch is empty; give title or topic"))?;
    let unknown: Vec<_> = patch.keys().filter(|key| !["title", "topic"].contains(&key.as_str())).cloned().collect();
    if !unknown.is_empty() {
        let sentence = format!("a group has no {}; give title or topic", unknown.join(", "));
        return Err(OpError::new(Code::InvalidPatch, sentence).with("unknown_keys", unknown));
    }
    let text = |key: &str| patch.get(key).and_then(Value::as_str).map(str::trim);
    let (title, topic) = (text("title").filter(|title| !title.is_empty()), text("topic"));
    check_names(title.unwrap_or_default(), topic.unwrap_or_default())?;
    let patch = Map::from_iter([("title".into(), title.into()), ("topic".into(), topic.into())]);
    let mut writer = cx.writer();
    writer.write(&group.id, event::GroupUpdate { patch });
    Ok(writer.done())
}

/// Answer of `group_update`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn updated(state: &State, args: &group::Update, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::GroupUpdate(_)))?;
    let (group, next_cursor) = document(state.group(&args.group_id)?, Start::default());
    let (group_id, has_more) = (group.group_id.clone(), next_cursor.is_some());
    Ok(Reply::GroupUpdate(group::Updated { group_id, group, event, has_more, next_cursor }))
}

/// `group_delete`: the home forgets the group; its folder goes after that is on disk.
///
/// # Errors
///
/// `group_delete_failed`.
pub fn delete(cx: &RequestContext<'_>, args: &group::Delete) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let mut writer = cx.writer();
    writer.home(event::GroupDeleted { deleted_group_id: group.id.clone() });
    writer.decision().removes_groups.push(group.id.clone());
    Ok(writer.done())
}

/// `group_set_state`
///
/// # Errors
///
/// `missing_state`, `group_set_state_failed`.
pub fn set_state(cx: &RequestContext<'_>, args: &group::SetState) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.state, Code::MissingState)?;
    let group = cx.group(&args.group_id)?;
    let new_state = GroupState::parse(&args.state).ok_or_else(|| {
        let sentence = format!("invalid state: {}; use one of: {}", args.state, GroupState::WORDS.join(", "));
        OpError::new(Code::GroupSetStateFailed, sentence)
    })?;
    let mut writer = cx.writer();
    writer.write(&group.id, event::GroupSetState { old_state: group.state, new_state });
    Ok(writer.done())
}

/// Answer of `group_set_state`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn state_set(args: &group::SetState, events: &[Event]) -> Result<Reply, OpError> {
    let (event, state) =
        written_as(events, |body| if let Body::GroupSetState(set) = body { Some(set.new_state) } else { None })?;
    Ok(Reply::GroupSetState(group::StateSet { group_id: args.group_id.clone(), state, event }))
}

/// `group_settings_get`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`.
pub fn settings(cx: &RequestContext<'_>, args: &group::SettingsGet) -> Result<Reply, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    let is_set = |key: &&String| group.settings.get(*key).is_some_and(|value| !value.is_null());
    let settings = group.settings().effective();
    let set = settings.keys().filter(is_set).cloned().collect();
    Ok(Reply::GroupSettingsGet(group::SettingsAre { group_id: group.id.clone(), settings, set }))
}

/// `group_settings_update`
///
/// # Errors
///
/// `invalid_patch`, `group_settings_update_failed`.
pub fn update_settings(cx: &RequestContext<'_>, args: &group::SettingsUpdate) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let patch = settings::check(args.patch.as_ref())?;
    let mut writer = cx.writer();
    writer.write(&group.id, event::GroupSettingsUpdate { patch });
    Ok(writer.done())
}

/// Answer of `group_settings_update`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn settings_updated(state: &State, args: &group::SettingsUpdate, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::GroupSettingsUpdate(_)))?;
    let settings = state.group(&args.group_id)?.settings().effective();
    Ok(Reply::GroupSettingsUpdate(group::SettingsUpdated { group_id: args.group_id.clone(), settings, event }))
}

/// `group_start`: every actor is enabled, and the group should run. All of them can be started, or none is.
///
/// # Errors
///
/// `missing_project_root`, `scope_not_attached`, `unsupported_runtime`, `missing_command`, `group_start_failed`.
pub fn start(cx: &RequestContext<'_>, args: &group::Start) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let mut writer = cx.writer();
    for actor_state in &group.actor_states {
        group.check_startable(&*profile::renewed(cx, &mut writer, group, actor_state)?)?;
    }
    let started = group.actor_states.iter().map(|actor_state| actor_state.actor.id.clone()).collect();
    writer.write(&group.id, event::GroupStart { started, forced_headless: Vec::new() });
    Ok(writer.done())
}

/// Answer of `group_start`: what should run. ptyd adds what does not.
///
/// # Errors
///
/// None that a client can bring about.
pub fn started(args: &group::Start, events: &[Event]) -> Result<Reply, OpError> {
    let (event, started) =
        written_as(events, |body| if let Body::GroupStart(start) = body { Some(start.started.clone()) } else { None })?;
    let (forced_headless, failed) = (Vec::new(), Map::new());
    Ok(Reply::GroupStart(group::Started { group_id: args.group_id.clone(), started, event, forced_headless, failed }))
}

/// `group_stop`: every actor is disabled.
///
/// # Errors
///
/// `group_stop_failed`.
pub fn stop(cx: &RequestContext<'_>, args: &group::Stop) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let stopped = group.actor_states.iter().map(|actor_state| actor_state.actor.id.clone()).collect();
    let mut writer = cx.writer();
    writer.write(&group.id, event::GroupStop { stopped });
    Ok(writer.done())
}

/// Answer of `group_stop`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn stopped(args: &group::Stop, events: &[Event]) -> Result<Reply, OpError> {
    let (event, stopped) =
        written_as(events, |body| if let Body::GroupStop(stop) = body { Some(stop.stopped.clone()) } else { None })?;
    Ok(Reply::GroupStop(group::Stopped { group_id: args.group_id.clone(), stopped, event }))
}
