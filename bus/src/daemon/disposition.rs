//! The disposition of every signal: asked for and reset past the C library.
//!
//! The library knows the ordinary signals by name, and keeps the first two real-time ones for its threads and lets nobody
//! touch them. A parent may have had any of them ignored all the same, and what is ignored stays so in every program that
//! is executed from there. Only system calls are made, as is demanded between fork and exec.

use nix::libc;
use std::io;
use std::ops::RangeInclusive;

/// All signals, the real-time ones (from 32 on) included.
const ALL: RangeInclusive<libc::c_int> = 1..=64;

/// Bytes of a set of all signals, as the kernel has it.
const SIGNAL_SET_BYTES: usize = 8;

/// An action as the kernel has it: four words at most. The first is the handler; zeros are the default action.
type Action = [libc::c_ulong; 4];

/// Gives every signal its default action, but some.
///
/// # Errors
///
/// The system refuses, which it has no reason to.
pub fn reset(except: &[libc::c_int]) -> io::Result<()> {
    changeable(except).try_for_each(set_default)
}

/// The same for those that are ignored; what is caught stays so.
///
/// # Errors
///
/// As [`reset`].
pub fn reset_ignored(except: &[libc::c_int]) -> io::Result<()> {
    changeable(except).try_for_each(hear)
}

/// Has a signal no longer ignored, if it is.
///
/// # Errors
///
/// As [`reset`].
pub fn hear(signal: libc::c_int) -> io::Result<()> {
    let mut now = Action::default();
    change(signal, None, Some(&mut now))?;
    if now[0] == libc::SIG_IGN as libc::c_ulong { set_default(signal) } else { Ok(()) }
}

fn changeable(except: &[libc::c_int]) -> impl Iterator<Item = libc::c_int> {
    ALL.filter(move |signal| ![libc::SIGKILL, libc::SIGSTOP].contains(signal) && !except.contains(signal))
}

fn set_default(signal: libc::c_int) -> io::Result<()> {
    change(signal, Some(&Action::default()), None)
}

/// Sets an action, and tells which one there was before.
fn change(signal: libc::c_int, action: Option<&Action>, before: Option<&mut Action>) -> io::Result<()> {
    let action = action.map_or(std::ptr::null(), |action| action.as_ptr());
    let before = before.map_or(std::ptr::null_mut(), |before| before.as_mut_ptr());
    // SAFETY: the kernel reads the one and writes the other, if it is there; both live until after and have room for an
    // action. Those that are set here run no code of ours.
    let answer = unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, action, before, SIGNAL_SET_BYTES) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::inherit;
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    fn ignore_all() -> io::Result<()> {
        changeable(&[]).try_for_each(|signal| {
            let mut ignored = Action::default();
            ignored[0] = libc::SIG_IGN as libc::c_ulong;
            change(signal, Some(&ignored), None)
        })
    }

    fn bit(signal: libc::c_int) -> u64 {
        1 << (signal - 1)
    }

    /// What is done, which signals are still ignored, and why.
    type Case = (fn() -> io::Result<()>, u64, &'static str);

    /// A parent ignores whatever it can; what a program has of it afterwards.
    #[test]
    fn no_signal_stays_ignored_the_real_time_ones_included() {
        let all = changeable(&[]).map(bit).sum::<u64>();
        assert_eq!(all.count_ones(), 62);
        #[rustfmt::skip]
        let cases: [Case; 5] = [
            // what is done                            still ignored                   why
            (|| Ok(()),                                all,                            "nothing is done"),
            (|| reset(&[]),                            0,                              "all of them"),
            (|| reset_ignored(&[libc::SIGPIPE]),       bit(libc::SIGPIPE),             "all but one"),
            (|| hear(libc::SIGCHLD),                   all - bit(libc::SIGCHLD),       "one"),
            (inherit::give_back_signals,               0,                              "a program of somebody else's"),
        ];
        for (done, ignored, why) in cases {
            let mut child = Command::new("cat");
            child.arg("/proc/self/status");
            // SAFETY: system calls only.
            unsafe { child.pre_exec(move || ignore_all().and_then(|()| done())) };
            let said = String::from_utf8(child.output().unwrap().stdout).unwrap();
            let set = said.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
            assert_eq!(u64::from_str_radix(set.trim(), 16).unwrap(), ignored, "{why}: {said}");
        }
    }
}
