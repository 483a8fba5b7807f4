//! Making the session's folder again after somebody else removed it, or the socket or `meta.json` in it, so that an agent
//! at work is found again.
//!
//! A cleaner of temporary files does that (one that goes by age spares a socket in use, and removes the files beside it),
//! or a person who removes the run folder. With a home that was thrown away it is different: nobody could ever reach the
//! holder again, so it ends with its agent. Which of the two it was is seen once whoever removes has had the time to
//! finish. While the home is only elsewhere (moved, or hidden by a link or a mount) nothing is made in what is at its path
//! instead, and the agent works on: whoever looks where the home is finds it. A run folder that lies outside the home
//! tells no more than that the home is not at its path, which counts as thrown away.

use super::{Holder, Phase, trouble};
use crate::hold::document::Meta;
use crate::hold::holder::watch::Watch;
use crate::hold::spec::Spec;
use bus::home::{Root, Standing, make_private_in_its_parent};
use bus::private_socket::listen;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long after a removal the folder is made again.
const RESTORE_AFTER: Duration = Duration::from_secs(2);

/// How long after that failed it is tried again.
const RESTORE_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// How far above a session's folder the run folder is: `<run>/pty/<session>`.
const RUN_ABOVE: usize = 2;

/// What is needed to make the folder again.
#[derive(Debug)]
pub struct Place {
    meta: Meta,
    home: PathBuf,
    /// The folder that is the home, where the session lies in it; none where it could not be kept. Of the end of a folder
    /// that is kept nobody is told, so that whoever lies elsewhere must not keep it.
    root: Option<Root>,
    restore_at: Option<Instant>,
}

impl Place {
    /// The place of a session that is in it.
    pub fn new(meta: Meta, folder: &Path, home: PathBuf) -> Self {
        let root = if folder.starts_with(&home) { Root::open(&home).ok() } else { None };
        Self { meta, home, root, restore_at: None }
    }

    /// What became of the home.
    fn standing(&self) -> Standing {
        match &self.root {
            Some(root) => root.standing(),
            None if is_there(&self.home) => Standing::Here,
            None => Standing::Removed,
        }
    }

    /// When the folder is made again, if it was removed.
    pub fn restore_at(&self) -> Option<Instant> {
        self.restore_at
    }
}

impl Holder {
    /// Looks after the files of the session, as far as the system has told that something was removed (`is_told`) or it is
    /// time to. Returns whether nobody will ever reach us again.
    pub(super) fn mind_place(&mut self, is_told: bool, now: Instant) -> bool {
        if self.watch.take_due(is_told, now) {
            if !self.watch.is_one_missing() && self.place.standing() == Standing::Here {
                // A log whose turn is over was removed by us, and changes nothing.
                self.transcript.leave_removed();
            } else if matches!(self.phase, Phase::Ended { .. } | Phase::Over) && !self.folder.socket().exists() {
                // Nothing is left to be reached for.
                return true;
            } else {
                self.place.restore_at.get_or_insert(now + RESTORE_AFTER);
            }
        }
        if self.place.restore_at.take_if(|at| now >= *at).is_none() {
            return false;
        }
        match self.place.standing() {
            Standing::Removed => return true,
            Standing::Moved(_) | Standing::Hidden => {
                self.place.restore_at = Some(now + RESTORE_AGAIN_AFTER);
                // Nothing is left to be reached for.
                return matches!(self.phase, Phase::Ended { .. } | Phase::Over) && !self.folder.socket().exists();
            }
            Standing::Here if !self.watch.is_one_missing() => {
                self.transcript.leave_removed();
                return false;
            }
            Standing::Here => {}
        }
        match self.restore(now) {
            Ok(()) => trouble::note(&self.folder, "the socket or meta.json was removed; it is made again"),
            // A full disk passes.
            Err(error) => {
                self.place.restore_at = Some(now + RESTORE_AGAIN_AFTER);
                trouble::note(&self.folder, &format!("cannot make the folder again: {error}"));
            }
        }
        false
    }

    fn restore(&mut self, now: Instant) -> io::Result<()> {
        let path = self.folder.path();
        // Not the home, which may have gone just now. A run folder that had to move lies where others may make one, too.
        for folder in path.ancestors().take(RUN_ABOVE + 1).collect::<Vec<_>>().into_iter().rev() {
            make_private_in_its_parent(folder).map_err(io::Error::other)?;
        }
        let socket = self.folder.socket();
        // Whoever waits at a socket that is still there is not turned away.
        if !socket.exists() {
            let listener = listen(&socket)?;
            let watch = Watch::on(path, self.folder.lifelines(), &self.place.home, now)?;
            // Removed before anybody watched.
            fs::symlink_metadata(&socket)?;
            (self.listener, self.watch) = (listener, watch);
        }
        // Last of all, as at the start: whoever reads it finds the socket.
        self.folder.write_meta(&self.place.meta)?;
        self.transcript.leave_removed();
        Ok(())
    }
}

/// The home of a session: what its program is told, because the run folder may have moved out of it; else what lies above
/// the session's folder, `<home>/run/pty/<session>`.
pub fn home_of(spec: &Spec, folder: &Path) -> PathBuf {
    let told = spec.environment.get("CCCC_HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    told.unwrap_or_else(|| folder.ancestors().nth(RUN_ABOVE + 1).unwrap_or(folder).to_path_buf())
}

/// Whether a folder is still there; also when nobody can say.
fn is_there(folder: &Path) -> bool {
    !fs::metadata(folder).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}
