//! A line that cannot be understood: one sentence that says why, and where to read what can be typed.

use crate::failure::Failure;
use crate::print::Output;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::process::ExitCode;

/// Answers a line that is no command: the help or the version that was asked for, or what is wrong with it.
pub fn answer(error: &clap::Error, words: &[String], variable: Option<&str>, all: clap::Command) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            // Whoever has read enough has closed the pipe.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => Failure::Failed(format!("cannot write the help: {error}")).report(Output::Text, ""),
        };
    }
    // What comes after `--` is text.
    let is_json = words.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    Failure::Usage(sentence(error, words, all)).report(Output::choose(is_json, variable), "")
}

/// Commands that belong to daemons which are not here yet, and what can be done meanwhile.
const LATER: &[(&[&str], &str)] = &[
    (&["im", "start"], "chat platforms are not connected by this version yet; `cccc im set` keeps what they will need"),
    (&["im", "stop"], "chat platforms are not connected by this version yet; nothing of them runs"),
    (&["im", "status"], "chat platforms are not connected by this version yet; `cccc im config` shows what is kept"),
    (&["im", "logs"], "chat platforms are not connected by this version yet; there is nothing to show"),
    (
        &["web"],
        "this version has no web page yet; `cccc status`, `cccc tail -f` and `cccc attach-terminal` show what goes on",
    ),
];

/// What is wrong with a line, and what to do.
fn sentence(error: &clap::Error, words: &[String], mut all: clap::Command) -> String {
    let typed: Vec<_> = words.iter().skip(1).filter(|word| !word.starts_with('-')).map(String::as_str).collect();
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some((_, why)) = LATER.iter().find(|(command, _)| typed.starts_with(command))
    {
        return (*why).to_owned();
    }
    all.build();
    let meant = meant(&all, words);
    let name = meant.get_bin_name().unwrap_or("cccc");
    let why = match error.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let commands: Vec<_> = visible(meant).map(clap::Command::get_name).collect();
            format!("`{name}` needs one of {}", commands.join(", "))
        }
        _ => first_paragraph(error) + &suggestion(error, meant),
    };
    format!("{why}; see `{name} --help`")
}

/// The command that the words name, as far as they name one.
fn meant<'a>(all: &'a clap::Command, words: &[String]) -> &'a clap::Command {
    let (mut command, mut words) = (all, words.iter().skip(1));
    while let Some(word) = words.next() {
        if word == "--home" {
            words.next();
        } else if !word.starts_with('-') {
            match command.find_subcommand(word) {
                Some(next) => command = next,
                None => break,
            }
        }
    }
    command
}

fn visible(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

/// The library's own words, which end with an empty line, as one line.
fn first_paragraph(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    let words: Vec<_> = lines.flat_map(str::split_whitespace).collect();
    let line = words.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

/// What was probably meant. What is hidden is nobody's business.
fn suggestion(error: &clap::Error, command: &clap::Command) -> String {
    let kinds = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let known = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(several)) => several.clone(),
        _ => Vec::new(),
    };
    let is_hidden = |name: &String| command.find_subcommand(name).is_some_and(clap::Command::is_hide_set);
    // The best one comes last.
    let meant = kinds.into_iter().flat_map(known).rfind(|name| !is_hidden(name));
    meant.map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use clap::Parser;

    #[test]
    fn a_line_that_cannot_be_understood_is_answered_with_one_line() {
        #[rustfmt::skip]
        let cases = [
            // typed                               said
            ("foo",                                "unrecognized subcommand 'foo'; see `cccc --help`"),
            ("actr list",                          "unrecognized subcommand 'actr', did you mean `actor`?; see `cccc --help`"),
            ("group",                              "`cccc group` needs one of create, show, update, use, detach-scope, delete, reset, start, stop, set-state, settings; see `cccc group --help`"),
            ("--home /h group set-state sleeping", "invalid value 'sleeping' for '<STATE>' [possible values: active, idle, paused, stopped]; see `cccc group set-state --help`"),
            ("actor add a --env K",                "invalid value 'K' for '--env <NAME=VALUE>': there is no `=` in it; write NAME=VALUE; see `cccc actor add --help`"),
            ("send",                               "the following required arguments were not provided: <TEXT>; see `cccc send --help`"),
            ("send x y",                           "unexpected argument 'y' found; see `cccc send --help`"),
            ("im start",                           "chat platforms are not connected by this version yet; `cccc im set` keeps what they will need"),
            ("setup",                              "the following required arguments were not provided: <--runtime <RUNTIME>|--all>; see `cccc setup --help`"),
            ("status --jsn",                       "unexpected argument '--jsn' found, did you mean `--json`?; see `cccc status --help`"),
        ];
        for (typed, said) in cases {
            let words: Vec<_> = std::iter::once("cccc").chain(typed.split(' ')).map(str::to_owned).collect();
            let error = crate::Cli::try_parse_from(&words).expect_err(typed);
            assert_eq!(sentence(&error, &words, crate::Cli::command()), said, "{typed}");
        }
    }

    /// The library suggests whatever looks alike.
    #[test]
    fn what_is_hidden_is_not_suggested() {
        for typed in ["dor", "demo-agen", "doorr"] {
            let words = ["cccc".to_owned(), typed.to_owned()];
            let error = crate::Cli::try_parse_from(&words).expect_err(typed);
            let said = sentence(&error, &words, crate::Cli::command());
            assert!(!said.contains("`door`") && !said.contains("`demo-agent`"), "{said}");
        }
    }
}
