//! The readline settings of agents: a shell that switches bracketed paste on is still no program that waits for
//! messages.

use bus::atomic_file::{Durability, replace};
use bus::home::Home;
use bus::plain;
use std::io;
use std::path::PathBuf;

/// The user's own settings first, then ours.
const TEXT: &str = "$include /etc/inputrc\n$include ~/.inputrc\nset enable-bracketed-paste off\n";

/// Writes the file and says where it is. Once at the start of ptyd.
///
/// # Errors
///
/// It cannot be written.
pub fn write(home: &Home) -> io::Result<PathBuf> {
    let path = home.run().join("inputrc");
    if plain::read(&path, TEXT.len() as u64).is_ok_and(|text| text == TEXT.as_bytes()) {
        return Ok(path);
    }
    // Programs read it at any moment.
    replace(&path, TEXT.as_bytes(), Durability::WhileRunning)?;
    Ok(path)
}
