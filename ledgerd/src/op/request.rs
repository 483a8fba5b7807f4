//! What every op starts from, and the event writer it writes with.

use crate::decision::{Decision, Draft, HOME, Known, Secret};
use crate::permission::{self, Asker};
use crate::recipient::{Place, Roster};
use crate::stamp::Stamp;
use crate::state::State;
use crate::state::actor::ActorState;
use crate::state::group::Group;
use crate::state::secret::{Kept, Secrets};
use crate::suggest;
use bus::contract::event::{ActorSecrets, ProfileSecrets};
use bus::contract::private::Variables;
use bus::contract::time::{self, Micros};
use bus::contract::{Access, Body, Code, Event, Op, OpError, Principal, Request, limit, name};

/// One request that is being decided or answered.
pub struct RequestContext<'a> {
    /// Everything that happened so far.
    pub state: &'a State,
    /// Time and ids.
    pub stamp: &'a Stamp,
    /// Who speaks, as far as it is proven.
    pub by: String,
    /// Who asks, as the request says it.
    pub principal: &'a Principal,
    /// What was read from disk for this decision.
    pub known: &'a Known,
}

impl<'a> RequestContext<'a> {
    /// The case of a request.
    ///
    /// # Errors
    ///
    /// `permission_denied`: it is not proven who asks; see [`permission::speaker`].
    pub fn new(state: &'a State, stamp: &'a Stamp, request: &'a Request, known: &'a Known) -> Result<Self, OpError> {
        let by = permission::speaker(state, request)?;
        Ok(Self { state, stamp, by, principal: &request.principal, known })
    }

    /// The same case in a group that was found by something else than its name, such as a directory: there, too, it must
    /// be allowed to whoever speaks.
    ///
    /// # Errors
    ///
    /// `permission_denied`: a proven actor of another group.
    pub fn acting_in(&self, group_id: &str) -> Result<Self, OpError> {
        let by = permission::speaker_in(self.state, self.principal, group_id, Access::Write)?;
        Ok(Self { by, ..*self })
    }

    /// Checks that whoever speaks may ask for an op, as far as its row says it.
    ///
    /// # Errors
    ///
    /// As [`permission::check`].
    pub fn check_may(&self, op: &Op) -> Result<(), OpError> {
        permission::check(self.asker(), op.row(), self.state.group(op.group_id()).ok(), op.actor_id())
    }

    /// Whoever speaks.
    pub fn asker(&self) -> Asker<'_> {
        Asker { by: &self.by, principal: self.principal }
    }

    /// The group that is named.
    ///
    /// # Errors
    ///
    /// `missing_group_id`, `group_not_found`.
    pub fn group(&self, group_id: &str) -> Result<&'a Group, OpError> {
        required(group_id, Code::MissingGroupId)?;
        self.state.group(group_id).map_err(|_| suggest::group_not_found(self.state, group_id))
    }

    /// The actor that is named.
    ///
    /// # Errors
    ///
    /// `actor_not_found`.
    pub fn actor(&self, group: &'a Group, actor_id: &str) -> Result<&'a ActorState, OpError> {
        group.actor_state(actor_id).ok_or_else(|| suggest::actor_not_found(group, actor_id))
    }

    /// The group and the actor that are named.
    ///
    /// # Errors
    ///
    /// `missing_group_id`, `missing_actor_id`, `group_not_found`, `actor_not_found`.
    pub fn named_actor(&self, group_id: &str, actor_id: &str) -> Result<(&'a Group, &'a ActorState), OpError> {
        required(group_id, Code::MissingGroupId)?;
        required(actor_id, Code::MissingActorId)?;
        let group = self.group(group_id)?;
        Ok((group, self.actor(group, actor_id)?))
    }

    /// An event of a group, as it was read for this decision.
    ///
    /// # Errors
    ///
    /// `event_not_found`.
    pub fn event(&self, event_id: &str) -> Result<&'a Event, OpError> {
        let found = self.known.events.iter().find(|event| event.id == event_id);
        found.ok_or_else(|| OpError::event_not_found(event_id))
    }

    /// The profile that is named.
    ///
    /// # Errors
    ///
    /// `missing_profile_id`, `profile_not_found`.
    pub fn profile(&self, profile_id: &str) -> Result<&'a Kept, OpError> {
        required(profile_id, Code::MissingProfileId)?;
        self.state.home.profile(profile_id)
    }

    /// Secrets, as they were read for this decision.
    ///
    /// # Errors
    ///
    /// They are lost.
    pub fn secrets(&self, secrets: &Secrets) -> Result<Variables, OpError> {
        if secrets.version.is_empty() {
            return Ok(Variables::default());
        }
        let found = self.known.secrets.iter().find(|(version, _)| *version == secrets.version);
        found.map(|(_, variables)| variables.clone()).ok_or_else(secrets_lost)
    }

    /// An event writer for whoever speaks.
    pub fn writer(&self) -> EventWriter<'a> {
        EventWriter { state: self.state, stamp: self.stamp, by: self.by.clone(), decision: Decision::default() }
    }
}

/// Writes the events of one decision: numbers, times and ids follow from the ledgers' heads.
pub struct EventWriter<'a> {
    state: &'a State,
    stamp: &'a Stamp,
    by: String,
    decision: Decision,
}

impl EventWriter<'_> {
    /// The id of an event that is written later, because its text must name it.
    pub fn id(&self) -> String {
        self.stamp.id()
    }

    /// Writes what follows in another name.
    pub fn speak_as(&mut self, by: &str) {
        by.clone_into(&mut self.by);
    }

    /// Time of the next event of a ledger.
    pub fn time(&self, ledger: &str) -> String {
        time::format(self.next(ledger).1)
    }

    /// Writes an event of a group.
    pub fn write(&mut self, group_id: &str, body: impl Into<Body>) {
        self.scoped(group_id, "", body);
    }

    /// Writes an event of a group that is about a scope.
    pub fn scoped(&mut self, group_id: &str, scope_key: &str, body: impl Into<Body>) {
        let (id, by) = (self.id(), self.by.clone());
        self.event(group_id, id, scope_key, by, body.into());
    }

    /// Writes an event under an id that was taken before.
    pub fn identified(&mut self, group_id: &str, id: String, scope_key: &str, body: impl Into<Body>) {
        let by = self.by.clone();
        self.event(group_id, id, scope_key, by, body.into());
    }

    /// Writes an event that nobody asked for by name.
    pub fn as_system(&mut self, group_id: &str, body: impl Into<Body>) {
        let id = self.id();
        self.event(group_id, id, "", "system".into(), body.into());
    }

    /// Writes an event of the home ledger. Those come after the events of groups, because the last ledger written
    /// decides whether all of it has happened.
    pub fn home(&mut self, body: impl Into<Body>) {
        let (id, by) = (self.id(), self.by.clone());
        self.event(HOME, id, "", by, body.into());
    }

    /// Writes what an actor's private environment is from now on, all of it.
    pub fn actor_secrets(&mut self, group_id: &str, actor_id: &str, variables: Variables) {
        let keys = variables.names();
        let version = self.keep(group_id, variables);
        self.write(group_id, ActorSecrets { actor_id: actor_id.to_owned(), version, keys });
    }

    /// Writes what a profile's secrets are from now on, all of them.
    pub fn profile_secrets(&mut self, profile_id: &str, variables: Variables) {
        let keys = variables.names();
        let version = self.keep(HOME, variables);
        self.home(ProfileSecrets { profile_id: profile_id.to_owned(), version, keys });
    }

    /// Has secrets removed that no event of a ledger names any more.
    pub fn forget_secrets(&mut self, ledger: &str) {
        self.decision.secrets_of.insert(ledger.to_owned());
    }

    /// Has secrets stored, and returns the version under which an event of that ledger is to name them; `""` when there
    /// are none.
    pub fn keep(&mut self, ledger: &str, variables: Variables) -> String {
        self.forget_secrets(ledger);
        if variables.0.is_empty() {
            return String::new();
        }
        let version = self.id();
        self.decision.secrets.push(Secret { ledger: ledger.to_owned(), version: version.clone(), variables });
        version
    }

    /// The decision, for what is not an event.
    pub fn decision(&mut self) -> &mut Decision {
        &mut self.decision
    }

    /// What was written.
    pub fn done(self) -> Decision {
        self.decision
    }

    fn event(&mut self, ledger: &str, id: String, scope_key: &str, by: String, body: Body) {
        let (seq, ts) = self.next(ledger);
        let group_id = if ledger == HOME { String::new() } else { ledger.to_owned() };
        let event = Event { seq, id, ts: time::format(ts), group_id, scope_key: scope_key.to_owned(), by, body };
        self.decision.drafts.push(Draft { ledger: ledger.to_owned(), event });
    }

    fn next(&self, ledger: &str) -> (u64, Micros) {
        let head = self.state.head(ledger);
        let drafted = self.decision.drafts.iter().filter(|draft| draft.ledger == ledger).count() as u64;
        let first = self.stamp.after(head.map(|head| head.ts));
        // One microsecond apart keeps times strictly rising within the decision.
        let ts = first + i64::try_from(drafted).expect("a decision has few events");
        (head.map_or(0, |head| head.seq) + drafted + 1, ts)
    }
}

impl Group {
    /// The roster as routing sees it.
    pub fn roster(&self) -> Roster<'_> {
        let places = self.actor_states.iter().map(|actor_state| Place {
            id: &actor_state.actor.id,
            title: &actor_state.actor.title,
            is_enabled: actor_state.actor.enabled,
            is_startable: self.check_startable(actor_state).is_ok(),
        });
        Roster { places: places.collect() }
    }
}

/// Checks that an argument is there. The codes of missing arguments are `missing_<argument>`.
///
/// # Errors
///
/// The code.
pub fn required(value: &str, code: Code) -> Result<(), OpError> {
    if !value.is_empty() {
        return Ok(());
    }
    let name = code.word().trim_start_matches("missing_");
    Err(OpError::new(code, format!("missing {name}")))
}

/// Checks that a text keeps within its limit.
///
/// # Errors
///
/// `invalid_request`, which names the limit.
pub fn within(what: &str, text: &str, limit: usize, name: &str) -> Result<(), OpError> {
    if text.len() <= limit { Ok(()) } else { Err(OpError::too_large(what, text.len(), limit, name)) }
}

/// Checks that a name or a title keeps within its limit and has nothing in it that nobody sees.
///
/// # Errors
///
/// `invalid_request`.
pub fn named(what: &str, text: &str) -> Result<(), OpError> {
    within(what, text, limit::TITLE_BYTES_MAX, "TITLE_BYTES_MAX")?;
    name::check(what, text).map_err(|sentence| OpError::new(Code::InvalidRequest, sentence))
}

/// The refusal of whatever needs the values of secrets that are gone.
pub fn secrets_lost() -> OpError {
    let sentence = "the values of the private environment are gone from secrets/, as after a copy without that folder; \
                    set them again, with clear";
    OpError::new(Code::InternalError, sentence)
}

/// The same refusal under an op's own code; what it was is kept in the details.
pub fn under(code: Code, error: OpError) -> OpError {
    let reason = error.code.word();
    OpError { code, ..error }.with("reason", reason)
}

/// The first event among those that a request has written that is meant, and what is picked from it.
///
/// # Errors
///
/// `internal_error`: the request has not written what its op always writes.
pub fn written_as<T>(events: &[Event], pick: impl Fn(&Body) -> Option<T>) -> Result<(Event, T), OpError> {
    let found = events.iter().find_map(|event| Some((event.clone(), pick(&event.body)?)));
    found.ok_or_else(|| {
        let kinds: Vec<_> = events.iter().map(Event::kind).collect();
        OpError::new(Code::InternalError, format!("the request has written {kinds:?} only; see the log of ledgerd"))
    })
}

/// The first event among those that a request has written that is meant.
///
/// # Errors
///
/// As [`written_as`].
pub fn written(events: &[Event], is_meant: impl Fn(&Body) -> bool) -> Result<Event, OpError> {
    written_as(events, |body| is_meant(body).then_some(())).map(|(event, ())| event)
}
