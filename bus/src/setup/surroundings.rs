//! Where a runtime is set up: the user's home and variables, the project, and our own program.

use super::entry::IDENTITY;
use super::recipe::{PROJECT, Way};
use crate::contract::runtime::Runtime;
use crate::daemon::environment::PATH_DEFAULT;
use crate::program;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What a setup needs to know of the world.
#[derive(Debug, Clone)]
pub struct Surroundings {
    environment: BTreeMap<OsString, OsString>,
    project: PathBuf,
    command: PathBuf,
}

impl Surroundings {
    /// `environment` is what the runtime's program would be started with, `project` where, both absolute; `command` is our
    /// program `cccc`.
    pub fn new(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        project: impl Into<PathBuf>,
        command: impl Into<PathBuf>,
    ) -> Self {
        // Who an agent is must not reach what is written for all of them.
        let environment = environment.into_iter().filter(|(name, _)| IDENTITY.iter().all(|own| name != own)).collect();
        Self { environment, project: project.into(), command: command.into() }
    }

    /// The same with programs looked for elsewhere.
    #[must_use]
    pub fn on_path(mut self, path: &OsStr) -> Self {
        self.environment.insert("PATH".into(), path.to_owned());
        self
    }

    /// The environment of a runtime's program.
    pub fn environment(&self) -> &BTreeMap<OsString, OsString> {
        &self.environment
    }

    /// The project's folder.
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// Our program.
    pub fn command(&self) -> &Path {
        &self.command
    }

    /// Where the runtime's program is.
    pub fn program(&self, runtime: &Runtime) -> Option<PathBuf> {
        program::find(runtime.executable, self.variable("PATH").unwrap_or(OsStr::new(PATH_DEFAULT)))
    }

    fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The files that may hold our entry, the likeliest first; none where the home is not known.
    pub fn files(&self, way: &Way) -> Vec<PathBuf> {
        let all = |files: &[&str]| files.iter().map(|file| self.file(file)).collect::<Option<Vec<_>>>();
        way.files.iter().find_map(|files| all(files)).unwrap_or_default()
    }

    /// Under which keys our entry may stand in them, the likeliest first.
    pub fn keys(&self, way: &Way) -> Vec<Vec<String>> {
        let named = |project: &Path| {
            let project = project.to_string_lossy();
            way.key.split('/').map(|word| word.replace(PROJECT, &project)).collect()
        };
        let own = std::iter::once(named(&self.project));
        // A program may take a folder of a repository for the whole of it.
        let root = self.project.ancestors().skip(1).find(|folder| folder.join(".git").exists());
        let is_root = self.project.join(".git").exists() || !way.key.contains(PROJECT);
        own.chain(root.filter(|_| !is_root).map(named)).collect()
    }

    fn file(&self, pattern: &str) -> Option<PathBuf> {
        let (first, rest) = pattern.split_once('/').unwrap_or((pattern, ""));
        let folder = match first.strip_prefix('$') {
            Some(name) => PathBuf::from(self.variable(name)?),
            None if first == "~" => PathBuf::from(self.variable("HOME")?),
            None => self.project.clone(),
        };
        let (folder, rest) = match rest.split_once("?/") {
            Some((made, rest)) => (Some(folder.join(made)).filter(|folder| folder.is_dir())?, rest),
            None => (folder, rest),
        };
        // A relative one is the program's own affair: it would be another file in every folder.
        folder.is_absolute().then(|| if rest.is_empty() { folder.clone() } else { folder.join(rest) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::{Scope, recipe};

    #[test]
    fn a_file_is_where_the_program_would_look_for_it() {
        #[rustfmt::skip]
        let cases = [
            // runtime    scope           variable, value                          file
            ("claude",    Scope::User,    ("", ""),                                "/u/.claude.json"),
            ("claude",    Scope::User,    ("CLAUDE_CONFIG_DIR", "/c"),             "/c/.claude.json"),
            ("claude",    Scope::User,    ("CLAUDE_CONFIG_DIR", ""),               "/u/.claude.json"),
            ("claude",    Scope::Project, ("CLAUDE_CONFIG_DIR", "/c"),             "/p/.mcp.json"),
            ("codex",     Scope::User,    ("CODEX_HOME", "/c"),                    "/c/config.toml"),
            ("cline",     Scope::User,    ("CLINE_MCP_SETTINGS_PATH", "/c/m.json"), "/c/m.json"),
            ("cline",     Scope::User,    ("CLINE_DIR", "/c"),                     "/c/data/settings/cline_mcp_settings.json"),
            ("kimi",      Scope::User,    ("", ""),                                "/u/.kimi/mcp.json"),
            ("kimi",      Scope::User,    ("KIMI_SHARE_DIR", "/k"),                "/k/mcp.json"),
            ("kimi",      Scope::User,    ("KIMI_CODE_HOME", "/k"),                "/k/mcp.json"),
            ("antigravity", Scope::User,  ("", ""),                                "/u/.gemini/config/mcp_config.json"),
            ("antigravity", Scope::Project, ("", ""),                              "/p/.agents/mcp_config.json"),
            ("opencode",  Scope::User,    ("XDG_CONFIG_HOME", "/x"),               "/x/opencode/opencode.json"),
            ("opencode",  Scope::User,    ("XDG_CONFIG_HOME", "relative"),         "/u/.config/opencode/opencode.json"),
        ];
        for (runtime, scope, (name, value), wanted) in cases {
            let environment = [("HOME", "/u"), (name, value)].map(|(name, value)| (name.into(), value.into()));
            let world = Surroundings::new(environment, "/p", "/opt/cccc");
            let way = recipe::find(runtime).and_then(|recipe| recipe.way(scope)).unwrap();
            assert_eq!(world.files(way).first(), Some(&PathBuf::from(wanted)), "{runtime}");
        }
        let homeless = Surroundings::new([], "/p", "/opt/cccc");
        assert!(homeless.files(recipe::find("claude").unwrap().way(Scope::User).unwrap()).is_empty());
    }
}
