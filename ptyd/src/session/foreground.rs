//! Which program is in the foreground of a terminal: it is the one that reads what is typed.
//!
//! A program that would run a text as commands is no recipient. It is known by its executable, as the system names it.

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
    "sudo",
    "su",
    "doas",
    "script",
    "expect",
    "rlwrap",
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
    // An interactive shell gives its programs groups of their own, so one that leads this group reads by itself.
    let leader = u32::try_from(group).ok().map(kind_of);
    if let Some(kind @ (Kind::Program | Kind::Shell)) = leader {
        return kind;
    }
    let members = session_members(agent).into_iter().filter(|(_, stat)| stat.group == group);
    let kinds: Vec<Kind> = members.map(|(pid, _)| kind_of(pid)).collect();
    // A program that a script waits for reads in its place.
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
    let is_repl = |word: &str| REPLS.contains(&name(word.rsplit('/').next().unwrap_or(word)).as_str());
    match () {
        () if is(REPLS) => Kind::Shell,
        () if is(ELSEWHERE) => Kind::Elsewhere,
        () if is(SHELLS) => match script(arguments, &["-c"], &["-O", "+O", "-o", "+o", "--rcfile", "--init-file"]) {
            Some(_) => Kind::Script,
            None => Kind::Shell,
        },
        () if is(INTERPRETERS) => match script(arguments, CODE, &["-W", "-X", "-r", "--require", "--import", "-I"]) {
            // Programs of these names run lines as commands, in whatever language they are written.
            Some("-m") if arguments.iter().any(|word| is_repl(word) || *word == "code") => Kind::Shell,
            Some("repl" | "console") => Kind::Shell,
            Some(script) if is_repl(script) => Kind::Shell,
            Some(_) => Kind::Program,
            None => Kind::Shell,
        },
        () => Kind::Program,
    }
}

/// Arguments of an interpreter behind which its program follows.
const CODE: &[&str] = &["-c", "-e", "-m", "-p", "-n", "--eval", "--print"];

/// The script among the arguments, or that of `code` which says that one follows; none for who reads lines. `valued` are
/// the options that take a value.
fn script<'a>(arguments: &[&'a str], code: &[&str], valued: &[&str]) -> Option<&'a str> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "-i" | "--interactive" | "-s" => return None,
            option if valued.contains(&option) => drop(words.next()),
            option if code.contains(&option) => return Some(option),
            option if option.starts_with(['-', '+']) => {}
            script => return Some(script),
        }
    }
    None
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
            ("ruby",       &["/usr/bin/irb"],         Shell),
            ("python3",    &["/usr/bin/ipython3"],    Shell),
            ("python3",    &["-W", "ignore"],         Shell),
            ("python3",    &["-X", "utf8", "a.py"],   Program),
            ("bash",       &["-O", "extglob"],        Shell),
            ("bash",       &["--rcfile", "x"],        Shell),
            ("sudo",       &["-i"],                   Elsewhere),
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
