//! One call of a tool: who calls, and how it asks the daemons in the caller's name.

use crate::identity::Identity;
use bus::contract::op::Ask;
use bus::contract::op::message::Send;
use bus::contract::{Op, OpError, Principal};
use bus::front::files;
use bus::home::Home;
use bus::link::Json;
use bus::peer::{Peers, Question};
use serde_json::Value;
use std::sync::Arc;

/// One call. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Call {
    home: Home,
    peers: Arc<Peers>,
    identity: Identity,
}

impl Call {
    /// A call by somebody.
    pub fn new(home: Home, peers: Arc<Peers>, identity: Identity) -> Self {
        Self { home, peers, identity }
    }

    /// Who calls.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The same call as somebody who may be anybody.
    pub fn as_anybody(&self) -> Asker<'_> {
        Asker { call: self, principal: self.identity.anybody() }
    }

    /// The same call as the actor that calls, if it is the one that the arguments name.
    ///
    /// # Errors
    ///
    /// As [`Identity::caller`].
    pub fn as_caller(&self, named: &str) -> Result<Asker<'_>, OpError> {
        Ok(Asker { call: self, principal: self.identity.caller(named)?.clone() })
    }

    /// Which group the call is about.
    ///
    /// # Errors
    ///
    /// As [`Identity::group`].
    pub fn group(&self, named: &str) -> Result<String, OpError> {
        self.identity.group(named)
    }
}

/// Asks in somebody's name. A daemon that is away is waited for, up to 25 s.
#[derive(Debug)]
pub struct Asker<'a> {
    call: &'a Call,
    principal: Principal,
}

impl Asker<'_> {
    /// Its name.
    pub fn id(&self) -> &str {
        &self.principal.by
    }

    /// Asks, and gives the answer as it is shown to clients.
    ///
    /// # Errors
    ///
    /// The daemon's refusal; `daemon_unavailable`.
    pub async fn ask(&self, args: impl Into<Op>) -> Result<Value, OpError> {
        let Json(text) = self.call.peers.ask_for_json(self.question(args)).await?;
        Ok(serde_json::from_slice(&text).expect("an answer is JSON"))
    }

    /// Asks, and gives the answer as a type.
    ///
    /// # Errors
    ///
    /// As [`Asker::ask`].
    pub async fn ask_for<A: Ask>(&self, args: A) -> Result<A::Answer, OpError> {
        A::answer(self.call.peers.ask(self.question(args)).await?)
    }

    /// The same for every page of a list.
    ///
    /// # Errors
    ///
    /// As [`Asker::ask`].
    pub async fn ask_for_all<A: Ask>(&self, args: A) -> Result<A::Answer, OpError> {
        A::answer(self.call.peers.ask_all(self.question(args)).await?)
    }

    /// Stores files of the group's directories, and sends a message with them.
    ///
    /// # Errors
    ///
    /// As [`files::send`].
    pub async fn send_files(&self, paths: Vec<String>, message: Send) -> Result<Value, OpError> {
        let Json(text) = files::send(&self.call.peers, paths, message, self.principal.clone(), None).await?;
        Ok(serde_json::from_slice(&text).expect("an answer is JSON"))
    }

    /// The home that is served.
    pub fn home(&self) -> &Home {
        &self.call.home
    }

    fn question(&self, args: impl Into<Op>) -> Question {
        Question::new(self.principal.clone(), args)
    }
}
