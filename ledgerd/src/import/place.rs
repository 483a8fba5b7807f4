//! Puts converted groups into a home: whole or not at all.
//!
//! A group's folder is made under another name, synced, and renamed. The next start of ledgerd finds a folder that the
//! home does not know and takes it in, as it does with one out of a backup.

use super::ImportError;
use super::convert::{Converted, convert};
use super::old;
use crate::decision::Secret;
use crate::store::layout::{self, Layout};
use crate::store::line::{self, Req, Sum};
use crate::store::secret;
use bus::contract::time::Micros;
use bus::contract::{Event, id};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Bytes of lines that are collected before they are written.
const WRITE_BYTES: usize = 1 << 20;

/// Where stored files are kept from now on, below the group's folder, by where they were. Long texts lay in a folder
/// of their own and were named after their message; ours are all named after their content.
///
/// # Errors
///
/// A file cannot be read.
pub fn kept_as(files: &[(PathBuf, String)]) -> Result<BTreeMap<String, String>, ImportError> {
    let mut kept = BTreeMap::new();
    for (path, below) in files {
        let name = below.rsplit('/').next().unwrap_or_default();
        let name =
            if below.starts_with("state/blobs/") { name.to_owned() } else { format!("{}_{name}", sha256(path)?) };
        if layout::is_file_name(&name) {
            kept.insert(below.clone(), format!("state/blobs/{name}"));
        }
    }
    Ok(kept)
}

/// Converts a group and puts it in its place.
///
/// # Errors
///
/// The older ledger cannot be read, or the system's word. The group is not there then; what was made for it goes with
/// the next attempt.
pub fn place(
    layout: &Layout,
    old: &old::Group,
    kept: &BTreeMap<String, String>,
    now: Micros,
) -> Result<Converted, ImportError> {
    let staging = layout.groups().join(format!(".import-{}", old.id));
    let failed = |error| ImportError::io("write", &staging, error);
    make(layout, &staging, old, kept).map_err(failed)?;
    let mut ledger = Ledger::create(&staging.join("ledger.jsonl")).map_err(failed)?;
    let converted = convert(old, kept, now, &mut |event| ledger.take(event.clone()).map_err(failed))?;
    ledger.finish().and_then(|()| layout::sync_folder(&staging)).map_err(failed)?;
    for (actor_id, version) in &converted.secrets {
        let (ledger, version, variables) = (old.id.clone(), version.clone(), old.secrets[actor_id].clone());
        secret::store(layout, &Secret { ledger, version, variables })?;
    }
    let target = layout.folder(&old.id);
    let moved = fs::rename(&staging, &target).and_then(|()| layout::sync_folder(&layout.groups()));
    moved.map_err(|error| ImportError::io("make", &target, error))?;
    Ok(converted)
}

/// Makes a group's folder with its stored files.
fn make(layout: &Layout, staging: &Path, old: &old::Group, kept: &BTreeMap<String, String>) -> io::Result<()> {
    match fs::remove_dir_all(staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    layout::make_folder(&layout.groups())?;
    let blobs = staging.join("state/blobs");
    layout::make_folder(&blobs)?;
    for (from, below) in &old.files {
        let Some(to) = kept.get(below).map(|to| staging.join(to)).filter(|to| !to.exists()) else { continue };
        let mut copy = layout::create_private(&to)?;
        io::copy(&mut File::open(from)?, &mut copy)?;
        copy.sync_all()?;
    }
    layout::sync_folder(&blobs)
}

/// A ledger that is being written. Its last line says that all before it are on disk for certain, so that damage among
/// them is never taken for a torn tail.
struct Ledger {
    file: File,
    /// Lines that are not written yet.
    bytes: Vec<u8>,
    sum: Sum,
    /// The last event, as long as nobody knows whether it is.
    last: Option<Event>,
}

impl Ledger {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: layout::create_private(path)?, bytes: Vec::new(), sum: line::START, last: None })
    }

    fn take(&mut self, event: Event) -> io::Result<()> {
        if let Some(before) = self.last.replace(event) {
            self.write(&before, None)?;
        }
        if self.bytes.len() >= WRITE_BYTES {
            self.file.write_all(&self.bytes)?;
            self.bytes.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        if let Some(last) = self.last.take() {
            let req = Req { id: id::unique(), op: Default::default(), synced: last.seq - 1, with: None };
            self.write(&last, Some(&req))?;
        }
        self.file.write_all(&self.bytes)?;
        self.file.sync_all()
    }

    fn write(&mut self, event: &Event, req: Option<&Req>) -> io::Result<()> {
        self.sum = line::write(&mut self.bytes, event, req, false, &self.sum).map_err(io::Error::other)?;
        Ok(())
    }
}

fn sha256(path: &Path) -> Result<String, ImportError> {
    File::open(path).and_then(id::digest_of).map_err(|error| ImportError::io("read", path, error))
}
