//! Ids: how they are made and how they are checked (`[A-Za-z0-9]` forms of the wire standard).

use super::name;
use sha2::{Digest, Sha256};
use std::io;

/// Name of the home's own ledger; every other one is named after its group.
pub const HOME: &str = "home";

/// A new id of 32 lower-case hex digits (UUIDv7, so ids made later sort later).
pub fn unique() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// When an id of [`unique`] was made, in milliseconds since 1970; `None` for any other.
pub fn made_ms(id: &str) -> Option<i64> {
    let made = uuid::Uuid::from_bytes(bytes(id)?);
    let (seconds, nanoseconds) = (made.get_version_num() == 7).then(|| made.get_timestamp()).flatten()?.to_unix();
    i64::try_from(seconds).ok()?.checked_mul(1_000)?.checked_add(i64::from(nanoseconds / 1_000_000))
}

/// A new secret of 64 hex digits, 244 bits of them random: what proves an agent to be who it says.
pub fn token() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

/// The 16 bytes of a 32-digit hex id, or `None` for anything else.
pub fn bytes(id: &str) -> Option<[u8; 16]> {
    (id.len() == 32).then(|| uuid::Uuid::try_parse(id).ok()).flatten().map(uuid::Uuid::into_bytes)
}

/// The SHA-256 of something in 64 lower-case hex digits: what files are stored under and secrets are known by.
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// The same of what there is left to read.
///
/// # Errors
///
/// It cannot be read.
pub fn digest_of(mut reader: impl io::Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut reader, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first 12 digits of a seed's digest: scopes and groups are named after what they stand for.
pub fn digest12(seed: &str) -> String {
    digest(seed)[..12].to_owned()
}

/// Whether a string has the form of a group id: `g_` and 12 hex digits.
///
/// Everything that becomes a folder name is checked with this first.
pub fn is_group(id: &str) -> bool {
    id.strip_prefix("g_")
        .is_some_and(|rest| rest.len() == 12 && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
}

/// Names no actor may have, whatever their case: principals of ours, and words that mean many.
///
/// `foreman` is not among them, though the wire standard reserves it: the first agent of most groups is called
/// that. `@foreman` stays the role, and `foreman` is the actor.
pub const RESERVED_ACTORS: &[&str] = &["user", "all", "system", "peers", "admin", "root", "cccc"];

/// Titles that stand for several or for a role, besides [`RESERVED_ACTORS`].
const RESERVED_TITLES: &[&str] = &["@foreman"];

/// Longest actor id, in characters.
pub const ACTOR_CHARS_MAX: usize = 32;

/// Checks an actor id: 1 to 32 letters (any script), digits, `_` or `-`, not starting with `-` or `_`.
///
/// # Errors
///
/// The sentence for the person who chose the id.
pub fn check_actor(id: &str) -> Result<(), String> {
    if id.is_empty() || id.chars().count() > ACTOR_CHARS_MAX {
        return Err(format!("invalid actor id: {id:?} must have 1 to {ACTOR_CHARS_MAX} characters"));
    }
    if id.starts_with(['-', '_']) {
        return Err(format!("invalid actor id: {id:?} must not start with '-' or '_'"));
    }
    if let Some(bad) = id.chars().find(|c| !(c.is_alphanumeric() || *c == '_' || *c == '-')) {
        return Err(format!("invalid actor id: {id:?} contains {bad:?}; use letters, digits, '-' and '_'"));
    }
    name::check("the id", id).map_err(|sentence| format!("invalid actor id: {sentence}"))?;
    let plain = name::normal(id);
    if plain != id {
        return Err(format!("invalid actor id: {id:?} can be mistaken for {plain:?}; write it like that"));
    }
    if is_reserved(id) {
        return Err(format!("invalid actor id: {id:?} is reserved"));
    }
    Ok(())
}

/// Whether a name is one that no actor may have, or looks like one.
pub fn is_reserved(text: &str) -> bool {
    let outline = name::outline(text);
    RESERVED_ACTORS.contains(&outline.trim_start_matches('@').trim())
}

/// Checks a title: agents are also found by it, so it must not be a name that stands for somebody else.
///
/// # Errors
///
/// The sentence for the person who chose the title.
pub fn check_title(title: &str) -> Result<(), String> {
    name::check("the title", title)?;
    if is_reserved(title) || RESERVED_TITLES.contains(&name::outline(title).as_str()) {
        return Err(format!("the title {title:?} is reserved, because messages are addressed by titles, too"));
    }
    Ok(())
}

/// Hex digits of an id that are shown: the tail of a UUIDv7, which is random.
pub const SHORT_DIGITS: usize = 8;

/// The short form of an event id, by which people and agents name it.
pub fn short(event_id: &str) -> &str {
    let digits = event_id.char_indices().rev().nth(SHORT_DIGITS - 1);
    digits.map_or(event_id, |(start, _)| &event_id[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_when_it_was_made() {
        let before = super::super::time::now() / 1_000;
        let made = made_ms(&unique()).unwrap();
        assert!((before..=super::super::time::now() / 1_000).contains(&made));
        for other in ["", "retry-1", "0123456789abcdef0123456789abcdef", &token()[..32]] {
            assert_eq!(made_ms(other), None, "{other}");
        }
    }

    #[test]
    fn actor_ids_are_checked() {
        #[rustfmt::skip]
        let cases = [
            ("foreman-1", true), ("foreman", true), ("审阅", true), ("a", true), ("A_b-9", true),
            ("", false), ("-a", false), ("_a", false), ("a b", false), ("a.b", false), ("../x", false),
            ("user", false), ("CCCC", false), ("@all", false), ("uſer", false), ("ｕｓｅｒ", false), ("üser", false),
            ("ｚ", false), ("z\u{3164}", false), ("z\u{115f}", false), ("é", true), ("\u{ff8c}", false),
            ("abcdefghijklmnopqrstuvwxyz123456", true), ("abcdefghijklmnopqrstuvwxyz1234567", false),
        ];
        for (id, good) in cases {
            assert_eq!(check_actor(id).is_ok(), good, "{id:?}");
        }
    }

    #[test]
    fn titles_are_checked() {
        #[rustfmt::skip]
        let cases = [
            ("", true), ("The Lead", true), ("Foreman", true), ("User research", true), ("审阅", true),
            ("user", false), ("User", false), ("ＵＳＥＲ", false), (" @user ", false), ("us\u{200b}er", false), ("All", false),
            ("@foreman", false), ("@Ｆoreman", false), ("system", false), ("Lead\u{202e}", false), ("a\nb", false),
        ];
        for (title, good) in cases {
            assert_eq!(check_title(title).is_ok(), good, "{title:?}");
        }
    }

    #[test]
    fn a_digest_is_that_of_everybody_else() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((digest("abc").as_str(), digest_of("abc".as_bytes()).unwrap().as_str()), (abc, abc));
        assert_eq!(digest12("abc"), "ba7816bf8f01");
    }

    #[test]
    fn unique_ids_sort_by_age_and_parse_back() {
        let (a, b) = (unique(), unique());
        assert!(a < b && bytes(&a).is_some());
        assert_eq!(bytes("zz"), None);
        assert!(is_group("g_0123456789ab") && !is_group("g_../../../etc"));
    }
}
