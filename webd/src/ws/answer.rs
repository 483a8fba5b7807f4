//! Ops that a page asks for on its socket: the same question as over REST.

use crate::route;
use crate::visit::Visit;
use bus::contract::{Code, OpError};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Asks, in the name of the user or of whom the arguments name.
///
/// # Errors
///
/// The op's refusal; `permission_denied` when nothing may be changed from here.
pub async fn ask(site: &Visit, op: &str, args: Map<String, Value>) -> Result<Box<RawValue>, OpError> {
    let bus::link::Json(bytes) = route::answer(site, op, args).await?;
    let unreadable = || OpError::new(Code::InternalError, format!("the answer of {op} is no JSON"));
    let text = String::from_utf8(bytes).map_err(|_| unreadable())?;
    RawValue::from_string(text).map_err(|_| unreadable())
}
