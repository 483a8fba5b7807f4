//! Facts about processes that a number alone does not tell: whether it is still the same one, and who is in
//! its session.
//!
//! From `/proc`, as Linux has it.

use serde::{Deserialize, Serialize};
use std::fs;
use std::sync::LazyLock;

/// A process, recognisable after its number was given to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessMark {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since the boot; 0 where the system does not say.
    pub start_ticks: u64,
}

impl ProcessMark {
    /// Marks a process that exists.
    pub fn of(pid: u32) -> Self {
        Self { pid, start_ticks: stat(pid).map_or(0, |stat| stat.start_ticks) }
    }

    /// Whether exactly this process still runs. A zombie does not.
    pub fn is_alive(&self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.is_alive() && stat.start_ticks == self.start_ticks)
    }
}

/// What is read of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// One letter: `Z` and `X` are dead.
    pub state: u8,
    /// Its parent; 0 without one.
    pub parent: i32,
    /// Its process group.
    pub group: i32,
    /// Its session.
    pub session: i32,
    /// The process group in the foreground of its terminal; below 1 without one.
    pub foreground: i32,
    /// When it started, in clock ticks since the boot.
    pub start_ticks: u64,
    /// Whether it is just becoming another program, whose environment cannot be seen yet. Not known of those of other
    /// users.
    pub is_becoming: bool,
}

impl Stat {
    /// Whether it can still do something.
    pub fn is_alive(&self) -> bool {
        !matches!(self.state, b'Z' | b'X')
    }
}

/// Reads a process, if there is one and the system tells.
pub fn stat(pid: u32) -> Option<Stat> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads the one line of `/proc/<pid>/stat`. The name in parentheses may hold anything, parentheses included.
fn parse_stat(line: &[u8]) -> Option<Stat> {
    let after_name = &line[line.iter().rposition(|byte| *byte == b')')? + 1..];
    let fields: Vec<&str> = std::str::from_utf8(after_name).ok()?.split_ascii_whitespace().collect();
    let is_zero = |at: usize| fields.get(at).is_none_or(|field| *field == "0");
    Some(Stat {
        state: *fields.first()?.as_bytes().first()?,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        foreground: fields.get(5)?.parse().ok()?,
        start_ticks: fields.get(19)?.parse().ok()?,
        // It has memory, but no end of the environment in it.
        is_becoming: !is_zero(20) && is_zero(48),
    })
}

/// The numbers of all processes, if the system tells.
pub fn pids() -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The living members of a session, its leader included, with what was read of each.
pub fn session_members(session: u32) -> Vec<(u32, Stat)> {
    let pids = pids().into_iter();
    pids.filter_map(|pid| Some((pid, stat(pid)?)))
        .filter(|(_, stat)| stat.session == session as i32 && stat.is_alive())
        .collect()
}

/// Which boot of the machine this is; `""` where the system does not say.
pub fn boot_id() -> &'static str {
    static BOOT_ID: LazyLock<String> = LazyLock::new(|| {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
    });
    &BOOT_ID
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name_is() {
        let rest = "S 1 7 8 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0";
        #[rustfmt::skip]
        let cases = [
            (format!("5 (cat) {rest}"),           Some((b'S', 1, 7, 8, 4242))),
            (format!("5 (a) Z 9 9 9 (b)) {rest}"), Some((b'S', 1, 7, 8, 4242))),
            (format!("5 (\n) {rest}"),            Some((b'S', 1, 7, 8, 4242))),
            ("5 (cat) S 1 7".to_owned(),          None),
            ("".to_owned(),                       None),
            ("5 cat S".to_owned(),                None),
        ];
        for (line, wanted) in cases {
            let read = parse_stat(line.as_bytes()).map(|s| (s.state, s.parent, s.group, s.session, s.start_ticks));
            assert_eq!(read, wanted, "{line:?}");
        }
    }

    #[test]
    fn a_process_is_recognised_and_another_with_its_number_is_not() {
        let own = ProcessMark::of(std::process::id());
        assert!(own.is_alive());
        if own.start_ticks != 0 {
            assert!(!ProcessMark { start_ticks: own.start_ticks + 1, ..own }.is_alive());
        }
    }
}
