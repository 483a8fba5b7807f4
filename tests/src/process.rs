//! Processes of one home, found by what the system says of them.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;

/// The processes that a supervisor keeps, in the order in which it starts them.
pub const DAEMONS: [&str; 5] = ["ledgerd", "ptyd", "mcpd", "webd", "door"];

/// A process that belongs to a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// The words it was started with.
    pub words: Vec<String>,
    /// How much processor time it has used, in clock ticks.
    pub ticks: u64,
}

impl Process {
    /// The name of its program.
    pub fn program(&self) -> &str {
        let program = self.words.first().map_or("", String::as_str);
        program.rsplit('/').next().unwrap_or(program)
    }

    /// Memory that is its own, and its share of what it has in common with others; 0 when it is gone.
    pub fn pss_mb(&self) -> f64 {
        pss_mb(self.pid)
    }

    /// How often it has given up its processor by itself, all threads together.
    pub fn wake_ups(&self) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid)).into_iter().flatten().flatten();
        let of_thread = |status: String| {
            status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse::<u64>().ok())
        };
        threads.filter_map(|thread| of_thread(fs::read_to_string(thread.path().join("status")).ok()?)).sum()
    }

    /// Sends it a signal; false when it is gone.
    pub fn signal(&self, signal: Signal) -> bool {
        kill(Pid::from_raw(self.pid), signal).is_ok()
    }
}

/// As [`Process::pss_mb`], of a process that is known by its id.
pub fn pss_mb(pid: i32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

/// What a process was started with, as `NAME=value`.
pub fn environment(pid: i32) -> Vec<String> {
    let bytes = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    bytes.split(|byte| *byte == 0).map(|entry| String::from_utf8_lossy(entry).into_owned()).collect()
}

/// Every live process whose words or environment name the home.
pub fn of_home(home: &Path) -> Vec<Process> {
    let home = home.to_string_lossy();
    let own = i32::try_from(std::process::id()).expect("a process id is small");
    let entries = fs::read_dir("/proc").expect("there is a /proc");
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| *pid != own).filter_map(|pid| read(pid, &home)).collect()
}

/// Whether a process lives: it exists and is no zombie.
pub fn is_alive(pid: i32) -> bool {
    fields(pid).is_some_and(|fields| fields.first().is_some_and(|state| state != "Z"))
}

fn read(pid: i32, home: &str) -> Option<Process> {
    let fields = fields(pid).filter(|fields| fields[0] != "Z")?;
    let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    // Another user's environment cannot be read, and another user's processes are not ours.
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let texts = |bytes: &[u8]| -> Vec<String> {
        bytes.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
    };
    let words = texts(&words);
    let belongs = words.iter().chain(&texts(&environment)).any(|text| text.contains(home));
    let ticks = fields[11].parse::<u64>().ok()? + fields[12].parse::<u64>().ok()?;
    belongs.then_some(Process { pid, words, ticks })
}

/// The fields of `/proc/<pid>/stat` from the state on; the name before them may hold anything.
fn fields(pid: i32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}
