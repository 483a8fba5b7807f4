//! What came over, or would: for people, and for programs as JSON.

use super::convert::Converted;
use super::old;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// The whole import.
#[derive(Debug, Serialize)]
pub struct ImportReport {
    /// The older home.
    pub from: PathBuf,
    /// Ours.
    pub into: PathBuf,
    /// Whether anything was written.
    pub applied: bool,
    /// Every group of the older home.
    pub groups: Vec<Group>,
    /// Ids of profiles that come over.
    pub profiles: Vec<String>,
    /// What is about the whole home and does not, for people.
    pub left_out: Vec<String>,
    /// Why the profiles, and what the home does when no group is named, did not come over.
    pub failed: Option<String>,
}

/// What became of one group.
#[derive(Debug, Serialize)]
pub struct Group {
    /// Its id, the same as before.
    pub group_id: String,
    /// Name for people.
    pub title: String,
    /// Whether it comes over.
    pub outcome: Outcome,
    /// What of it comes over.
    #[serde(flatten)]
    pub counts: Counts,
    /// What does not, for people.
    pub left_out: Vec<String>,
}

/// Whether a group comes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It does.
    Comes,
    /// It is there already, and was left as it is.
    IsThere,
    /// It cannot be understood: why.
    Unreadable(String),
    /// It could not be read or written: why.
    Failed(String),
}

/// How much of a group comes over.
#[derive(Debug, Default, Serialize)]
pub struct Counts {
    /// Lines of its ledger.
    pub events: usize,
    /// Events that were added so that the ledger says what the documents beside it said.
    pub added_events: usize,
    /// Actors.
    pub actors: usize,
    /// Directories.
    pub directories: usize,
    /// Tasks, milestones, notes and references.
    pub context: usize,
    /// Read cursors.
    pub cursors: usize,
    /// Stored files.
    pub files: usize,
    /// Private environments.
    pub secrets: usize,
}

impl Group {
    /// A group that comes over.
    pub fn comes(old: &old::Group, converted: &Converted) -> Self {
        let patch = &old.context;
        Self {
            group_id: old.id.clone(),
            title: old.title.clone(),
            outcome: Outcome::Comes,
            counts: Counts {
                events: converted.brought,
                added_events: converted.added,
                actors: converted.group.actor_states.len(),
                directories: converted.group.scopes.len(),
                context: patch.tasks.len() + patch.milestones.len() + patch.notes.len() + patch.references.len(),
                cursors: converted.group.cursors.len(),
                files: old.files.len(),
                secrets: converted.secrets.len(),
            },
            left_out: old.left_out.iter().chain(&converted.left_out).cloned().collect(),
        }
    }

    /// A group that does not.
    pub fn stays(group_id: &str, outcome: Outcome) -> Self {
        let (title, counts, left_out) = (String::new(), Counts::default(), Vec::new());
        Self { group_id: group_id.to_owned(), title, outcome, counts, left_out }
    }
}

impl ImportReport {
    /// Whether everything came over or was there.
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// What did not come over.
    fn missing(&self) -> impl Iterator<Item = &str> {
        let is_missing = |group: &&Group| matches!(group.outcome, Outcome::Unreadable(_) | Outcome::Failed(_));
        let groups = self.groups.iter().filter(is_missing).map(|group| group.group_id.as_str());
        groups.chain(self.failed.as_ref().map(|_| "profiles and defaults"))
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.applied { "imported" } else { "would import" };
        writeln!(f, "{verb} {} into {}", self.from.display(), self.into.display())?;
        for group in &self.groups {
            let (id, title, counts) = (&group.group_id, &group.title, &group.counts);
            match &group.outcome {
                Outcome::Comes => {
                    writeln!(f, "  {id} {title}")?;
                    writeln!(f, "    {}", counts)?;
                }
                Outcome::IsThere => writeln!(f, "  {id} is there already and was left as it is")?,
                Outcome::Unreadable(why) | Outcome::Failed(why) => writeln!(f, "  {id} is left out: {why}")?,
            }
            for what in &group.left_out {
                writeln!(f, "    left out: {what}")?;
            }
        }
        for what in &self.left_out {
            writeln!(f, "  left out: {what}")?;
        }
        match &self.failed {
            Some(why) => writeln!(f, "  profiles and defaults are left out: {why}")?,
            None if self.profiles.is_empty() => {}
            None => writeln!(f, "  profiles: {}", self.profiles.join(", "))?,
        }
        match (self.applied, self.groups.iter().any(|group| group.outcome == Outcome::Comes)) {
            (true, _) => {
                writeln!(f, "nothing was started; `cccc`, then `cccc group start -g <group>` starts its agents")
            }
            (false, true) => writeln!(f, "nothing was written; the same command with --apply does it"),
            (false, false) => writeln!(f, "nothing is to be done"),
        }?;
        let missing: Vec<_> = self.missing().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let way = "mend what is said above, and the same command brings what is missing";
        writeln!(
            f,
            "{}: {}; {way}",
            if self.applied { "did not come over" } else { "cannot come over" },
            missing.join(", ")
        )
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.events, "events"),
            (self.added_events, "added"),
            (self.actors, "actors"),
            (self.directories, "directories"),
            (self.context, "pieces of context"),
            (self.cursors, "read cursors"),
            (self.files, "files"),
            (self.secrets, "private environments"),
        ];
        let named: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        f.write_str(&named.join(", "))
    }
}
