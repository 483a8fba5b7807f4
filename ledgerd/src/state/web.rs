//! Tokens for the web server: who has which, and which file has their hashes.

use super::secret::Secrets;
use bus::contract::event::{WebTokenAdded, WebTokenRevoked};
use bus::contract::web::WebToken;
use serde::{Deserialize, Serialize};

/// All of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct WebTokens {
    /// In the order in which they were added.
    pub tokens: Vec<WebToken>,
    /// Their hashes.
    pub hashes: Secrets,
}

impl WebTokens {
    /// The one of an id, or of a name.
    pub fn find(&self, id_or_name: &str) -> Option<&WebToken> {
        let by_id = self.tokens.iter().find(|token| token.token_id == id_or_name);
        by_id.or_else(|| self.tokens.iter().find(|token| token.name == id_or_name))
    }

    /// Takes a token in.
    pub fn add(&mut self, added: &WebTokenAdded) {
        self.tokens.push(added.token.clone());
        self.hashes = Secrets { version: added.version.clone(), keys: added.keys.clone() };
    }

    /// Takes a token away.
    pub fn revoke(&mut self, revoked: &WebTokenRevoked) {
        self.tokens.retain(|token| token.token_id != revoked.token_id);
        self.hashes = Secrets { version: revoked.version.clone(), keys: revoked.keys.clone() };
    }

    /// Takes those away that are for a group which is gone.
    pub fn forget_group(&mut self, group_id: &str) {
        self.tokens.retain(|token| token.group_id.as_deref() != Some(group_id));
    }
}
