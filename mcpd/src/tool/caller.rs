//! The arguments that say who calls and where. An agent leaves them away: it is known who it is. One that gives them must
//! give its own.

use crate::call::{Asker, Call};
use bus::contract::OpError;
use schemars::JsonSchema;
use serde::Deserialize;

/// Which group; whoever calls acts in its own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct InGroup {
    #[serde(default)]
    group_id: String,
}

impl InGroup {
    /// Who asks, and where.
    ///
    /// # Errors
    ///
    /// As [`Call::group`].
    pub fn look<'a>(&self, call: &'a Call) -> Result<(Asker<'a>, String), OpError> {
        Ok((call.as_anybody(), call.group(&self.group_id)?))
    }

    /// The same for what only an actor may do.
    ///
    /// # Errors
    ///
    /// As [`Call::as_caller`] and [`Call::group`].
    pub fn act<'a>(&self, call: &'a Call) -> Result<(Asker<'a>, String), OpError> {
        Ok((call.as_caller("")?, call.group(&self.group_id)?))
    }
}

/// The same for a tool that also takes the caller's id, as `actor_id`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Itself {
    #[serde(default)]
    group_id: String,
    #[serde(default)]
    actor_id: String,
}

impl Itself {
    /// Who asks, and where.
    ///
    /// # Errors
    ///
    /// As [`Call::as_caller`] and [`Call::group`].
    pub fn act<'a>(&self, call: &'a Call) -> Result<(Asker<'a>, String), OpError> {
        Ok((call.as_caller(&self.actor_id)?, call.group(&self.group_id)?))
    }
}

/// The same for a tool whose `actor_id` is somebody else: the caller is `by`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct By {
    #[serde(default)]
    group_id: String,
    #[serde(default)]
    by: String,
}

impl By {
    /// Who asks, and where.
    ///
    /// # Errors
    ///
    /// As [`Call::as_caller`] and [`Call::group`].
    pub fn act<'a>(&self, call: &'a Call) -> Result<(Asker<'a>, String), OpError> {
        Ok((call.as_caller(&self.by)?, call.group(&self.group_id)?))
    }
}

/// The same for a tool that takes either name for the caller.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Either {
    #[serde(default)]
    group_id: String,
    #[serde(default)]
    actor_id: String,
    #[serde(default)]
    by: String,
}

impl Either {
    /// Who asks, and where.
    ///
    /// # Errors
    ///
    /// As [`Call::as_caller`] and [`Call::group`].
    pub fn act<'a>(&self, call: &'a Call) -> Result<(Asker<'a>, String), OpError> {
        call.as_caller(&self.by)?;
        Ok((call.as_caller(&self.actor_id)?, call.group(&self.group_id)?))
    }
}

/// How many are wanted, within bounds; `usual` when nobody says.
pub fn bounded(given: Option<i64>, usual: i64, max: usize) -> i64 {
    given.unwrap_or(usual).clamp(0, i64::try_from(max).unwrap_or(i64::MAX))
}
