//! Who types: a person, or an agent that ptyd has told who it is.

use crate::contract::{Code, OpError, Principal, Proof};

/// Group and actor that the environment names, and the proof of it.
#[derive(Default, Clone, PartialEq, Eq)]
pub struct SessionIdentity {
    group_id: Option<String>,
    actor_id: Option<String>,
    token: Option<String>,
}

impl std::fmt::Debug for SessionIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { group_id, actor_id, token } = self;
        let has_token = token.is_some();
        f.debug_struct("SessionIdentity")
            .field("group_id", group_id)
            .field("actor_id", actor_id)
            .field("has_token", &has_token)
            .finish()
    }
}

impl SessionIdentity {
    /// Reads `CCCC_GROUP_ID`, `CCCC_ACTOR_ID` and `CCCC_ACTOR_TOKEN`.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        Self { group_id: read("CCCC_GROUP_ID"), actor_id: read("CCCC_ACTOR_ID"), token: read("CCCC_ACTOR_TOKEN") }
    }

    /// The group an agent is in, or that a person has chosen for this shell.
    pub fn group_id(&self) -> Option<&str> {
        self.group_id.as_deref()
    }

    /// The agent we are in.
    pub fn actor_id(&self) -> Option<&str> {
        self.actor_id.as_deref()
    }

    /// What proves who we are.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Who reads an inbox or acknowledges when nobody is named: the agent, else the user.
    pub fn reader<'a>(&'a self, named: Option<&'a str>) -> &'a str {
        named.or(self.actor_id()).unwrap_or("user")
    }

    /// Who speaks: the one who was named, else the agent we are in, else the usual speaker.
    ///
    /// # Errors
    ///
    /// An agent with a token can only speak as itself; to be taken for somebody else would surprise it.
    pub fn speaker(&self, named: Option<&str>, usual: &str) -> Result<Principal, OpError> {
        let by = named.or(self.actor_id()).unwrap_or(usual).to_owned();
        match (&self.token, &self.actor_id) {
            (Some(_), Some(own)) if *own != by => {
                let sentence = format!("you are {own} and cannot speak as {by}; leave --by away");
                Err(OpError::denied(Code::PermissionDenied, sentence).with("by", by))
            }
            (Some(token), Some(_)) => Ok(Principal { by, proof: Proof::Token(token.clone()) }),
            (_, _) => Ok(Principal::claimed(by)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_speaks_as_itself_and_a_person_as_they_say() {
        let person = SessionIdentity::default();
        let told = |token: Option<&str>| {
            let token = token.map(str::to_owned);
            SessionIdentity::from_env(move |name| match name {
                "CCCC_GROUP_ID" => Some(" g_1 ".into()),
                "CCCC_ACTOR_ID" => Some("lead".into()),
                "CCCC_ACTOR_TOKEN" => token.clone(),
                _ => None,
            })
        };
        let (claimed, proven) = (told(Some(" ")), told(Some("t")));
        let token = || Proof::Token("t".into());
        #[rustfmt::skip]
        let cases = [
            // who         --by            speaks as
            (&person,      None,           Some(("cli", Proof::Claim))),
            (&person,      Some("x"),      Some(("x", Proof::Claim))),
            (&claimed,     None,           Some(("lead", Proof::Claim))),
            (&claimed,     Some("user"),   Some(("user", Proof::Claim))),
            (&proven,      None,           Some(("lead", token()))),
            (&proven,      Some("lead"),   Some(("lead", token()))),
            (&proven,      Some("user"),   None),
        ];
        for (identity, named, wanted) in cases {
            let speaks = identity.speaker(named, "cli").ok();
            assert_eq!(speaks, wanted.map(|(by, proof)| Principal { by: by.into(), proof }), "{identity:?} {named:?}");
        }
        assert_eq!((person.reader(None), proven.reader(None), proven.reader(Some("b"))), ("user", "lead", "b"));
        assert_eq!(proven.group_id(), Some("g_1"));
    }

    #[test]
    fn a_token_is_never_shown() {
        let proven = SessionIdentity { token: Some("hidden".into()), ..SessionIdentity::default() };
        assert!(!format!("{proven:?}").contains("hidden"));
    }
}
