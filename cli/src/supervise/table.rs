//! The processes of a running home, one row each, and where their programs are.
//!
//! There is no order of starting: every process waits for its peers by itself. They are ended from the last row to the
//! first, so that nobody asks a process that has ended before him.

use bus::contract::links;
use nix::sys::signal::Signal;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One process.
#[derive(Debug, PartialEq, Eq)]
pub struct Process {
    /// Its name in status, messages and log files.
    pub name: &'static str,
    /// As which it proves itself to the others.
    pub process: links::Process,
    /// Its program.
    pub program: &'static str,
    /// What comes before `--home <folder>`.
    pub args: &'static [&'static str],
    /// What it is for, in a few words.
    pub purpose: &'static str,
    /// The signal that ends it together with what it keeps, where that is more than SIGTERM ends.
    pub end_all: Signal,
    /// How long it may take to end.
    pub grace: Duration,
}

/// Every process, the one that needs nobody first.
#[rustfmt::skip]
pub const PROCESSES: &[Process] = &[
    Process { name: "ledgerd", process: links::Process::Ledgerd, program: "ledgerd", args: &[],       purpose: "keeps the state",
              end_all: Signal::SIGTERM, grace: Duration::from_secs(10) },
    // On SIGTERM it leaves the agents alone; SIGUSR1 ends them first: TERM, a grace of its own, KILL, a record.
    Process { name: "ptyd",    process: links::Process::Ptyd,    program: "ptyd",    args: &[],       purpose: "runs the agents' terminals",
              end_all: Signal::SIGUSR1, grace: Duration::from_secs(15) },
    Process { name: "mcpd",    process: links::Process::Mcpd,    program: "mcpd",    args: &[],       purpose: "serves agents their tools",
              end_all: Signal::SIGTERM, grace: Duration::from_secs(5) },
    Process { name: "webd",    process: links::Process::Webd,    program: "webd",    args: &[],       purpose: "serves browsers",
              end_all: Signal::SIGTERM, grace: Duration::from_secs(5) },
    Process { name: "door",    process: links::Process::Door,    program: "cccc",    args: &["door"], purpose: "serves scripts and clients",
              end_all: Signal::SIGTERM, grace: Duration::from_secs(5) },
];

/// The folders in which programs are looked for: what `CCCC_LIBEXEC` says, then beside our own program.
pub fn program_folders(libexec: Option<PathBuf>, own: Option<&Path>) -> Vec<PathBuf> {
    let beside = own.and_then(Path::parent).map(Path::to_path_buf);
    libexec.filter(|folder| folder.is_absolute()).into_iter().chain(beside).collect()
}

/// The program of a process, or where it was looked for.
///
/// # Errors
///
/// The sentence that says where it is missing.
pub fn find_program(program: &str, folders: &[PathBuf]) -> Result<PathBuf, String> {
    let found = folders.iter().map(|folder| folder.join(program)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let places: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        format!("the program {program} is not in {}; install it there or set CCCC_LIBEXEC", places.join(" or "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_processes_share_a_name() {
        let mut names: Vec<_> = PROCESSES.iter().map(|process| process.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PROCESSES.len());
        assert!(
            PROCESSES.iter().all(|process| process.name == process.process.name()),
            "they prove to be who they are"
        );
    }

    #[test]
    fn programs_are_found_where_it_was_said_or_beside_our_own() {
        let beside = Path::new("/opt/cccc/bin/cccc");
        #[rustfmt::skip]
        let cases = [
            // CCCC_LIBEXEC          looked for in
            (None,                   vec!["/opt/cccc/bin"]),
            (Some("/usr/libexec"),   vec!["/usr/libexec", "/opt/cccc/bin"]),
            (Some("libexec"),        vec!["/opt/cccc/bin"]),
            (Some(""),               vec!["/opt/cccc/bin"]),
        ];
        for (libexec, wanted) in cases {
            let wanted: Vec<_> = wanted.into_iter().map(PathBuf::from).collect();
            assert_eq!(program_folders(libexec.map(PathBuf::from), Some(beside)), wanted, "{libexec:?}");
        }

        let folder = tempfile::tempdir().unwrap();
        let folders = [PathBuf::from("/nowhere"), folder.path().to_path_buf()];
        let missing = find_program("ledgerd", &folders).unwrap_err();
        assert!(missing.contains("ledgerd is not in /nowhere or /"), "{missing}");
        std::fs::write(folder.path().join("ledgerd"), "").unwrap();
        assert_eq!(find_program("ledgerd", &folders), Ok(folder.path().join("ledgerd")));
    }
}
