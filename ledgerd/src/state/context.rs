//! A group's shared context: the fold of its `context.sync` events, and what clients see of it.
//!
//! Events carry whole documents, so applying one needs no rule: what is in the patch is what is true from then on.

use bus::contract::context::{Changed, Milestone, Note, Patch, Presence, Progress, Reference, Task, TaskView};
use bus::contract::coordination::{AgentState, Brief, Remark, RemarkKind};
use bus::contract::event::ContextSync;
use bus::contract::id;
use bus::contract::op::context::{Agents, Coordination, Got, TasksSummary};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A group's shared context.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// Version that the last change of content gave it; `""` before the first.
    version: String,
    /// Where all this is going.
    pub vision: Option<String>,
    /// How it is to be built.
    pub sketch: Option<String>,
    milestones: BTreeMap<String, Milestone>,
    tasks: BTreeMap<String, Task>,
    notes: BTreeMap<String, Note>,
    references: BTreeMap<String, Reference>,
    presence: BTreeMap<String, Presence>,
    /// What everybody must know, once anybody has said it.
    pub brief: Option<Brief>,
    remarks: BTreeMap<String, Remark>,
    agent_states: BTreeMap<String, AgentState>,
    /// Facts for programs, once there were any.
    pub meta: Option<Map<String, Value>>,
    /// Size of all documents together, as JSON.
    bytes: usize,
}

/// A kind of document that a context has many of.
pub trait Entry: Clone + PartialEq + Serialize + 'static {
    /// What people call it.
    const WHAT: &'static str;
    /// What its ids begin with, and how many digits follow at the least; names are no numbers.
    const NUMBERED: Option<(&'static str, usize)>;
    /// All of them.
    fn of(context: &Context) -> &BTreeMap<String, Self>;
    /// All of them, to be changed.
    fn of_mut(context: &mut Context) -> &mut BTreeMap<String, Self>;
    /// Those that a patch changes.
    fn in_patch(patch: &Patch) -> &Changed<Self>;
    /// Those that a patch changes, to be changed.
    fn in_patch_mut(patch: &mut Patch) -> &mut Changed<Self>;
    /// Its id.
    fn id(&self) -> &str;
}

macro_rules! entries {
    ($($type:ident $field:ident $what:literal $numbered:expr;)*) => {$(
        impl Entry for $type {
            const WHAT: &'static str = $what;
            const NUMBERED: Option<(&'static str, usize)> = $numbered;
            fn of(context: &Context) -> &BTreeMap<String, Self> { &context.$field }
            fn of_mut(context: &mut Context) -> &mut BTreeMap<String, Self> { &mut context.$field }
            fn in_patch(patch: &Patch) -> &Changed<Self> { &patch.$field }
            fn in_patch_mut(patch: &mut Patch) -> &mut Changed<Self> { &mut patch.$field }
            fn id(&self) -> &str { &self.id }
        }
    )*};
}

entries! {
    Milestone milestones "milestone" Some(("M", 1));
    Task      tasks      "task"      Some(("T", 3));
    Note      notes      "note"      Some(("N", 3));
    Reference references "reference" Some(("R", 3));
    Presence  presence   "presence"  None;
    Remark    remarks    "note"      Some(("C", 3));
    AgentState agent_states "agent state" None;
}

/// The number in an id; 0 when it has none.
pub fn number<T: Entry>(id: &str) -> u64 {
    let digits = T::NUMBERED.and_then(|(prefix, _)| id.strip_prefix(prefix));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Size of a document, as JSON.
pub fn weight<T: Serialize>(document: &T) -> usize {
    serde_json::to_vec(document).expect("a document is plain data").len()
}

/// Puts a document in place of the one before, if there is a new one, and keeps count of their sizes.
fn replace<T: Clone + Serialize>(document: &mut Option<T>, now: Option<&T>, bytes: &mut usize) {
    if let Some(now) = now {
        *bytes -= document.as_ref().map_or(0, weight);
        *bytes += weight(now);
        *document = Some(now.clone());
    }
}

impl Context {
    /// What changes with every change of content.
    pub fn version(&self) -> String {
        if self.version.is_empty() { id::digest12("") } else { self.version.clone() }
    }

    /// Size of all documents together, as JSON.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes what one batch made of it.
    pub fn apply(&mut self, sync: &ContextSync) {
        let patch = &sync.patch;
        replace(&mut self.vision, patch.vision.as_ref(), &mut self.bytes);
        replace(&mut self.sketch, patch.sketch.as_ref(), &mut self.bytes);
        replace(&mut self.brief, patch.brief.as_ref(), &mut self.bytes);
        replace(&mut self.meta, patch.meta.as_ref(), &mut self.bytes);
        self.take::<Milestone>(patch);
        self.take::<Task>(patch);
        self.take::<Note>(patch);
        self.take::<Reference>(patch);
        self.take::<Presence>(patch);
        self.take::<Remark>(patch);
        self.take::<AgentState>(patch);
        if patch.changes_content() {
            self.version.clone_from(&sync.version);
        }
    }

    /// Forgets what an actor was doing, and what it had in mind: it is gone.
    pub fn forget_actor(&mut self, actor_id: &str) {
        let presence = self.presence.remove(actor_id);
        let state = self.agent_states.remove(actor_id);
        self.bytes -= presence.as_ref().map_or(0, weight) + state.as_ref().map_or(0, weight);
    }

    fn take<T: Entry>(&mut self, patch: &Patch) {
        for (id, now) in T::in_patch(patch) {
            let before = match now {
                Some(document) => T::of_mut(self).insert(id.clone(), document.clone()),
                None => T::of_mut(self).remove(id),
            };
            self.bytes -= before.as_ref().map_or(0, weight);
            self.bytes += now.as_ref().map_or(0, weight);
        }
    }

    /// All documents of a kind, those with the smallest numbers first.
    fn sorted<T: Entry>(&self) -> Vec<&T> {
        let mut all: Vec<&T> = T::of(self).values().collect();
        // Ids are sorted by themselves already, and this keeps that order among equals.
        all.sort_by_key(|document| number::<T>(document.id()));
        all
    }

    /// Everything but the tasks.
    pub fn view(&self) -> Got {
        let tasks = self.sorted::<Task>();
        let count = |status: Progress| tasks.iter().filter(|task| task.status == status).count() as u64;
        Got {
            version: self.version(),
            vision: self.vision.clone(),
            sketch: self.sketch.clone(),
            milestones: self.sorted().into_iter().cloned().collect(),
            notes: self.sorted().into_iter().cloned().collect(),
            references: self.sorted().into_iter().cloned().collect(),
            tasks_summary: TasksSummary {
                total: tasks.len() as u64,
                done: count(Progress::Done),
                active: count(Progress::Active),
                planned: count(Progress::Planned),
            },
            active_task: tasks.iter().find(|task| task.status == Progress::Active).map(|task| TaskView::from(*task)),
            presence: Agents { agents: self.agents() },
            coordination: Coordination {
                brief: self.brief.clone().unwrap_or_default(),
                recent_decisions: self.remarks(RemarkKind::Decision),
                recent_handoffs: self.remarks(RemarkKind::Handoff),
            },
            agent_states: self.agent_states.values().cloned().collect(),
            meta: self.meta.clone().unwrap_or_default(),
        }
    }

    /// Remarks of a kind, the newest first.
    fn remarks(&self, kind: RemarkKind) -> Vec<Remark> {
        self.sorted::<Remark>().into_iter().rev().filter(|remark| remark.kind == kind).cloned().collect()
    }

    /// All tasks.
    pub fn tasks(&self) -> Vec<TaskView> {
        self.sorted::<Task>().into_iter().map(TaskView::from).collect()
    }

    /// One task.
    pub fn task(&self, task_id: &str) -> Option<TaskView> {
        self.tasks.get(task_id).map(TaskView::from)
    }

    /// Who does what.
    pub fn agents(&self) -> Vec<Presence> {
        self.presence.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: &str, content: &str) -> (String, Option<Note>) {
        (id.to_owned(), Some(Note { id: id.to_owned(), content: content.to_owned() }))
    }

    fn sync(version: &str, patch: Patch) -> ContextSync {
        ContextSync { version: version.to_owned(), changes: Vec::new(), patch }
    }

    #[test]
    fn documents_are_sorted_by_number_and_counted_in_bytes() {
        let mut context = Context::default();
        let notes = [note("N1000", "d"), note("N002", "b"), note("N999", "c"), note("imported", "a")];
        context.apply(&sync("v1", Patch { notes: notes.into(), ..Patch::default() }));
        let ids: Vec<_> = context.view().notes.into_iter().map(|note| note.id).collect();
        assert_eq!(ids, ["imported", "N002", "N999", "N1000"]);
        let all: usize = context.notes.values().map(weight).sum();
        assert_eq!(context.bytes(), all);
        let gone = ["imported", "N002", "N999", "N1000"].map(|id| (id.to_owned(), None));
        context.apply(&sync("v2", Patch { notes: gone.into(), vision: Some("x".into()), ..Patch::default() }));
        assert_eq!((context.bytes(), context.version()), (weight(&"x"), "v2".to_owned()));
    }

    /// A file of ours may have been edited, or written by a later version: sizes must not go below zero.
    #[test]
    fn a_document_that_is_not_there_can_be_removed() {
        let mut context = Context::default();
        context.apply(&sync("v1", Patch { notes: [("N001".to_owned(), None)].into(), ..Patch::default() }));
        context.forget_actor("nobody");
        assert_eq!(context.bytes(), 0);
    }
}
