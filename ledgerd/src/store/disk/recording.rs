//! A recording of every change below a folder, in the order in which the system made them; and a process that dies in
//! between.

use crate::store::layout;
use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A file or a folder, whatever it is called.
pub type Node = usize;

/// Device and inode.
type Identity = (u64, u64);

fn identity(file: &File) -> io::Result<Identity> {
    file.metadata().map(|found| (found.dev(), found.ino()))
}

/// The folder that is recorded.
pub const ROOT: Node = 0;

/// Bytes that nobody wants to read in a report.
#[derive(Clone)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.len())
    }
}

/// One change that was made. Paths begin at the recorded folder.
#[derive(Debug, Clone)]
pub enum Change {
    /// A file or a folder that was not there before.
    Made { path: PathBuf, node: Node, is_folder: bool },
    /// A file's bytes.
    Written { node: Node, offset: u64, bytes: Bytes },
    /// A file's length.
    Sized { node: Node, bytes: u64 },
    /// Everything that was done to a file or in a folder before change `upto` will survive.
    Synced { node: Node, upto: usize },
    /// Another name.
    Renamed { from: PathBuf, to: PathBuf },
    /// No name any more.
    Removed { path: PathBuf },
}

/// What is about to be done to a path or an open file.
#[derive(Debug)]
pub enum Kind {
    /// Nothing that changes the disk.
    Nothing,
    MadeFile,
    MadeFolder,
    Written {
        offset: u64,
        bytes: Vec<u8>,
    },
    Sized(u64),
    Synced,
    Renamed {
        to: PathBuf,
    },
    /// What is removed, in this order.
    Removed(Vec<PathBuf>),
}

impl Kind {
    /// What opening a file does that is made when it is missing.
    pub fn made_if_missing(path: &Path) -> Self {
        if path.symlink_metadata().is_ok() { Self::Nothing } else { Self::MadeFile }
    }

    /// What removing a folder with everything in it does.
    pub fn removed_below(path: &Path) -> Self {
        let (mut found, mut next) = (vec![path.to_path_buf()], 0);
        while next < found.len() {
            // What is a file, or is gone by now, holds nothing.
            let entries = fs::read_dir(&found[next]).into_iter().flatten().flatten();
            found.extend(entries.map(|entry| entry.path()));
            next += 1;
        }
        found.reverse();
        Self::Removed(found)
    }
}

/// To what something is done.
pub enum At {
    File(Option<Identity>),
    Path(PathBuf),
}

impl From<&File> for At {
    fn from(file: &File) -> Self {
        Self::File(identity(file).ok())
    }
}

impl From<&Path> for At {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_path_buf())
    }
}

static RUNNING: Mutex<Vec<Arc<Recording>>> = Mutex::new(Vec::new());

/// Everything that was changed below a folder.
#[derive(Debug)]
pub struct Recording {
    root: PathBuf,
    tape: Mutex<Tape>,
}

#[derive(Debug, Default)]
struct Tape {
    changes: Vec<Change>,
    /// Held open, so that no other file gets the identity of one that is gone.
    nodes: HashMap<Identity, (Node, File)>,
    /// Changes that may still be begun before the process is dead.
    left: Option<usize>,
}

impl Recording {
    /// Records what happens below a folder from now on. What is in it is on disk for certain.
    pub fn start(root: &Path) -> Arc<Self> {
        let mut tape = Tape::default();
        tape.note_node(root);
        tape.note_below(root, Path::new(""));
        let upto = tape.changes.len();
        tape.changes.extend((ROOT..tape.nodes.len()).map(|node| Change::Synced { node, upto }));
        let recording = Arc::new(Self { root: root.to_path_buf(), tape: Mutex::new(tape) });
        lock(&RUNNING).push(Arc::clone(&recording));
        recording
    }

    /// How many changes were made so far.
    pub fn position(&self) -> usize {
        self.tape().changes.len()
    }

    /// Begins a new life of the process: it knows nothing of what the one before has synced, and ends after so many
    /// changes, if at all.
    pub fn live(&self, changes_max: Option<usize>) {
        layout::forget_named(&self.root);
        self.tape().left = changes_max;
    }

    /// Whether the process has died.
    pub fn is_dead(&self) -> bool {
        self.tape().left == Some(0)
    }

    /// Ends the recording.
    pub fn stop(&self) -> Vec<Change> {
        lock(&RUNNING).retain(|running| running.root != self.root);
        std::mem::take(&mut *self.tape()).changes
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        lock(&self.tape)
    }
}

impl Tape {
    /// Notes everything in a folder as if it were made now.
    fn note_below(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(root.join(folder)).expect("it is a folder").map(|entry| entry.expect("its name")) {
            let (path, is_folder) = (folder.join(entry.file_name()), entry.path().is_dir());
            let node = self.note_node(&entry.path());
            self.changes.push(Change::Made { path: path.clone(), node, is_folder });
            if is_folder {
                self.note_below(root, &path);
            } else {
                let bytes = Bytes(fs::read(entry.path()).expect("it is a file"));
                self.changes.push(Change::Written { node, offset: 0, bytes });
            }
        }
    }

    fn note_node(&mut self, path: &Path) -> Node {
        let file = File::open(path).expect("it was just made");
        let node = self.nodes.len();
        self.nodes.insert(identity(&file).expect("it is open"), (node, file));
        node
    }
}

/// A change that is being made.
#[must_use]
pub struct Begun(Option<(Arc<Recording>, At, Kind, usize)>);

/// Begins a change. Of what is not recorded it notes nothing.
///
/// # Errors
///
/// The process is dead.
pub fn begin(at: impl Into<At>, kind: Kind) -> io::Result<Begun> {
    let running = lock(&RUNNING).clone();
    if running.is_empty() || matches!(kind, Kind::Nothing) {
        return Ok(Begun(None));
    }
    let at = at.into();
    let is_its = |recording: &&Arc<Recording>| match &at {
        At::Path(path) => path.starts_with(&recording.root),
        At::File(identity) => identity.is_some_and(|found| recording.tape().nodes.contains_key(&found)),
    };
    let Some(recording) = running.iter().find(is_its).cloned() else { return Ok(Begun(None)) };
    let position = {
        let mut tape = recording.tape();
        match &mut tape.left {
            Some(0) => return Err(io::Error::other("the process is dead")),
            Some(left) => *left -= 1,
            None => {}
        }
        tape.changes.len()
    };
    Ok(Begun(Some((recording, at, kind, position))))
}

impl Begun {
    /// It was made.
    pub fn end(self) {
        let Some((recording, at, kind, position)) = self.0 else { return };
        let below = |path: &Path| path.strip_prefix(&recording.root).expect("it is recorded").to_path_buf();
        let mut tape = recording.tape();
        let made = match at {
            At::Path(at) => match kind {
                Kind::MadeFile | Kind::MadeFolder => {
                    let (node, path) = (tape.note_node(&at), below(&at));
                    vec![Change::Made { path, node, is_folder: matches!(kind, Kind::MadeFolder) }]
                }
                Kind::Renamed { to } => vec![Change::Renamed { from: below(&at), to: below(&to) }],
                Kind::Removed(paths) => paths.iter().map(|path| Change::Removed { path: below(path) }).collect(),
                other => unreachable!("{other:?} is done to an open file"),
            },
            At::File(identity) => {
                let node = tape.nodes[&identity.expect("it is recorded")].0;
                vec![match kind {
                    Kind::Written { offset, bytes } => Change::Written { node, offset, bytes: Bytes(bytes) },
                    Kind::Sized(bytes) => Change::Sized { node, bytes },
                    Kind::Synced => Change::Synced { node, upto: position },
                    other => unreachable!("{other:?} is done to a path"),
                }]
            }
        };
        tape.changes.extend(made);
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
