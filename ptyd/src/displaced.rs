//! Waiting for holders whose folders were removed under them: each makes its own again, and is found then.
//!
//! Whoever does not wait takes their agents for ended and starts others beside them. So nothing is started, ended or typed
//! meanwhile; requests that look at terminals wait too, or are refused when they cannot; the end is heard.

use bus::contract::{Code, OpError};
use bus::home::Home;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// What ptyd says of itself meanwhile.
pub const WAITING: &str = "waiting for terminals whose folders were removed; until then nothing is typed or started";

/// How long they are waited for. One that is not told by the system looks for its socket once a minute.
pub const PATIENCE: Duration = Duration::from_secs(70);

/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// The holders' program.
const HOLDER: &str = "ptyhold";

/// Whether the sessions that run are not known yet. One for the process, as its home is.
static IS_HELD: LazyLock<watch::Sender<bool>> = LazyLock::new(watch::Sender::default);

/// A holder of a session of ours that lives.
#[derive(Debug)]
pub struct Holder {
    pid: Pid,
    folder: PathBuf,
}

/// The holders of a home that live and cannot be found. From here on nothing is started until [`let_go`], if there are any.
pub fn look(home: &Home) -> Vec<Holder> {
    let displaced = displaced(home);
    IS_HELD.send_replace(!displaced.is_empty());
    displaced
}

/// The sessions that run are known.
pub fn let_go() {
    IS_HELD.send_replace(false);
}

/// Whether the sessions that run are known.
pub fn are_known() -> bool {
    !*IS_HELD.borrow()
}

/// Said to whoever asks for a terminal while the sessions that run are not known.
pub fn unknown_yet() -> OpError {
    let sentence = format!("ptyd is {WAITING}; nothing was done, ask again in a minute");
    OpError::new(Code::DaemonUnavailable, sentence).with("process", "ptyd")
}

/// Waits until the sessions that run are known; at most times they are.
pub async fn known() {
    // The sender is never dropped.
    let _ = IS_HELD.subscribe().wait_for(|is_held| !is_held).await;
}

/// Waits until every holder of a home that lives has a folder in which it is found, and a socket; not for ever. Says who
/// cannot be found even then: their agents go on, and others may be started beside them.
pub async fn wait(home: &Home, mut displaced: Vec<Holder>, patience: Duration) -> Vec<Holder> {
    let until = Instant::now() + patience;
    if let Some(holder) = displaced.first() {
        let (folder, count) = (holder.folder.display(), displaced.len());
        tracing::warn!(%folder, count, "waiting for terminals whose folders were removed or are being made");
    }
    while let Some(holder) = displaced.first() {
        if Instant::now() >= until {
            let (folder, count) = (holder.folder.display(), displaced.len());
            tracing::error!(%folder, count, "terminals go on that cannot be found: their folders were removed");
            break;
        }
        sleep(LOOK_PAUSE).await;
        displaced = self::displaced(home);
    }
    displaced
}

/// What ptyd says of those that cannot be found; nothing when there are none.
pub fn trouble(lost: &[Holder]) -> Option<String> {
    let pids: Vec<_> = lost.iter().map(|holder| holder.pid.to_string()).collect();
    let what = match pids.len() {
        0 => return None,
        1 => "1 terminal runs that cannot be found, as its folder was removed".to_owned(),
        count => format!("{count} terminals run that cannot be found, as their folders were removed"),
    };
    Some(format!("{what}: ptyhold {}; their agents may run twice until everything is stopped", pids.join(", ")))
}

/// Ends the sessions of a home that are not found, agents first, and waits until nobody of them is left. What became of
/// them is not on record: they are started again with everything else.
pub async fn end_lost(home: &Home) {
    end(|| displaced(home)).await;
}

/// Like [`end_lost`], whether they are found or not.
pub async fn end_all(home: &Home) {
    end(|| holders(home)).await;
}

async fn end(who: impl Fn() -> Vec<Holder>) {
    for holder in who() {
        match kill(holder.pid, Signal::SIGTERM) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => tracing::warn!(pid = holder.pid.as_raw(), %error, "a terminal cannot be told to end"),
        }
    }
    while !who().is_empty() {
        sleep(LOOK_PAUSE).await;
    }
}

fn displaced(home: &Home) -> Vec<Holder> {
    holders(home).into_iter().filter(|holder| !is_whole(&holder.folder)).collect()
}

fn is_whole(folder: &Path) -> bool {
    ["meta.json", "sock"].iter().all(|name| folder.join(name).exists())
        // One that has ended takes its socket away, or leaves it to nobody.
        || folder.join("exit.json").exists()
}

/// The live holders of a home.
fn holders(home: &Home) -> Vec<Holder> {
    let ours = World { user: geteuid().as_raw(), root: folder_at(home.root()) };
    // Without a /proc nobody can be found, and nobody is waited for.
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let holder = |entry: fs::DirEntry| {
        let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?);
        // One that has ended meanwhile has no words.
        let folder = folder_of(&fs::read(entry.path().join("cmdline")).ok()?, &home.pty())?;
        let root = seen_by(&entry.path(), home.root());
        let its = World { user: entry.metadata().ok()?.uid(), root: folder_at(&root) };
        its.is(&ours).then_some(Holder { pid, folder })
    };
    entries.filter_map(holder).collect()
}

/// Whose a process is, and which folder the home is for it: in a container the same path leads to another one.
#[derive(Debug)]
struct World {
    user: u32,
    /// The device and the number of the home; nothing where the system does not tell.
    root: Option<(u64, u64)>,
}

impl World {
    fn is(&self, ours: &Self) -> bool {
        self.user == ours.user && self.root.is_some() && self.root == ours.root
    }
}

fn folder_at(path: &Path) -> Option<(u64, u64)> {
    path.metadata().ok().map(|about| (about.dev(), about.ino()))
}

/// An absolute path as a process sees it, by its folder in `/proc`.
fn seen_by(process: &Path, path: &Path) -> PathBuf {
    process.join("root").join(path.strip_prefix("/").unwrap_or(path))
}

/// The folder in the words of a holder of sessions below `pty`; nothing for any other process.
fn folder_of(words: &[u8], pty: &Path) -> Option<PathBuf> {
    let mut words = words.split(|byte| *byte == 0).map(|word| Path::new(std::ffi::OsStr::from_bytes(word)));
    let (program, folder) = (words.next()?, words.next()?);
    let is_it = program.file_name().is_some_and(|name| name == HOLDER) && folder.parent() == Some(pty);
    is_it.then(|| folder.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_holders_of_this_home_are_waited_for() {
        let pty = Path::new("/h/run/pty");
        #[rustfmt::skip]
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"/usr/libexec/ptyhold\0/h/run/pty/01\0",  Some("/h/run/pty/01")),
            (b"ptyhold\0/h/run/pty/01\0more\0",         Some("/h/run/pty/01")),
            (b"/usr/libexec/ptyhold\0/g/run/pty/01\0",  None),
            (b"/usr/libexec/ptyhold\0/h/run/pty\0",     None),
            (b"/usr/libexec/ptyhold\0",                 None),
            (b"vi\0/h/run/pty/01\0",                    None),
            (b"",                                       None),
        ];
        for (words, wanted) in cases {
            let found = folder_of(words, pty);
            assert_eq!(found.as_deref(), wanted.map(Path::new), "{}", String::from_utf8_lossy(words));
        }
    }

    /// A holder whose folder never comes back.
    fn lost_holder(home: &Home) -> std::process::Child {
        use std::os::unix::process::CommandExt;
        let folder = home.pty().join("0".repeat(32));
        // It removes its own words, and reads for ever.
        fs::create_dir_all(home.pty()).unwrap();
        fs::write(&folder, "rm \"$0\"\nread word\n").unwrap();
        let mut command = std::process::Command::new("/bin/sh");
        let holder = command.arg0("/usr/libexec/ptyhold").arg(&folder).stdin(std::process::Stdio::piped()).spawn();
        while folder.exists() {
            std::thread::yield_now();
        }
        holder.unwrap()
    }

    #[tokio::test]
    async fn who_cannot_be_found_is_named_and_ended_with_everything() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        let mut holder = lost_holder(&home);
        let lost = wait(&home, displaced(&home), Duration::ZERO).await;
        let said = trouble(&lost).unwrap();
        assert!(said.contains(&format!("ptyhold {};", holder.id())), "{said}");
        // Whoever has ended has no words, also before it is buried.
        end_lost(&home).await;
        assert!(holder.wait().unwrap().code().is_none(), "it was told to end");
        assert_eq!(trouble(&wait(&home, displaced(&home), PATIENCE).await), None);
    }

    #[test]
    fn whoever_lives_in_another_world_is_not_waited_for() {
        let world = |user, root| World { user, root };
        let ours = world(1000, Some((1, 7)));
        #[rustfmt::skip]
        let cases = [
            ("one of ours",               world(1000, Some((1, 7))), true),
            ("another user's",            world(1001, Some((1, 7))), false),
            ("one in a container",        world(1000, Some((2, 7))), false),
            ("one nobody can say it of",  world(1000, None),         false),
        ];
        for (who, its, wanted) in cases {
            assert_eq!(its.is(&ours), wanted, "{who}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(folder_at(&seen_by(Path::new("/proc/self"), folder.path())), folder_at(folder.path()));
    }
}
