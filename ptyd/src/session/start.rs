//! Starting an agent: what must be true before, the session itself, and the notes that outlive us.

use super::Live;
use super::environment::{Identity, environment};
use super::memo::{Memo, Notes};
use crate::house::House;
use crate::screen::{COLS, ROWS};
use bus::contract::document::{Phase, Resume};
use bus::contract::op::delivery::Place;
use bus::contract::private::Variables;
use bus::contract::prompt::beginning;
use bus::contract::{Code, id, runtime};
use ptyd::hold::{self, HoldError, Spec};
use std::path::Path;
use std::sync::Arc;

/// How much of a `PATH` is shown.
const PATH_BYTES_SHOWN: usize = 4096;

/// Why an agent did not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StartError {
    /// What clients match on, where the op has no code of its own for it.
    pub code: Code,
    /// One sentence for people.
    pub message: String,
}

/// The directory an actor works in.
///
/// # Errors
///
/// The group has none, or it is not there any more.
pub fn directory(place: &Place) -> Result<&str, StartError> {
    let directory = match &place.directory {
        Ok(directory) => directory,
        Err(why) => return Err(StartError { code: why.code, message: why.message.clone() }),
    };
    if !Path::new(directory).is_dir() {
        let message = format!("the directory {directory} does not exist; attach another one with `cccc attach <path>`");
        return Err(StartError { code: Code::InvalidProjectRoot, message });
    }
    Ok(directory)
}

/// Starts a session under an id that is chosen here, so that a failure can be recorded under it.
///
/// # Errors
///
/// Nothing runs, and nothing is left behind but what a crash in between leaves for the next look. A code that
/// [is retryable](Code::is_retryable) says nothing about the agent: ledgerd could not be asked for its secrets.
pub async fn start(house: &House, group_id: &str, place: &Place, session_id: &str) -> Result<Arc<Live>, StartError> {
    let directory = directory(place)?;
    if place.actor.command.is_empty() {
        let message = format!("actor {} has no command; set one with `cccc actor update`", place.actor.id);
        return Err(StartError { code: Code::MissingCommand, message });
    }
    let private = house.secrets(group_id, &place.actor.id).await;
    let private = private.map_err(|error| StartError { code: error.code, message: error.message })?;
    let token = id::token();
    let identity = Identity { group_id, actor: &place.actor, private: &private, token: &token, session_id };
    let inherited = std::env::vars_os();
    let spec = Spec {
        session_id: session_id.to_owned(),
        group_id: group_id.to_owned(),
        actor_id: place.actor.id.clone(),
        generation: place.generation,
        command: runtime::launched(&place.actor.command, resumes(place)),
        directory: directory.to_owned(),
        environment: environment(house.home(), identity, directory, inherited, house.programs(), house.inputrc()),
        cols: COLS,
        rows: ROWS,
        log_bytes_max: hold::order::LOG_BYTES_MAX_DEFAULT,
        umask: house.umask(),
    };
    let memo = Memo { token_sha256: id::digest(&token), ..Memo::default() };
    let notes = Notes::begin(house.home(), session_id, memo)
        .map_err(|error| failed(format!("cannot note the session: {error}")))?;
    let spawned = async {
        let session = hold::spawn(house.home(), house.holder(), &spec).await?;
        let meta = session.folder().meta().map_err(|source| HoldError::Io {
            action: "read the meta of",
            path: session.folder().path().into(),
            source,
        })?;
        let meta = meta.ok_or_else(|| HoldError::Lost { session_id: session_id.to_owned() })?;
        Ok::<_, HoldError>((session, meta))
    };
    match spawned.await {
        Ok((session, meta)) => Live::adopt(session, &meta, notes).await.map_err(|error| failed(error.to_string())),
        Err(error) => {
            notes.remove();
            Err(failed(explained(&error, &spec, &private)))
        }
    }
}

/// Whether to go on with the last conversation: there was a session, and not one that ended at once, perhaps for want of
/// a conversation. Of one that did not even start, only where something was said before: the last conversation in the
/// directory may be somebody else's.
fn resumes(place: &Place) -> bool {
    let has_lived = place.session.as_ref().is_some_and(|last| match last.phase {
        Phase::Failed => last.quick_exits <= 1 && !place.handed_at.is_empty(),
        _ => last.quick_exits == 0,
    });
    place.actor.resume == Resume::Last && has_lived
}

/// Says also where a program was looked for that is not there, unless that is a secret.
fn explained(error: &HoldError, spec: &Spec, private: &Variables) -> String {
    let is_looked_for = spec.command.first().is_some_and(|program| !program.contains('/'));
    match (error, spec.environment.get("PATH")) {
        (HoldError::Program { .. }, Some(path)) if is_looked_for && !private.0.contains_key("PATH") => {
            format!("{error}, which is {}", beginning(path, PATH_BYTES_SHOWN))
        }
        _ => error.to_string(),
    }
}

fn failed(message: String) -> StartError {
    StartError { code: Code::ActorStartFailed, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_program_that_is_not_found_is_told_with_the_path_unless_that_is_secret() {
        let spec = |program: &str| Spec {
            session_id: String::new(),
            group_id: String::new(),
            actor_id: String::new(),
            generation: 0,
            command: vec![program.into()],
            directory: "/".into(),
            environment: BTreeMap::from([("PATH".into(), "/a:/b".into())]),
            cols: COLS,
            rows: ROWS,
            log_bytes_max: hold::order::LOG_BYTES_MAX_DEFAULT,
            umask: 0,
        };
        let secret = Variables(BTreeMap::from([("PATH".into(), "/a:/b".into())]));
        let program = || HoldError::Program { why: "x: it is not on the session's PATH".into() };
        let other = || HoldError::Start { why: "no terminal".into() };
        #[rustfmt::skip]
        let cases = [
            (program(), spec("x"),    Variables::default(), true),
            (program(), spec("/x"),   Variables::default(), false),
            (program(), spec("x"),    secret,               false),
            (other(),   spec("x"),    Variables::default(), false),
        ];
        for (error, spec, private, is_shown) in cases {
            let said = explained(&error, &spec, &private);
            assert_eq!(said.ends_with("PATH, which is /a:/b"), is_shown, "{said}");
            assert_eq!(said.contains("/a:/b"), is_shown, "{said}");
        }
    }
}
