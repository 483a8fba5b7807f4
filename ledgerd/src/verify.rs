//! `ledgerd verify [--home <folder>] [home | <group id>]`: says of each ledger whether it is whole, and where it is not.
//!
//! Exit code 0: everything that was acknowledged is there, as far as can be seen. 1: something is damaged or cannot be
//! read. 2: the arguments cannot be understood.

use crate::decision::HOME;
use crate::state::State;
use crate::store::layout::Layout;
use crate::store::verify;
use bus::contract::id;
use bus::home::Home;
use std::error::Error as _;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: ledgerd verify [--home <folder>] [home | <group id>]";
const EXIT_USAGE: u8 = 2;

#[derive(Debug, Default, PartialEq, Eq)]
struct VerifyArgs {
    home: Option<PathBuf>,
    ledger: Option<String>,
}

/// Runs the command on the arguments that follow its name.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(asked) = read(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(EXIT_USAGE);
    };
    let home = match Home::find(asked.home.as_deref()) {
        Ok(home) => home,
        Err(e) => {
            eprintln!("error: {e}");
            return ExitCode::FAILURE;
        }
    };
    match verify::verify::<State>(&Layout::new(home.root()), asked.ledger.as_deref()) {
        Ok(reports) => {
            reports.iter().for_each(|report| println!("{report}"));
            if reports.iter().all(verify::Report::is_good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(e) => {
            let why = e.source().map(|why| format!(": {why}")).unwrap_or_default();
            eprintln!("error: {e}{why}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut arguments: impl Iterator<Item = OsString>) -> Option<VerifyArgs> {
    let mut asked = VerifyArgs::default();
    while let Some(argument) = arguments.next() {
        if argument == "--home" {
            asked.home = Some(arguments.next()?.into());
            continue;
        }
        let ledger = argument.into_string().ok().filter(|name| name == HOME || id::is_group(name))?;
        if asked.ledger.replace(ledger).is_some() {
            return None;
        }
    }
    Some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_or_refused() {
        let asked = |home: Option<&str>, ledger: Option<&str>| {
            Some(VerifyArgs { home: home.map(PathBuf::from), ledger: ledger.map(str::to_owned) })
        };
        #[rustfmt::skip]
        let cases = [
            (vec![],                                        asked(None, None)),
            (vec!["--home", "/h"],                          asked(Some("/h"), None)),
            (vec!["g_0123456789ab", "--home", "/h"],        asked(Some("/h"), Some("g_0123456789ab"))),
            (vec!["home"],                                  asked(None, Some("home"))),
            (vec!["--home"],                                None),
            (vec!["../x"],                                  None),
            (vec!["home", "home"],                          None),
        ];
        for (words, wanted) in cases {
            assert_eq!(read(words.iter().map(OsString::from)), wanted, "{words:?}");
        }
    }
}
