//! A context while a batch works on it: what is there, and what the batch has made of it so far.

use crate::op::request::{named, within};
use crate::state::context::{Context, Entry, number, weight};
use crate::state::group::Group;
use bus::contract::context::{Milestone, Note, Patch, Presence, Reference, Task};
use bus::contract::coordination::{AgentState, Brief, Remark};
use bus::contract::{Code, OpError, limit};
use serde::Serialize;
use serde_json::{Map, Value};

/// A context while a batch works on it.
pub struct Draft<'a> {
    group: &'a Group,
    now: &'a str,
    by: &'a str,
    patch: Patch,
}

impl<'a> Draft<'a> {
    /// A draft in which nothing has changed.
    pub fn new(group: &'a Group, now: &'a str, by: &'a str) -> Self {
        Self { group, now, by, patch: Patch::default() }
    }

    /// Who sends the batch.
    pub fn by(&self) -> &'a str {
        self.by
    }

    /// Time of the batch.
    pub fn now(&self) -> &'a str {
        self.now
    }

    /// Day of the batch, in UTC.
    pub fn today(&self) -> &'a str {
        self.now.split('T').next().unwrap_or_default()
    }

    /// Whether an actor of the group is called exactly so.
    pub fn is_actor(&self, id: &str) -> bool {
        self.group.actor_state(id).is_some()
    }

    /// A document, if there is one.
    pub fn find<T: Entry>(&self, id: &str) -> Option<&T> {
        match T::in_patch(&self.patch).get(id) {
            Some(changed) => changed.as_ref(),
            None => T::of(&self.group.context).get(id),
        }
    }

    /// A document that is named in field `<what>_id`.
    ///
    /// # Errors
    ///
    /// It is not named, or not there.
    pub fn get<T: Entry>(&self, id: &str) -> Result<&T, OpError> {
        if id.is_empty() {
            return Err(OpError::new(Code::ContextSyncError, format!("missing {}_id", T::WHAT)));
        }
        self.find(id).ok_or_else(|| OpError::new(Code::ContextSyncError, format!("{} not found: {id}", T::WHAT)))
    }

    /// An id that nothing has, neither before nor in this batch: the highest number, and one more.
    pub fn new_id<T: Entry>(&self) -> String {
        let (prefix, digits) = T::NUMBERED.expect("only numbered documents are given an id");
        let taken = self.ids::<T>().map(|id| number::<T>(id)).max().unwrap_or(0);
        format!("{prefix}{:0digits$}", taken + 1)
    }

    /// Ids of everything of a kind that is there.
    pub fn ids<T: Entry>(&self) -> impl Iterator<Item = &String> {
        let patch = T::in_patch(&self.patch);
        let kept = T::of(&self.group.context).keys().filter(|id| !patch.contains_key(*id));
        kept.chain(patch.iter().filter(|(_, now)| now.is_some()).map(|(id, _)| id))
    }

    /// Puts a document in, or in place of the one with its id.
    ///
    /// # Errors
    ///
    /// A limit: there are too many.
    pub fn put<T: Entry>(&mut self, document: T) -> Result<(), OpError> {
        let id = document.id().to_owned();
        // Only near the limit does it matter how many of them are gone.
        let at_most = T::of(&self.group.context).len() + T::in_patch(&self.patch).len() + 1;
        if at_most > limit::CONTEXT_ENTRIES_MAX && self.find::<T>(&id).is_none() {
            let count = self.ids::<T>().count() + 1;
            if count > limit::CONTEXT_ENTRIES_MAX {
                let what = format!("the number of {} entries", T::WHAT);
                return Err(OpError::too_large(&what, count, limit::CONTEXT_ENTRIES_MAX, "CONTEXT_ENTRIES_MAX"));
            }
        }
        T::in_patch_mut(&mut self.patch).insert(id, Some(document));
        Ok(())
    }

    /// Takes a document out.
    pub fn remove<T: Entry>(&mut self, id: &str) {
        T::in_patch_mut(&mut self.patch).insert(id.to_owned(), None);
    }

    /// Replaces the vision.
    pub fn set_vision(&mut self, vision: String) {
        self.patch.vision = Some(vision);
    }

    /// Replaces the sketch.
    pub fn set_sketch(&mut self, sketch: String) {
        self.patch.sketch = Some(sketch);
    }

    /// The brief.
    pub fn brief(&self) -> Brief {
        self.patch.brief.as_ref().or(self.group.context.brief.as_ref()).cloned().unwrap_or_default()
    }

    /// Replaces the brief.
    pub fn set_brief(&mut self, brief: Brief) {
        self.patch.brief = Some(brief);
    }

    /// Facts for programs.
    pub fn meta(&self) -> Map<String, Value> {
        self.patch.meta.as_ref().or(self.group.context.meta.as_ref()).cloned().unwrap_or_default()
    }

    /// Replaces the facts for programs.
    pub fn set_meta(&mut self, meta: Map<String, Value>) {
        self.patch.meta = Some(meta);
    }

    /// Checks that the whole context still fits into an answer. What only shrinks always does.
    ///
    /// # Errors
    ///
    /// A limit.
    pub fn check_size(&self) -> Result<(), OpError> {
        let context = &self.group.context;
        let parts = [
            sizes(context.vision.as_ref(), self.patch.vision.as_ref()),
            sizes(context.sketch.as_ref(), self.patch.sketch.as_ref()),
            sizes(context.brief.as_ref(), self.patch.brief.as_ref()),
            sizes(context.meta.as_ref(), self.patch.meta.as_ref()),
            self.weights::<Milestone>(context),
            self.weights::<Task>(context),
            self.weights::<Note>(context),
            self.weights::<Reference>(context),
            self.weights::<Presence>(context),
            self.weights::<Remark>(context),
            self.weights::<AgentState>(context),
        ];
        let (before, now) = parts.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let bytes = context.bytes() - before + now;
        if bytes <= limit::CONTEXT_BYTES_MAX || now <= before {
            return Ok(());
        }
        Err(OpError::too_large("the context", bytes, limit::CONTEXT_BYTES_MAX, "CONTEXT_BYTES_MAX"))
    }

    /// Bytes of what the patch changes: before, and now.
    fn weights<T: Entry>(&self, context: &Context) -> (usize, usize) {
        T::in_patch(&self.patch).iter().fold((0, 0), |(before, after), (id, now)| {
            let was = T::of(context).get(id).map_or(0, weight);
            (before + was, after + now.as_ref().map_or(0, weight))
        })
    }

    /// What the batch has changed; what is as it was before is left out.
    pub fn done(self) -> Patch {
        let mut patch = self.patch;
        let context = &self.group.context;
        patch.vision = patch.vision.filter(|vision| context.vision.as_ref() != Some(vision));
        patch.sketch = patch.sketch.filter(|sketch| context.sketch.as_ref() != Some(sketch));
        patch.brief = patch.brief.filter(|brief| context.brief.as_ref() != Some(brief));
        patch.meta = patch.meta.filter(|meta| context.meta.as_ref() != Some(meta));
        keep_changes::<Milestone>(&mut patch, context);
        keep_changes::<Task>(&mut patch, context);
        keep_changes::<Note>(&mut patch, context);
        keep_changes::<Reference>(&mut patch, context);
        keep_changes::<Presence>(&mut patch, context);
        keep_changes::<Remark>(&mut patch, context);
        keep_changes::<AgentState>(&mut patch, context);
        patch
    }
}

/// Bytes of a document that there is one of: before, and now, if it changes.
fn sizes<T: Serialize>(before: Option<&T>, now: Option<&T>) -> (usize, usize) {
    now.map_or((0, 0), |now| (before.map_or(0, weight), weight(now)))
}

fn keep_changes<T: Entry>(patch: &mut Patch, context: &Context) {
    T::in_patch_mut(patch).retain(|id, now| T::of(context).get(id) != now.as_ref());
}

/// Checks a short text, such as a name.
///
/// # Errors
///
/// A limit.
pub fn short(what: &str, text: &str) -> Result<(), OpError> {
    named(what, text)
}

/// Checks a long text, such as a description.
///
/// # Errors
///
/// A limit.
pub fn long(what: &str, text: &str) -> Result<(), OpError> {
    within(what, text, limit::CONTEXT_TEXT_BYTES_MAX, "CONTEXT_TEXT_BYTES_MAX")
}

/// What an operation did, in a few words.
pub type Done = Result<String, OpError>;

/// Sets a field that was given, within its limit.
///
/// # Errors
///
/// A limit.
pub fn set(
    field: &mut String,
    given: Option<String>,
    what: &str,
    check: fn(&str, &str) -> Result<(), OpError>,
) -> Result<(), OpError> {
    let Some(text) = given else { return Ok(()) };
    check(what, &text)?;
    *field = text;
    Ok(())
}

/// The refusal of an operation.
pub fn refused(sentence: String) -> OpError {
    OpError::new(Code::ContextSyncError, sentence)
}

/// The one way in which an agent is named.
///
/// # Errors
///
/// There is no name; a limit.
pub fn agent(draft: &Draft<'_>, field: &str, name: &str) -> Result<String, OpError> {
    let id = if draft.is_actor(name) { name.to_owned() } else { canonical(name) };
    if id.is_empty() {
        return Err(refused(format!("missing {field}")));
    }
    short(field, &id)?;
    Ok(id)
}

/// A name in lower case, with hyphens between its words.
fn canonical(name: &str) -> String {
    let mut id = String::with_capacity(name.len());
    let mut after_small = false;
    for letter in name.trim().chars() {
        let is_gap = matches!(letter, '_' | '-') || letter.is_whitespace();
        if (is_gap || after_small && letter.is_uppercase()) && !id.ends_with('-') {
            id.push('-');
        }
        if !is_gap {
            id.extend(letter.to_lowercase());
        }
        after_small = letter.is_lowercase() || letter.is_numeric();
    }
    id.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn names_of_agents_are_written_in_one_way() {
        #[rustfmt::skip]
        let cases = [
            ("peer_OneX",       "peer-one-x"),
            ("peer-one",        "peer-one"),
            ("Peer One",        "peer-one"),
            ("peer__-  one",    "peer-one"),
            ("agent2B",         "agent2-b"),
            ("HTTP",            "http"),
            (" -x- ",           "x"),
            ("审阅者",           "审阅者"),
            ("",                ""),
        ];
        for (name, wanted) in cases {
            assert_eq!(canonical(name), wanted, "{name}");
        }
    }
}
