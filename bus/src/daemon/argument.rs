//! The few arguments every daemon has.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Run, for a home other than the usual one when it is named.
    Run {
        /// The folder, as it was given.
        home: Option<OsString>,
    },
    /// Say which version this is.
    Version,
    /// Say what can be asked.
    Help,
}

/// Why the command line cannot be understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// `--home` stands last, or before nothing.
    #[error("--home needs a folder")]
    MissingHome,
    /// None of ours.
    #[error("unknown argument {}", .0.to_string_lossy())]
    Unknown(OsString),
}

/// Reads the arguments behind the program's name.
///
/// # Errors
///
/// See [`ArgumentError`].
pub fn read(arguments: impl Iterator<Item = OsString>) -> Result<Invocation, ArgumentError> {
    let mut arguments = arguments;
    let mut home = None;
    while let Some(argument) = arguments.next() {
        match argument.as_bytes() {
            b"--version" | b"-V" => return Ok(Invocation::Version),
            b"--help" | b"-h" => return Ok(Invocation::Help),
            b"--home" => home = Some(arguments.next().ok_or(ArgumentError::MissingHome)?),
            bytes => match bytes.strip_prefix(b"--home=") {
                Some(folder) => home = Some(OsString::from_vec(folder.to_vec())),
                None => return Err(ArgumentError::Unknown(argument)),
            },
        }
    }
    if home.as_ref().is_some_and(|folder| folder.is_empty()) {
        return Err(ArgumentError::MissingHome);
    }
    Ok(Invocation::Run { home })
}

/// What `--help` prints.
pub fn help(name: &str) -> String {
    format!(
        "{name}: a process of cccc; usually started by `cccc`\n\n\
         Usage: {name} [--home <folder>]\n\n\
         Options:\n  \
           --home <folder>  the home to serve (default: CCCC_HOME, or ~/.cccc)\n  \
           --version        print the version\n  \
           --help           print this\n\n\
         Environment:\n  \
           CCCC_LOG         what to log, for example debug or bus=trace,info (default: as the home says)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_understood_or_refused() {
        let run = |home: Option<&str>| Ok(Invocation::Run { home: home.map(OsString::from) });
        #[rustfmt::skip]
        let cases = [
            // arguments                  asked for
            ("",                          run(None)),
            ("--home /a",                 run(Some("/a"))),
            ("--home=/a",                 run(Some("/a"))),
            ("--home /a --home /b",       run(Some("/b"))),
            ("--home /a --version",       Ok(Invocation::Version)),
            ("-h",                        Ok(Invocation::Help)),
            ("--home",                    Err(ArgumentError::MissingHome)),
            ("--home=",                   Err(ArgumentError::MissingHome)),
            ("--verbose",                 Err(ArgumentError::Unknown("--verbose".into()))),
            ("start",                     Err(ArgumentError::Unknown("start".into()))),
        ];
        for (line, asked) in cases {
            assert_eq!(read(line.split_whitespace().map(OsString::from)), asked, "{line:?}");
        }
    }
}
