//! Puts converted groups into a home: whole or not at all.
//!
//! A group's folder is made under another name, synced, and renamed. The next start of ledgerd finds a folder that the
//! home does not know and takes it in, as it does with one out of a backup.

use super::ImportError;
use super::convert::Converted;
use super::old;
use crate::decision::Secret;
use crate::store::layout::{self, Layout};
use crate::store::line::{self, Req};
use crate::store::secret;
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

/// Puts a group in its place.
///
/// # Errors
///
/// The system's word. The group is not there then; what was made for it goes with the next attempt.
pub fn place(
    layout: &Layout,
    old: &old::Group,
    converted: &Converted,
    kept: &BTreeMap<String, String>,
) -> Result<(), ImportError> {
    let staging = layout.groups().join(format!(".import-{}", old.id));
    make(layout, &staging, old, converted, kept).map_err(|error| ImportError::io("write", &staging, error))?;
    for (actor_id, version) in &converted.secrets {
        let (ledger, version, variables) = (old.id.clone(), version.clone(), old.secrets[actor_id].clone());
        secret::store(layout, &Secret { ledger, version, variables })?;
    }
    let target = layout.folder(&old.id);
    let moved = fs::rename(&staging, &target).and_then(|()| layout::sync_folder(&layout.groups()));
    moved.map_err(|error| ImportError::io("make", &target, error))
}

fn make(
    layout: &Layout,
    staging: &Path,
    old: &old::Group,
    converted: &Converted,
    kept: &BTreeMap<String, String>,
) -> io::Result<()> {
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
    layout::sync_folder(&blobs)?;
    let mut file = layout::create_private(&staging.join("ledger.jsonl"))?;
    write_lines(&mut file, &converted.events)?;
    file.sync_all()?;
    layout::sync_folder(staging)
}

/// The lines of a ledger. The last one says that all before it are on disk for certain, so that damage among them is
/// never taken for a torn tail.
fn write_lines(file: &mut File, events: &[Event]) -> io::Result<()> {
    let (mut bytes, mut sum) = (Vec::new(), line::START);
    for event in events {
        let is_last = event.seq == events.len() as u64;
        let req = is_last.then(|| Req { id: id::unique(), op: Default::default(), synced: event.seq - 1, with: None });
        sum = line::write(&mut bytes, event, req.as_ref(), false, &sum).map_err(io::Error::other)?;
        if bytes.len() >= WRITE_BYTES || is_last {
            file.write_all(&bytes)?;
            bytes.clear();
        }
    }
    Ok(())
}

fn sha256(path: &Path) -> Result<String, ImportError> {
    File::open(path).and_then(id::digest_of).map_err(|error| ImportError::io("read", path, error))
}
