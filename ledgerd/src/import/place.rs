//! Puts converted groups into a home: whole or not at all.
//!
//! A group's folder is made under another name, synced, and renamed. The next start of ledgerd finds a folder that the
//! home does not know and takes it in, as it does with one out of a backup.

use super::convert::{Converted, convert};
use super::{ImportError, file, old};
use crate::decision::Secret;
use crate::store::disk;
use crate::store::layout::{self, Layout};
use crate::store::line::{self, Req, Sum};
use crate::store::{StoreError, secret};
use bus::contract::time::Micros;
use bus::contract::{Event, id, limit};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Where stored files lie in a group's folder.
const BLOBS: &str = "state/blobs";

/// Bytes of lines that are collected before they are written.
const WRITE_BYTES: usize = 1 << 20;

/// Where stored files are kept from now on, below the group's folder, by where they were. Long texts lay in a folder
/// of their own and were named after their message; ours are all named after their content.
///
/// # Errors
///
/// A file cannot be read.
pub fn kept_as(root: &Path, files: &[old::Stored]) -> Result<BTreeMap<String, String>, ImportError> {
    let mut kept = BTreeMap::new();
    for old::Stored { path, below, .. } in files {
        let name = below.rsplit('/').next().unwrap_or_default();
        let name = match below.starts_with("state/blobs/") {
            true => name.to_owned(),
            false => {
                let digest = id::digest_of(open(root, path)?);
                format!("{}_{name}", digest.map_err(|error| ImportError::io("read", path, error))?)
            }
        };
        if layout::is_file_name(&name) {
            kept.insert(below.clone(), format!("state/blobs/{name}"));
        }
    }
    Ok(kept)
}

fn open(root: &Path, path: &Path) -> Result<File, ImportError> {
    let gone = || ImportError::Unreadable { path: path.to_path_buf(), why: "it has gone".into() };
    file::open(root, path, limit::BLOB_BYTES_MAX as u64)?.map(|(file, _)| file).ok_or_else(gone)
}

/// Says what would keep [`place`] from doing its work, and does nothing.
///
/// # Errors
///
/// Something is in the way, the home cannot be written, or has too little room.
pub fn check(layout: &Layout, old: &old::Group) -> Result<(), ImportError> {
    let staging = layout.groups().join(format!(".import-{}", old.id));
    if staging.symlink_metadata().is_ok_and(|data| !data.is_dir()) {
        return Err(ImportError::io("write", &staging, io::ErrorKind::NotADirectory.into()));
    }
    let groups = layout.groups();
    let above = groups.ancestors().find(|above| above.exists()).unwrap_or(Path::new("/"));
    let fail = |errno: nix::Error| ImportError::io("write", above, errno.into());
    if !above.is_dir() {
        return Err(ImportError::io("write", above, io::ErrorKind::NotADirectory.into()));
    }
    access(above, AccessFlags::W_OK | AccessFlags::X_OK).map_err(fail)?;
    let stat = statvfs(above).map_err(fail)?;
    let free = stat.blocks_available() as u64 * stat.fragment_size() as u64;
    let needed = old.ledger.bytes() + old.files.iter().map(|stored| stored.bytes).sum::<u64>();
    if needed > free {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        return Err(StoreError::NoSpace { path: above.to_path_buf(), source }.into());
    }
    Ok(())
}

/// Converts a group of the home at `root` and puts it in its place.
///
/// # Errors
///
/// The older ledger cannot be read, or the system's word. The group is not there then; what was made for it goes with
/// the next attempt.
pub fn place(
    root: &Path,
    layout: &Layout,
    old: &old::Group,
    kept: &BTreeMap<String, String>,
    now: Micros,
) -> Result<Converted, ImportError> {
    let staging = layout.groups().join(format!(".import-{}", old.id));
    let failed = |error| ImportError::io("write", &staging, error);
    make(layout, &staging).map_err(failed)?;
    copy(root, &staging, old, kept)?;
    let mut ledger = Ledger::create(&staging.join("ledger.jsonl")).map_err(failed)?;
    let converted = convert(old, kept, now, &mut |event| ledger.take(event.clone()).map_err(failed))?;
    ledger.finish().and_then(|()| disk::sync_folder(&staging)).map_err(failed)?;
    for (actor_id, version) in &converted.secrets {
        let (ledger, version, variables) = (old.id.clone(), version.clone(), old.secrets[actor_id].clone());
        secret::store(layout, &Secret { ledger, version, variables })?;
    }
    let target = layout.folder(&old.id);
    let moved = disk::rename(&staging, &target).and_then(|()| disk::sync_folder(&layout.groups()));
    moved.map_err(|error| ImportError::io("make", &target, error))?;
    Ok(converted)
}

/// Makes a group's folder.
fn make(layout: &Layout, staging: &Path) -> io::Result<()> {
    match disk::remove_folder(staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    layout::make_folder(&layout.groups())?;
    layout::make_folder(&staging.join(BLOBS))
}

/// Copies a group's stored files.
fn copy(root: &Path, staging: &Path, old: &old::Group, kept: &BTreeMap<String, String>) -> Result<(), ImportError> {
    for stored in &old.files {
        let Some(to) = kept.get(&stored.below).map(|to| staging.join(to)).filter(|to| !to.exists()) else { continue };
        let from = open(root, &stored.path)?;
        // It may grow while it is read.
        let copied = disk::create_private(&to).and_then(|copy| {
            disk::copy(&mut from.take(limit::BLOB_BYTES_MAX as u64), &copy)?;
            disk::sync(&copy)
        });
        copied.map_err(|error| ImportError::io("write", &to, error))?;
    }
    let blobs = staging.join(BLOBS);
    disk::sync_folder(&blobs).map_err(|error| ImportError::io("sync", &blobs, error))
}

/// A ledger that is being written. Its last line says that all before it are on disk for certain, so that damage among
/// them is never taken for a torn tail.
struct Ledger {
    file: File,
    /// Bytes of lines that are.
    written: u64,
    /// Lines that are not written yet.
    bytes: Vec<u8>,
    sum: Sum,
    /// The last event, as long as nobody knows whether it is.
    last: Option<Event>,
}

impl Ledger {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: disk::create_private(path)?, written: 0, bytes: Vec::new(), sum: line::START, last: None })
    }

    fn take(&mut self, event: Event) -> io::Result<()> {
        if let Some(before) = self.last.replace(event) {
            self.write(&before, None)?;
        }
        if self.bytes.len() >= WRITE_BYTES {
            self.put()?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        if let Some(last) = self.last.take() {
            let req = Req { id: id::unique(), op: Default::default(), synced: last.seq - 1, with: None };
            self.write(&last, Some(&req))?;
        }
        self.put()?;
        disk::sync(&self.file)
    }

    fn put(&mut self) -> io::Result<()> {
        disk::write_at(&self.file, &self.bytes, self.written)?;
        self.written += self.bytes.len() as u64;
        self.bytes.clear();
        Ok(())
    }

    fn write(&mut self, event: &Event, req: Option<&Req>) -> io::Result<()> {
        self.sum = line::write(&mut self.bytes, event, req, false, &self.sum).map_err(io::Error::other)?;
        Ok(())
    }
}
