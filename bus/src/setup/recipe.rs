//! How each runtime learns of our MCP server: one row each, with a way per scope.
//!
//! Tried with the programs themselves in November 2026: Claude Code 2.1.330, Codex 0.169.0, OpenCode 1.18.33, Kilo 7.7.9,
//! Copilot 1.0.102, Droid 0.225.2, Grok 1.0.41, Cline 3.0.65, Auggie 0.36.0, Amp and Gemini 0.61.0. The others are as their
//! makers document them.
//!
//! Why a file is merged where a program has commands: cursor and the old kilocode have none that adds; that of opencode, and
//! of kilo after it, asks step by step; those of codex and gemini do not say what is needed or say too much (at their rows).
//! Opencode could be told in a variable when it starts; in its file a person sees it, and `cccc setup --undo` takes it out.
//!
//! Where `show` is empty the file is believed. The lists of gemini, kilo and opencode start every server there is; cursor
//! and the old kilocode are told by a file that holds nothing else; codex tells of its user's entry only. For droid, amp,
//! auggie, neovate, cline, kimi, kiro and antigravity nobody has seen yet what a list does before it answers.
//!
//! Not here: deepseek, which has no terminal and is given a whole profile by whoever starts it, and a model on the web, which
//! has no process on this machine: it connects to an address. Both are no runtimes of ours.

use super::Scope;
use super::entry::Shape;

/// The name of our server in every configuration.
pub const SERVER: &str = "cccc";

/// Stands for the absolute path of our program in the words of a command.
pub const COMMAND: &str = "{command}";

/// Stands for the absolute path of the project among the keys of a way.
pub const PROJECT: &str = "{project}";

/// One runtime's ways.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// Id of its row in the table of runtimes.
    pub runtime: &'static str,
    /// One per scope that it has, the one that wins first; none where only a person can do it.
    pub ways: &'static [Way],
    /// What a person does where there is no way.
    pub by_hand: &'static str,
    /// How a person takes that back.
    pub by_hand_undo: &'static str,
}

/// How an entry is found, made and removed in one scope.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Where the entry counts.
    pub scope: Scope,
    /// Which files may hold it: the first list whose variables are set counts. In it, the first file that has our entry,
    /// else the first that exists, else the first. `~/` is the user's home, `./` the project. A list with a folder that ends
    /// in `?` counts only where there is that folder.
    pub files: &'static [&'static [&'static str]],
    /// Under which key the servers stand in it: one, or several with `/` between them.
    pub key: &'static str,
    /// How it is changed.
    pub how: How,
}

/// How an entry is made and removed.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// By the runtime's own commands: arguments, separated by spaces.
    Cli {
        /// Adds the entry.
        add: &'static str,
        /// Removes it; `""` where it has no such command, and then its file is changed.
        remove: &'static str,
        /// Tells of it; `""` where that is not known, and then its file is believed.
        show: &'static str,
    },
    /// By merging the entry into its file, because the program has no command for that, or none that can say it all.
    File {
        /// What the entry looks like.
        shape: Shape,
        /// The runtime's own command that tells of it; `""` where it has none.
        show: &'static str,
    },
}

impl Recipe {
    /// The way of a scope.
    pub fn way(&self, scope: Scope) -> Option<&'static Way> {
        self.ways.iter().find(|way| way.scope == scope)
    }
}

impl Way {
    /// Whether its files lie in the project.
    pub fn is_in_project(&self) -> bool {
        self.files.iter().copied().flatten().any(|file| file.starts_with("./"))
    }
}

impl How {
    /// The command that tells of the entry, or `""`.
    pub fn show(self) -> &'static str {
        match self {
            Self::Cli { show, .. } | Self::File { show, .. } => show,
        }
    }

    /// What the entry should look like; `None` where that is the program's own affair.
    pub fn shape(self) -> Option<Shape> {
        match self {
            Self::File { shape, .. } => Some(shape),
            Self::Cli { .. } => None,
        }
    }
}

const fn user(files: &'static [&'static [&'static str]], key: &'static str, how: How) -> Way {
    Way { scope: Scope::User, files, key, how }
}

const fn project(files: &'static [&'static [&'static str]], key: &'static str, how: How) -> Way {
    Way { scope: Scope::Project, files, key, how }
}

const fn local(files: &'static [&'static [&'static str]], key: &'static str, how: How) -> Way {
    Way { scope: Scope::Local, files, key, how }
}

const fn cli(add: &'static str, remove: &'static str, show: &'static str) -> How {
    How::Cli { add, remove, show }
}

const fn file(shape: Shape, show: &'static str) -> How {
    How::File { shape, show }
}

const fn recipe(runtime: &'static str, ways: &'static [Way]) -> Recipe {
    Recipe { runtime, ways, by_hand: "", by_hand_undo: "" }
}

const fn by_hand(runtime: &'static str, by_hand: &'static str, by_hand_undo: &'static str) -> Recipe {
    Recipe { runtime, ways: &[], by_hand, by_hand_undo }
}

/// The key of most.
const SERVERS: &str = "mcpServers";

/// The recipe of a runtime.
pub fn find(runtime: &str) -> Option<&'static Recipe> {
    RECIPES.iter().find(|recipe| recipe.runtime == runtime)
}

/// Every runtime's recipe, in the order of the table of runtimes.
#[rustfmt::skip]
pub const RECIPES: &[Recipe] = &[
    recipe("claude", &[
        local(&[&["$CLAUDE_CONFIG_DIR/.claude.json"], &["~/.claude.json"]], "projects/{project}/mcpServers",
             cli("mcp add -s local cccc -- {command} mcp", "mcp remove cccc -s local", "mcp get cccc")),
        project(&[&["./.mcp.json"]], SERVERS,
             cli("mcp add -s project cccc -- {command} mcp", "mcp remove cccc -s project", "mcp get cccc")),
        user(&[&["$CLAUDE_CONFIG_DIR/.claude.json"], &["~/.claude.json"]], SERVERS,
             cli("mcp add -s user cccc -- {command} mcp", "mcp remove cccc -s user", "mcp get cccc")),
    ]),
    // Its servers get none of its environment but what `env_vars` names, and its own command cannot write that.
    recipe("codex", &[
        project(&[&["./.codex/config.toml"]], "mcp_servers", file(Shape::Passing, "")),
        user(&[&["$CODEX_HOME/config.toml"], &["~/.codex/config.toml"]], "mcp_servers",
             file(Shape::Passing, "mcp get cccc --json")),
    ]),
    // What its user says counts more there than what a project says.
    recipe("droid", &[
        user(&[&["~/.factory/mcp.json", "~/.config/droid/mcp.json", "~/.droid/mcp.json"]], SERVERS,
             cli("mcp add --type stdio cccc {command} mcp", "mcp remove cccc", "")),
        project(&[&["./.factory/mcp.json"]], SERVERS, file(Shape::TypedStdio, "")),
    ]),
    recipe("amp", &[
        project(&[&["./.amp/settings.json"]], "amp.mcpServers", file(Shape::Stdio, "")),
        user(&[&["~/.config/amp/settings.json"]], "amp.mcpServers",
             cli("mcp add cccc {command} mcp", "mcp remove cccc", "")),
    ]),
    // It joins the words of the command into one.
    recipe("auggie", &[
        user(&[&["~/.augment/settings.json"]], SERVERS,
             cli("mcp add cccc -- {command} mcp", "mcp remove cccc", "")),
    ]),
    recipe("neovate", &[
        project(&[&["./.neovate/config.json"]], SERVERS, cli("mcp add cccc {command} mcp", "mcp remove cccc", "")),
        user(&[&["~/.neovate/config.json"]], SERVERS,
             cli("mcp add -g cccc {command} mcp", "mcp remove -g cccc", "")),
    ]),
    // Its own command writes out what the entries of others only refer to: their secrets.
    recipe("gemini", &[
        project(&[&["./.gemini/settings.json"]], SERVERS, file(Shape::Referring, "")),
        user(&[&["~/.gemini/settings.json"]], SERVERS, file(Shape::Referring, "")),
    ]),
    recipe("cursor", &[
        project(&[&["./.cursor/mcp.json"]], SERVERS, file(Shape::Stdio, "")),
        user(&[&["~/.cursor/mcp.json"]], SERVERS, file(Shape::Stdio, "")),
    ]),
    recipe("kilocode", &[
        project(&[&["./.kilocode/mcp.json"]], SERVERS, file(Shape::Stdio, "")),
        user(&[&["~/.kilocode/cli/global/settings/mcp_settings.json"]], SERVERS, file(Shape::Stdio, "")),
    ]),
    // Its list connects to every server first, which takes longer than anybody waits; as that of opencode.
    recipe("kilo", &[
        project(&[&["./kilo.json", "./kilo.jsonc", "./.kilo/kilo.json", "./.kilo/kilo.jsonc"]], "mcp",
             file(Shape::Local, "")),
        user(&[&["$XDG_CONFIG_HOME/kilo/kilo.json", "$XDG_CONFIG_HOME/kilo/kilo.jsonc"],
               &["~/.config/kilo/kilo.json", "~/.config/kilo/kilo.jsonc"]], "mcp", file(Shape::Local, "")),
    ]),
    recipe("opencode", &[
        project(&[&["./opencode.json", "./opencode.jsonc"]], "mcp", file(Shape::Local, "")),
        user(&[&["$XDG_CONFIG_HOME/opencode/opencode.json", "$XDG_CONFIG_HOME/opencode/opencode.jsonc"],
               &["~/.config/opencode/opencode.json", "~/.config/opencode/opencode.jsonc"]], "mcp",
             file(Shape::Local, "")),
    ]),
    recipe("copilot", &[
        user(&[&["~/.copilot/mcp-config.json"]], SERVERS,
             cli("mcp add cccc -- {command} mcp", "mcp remove cccc", "mcp get cccc --json")),
    ]),
    recipe("cline", &[
        user(&[&["$CLINE_MCP_SETTINGS_PATH"],
               &["$CLINE_DATA_DIR/settings/cline_mcp_settings.json"],
               &["$CLINE_DIR/data/settings/cline_mcp_settings.json"],
               &["~/.cline/data/settings/cline_mcp_settings.json"]], SERVERS,
             cli("mcp add cccc --yes -- {command} mcp", "", "")),
    ]),
    recipe("devin", &[
        local(&[&["./.devin/config.local.json"]], SERVERS, file(Shape::Stdio, "")),
        project(&[&["./.devin/config.json"]], SERVERS,
             cli("mcp add -s project cccc -- {command} mcp", "mcp remove -s project cccc", "mcp get cccc")),
        user(&[&["~/.config/devin/config.json"]], SERVERS,
             cli("mcp add -s user cccc -- {command} mcp", "mcp remove -s user cccc", "mcp get cccc")),
    ]),
    // PYTHONUNBUFFERED, which the older implementation set here, is nothing to our program.
    recipe("grok", &[
        user(&[&["~/.grok/config.toml"]], "mcp_servers",
             cli("mcp add cccc --command {command} --args mcp", "mcp remove cccc", "mcp list --json")),
    ]),
    recipe("kimi", &[
        user(&[&["$KIMI_CODE_HOME/mcp.json"], &["$KIMI_SHARE_DIR/mcp.json"], &["~/.kimi-code?/mcp.json"],
               &["~/.kimi/mcp.json"]], SERVERS,
             cli("mcp add cccc -- {command} mcp", "mcp remove cccc", "")),
    ]),
    recipe("kiro", &[
        project(&[&["./.kiro/settings/mcp.json"]], SERVERS,
             cli("mcp add --name cccc --scope workspace --command {command} --args=mcp --force",
                 "mcp remove --name cccc --scope workspace", "")),
        user(&[&["$KIRO_HOME/settings/mcp.json"], &["~/.kiro/settings/mcp.json"]], SERVERS,
             cli("mcp add --name cccc --scope global --command {command} --args=mcp --force",
                 "mcp remove --name cccc --scope global", "")),
    ]),
    // Its command connects first and then asks which tools to take: without a person it adds nothing.
    by_hand("hermes", "run `hermes mcp add cccc --command {command} --args mcp`, or add to mcp_servers in ~/.hermes/config.yaml:\n  cccc:\n    command: \"{command}\"\n    args: [\"mcp\"]",
            "run `hermes mcp remove cccc`, or take cccc out of mcp_servers in ~/.hermes/config.yaml"),
    recipe("antigravity", &[
        project(&[&["./.agents/mcp_config.json"]], SERVERS, file(Shape::Stdio, "")),
        user(&[&["~/.gemini/config/mcp_config.json"]], SERVERS, file(Shape::Stdio, "")),
    ]),
    by_hand("custom", "register a stdio server named cccc with your program: command {command}, args [\"mcp\"]",
            "take the server cccc out of your program's configuration"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::runtime::TABLE;

    #[test]
    fn every_runtime_has_its_recipe() {
        let runtimes: Vec<_> = TABLE.iter().map(|runtime| runtime.id).collect();
        assert_eq!(RECIPES.iter().map(|recipe| recipe.runtime).collect::<Vec<_>>(), runtimes);
        for recipe in RECIPES {
            assert_eq!(recipe.ways.is_empty(), !recipe.by_hand.is_empty(), "{}", recipe.runtime);
            assert_eq!(recipe.by_hand.is_empty(), recipe.by_hand_undo.is_empty(), "{}", recipe.runtime);
            assert_eq!(recipe.ways.is_empty(), recipe.way(Scope::User).is_none(), "{}", recipe.runtime);
        }
    }

    /// What is written for a scope stays in it.
    #[test]
    fn files_lie_in_their_scope() {
        for way in RECIPES.iter().flat_map(|recipe| recipe.ways) {
            for file in way.files.iter().copied().flatten() {
                let is_in_project = file.starts_with("./");
                assert!(way.scope == Scope::Local || is_in_project == (way.scope == Scope::Project), "{file}");
                assert!(["./", "~/", "$"].iter().any(|start| file.starts_with(start)), "{file}");
            }
            assert!(way.files.last().is_some_and(|last| last.iter().all(|file| !file.starts_with('$'))), "{way:?}");
        }
    }
}
