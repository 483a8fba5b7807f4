//! The runtimes we know: one row each. A new agent program is a new row.

/// What a program's composer looks like: its line for text, as opposed to its dialogs.
///
/// Seen in the terminals of real programs: Claude Code 2.1.330, Codex 0.169.0, OpenCode 1.18.33, in November 2026. What a
/// program does not show is not known; it is then judged as one that nobody has heard of.
#[derive(Debug, Clone, Copy)]
pub struct Composer {
    /// What stands left of the cursor while the composer is empty and has the focus, one of these; frames count here, too.
    /// None when that is not known.
    pub prompts: &'static [&'static str],
    /// How examples begin that it shows behind the cursor while it is empty. Those that are drawn faint need no row.
    pub examples: &'static [&'static str],
    /// How a long paste is shown instead of its text, without blanks; `N` stands for a number.
    pub paste_marks: &'static [&'static str],
    /// Whether a submit key that was not heard may be pressed a second time.
    pub submits_again: bool,
    /// How it puts a draft aside and brings it back after the next text, if it can.
    pub stash: Option<Stash>,
}

/// How a program puts a draft aside, in the one place that it has for it.
#[derive(Debug, Clone, Copy)]
pub struct Stash {
    /// The bytes of the key.
    pub key: &'static str,
    /// What its screen says for as long as a draft is aside: another one would take its place.
    pub mark: &'static str,
}

/// How messages typed into a program's terminal are accepted by default.
#[derive(Debug, Clone, Copy)]
pub enum Terminal {
    /// The program has a composer: it switches bracketed paste on when it is ready for text.
    Composer(Composer),
    /// We do not know the program: it gets typed messages only after it has switched bracketed paste on,
    /// or when the actor's `deliver` setting says so.
    Unknown,
}

impl Terminal {
    /// What is known of the program's composer.
    pub fn composer(self) -> Composer {
        match self {
            Self::Composer(composer) => composer,
            Self::Unknown => UNSEEN,
        }
    }
}

const CLAUDE: Composer = Composer {
    prompts: &["❯"],
    examples: &["Try \""],
    paste_marks: &["[PastedtextN+Nlines]", "[PastedtextN]"],
    submits_again: true,
    stash: Some(Stash { key: "\x13", mark: "draft stashed" }),
};
const CODEX: Composer = Composer {
    prompts: &["›"],
    examples: &[],
    paste_marks: &["[PastedContentNchars]", "[PastedContentNchars]N"],
    submits_again: true,
    stash: None,
};
const OPENCODE: Composer = Composer {
    prompts: &["┃"],
    examples: &["Ask anything"],
    paste_marks: &["[Pasted~Nlines]"],
    submits_again: true,
    stash: None,
};
/// Of a program that nobody has looked at.
pub const UNSEEN: Composer =
    Composer { prompts: &[], examples: &[], paste_marks: &[], submits_again: false, stash: None };

/// One agent program.
#[derive(Debug, Clone, Copy)]
pub struct Runtime {
    /// Id on the wire.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Executable looked up on `PATH`; empty when the user must give a command.
    pub executable: &'static str,
    /// Command of an actor that names none. Where a program asks at its start whether to update itself and has a switch
    /// against it, the switch is in it; where that is a variable, it is among the [`variables`].
    pub command: &'static [&'static str],
    /// How its terminal takes text.
    pub terminal: Terminal,
}

macro_rules! runtimes {
    ($($id:literal $name:literal $executable:literal [$($word:literal),*] $terminal:expr;)*) => {
        /// Every runtime, in the order in which lists show them.
        pub const TABLE: &[Runtime] = &[$(Runtime {
            id: $id, name: $name, executable: $executable, command: &[$($word),*], terminal: $terminal,
        }),*];
    };
}

use Terminal::{Composer as Has, Unknown};

runtimes! {
    // id         for people             executable      default command                                          terminal
    "claude"      "Claude Code"          "claude"        ["claude", "--dangerously-skip-permissions"]              Has(CLAUDE);
    "codex"       "Codex CLI"            "codex"         ["codex", "-c", "shell_environment_policy.inherit=all",
                                                          "-c", "check_for_update_on_startup=false",
                                                          "--dangerously-bypass-approvals-and-sandbox", "--search"] Has(CODEX);
    "droid"       "Droid CLI"            "droid"         ["droid", "--auto", "high"]                               Has(UNSEEN);
    "amp"         "Amp"                  "amp"           ["amp"]                                                   Has(UNSEEN);
    "auggie"      "Auggie (Augment)"     "auggie"        ["auggie"]                                                Has(UNSEEN);
    "neovate"     "Neovate Code"         "neovate"       ["neovate"]                                               Has(UNSEEN);
    "gemini"      "Gemini CLI"           "gemini"        ["gemini", "--yolo"]                                      Has(UNSEEN);
    "cursor"      "Cursor CLI"           "cursor-agent"  ["cursor-agent"]                                          Has(UNSEEN);
    "kilocode"    "Kilo Code CLI (old)"  "kilocode"      ["kilocode"]                                              Has(UNSEEN);
    "kilo"        "Kilo Code CLI"        "kilo"          ["kilo"]                                                  Has(UNSEEN);
    "opencode"    "OpenCode"             "opencode"      ["opencode"]                                              Has(OPENCODE);
    "copilot"     "GitHub Copilot CLI"   "copilot"       ["copilot", "--allow-all-tools", "--allow-all-paths"]     Has(UNSEEN);
    "cline"       "Cline CLI"            "cline"         ["cline", "--tui", "--auto-approve", "true"]              Has(UNSEEN);
    "devin"       "Devin CLI"            "devin"         ["devin", "--permission-mode", "dangerous"]               Has(UNSEEN);
    "grok"        "Grok Build"           "grok"          ["grok", "--always-approve"]                              Has(UNSEEN);
    "kimi"        "Kimi CLI"             "kimi"          ["kimi", "--yolo"]                                        Has(UNSEEN);
    "kiro"        "Kiro CLI"             "kiro-cli"      ["kiro-cli", "chat", "--trust-all-tools"]                 Has(UNSEEN);
    "hermes"      "Hermes Agent"         "hermes"        ["hermes", "--tui", "--yolo"]                             Has(UNSEEN);
    "antigravity" "Antigravity CLI"      "agy"           ["agy", "--dangerously-skip-permissions"]                 Has(UNSEEN);
    "custom"      "Custom Runtime"       ""              []                                                        Unknown;
}

/// The runtime of an actor that names none.
pub const DEFAULT: &str = "codex";

/// The row of a runtime.
pub fn find(id: &str) -> Option<&'static Runtime> {
    TABLE.iter().find(|runtime| runtime.id == id)
}

/// What is known of the program that an actor runs: by its runtime, or, of a custom one, by the name of its executable.
pub fn terminal(id: &str, command: &[String]) -> Terminal {
    let by_name = || {
        let name = executable(command)?;
        TABLE.iter().find(|runtime| !runtime.executable.is_empty() && runtime.executable == name)
    };
    match find(id).map_or(Unknown, |runtime| runtime.terminal) {
        Unknown => by_name().map_or(Unknown, |runtime| runtime.terminal),
        known => known,
    }
}

/// Switches that a program is started with whatever its stored command says, unless that names them itself: the executable,
/// the setting, and the words that come first among the arguments.
const SWITCHES: &[(&str, &str, [&str; 2])] = &[
    ("codex", "check_for_update_on_startup", ["-c", "check_for_update_on_startup=false"]),
    ("codex", "shell_environment_policy.inherit", ["-c", "shell_environment_policy.inherit=all"]),
];

/// Environment variables that a program is started with unless it has them anyway: the executable, the name, the value.
/// OpenCode opens a dialog over its composer when there is a new version.
const VARIABLES: &[(&str, &str, &str)] = &[("opencode", "OPENCODE_DISABLE_AUTOUPDATE", "1")];

/// Environment variables, name and value, for the program of a command; whatever the user or the actor has set comes first.
pub fn variables(command: &[String]) -> impl Iterator<Item = (&'static str, &'static str)> {
    let name = executable(command);
    VARIABLES.iter().filter(move |row| name == Some(row.0)).map(|(_, variable, value)| (*variable, *value))
}

/// How a program goes on with its own last conversation in the directory: the executable, and the words that come first
/// among the arguments. Seen in what the programs say of themselves, in the versions of [`Composer`].
const RESUMES: &[(&str, &[&str])] =
    &[("claude", &["--continue"]), ("codex", &["resume", "--last"]), ("opencode", &["--continue"])];

/// Executables that can be told to [go on](RESUMES) with their last conversation.
pub fn resumable() -> impl Iterator<Item = &'static str> {
    RESUMES.iter().map(|(executable, _)| *executable)
}

/// Whether a command's program can be told to go on with its last conversation.
pub fn can_resume(command: &[String]) -> bool {
    resume(command).is_some()
}

/// The words that make a command go on with its program's last conversation, if we know any.
fn resume(command: &[String]) -> Option<&'static [&'static str]> {
    let name = executable(command)?;
    RESUMES.iter().find(|(executable, _)| *executable == name).map(|(_, words)| *words)
}

/// The name of the program that a command starts.
pub fn executable(command: &[String]) -> Option<&str> {
    command.first()?.rsplit('/').next()
}

/// The command line that starts an agent: the stored one, which may be older than our table, with the switches that its
/// program needs. `resumes` has it go on with its last conversation, where we know how.
pub fn launched(command: &[String], resumes: bool) -> Vec<String> {
    let mut words = command.to_vec();
    let Some(name) = executable(command) else { return words };
    for (executable, setting, switch) in SWITCHES {
        if *executable == name && !words.iter().any(|word| word.contains(setting)) {
            words.splice(1..1, switch.map(str::to_owned));
        }
    }
    if let Some(first) = resume(command).filter(|_| resumes) {
        words.splice(1..1, first.iter().map(|word| (*word).to_owned()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_command_gets_the_switches_that_it_lacks() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let launch = |text: &str| launched(&words(text), false).join(" ");
        let both = "-c shell_environment_policy.inherit=all -c check_for_update_on_startup=false";
        assert_eq!(launch("/bin/codex --search"), format!("/bin/codex {both} --search"));
        assert_eq!(
            launch("codex -c check_for_update_on_startup=true"),
            "codex -c shell_environment_policy.inherit=all -c check_for_update_on_startup=true"
        );
        assert_eq!(launch("claude --x"), "claude --x");
        let own = TABLE.iter().find(|row| row.id == "codex").unwrap().command.join(" ");
        assert_eq!(launch(&own), own);
        let resumed = |text: &str| launched(&words(text), true).join(" ");
        assert_eq!(resumed(&own), own.replacen("codex", "codex resume --last", 1));
        assert_eq!((resumed("claude -x"), resumed("mine")), ("claude --continue -x".into(), "mine".into()));
    }

    #[test]
    fn a_program_gets_its_variables_by_its_executable() {
        let names = |command: &str| variables(&[command.into()]).map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("/opt/bin/opencode"), ["OPENCODE_DISABLE_AUTOUPDATE"]);
        assert!(names("claude").is_empty() && names("").is_empty() && variables(&[]).next().is_none());
    }

    #[test]
    fn a_custom_command_is_known_by_its_executable() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let prompts = |id, command| terminal(id, &words(command)).composer().prompts;
        assert_eq!(prompts("custom", "/opt/bin/claude --model x"), ["❯"]);
        assert_eq!(prompts("codex", "nice codex"), ["›"]);
        assert!(prompts("custom", "bash claude").is_empty() && prompts("custom", "").is_empty());
        assert!(matches!(terminal("custom", &words("mine")), Unknown));
    }
}
