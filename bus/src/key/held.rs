//! The key that a daemon holds: handed down by the supervisor through a pipe, or, for daemons that stand alone, in a file
//! of the run folder.
//!
//! A command line and an environment can be read in `/proc`; a pipe is empty once it was read. It is the daemon's standard
//! input, and a variable says so. Nobody is given the [root key](RootKey): a daemon gets its own key, and for each who may
//! ask it the key of that link, which proves nothing to anybody else.

use super::{DaemonKey, Guard, KEY_BYTES, LinkKey, RootKey};
use crate::contract::id;
use crate::contract::links::Process;
use crate::home::Home;
use crate::identity::Identity;
use crate::plain;
use nix::unistd::{dup2, geteuid};
use std::fs::{self, File, OpenOptions};
use std::io::{self, PipeReader, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Says on which descriptor a daemon finds its key.
pub const VARIABLE: &str = "CCCC_KEY_FD";

/// The only one there is: standard input, which a daemon has no other use for.
pub const DESCRIPTOR: &str = "0";

/// What is handed down: how it is written, and the daemon's own key; then how many askers there are, and of each the
/// number and the key of the link.
const OWN_AND_ASKERS: u8 = 3;

/// What a supervisor of an earlier version hands down, whose daemon was replaced meanwhile: a root key, or an own key of a
/// daemon that nobody asks.
const ROOT: u8 = 1;
const OWN: u8 = 2;

/// Why a daemon has no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The supervisor has handed down none.
    #[error("cannot read the key that the supervisor hands down on descriptor {DESCRIPTOR} ({VARIABLE})")]
    NotHanded(#[source] io::Error),
    /// The file of daemons that stand alone cannot be used.
    #[error("cannot {action} the key {}", path.display())]
    File {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is none of ours.
    #[error("the key {} has {bytes} bytes instead of {KEY_BYTES}; remove it and start the daemons again", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },
}

/// What a daemon holds.
#[derive(Debug, Clone)]
pub struct Held {
    own: DaemonKey,
    askers: Vec<LinkKey>,
    file: Option<(PathBuf, Identity)>,
}

impl Held {
    /// The key of a daemon, from wherever it is.
    ///
    /// # Errors
    ///
    /// It cannot be had; nothing is proven without it, so the daemon does not start.
    pub fn find(process: Process, home: &Home) -> Result<Self, KeyError> {
        match std::env::var(VARIABLE).as_deref() {
            Ok(DESCRIPTOR) => Self::take(process).map_err(KeyError::NotHanded),
            Ok(other) => {
                let why = format!("{VARIABLE} is {other:?}, and only {DESCRIPTOR:?} means something");
                Err(KeyError::NotHanded(io::Error::new(io::ErrorKind::InvalidInput, why)))
            }
            Err(_) => Self::of_home(process, home),
        }
    }

    /// The same where no supervisor hands anything down: whoever is first makes the key of the home.
    ///
    /// # Errors
    ///
    /// The file cannot be made or read, or is none of ours.
    pub fn of_home(process: Process, home: &Home) -> Result<Self, KeyError> {
        let path = home.key_file();
        // Before it is read: when another one takes its place meanwhile, that is seen later.
        let before = Identity::at(&path);
        let root = match read(&path)? {
            Some(root) => root,
            None => make(&path)?,
        };
        let identity = before.or_else(|_| Identity::at(&path)).map_err(fail("look at", &path))?;
        Ok(Self { file: Some((path, identity)), ..Self::derived(process, &root) })
    }

    fn derived(process: Process, root: &RootKey) -> Self {
        Self { own: root.of(process), askers: root.askers(process), file: None }
    }

    fn take(process: Process) -> io::Result<Self> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let held = Self::read(process, File::from(input))?;
        // Nobody who is started from here has an end of that pipe, or waits for more of it.
        dup2(File::open("/dev/null")?.as_raw_fd(), io::stdin().as_raw_fd())?;
        Ok(held)
    }

    fn read(process: Process, mut from: impl io::Read) -> io::Result<Self> {
        let [kind] = bytes(&mut from)?;
        let secret = bytes(&mut from)?;
        let own = DaemonKey { process, secret };
        let askers = match kind {
            ROOT => return Ok(Self::derived(process, &RootKey(secret))),
            OWN => Vec::new(),
            OWN_AND_ASKERS => askers(&mut from)?,
            other => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a key of the unknown kind {other}")));
            }
        };
        Ok(Self { own, askers, file: None })
    }

    /// Its own key.
    pub fn own(&self) -> &DaemonKey {
        &self.own
    }

    /// What it checks others with.
    pub fn guard(&self) -> Guard {
        Guard::new(self.own.process, self.askers.clone())
    }

    /// The file it is from, if it is from one. When that is gone, the next daemon will have another key.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    /// Whether that is gone, or another one is in its place.
    pub fn is_outdated(&self) -> bool {
        self.file.as_ref().is_some_and(|(path, identity)| Identity::at(path).ok() != Some(*identity))
    }
}

/// What a supervisor gives a daemon as its standard input, with [`VARIABLE`] set to [`DESCRIPTOR`].
///
/// # Errors
///
/// The system gives no pipe.
pub fn hand(root: &RootKey, process: Process) -> io::Result<PipeReader> {
    let Held { own, askers, .. } = Held::derived(process, root);
    let count = u8::try_from(askers.len()).expect("there are fewer processes than numbers for them");
    let (reader, mut writer) = io::pipe()?;
    // An empty pipe takes that much at once.
    writer.write_all(&[OWN_AND_ASKERS])?;
    writer.write_all(&own.secret)?;
    writer.write_all(&[count])?;
    for asker in askers {
        writer.write_all(&[asker.asks.number()])?;
        writer.write_all(&asker.secret)?;
    }
    Ok(reader)
}

fn bytes<const COUNT: usize>(from: &mut impl io::Read) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Keys of links. One of a process that this version does not know is of no use to it.
fn askers(from: &mut impl io::Read) -> io::Result<Vec<LinkKey>> {
    let [count] = bytes(from)?;
    let mut askers = Vec::new();
    for _ in 0..count {
        let ([number], secret) = (bytes(from)?, bytes(from)?);
        askers.extend(Process::of_number(number).map(|asks| LinkKey { asks, secret }));
    }
    Ok(askers)
}

fn fail(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_path_buf();
    move |source| KeyError::File { action, path, source }
}

fn read(path: &Path) -> Result<Option<RootKey>, KeyError> {
    let bytes = match plain::read(path, KEY_BYTES as u64) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail("read", path)(error)),
    };
    let about = fs::symlink_metadata(path).map_err(fail("look at", path))?;
    if about.uid() != geteuid().as_raw() || about.mode() & 0o077 != 0 {
        let why =
            format!("others may read it (mode {:03o}); remove it and start the daemons again", about.mode() & 0o777);
        return Err(fail("trust", path)(io::Error::new(io::ErrorKind::PermissionDenied, why)));
    }
    let secret = <[u8; KEY_BYTES]>::try_from(bytes.as_slice());
    secret.map(|secret| Some(RootKey(secret))).map_err(|_| KeyError::Foreign { path: path.into(), bytes: bytes.len() })
}

/// Makes the file whole or not at all. Of several who do so at once one wins, and all have the same key.
fn make(path: &Path) -> Result<RootKey, KeyError> {
    let draft = path.with_file_name(format!("key.{}", id::unique()));
    let write = || {
        let mut file = plain::open(&draft, OpenOptions::new().write(true).create_new(true).mode(0o600))?;
        file.write_all(&RootKey::random().0)?;
        // Half a key after a power cut would stop every later start.
        file.sync_all()?;
        fs::hard_link(&draft, path)
    };
    let made = write();
    // A draft that is left behind opens nothing.
    let _ = fs::remove_file(&draft);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(fail("make", path)(error)),
        _ => read(path)?.ok_or_else(|| fail("read", path)(io::ErrorKind::NotFound.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::thread;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        (folder, home)
    }

    #[test]
    fn all_who_stand_alone_have_one_key_whoever_is_first() {
        let (_folder, home) = home();
        let all: Vec<_> = thread::scope(|scope| {
            let begun: Vec<_> = (0..16).map(|_| scope.spawn(|| Held::of_home(Process::Ptyd, &home).unwrap())).collect();
            begun.into_iter().map(|each| each.join().unwrap()).collect()
        });
        assert!(all.iter().all(|held| held.own() == all[0].own()));
        let mode = fs::metadata(home.key_file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let left = fs::read_dir(home.run())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("key"));
        assert_eq!(left.count(), 1, "no draft is left");
    }

    #[test]
    fn what_is_no_key_is_told_and_left_alone() {
        let (_folder, home) = home();
        fs::write(home.key_file(), "half").unwrap();
        for (mode, is_private) in [(0o644, false), (0o600, true)] {
            fs::set_permissions(home.key_file(), fs::Permissions::from_mode(mode)).unwrap();
            let refused = Held::of_home(Process::Door, &home).unwrap_err();
            assert_eq!(matches!(refused, KeyError::Foreign { bytes: 4, .. }), is_private, "{refused}");
            assert_eq!(matches!(refused, KeyError::File { action: "trust", .. }), !is_private, "{refused}");
        }
        assert_eq!(fs::read(home.key_file()).unwrap(), b"half");
    }

    #[test]
    fn nobody_is_handed_the_key_of_another_or_of_all() {
        let root = RootKey::random();
        for process in Process::ALL.iter().copied() {
            let mut handed = Vec::new();
            hand(&root, process).unwrap().read_to_end(&mut handed).unwrap();
            let has = |key: &[u8; KEY_BYTES]| handed.windows(KEY_BYTES).any(|window| window == key);
            assert!(!has(&root.0), "{process:?}");
            for other in Process::ALL.iter().copied() {
                assert_eq!(has(&root.of(other).secret), other == process, "{process:?} {other:?}");
            }
            let held = Held::read(process, &handed[..]).unwrap();
            assert_eq!((held.own, held.askers), (root.of(process), root.askers(process)), "{process:?}");
        }
    }

    /// A supervisor goes on while its programs are replaced by others.
    #[test]
    fn what_other_versions_hand_down_is_understood() {
        let root = RootKey::random();
        let own = root.of(Process::Ptyd);
        let door = root.of(Process::Door).to_ask(Process::Ptyd);
        #[rustfmt::skip]
        let cases = [
            // handed down                                                            askers
            (vec![&[1][..], &root.0],                                                 Some(root.askers(Process::Ptyd))),
            (vec![&[2], &own.secret],                                                 Some(Vec::new())),
            (vec![&[3], &own.secret, &[0]],                                           Some(Vec::new())),
            (vec![&[3], &own.secret, &[2], &[200], &[7; 32], &[3], &door.secret],     Some(vec![door.clone()])),
            (vec![&[3], &own.secret, &[1], &[3]],                                     None),
            (vec![&[3], &own.secret],                                                 None),
            (vec![&[4], &own.secret, &[0]],                                           None),
            (vec![],                                                                  None),
        ];
        for (handed, askers) in cases {
            let held = Held::read(Process::Ptyd, &handed.concat()[..]);
            assert!(held.as_ref().is_ok_and(|held| *held.own() == own) || askers.is_none(), "{handed:?}");
            assert_eq!(held.ok().map(|held| held.askers), askers, "{handed:?}");
        }
    }
}
