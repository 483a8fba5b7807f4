//! Long lists of numbers in snapshots: as bytes, because a million numbers must load in milliseconds.

use serde::de::{Error as _, Visitor};
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
    let bytes = deserializer.deserialize_bytes(Bytes)?;
    let (words, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(D::Error::custom("a packed list is cut off"));
    }
    Ok(words.iter().map(|word| make(*word)).collect())
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("packed bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }
}
