//! What became of the home under a running supervisor, and how the supervisor ends then.

use super::ending::Ending;
use bus::home::{Home, Root, Standing};
use std::io;
use std::path::PathBuf;

/// What is to be thought of a home under a running supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HomeState {
    /// Where it belongs; what is missing is made again.
    Fine,
    /// Surely removed.
    Removed,
    /// All of it is gone but its folder: whoever removes it has not finished.
    Emptied,
    /// What a supervisor makes is gone and what people made is there: perhaps a beginning, perhaps all of it.
    Bare,
    /// It lies elsewhere now.
    Moved(PathBuf),
    /// Its path leads elsewhere, by a link or a mount.
    Hidden,
}

impl HomeState {
    /// How it is with a home whose folder was this one.
    pub fn of(home: &Home, root: &Root) -> Self {
        let is_gone = |name: &str| {
            let about = home.root().join(name).symlink_metadata();
            about.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        match root.standing() {
            Standing::Here if !["run", "daemon", "logs"].into_iter().all(is_gone) => Self::Fine,
            Standing::Here if ["home", "groups"].into_iter().all(is_gone) => Self::Emptied,
            Standing::Here => Self::Bare,
            Standing::Removed => Self::Removed,
            Standing::Moved(path) => Self::Moved(path),
            Standing::Hidden => Self::Hidden,
        }
    }

    /// Whether it may be another one in a moment, so that one look is not enough.
    pub fn is_passing(&self) -> bool {
        !matches!(self, Self::Fine | Self::Removed)
    }

    /// What became of the home, and how its supervisor ends; nothing for a home that goes on. Agents are ended for one
    /// that is surely thrown away only.
    pub fn end(&self) -> Option<(String, Ending)> {
        match self {
            Self::Fine | Self::Bare => None,
            Self::Removed | Self::Emptied => Some(("was removed".into(), Ending::WithAgents)),
            Self::Moved(path) => Some((format!("was moved to {}", path.display()), Ending::WithoutAgents)),
            Self::Hidden => {
                Some(("is hidden, because its path leads elsewhere by a link or a mount".into(), Ending::WithoutAgents))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_home_ends_its_agents_only_once_nothing_is_left_of_it() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path().canonicalize().unwrap();
        let home = Home::find(Some(&top.join("home"))).unwrap();
        home.make().unwrap();
        fs::create_dir(home.root().join("groups")).unwrap();
        let root = Root::open(home.root()).unwrap();
        let state = || HomeState::of(&home, &root);
        for folder in [home.run().to_path_buf(), home.daemon()] {
            fs::remove_dir_all(folder).unwrap();
            assert_eq!(state(), HomeState::Fine, "that may be all that is removed");
        }
        fs::remove_dir_all(home.logs()).unwrap();
        assert_eq!(state(), HomeState::Bare, "the data is there");
        assert_eq!(state().end(), None);
        fs::remove_dir(home.root().join("groups")).unwrap();
        assert_eq!(state(), HomeState::Emptied, "whoever removes it has not finished");
        home.make_again().unwrap();
        assert_eq!(state(), HomeState::Fine);
        fs::rename(home.root(), top.join("old")).unwrap();
        home.make().unwrap();
        assert_eq!(state(), HomeState::Moved(top.join("old")), "this is another one");
        assert_eq!(state().end().unwrap().1, Ending::WithoutAgents);
        fs::remove_dir_all(top.join("old")).unwrap();
        assert_eq!(state().end().unwrap().1, Ending::WithAgents);
    }
}
