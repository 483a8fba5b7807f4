//! The home: whether it is ours alone, can be written, and has room.

use super::check::{Check, Verdict};
use bus::contract::limit;
use bus::home::{Home, refuse_older};
use nix::sys::statvfs::statvfs;
use nix::unistd::geteuid;
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Below this nothing can be accepted for long.
const FREE_BYTES_MIN: u64 = 64 * 1024 * 1024;

/// Below this somebody should make room.
const FREE_BYTES_ENOUGH: u64 = 1024 * 1024 * 1024;

/// Looks at the home. One that does not exist yet is no trouble.
pub fn checks(home: &Home) -> Vec<Check> {
    let root = home.root();
    let place = root.display().to_string();
    if !root.exists() {
        let seen = format!("{place} does not exist yet");
        return vec![
            Check::note("home", seen, "it is made by the first start, `cccc` or `cccc daemon start`"),
            disk(nearest(root)),
        ];
    }
    let owner = owner(root);
    if owner.verdict == Verdict::Failed {
        // What is no home of ours is not looked at closer: nobody shall mend it for us.
        return vec![owner];
    }
    vec![owner, secrecy(home), writing(root), disk(root), sockets(home)]
}

fn nearest(path: &Path) -> &Path {
    path.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("/"))
}

fn owner(root: &Path) -> Check {
    let place = root.display();
    match fs::metadata(root) {
        Err(error) => {
            Check::failed("home", format!("{place} cannot be looked at: {error}"), "choose another CCCC_HOME")
        }
        Ok(data) if !data.is_dir() => {
            Check::failed("home", format!("{place} is no folder"), "choose another CCCC_HOME")
        }
        Ok(data) if data.uid() != geteuid().as_raw() => {
            let seen = format!("{place} belongs to user {}", data.uid());
            Check::failed("home", seen, "run as that user, or choose another CCCC_HOME")
        }
        Ok(_) => match refuse_older(root) {
            Ok(()) => Check::good("home", place.to_string()),
            Err(error) => Check::failed("home", error.to_string(), "it is that one's, and stays as it is"),
        },
    }
}

/// Nobody else may look into the home or below it.
fn secrecy(home: &Home) -> Check {
    let below = [home.root().join("home"), home.root().join("groups"), home.root().join("secrets")];
    let folders: Vec<PathBuf> =
        [home.root().to_path_buf(), home.run().to_path_buf(), home.daemon(), home.logs(), home.pty()]
            .into_iter()
            .chain(below)
            .collect();
    let is_open = |folder: &&PathBuf| fs::metadata(folder).is_ok_and(|data| data.mode() & 0o077 != 0);
    let open: Vec<_> = folders.iter().filter(is_open).map(|folder| folder.to_string_lossy()).collect();
    if open.is_empty() {
        return Check::good("permissions", "nobody else can look into it");
    }
    let seen = format!("others may look into {}", open.join(", "));
    // Only what is ours: whoever has named a wrong folder must not be told to change it, and everything in it.
    let unless = if is_open(&&folders[0]) { "if this folder is for cccc alone: " } else { "" };
    Check::failed("permissions", seen, format!("{unless}chmod go= {}", shell_words::join(&open)))
}

fn writing(root: &Path) -> Check {
    let written = tempfile::Builder::new().prefix(".doctor-").tempfile_in(root).and_then(|mut file| {
        file.write_all(b"written by cccc doctor")?;
        file.as_file().sync_all()
    });
    match written {
        Ok(()) => Check::good("write access", "a file was written, synced and removed"),
        Err(error) => {
            let remedy = format!("look at the disk and at the permissions of {}", root.display());
            Check::failed("write access", format!("a file cannot be written: {error}"), remedy)
        }
    }
}

fn disk(folder: &Path) -> Check {
    let stat = match statvfs(folder) {
        Ok(stat) => stat,
        Err(error) => return Check::note("disk space", format!("unknown: {error}"), ""),
    };
    room(
        stat.blocks_available() as u64 * stat.fragment_size() as u64,
        stat.files_available() as u64,
        stat.files() as u64,
    )
}

/// What so much room means. A file system without a limit on files says that it has none at all.
fn room(free_bytes: u64, files_free: u64, files: u64) -> Check {
    let seen = format!("{} MiB free", free_bytes / 1024 / 1024);
    let remedy = "make room: nothing is accepted on a full disk, and nothing that was is lost";
    match free_bytes {
        ..FREE_BYTES_MIN => Check::failed("disk space", seen, remedy),
        _ if files > 0 && files_free == 0 => Check::failed("disk space", "no room for another file", remedy),
        FREE_BYTES_MIN..FREE_BYTES_ENOUGH => Check::note("disk space", seen, "make room soon"),
        _ => Check::good("disk space", seen),
    }
}

/// A socket's path has a limit that no folder has.
fn sockets(home: &Home) -> Check {
    let max = limit::SOCKET_PATH_BYTES_MAX;
    let longest = [home.ledger_socket(), home.attach_socket(), home.door_socket()]
        .into_iter()
        .map(|path| path.as_os_str().len())
        .max();
    let link = home.root().join("run");
    match longest {
        Some(bytes) if bytes > max => {
            let seen = format!("a socket's path has {bytes} bytes, the limit SOCKET_PATH_BYTES_MAX is {max}");
            Check::failed("sockets", seen, "choose a CCCC_HOME with a shorter path")
        }
        _ if home.run() != link => {
            Check::good("sockets", format!("in {}, because the home lies too deep", home.run().display()))
        }
        _ => Check::good("sockets", format!("in {}", link.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn room_is_judged_by_bytes_and_files() {
        const MIB: u64 = 1024 * 1024;
        #[rustfmt::skip]
        let cases = [
            // free bytes   files free   files   verdict
            (5000 * MIB,    1_000,       2_000,  Verdict::Good),
            (5000 * MIB,    0,           0,      Verdict::Good),
            (5000 * MIB,    0,           2_000,  Verdict::Failed),
            (500 * MIB,     1_000,       2_000,  Verdict::Note),
            (63 * MIB,      1_000,       2_000,  Verdict::Failed),
            (0,             1_000,       2_000,  Verdict::Failed),
        ];
        for (bytes, files_free, files, verdict) in cases {
            assert_eq!(room(bytes, files_free, files).verdict, verdict, "{bytes} {files_free} {files}");
        }
    }

    #[test]
    fn a_home_that_others_can_look_into_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(&folder.path().join("home"))).unwrap();
        assert_eq!(checks(&home)[0].verdict, Verdict::Note);
        home.make().unwrap();
        assert!(checks(&home).iter().all(|check| check.name == "disk space" || check.verdict == Verdict::Good));
        fs::set_permissions(home.logs(), fs::Permissions::from_mode(0o755)).unwrap();
        let failed: Vec<_> = checks(&home).into_iter().filter(|check| check.name == "permissions").collect();
        let remedy = format!("chmod go= {}", home.logs().display());
        assert_eq!((failed[0].verdict, &failed[0].remedy), (Verdict::Failed, &remedy), "{failed:?}");
        assert_eq!(fs::read_dir(home.root()).unwrap().flatten().filter(|e| e.path().is_file()).count(), 0);
    }

    #[test]
    fn what_is_no_home_is_not_mended() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let found = checks(&Home::find(Some(file.path())).unwrap());
        assert_eq!((found.len(), found[0].name, found[0].verdict), (1, "home", Verdict::Failed), "{found:?}");
    }
}
