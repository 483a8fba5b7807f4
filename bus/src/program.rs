//! Agent programs on this machine: which are installed, and where.

use crate::contract::runtime::{Runtime, TABLE, Terminal};
use crate::daemon::environment::PATH_DEFAULT;
use serde::Serialize;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// One agent program, and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// Its row in the table of runtimes.
    pub name: &'static str,
    /// Name for people.
    pub display_name: &'static str,
    /// Command of an actor that names none.
    pub command: &'static [&'static str],
    /// Whether an actor can be started with it. One without a program of its own always can.
    pub available: bool,
    /// Where it is, if it is.
    pub path: Option<PathBuf>,
    /// How it takes messages, for people.
    pub capabilities: &'static str,
}

/// Looks for a runtime's program on a `PATH`.
pub fn look(runtime: &Runtime, path: &OsStr) -> Installed {
    let place = find(runtime.executable, path);
    Installed {
        name: runtime.id,
        display_name: runtime.name,
        command: runtime.command,
        available: runtime.executable.is_empty() || place.is_some(),
        path: place,
        capabilities: match runtime.terminal {
            Terminal::Composer(_) => "takes messages in its composer",
            Terminal::Unknown => "takes messages once it has switched bracketed paste on, or when `deliver` says so",
        },
    }
}

/// Looks for every runtime's program where our own process finds programs.
pub fn look_for_all() -> Vec<Installed> {
    let path = std::env::var_os("PATH").filter(|path| !path.is_empty()).unwrap_or_else(|| PATH_DEFAULT.into());
    TABLE.iter().map(|runtime| look(runtime, &path)).collect()
}

/// The names of those that an actor can be started with.
pub fn available<'a>(known: impl IntoIterator<Item = &'a Installed>) -> Vec<&'static str> {
    known.into_iter().filter(|one| one.available).map(|one| one.name).collect()
}

/// The file that a shell would run for a name.
pub fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    let is_program =
        |file: &Path| file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    if name.is_empty() {
        return None;
    }
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::runtime::TABLE;
    use std::fs;

    #[test]
    fn a_program_is_found_where_a_shell_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        for (place, mode) in [(&first, 0o644), (&second, 0o755)] {
            fs::create_dir(place).unwrap();
            fs::write(place.join("claude"), "").unwrap();
            fs::set_permissions(place.join("claude"), fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = std::env::join_paths([&first, &second]).unwrap();
        assert_eq!(find("claude", &path), Some(second.join("claude")));
        assert_eq!((find("claude", OsStr::new("")), find("", &path)), (None, None));
        let known: Vec<_> = TABLE.iter().map(|row| look(row, &path)).collect();
        assert_eq!(available(&known), ["claude", "custom"]);
    }
}
