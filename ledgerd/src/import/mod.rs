//! `ledgerd import <older home> [--home <folder>] [--apply] [--json]`: brings groups of the older implementation over.
//!
//! Without `--apply` it only says what it would do. The older home is read and never written. What is in our home
//! already stays as it is, so an import that was interrupted is simply repeated.
//!
//! Exit code 0: everything came over. 1: something did not, or nothing could be done. 2: the arguments cannot be
//! understood.

mod convert;
mod file;
mod ledger;
mod old;
mod place;
mod report;
mod shape;

use crate::decision::{HOME, Secret};
use crate::state::State;
use crate::store::layout::Layout;
use crate::store::lock::Lock;
use crate::store::{Closed, Store, StoreError, secret, verify};
use crate::yaml;
use bus::contract::event::{ActiveGroup, ObservabilitySet, ProfileSecrets, ProfileSet, RemoteAccessSet, ScopeDefault};
use bus::contract::{Body, id, time};
use bus::daemon::Life;
use bus::home::Home;
use report::{Group, ImportReport, Outcome};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: ledgerd import <older home> [--home <folder>] [--apply] [--json]";
const EXIT_USAGE: u8 = 2;

/// Why nothing, or not everything, can be brought over.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is nothing to bring over.
    #[error("{} is no home of the older implementation: it has no registry.json", home.display())]
    NoHome {
        /// Where we looked.
        home: PathBuf,
    },
    /// Both would write to the same agents and directories.
    #[error("the daemon of {} still runs; stop it first with its own `cccc daemon stop`", home.display())]
    Runs {
        /// Which home.
        home: PathBuf,
    },
    /// The older home is where ours is to be.
    #[error("{} is to be the new home, too; move it away first: mv {} {}-old", home.display(), home.display(), home.display())]
    SameFolder {
        /// Which folder.
        home: PathBuf,
    },
    /// A document is not what it should be.
    #[error("cannot understand {}: {why}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The system said no.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Our home can be read, not written.
    #[error("cannot write {}: {why}", home.display())]
    Closed {
        /// Which home.
        home: PathBuf,
        /// Why not.
        why: String,
    },
    /// Our home cannot be opened or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportError {
    fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_path_buf(), source }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct ImportArgs {
    from: PathBuf,
    home: Option<PathBuf>,
    is_applied: bool,
    is_json: bool,
}

/// Runs the command on the arguments that follow its name.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(asked) = read(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(EXIT_USAGE);
    };
    let root = match Home::find(asked.home.as_deref()) {
        Ok(home) => home.root().to_path_buf(),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    match import(&asked.from, &root, asked.is_applied) {
        Ok(report) => {
            if asked.is_json {
                println!("{}", serde_json::to_string(&report).expect("a report is plain data"));
            } else {
                print!("{report}");
            }
            if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {}", reasons(&error));
            ExitCode::FAILURE
        }
    }
}

fn read(mut arguments: impl Iterator<Item = OsString>) -> Option<ImportArgs> {
    let mut asked = ImportArgs::default();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--home") => asked.home = Some(arguments.next()?.into()),
            Some("--apply") => asked.is_applied = true,
            Some("--json") => asked.is_json = true,
            Some(option) if option.starts_with('-') => return None,
            _ if asked.from.as_os_str().is_empty() => asked.from = argument.into(),
            _ => return None,
        }
    }
    Some(asked).filter(|asked| !asked.from.as_os_str().is_empty())
}

/// Brings everything over, or says what would be brought. A group that cannot be brought stops no other one.
///
/// # Errors
///
/// Nothing can be done.
fn import(from: &Path, root: &Path, is_applied: bool) -> Result<ImportReport, ImportError> {
    let from = from.canonicalize().map_err(|error| ImportError::io("open", from, error))?;
    if root.canonicalize().is_ok_and(|root| root == from) {
        return Err(ImportError::SameFolder { home: from });
    }
    let older = old::Home::open(&from)?;
    let layout = Layout::new(root);
    layout.refuse_foreign()?;
    // Whoever only asks is told what would stop whoever means it.
    let lock = if is_applied { Some(Lock::take(&layout)?) } else { Lock::check(&layout).map(|()| None)? };
    let bring = |group_id: &String| {
        let brought = group(&older, &layout, group_id, is_applied);
        brought.unwrap_or_else(|error| {
            let why = reasons(&error);
            let is_theirs = matches!(error, ImportError::Unreadable { .. });
            Group::stays(group_id, if is_theirs { Outcome::Unreadable(why) } else { Outcome::Failed(why) })
        })
    };
    let groups = older.groups.iter().map(bring).collect();
    let profiles = older.profiles.iter().map(|(profile, _)| profile.id.clone()).collect();
    // The lock is kept: a daemon that started in between would have the home to itself.
    let settled = match lock {
        Some(lock) => settle(&older, layout, lock),
        None => check_home(&layout),
    };
    let failed = settled.err().map(|error| reasons(&error));
    let (into, left_out) = (root.to_path_buf(), older.left_out.clone());
    Ok(ImportReport { from, into, applied: is_applied, groups, profiles, left_out, failed })
}

/// An error and its causes in one line.
fn reasons(error: &ImportError) -> String {
    let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
    format!("{error}{why}")
}

fn group(older: &old::Home, layout: &Layout, group_id: &str, is_applied: bool) -> Result<Group, ImportError> {
    if layout.folder(group_id).exists() {
        return Ok(Group::stays(group_id, Outcome::IsThere));
    }
    let old = older.group(group_id)?;
    let kept = place::kept_as(older.root(), &old.files)?;
    let converted = if is_applied {
        place::place(older.root(), layout, &old, &kept, time::now())?
    } else {
        place::check(layout, &old)?;
        convert::convert(&old, &kept, time::now(), &mut |_| Ok(()))?
    };
    Ok(Group::comes(&old, &converted))
}

/// Says what would keep [`settle`] from doing its work.
fn check_home(layout: &Layout) -> Result<(), ImportError> {
    let reports = verify::verify::<State>(layout, Some(HOME))?;
    match reports.iter().find(|report| !report.is_good()) {
        Some(report) => Err(ImportError::Closed { home: layout.root().to_path_buf(), why: report.to_string() }),
        None => Ok(()),
    }
}

/// Has the home take the groups in, and writes what is about all of it, where it says nothing else yet.
fn settle(older: &old::Home, layout: Layout, lock: Lock) -> Result<(), ImportError> {
    let mut state = State::new();
    let (mut store, _) = Store::open_locked(layout, lock, &mut state, &Life::unwatched())?;
    if let Err(closed) = store.is_open(HOME)? {
        let why = match closed {
            Closed::Damaged(why) => why,
            Closed::Full(shortage) => shortage.words().into(),
        };
        return Err(ImportError::Closed { home: store.layout().root().to_path_buf(), why });
    }
    let mut bodies: Vec<Body> = Vec::new();
    for (profile, variables) in &older.profiles {
        if state.home.profile(&profile.id).is_ok() {
            continue;
        }
        bodies.push(ProfileSet { profile: profile.clone() }.into());
        if !variables.0.is_empty() {
            let (version, keys) = (id::unique(), variables.names());
            let secret = Secret { ledger: HOME.into(), version: version.clone(), variables: variables.clone() };
            secret::store(store.layout(), &secret)?;
            bodies.push(ProfileSecrets { profile_id: profile.id.clone(), version, keys }.into());
        }
    }
    for (scope_key, group_id) in &older.scope_defaults {
        if state.home.groups.contains(group_id) && !state.home.scope_defaults.contains_key(scope_key) {
            let (scope_key, default_group_id) = (scope_key.clone(), group_id.clone());
            bodies.push(ScopeDefault { scope_key, default_group_id }.into());
        }
    }
    if let Some(active) = older.active_group.as_ref().filter(|group| state.home.groups.contains(*group))
        && state.home.active_group.is_empty()
    {
        bodies.push(ActiveGroup { active_group_id: active.clone() }.into());
    }
    if let Some(observability) = older.observability.as_ref().filter(|_| state.home.observability == Default::default())
        && *observability != state.home.observability
    {
        bodies.push(ObservabilitySet { observability: observability.clone() }.into());
    }
    if let Some(config) = older.remote.as_ref().filter(|_| state.home.remote.updated_at.is_empty())
        && *config != state.home.remote.config
    {
        bodies.push(RemoteAccessSet { config: config.clone(), version: String::new(), keys: Vec::new() }.into());
    }
    if !bodies.is_empty() {
        store.record(&mut state, HOME, bodies)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    /// An older home with a profile and these groups.
    fn older_home(root: &Path, groups: &[&str]) {
        let write = |below: &str, text: &str| {
            let path = root.join(below);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("registry.json", "{}");
        let profile = json!({"v": 1, "id": "p", "name": "P", "runtime": "custom", "command": ["agent"], "revision": 1,
                             "created_at": "", "updated_at": ""});
        write("state/actor_profiles/profiles.json", &json!({"profiles": {"p": profile, "q": {"id": "q"}}}).to_string());
        groups.iter().for_each(|id| write(&format!("groups/{id}/group.yaml"), "title: A group\n"));
    }

    #[test]
    fn a_group_that_cannot_be_written_stops_no_other_one() {
        let folder = tempfile::tempdir().unwrap();
        let (older, root) = (folder.path().join("older"), folder.path().join("home"));
        let [first, blocked, last] = ["g_000000000001", "g_000000000002", "g_000000000003"];
        older_home(&older, &[first, blocked, last]);
        let in_the_way = root.join("groups").join(format!(".import-{blocked}"));
        fs::create_dir_all(root.join("groups")).unwrap();
        fs::write(&in_the_way, "").unwrap();

        let report = import(&older, &root, false).unwrap();
        assert!(matches!(report.groups[1].outcome, Outcome::Failed(_)) && !report.is_complete(), "said beforehand");
        let report = import(&older, &root, true).unwrap();
        let outcomes: Vec<_> = report.groups.iter().map(|group| &group.outcome).collect();
        assert!(matches!(outcomes[..], [Outcome::Comes, Outcome::Failed(_), Outcome::Comes]), "{outcomes:?}");
        assert!(!report.is_complete());
        let said = report.to_string();
        assert!(said.contains(".import-g_000000000002"), "{said}");
        assert!(said.contains("left out: the profile q: "), "{said}");
        assert!(said.trim_end().lines().last().unwrap().starts_with("did not come over: g_000000000002;"), "{said}");

        fs::remove_file(in_the_way).unwrap();
        let report = import(&older, &root, true).unwrap();
        let outcomes: Vec<_> = report.groups.iter().map(|group| &group.outcome).collect();
        assert!(matches!(outcomes[..], [Outcome::IsThere, Outcome::Comes, Outcome::IsThere]), "{outcomes:?}");
        assert!(report.is_complete(), "{report}");
        let mut state = State::new();
        Store::open(&root, &mut state, &Life::unwatched()).unwrap();
        assert!(state.home.profile("p").is_ok() && state.groups().count() == 3, "the profile is there, too");
    }

    #[test]
    fn what_is_about_the_whole_home_is_named_when_it_does_not_come_over() {
        let folder = tempfile::tempdir().unwrap();
        let (older, root) = (folder.path().join("older"), folder.path().join("home"));
        older_home(&older, &["g_000000000001"]);
        // The ledger of the home is no file.
        fs::create_dir_all(Layout::new(&root).ledger(HOME)).unwrap();
        let report = import(&older, &root, true).unwrap();
        assert!(!report.is_complete() && report.groups[0].outcome == Outcome::Comes, "{report}");
        let said = report.to_string();
        assert!(import(&older, &root, false).unwrap().failed.is_some(), "said beforehand");
        assert!(
            said.trim_end().lines().last().unwrap().starts_with("did not come over: profiles and defaults;"),
            "{said}"
        );
    }

    #[test]
    fn what_runs_on_the_new_home_is_said_beforehand() {
        let folder = tempfile::tempdir().unwrap();
        let (older, root) = (folder.path().join("older"), folder.path().join("home"));
        older_home(&older, &["g_000000000001"]);
        let (_store, _) = Store::open(&root, &mut State::new(), &Life::unwatched()).unwrap();
        for is_applied in [false, true] {
            let refusal = import(&older, &root, is_applied).unwrap_err().to_string();
            assert!(refusal.contains("is in use by process"), "{refusal}");
        }
    }

    /// What one file has that cannot be read costs nothing but that file, and is said before anything is written.
    #[test]
    fn one_file_that_cannot_be_read_costs_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (older, root) = (folder.path().join("older"), folder.path().join("home"));
        let group = older.join("groups/g_000000000001");
        older_home(&older, &["g_000000000001"]);
        let write = |below: &str, text: &str| {
            let path = older.join(below);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let actors = "actors:\n- {id: lead, runtime: custom, command: [agent], enabled: \"true\"}\n- {id: 'off', enabled: 'no'}\n";
        write("groups/g_000000000001/group.yaml", &format!("title: A group\ntopic: {}\n{actors}", "x".repeat(300_000)));
        write("groups/g_000000000001/context/tasks/T001.yaml", "id: T001\nname: one\nstatus: Done\nupdated_at:\n");
        write("groups/g_000000000001/context/tasks/T002.yaml", "id: [T002\n");
        write("groups/g_000000000001/context/tasks/T003.yaml", &format!("id: T003\ngoal: {}\n", "x".repeat(300_000)));
        write("groups/g_000000000001/state/read_cursors.json", "{");
        write(
            "settings.yaml",
            "observability: {developer_mode: 'yes', log_level: nonsense}\nremote_access: {provider: manual}\n",
        );
        write("state/secrets/actors/g_000000000001/lead.e3456bc1f4d270f4.json", "no JSON");
        fs::create_dir_all(group.join("state/blobs")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", group.join("state/blobs/link.txt")).unwrap();

        let before = import(&older, &root, false).unwrap();
        assert!(!root.exists(), "a dry run writes nothing");
        let after = import(&older, &root, true).unwrap();
        for report in [&before, &after] {
            let group = &report.groups[0];
            assert_eq!(group.outcome, Outcome::Comes, "{report}");
            let said = group.left_out.join("\n");
            for wanted in [
                "T002.yaml",
                "T003: the event takes",
                "read_cursors.json",
                "lead.e3456bc1f4d270f4.json",
                "link.txt",
                "end of its topic",
            ] {
                assert!(said.contains(wanted), "{wanted}: {said}");
            }
            assert_eq!(group.left_out.len(), 6, "{said}");
        }
        let mut state = State::new();
        Store::open(&root, &mut state, &Life::unwatched()).unwrap();
        let group = state.group("g_000000000001").unwrap();
        let enabled: Vec<_> = group
            .actor_states
            .iter()
            .map(|actor_state| (actor_state.actor.id.as_str(), actor_state.actor.enabled))
            .collect();
        assert_eq!(enabled, [("lead", true), ("off", false)]);
        assert_eq!(group.context.task("T001").unwrap().task.status.word(), "done");
        assert!(state.home.observability.developer_mode && state.home.observability.log_level == "INFO");
        assert_eq!(state.home.remote.config.provider.word(), "manual");
    }

    #[test]
    fn arguments_are_read_or_refused() {
        let asked = |from: &str, home: Option<&str>, is_applied, is_json| {
            Some(ImportArgs { from: from.into(), home: home.map(PathBuf::from), is_applied, is_json })
        };
        #[rustfmt::skip]
        let cases = [
            (vec!["/o"],                                    asked("/o", None, false, false)),
            (vec!["--apply", "/o", "--home", "/h"],         asked("/o", Some("/h"), true, false)),
            (vec!["/o", "--json"],                          asked("/o", None, false, true)),
            (vec!["/o", "/p"],                              None),
            (vec!["--apply"],                               None),
            (vec!["/o", "--force"],                         None),
            (vec!["/o", "--home"],                          None),
        ];
        for (given, wanted) in cases {
            assert_eq!(read(given.iter().map(OsString::from)), wanted, "{given:?}");
        }
    }
}
