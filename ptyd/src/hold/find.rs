//! Finding the sessions of a home again, also those whose holders are gone.

use crate::hold::descendants::{Descendants, can_look};
use crate::hold::document::{Exit, Meta};
use crate::hold::error::HoldError;
use crate::hold::folder::Folder;
use crate::hold::process::{self, ProcessMark};
use bus::home::Home;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// How old a folder without a meta must be to be taken for a start that failed.
const UNFINISHED_AFTER: Duration = Duration::from_secs(120);

/// A session that was started once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub folder: Folder,
    /// What it is.
    pub meta: Meta,
    /// What became of it.
    pub state: State,
}

/// How long is waited, after a holder was lost, until what was left is gone.
pub const LEFTOVERS_WITHIN: Duration = Duration::from_secs(2);

/// How often is looked whether it is gone.
const LEFTOVER_LOOK_EVERY: Duration = Duration::from_millis(5);

/// How many looks, one after another, must find nobody: one that puts up another and ends may be in none.
const QUIET_LOOKS: u32 = 3;

/// What became of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Its holder lives and has not said that the agent ended: connect.
    Held,
    /// The agent has ended, and it is known how.
    Exited {
        /// How.
        exit: Exit,
        /// Whether the holder is still there to be asked for the last output; otherwise the log has it.
        holder_lives: bool,
    },
    /// The holder is gone and never said how the agent ended: killed, or the machine was restarted. The kernel
    /// has hung up on the agent, which may have ignored that: [`Found::end_leftovers`].
    Lost,
}

/// All sessions of a home, in the order of their ids (oldest first). Reads small files only; blocks for a moment.
///
/// # Errors
///
/// The folder of the sessions cannot be read. A session whose files cannot be read is left out, with a line in the log.
pub fn find(home: &Home) -> Result<Vec<Found>, HoldError> {
    find_those(home, |_| true)
}

/// Those sessions that are wanted. What became of the others is not looked at, which is most of the work: whoever is
/// there for one actor asks among the sessions of all.
///
/// # Errors
///
/// As [`find`].
pub fn find_those(home: &Home, is_wanted: impl Fn(&Meta) -> bool) -> Result<Vec<Found>, HoldError> {
    let mut found = Vec::new();
    for folder in folders(home)? {
        match look(&folder, &is_wanted) {
            Ok(Some(session)) => found.push(session),
            Ok(None) => {}
            Err(error) => tracing::warn!(folder = %folder.path().display(), %error, "a session cannot be read"),
        }
    }
    found.sort_by(|a, b| a.meta.session_id.cmp(&b.meta.session_id));
    Ok(found)
}

/// Removes what starts that failed halfway have left behind. For the start of ptyd.
///
/// # Errors
///
/// The folder of the sessions cannot be read, or something in it cannot be removed.
pub fn sweep(home: &Home) -> Result<(), HoldError> {
    for folder in folders(home)? {
        let path = folder.path();
        let io = |action, source| HoldError::Io { action, path: path.to_path_buf(), source };
        let age = match fs::metadata(path).and_then(|data| data.modified()) {
            // A clock that was set back makes it look new, which is the careful mistake.
            Ok(modified) => modified.elapsed().unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(io("look at", source)),
        };
        let has_meta = path.join("meta.json").exists();
        if !has_meta && age > UNFINISHED_AFTER && !is_listened_to(&folder) {
            folder.remove().map_err(|source| io("remove", source))?;
        }
    }
    Ok(())
}

fn folders(home: &Home) -> Result<Vec<Folder>, HoldError> {
    let path = home.pty();
    let io = |source| HoldError::Io { action: "read", path: path.clone(), source };
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(io(source)),
    };
    entries.map(|entry| Ok(Folder::at(entry.map_err(io)?.path()))).collect()
}

fn look(folder: &Folder, is_wanted: impl Fn(&Meta) -> bool) -> io::Result<Option<Found>> {
    let Some(meta) = folder.meta()?.filter(is_wanted) else { return Ok(None) };
    // The holder before the exit: one that ends in between has written it.
    let holder_lives = is_here(&meta, meta.holder);
    let state = judge(holder_lives, folder.exit()?);
    Ok(Some(Found { folder: folder.clone(), meta, state }))
}

fn judge(holder_lives: bool, exit: Option<Exit>) -> State {
    match (holder_lives, exit) {
        (_, Some(exit)) => State::Exited { exit, holder_lives },
        (true, None) => State::Held,
        (false, None) => State::Lost,
    }
}

/// A mark is good for one boot only: afterwards the numbers and the ticks begin again.
fn is_here(meta: &Meta, mark: ProcessMark) -> bool {
    meta.boot_id == process::boot_id() && mark.is_alive()
}

fn is_listened_to(folder: &Folder) -> bool {
    std::os::unix::net::UnixStream::connect(folder.socket()).is_ok()
}

impl Found {
    /// Whether the agent itself still runs.
    pub fn agent_lives(&self) -> bool {
        is_here(&self.meta, self.meta.agent)
    }

    /// Kills what is left of the agent after its holder was lost, wherever it has gone: see
    /// [`descendants`](crate::hold::descendants). Returns how many processes that were; with 0 there was nobody left.
    /// Blocks until they are gone, [`LEFTOVERS_WITHIN`] at most.
    ///
    /// # Errors
    ///
    /// A process may not be killed, or does not go. The others were killed.
    pub fn end_leftovers(&self) -> Result<usize, HoldError> {
        if self.meta.boot_id != process::boot_id() {
            return Ok(0);
        }
        let failed = |source| {
            let path = self.folder.path().to_path_buf();
            HoldError::Io { action: "end what is left of", path, source }
        };
        let descendants = self.descendants();
        let until = Instant::now() + LEFTOVERS_WITHIN;
        let mut ended = BTreeSet::new();
        let mut quiet_looks = 0;
        loop {
            let killed = descendants.kill();
            if let Some((_, errno)) = killed.refused {
                return Err(failed(errno.into()));
            }
            quiet_looks = if killed.found.is_empty() { quiet_looks + 1 } else { 0 };
            if quiet_looks == QUIET_LOOKS {
                break;
            }
            ended.extend(killed.found);
            if Instant::now() >= until {
                return Err(failed(io::ErrorKind::TimedOut.into()));
            }
            thread::sleep(LEFTOVER_LOOK_EVERY);
        }
        // Where nobody can be looked for there is still the leader.
        if !can_look() && self.agent_lives() && kill(Pid::from_raw(self.meta.agent.pid as i32), Signal::SIGKILL).is_ok()
        {
            ended.insert(self.meta.agent);
        }
        Ok(ended.len())
    }

    /// Where the processes of the session are looked for from outside.
    fn descendants(&self) -> Descendants {
        let Meta { session_id, agent, holder, .. } = &self.meta;
        // While anybody is in the session, its number is given to no new process. A leader with another age
        // therefore means that the session is over and this is a stranger's.
        let is_strangers = process::stat(agent.pid).is_some_and(|stat| stat.start_ticks != agent.start_ticks);
        let holder_lives = is_here(&self.meta, *holder);
        Descendants::new(session_id, (!is_strangers).then_some(agent.pid), holder_lives.then_some(holder.pid))
    }

    /// Removes the folder of a session that nobody holds any more. One that is held is asked to
    /// [`forget`](crate::hold::Session::forget) instead.
    ///
    /// # Errors
    ///
    /// Something is still there.
    pub fn remove(&self) -> Result<(), HoldError> {
        let path = self.folder.path().to_path_buf();
        self.folder.remove().map_err(|source| HoldError::Io { action: "remove", path, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_without_a_holder_is_lost_unless_its_end_is_known() {
        let exit = Exit { code: Some(0), signal: None, ended_us: 1, total_bytes: 2, asked: false };
        let exited = |holder_lives| State::Exited { exit: exit.clone(), holder_lives };
        #[rustfmt::skip]
        let cases = [
            // holder lives   exit                  state
            (true,            None,                 State::Held),
            (true,            Some(exit.clone()),   exited(true)),
            (false,           Some(exit.clone()),   exited(false)),
            (false,           None,                 State::Lost),
        ];
        for (holder_lives, exit, wanted) in cases {
            assert_eq!(judge(holder_lives, exit), wanted);
        }
    }

    #[test]
    fn a_mark_of_another_boot_is_nobody() {
        let own = ProcessMark::of(std::process::id());
        let meta = |boot_id: &str| Meta {
            protocol: 1,
            session_id: "0".repeat(32),
            group_id: String::new(),
            actor_id: String::new(),
            generation: 1,
            command: vec!["sh".to_owned()],
            directory: "/".to_owned(),
            holder: own,
            agent: own,
            boot_id: boot_id.to_owned(),
            started_us: 0,
            cols: 80,
            rows: 24,
            log_bytes_max: 65_536,
        };
        assert!(is_here(&meta(process::boot_id()), own));
        assert!(!is_here(&meta("another"), own));
    }
}
