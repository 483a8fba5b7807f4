//! A runtime's own commands, run with a time limit; what it says is kept, because it knows best what went wrong.

use super::surroundings::Surroundings;
use nix::sys::memfd::{MemFdCreateFlag, memfd_create};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a command may take. Some programs look for news on the network before they do anything.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How much of what it says is kept.
const OUTPUT_BYTES_MAX: u64 = 256 * 1024;

/// How much of an error is shown: its first lines.
const ERROR_LINES_MAX: usize = 6;

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It cannot be run at all.
    #[error("cannot run `{line}`")]
    Start {
        /// The command line.
        line: String,
        /// Why not.
        source: io::Error,
    },
    /// It did not end in time, and was killed.
    #[error("`{line}` did not end within {} seconds and was killed{}", limit.as_secs(), told(said))]
    TimedOut {
        /// The command line.
        line: String,
        /// The limit.
        limit: Duration,
        /// What it had said by then.
        said: String,
    },
    /// It says that it failed.
    #[error("`{line}` failed with {status}{}", told(said))]
    Failed {
        /// The command line.
        line: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        said: String,
    },
}

/// Runs a runtime's program with arguments, and returns what it says on standard output.
///
/// # Errors
///
/// It cannot be run, takes longer than `limit`, or fails; what it said is in the error.
pub fn run(
    world: &Surroundings,
    program: &Path,
    arguments: &[String],
    limit: Duration,
) -> Result<String, CommandError> {
    let line = line(program, arguments);
    let start = |source| CommandError::Start { line: line.clone(), source };
    // Files instead of pipes: what it leaves running in the background keeps nobody waiting.
    let (output, errors) = (memory().map_err(start)?, memory().map_err(start)?);
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(world.environment())
        .current_dir(world.project())
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(start)?)
        .stderr(errors.try_clone().map_err(start)?)
        .process_group(0)
        .spawn()
        .map_err(start)?;
    let group = Pid::from_raw(child.id().cast_signed());
    let (ended, end) = mpsc::channel();
    let waiting = thread::spawn(move || {
        // Nobody listens any more after the limit.
        let _ = ended.send(child.wait());
    });
    let status = end.recv_timeout(limit);
    if status.is_err() {
        // It may have ended just now.
        let _ = killpg(group, Signal::SIGKILL);
    }
    // It has ended, or was killed: this does not take long.
    let _ = waiting.join();
    let said = || match text(&errors) {
        said if said.is_empty() => text(&output),
        said => said,
    };
    match status {
        Err(_) => Err(CommandError::TimedOut { line, limit, said: said() }),
        Ok(Err(source)) => Err(CommandError::Start { line, source }),
        Ok(Ok(status)) if !status.success() => Err(CommandError::Failed { line, status, said: said() }),
        Ok(Ok(_)) => Ok(text(&output)),
    }
}

/// A command line as a person would type it.
pub fn line(program: &Path, arguments: &[String]) -> String {
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let quoted = |word: &String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+".contains(c);
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    std::iter::once(name).chain(arguments.iter().map(quoted)).collect::<Vec<_>>().join(" ")
}

fn memory() -> io::Result<File> {
    Ok(File::from(memfd_create(c"output", MemFdCreateFlag::MFD_CLOEXEC)?))
}

fn text(mut file: &File) -> String {
    let mut bytes = Vec::new();
    // What cannot be read is not shown; that something went wrong is known without it.
    let read = file.rewind().and_then(|()| file.take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes));
    if read.is_ok() { String::from_utf8_lossy(&bytes).trim().to_owned() } else { String::new() }
}

fn told(said: &str) -> String {
    let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(ERROR_LINES_MAX).collect();
    if lines.is_empty() { String::new() } else { format!(": {}", lines.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Result<String, CommandError> {
        let world = Surroundings::new([("GIVEN".into(), "given".into())], "/", "/opt/cccc");
        run(&world, Path::new("/bin/sh"), &["-c".into(), script.into()], limit)
    }

    #[test]
    fn what_a_command_says_is_told() {
        let long = Duration::from_secs(60);
        assert_eq!(shell("echo $GIVEN; pwd", long).unwrap(), "given\n/");
        let failed = shell("echo out; echo 'no such scope' >&2; echo 'try again' >&2; exit 3", long).unwrap_err();
        assert!(failed.to_string().ends_with("failed with exit status: 3: no such scope; try again"), "{failed}");
        let silent = shell("echo why; exit 1", long).unwrap_err();
        assert!(silent.to_string().ends_with(": why"), "{silent}");
        // What stays in the background keeps nobody waiting.
        assert_eq!(shell("sleep 1000 & echo done; kill $!", long).unwrap(), "done");
        let none = run(&Surroundings::new([], "/", "/c"), Path::new("/nowhere/x"), &["a b".into()], long).unwrap_err();
        assert_eq!(none.to_string(), "cannot run `x 'a b'`");
    }

    #[test]
    fn a_command_that_hangs_is_killed_with_what_it_started() {
        let hung = shell("echo 'asking the network' >&2; sleep 1000", Duration::from_millis(300)).unwrap_err();
        assert!(matches!(hung, CommandError::TimedOut { .. }), "{hung}");
        assert!(hung.to_string().contains("was killed"), "{hung}");
    }
}
