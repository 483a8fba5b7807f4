//! Which program is in the foreground of a terminal: it is the one that reads what is typed.
//!
//! A program that would run a text as commands is no recipient. It is known by its executable, as the system names it; where
//! the system does not say (`/proc` is Linux's), nobody is taken for a shell.

use ptyd::hold::process::{session_members, stat};
use std::fs;

/// What a program does with what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is no shell that we know.
    Program,
    /// It runs lines as commands.
    Shell,
    /// It runs a script, and lines are the script's.
    Script,
    /// It hands what is typed on to a terminal elsewhere, and nobody here knows what runs there.
    Elsewhere,
}

/// Runs lines as commands, unless it is given a script.
const SHELLS: &[&str] = &[
    "sh", "bash", "rbash", "dash", "ash", "zsh", "fish", "ksh", "mksh", "oksh", "tcsh", "csh", "pwsh", "nu", "elvish",
    "xonsh", "busybox",
];

/// Runs lines as commands, always.
const REPLS: &[&str] = &[
    "irb",
    "pry",
    "ipython",
    "bpython",
    "ptpython",
    "psql",
    "mysql",
    "mariadb",
    "sqlite",
    "redis-cli",
    "mongosh",
    "ghci",
    "iex",
    "erl",
    "julia",
    "scala",
    "jshell",
    "octave",
    "bc",
    "gdb",
    "lldb",
];

/// Runs lines as commands, unless it is given a program.
const INTERPRETERS: &[&str] = &["python", "pypy", "node", "deno", "bun", "ruby", "perl", "php", "lua", "r"];

/// Hands what is typed on.
const ELSEWHERE: &[&str] = &[
    "ssh",
    "mosh-client",
    "telnet",
    "tmux",
    "screen",
    "zellij",
    "docker",
    "podman",
    "kubectl",
    "nsenter",
    "machinectl",
];

/// The process group in the foreground of an agent's terminal, if the system tells.
pub fn group(agent: u32) -> Option<i32> {
    stat(agent).map(|stat| stat.foreground).filter(|group| *group > 0)
}

/// What reads the terminal of an agent. A shell that waits for a program of its own group does not.
pub fn kind(agent: u32) -> Kind {
    let Some(group) = group(agent) else { return Kind::Program };
    let leader = u32::try_from(group).ok().map(kind_of);
    if leader == Some(Kind::Program) {
        return Kind::Program;
    }
    let members = session_members(agent).into_iter().filter(|(_, stat)| stat.group == group);
    let kinds: Vec<Kind> = members.map(|(pid, _)| kind_of(pid)).collect();
    // The most dangerous of those that could read; a program that a script waits for reads in its place.
    match () {
        () if kinds.contains(&Kind::Program) => Kind::Program,
        () if kinds.contains(&Kind::Shell) => Kind::Shell,
        () if kinds.contains(&Kind::Elsewhere) => Kind::Elsewhere,
        () if kinds.contains(&Kind::Script) => Kind::Script,
        () => Kind::Program,
    }
}

fn kind_of(pid: u32) -> Kind {
    let read = |file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let own = fs::read_link(format!("/proc/{pid}/exe")).ok();
    let own = own.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let called = String::from_utf8_lossy(&read("comm")).trim().to_owned();
    let arguments: Vec<String> =
        String::from_utf8_lossy(&read("cmdline")).split('\0').skip(1).map(str::to_owned).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    judge(own.as_deref().unwrap_or(&called), &called, &arguments)
}

/// Judges a program by the name of its executable, the name under which it was called, and its arguments.
fn judge(executable: &str, called: &str, arguments: &[&str]) -> Kind {
    // `python3.11` and `lua5.4` are what they are without their versions.
    let name = |text: &str| {
        let text = text.trim_start_matches('-').to_ascii_lowercase();
        text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-').to_owned()
    };
    let own = match name(executable) {
        own if own == "busybox" => name(called),
        own => own,
    };
    let is = |list: &[&str]| list.contains(&own.as_str());
    match () {
        () if is(REPLS) => Kind::Shell,
        () if is(ELSEWHERE) => Kind::Elsewhere,
        () if is(SHELLS) => {
            if runs_script(arguments, &["-c"]) {
                Kind::Script
            } else {
                Kind::Shell
            }
        }
        () if is(INTERPRETERS) => match arguments {
            [.., "-i"] | ["-i", ..] => Kind::Shell,
            ["-m", module, ..] if REPLS.contains(&module.to_ascii_lowercase().as_str()) || *module == "code" => {
                Kind::Shell
            }
            ["repl", ..] => Kind::Shell,
            _ if runs_script(arguments, &["-c", "-e", "-m", "-p", "-n", "--eval", "--print"]) => Kind::Program,
            _ => Kind::Shell,
        },
        () => Kind::Program,
    }
}

/// Whether one of the arguments is a script, or one of these says that it follows.
fn runs_script(arguments: &[&str], flags: &[&str]) -> bool {
    let mut own = arguments.iter().take_while(|word| word.starts_with('-'));
    !own.any(|word| matches!(*word, "-i" | "--interactive" | "-s"))
        && arguments.iter().any(|word| flags.contains(word) || !word.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_known_by_its_executable_and_a_script_by_its_arguments() {
        use Kind::{Elsewhere, Program, Script, Shell};
        #[rustfmt::skip]
        let cases: &[(&str, &[&str], Kind)] = &[
            ("bash",       &[],                       Shell),
            ("zsh",        &["-l"],                   Shell),
            ("sh",         &["-i"],                   Shell),
            ("bash",       &["-i", "x.sh"],           Shell),
            ("sh",         &["-c", "agent; exec sh"], Script),
            ("bash",       &["/w/agent.sh"],          Script),
            ("fish",       &["--login"],              Shell),
            ("python3.11", &[],                       Shell),
            ("python3",    &["-i", "x.py"],           Shell),
            ("python3",    &["-m", "IPython"],        Shell),
            ("python3",    &["agent.py"],             Program),
            ("python3",    &["-u", "agent.py"],       Program),
            ("node",       &[],                       Shell),
            ("node",       &["/usr/bin/gemini"],      Program),
            ("psql",       &["-h", "db"],             Shell),
            ("irb",        &[],                       Shell),
            ("lua5.4",     &[],                       Shell),
            ("ssh",        &["host"],                 Elsewhere),
            ("claude",     &[],                       Program),
            ("cat",        &[],                       Program),
        ];
        for (executable, arguments, wanted) in cases {
            assert_eq!(judge(executable, executable, arguments), *wanted, "{executable} {arguments:?}");
        }
        assert_eq!(judge("busybox", "sh", &[]), Shell);
        assert_eq!(judge("busybox", "vi", &["x"]), Program);
    }

    #[test]
    fn nobody_is_in_the_foreground_of_a_process_that_is_gone() {
        assert_eq!((group(u32::MAX), kind(u32::MAX)), (None, Kind::Program));
    }
}
