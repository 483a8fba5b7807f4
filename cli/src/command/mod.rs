//! The commands, one row each; what a command does is in the file of its noun.

mod daemon;
mod door;
mod failure;
mod run;

pub use failure::Failure;

use bus::home::Home;
use clap::Subcommand;
use std::path::Path;

/// What can be typed after `cccc`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start, stop and look at the processes in the background
    #[command(subcommand)]
    Daemon(daemon::Daemon),
    /// Serve the socket of scripts and published clients; started by the supervisor
    #[command(hide = true)]
    Door,
}

/// Does what was typed; nothing typed means the whole stack in the foreground.
///
/// # Errors
///
/// What went wrong, ready to be shown.
pub fn run(context: &Context, command: Option<Command>) -> Result<(), Failure> {
    match command {
        None => run::run(context),
        Some(Command::Daemon(command)) => daemon::run(context, command),
        Some(Command::Door) => door::run(context),
    }
}

/// What every command knows.
#[derive(Debug)]
pub struct Context {
    home: Home,
    output: Output,
}

impl Context {
    /// Finds the home that was asked for; makes nothing.
    ///
    /// # Errors
    ///
    /// There is no home to be found.
    pub fn new(home: Option<&Path>, output: Output) -> Result<Self, Failure> {
        Ok(Self { home: Home::find(home).map_err(Failure::failed)?, output })
    }

    /// Where everything lives.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// How answers are shown.
    pub fn output(&self) -> Output {
        self.output
    }
}

/// How answers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// For people.
    Text,
    /// For programs: the reply's envelope.
    Json,
}

impl Output {
    /// What the flag says, else what `CCCC_OUTPUT` says, else text.
    pub fn choose(flag: bool, variable: Option<&str>) -> Self {
        let wanted = variable.is_some_and(|word| word.trim().eq_ignore_ascii_case("json"));
        if flag || wanted { Self::Json } else { Self::Text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_fit_together() {
        crate::Cli::command().debug_assert();
    }

    #[test]
    fn the_flag_or_the_environment_asks_for_json() {
        #[rustfmt::skip]
        let cases = [
            // flag   CCCC_OUTPUT      shown as
            (false,   None,            Output::Text),
            (true,    None,            Output::Json),
            (false,   Some("json"),    Output::Json),
            (false,   Some(" JSON "),  Output::Json),
            (false,   Some("text"),    Output::Text),
            (true,    Some("text"),    Output::Json),
        ];
        for (flag, variable, wanted) in cases {
            assert_eq!(Output::choose(flag, variable), wanted, "{flag} {variable:?}");
        }
    }
}
