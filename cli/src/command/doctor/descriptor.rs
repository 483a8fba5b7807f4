//! The open files of each daemon: how many it has, and how many the system gives it. A daemon's limit is what it was
//! started with, and not what this shell has.

use super::check::Check;
use crate::supervise::StackReport;
use std::fs;

/// Open files that a daemon of a small home needs.
pub const OPEN_FILES_MIN: u64 = 1024;

/// What one process has, and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Descriptors {
    open: u64,
    max: u64,
}

/// Looks at the processes that run.
pub fn check(report: &StackReport) -> Option<Check> {
    let named = report.processes.iter().filter_map(|process| Some((process.name.as_str(), process.pid?)));
    let all: Vec<_> = named.filter_map(|(name, pid)| Some((name, look(pid)?))).collect();
    (!all.is_empty()).then(|| verdict(&all))
}

fn verdict(all: &[(&str, Descriptors)]) -> Check {
    let seen: Vec<_> = all.iter().map(|(name, has)| format!("{name} {} of {}", has.open, has.max)).collect();
    let seen = seen.join(", ");
    let is_short = |has: &Descriptors| has.open.saturating_mul(10) >= has.max.saturating_mul(9);
    let remedy = format!("`cccc daemon restart` from a shell with more: ulimit -Hn {OPEN_FILES_MIN}");
    if all.iter().any(|(_, has)| is_short(has)) {
        return Check::failed("daemons' open files", seen, remedy);
    }
    if all.iter().any(|(_, has)| has.max < OPEN_FILES_MIN) {
        return Check::note("daemons' open files", seen, remedy);
    }
    Check::good("daemons' open files", seen)
}

/// `None` when it has just ended.
fn look(pid: i32) -> Option<Descriptors> {
    let open = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64;
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    Some(Descriptors { open, max: soft_limit(&limits)? })
}

/// The soft limit in the system's table of limits.
fn soft_limit(limits: &str) -> Option<u64> {
    let row = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match row.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::check::Verdict;

    #[test]
    fn a_daemon_that_is_short_of_descriptors_is_found() {
        #[rustfmt::skip]
        let cases = [
            // open    max         verdict
            (30,       u64::MAX,   Verdict::Good),
            (30,       1024,       Verdict::Good),
            (30,       256,        Verdict::Note),
            (922,      1024,       Verdict::Failed),
            (256,      256,        Verdict::Failed),
        ];
        for (open, max, wanted) in cases {
            let check =
                verdict(&[("door", Descriptors { open: 1, max: 4096 }), ("ledgerd", Descriptors { open, max })]);
            assert_eq!(check.verdict, wanted, "{open} of {max}");
            assert!(check.seen.ends_with(&format!("ledgerd {open} of {max}")), "{}", check.seen);
        }
    }

    #[test]
    fn the_limit_of_a_process_is_what_the_system_says() {
        let table = "Limit                     Soft Limit           Hard Limit           Units     \n\
                     Max processes             95721                95721                processes \n\
                     Max open files            1024                 4096                 files     \n";
        assert_eq!(soft_limit(table), Some(1024));
        assert_eq!(soft_limit(&table.replace("1024 ", "unlimited ")), Some(u64::MAX));
        assert_eq!(soft_limit(""), None);
        assert!(look(std::process::id() as i32).is_some_and(|has| has.open > 2 && has.max > has.open));
    }
}
