//! What `cccc --help` shows: the commands by what they are about, the options of every command apart.

use super::Command;
use clap::Subcommand as _;

/// Heading of the options that every command has.
pub const EVERYWHERE: &str = "Options of every command";

/// Every command that is shown, by what it is about.
#[rustfmt::skip]
const GROUPS: &[(&str, &[&str])] = &[
    ("Messages",         &["send", "reply", "ack", "deliver", "inbox", "read", "notify", "tail", "search", "show", "blob"]),
    ("Groups",           &["attach", "group", "groups", "use", "active", "template"]),
    ("Agents",           &["actor", "profile", "runtime", "setup", "mcp", "guidance", "prompt", "principals"]),
    ("Terminals",        &["attach-terminal", "terminal"]),
    ("Shared work",      &["context", "task", "note", "automation"]),
    ("Chats and browsers", &["im", "web"]),
    ("What runs",        &["status", "doctor", "daemon", "demo"]),
    ("Ledgers and homes", &["ledger", "import"]),
    ("Scripts and shells", &["call", "completions", "man", "version", "help"]),
];

/// What happens when no command is typed.
const BARE: &str = "Without a command it runs everything in the foreground until Ctrl-C.";

/// What the library says of its own command.
const HELP: &str = "Show this, or the help of a command";

/// The template of the help of `cccc` itself.
pub fn template() -> String {
    let all = Command::augment_subcommands(clap::Command::new("cccc"));
    let width = GROUPS.iter().flat_map(|(_, names)| *names).map(|name| name.len()).max().unwrap_or_default();
    let mut text = format!("{{about}}.\n{BARE}\n\n{{usage-heading}} {{usage}}\n");
    for (heading, names) in GROUPS {
        text += &format!("\n{heading}:\n");
        for name in *names {
            let about = all.find_subcommand(name).and_then(clap::Command::get_about);
            let about = about.map_or_else(|| HELP.to_owned(), ToString::to_string);
            text += &format!("  {name:width$}  {about}\n");
        }
    }
    text + &format!("\n{EVERYWHERE}:\n{{options}}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_command_has_one_place_in_the_help() {
        let all = Command::augment_subcommands(clap::Command::new("cccc"));
        let mut wanted: Vec<_> =
            all.get_subcommands().filter(|command| !command.is_hide_set()).map(|command| command.get_name()).collect();
        wanted.push("help");
        let shown: Vec<_> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        assert_eq!(shown.iter().collect::<BTreeSet<_>>(), wanted.iter().collect());
        assert_eq!(shown.len(), wanted.len(), "one of them twice");
    }
}
