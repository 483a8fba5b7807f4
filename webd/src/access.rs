//! Who asks, and what it may ask for. Pure.
//!
//! Everything that can be asked of this process goes through [`Access::check`], whichever way it comes: an address, an op,
//! a ledger that is followed, a terminal. A server that is read-only has viewers only.

use crate::answer::Refusal;
use bus::contract::op::{self, About, Row};
use bus::contract::web::WebRole;
use bus::contract::{Code, OpError};
use http::{Method, StatusCode};

/// Where ops are asked by their names. Which one it is decides, not that it is posted.
const CALL: &str = "/api/v1/call/";

/// This machine, and names of secrets: what is not for viewers, though it is only read.
const OF_THE_MACHINE: [&str; 3] = ["/api/v1/runtimes", "/api/v1/fs/", "/env_private"];

/// What viewers may ask for. Each of these only reads.
#[rustfmt::skip]
const VIEWED: [&str; 19] = [
    "ping", "whoami", "groups", "active_get", "group_show", "actor_list", "headless_status", "presence_get",
    "ledger_heads", "ledger_range", "ledger_window", "ledger_search", "message_statuses", "message_history", "inbox_list",
    "blob_read", "context_get", "task_list", "waiting_list",
];

/// What members may not ask for: tokens, other people's browsers, access from other machines, secrets, and what deletes
/// a group. Their own browsers have addresses of their own.
#[rustfmt::skip]
const FOR_ADMINS: [&str; 22] = [
    "actor_token_set", "principals_set", "web_token_add", "web_token_list", "web_token_revoke",
    "web_push_list", "web_push_remove",
    "remote_access_state", "remote_access_configure", "remote_access_start", "remote_access_stop",
    "actor_env_private_keys", "actor_env_private_update",
    "actor_profile_secret_keys", "actor_profile_secret_update", "actor_profile_secret_copy_from_actor",
    "actor_profile_secret_copy_from_profile",
    "im_config_set", "im_config_unset",
    "group_delete", "group_reset", "shutdown",
];

/// What is of the home, and still for whoever has one group only: it is told nothing of the others.
const OF_EVERYBODY: [&str; 3] = ["ping", "whoami", "groups"];

/// What happens in the home that is for admins: who has which token, which browsers are told, how we are reached.
const KINDS_FOR_ADMINS: [&str; 2] = ["x.cccc.web_", "x.cccc.remote_"];

/// What of it viewers are told: that there are groups.
const KINDS_VIEWED: &str = "x.cccc.group";

/// The ledger of the home, and what reads it.
const HOME: &str = "home";
const READS: [&str; 3] = ["ledger_range", "ledger_window", "ledger_search"];

/// Somebody who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// What it is called.
    pub name: String,
    /// How far it may go.
    pub role: WebRole,
    /// The only group that it may ask about.
    pub group_id: Option<String>,
    /// What has let it in.
    pub key: Key,
}

/// What lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Being on this machine, where the owner has set no token.
    Place,
    /// The owner's token, from the environment.
    Environment,
    /// The owner's token, from the settings: its hash.
    Setting(String),
    /// A token with a name: its id.
    Named(String),
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// An address, before anybody looks at what it leads to.
    Address(&'a Method, &'a str),
    /// An op, about the group that it names.
    Op(&'a Row, &'a str),
    /// What happens in a ledger.
    Ledger(&'a str),
    /// A terminal of a group.
    Terminal(&'a str),
}

/// Why something is not for whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    code: &'static str,
    sentence: String,
}

impl Denied {
    fn new(code: &'static str, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into() }
    }

    /// As an address is refused.
    pub fn refusal(self) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, self.code, self.sentence)
    }

    /// As an op is refused.
    pub fn error(self) -> OpError {
        OpError::denied(Code::PermissionDenied, self.sentence)
    }
}

const READ_ONLY: &str = "read_only";
const DENIED: &str = "permission_denied";

impl Access {
    /// Whoever owns this home.
    pub fn owner(key: Key) -> Self {
        Self { name: "owner".into(), role: WebRole::Admin, group_id: None, key }
    }

    /// Whether it may change nothing.
    pub fn is_viewer(&self) -> bool {
        self.role == WebRole::Viewer
    }

    /// The same, changing nothing.
    #[must_use]
    pub fn into_viewer(self) -> Self {
        Self { role: WebRole::Viewer, ..self }
    }

    /// Whether it may know of a group.
    pub fn sees(&self, group_id: &str) -> bool {
        self.group_id.as_deref().is_none_or(|own| own == group_id)
    }

    /// Whether it is told of an event of this kind in a ledger that it follows.
    pub fn is_told(&self, ledger: &str, kind: &str) -> bool {
        match self.role {
            _ if ledger != HOME => true,
            WebRole::Admin => true,
            WebRole::Member => !KINDS_FOR_ADMINS.iter().any(|part| kind.starts_with(part)),
            WebRole::Viewer => kind.starts_with(KINDS_VIEWED),
        }
    }

    /// Whether it may ask for something.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn check(&self, asked: Asked<'_>) -> Result<(), Denied> {
        match asked {
            Asked::Address(method, path) => self.check_address(method, path),
            Asked::Op(row, group_id) => self.check_op(row, group_id),
            Asked::Ledger(ledger) if self.sees(ledger) => Ok(()),
            Asked::Terminal(_) if self.is_viewer() => {
                Err(Denied::new(READ_ONLY, "terminals are not shown here, where nothing may be changed"))
            }
            Asked::Terminal(group_id) if self.sees(group_id) => Ok(()),
            Asked::Ledger(_) | Asked::Terminal(_) => Err(self.of_another_group()),
        }
    }

    fn check_address(&self, method: &Method, path: &str) -> Result<(), Denied> {
        let is_of_the_machine = OF_THE_MACHINE.iter().any(|part| path.contains(part));
        if self.is_viewer() {
            let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) || path.starts_with(CALL);
            if !reads {
                return Err(Denied::new(READ_ONLY, "this page is read-only: nothing can be changed here"));
            }
            if is_of_the_machine {
                return Err(Denied::new(READ_ONLY, "this page is read-only: what is on this machine is not shown"));
            }
        }
        if self.group_id.is_some() && is_of_the_machine {
            return Err(self.of_another_group());
        }
        Ok(())
    }

    fn check_op(&self, row: &Row, group_id: &str) -> Result<(), Denied> {
        let name = row.name;
        if self.role != WebRole::Admin && group_id == HOME && READS.contains(&name) {
            return Err(Denied::new(DENIED, "the record of the home is for admins"));
        }
        match self.role {
            WebRole::Admin => {}
            WebRole::Member if FOR_ADMINS.contains(&name) => {
                return Err(Denied::new(DENIED, format!("{name} is for admins; {} is member", self.name)));
            }
            WebRole::Member => {}
            WebRole::Viewer if VIEWED.contains(&name) => {}
            WebRole::Viewer if row.access == op::Access::Read => {
                return Err(Denied::new(READ_ONLY, format!("{name} is not shown here, where nothing may be changed")));
            }
            WebRole::Viewer => {
                let sentence = format!("{name} changes something, and here nothing may be changed");
                return Err(Denied::new(READ_ONLY, sentence));
            }
        }
        let is_own = match row.about {
            About::Group | About::AnyGroup | About::Session => self.sees(group_id),
            About::TwoGroups | About::Home => self.group_id.is_none(),
        };
        let is_of_nobody = OF_EVERYBODY.contains(&name) && group_id.is_empty();
        if is_own || is_of_nobody { Ok(()) } else { Err(self.of_another_group()) }
    }

    fn of_another_group(&self) -> Denied {
        let own = self.group_id.as_deref().unwrap_or_default();
        Denied::new(DENIED, format!("{} may ask about the group {own} only", self.name))
    }
}

#[cfg(test)]
mod tests;
