//! Waiting for holders whose folders were removed under them: each makes its own again, and is found then.
//!
//! Whoever does not wait takes their agents for ended and starts others beside them. So nothing is started, ended or typed
//! meanwhile; requests that look at terminals wait too, or are refused when they cannot; the end is heard.

mod latch;
mod search;

pub use latch::Latch;
pub use search::{Holder, Search};

use bus::contract::{Code, OpError};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What ptyd says of itself meanwhile.
pub const WAITING: &str = "waiting for terminals whose folders were removed; until then nothing is typed or started";

/// How long they are waited for. One that is not told by the system looks for its socket once a minute.
pub const PATIENCE: Duration = Duration::from_secs(70);

/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// Said to whoever asks for a terminal while the sessions that run are not known.
pub fn unknown_yet() -> OpError {
    let sentence = format!("ptyd is {WAITING}; nothing was done, ask again in a minute");
    OpError::new(Code::DaemonUnavailable, sentence).with("process", "ptyd")
}

/// Waits until every holder of a home that lives has a folder in which it is found, and a socket; not for ever. Says who
/// cannot be found even then: their agents go on, and others may be started beside them.
pub async fn wait(search: &Search, mut displaced: Vec<Holder>, patience: Duration) -> Vec<Holder> {
    let until = Instant::now() + patience;
    if let Some(holder) = displaced.first() {
        let (folder, count) = (holder.folder.display(), displaced.len());
        tracing::warn!(%folder, count, "waiting for terminals whose folders were removed or are being made");
    }
    loop {
        while !displaced.is_empty() && Instant::now() < until {
            sleep(LOOK_PAUSE).await;
            displaced = search.still_displaced(displaced).await;
        }
        // Others may have lost theirs meanwhile.
        displaced = search.displaced().await;
        let Some(holder) = displaced.first() else { return displaced };
        if Instant::now() >= until {
            let (folder, count) = (holder.folder.display(), displaced.len());
            tracing::error!(%folder, count, "terminals go on that cannot be found: their folders were removed");
            return displaced;
        }
    }
}

/// What ptyd says of those that cannot be found; nothing when there are none.
pub fn trouble(lost: &[Holder]) -> Option<String> {
    let pids: Vec<_> = lost.iter().map(|holder| holder.pid.to_string()).collect();
    let what = match pids.len() {
        0 => return None,
        1 => "1 terminal runs that cannot be found, as its folder was removed".to_owned(),
        count => format!("{count} terminals run that cannot be found, as their folders were removed"),
    };
    Some(format!("{what}: ptyhold {}; their agents may run twice until everything is stopped", pids.join(", ")))
}

/// Ends the sessions of a home that are not found, agents first, and waits until nobody of them is left. What became of
/// them is not on record: they are started again with everything else. Who may be another home's is left alone.
pub async fn end_lost(search: &Search) {
    end(search, search.displaced().await).await;
}

/// Like [`end_lost`], whether they are found or not.
pub async fn end_all(search: &Search) {
    end(search, search.holders().await).await;
}

async fn end(search: &Search, mut holders: Vec<Holder>) {
    holders.retain(|holder| holder.is_surely_ours);
    for holder in &holders {
        match kill(holder.pid, Signal::SIGTERM) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => tracing::warn!(pid = holder.pid.as_raw(), %error, "a terminal cannot be told to end"),
        }
    }
    while !holders.is_empty() {
        sleep(LOOK_PAUSE).await;
        holders = search.still_alive(holders).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::home::Home;
    use std::fs;

    /// A holder whose folder never comes back.
    fn lost_holder(home: &Home) -> std::process::Child {
        use std::os::unix::process::CommandExt;
        let folder = home.pty().join("0".repeat(32));
        // It removes its own words, and reads for ever.
        fs::create_dir_all(home.pty()).unwrap();
        fs::write(&folder, "rm \"$0\"\nread word\n").unwrap();
        let mut command = std::process::Command::new("/bin/sh");
        let holder = command.arg0("/usr/libexec/ptyhold").arg(&folder).stdin(std::process::Stdio::piped()).spawn();
        while folder.exists() {
            std::thread::yield_now();
        }
        holder.unwrap()
    }

    #[tokio::test]
    async fn who_cannot_be_found_is_named_and_ended_with_everything() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        let search = Search::of(&home);
        let mut holder = lost_holder(&home);
        let lost = wait(&search, search.displaced().await, Duration::ZERO).await;
        let said = trouble(&lost).unwrap();
        assert!(said.contains(&format!("ptyhold {};", holder.id())), "{said}");
        // Whoever has ended has no words, also before it is buried.
        end_lost(&search).await;
        assert!(holder.wait().unwrap().code().is_none(), "it was told to end");
        assert_eq!(trouble(&wait(&search, Vec::new(), PATIENCE).await), None);
    }

    #[tokio::test]
    async fn the_holders_of_a_home_that_took_the_place_of_ours_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("home");
        fs::create_dir(&root).unwrap();
        let home = Home::find(Some(&root)).unwrap();
        let search = Search::of(&home);
        fs::rename(&root, folder.path().join("old")).unwrap();
        fs::create_dir(&root).unwrap();
        let mut theirs = lost_holder(&home);
        assert!(search.holders().await.is_empty());
        end_all(&search).await;
        assert_eq!(theirs.try_wait().unwrap(), None, "it lives");
        assert_eq!(Search::of(&home).displaced().await.len(), 1, "it is theirs");
        theirs.kill().unwrap();
        theirs.wait().unwrap();
    }
}
