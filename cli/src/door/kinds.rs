//! Which kinds of events a stream carries. Who may see which event is decided by ledgerd.

use bus::contract::{Code, OpError};

/// Kinds a stream can carry, as the standard lists them.
const STREAMABLE: [&str; 7] =
    ["chat.message", "chat.ack", "system.notify", "system.notify_ack", "actor.start", "actor.stop", "actor.restart"];

/// The kinds a client wants, all of them when it names none.
///
/// # Errors
///
/// `invalid_kinds`: it names some, and none of them can be streamed.
pub fn wanted(named: &[String]) -> Result<Vec<&'static str>, OpError> {
    if named.is_empty() {
        return Ok(STREAMABLE.to_vec());
    }
    let kinds: Vec<_> = STREAMABLE.into_iter().filter(|kind| named.iter().any(|named| named == kind)).collect();
    if kinds.is_empty() {
        return Err(OpError::new(Code::InvalidKinds, "none of these kinds can be streamed")
            .with("supported", STREAMABLE.to_vec()));
    }
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kinds_that_can_be_streamed_are_wanted() {
        let named = |kinds: &[&str]| wanted(&kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>());
        assert_eq!(named(&[]).unwrap(), STREAMABLE);
        assert_eq!(named(&["chat.ack", "chat.read"]).unwrap(), ["chat.ack"]);
        let refused = named(&["chat.read"]).unwrap_err();
        assert_eq!((refused.code, refused.details["supported"].as_array().unwrap().len()), (Code::InvalidKinds, 7));
    }
}
