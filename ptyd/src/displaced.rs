//! Waiting for holders whose folders were removed under them: each makes its own again, and is found then.
//!
//! Whoever does not wait takes their agents for ended and starts others beside them.

use bus::home::Home;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// How long they are waited for. One that is not told by the system looks for its socket once a minute.
const PATIENCE: Duration = Duration::from_secs(70);

/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// The holders' program.
const HOLDER: &str = "ptyhold";

/// Waits until every holder of a home that lives has a folder in which it is found, and a socket. Blocks; where all is
/// well, for one look.
pub fn wait(home: &Home) {
    let until = Instant::now() + PATIENCE;
    let mut is_told = false;
    loop {
        let displaced: Vec<PathBuf> = folders_of_holders(&home.pty()).into_iter().filter(|f| !is_whole(f)).collect();
        let Some(folder) = displaced.first() else { return };
        let (folder, count) = (folder.display(), displaced.len());
        if Instant::now() >= until {
            tracing::error!(%folder, count, "terminals go on that cannot be found: their folders were removed");
            return;
        }
        if !is_told {
            tracing::warn!(%folder, count, "waiting for terminals whose folders were removed or are being made");
            is_told = true;
        }
        thread::sleep(LOOK_PAUSE);
    }
}

fn is_whole(folder: &Path) -> bool {
    ["meta.json", "sock"].iter().all(|name| folder.join(name).exists())
        // One that has ended takes its socket away, or leaves it to nobody.
        || folder.join("exit.json").exists()
}

/// The folders that live holders of sessions below `pty` were started with.
fn folders_of_holders(pty: &Path) -> Vec<PathBuf> {
    // Without a /proc nobody can be found, and nobody is waited for.
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_process = |name: &std::ffi::OsStr| name.as_bytes().iter().all(u8::is_ascii_digit);
    let processes = entries.filter(|entry| is_process(&entry.file_name()));
    // One that has ended meanwhile has no words.
    let words = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    words.filter_map(|words| folder_of(&words, pty)).collect()
}

/// The folder in the words of a holder of sessions below `pty`; nothing for any other process.
fn folder_of(words: &[u8], pty: &Path) -> Option<PathBuf> {
    let mut words = words.split(|byte| *byte == 0).map(|word| Path::new(std::ffi::OsStr::from_bytes(word)));
    let (program, folder) = (words.next()?, words.next()?);
    let is_it = program.file_name().is_some_and(|name| name == HOLDER) && folder.parent() == Some(pty);
    is_it.then(|| folder.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_holders_of_this_home_are_waited_for() {
        let pty = Path::new("/h/run/pty");
        #[rustfmt::skip]
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"/usr/libexec/ptyhold\0/h/run/pty/01\0",  Some("/h/run/pty/01")),
            (b"ptyhold\0/h/run/pty/01\0more\0",         Some("/h/run/pty/01")),
            (b"/usr/libexec/ptyhold\0/g/run/pty/01\0",  None),
            (b"/usr/libexec/ptyhold\0/h/run/pty\0",     None),
            (b"/usr/libexec/ptyhold\0",                 None),
            (b"vi\0/h/run/pty/01\0",                    None),
            (b"",                                       None),
        ];
        for (words, wanted) in cases {
            let found = folder_of(words, pty);
            assert_eq!(found.as_deref(), wanted.map(Path::new), "{}", String::from_utf8_lossy(words));
        }
    }
}
