//! `cccc completions` and `man`: what a shell and `man` know about our commands.

use crate::client::say;
use crate::failure::Failure;
use clap::Args;
use clap_complete::Shell;

/// `cccc completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell; put the output where it looks for completions
    #[arg(value_enum)]
    shell: Shell,
}

/// `cccc man`
#[derive(Debug, Args)]
pub struct Man {
    /// Words of a command, such as `actor add`; without them the page of `cccc`
    words: Vec<String>,
}

/// Writes the completions of a shell.
///
/// # Errors
///
/// They cannot be written.
pub fn completions(args: &Completions, mut all: clap::Command) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut all, "cccc", &mut text);
    say(&String::from_utf8_lossy(&text))
}

/// Writes a manual page: `cccc man actor add | man -l -`.
///
/// # Errors
///
/// There is no such command.
pub fn man(args: &Man, mut all: clap::Command) -> Result<(), Failure> {
    all.build();
    let mut command = &all;
    for word in &args.words {
        let unknown = || Failure::Usage(format!("there is no command {:?}; see `cccc help`", args.words.join(" ")));
        command = command.find_subcommand(word).ok_or_else(unknown)?;
    }
    let name = command.get_bin_name().unwrap_or("cccc").replace(' ', "-");
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone())
        .title(name)
        .source(format!("cccc {}", bus::contract::version::PRODUCT))
        .render(&mut page);
    rendered.map_err(|error| Failure::Failed(format!("cannot write the manual page: {error}")))?;
    say(&String::from_utf8_lossy(&page))
}
