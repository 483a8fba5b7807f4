//! Reaping: the agent, and whoever of its descendants has lost its parent and falls to the holder.
//!
//! The agent's own exit status is `Child`'s to take, and only once: here it is looked at without being taken, and
//! passed over when others are reaped.

use nix::libc;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

/// Makes orphans below us fall to us, instead of to the first process of the system.
///
/// # Errors
///
/// The system refuses.
pub fn adopt_orphans() -> nix::Result<()> {
    nix::sys::prctl::set_child_subreaper(true)
}

/// Whether a child of ours has ended. It stays to be reaped.
pub fn has_ended(child: u32) -> bool {
    first_ended(libc::P_PID, child).is_some()
}

/// Reaps every child that has ended, up to the agent; what is behind that waits until the agent is reaped.
pub fn reap_orphans(agent: Option<u32>) {
    let agent = agent.map(|pid| Pid::from_raw(pid as i32));
    while let Some(pid) = first_ended(libc::P_ALL, 0).filter(|pid| Some(*pid) != agent) {
        reap_child(pid);
    }
}

/// Reaps one child that has ended.
pub fn reap(pid: u32) {
    reap_child(Pid::from_raw(pid as i32));
}

fn reap_child(pid: Pid) {
    // How an orphan has ended concerns nobody, and it cannot have gone: nobody else reaps.
    let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
}

/// The first of our children that has ended and is not reaped. Not with `nix`, which has no word for a process that was
/// ended by a real-time signal, and would not say who it was.
fn first_ended(which: libc::idtype_t, id: libc::id_t) -> Option<Pid> {
    // SAFETY: a `siginfo_t` is plain numbers, for which zeros are a value.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel only writes the info, which lives until after.
    let answer = unsafe { libc::waitid(which, id, &mut info, libc::WEXITED | libc::WNOHANG | libc::WNOWAIT) };
    // SAFETY: what `waitid` has filled in has a pid, and zeros have the pid 0: nobody has ended.
    let pid = unsafe { info.si_pid() };
    (answer == 0 && pid > 0).then(|| Pid::from_raw(pid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;
    use std::time::{Duration, Instant};

    /// A look at the end of a child does not take its status, whatever that is.
    #[test]
    fn a_look_leaves_the_status_to_be_taken() {
        #[rustfmt::skip]
        let cases = [
            // script            code      signal
            ("exit 0",           Some(0),  None),
            ("exit 7",           Some(7),  None),
            ("kill -TERM $$",    None,     Some(15)),
            ("kill -40 $$",      None,     Some(40)),
        ];
        for (script, code, signal) in cases {
            let mut child = Command::new("sh").args(["-c", script]).spawn().unwrap();
            let deadline = Instant::now() + Duration::from_secs(60);
            while !has_ended(child.id()) {
                assert!(Instant::now() < deadline, "{script}");
                std::thread::sleep(Duration::from_millis(1));
            }
            let status = child.try_wait().unwrap().expect("it has ended");
            assert_eq!((status.code(), status.signal()), (code, signal), "{script}");
            assert!(!has_ended(child.id()));
        }
    }
}
