//! Who calls: the actor that the environment or the token names, and nobody that only the arguments name.

use bus::contract::op::principal::{Speaker, Whoami};
use bus::contract::{Code, OpError, Principal, Proof};
use bus::front::SessionIdentity;
use bus::peer::Peers;
use tokio::sync::OnceCell;

/// Who asks where nobody is known: a program that no actor runs. It may look around and do nothing.
const STRANGER: &str = "mcp";

/// Who calls tools, for as long as it calls them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    group_id: Option<String>,
    actor: Option<Principal>,
}

/// Who has started us: what the environment says of it, and who that is once its token was looked at.
#[derive(Debug)]
pub struct Session {
    told: SessionIdentity,
    known: OnceCell<Identity>,
}

impl Session {
    /// What the environment says.
    pub fn new(told: SessionIdentity) -> Self {
        Self { told, known: OnceCell::new() }
    }

    /// Who it is. A token says that, and what else the environment says must agree with it: a program that was told two
    /// names would read one actor's inbox and speak as the other.
    ///
    /// # Errors
    ///
    /// `actor_id_mismatch`, `group_id_mismatch`; as [`Identity::of_token`].
    pub async fn identity(&self, peers: &Peers) -> Result<Identity, OpError> {
        let Some(token) = self.told.token() else { return Ok(Identity::of_session(&self.told)) };
        let found = || async {
            let (proven, _) = Identity::of_token(peers, token).await?;
            proven.check(&self.told)?;
            Ok(proven)
        };
        self.known.get_or_try_init(found).await.cloned()
    }
}

impl Identity {
    /// The actor whose program has started us, without a proof.
    pub fn of_session(session: &SessionIdentity) -> Self {
        // Without a name of its own nobody contradicts it.
        let actor = session.actor_id().and_then(|actor_id| session.speaker(None, actor_id).ok());
        Self { group_id: session.group_id().map(str::to_owned), actor }
    }

    /// Whether the environment agrees with what its token says.
    fn check(&self, told: &SessionIdentity) -> Result<(), OpError> {
        let own = self.actor.as_ref().map(|actor| actor.by.as_str());
        let cases = [
            ("CCCC_GROUP_ID", told.group_id(), self.group_id(), Code::GroupIdMismatch),
            ("CCCC_ACTOR_ID", told.actor_id(), own, Code::ActorIdMismatch),
        ];
        let differs = |(_, told, known, _): &&(_, Option<&str>, Option<&str>, _)| told.is_some() && told != known;
        let Some((name, Some(told), known, code)) = cases.iter().find(differs) else { return Ok(()) };
        let known = known.unwrap_or_default();
        let sentence = format!(
            "{name} is {told}, and CCCC_ACTOR_TOKEN belongs to {known}; start the agent with cccc, or take what is wrong \
             out of the configuration of this server"
        );
        Err(OpError::new(*code, sentence).with("env", *told).with("token", known))
    }

    /// The actor to whom a token was given, and what is known of it.
    ///
    /// # Errors
    ///
    /// `permission_denied`: it is nobody's.
    pub async fn of_token(peers: &Peers, token: &str) -> Result<(Self, Speaker), OpError> {
        let proven = |by: &str| Principal { by: by.to_owned(), proof: Proof::Token(token.to_owned()) };
        let speaker = peers.ask_as(proven(""), Whoami::default()).await?;
        Ok((Self { group_id: speaker.group_id.clone(), actor: Some(proven(&speaker.by)) }, speaker))
    }

    /// Which group a tool is about: the caller's own, unless it is in none.
    ///
    /// # Errors
    ///
    /// `missing_group_id`, `group_id_mismatch`.
    pub fn group(&self, named: &str) -> Result<String, OpError> {
        match (&self.group_id, named.trim()) {
            (Some(own), "") => Ok(own.clone()),
            (Some(own), named) if own == named => Ok(own.clone()),
            (Some(own), named) => {
                let sentence = format!("you belong to the group {own}; leave group_id away");
                Err(OpError::new(Code::GroupIdMismatch, sentence).with("env", own.as_str()).with("arg", named))
            }
            (None, "") => Err(OpError::new(Code::MissingGroupId, "say which group: give group_id")),
            (None, named) => Ok(named.to_owned()),
        }
    }

    /// The group in which the caller is an actor, if any.
    pub fn group_id(&self) -> Option<&str> {
        self.group_id.as_deref()
    }

    /// The actor that calls, and how it proves that.
    ///
    /// # Errors
    ///
    /// `missing_actor_id`: nobody is known; `actor_id_mismatch`: another one is named; `invalid_actor_id`: it would be the
    /// user.
    pub fn caller(&self, named: &str) -> Result<&Principal, OpError> {
        let Some(actor) = &self.actor else {
            let sentence = "only an actor of a group can do this: start the agent with cccc, or give this server the \
                            CCCC_GROUP_ID, CCCC_ACTOR_ID and CCCC_ACTOR_TOKEN of an actor";
            return Err(OpError::new(Code::MissingActorId, sentence));
        };
        let named = named.trim();
        if actor.by == "user" {
            return Err(OpError::new(Code::InvalidActorId, "agents speak as themselves, never as the user"));
        }
        if !named.is_empty() && named != actor.by {
            let sentence = format!("you are {}; leave actor_id and by away", actor.by);
            let refusal = OpError::new(Code::ActorIdMismatch, sentence);
            return Err(refusal.with("env", actor.by.as_str()).with("arg", named));
        }
        Ok(actor)
    }

    /// As whom a tool asks that anybody may use.
    pub fn anybody(&self) -> Principal {
        self.caller("").map_or_else(|_| Principal::claimed(STRANGER), Principal::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(group_id: &str, actor_id: &str, token: &str) -> Identity {
        let value = |name: &str| match name {
            "CCCC_GROUP_ID" => group_id.to_owned(),
            "CCCC_ACTOR_ID" => actor_id.to_owned(),
            "CCCC_ACTOR_TOKEN" => token.to_owned(),
            _ => String::new(),
        };
        Identity::of_session(&SessionIdentity::from_env(|name| Some(value(name))))
    }

    #[test]
    fn the_group_is_the_callers_own_or_the_one_it_names() {
        #[rustfmt::skip]
        let cases = [
            // own     named    is
            ("g_1",    "",      Ok("g_1")),
            ("g_1",    " g_1 ", Ok("g_1")),
            ("g_1",    "g_2",   Err(Code::GroupIdMismatch)),
            ("",       "g_2",   Ok("g_2")),
            ("",       " ",     Err(Code::MissingGroupId)),
        ];
        for (own, named, wanted) in cases {
            let found = identity(own, "a", "").group(named);
            assert_eq!(found.map_err(|refusal| refusal.code), wanted.map(str::to_owned), "{own} {named}");
        }
    }

    #[test]
    fn the_caller_is_nobody_that_only_an_argument_names() {
        #[rustfmt::skip]
        let cases = [
            // own     named    is
            ("a",      "",      Ok("a")),
            ("a",      "a",     Ok("a")),
            ("a",      "b",     Err(Code::ActorIdMismatch)),
            ("",       "b",     Err(Code::MissingActorId)),
            ("",       "",      Err(Code::MissingActorId)),
            ("user",   "",      Err(Code::InvalidActorId)),
        ];
        for (own, named, wanted) in cases {
            let identity = identity("g_1", own, "secret");
            let found = identity.caller(named).map(|actor| actor.by.as_str());
            assert_eq!(found.map_err(|refusal| refusal.code), wanted, "{own} {named}");
        }
        let proven = identity("g_1", "a", "secret");
        assert_eq!(proven.caller("").expect("it is known").proof, Proof::Token("secret".into()));
        assert_eq!(identity("g_1", "a", "").anybody(), Principal::claimed("a"));
        assert_eq!(identity("g_1", "user", "").anybody(), Principal::claimed(STRANGER));
    }
}
