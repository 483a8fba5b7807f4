//! Long lists of numbers in snapshots: as bytes, because a million numbers must load in milliseconds.

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};
use std::fmt;

/// Writes words of `N` bytes each.
///
/// # Errors
///
/// The serialiser's.
pub fn write<S: Serializer, const N: usize>(
    words: impl Iterator<Item = [u8; N]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(&words.flatten().collect::<Vec<u8>>())
}

/// Reads words of `N` bytes each, made into numbers by `make`.
///
/// # Errors
///
/// The bytes are cut off, or there are none.
pub fn read<'de, D: Deserializer<'de>, T, C: FromIterator<T>, const N: usize>(
    deserializer: D,
    make: impl Fn([u8; N]) -> T,
) -> Result<C, D::Error> {
    let words = deserializer.deserialize_bytes(Words::<N>)?;
    Ok(words.into_iter().map(make).collect())
}

struct Words<const N: usize>;

impl<const N: usize> Visitor<'_> for Words<N> {
    type Value = Vec<[u8; N]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packed list")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        let (words, rest) = bytes.as_chunks::<N>();
        if !rest.is_empty() {
            return Err(E::custom("a packed list is cut off"));
        }
        Ok(words.to_vec())
    }
}
