//! What a directory is: the identity under which it is attached to a group.
//!
//! Two clones of one repository are the same scope, so the identity is the repository's remote where there is
//! one, and the path otherwise. `git` itself is asked, because it knows worktrees and includes; where it is
//! missing, hangs or refuses, the repository's own files are read. Nothing here starts a hook or asks a person.

use crate::contract::{Scope, id};
use crate::daemon::environment::for_daemon;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long `git` may take for one question.
const GIT_PATIENCE: Duration = Duration::from_secs(2);

/// Most of git's answer that is read: a path or an address is shorter.
const GIT_ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// Largest git configuration that is read without `git`.
const GIT_CONFIG_BYTES_MAX: u64 = 1024 * 1024;

/// Why a path cannot be a scope.
#[derive(Debug, thiserror::Error)]
pub enum ScopeError {
    /// Nobody knows relative to what.
    #[error("{path:?} is relative; make the path absolute")]
    Relative {
        /// As it was given.
        path: String,
    },
    /// Paths travel and are stored as text.
    #[error("{path:?} is not valid UTF-8 and cannot be stored")]
    NotText {
        /// As it was given, with replacements.
        path: String,
    },
    /// No file system takes it.
    #[error("a path cannot contain a zero byte")]
    ZeroByte,
}

/// Identifies a directory: blocking, a few milliseconds, at most four seconds when `git` hangs.
///
/// The directory need not exist. A file stands for the directory it is in.
///
/// # Errors
///
/// The path is relative, or cannot be written as text.
pub fn identify(path: &Path) -> Result<Scope, ScopeError> {
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(ScopeError::ZeroByte);
    }
    if !path.is_absolute() {
        return Err(ScopeError::Relative { path: path.to_string_lossy().into_owned() });
    }
    let mut directory = resolve(path);
    if directory.is_file() {
        directory.pop();
    }
    let repository = if directory.is_dir() { find_repository(&directory) } else { None };
    let (root, remote) = match repository {
        Some(found) => (found.root, found.remote),
        None => (directory, String::new()),
    };
    let Some(url) = root.to_str().map(str::to_owned) else {
        return Err(ScopeError::NotText { path: root.to_string_lossy().into_owned() });
    };
    let git_remote = normalise_remote(&remote, &root);
    let seed = if git_remote.is_empty() { &url } else { &git_remote };
    let scope_key = format!("s_{}", id::digest12(seed));
    let label = root.file_name().map_or_else(|| url.clone(), |name| name.to_string_lossy().into_owned());
    Ok(Scope { scope_key, label, git_remote, url })
}

struct Repository {
    root: PathBuf,
    remote: String,
}

fn find_repository(directory: &Path) -> Option<Repository> {
    if let Some(root) = git(directory, &["rev-parse", "--show-toplevel"]).filter(|root| !root.is_empty()) {
        let remote = git(directory, &["config", "--get", "remote.origin.url"]).unwrap_or_default();
        return Some(Repository { root: resolve(Path::new(&root)), remote });
    }
    find_without_git(directory)
}

/// One question to `git`; `None` when there is no `git`, no answer or no answer in time.
fn git(directory: &Path, question: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    // A repository is somebody else's configuration: what could start a program of theirs is off.
    command.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C"]).arg(directory).args(question);
    // A surrounding git (a hook, an alias) would make ours answer for another repository.
    command.env_clear().envs(for_daemon(std::env::vars_os()));
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut stdout = child.stdout.take()?.take(GIT_ANSWER_BYTES_MAX);
    let (sender, answer) = mpsc::channel();
    // The pipe has no deadline of its own, so a thread reads it; killing the child ends the thread.
    let reader = thread::Builder::new().name("git-answer".into()).spawn(move || {
        let mut text = Vec::new();
        let whole = stdout.read_to_end(&mut text).is_ok();
        // Nobody listens any more when the answer came too late, and nobody needs it then.
        let _ = sender.send(whole.then_some(text));
    });
    let text = match reader {
        Ok(_) => answer.recv_timeout(GIT_PATIENCE).ok().flatten(),
        Err(_) => None,
    };
    if text.is_none() {
        // It may have ended by itself in between; then there is nothing to kill.
        let _ = child.kill();
    }
    let ended_well = child.wait().is_ok_and(|status| status.success());
    let text = String::from_utf8(text?).ok()?;
    ended_well.then(|| text.trim_end_matches('\n').to_owned())
}

fn find_without_git(directory: &Path) -> Option<Repository> {
    for root in directory.ancestors() {
        let dot_git = root.join(".git");
        let Ok(kind) = fs::metadata(&dot_git) else { continue };
        let folder = if kind.is_dir() { dot_git } else { linked_folder(&dot_git)? };
        // An empty folder of this name is no repository, and what is above may be one.
        if !folder.join("HEAD").exists() {
            continue;
        }
        let common = read_small(&folder.join("commondir")).map(|text| folder.join(text.trim()));
        let config = read_small(&common.unwrap_or(folder).join("config")).unwrap_or_default();
        return Some(Repository { root: root.to_path_buf(), remote: remote_of_config(&config) });
    }
    None
}

/// Worktrees and submodules have a file `.git` that says where the folder is.
fn linked_folder(dot_git: &Path) -> Option<PathBuf> {
    let text = read_small(dot_git)?;
    let target = text.strip_prefix("gitdir:")?.trim();
    Some(dot_git.parent()?.join(target))
}

fn read_small(path: &Path) -> Option<String> {
    let mut text = String::new();
    fs::File::open(path).ok()?.take(GIT_CONFIG_BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

/// `remote.origin.url` of a git configuration, the last one as git has it; `""` without one.
fn remote_of_config(config: &str) -> String {
    let mut in_origin = false;
    let mut url = "";
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            in_origin = line.replace(' ', "").eq_ignore_ascii_case("[remote\"origin\"]");
        } else if in_origin
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
        {
            url = value.trim().trim_matches('"');
        }
    }
    url.to_owned()
}

/// One spelling for every way to reach a repository: `https://host/path`, without user, password and `.git`.
///
/// A user name or password in an address would otherwise end up in a ledger.
fn normalise_remote(remote: &str, root: &Path) -> String {
    let remote = remote.trim();
    if remote.is_empty() {
        return String::new();
    }
    let address = if let Some((scheme, rest)) = remote.split_once("://") {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        match scheme.to_ascii_lowercase().as_str() {
            "ssh" | "git+ssh" | "ssh+git" => {
                // The port of ssh says nothing about the address people open.
                let host = host.rsplit_once(':').filter(|(_, port)| is_number(port)).map_or(host, |(host, _)| host);
                format!("https://{host}/{path}")
            }
            scheme => format!("{scheme}://{host}/{path}"),
        }
    } else if let Some((host, path)) = remote.split_once(':').filter(|(host, _)| is_host(host)) {
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        format!("https://{host}/{}", path.trim_start_matches('/'))
    } else {
        // A path. Relative ones mean something only together with the directory they were written in.
        resolve(&root.join(remote)).to_string_lossy().into_owned()
    };
    let address = address.trim_end_matches('/');
    address.strip_suffix(".git").unwrap_or(address).trim_end_matches('/').to_owned()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the part before a colon is a host and not the beginning of a path, as git decides it.
fn is_host(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

/// Follows the symbolic links of the part that exists; the rest is only tidied (`.` and `..`).
fn resolve(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    let mut real = PathBuf::from("/");
    let mut is_gone = false;
    for component in path.components() {
        match component {
            Component::Normal(name) => {
                real.push(name);
                if !is_gone {
                    match fs::canonicalize(&real) {
                        Ok(found) => real = found,
                        Err(error) => is_gone = error.kind() == io::ErrorKind::NotFound,
                    }
                }
            }
            Component::ParentDir => {
                real.pop();
                is_gone = false;
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    real
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_remote_is_one_address() {
        #[rustfmt::skip]
        let cases = [
            // remote                                  address                        why
            ("git@host.example:team/app.git",          "https://host.example/team/app",  "scp-like"),
            ("host.example:team/app",                  "https://host.example/team/app",  "scp-like without a user"),
            ("git@host.example:/team/app.git",         "https://host.example/team/app",  "scp-like with a slash"),
            ("ssh://git@host.example/team/app.git",    "https://host.example/team/app",  "ssh"),
            ("ssh://git@host.example:2222/team/app/",  "https://host.example/team/app",  "ssh with a port"),
            ("https://host.example/team/app.git",      "https://host.example/team/app",  "https"),
            ("https://me:secret@host.example/team/app", "https://host.example/team/app", "no secret gets out"),
            ("http://host.example:8080/app.git/",      "http://host.example:8080/app",   "the port of http matters"),
            ("/srv/app.git",                           "/srv/app",                       "a path"),
            ("../app.git",                             "/no-such-place/app",             "a relative path"),
            ("",                                       "",                               "none"),
        ];
        for (remote, address, why) in cases {
            assert_eq!(normalise_remote(remote, Path::new("/no-such-place/work")), address, "{why}");
        }
    }

    #[test]
    fn a_configuration_is_read_without_git() {
        #[rustfmt::skip]
        let cases = [
            ("[core]\n\tbare = false\n[remote \"origin\"]\n\turl = a:b\n\tfetch = x\n[branch \"m\"]\n\turl = no\n", "a:b"),
            ("[remote \"origin\"]\nurl=one\nURL = two\n",   "two"),
            ("[remote \"other\"]\n\turl = a:b\n",           ""),
            ("",                                            ""),
        ];
        for (config, wanted) in cases {
            assert_eq!(remote_of_config(config), wanted, "{config:?}");
        }
    }

    #[test]
    fn a_path_is_what_it_resolves_to_whether_or_not_it_exists() {
        let folder = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir_all(base.join("real/deep")).unwrap();
        fs::write(base.join("real/file.txt"), "").unwrap();
        std::os::unix::fs::symlink(base.join("real"), base.join("link")).unwrap();
        #[rustfmt::skip]
        let cases = [
            ("real/deep",               "real/deep"),
            ("link/deep",               "real/deep"),
            ("link/../real/./deep/",    "real/deep"),
            ("link/not/there",          "real/not/there"),
            ("link/not/../there",       "real/there"),
            ("real/file.txt",           "real"),
        ];
        for (path, wanted) in cases {
            let scope = identify(&base.join(path)).unwrap();
            let url = base.join(wanted).to_str().unwrap().to_owned();
            assert_eq!(scope.url, url, "{path}");
            assert_eq!(scope.scope_key, format!("s_{}", id::digest12(&url)), "{path}");
        }
        assert!(matches!(identify(Path::new("work")), Err(ScopeError::Relative { .. })));
        assert!(matches!(identify(Path::new("/a\0b")), Err(ScopeError::ZeroByte)));
    }

    /// The same answer with `git` and without, in a clone and below it.
    #[test]
    fn a_repository_is_its_remote() {
        let folder = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(folder.path()).unwrap();
        let (root, below) = (base.join("clone"), base.join("clone/src/deep"));
        fs::create_dir_all(&below).unwrap();
        fs::create_dir_all(root.join(".git/refs")).unwrap();
        fs::create_dir_all(root.join(".git/objects")).unwrap();
        fs::write(root.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        let config =
            "[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = git@host.example:team/app.git\n";
        fs::write(root.join(".git/config"), config).unwrap();

        let without = find_without_git(&below).unwrap();
        assert_eq!(
            (without.root.as_path(), without.remote.as_str()),
            (root.as_path(), "git@host.example:team/app.git")
        );

        let scope = identify(&below).unwrap();
        assert_eq!(scope.url, root.to_str().unwrap());
        assert_eq!((scope.label.as_str(), scope.git_remote.as_str()), ("clone", "https://host.example/team/app"));
        assert_eq!(scope.scope_key, format!("s_{}", id::digest12("https://host.example/team/app")));
    }
}
