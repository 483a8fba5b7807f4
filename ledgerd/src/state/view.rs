//! What clients see of a group and its actors.

use super::actor::ActorState;
use super::group::{Cursor, Group};
use super::session::Session;
use bus::contract::document::{self, ActorView, GroupRow, GroupState, KindFilter, Runner, Waiting};
use bus::contract::held::Reason;
use bus::contract::op::inbox;
use bus::contract::{Code, OpError, runtime, time};
use serde_json::json;

impl Group {
    /// The document, without its directories and its actors, of which there may be more than fit into one answer.
    pub fn document(&self) -> document::Group {
        document::Group {
            v: 1,
            group_id: self.id.clone(),
            title: self.title.clone(),
            topic: self.topic.clone(),
            created_at: self.created_at.clone(),
            updated_at: self.changed_at.clone(),
            running: self.running,
            state: self.state,
            active_scope_key: self.active_scope_key.clone(),
            scopes: Vec::new(),
            actors: Vec::new(),
            settings: self.settings.clone(),
            automation: [
                ("version".to_owned(), json!(self.automation.version)),
                ("rules".to_owned(), json!(self.automation.ruleset.rules)),
                ("snippets".to_owned(), json!(self.automation.ruleset.snippets)),
            ]
            .into_iter()
            .collect(),
            im: self.im.config.clone(),
            damaged: self.damaged.clone(),
        }
    }

    /// The row in the list of groups.
    pub fn row(&self) -> GroupRow {
        let active = self.scopes.iter().find(|scope| scope.scope_key == self.active_scope_key);
        GroupRow {
            group_id: self.id.clone(),
            title: self.title.clone(),
            topic: self.topic.clone(),
            path: active.map(|scope| scope.url.clone()).unwrap_or_default(),
            default_scope_key: self.active_scope_key.clone(),
            created_at: self.created_at.clone(),
            updated_at: self.touched_at.clone(),
            running: self.actor_states.iter().any(|actor_state| self.is_running(actor_state)),
            registry_health: if self.damaged.is_some() { "damaged" } else { "ok" }.into(),
            state: self.state,
        }
    }

    /// Whether an actor is there to work: its session is alive, or it is headless, should run, and has not stopped itself.
    pub fn is_running(&self, actor_state: &ActorState) -> bool {
        match actor_state.actor.runner {
            Runner::Pty => actor_state.is_alive(),
            Runner::Headless => self.running && actor_state.actor.enabled && !actor_state.has_stopped_itself(),
        }
    }

    /// An actor as `actor_list` shows it.
    pub fn view(&self, actor_state: &ActorState, with_unread: bool) -> ActorView {
        let name = &actor_state.actor.id;
        let reader = self.reader(name);
        let session = actor_state.session.as_ref();
        let running = self.is_running(actor_state);
        let waiting = actor_state.queue.iter().next().map(|(_, held)| Waiting {
            count: actor_state.queue.len() as u64,
            reason: reason_now(held, running, self.state).to_owned(),
        });
        ActorView {
            actor: actor_state.actor.clone(),
            role: reader.role,
            running,
            pid: session.filter(|session| session.is_alive()).and_then(|session| session.pid),
            terminal_state: None,
            tools: None,
            last_exit: session.and_then(Session::ending),
            last_lines: session.map(|session| session.last_lines.clone()).unwrap_or_default(),
            unread_count: with_unread.then(|| self.unread.count(reader, KindFilter::All)),
            waiting,
        }
    }

    /// Up to where somebody has read, as clients see it.
    pub fn cursor(&self, name: &str) -> inbox::Cursor {
        self.cursors.get(name).map_or_else(inbox::Cursor::default, |Cursor { seq, event_id, updated_at }| {
            inbox::Cursor {
                event_id: event_id.clone(),
                ts: time::format(self.index.time(*seq)),
                updated_at: Some(updated_at.clone()),
            }
        })
    }

    /// Directory an actor works in.
    ///
    /// # Errors
    ///
    /// `missing_project_root`, `scope_not_attached`.
    pub fn directory(&self, actor_state: &ActorState) -> Result<&str, OpError> {
        let own = &actor_state.actor.default_scope_key;
        let key = if own.is_empty() { &self.active_scope_key } else { own };
        if key.is_empty() {
            let sentence = "no active scope for group: attach a directory first, with `cccc attach <path>`";
            return Err(OpError::new(Code::MissingProjectRoot, sentence).with("group_id", self.id.as_str()));
        }
        let scope = self.scopes.iter().find(|scope| scope.scope_key == *key).ok_or_else(|| {
            let sentence = format!("scope not attached: {key}, where {} works; attach it again", actor_state.actor.id);
            OpError::new(Code::ScopeNotAttached, sentence).with("scope_key", key.as_str())
        })?;
        Ok(&scope.url)
    }

    /// Whether an actor can be started, as far as state knows; whether the directory exists is for ptyd to see.
    ///
    /// # Errors
    ///
    /// As [`Group::directory`]; `unsupported_runtime`, `missing_command`.
    pub fn check_startable(&self, actor_state: &ActorState) -> Result<(), OpError> {
        self.directory(actor_state)?;
        let actor = &actor_state.actor;
        if runtime::find(&actor.runtime).is_none() {
            let sentence = format!("unsupported runtime: {}; choose one of `cccc runtime list`", actor.runtime);
            return Err(OpError::new(Code::UnsupportedRuntime, sentence).with("actor_id", actor.id.as_str()));
        }
        if actor.runner == Runner::Pty && actor.command.is_empty() {
            let sentence = format!("{} has no command to start; give it one", actor.id);
            return Err(OpError::new(Code::MissingCommand, sentence).with("actor_id", actor.id.as_str()));
        }
        Ok(())
    }
}

/// Why a message waits now. What was put on record may have passed, and what is plain to see need not be on record yet.
fn reason_now(recorded: &str, running: bool, state: GroupState) -> &str {
    let plain = match (running, state) {
        (false, _) => Some(Reason::NoSession),
        (true, GroupState::Paused) => Some(Reason::Paused),
        (true, GroupState::Active | GroupState::Idle) => None,
    };
    match (Reason::parse(recorded), plain) {
        (Some(Reason::Inbox), _) => recorded,
        (_, Some(plain)) => plain.words(),
        (Some(Reason::NoSession | Reason::Paused), None) => "",
        (_, None) => recorded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_what_holds_a_message_now() {
        use GroupState::{Active, Idle, Paused};
        #[rustfmt::skip]
        let cases = [
            // on record                     running  state    now
            ("",                             true,    Active,  ""),
            ("",                             true,    Paused,  "group is paused"),
            ("",                             false,   Active,  "no live session"),
            ("starting",                     true,    Idle,    "starting"),
            ("starting",                     true,    Paused,  "group is paused"),
            ("starting",                     false,   Paused,  "no live session"),
            ("no live session",              true,    Active,  ""),
            ("group is paused",              true,    Active,  ""),
            ("reads its inbox by itself",    false,   Paused,  "reads its inbox by itself"),
            ("a later version's words",      true,    Active,  "a later version's words"),
        ];
        for (recorded, running, state, now) in cases {
            assert_eq!(reason_now(recorded, running, state), now, "{recorded:?} {running} {state}");
        }
    }
}
