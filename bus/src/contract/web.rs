//! Who may use the web server: roles, and tokens with a name.

use super::document::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

words! {
    /// What whoever has a token may do in a browser.
    WebRole {
        /// Everything.
        Admin = "admin",
        /// Everything but tokens, access from other machines, secrets, and deleting groups. A member has programs started, so
        /// it is somebody who is trusted on this machine.
        Member = "member",
        /// Read what groups say and do: messages, how far they have come, actors, tasks, context.
        Viewer = "viewer",
    } default Viewer
}

/// What every token of [`WebToken`] begins with; its id and a secret follow, each after a `_`.
pub const TOKEN_PREFIX: &str = "cccc";

/// The id of a token with a name that somebody shows; `None` for any other text.
pub fn token_id(token: &str) -> Option<&str> {
    let (id, secret) = token.strip_prefix(TOKEN_PREFIX)?.strip_prefix('_')?.split_once('_')?;
    (!id.is_empty() && !secret.is_empty()).then_some(id)
}

/// The secret of such a token, which has no `_`.
pub fn token_secret(token: &str) -> Option<&str> {
    let (_, secret) = token.strip_prefix(TOKEN_PREFIX)?.strip_prefix('_')?.split_once('_')?;
    (!secret.contains('_')).then_some(secret)
}

/// A token with a name: whoever has it may use the web server. The token itself is shown once, to whoever adds it, and only
/// a hash of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebToken {
    /// Part of the token, and no secret.
    pub token_id: String,
    /// Who has it, for people.
    pub name: String,
    /// What it may do.
    pub role: WebRole,
    /// The only group that it may ask about; null is all of them.
    pub group_id: Option<String>,
    /// When it was added.
    pub created_at: String,
    /// Who added it.
    pub created_by: String,
    /// From when on it counts no more; null is never.
    pub expires_at: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_which_one_it_is() {
        for (text, id) in
            [("cccc_ab12_ff", Some("ab12")), ("cccc__ff", None), ("cccc_ab_", None), ("ab_12", None), ("", None)]
        {
            assert_eq!(token_id(text), id, "{text}");
        }
    }
}
