//! How clients reach the tools: over the pipes of a program that has started us, or over HTTP on this machine.

mod bearer;
pub mod http;
mod lines;
pub mod stdio;

use crate::identity::Identity;
use bus::contract::op::principal::Speaker;
use rmcp::model::Extensions;

/// Who has sent a request that came over HTTP.
pub fn identity(extensions: &Extensions) -> Option<Identity> {
    extensions.get::<::http::request::Parts>()?.extensions.get::<Identity>().cloned()
}

/// What was known of it when it came.
pub fn speaker(extensions: &Extensions) -> Option<Speaker> {
    extensions.get::<::http::request::Parts>()?.extensions.get::<Speaker>().cloned()
}
