//! Starting an agent: what must be true before, the session itself, and the notes that outlive us.

use super::Live;
use super::delivery_journal::{DeliveryJournal, Notes};
use super::environment::{Identity, environment};
use super::launcher::Launcher;
use crate::ledgerd::Ledgerd;
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

/// A session that is about to start.
pub struct Ready {
    spec: Spec,
    private: Variables,
    notes: Notes,
}

/// Puts together what a session starts with, under an id that is chosen before, so that a failure can be recorded under
/// it.
///
/// # Errors
///
/// Nothing is left behind. A code that [is retryable](Code::is_retryable) says nothing about the agent: ledgerd could not
/// be asked for its secrets.
pub async fn prepare(
    launcher: &Launcher,
    ledgerd: &Ledgerd,
    group_id: &str,
    place: &Place,
    session_id: &str,
) -> Result<Ready, StartError> {
    let directory = directory(place)?;
    if place.actor.command.is_empty() {
        let message = format!("actor {} has no command; set one with `cccc actor update`", place.actor.id);
        return Err(StartError { code: Code::MissingCommand, message });
    }
    let private = ledgerd.secrets(group_id, &place.actor.id).await;
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
        environment: environment(
            launcher.home(),
            identity,
            directory,
            inherited,
            launcher.programs(),
            launcher.inputrc(),
        ),
        cols: COLS,
        rows: ROWS,
        log_bytes_max: hold::spec::LOG_BYTES_MAX_DEFAULT,
        umask: launcher.umask(),
    };
    let journal = DeliveryJournal { token_sha256: id::digest(&token), ..DeliveryJournal::default() };
    let notes = Notes::begin(launcher.home(), session_id, journal)
        .map_err(|error| failed(format!("cannot note the session: {error}")))?;
    Ok(Ready { spec, private, notes })
}

impl Ready {
    /// SHA-256 (hex) of the token that will prove the agent.
    pub fn token_sha256(&self) -> &str {
        &self.notes.journal().token_sha256
    }

    /// Starts the agent. By then its token must be on record: it may use it at once.
    ///
    /// # Errors
    ///
    /// Nothing runs, and nothing is left behind but what a crash in between leaves for the next look.
    pub async fn start(self, launcher: &Launcher) -> Result<Arc<Live>, StartError> {
        let Self { spec, private, notes } = self;
        let spawned = async {
            let session = hold::spawn(launcher.home(), launcher.holder(), &spec).await?;
            let meta = session.folder().meta().map_err(|source| HoldError::Io {
                action: "read the meta of",
                path: session.folder().path().into(),
                source,
            })?;
            let meta = meta.ok_or_else(|| HoldError::Lost { session_id: spec.session_id.clone() })?;
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

    /// Takes back what was noted for a start that is not made.
    pub fn give_up(self) {
        self.notes.remove();
    }
}

/// Whether to go on with the last conversation: there was a session, and not one that ended at once, perhaps for want of
/// a conversation. Of one that did not even start, only where something was said before: the last conversation in the
/// directory may be somebody else's.
fn resumes(place: &Place) -> bool {
    let has_lived = place.session.as_ref().is_some_and(|last| match last.phase {
        // Of one that was about to start, nobody knows whether it did.
        Phase::Failed | Phase::Starting => last.quick_exits <= 1 && !place.handed_at.is_empty(),
        _ => last.quick_exits == 0,
    });
    place.actor.resume == Resume::Last && has_lived
}

/// Says also where a program was looked for that is not there, unless that is a secret, and what to do.
fn explained(error: &HoldError, spec: &Spec, private: &Variables) -> String {
    let HoldError::Program { .. } = error else { return error.to_string() };
    let is_looked_for = spec.command.first().is_some_and(|program| !program.contains('/'));
    let way_out = format!(
        "; install it, or name another program with `cccc actor update {} --command \"<words>\"` (`cccc runtime list` shows \
         what is installed), and start it again with `cccc actor start {0}`",
        spec.actor_id
    );
    match spec.environment.get("PATH").filter(|_| is_looked_for && !private.0.contains_key("PATH")) {
        Some(path) => format!("{error}, which is {}{way_out}", beginning(path, PATH_BYTES_SHOWN)),
        None => format!("{error}{way_out}"),
    }
}

fn failed(message: String) -> StartError {
    StartError { code: Code::ActorStartFailed, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::Actor;
    use bus::contract::document::Role;
    use bus::contract::op::delivery::LastSession;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn a_program_that_is_not_found_is_told_with_the_path_unless_that_is_secret() {
        let spec = |program: &str| Spec {
            session_id: String::new(),
            group_id: String::new(),
            actor_id: "a".into(),
            generation: 0,
            command: vec![program.into()],
            directory: "/".into(),
            environment: BTreeMap::from([("PATH".into(), "/a:/b".into())]),
            cols: COLS,
            rows: ROWS,
            log_bytes_max: hold::spec::LOG_BYTES_MAX_DEFAULT,
            umask: 0,
        };
        let secret = Variables(BTreeMap::from([("PATH".into(), "/a:/b".into())]));
        let program = || HoldError::Program { why: "x: it is not on the session's PATH".into() };
        let other = || HoldError::Start { why: "no terminal".into() };
        #[rustfmt::skip]
        let cases = [
            // error    program       secrets               path   way out
            (program(), spec("x"),    Variables::default(), true,  true),
            (program(), spec("/x"),   Variables::default(), false, true),
            (program(), spec("x"),    secret,               false, true),
            (other(),   spec("x"),    Variables::default(), false, false),
        ];
        for (error, spec, private, is_shown, has_way_out) in cases {
            let said = explained(&error, &spec, &private);
            assert_eq!(said.contains("PATH, which is /a:/b;"), is_shown, "{said}");
            assert_eq!(said.contains("/a:/b"), is_shown, "{said}");
            assert_eq!(
                said.contains("; install it, or name another program with `cccc actor update a"),
                has_way_out,
                "{said}"
            );
        }
    }

    #[test]
    fn a_session_goes_on_unless_the_last_one_has_shown_that_it_cannot() {
        let row =
            json!({"v": 1, "id": "a", "runtime": "claude", "created_at": "", "updated_at": "", "command": ["claude"]});
        let place = |resume, last: Option<(Phase, u32)>, handed_at: &str| {
            let session = last.map(|(phase, quick_exits)| LastSession {
                session_id: "s".into(),
                generation: 1,
                phase,
                ts: String::new(),
                quick_exits,
            });
            Place {
                actor: Actor { resume, ..serde_json::from_value(row.clone()).unwrap() },
                role: Role::Peer,
                directory: Ok("/".into()),
                wanted: true,
                generation: 1,
                session,
                handed_at: handed_at.into(),
                queue: Vec::new(),
                queue_len: 0,
                unread: 0,
            }
        };
        #[rustfmt::skip]
        let cases = [
            // setting       last session, and quick ends    handed over   goes on
            (Resume::Never, Some((Phase::Stopped, 0)),       "then",       false),
            (Resume::Last,  None,                            "",           false),
            (Resume::Last,  Some((Phase::Stopped, 0)),       "",           true),
            (Resume::Last,  Some((Phase::Lost, 0)),          "then",       true),
            (Resume::Last,  Some((Phase::Exited, 0)),        "then",       true),
            (Resume::Last,  Some((Phase::Exited, 1)),        "then",       false),
            (Resume::Last,  Some((Phase::Failed, 1)),        "then",       true),
            (Resume::Last,  Some((Phase::Failed, 1)),        "",           false),
            (Resume::Last,  Some((Phase::Failed, 2)),        "then",       false),
            (Resume::Last,  Some((Phase::Starting, 0)),      "then",       true),
            (Resume::Last,  Some((Phase::Starting, 0)),      "",           false),
        ];
        for (resume, last, handed_at, wanted) in cases {
            assert_eq!(resumes(&place(resume, last, handed_at)), wanted, "{resume} {last:?} {handed_at:?}");
        }
    }
}
