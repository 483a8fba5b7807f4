//! Names that come close to one that is nobody's, for whoever has mistyped it.
//!
//! Groups and their actors may be listed by everybody who may speak (the rows of those ops say so), so everybody may
//! be told of all of them.

use crate::state::State;
use crate::state::group::Group;
use bus::contract::{OpError, id};
use std::cmp::Reverse;

/// How the id of a group begins, and nobody's title.
const GROUP_ID_START: &str = "g_";

/// Names that are suggested at most.
const NAMES_MAX: usize = 3;

/// Longest name that somebody is taken to have mistyped, in characters. Comparing takes as long as the product of both.
const CHARS_MAX: usize = 40;

/// Longest name that it is compared with, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// Names that it is compared with at most. Whoever asks for what is not there is answered by the thread that owns all
/// state, and a home may have ten thousand groups: this takes some milliseconds, and all of them would take a hundred.
const COMPARED_MAX: usize = 1_000;

/// Characters of a title that are shown.
const TITLE_CHARS: usize = 40;

/// How alike two names are at the least, in percent of their characters.
const ALIKE_MIN: usize = 60;

/// How alike a name is of which a part was typed.
const ALIKE_IN_PART: usize = 90;

/// Shortest part of a name that says which is meant.
const PART_BYTES_MIN: usize = 3;

/// The refusal of a group that there is not, with those that come close.
pub fn group_not_found(state: &State, asked: &str) -> OpError {
    let groups = state.groups().filter_map(|group_id| state.group(group_id).ok());
    let known = groups.map(|group| (group.id.as_str(), group.title.as_str()));
    with_names(OpError::group_not_found(asked), &closest(asked, known))
}

/// The refusal of an actor that a group does not have, with those that come close.
pub fn actor_not_found(group: &Group, asked: &str) -> OpError {
    let known = group.actors().map(|actor| (actor.id.as_str(), actor.title.as_str()));
    with_names(OpError::actor_not_found(asked), &closest(asked, known))
}

fn with_names(mut refusal: OpError, names: &[String]) -> OpError {
    if let Some((last, others)) = names.split_last() {
        let others = others.join(", ");
        let or = if others.is_empty() { "" } else { " or " };
        refusal.message += &format!(" (did you mean {others}{or}{last}?)");
    }
    refusal
}

/// Those of some ids and titles that are most like what was asked for, the closest first.
fn closest<'a>(asked: &str, known: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let asked = asked.trim().to_lowercase();
    if asked.is_empty() || asked.chars().count() > CHARS_MAX {
        return Vec::new();
    }
    let is_id = asked.starts_with(GROUP_ID_START);
    let may_be_id = is_id || asked.bytes().all(|byte| byte.is_ascii_hexdigit());
    let score = |(id, title): (&'a str, &'a str)| {
        // The digits of a group's id are nobody's words: whoever means a title has not mistyped those.
        let is_group = id::is_group(id);
        let by_id = if is_group && !may_be_id { 0 } else { alike(&asked, id) };
        let by_title = if is_group && is_id { 0 } else { alike(&asked, title) };
        (by_id.max(by_title), id, title)
    };
    let mut close: Vec<_> = known.take(COMPARED_MAX).map(score).filter(|(score, ..)| *score >= ALIKE_MIN).collect();
    close.sort_unstable_by_key(|(score, id, _)| (Reverse(*score), *id));
    close.into_iter().take(NAMES_MAX).map(|(_, id, title)| shown(id, title)).collect()
}

/// How alike two names are: what the Levenshtein distance leaves of the longer one.
fn alike(asked: &str, name: &str) -> usize {
    if name.len() > NAME_BYTES_MAX {
        return 0;
    }
    let name = name.to_lowercase();
    let is_part = |part: &str, whole: &str| part.len() >= PART_BYTES_MIN && whole.contains(part);
    if is_part(asked, &name) || is_part(&name, asked) {
        return ALIKE_IN_PART;
    }
    let (a, b) = (asked.chars().count(), name.chars().count());
    let (shorter, longer) = (a.min(b), a.max(b));
    // One that is so much longer cannot be alike, and comparing takes time.
    if shorter * 100 < longer * ALIKE_MIN {
        return 0;
    }
    100 - strsim::levenshtein(asked, &name) * 100 / longer.max(1)
}

fn shown(id: &str, title: &str) -> String {
    if title.is_empty() || title == id {
        return id.to_owned();
    }
    let mut beginning: String = title.chars().take(TITLE_CHARS).collect();
    if beginning.len() < title.len() {
        beginning.push('…');
    }
    format!("{id} {beginning:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_close_is_suggested_closest_first() {
        let known = [
            ("reviewer", "The Reviewer"),
            ("reviewer-2", ""),
            ("lead", "Lead"),
            ("g_0123456789ab", "Payments backend"),
            ("writer", "writer"),
            ("x", ""),
        ];
        #[rustfmt::skip]
        let cases: [(&str, &[&str]); 10] = [
            ("revewer",        &[r#"reviewer "The Reviewer""#, "reviewer-2"]),
            ("REVIEWER",       &[r#"reviewer "The Reviewer""#, "reviewer-2"]),
            ("laed",           &[]),
            ("leda2",          &[r#"lead "Lead""#]),
            ("leader",         &[r#"lead "Lead""#]),
            ("payments",       &[r#"g_0123456789ab "Payments backend""#]),
            ("g_0123456789ba", &[r#"g_0123456789ab "Payments backend""#]),
            ("0123456789ab",   &[r#"g_0123456789ab "Payments backend""#]),
            ("y",              &[]),
            ("write",          &["writer"]),
        ];
        for (asked, wanted) in cases {
            assert_eq!(closest(asked, known.into_iter()), wanted, "{asked}");
        }
        let many: Vec<String> = (0..9).map(|number| format!("worker-{number}")).collect();
        assert_eq!(closest("worker", many.iter().map(|id| (id.as_str(), ""))), ["worker-0", "worker-1", "worker-2"]);
        // What takes long is left: long names, and more of them than anybody reads.
        let long = "r".repeat(CHARS_MAX + 1);
        assert!(closest(&long, [(long.as_str(), "")].into_iter()).is_empty());
        let title = "reviewer ".repeat(NAME_BYTES_MAX);
        assert!(closest("reviewer", [("x", title.as_str())].into_iter()).is_empty());
        let mut compared = 0;
        let endless = std::iter::repeat(("g_0123456789ab", "Payments")).inspect(|_| compared += 1);
        assert_eq!(closest("paymets", endless).len(), NAMES_MAX);
        assert_eq!(compared, COMPARED_MAX);
    }
}
