//! `holder.log`: what went wrong in a holder. It has nobody else to tell, and usually there is nothing.

use super::now_us;
use crate::hold::folder::Folder;
use std::io::Write;

/// Bytes after which a holder complains no more.
const TROUBLE_BYTES_MAX: u64 = 64 * 1024;

/// Notes a trouble, with the time in microseconds since 1970, as everywhere in the folder. When even that fails (the
/// disk is full, which may be the trouble) nobody can be told.
pub fn note(folder: &Folder, what: &str) {
    let Ok(mut file) = folder.open_trouble_log() else { return };
    if file.metadata().is_ok_and(|data| data.len() < TROUBLE_BYTES_MAX) {
        // As above: there is nobody to be told.
        drop(file.write_all(format!("{} {what}\n", now_us()).as_bytes()));
    }
}

/// Lets a panic be noted before it ends the process.
pub fn note_panics(folder: &Folder) {
    let folder = folder.clone();
    std::panic::set_hook(Box::new(move |panic| note(&folder, &panic.to_string())));
}
