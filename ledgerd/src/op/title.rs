//! The title of an actor. Messages find an actor by it as well as by its id, so it must not be somebody else's name.

use bus::contract::{Actor, Code, OpError, id, name};

/// Checks the title of an actor, by which messages find it: it is nobody else's name.
///
/// # Errors
///
/// `invalid_request`.
pub fn check<'a>(others: impl IntoIterator<Item = &'a Actor>, actor: &Actor) -> Result<(), OpError> {
    let refused = |sentence: String| OpError::new(Code::InvalidRequest, sentence).with("actor_id", actor.id.as_str());
    id::check_title(&actor.title).map_err(refused)?;
    let outline = name::outline(actor.title.trim_start_matches('@'));
    let is_meant = |other: &&Actor| other.id != actor.id && name::outline(&other.id) == outline;
    match others.into_iter().find(is_meant) {
        None => Ok(()),
        Some(other) => Err(refused(format!("the title {:?} is the name of another actor, {}", actor.title, other.id))),
    }
}
