//! The processes of a session: everything an agent has started, wherever it has gone since.
//!
//! A process belongs to a session when it is in the session of its terminal, when its environment names the session
//! ([`SESSION_VARIABLE`]), or when it descends from one that does, or from the holder, to whom the system gives whoever
//! has lost its parent. Descent alone is not enough for one that stands on its own: it leads a session of its own and
//! was started without the variable, as the supervisor is that an agent starts in the background. Such a process is
//! nobody's, and neither is what it has started. A process that names another session is that one's.
//!
//! From `/proc`; where there is none, nobody is found.

use crate::hold::process::{self, ProcessMark, Stat, pids, stat};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::thread;
use std::time::Duration;

pub use bus::daemon::environment::SESSION_VARIABLE;

/// How often is looked for processes that were started while the others were being stopped, before all that were found
/// are killed. One that is still missed is found by the next call.
const STOP_LOOKS_MAX: usize = 8;

/// How often is looked at a process that is becoming another program, until its environment can be seen.
const BECOMING_LOOKS_MAX: usize = 20;

/// Pause between two of those looks.
const BECOMING_PAUSE: Duration = Duration::from_micros(250);

/// Where the processes of a session are looked for.
#[derive(Debug, Clone)]
pub struct Descendants {
    session_id: String,
    /// The session of the terminal, as long as its number is given to no other.
    terminal: Option<i32>,
    /// The holder, while it lives.
    holder: Option<i32>,
}

/// A process of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descendant {
    /// Which one.
    pub mark: ProcessMark,
    /// Its process group.
    pub group: i32,
    is_in_terminal: bool,
    /// Only descent says that it is the session's.
    is_by_descent: bool,
}

/// Who was seen in one look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Whose end is to be brought about.
    pub living: Vec<Descendant>,
    /// Who has ended and is to be reaped by the holder. One that was there when the look began and has put up another
    /// one since is here: as long as anybody is, nobody in `living` does not mean that nobody lives.
    pub ended: Vec<u32>,
}

/// What became of an attempt to kill all.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Killed {
    /// Who was there; they may take a moment to be gone.
    pub found: BTreeSet<ProcessMark>,
    /// One that may not be killed, and why.
    pub refused: Option<(u32, Errno)>,
}

/// Which session an environment names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    This,
    Another,
    None,
    /// It cannot be read: the program runs as another user, or hides its memory.
    Unknown,
}

/// A process that may be one of the session.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    pid: i32,
    stat: Stat,
    named: Named,
}

impl Descendants {
    /// Looks for the processes of a session: in the session of its terminal (which is called after its leader), in
    /// environments, and below its holder.
    pub fn new(session_id: &str, terminal: Option<u32>, holder: Option<u32>) -> Self {
        let number = |pid| i32::try_from(pid).ok();
        Self { session_id: session_id.to_owned(), terminal: terminal.and_then(number), holder: holder.and_then(number) }
    }

    /// Everybody there is now, without the caller. Reads all of `/proc` once.
    pub fn look(&self) -> Look {
        let mut ended = Vec::new();
        let mut seen = Vec::new();
        for pid in pids() {
            let Some(stat) = stat(pid) else { continue };
            if stat.is_alive() {
                seen.push(Candidate { pid: pid as i32, stat, named: self.named_by(pid) });
            } else if Some(stat.parent) == self.holder {
                ended.push(pid);
            }
        }
        let own = std::process::id();
        let mut living = choose(seen, self.terminal, self.holder);
        living.retain(|descendant| descendant.mark.pid != own);
        Look { living, ended }
    }

    /// Sends a signal to one that was found, unless it is gone, or has become somebody else's since. Returns whether it
    /// was sent.
    ///
    /// # Errors
    ///
    /// The system does not allow it.
    pub fn signal(&self, to: &Descendant, signal: Signal) -> nix::Result<bool> {
        if !self.still_has(to) {
            return Ok(false);
        }
        match kill(Pid::from_raw(to.mark.pid as i32), signal) {
            Ok(()) => Ok(true),
            Err(Errno::ESRCH) => Ok(false),
            Err(errno) => Err(errno),
        }
    }

    /// Kills everybody. They are stopped first, so that none of them can replace another that is killed before it.
    /// Does not wait until they are gone: call again until nobody is found.
    pub fn kill(&self) -> Killed {
        let mut killed = Killed::default();
        let mut stopped = Vec::new();
        for _ in 0..STOP_LOOKS_MAX {
            let mut new = self.look().living;
            new.retain(|descendant| killed.found.insert(descendant.mark));
            if new.is_empty() {
                break;
            }
            for descendant in &new {
                // Whoever may not be stopped may not be killed either, which is told below.
                let _ = self.signal(descendant, Signal::SIGSTOP);
            }
            stopped.extend(new);
        }
        for descendant in &stopped {
            if let Err(errno) = self.signal(descendant, Signal::SIGKILL) {
                killed.refused = Some((descendant.mark.pid, errno));
            }
        }
        killed
    }

    /// The number may have been given to another process, and a process may have become another program: what was true
    /// when it was found is looked at again.
    fn still_has(&self, descendant: &Descendant) -> bool {
        let pid = descendant.mark.pid;
        let Some(stat) = stat(pid).filter(|stat| stat.start_ticks == descendant.mark.start_ticks) else { return false };
        if descendant.is_in_terminal && Some(stat.session) == self.terminal {
            return true;
        }
        let leads = stat.session == pid as i32;
        match self.named_by(pid) {
            Named::This => true,
            Named::Another => false,
            Named::None => descendant.is_by_descent && !leads,
            Named::Unknown => descendant.is_by_descent,
        }
    }

    fn named_by(&self, pid: u32) -> Named {
        for _ in 0..BECOMING_LOOKS_MAX {
            match fs::read(format!("/proc/{pid}/environ")) {
                // That of a program that was started without any, or is just being started.
                Ok(environment) if environment.is_empty() && stat(pid).is_some_and(|stat| stat.is_becoming) => {
                    thread::sleep(BECOMING_PAUSE);
                }
                Ok(environment) => return named_in(&environment, &self.session_id),
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Named::Unknown,
                // It is gone.
                Err(_) => return Named::None,
            }
        }
        Named::None
    }
}

/// Reads an environment as the system shows it: `NAME=value`, each ended by a zero byte. A program that was started
/// with the variable twice is this session's when one of them says so.
fn named_in(environment: &[u8], session_id: &str) -> Named {
    let values = environment
        .split(|byte| *byte == 0)
        .filter_map(|entry| entry.strip_prefix(SESSION_VARIABLE.as_bytes())?.strip_prefix(b"="));
    values.fold(Named::None, |named, value| match (named, value == session_id.as_bytes()) {
        (Named::This, _) | (_, true) => Named::This,
        (_, false) => Named::Another,
    })
}

/// Chooses the processes of a session among all that live.
fn choose(seen: Vec<Candidate>, terminal: Option<i32>, holder: Option<i32>) -> Vec<Descendant> {
    let all: BTreeMap<i32, Candidate> = seen.into_iter().map(|seen| (seen.pid, seen)).collect();
    let in_terminal = |seen: &Candidate| Some(seen.stat.session) == terminal;
    let is_own = |seen: &&Candidate| in_terminal(seen) || seen.named == Named::This;
    let by_itself: BTreeSet<i32> = all.values().filter(is_own).map(|seen| seen.pid).collect();
    let mut own = by_itself.clone();
    loop {
        let before = own.len();
        for seen in all.values() {
            let descends = own.contains(&seen.stat.parent) || Some(seen.stat.parent) == holder;
            let leader = all.get(&seen.stat.session);
            let stands_alone = match leader {
                // The supervisor that was started in an agent's terminal, or a holder below it, lives on when the agent
                // ends: it leads a session of its own and does not carry the variable.
                Some(leader) if leader.pid == seen.pid => seen.named == Named::None,
                // What such a leader has started is its.
                Some(leader) => !own.contains(&leader.pid),
                // Nobody is left who could have meant it to stand on its own.
                None => false,
            };
            if descends && !stands_alone && seen.named != Named::Another {
                own.insert(seen.pid);
            }
        }
        // Again, because the leader of a session may have been chosen after a member was looked at.
        if own.len() == before {
            break;
        }
    }
    // The holder is no process of the agent's, however it came by the variable.
    let chosen = own.into_iter().filter(|pid| Some(*pid) != holder).filter_map(|pid| all.get(&pid));
    let descendant = |seen: &Candidate| Descendant {
        mark: ProcessMark { pid: seen.pid as u32, start_ticks: seen.stat.start_ticks },
        group: seen.stat.group,
        is_in_terminal: in_terminal(seen),
        is_by_descent: !by_itself.contains(&seen.pid),
    };
    chosen.map(descendant).collect()
}

/// Whether the processes of a session can be found other than by the group of its leader.
pub fn can_look() -> bool {
    process::stat(std::process::id()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;
    use std::time::Instant;

    #[test]
    fn an_environment_names_a_session_by_a_whole_entry() {
        #[rustfmt::skip]
        let cases: &[(&str, Named)] = &[
            ("",                                          Named::None),
            ("PATH=/bin\0HOME=/\0",                       Named::None),
            ("PATH=/bin\0CCCC_SESSION_ID=abc\0",          Named::This),
            ("CCCC_SESSION_ID=abc",                       Named::This),
            ("CCCC_SESSION_ID=abcd\0",                    Named::Another),
            ("CCCC_SESSION_ID=\0",                        Named::Another),
            ("X=CCCC_SESSION_ID=abc\0",                   Named::None),
            ("XCCCC_SESSION_ID=abc\0",                    Named::None),
            ("CCCC_SESSION_IDS=abc\0",                    Named::None),
            ("CCCC_SESSION_ID=x\0CCCC_SESSION_ID=abc\0",  Named::This),
            ("CCCC_SESSION_ID=abc\0CCCC_SESSION_ID=x\0",  Named::This),
        ];
        for (environment, wanted) in cases {
            assert_eq!(named_in(environment.as_bytes(), "abc"), *wanted, "{environment:?}");
        }
    }

    /// The holder is 10, the terminal's session 20. Who else is there is the agent's or not.
    #[test]
    fn what_belongs_to_a_session_is_chosen_and_nothing_else() {
        use Named::{Another, None, This, Unknown};
        #[rustfmt::skip]
        let cases: &[(i32, i32, i32, Named, bool, &str)] = &[
            // pid  parent  session  named    chosen   what
            (1,     0,      1,       None,    false,   "the system's first"),
            (10,    1,      10,      None,    false,   "the holder"),
            (20,    10,     20,      This,    true,    "the agent"),
            (21,    20,     20,      This,    true,    "a job of it"),
            (22,    20,     20,      None,    true,    "a tool with a cleared environment in the terminal"),
            (23,    1,      20,      Another, true,    "whoever is in the terminal, whatever it says"),
            (30,    20,     30,      This,    true,    "a session of its own"),
            (31,    30,     30,      None,    true,    "in that, with a cleared environment"),
            (32,    10,     32,      This,    true,    "a daemon that has fallen to the holder"),
            (33,    1,      33,      This,    true,    "a daemon that has fallen to the first"),
            (34,    10,     9_999,   None,    true,    "fallen to the holder, its leader is gone"),
            (35,    10,     35,      Unknown, true,    "a leader that hides its environment"),
            (40,    10,     40,      None,    false,   "a supervisor that stands on its own"),
            (41,    40,     40,      None,    false,   "what it has started"),
            (42,    40,     42,      None,    false,   "a holder of its"),
            (43,    42,     43,      Another, false,   "another agent below that"),
            (44,    43,     43,      None,    false,   "with a tool"),
            (45,    43,     45,      Another, false,   "and a session of its own"),
            (46,    10,     9_998,   Another, false,   "another agent's, fallen to our holder"),
            (47,    41,     40,      Unknown, false,   "what stands alone hides something"),
            (50,    1,      50,      None,    false,   "a stranger"),
            (51,    50,     50,      Another, false,   "another agent elsewhere"),
            (5,     34,     9_999,   None,    true,    "below one that is chosen later"),
        ];
        let seen = cases.iter().map(|(pid, parent, session, named, ..)| {
            let stat = Stat {
                state: b'S',
                parent: *parent,
                group: *pid,
                session: *session,
                foreground: 0,
                start_ticks: 7,
                is_becoming: false,
            };
            Candidate { pid: *pid, stat, named: *named }
        });
        let chosen = choose(seen.collect(), Some(20), Some(10));
        for (pid, _, _, _, wanted, what) in cases {
            assert_eq!(chosen.iter().any(|one| one.mark.pid == *pid as u32), *wanted, "{pid}: {what}");
        }
    }

    /// A process is looked at again right before the signal: a number that was given to another gets none.
    #[test]
    fn a_number_of_another_process_gets_no_signal() {
        let mine = format!("test-{}", std::process::id());
        let mut child = Command::new("sleep").arg("1000").env(SESSION_VARIABLE, &mine).spawn().unwrap();
        let descendants = Descendants::new(&mine, None, None);
        let deadline = Instant::now() + Duration::from_secs(60);
        let found = loop {
            // It may just be becoming the other program.
            if let Some(found) = descendants.look().living.into_iter().next() {
                break found;
            }
            assert!(Instant::now() < deadline, "it is not found");
        };
        assert_eq!(found.mark, ProcessMark::of(child.id()));
        let another = ProcessMark { start_ticks: found.mark.start_ticks + 1, ..found.mark };
        let stale = Descendant { mark: another, ..found };
        assert_eq!(descendants.signal(&stale, Signal::SIGKILL), Ok(false));
        assert_eq!(Descendants::new("yours", None, None).signal(&found, Signal::SIGKILL), Ok(false));
        assert!(found.mark.is_alive());
        assert_eq!(descendants.signal(&found, Signal::SIGKILL), Ok(true));
        child.wait().unwrap();
        assert_eq!(descendants.look(), Look::default());
    }
}
