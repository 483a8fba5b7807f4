//! Making an agent program know our MCP server: whether it does, how it is told, and how that is taken back.
//!
//! What is there is always read from the program's own file. It is changed by the program's own commands where it has
//! some that can say it all, else by merging one entry into that file. Nothing outside the chosen scope is written, and
//! nothing that says who an agent is: that is in the environment of the agent.

mod agent_program;
mod document;
mod entry;
mod error;
mod file;
pub mod recipe;
mod surroundings;
#[cfg(test)]
mod tests;

pub use agent_program::{CommandError, PATIENCE};
pub use document::DocumentError;
pub use entry::{Fault, IDENTITY, is_reference};
pub use error::SetupError;
pub use file::BACKUP;
pub use surroundings::Surroundings;

use crate::contract::runtime::Runtime;
use document::Document;
use entry::{faults, is_told};
use recipe::{COMMAND, How, Recipe, Way};
use serde::Serialize;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// How often a file is read again that somebody else writes meanwhile.
const EDITS_MAX: usize = 5;

/// How long a program may take to say which version it is.
const VERSION_PATIENCE: Duration = Duration::from_secs(5);

/// How much of that is shown.
const VERSION_CHARS_MAX: usize = 60;

/// Where an entry counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In everything that its user does.
    User,
    /// In one project.
    Project,
    /// In one project, for its user alone.
    Local,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
        })
    }
}

/// Whether a runtime knows our server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Its entry is as it should be.
    Ready,
    /// It has an entry that does not work.
    Stale(Vec<Fault>),
    /// It has none.
    Missing,
    /// Only a person can tell it, and only it knows whether that was done.
    ByHand,
}

impl State {
    /// Its name on the wire and for people.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Stale(_) => "stale",
            Self::Missing => "missing",
            Self::ByHand => "by hand",
        }
    }

    /// What is wrong with the entry.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Stale(faults) => faults,
            Self::Ready | Self::Missing | Self::ByHand => &[],
        }
    }
}

/// The word, and what is wrong.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<_> = self.faults().iter().map(Fault::to_string).collect();
        if faults.is_empty() { f.write_str(self.word()) } else { write!(f, "{}: {}", self.word(), faults.join("; ")) }
    }
}

/// How an entry is, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// How it is.
    pub state: State,
    /// The file in which it is, or would be.
    pub file: PathBuf,
}

/// One runtime in one scope.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    world: &'a Surroundings,
    runtime: &'static Runtime,
    way: &'static Way,
}

impl<'a> Setup<'a> {
    /// The way of a runtime in a scope.
    ///
    /// # Errors
    ///
    /// [`SetupError::ByHand`] or [`SetupError::NoScope`]
    pub fn new(world: &'a Surroundings, runtime: &'static Runtime, scope: Scope) -> Result<Self, SetupError> {
        let recipe = recipe_of(runtime);
        match recipe.way(scope) {
            Some(way) => Ok(Self { world, runtime, way }),
            None if recipe.ways.is_empty() => {
                let said = |text: &str| text.replace(COMMAND, &world.command().to_string_lossy());
                let (instruction, removal) = (said(recipe.by_hand), said(recipe.by_hand_undo));
                Err(SetupError::ByHand { name: runtime.name, instruction, removal })
            }
            None => Err(SetupError::NoScope { name: runtime.name, scope }),
        }
    }

    /// How the entry is.
    ///
    /// # Errors
    ///
    /// A file of the runtime cannot be read or understood, or nobody knows where it is.
    pub fn look(&self) -> Result<Look, SetupError> {
        let files = self.world.files(self.way);
        let mut nearest = None;
        for path in &files {
            let Some(text) = read(path)? else { continue };
            let document = parse(path, &text)?;
            let entries = self.world.keys(self.way).into_iter().map(|keys| document.entry(&keys).transpose());
            if let Some(entry) = entries.flatten().next() {
                let entry = understood(path, entry)?;
                let faults = faults(&entry, self.world.command(), self.way.how.shape());
                let state = if faults.is_empty() { State::Ready } else { State::Stale(faults) };
                return Ok(Look { state, file: path.clone() });
            }
            nearest = nearest.or(Some(path));
        }
        match nearest.or(files.first()) {
            Some(file) => Ok(Look { state: State::Missing, file: file.clone() }),
            None => Err(SetupError::NoHome { name: self.runtime.name }),
        }
    }

    /// What [`add`](Self::add) would do, step by step; nothing where the entry is as it should be.
    pub fn steps_to_add(&self, look: &Look) -> Vec<String> {
        match (&look.state, self.way.how) {
            (State::Ready | State::ByHand, _) => Vec::new(),
            (_, How::File { .. }) => {
                vec![format!("write the entry cccc to \"{}\" in {}", self.place(), look.file.display())]
            }
            (State::Missing, How::Cli { add, .. }) => vec![format!("run `{}`", self.line(add))],
            (State::Stale(_), How::Cli { add, .. }) => {
                let mut steps = self.steps_to_remove(look);
                steps.push(format!("run `{}`", self.line(add)));
                steps
            }
        }
    }

    /// What [`remove`](Self::remove) would do, step by step; nothing where there is no entry.
    pub fn steps_to_remove(&self, look: &Look) -> Vec<String> {
        match (&look.state, self.way.how) {
            (State::Missing | State::ByHand, _) => Vec::new(),
            (_, How::Cli { remove, .. }) if !remove.is_empty() && self.world.program(self.runtime).is_some() => {
                vec![format!("run `{}`", self.line(remove))]
            }
            (_, How::Cli { .. } | How::File { .. }) => {
                vec![format!("remove the entry cccc from \"{}\" in {}", self.place(), look.file.display())]
            }
        }
    }

    /// Whether [`add`](Self::add) and [`remove`](Self::remove) would stay in the scope.
    ///
    /// # Errors
    ///
    /// [`SetupError::Outside`]: somebody has checked in a link that leads out of the project.
    pub fn may_change(&self, look: &Look) -> Result<(), SetupError> {
        let project = self.world.project();
        let target = file::target(&look.file);
        let is_within =
            target.starts_with(file::target(project)) && !target.components().any(|part| part == Component::ParentDir);
        if !self.way.is_in_project() || is_within {
            return Ok(());
        }
        Err(SetupError::Outside { path: look.file.clone(), target, project: project.to_owned() })
    }

    /// Makes the entry as it should be, and looks whether it is. Returns how it was before; one that was ready is not
    /// touched.
    ///
    /// # Errors
    ///
    /// The program is not installed; its command failed or had no effect; its file cannot be changed. An entry that was
    /// stale may be gone by then.
    pub fn add(&self) -> Result<Look, SetupError> {
        let before = self.look()?;
        if before.state == State::Ready {
            return Ok(before);
        }
        self.may_change(&before)?;
        let program = self
            .world
            .program(self.runtime)
            .ok_or(SetupError::NotInstalled { name: self.runtime.name, executable: self.runtime.executable })?;
        match self.way.how {
            How::Cli { add, .. } => {
                if before.state != State::Missing {
                    self.remove()?;
                }
                self.run(&program, add)?;
                let after = self.look()?;
                if after.state != State::Ready {
                    return Err(SetupError::Unchanged { line: self.line(add), path: after.file, state: after.state });
                }
            }
            How::File { shape, .. } => {
                let entry = shape.entry(&self.world.command().to_string_lossy());
                self.edit(&before.file, |document| {
                    self.world.keys(self.way).first().map_or(Ok(()), |keys| document.put(keys, &entry))
                })?;
            }
        }
        let show = self.way.how.show();
        if !show.is_empty() && !is_told(&self.run(&program, show)?) {
            return Err(SetupError::Untold { line: self.line(show), path: self.look()?.file });
        }
        Ok(before)
    }

    /// Takes the entry out, and looks whether it is gone. Returns how it was before.
    ///
    /// # Errors
    ///
    /// Its file cannot be changed.
    pub fn remove(&self) -> Result<Look, SetupError> {
        let before = self.look()?;
        if before.state == State::Missing {
            return Ok(before);
        }
        self.may_change(&before)?;
        if let (How::Cli { remove, .. }, Some(program)) = (self.way.how, self.world.program(self.runtime))
            && !remove.is_empty()
        {
            // Whether that worked is seen in the file, and what it left is taken out there.
            let _ = self.run(&program, remove);
        }
        for _ in 0..self.way.files.iter().map(|files| files.len()).sum() {
            let left = self.look()?;
            if left.state == State::Missing {
                break;
            }
            self.edit(&left.file, |document| {
                self.world.keys(self.way).iter().try_for_each(|keys| document.remove(keys).map(drop))
            })?;
        }
        Ok(before)
    }

    fn edit(&self, path: &Path, change: impl Fn(&mut Document) -> Result<(), DocumentError>) -> Result<(), SetupError> {
        for _ in 0..EDITS_MAX {
            let before = read(path)?;
            let mut document = parse(path, before.as_deref().unwrap_or_default())?;
            understood(path, change(&mut document))?;
            let after = document.text();
            if before.as_deref() == Some(&after) {
                return Ok(());
            }
            let failed = |source| SetupError::File { action: "write", path: path.to_owned(), source };
            if file::replace(path, before.as_deref(), &after).map_err(failed)? {
                return Ok(());
            }
        }
        Err(SetupError::Busy { path: path.to_owned() })
    }

    fn run(&self, program: &Path, words: &str) -> Result<String, SetupError> {
        Ok(agent_program::run(self.world, program, &self.arguments(words), PATIENCE)?)
    }

    fn line(&self, words: &str) -> String {
        agent_program::line(Path::new(self.runtime.executable), &self.arguments(words))
    }

    /// Where in its file the entry is put.
    fn place(&self) -> String {
        self.world.keys(self.way).first().map_or_else(String::new, |keys| keys.join("/"))
    }

    fn arguments(&self, words: &str) -> Vec<String> {
        let command = self.world.command().to_string_lossy();
        words.split_whitespace().map(|word| word.replace(COMMAND, &command)).collect()
    }
}

/// Whether a program in a project knows our server: how the entry is that wins, whichever scope it is in.
///
/// # Errors
///
/// As of [`winner`].
pub fn known(world: &Surroundings, runtime: &'static Runtime) -> Result<State, SetupError> {
    if recipe_of(runtime).ways.is_empty() {
        return Ok(State::ByHand);
    }
    Ok(winner(world, runtime)?.map_or(State::Missing, |(_, look)| look.state))
}

/// The entry that a program in a project goes by, and its scope: the first there is, in the program's own order.
///
/// # Errors
///
/// As [`Setup::look`], of a scope that comes before every entry there is.
pub fn winner(world: &Surroundings, runtime: &'static Runtime) -> Result<Option<(Scope, Look)>, SetupError> {
    let mut homeless = None;
    for way in recipe_of(runtime).ways {
        match (Setup { world, runtime, way }).look() {
            Ok(Look { state: State::Missing, .. }) => {}
            Ok(look) => return Ok(Some((way.scope, look))),
            Err(error @ SetupError::NoHome { .. }) => homeless = Some(error),
            Err(error) => return Err(error),
        }
    }
    homeless.map_or(Ok(None), Err)
}

/// What a program says of its version; `None` where it is not there, or says nothing.
pub fn version(world: &Surroundings, runtime: &Runtime) -> Option<String> {
    let program = world.program(runtime)?;
    let said = agent_program::run(world, &program, &["--version".to_owned()], VERSION_PATIENCE).ok()?;
    said.lines().map(str::trim).find(|line| !line.is_empty()).map(|line| line.chars().take(VERSION_CHARS_MAX).collect())
}

fn recipe_of(runtime: &Runtime) -> &'static Recipe {
    recipe::find(runtime.id).expect("every runtime has a recipe")
}

fn read(path: &Path) -> Result<Option<String>, SetupError> {
    file::read(path).map_err(|source| SetupError::File { action: "read", path: path.to_owned(), source })
}

fn parse(path: &Path, text: &str) -> Result<Document, SetupError> {
    understood(path, Document::parse(path, text))
}

fn understood<T>(path: &Path, result: Result<T, DocumentError>) -> Result<T, SetupError> {
    result.map_err(|source| SetupError::Document { path: path.to_owned(), source })
}
