//! Agents that go on although nothing of ours runs that knows them: their holders outlive a supervisor that was killed.
//!
//! They are found by what each holder has written about itself, `run/pty/<session>/meta.json`, and are ended by telling it
//! to end, as the system would: it ends its agent first, and writes down how.

use bus::home::Home;
use bus::process::ProcessMark;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// Largest description that is read.
const META_BYTES_MAX: u64 = 1024 * 1024;

/// How long they may take to end: a holder gives its agent five seconds before it kills.
const END_WITHIN: Duration = Duration::from_secs(15);

/// How often is looked whether they have ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// One agent that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Its group.
    pub group_id: String,
    /// Its id there.
    pub actor_id: String,
    /// The agent.
    pub agent: ProcessMark,
    /// What holds its terminal.
    pub holder: ProcessMark,
}

/// The agents of a home whose holders live.
pub fn agents(home: &Home) -> Vec<Left> {
    // A folder that was never made has none.
    let sessions = fs::read_dir(home.pty()).into_iter().flatten().flatten();
    let read = |entry: fs::DirEntry| {
        let path = entry.path().join("meta.json");
        serde_json::from_slice::<Left>(&bus::plain::read(&path, META_BYTES_MAX).ok()?).ok()
    };
    let mut left: Vec<Left> = sessions.filter_map(read).collect();
    left.retain(|left| left.holder.is_alive() && left.agent.is_alive());
    left.sort_by(|a, b| (&a.group_id, &a.actor_id).cmp(&(&b.group_id, &b.actor_id)));
    left
}

/// Ends them, gracefully at first. Returns those that have not ended in time.
pub fn end(left: &[Left]) -> Vec<Left> {
    for one in left.iter().filter(|one| one.holder.is_alive()) {
        // Whoever has ended by itself meanwhile is what was wanted.
        let _ = kill(Pid::from_raw(one.holder.pid.cast_signed()), Signal::SIGTERM);
    }
    let deadline = Instant::now() + END_WITHIN;
    let lives = |one: &&Left| one.agent.is_alive() || one.holder.is_alive();
    while left.iter().any(|one| lives(&one)) && Instant::now() < deadline {
        thread::sleep(LOOK_EVERY);
    }
    left.iter().filter(lives).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    #[test]
    fn only_agents_that_live_are_left() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(Path::new(folder.path()))).unwrap();
        home.make().unwrap();
        let own = ProcessMark::of(std::process::id());
        let gone = ProcessMark { start_ticks: own.start_ticks + 1, ..own };
        for (name, agent, holder) in [("a", own, own), ("b", gone, own), ("c", own, gone)] {
            let session = home.pty().join(name);
            fs::create_dir_all(&session).unwrap();
            let meta = json!({"group_id": "g_1", "actor_id": name, "agent": agent, "holder": holder, "more": 1});
            fs::write(session.join("meta.json"), meta.to_string()).unwrap();
        }
        fs::create_dir_all(home.pty().join("torn")).unwrap();
        fs::write(home.pty().join("torn/meta.json"), "{").unwrap();
        let left = agents(&home);
        assert_eq!(left.iter().map(|left| left.actor_id.as_str()).collect::<Vec<_>>(), ["a"]);
    }
}
