//! How a command fails: what the person reads, and the exit code a script sees.

use crate::print::{Output, escape, hint, json};
use crate::supervise::ALREADY;
use bus::contract::{Code, OpError};
use serde_json::Map;
use std::io::{self, Write};
use std::process::ExitCode;

/// Exit code when something did not work or does not run.
const FAILED: u8 = 1;

/// Exit code when the answer was no, or the question made no sense.
const REFUSED: u8 = 2;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// A daemon answered no, or there was nobody to answer.
    Refused(OpError),
    /// What was typed makes no sense: why, and what would.
    Usage(String),
    /// It did not work: what was attempted, and what to do now.
    Failed(String),
    /// What was to be begun is there already.
    Already(String),
    /// Everything has been said already; only the exit code is left.
    Told(ExitCode),
}

impl Failure {
    /// It did not work, and these are the reasons, from the last to the first.
    pub fn failed(error: impl std::error::Error) -> Self {
        let mut sentence = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            sentence = format!("{sentence}: {error}");
            cause = error.source();
        }
        Self::Failed(sentence)
    }

    /// Everything has been said: it does not run, or did not work.
    pub fn told() -> Self {
        Self::Told(ExitCode::from(FAILED))
    }

    /// Everything has been said: the answer was no.
    pub fn told_no() -> Self {
        Self::Told(ExitCode::from(REFUSED))
    }

    /// Says what went wrong, as a line on standard error or as an envelope on standard output.
    /// `place` is the option with which the group was named, or `""`.
    pub fn report(&self, output: Output, place: &str) -> ExitCode {
        if let Self::Told(exit) = self {
            return *exit;
        }
        // If nobody hears it, the exit code still says it.
        let _ = match output {
            Output::Text => io::stderr().write_all(self.line(place).as_bytes()),
            Output::Json => io::stdout().write_all(self.envelope().as_bytes()),
        };
        ExitCode::from(self.exit())
    }

    /// What went wrong, for an answer that goes on without what failed.
    pub fn sentence(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.message.clone(),
            Self::Usage(sentence) | Self::Failed(sentence) | Self::Already(sentence) => sentence.clone(),
            Self::Told(_) => String::new(),
        }
    }

    fn line(&self, place: &str) -> String {
        let hint = match self {
            Self::Refused(refusal) => hint::of(refusal.code, place),
            Self::Usage(_) | Self::Failed(_) | Self::Already(_) | Self::Told(_) => String::new(),
        };
        // Reasons of several lines, such as the end of a log, stay what they are.
        let message = escape::text(&self.sentence());
        // A refusal that says itself what to do has it behind a semicolon.
        if hint.is_empty() || message.contains("; ") {
            format!("error: {message}\n")
        } else {
            format!("error: {message}; {hint}\n")
        }
    }

    fn envelope(&self) -> String {
        match self {
            Self::Refused(refusal) => json::refusal(refusal),
            Self::Usage(sentence) => json::failure("usage", sentence, &Map::new()),
            Self::Failed(sentence) | Self::Already(sentence) => json::failure("failed", sentence, &Map::new()),
            Self::Told(_) => String::new(),
        }
    }

    fn exit(&self) -> u8 {
        match self {
            Self::Refused(refusal) if matches!(refusal.code, Code::DaemonUnavailable | Code::InternalError) => FAILED,
            Self::Refused(_) | Self::Usage(_) => REFUSED,
            Self::Already(_) => ALREADY,
            Self::Failed(_) | Self::Told(_) => FAILED,
        }
    }
}

impl From<OpError> for Failure {
    fn from(refusal: OpError) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_that_says_what_to_do_and_an_exit_code() {
        let unavailable = OpError::new(Code::DaemonUnavailable, "ledgerd did not answer; see `cccc daemon status`");
        #[rustfmt::skip]
        let cases = [
            (Failure::Refused(OpError::group_not_found("g\u{1b}[2J")), "error: group not found: g␛[2J; `cccc groups` lists them\n", 2),
            (Failure::Refused(OpError::actor_not_found("a")), "error: actor not found: a; `cccc actor list -g x` lists them\n", 2),
            (Failure::Refused(unavailable),                           "error: ledgerd did not answer; see `cccc daemon status`\n", 1),
            (Failure::Refused(OpError::new(Code::NoEnabledRecipients, "nobody is enabled; start an actor")), "error: nobody is enabled; start an actor\n", 2),
            (Failure::Usage("there is no `=`".into()),                "error: there is no `=`\n",                                  2),
            (Failure::Already("it runs".into()),                       "error: it runs\n",                                          3),
            (Failure::Failed("cannot start".into()),                  "error: cannot start\n",                                     1),
        ];
        for (failure, line, exit) in cases {
            assert_eq!((failure.line(" -g x").as_str(), failure.exit()), (line, exit));
            let envelope: serde_json::Value = serde_json::from_str(&failure.envelope()).unwrap();
            assert_eq!((&envelope["ok"], envelope["error"]["code"].is_string()), (&serde_json::json!(false), true));
        }
    }
}
