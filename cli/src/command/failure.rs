//! How a command fails: what the person reads, and the exit code a script sees.

use super::Output;
use bus::contract::{OpError, version};
use serde_json::json;
use std::process::ExitCode;

/// Exit code when something did not work or does not run.
const FAILED: u8 = 1;

/// Exit code when the answer was no.
const REFUSED: u8 = 2;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// A daemon answered no.
    Refused(OpError),
    /// It did not work: what was attempted, and what to do now.
    Failed(String),
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

    /// Everything has been said: it does not run.
    pub fn told() -> Self {
        Self::Told(ExitCode::from(FAILED))
    }

    /// Says what went wrong, as a line on standard error or as an envelope on standard output.
    pub fn report(&self, output: Output) -> ExitCode {
        let (code, message, details, exit) = match self {
            Self::Refused(refusal) => (refusal.code.word(), &refusal.message, refusal.details.clone(), REFUSED),
            Self::Failed(sentence) => ("failed", sentence, serde_json::Map::new(), FAILED),
            Self::Told(exit) => return *exit,
        };
        match output {
            Output::Text => eprintln!("error: {message}"),
            Output::Json => {
                let error = json!({"code": code, "message": message, "details": details});
                println!("{:#}", json!({"v": version::IPC, "ok": false, "error": error}));
            }
        }
        ExitCode::from(exit)
    }
}

impl From<OpError> for Failure {
    fn from(refusal: OpError) -> Self {
        Self::Refused(refusal)
    }
}
