//! The runtimes we know: one row each. A new agent program is a new row.

/// How messages typed into a program's terminal are accepted by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// The program has a composer: it switches bracketed paste on when it is ready for text.
    Composer,
    /// We do not know the program: it gets typed messages only after it has switched bracketed paste on,
    /// or when the actor's `deliver` setting says so.
    Unknown,
}

/// One agent program.
#[derive(Debug, Clone, Copy)]
pub struct Runtime {
    /// Id on the wire.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Executable looked up on `PATH`; empty when the user must give a command.
    pub executable: &'static str,
    /// Command of an actor that names none.
    pub command: &'static [&'static str],
    /// How its terminal takes text.
    pub terminal: Terminal,
}

macro_rules! runtimes {
    ($($id:literal $name:literal $executable:literal [$($word:literal),*] $terminal:ident;)*) => {
        /// Every runtime, in the order in which lists show them.
        pub const TABLE: &[Runtime] = &[$(Runtime {
            id: $id, name: $name, executable: $executable, command: &[$($word),*], terminal: Terminal::$terminal,
        }),*];
    };
}

runtimes! {
    // id         for people             executable      default command                                          terminal
    "claude"      "Claude Code"          "claude"        ["claude", "--dangerously-skip-permissions"]              Composer;
    "codex"       "Codex CLI"            "codex"         ["codex", "-c", "shell_environment_policy.inherit=all",
                                                          "--dangerously-bypass-approvals-and-sandbox", "--search"] Composer;
    "droid"       "Droid CLI"            "droid"         ["droid", "--auto", "high"]                               Composer;
    "amp"         "Amp"                  "amp"           ["amp"]                                                   Composer;
    "auggie"      "Auggie (Augment)"     "auggie"        ["auggie"]                                                Composer;
    "neovate"     "Neovate Code"         "neovate"       ["neovate"]                                               Composer;
    "gemini"      "Gemini CLI"           "gemini"        ["gemini", "--yolo"]                                      Composer;
    "cursor"      "Cursor CLI"           "cursor-agent"  ["cursor-agent"]                                          Composer;
    "kilocode"    "Kilo Code CLI"        "kilocode"      ["kilocode"]                                              Composer;
    "opencode"    "OpenCode"             "opencode"      ["opencode"]                                              Composer;
    "copilot"     "GitHub Copilot CLI"   "copilot"       ["copilot", "--allow-all-tools", "--allow-all-paths"]     Composer;
    "custom"      "Custom Runtime"       ""              []                                                        Unknown;
}

/// The runtime of an actor that names none.
pub const DEFAULT: &str = "codex";

/// The row of a runtime.
pub fn find(id: &str) -> Option<&'static Runtime> {
    TABLE.iter().find(|runtime| runtime.id == id)
}
