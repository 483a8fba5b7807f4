//! A disk as a power cut may leave it: what was synced is there, and of everything else any part.
//!
//! The rules are as hard as the system's own words allow. A write that was not synced is there, or is not, or some of its
//! sectors are; the file may have grown without it, and has zeros then. A name that came, went or changed is there as
//! before or as after, each by itself, until its folder is synced; only what happened to one name happened in order, and a
//! rename in one folder is whole.

use super::recording::{Bytes, Change, Node, ROOT};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// What becomes of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is there, as after the end of a process.
    Kept,
    /// It is not there.
    Lost,
    /// Names are as they were changed, what is in the files is not there.
    NamesOnly,
    /// What is in the files is there, names are as before.
    ContentOnly,
    /// Each by chance, and some in part.
    Mixed,
}

/// Numbers by chance, the same ones again from the same beginning.
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// Begins with a number of somebody's choice.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below another.
    pub fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % limit.max(1) as u64).expect("it is below")
    }

    fn is(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// What is in each folder, by names.
#[derive(Debug, Default)]
struct Names(HashMap<Node, BTreeMap<OsString, Node>>);

impl Names {
    /// The folder and the name of a path, when there is such a folder.
    fn look(&self, path: &Path) -> Option<(Node, OsString)> {
        let mut names = path.parent()?.iter();
        let folder = names.try_fold(ROOT, |folder, name| self.0.get(&folder)?.get(name).copied())?;
        Some((folder, path.file_name()?.to_owned()))
    }

    fn place(&self, path: &Path) -> (Node, OsString) {
        self.look(path).expect("its folder is there")
    }

    fn has(&self, (folder, name): &(Node, OsString)) -> bool {
        self.0.get(folder).is_some_and(|names| names.contains_key(name))
    }

    fn put(&mut self, (folder, name): &(Node, OsString), node: Node) {
        self.0.entry(*folder).or_default().insert(name.clone(), node);
    }

    fn take(&mut self, (folder, name): &(Node, OsString)) -> Option<Node> {
        self.0.entry(*folder).or_default().remove(name)
    }
}

/// One way in which a disk may look.
#[derive(Debug, Default)]
pub struct Image {
    names: Names,
    files: HashMap<Node, Vec<u8>>,
}

impl Image {
    /// After changes that were made on an empty disk, and a power cut.
    pub fn after(changes: &[Change], fate: Fate, chance: &mut Chance) -> Self {
        let mut synced: HashMap<Node, usize> = HashMap::new();
        for change in changes {
            if let Change::Synced { node, upto } = change {
                let known = synced.entry(*node).or_default();
                *known = (*known).max(*upto);
            }
        }
        let mut making = Making { image: Self::default(), now: Names::default(), lost: HashSet::new(), fate, chance };
        for (position, change) in changes.iter().enumerate() {
            making.take(change, |node| synced.get(&node).is_some_and(|upto| position < *upto));
        }
        making.image
    }

    /// Puts it into an empty folder.
    pub fn write(&self, root: &Path) {
        let mut folders = vec![(ROOT, root.to_path_buf())];
        while let Some((folder, path)) = folders.pop() {
            for (name, node) in self.names.0.get(&folder).into_iter().flatten() {
                let path: PathBuf = path.join(name);
                match self.files.get(node) {
                    Some(bytes) => fs::write(&path, bytes).expect("there is room"),
                    None => {
                        fs::create_dir(&path).expect("there is room");
                        folders.push((*node, path));
                    }
                }
            }
        }
    }
}

struct Making<'a> {
    image: Image,
    /// As everybody saw it before the power cut.
    now: Names,
    /// Names of which a change is not there, so that no later one can be.
    lost: HashSet<(Node, OsString)>,
    fate: Fate,
    chance: &'a mut Chance,
}

impl Making<'_> {
    fn take(&mut self, change: &Change, is_synced: impl Fn(Node) -> bool) {
        match change {
            Change::Made { path, node, is_folder } => {
                let at = self.now.place(path);
                self.now.put(&at, *node);
                if *is_folder {
                    self.now.0.entry(*node).or_default();
                } else {
                    self.image.files.insert(*node, Vec::new());
                }
                if self.is_name_there(is_synced(at.0), &[&at]) {
                    self.image.names.put(&at, *node);
                }
            }
            Change::Removed { path } => {
                // Two threads may remove the same folder, and each notes what it has seen.
                let Some(at) = self.now.look(path).filter(|at| self.now.has(at)) else { return };
                self.now.take(&at);
                if self.is_name_there(is_synced(at.0), &[&at]) {
                    self.image.names.take(&at);
                }
            }
            Change::Renamed { from, to } => {
                let (from, to) = (self.now.place(from), self.now.place(to));
                let node = self.now.take(&from).expect("it was there");
                self.now.put(&to, node);
                let is_whole = from.0 == to.0;
                let both = [&from, &to];
                let at_once: &[_] = if is_whole { &both } else { &both[1..] };
                if !self.is_name_there(is_synced(to.0), at_once) {
                    self.lost.insert(from);
                    return;
                }
                self.image.names.put(&to, node);
                if is_whole || self.is_name_there(is_synced(from.0), &[&from]) {
                    self.image.names.take(&from);
                }
            }
            Change::Written { node, offset, bytes: Bytes(bytes) } => {
                let parts = self.parts(is_synced(*node), bytes.len());
                let file = self.image.files.get_mut(node).expect("it was made");
                let offset = usize::try_from(*offset).expect("files are small");
                for (from, to, is_there) in parts {
                    if file.len() < offset + to {
                        file.resize(offset + to, 0);
                    }
                    if is_there {
                        file[offset + from..offset + to].copy_from_slice(&bytes[from..to]);
                    }
                }
            }
            Change::Sized { node, bytes } => {
                if is_synced(*node) || self.is_content_there() {
                    let file = self.image.files.get_mut(node).expect("it was made");
                    file.resize(usize::try_from(*bytes).expect("files are small"), 0);
                }
            }
            Change::Synced { .. } => {}
        }
    }

    /// Whether a change of some names is there, all of it or nothing.
    fn is_name_there(&mut self, is_synced: bool, names: &[&(Node, OsString)]) -> bool {
        let is_there = is_synced
            || (names.iter().all(|name| !self.lost.contains(*name))
                && match self.fate {
                    Fate::Kept | Fate::NamesOnly => true,
                    Fate::Lost | Fate::ContentOnly => false,
                    Fate::Mixed => self.chance.is(),
                });
        if !is_there {
            self.lost.extend(names.iter().map(|name| (*name).clone()));
        }
        is_there
    }

    fn is_content_there(&mut self) -> bool {
        match self.fate {
            Fate::Kept | Fate::ContentOnly => true,
            Fate::Lost | Fate::NamesOnly => false,
            Fate::Mixed => self.chance.is(),
        }
    }

    /// The parts of a write that have changed the file: from where to where, and whether the bytes are there or only the
    /// room for them.
    fn parts(&mut self, is_synced: bool, bytes: usize) -> Vec<(usize, usize, bool)> {
        if is_synced || self.fate != Fate::Mixed {
            let is_there = is_synced || self.is_content_there();
            return if is_there { vec![(0, bytes, true)] } else { Vec::new() };
        }
        match self.chance.below(5) {
            0 => Vec::new(),
            1 => vec![(0, bytes, true)],
            // Up to any byte.
            2 => vec![(0, self.chance.below(bytes + 1), true)],
            // The file has grown, and nothing is in it.
            3 => vec![(0, self.chance.below(bytes + 1), false)],
            _ => {
                let starts = (0..bytes).step_by(SECTOR_BYTES);
                starts.map(|from| (from, (from + SECTOR_BYTES).min(bytes), self.chance.is())).collect()
            }
        }
    }
}
