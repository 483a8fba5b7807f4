//! From a group of the older implementation to a ledger of ours.
//!
//! Its lines come over as they are, one after the other: the same ids, times, speakers and data, with sequence numbers.
//! They are replayed like any ledger of ours. Where the documents that lay beside them say something else in the end
//! (they were the truth, and the ledger was a log), events are appended until the replay says the same.

use super::{ImportError, old};
use crate::decision::Head;
use crate::op::prompt;
use crate::state::group::Group;
use crate::store::line::{self, Req};
use bus::contract::context::{Changed, Patch};
use bus::contract::document::{Actor, Stage};
use bus::contract::event::{
    ActorAdd, ActorAdded, ActorRemove, ActorSecrets, ActorUpdate, ChatRead, ContextSync, Delivery, GroupAttach,
    GroupAutomationUpdate, GroupCreate, GroupDetachScope, GroupSetActiveScope, GroupSetState, GroupSettingsUpdate,
    GroupStop, GroupUpdate, PromptSet,
};
use bus::contract::time::{self, Micros};
use bus::contract::{Body, Event, id, limit};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Why messages that wait when a group comes over are not delivered again.
const UNPROVEN: &str = "imported: whether the older implementation has delivered it is not on record";

/// About how much of a context one event has.
const PIECE_BYTES_MAX: usize = 100_000;

/// What became of a group.
#[derive(Debug)]
pub struct Converted {
    /// How many events come from the older ledger.
    pub brought: usize,
    /// How many were added.
    pub added: usize,
    /// Version of each private environment, by actor.
    pub secrets: BTreeMap<String, String>,
    /// Its fold: what the ledger says in the end.
    pub group: Group,
    /// What would not fit into an event, for people.
    pub left_out: Vec<String>,
}

/// Converts a group, and gives the events of its ledger to `keep`. `files` are the paths under which stored files are
/// kept from now on, by the ones they had.
///
/// # Errors
///
/// The older ledger cannot be read, or `keep` fails.
pub fn convert(
    old: &old::Group,
    files: &BTreeMap<String, String>,
    now: Micros,
    keep: &mut dyn FnMut(&Event) -> Result<(), ImportError>,
) -> Result<Converted, ImportError> {
    let mut writer = Writer { group: Group::new(&old.id), keep, failed: None, left_out: Vec::new(), now };
    writer.created(old);
    for number in 0..old.ledger.len() {
        writer.old(old.ledger.event(number)?, files);
        writer.check()?;
    }
    writer.names(old);
    writer.directories(old);
    writer.roster(old);
    writer.settings(old);
    writer.automation(old);
    writer.prompts(old);
    writer.context(old);
    writer.cursors(old);
    let secrets = writer.secrets(old);
    writer.state(old);
    writer.queues(old)?;
    writer.check()?;
    let (brought, all) = (old.ledger.len(), writer.group.head.map_or(0, |head| head.seq));
    let added = usize::try_from(all).unwrap_or(usize::MAX).saturating_sub(brought);
    Ok(Converted { brought, added, secrets, group: writer.group, left_out: writer.left_out })
}

struct Writer<'a> {
    group: Group,
    keep: &'a mut dyn FnMut(&Event) -> Result<(), ImportError>,
    /// Why an event was not kept; none is after it.
    failed: Option<ImportError>,
    left_out: Vec<String>,
    now: Micros,
}

impl Writer<'_> {
    fn take(&mut self, event: &Event, ts: Micros) {
        self.group.apply(event, Head { seq: event.seq, ts });
        if self.failed.is_none() {
            self.failed = (self.keep)(event).err();
        }
    }

    fn check(&mut self) -> Result<(), ImportError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn next(&self) -> (u64, Micros) {
        self.group.head.map_or((1, Micros::MIN), |head| (head.seq + 1, head.ts + 1))
    }

    /// Appends an event of ours. One that is too long is left out and named: it costs nothing but itself.
    fn write(&mut self, scope_key: &str, body: impl Into<Body>) {
        let (seq, after) = self.next();
        let ts = self.now.max(after);
        let (id, group_id, scope_key) = (id::unique(), self.group.id.clone(), scope_key.to_owned());
        let event =
            Event { seq, id, ts: time::format(ts), group_id, scope_key, by: "system".into(), body: body.into() };
        let req = Req { id: id::unique(), op: Default::default(), synced: 0, with: None };
        match line::write(&mut Vec::new(), &event, Some(&req), false, &line::START) {
            Ok(_) => self.take(&event, ts),
            Err(error) => self.left_out.push(format!("{}{}: {error}", event.kind(), about(&event.body))),
        }
    }

    /// Every ledger of ours begins with its group. Attaching a directory wrote no such line.
    fn created(&mut self, old: &old::Group) {
        let first = old.ledger.began();
        let created = time::parse(&old.created_at).or(first).unwrap_or(self.now);
        let ts = first.map_or(created, |first| created.min(first - 1));
        let body = GroupCreate { title: old.title.clone(), topic: old.topic.clone() }.into();
        let (id, group_id, scope_key) = (id::unique(), old.id.clone(), String::new());
        let event = Event { seq: 1, id, ts: time::format(ts), group_id, scope_key, by: "system".into(), body };
        self.take(&event, ts);
    }

    /// Brings a line over. Times rise strictly within a ledger of ours; in the older one they could be equal.
    fn old(&mut self, event: Event, files: &BTreeMap<String, String>) {
        let (seq, after) = self.next();
        let ts = time::parse(&event.ts).map_or(after, |ts| ts.max(after));
        let mut event = Event { seq, ts: time::format(ts), ..event };
        if let Body::ChatMessage(message) = &mut event.body {
            for attachment in &mut message.attachments {
                if let Some(kept_as) = files.get(&attachment.path) {
                    attachment.path.clone_from(kept_as);
                }
            }
        }
        self.take(&event, ts);
    }

    fn names(&mut self, old: &old::Group) {
        let mut patch = Map::new();
        if self.group.title != old.title && !old.title.is_empty() {
            patch.insert("title".into(), json!(old.title));
        }
        if self.group.topic != old.topic {
            patch.insert("topic".into(), json!(old.topic));
        }
        if !patch.is_empty() {
            self.write("", GroupUpdate { patch });
        }
    }

    fn directories(&mut self, old: &old::Group) {
        let gone: Vec<_> = self.group.scopes.iter().filter(|scope| !old.scopes.iter().any(|s| s == *scope)).collect();
        let gone: Vec<_> = gone.into_iter().map(|scope| scope.scope_key.clone()).collect();
        for scope_key in gone {
            self.write("", GroupDetachScope { scope_key });
        }
        for scope in old.scopes.iter().filter(|scope| !self.group.scopes.contains(scope)).cloned().collect::<Vec<_>>() {
            let attach = GroupAttach { url: scope.url, label: scope.label, git_remote: scope.git_remote };
            self.write(&scope.scope_key, attach);
        }
        let active = old.scopes.iter().find(|scope| scope.scope_key == old.active_scope_key);
        if let Some(active) = active.filter(|active| active.scope_key != self.group.active_scope_key) {
            self.write(&active.scope_key, GroupSetActiveScope { path: active.url.clone() });
        }
    }

    fn roster(&mut self, old: &old::Group) {
        let ours: Vec<String> =
            self.group.actor_states.iter().map(|actor_state| actor_state.actor.id.clone()).collect();
        let theirs: Vec<String> = old.actors.iter().map(|actor| actor.id.clone()).collect();
        let kept: Vec<&String> = ours.iter().filter(|id| theirs.contains(id)).collect();
        // Who stays in place may stay; everybody after the first who does not joins again, in order.
        let in_place = kept.iter().zip(&theirs).take_while(|(one, other)| **one == *other).count();
        for actor_id in ours.iter().filter(|id| !theirs[..in_place].contains(id)) {
            self.write("", ActorRemove { actor_id: actor_id.clone(), runner: None, runner_effective: None });
        }
        for (place, actor) in old.actors.iter().enumerate() {
            if place >= in_place {
                let actor = ActorAdded { actor: actor.clone(), role: None };
                self.write("", ActorAdd { actor });
            } else {
                self.row(actor);
            }
        }
    }

    fn row(&mut self, actor: &Actor) {
        let Some(actor_state) = self.group.actor_state(&actor.id) else { return };
        let mut patch = crate::op::actor_row::difference(&actor_state.actor, actor);
        patch.retain(|key, _| {
            !matches!(key.as_str(), "created_at" | "updated_at" | "profile_id" | "profile_revision_applied")
        });
        let profile_id = actor.profile_id.clone().filter(|_| actor.profile_id != actor_state.actor.profile_id);
        if !patch.is_empty() || profile_id.is_some() {
            self.write("", ActorUpdate { actor_id: actor.id.clone(), patch, profile_id, profile_action: None });
        }
    }

    fn settings(&mut self, old: &old::Group) {
        let ours = self.group.settings().effective();
        let differs = |key: &String, value: &Value| ours.get(key) != Some(value);
        let patch: Map<_, _> = old.settings.clone().into_iter().filter(|(key, value)| differs(key, value)).collect();
        if let Some(patch) = crate::state::settings::check(Some(&patch)).ok().filter(|patch| !patch.is_empty()) {
            self.write("", GroupSettingsUpdate { patch });
        }
    }

    fn automation(&mut self, old: &old::Group) {
        let Some((version, ruleset)) = &old.automation else { return };
        let ours = &self.group.automation;
        if (ours.version, &ours.ruleset) != (*version, ruleset) {
            let update = GroupAutomationUpdate {
                rules: ruleset.rules.iter().map(|rule| rule.id.clone()).collect(),
                snippets: ruleset.snippets.keys().cloned().collect(),
                version: Some(*version),
                actions: Vec::new(),
                source: String::new(),
                changed_rules: ruleset.rules.clone(),
                changed_snippets: ruleset.snippets.clone(),
            };
            self.write("", update);
        }
    }

    fn prompts(&mut self, old: &old::Group) {
        for (kind, text) in &old.prompts {
            for (number, piece) in prompt::pieces(text).into_iter().enumerate() {
                self.write("", PromptSet { kind: *kind, text: piece.to_owned(), continues: number > 0 });
            }
        }
    }

    fn context(&mut self, old: &old::Group) {
        for patch in pieces(&old.context) {
            let version = id::digest12(&serde_json::to_string(&patch).expect("a patch is plain data"));
            self.write("", ContextSync { version, changes: Vec::new(), patch });
        }
    }

    fn cursors(&mut self, old: &old::Group) {
        for (name, event_id) in &old.cursors {
            let is_somebody = name == "user" || self.group.actor_state(name).is_some();
            let target = self.group.index.find(event_id);
            let read = self.group.cursors.get(name).map_or(0, |cursor| cursor.seq);
            if is_somebody && target.is_some_and(|target| target > read) {
                self.write("", ChatRead { actor_id: name.clone(), event_id: event_id.clone(), event_ids: Vec::new() });
            }
        }
    }

    fn secrets(&mut self, old: &old::Group) -> BTreeMap<String, String> {
        let mut versions = BTreeMap::new();
        for (actor_id, variables) in &old.secrets {
            if self.group.actor_state(actor_id).is_none() {
                continue;
            }
            let version = id::unique();
            let (actor_id, keys) = (actor_id.clone(), variables.names());
            versions.insert(actor_id.clone(), version.clone());
            self.write("", ActorSecrets { actor_id, version, keys });
        }
        versions
    }

    fn state(&mut self, old: &old::Group) {
        if self.group.state != old.state {
            self.write("", GroupSetState { old_state: self.group.state, new_state: old.state });
        }
        // Nothing starts by itself, because the older daemon may still run the same agents in the same directories.
        if self.group.running {
            self.write("", GroupStop { stopped: Vec::new() });
        }
    }

    fn queues(&mut self, old: &old::Group) -> Result<(), ImportError> {
        // Behind the line that makes the group, in the order of the older ledger.
        let number = |seq: u64| usize::try_from(seq).ok()?.checked_sub(2).filter(|number| *number < old.ledger.len());
        let waiting: Vec<(String, Vec<usize>)> = self
            .group
            .actor_states
            .iter()
            .map(|actor_state| {
                (actor_state.actor.id.clone(), actor_state.queue.iter().filter_map(|(seq, _)| number(seq)).collect())
            })
            .collect();
        for (actor_id, numbers) in waiting {
            for some in numbers.chunks(limit::EVENT_IDS_MAX) {
                let named = some.iter().map(|number| old.ledger.event(*number).map(|event| event.id));
                let event_ids = named.collect::<Result<_, _>>()?;
                let (stage, reason) = (Stage::Uncertain, UNPROVEN.to_owned());
                let (path, evidence) = (String::new(), Map::new());
                self.write("", Delivery { actor_id: actor_id.clone(), event_ids, stage, reason, path, evidence });
            }
        }
        Ok(())
    }
}

/// Whom or what an event is about, as far as that helps to find it.
fn about(body: &Body) -> String {
    match body {
        Body::ActorAdd(add) => format!(" of {}", add.actor.actor.id),
        Body::ActorUpdate(update) => format!(" of {}", update.actor_id),
        Body::ContextSync(sync) => {
            let patch = &sync.patch;
            let named = patch.milestones.keys().chain(patch.tasks.keys()).chain(patch.notes.keys());
            let named: Vec<&str> = named.chain(patch.references.keys()).map(String::as_str).collect();
            format!(" of {}", named.join(", "))
        }
        _ => String::new(),
    }
}

/// A context in pieces, each of which fits into an event unless a single document is longer.
fn pieces(context: &Patch) -> Vec<Patch> {
    let mut pieces = Pieces::default();
    let (vision, sketch) = (context.vision.clone(), context.sketch.clone());
    pieces.add(&vision, |patch| patch.vision.clone_from(&vision));
    pieces.add(&sketch, |patch| patch.sketch.clone_from(&sketch));
    pieces.each(&context.milestones, |patch| &mut patch.milestones);
    pieces.each(&context.tasks, |patch| &mut patch.tasks);
    pieces.each(&context.notes, |patch| &mut patch.notes);
    pieces.each(&context.references, |patch| &mut patch.references);
    pieces.each(&context.presence, |patch| &mut patch.presence);
    pieces.done.push(pieces.last);
    pieces.done.retain(|patch| *patch != Patch::default());
    pieces.done
}

#[derive(Default)]
struct Pieces {
    done: Vec<Patch>,
    last: Patch,
    last_bytes: usize,
}

impl Pieces {
    fn add<T: Serialize>(&mut self, what: &T, put: impl FnOnce(&mut Patch)) {
        let bytes = serde_json::to_string(what).expect("a document is plain data").len();
        if self.last_bytes + bytes > PIECE_BYTES_MAX {
            self.done.push(std::mem::take(&mut self.last));
            self.last_bytes = 0;
        }
        self.last_bytes += bytes;
        put(&mut self.last);
    }

    fn each<T: Serialize + Clone>(&mut self, all: &Changed<T>, of: fn(&mut Patch) -> &mut Changed<T>) {
        for (id, one) in all {
            self.add(one, |patch| drop(of(patch).insert(id.clone(), one.clone())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::context::Note;

    #[test]
    fn a_context_comes_over_in_pieces_that_fit() {
        let note = |number: u32| {
            let id = format!("N{number:03}");
            (id.clone(), Some(Note { id, content: "x".repeat(30_000) }))
        };
        let context = Patch { vision: Some("v".into()), notes: (1..=20).map(note).collect(), ..Patch::default() };
        let pieces = pieces(&context);
        assert!(pieces.iter().all(|piece| serde_json::to_string(piece).unwrap().len() < limit::LEDGER_LINE_BYTES_MAX));
        let notes: Vec<_> = pieces.iter().flat_map(|piece| piece.notes.clone()).collect();
        assert_eq!((pieces[0].vision.as_deref(), notes), (Some("v"), context.notes.into_iter().collect()));
        assert!(super::pieces(&Patch::default()).is_empty());
    }
}
