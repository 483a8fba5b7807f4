//! The title of an actor. Messages find an actor by it as well as by its id, so no
//! actor's title may be another one's id.

use bus::contract::{Actor, Code, OpError, id, name};

/// Checks the name of a new actor, by its id and by its title: neither is another actor's.
///
/// # Errors
///
/// `invalid_request`.
pub fn check_new<'a>(others: impl IntoIterator<Item = &'a Actor>, actor: &Actor) -> Result<(), OpError> {
    let others: Vec<&Actor> = others.into_iter().collect();
    check(others.iter().copied(), actor)?;
    match others.iter().find(|other| other.id != actor.id && is_name_of(&other.title, &actor.id)) {
        None => Ok(()),
        Some(other) => {
            let sentence = format!("the id {:?} is the title of another actor, {}", actor.id, other.id);
            Err(refused(actor, format!("{sentence}; choose another one")))
        }
    }
}

/// Checks the title of an actor, by which messages find it: it is nobody else's name.
///
/// # Errors
///
/// `invalid_request`.
pub fn check<'a>(others: impl IntoIterator<Item = &'a Actor>, actor: &Actor) -> Result<(), OpError> {
    id::check_title(&actor.title).map_err(|sentence| refused(actor, sentence))?;
    match others.into_iter().find(|other| other.id != actor.id && is_name_of(&actor.title, &other.id)) {
        None => Ok(()),
        Some(other) => {
            Err(refused(actor, format!("the title {:?} is the name of another actor, {}", actor.title, other.id)))
        }
    }
}

/// Whether a title can be mistaken for an id.
pub fn is_name_of(title: &str, id: &str) -> bool {
    name::outline_called(title) == name::outline(id)
}

fn refused(actor: &Actor, sentence: String) -> OpError {
    OpError::new(Code::InvalidRequest, sentence).with("actor_id", actor.id.as_str())
}
