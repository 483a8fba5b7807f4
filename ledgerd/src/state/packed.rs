//! Long lists of numbers in snapshots: as one text, because a million numbers must load in milliseconds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
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
    serializer.serialize_str(&BASE64.encode(words.flatten().collect::<Vec<u8>>()))
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
    let bytes = deserializer.deserialize_str(Text)?;
    let (words, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(D::Error::custom("a packed list is cut off"));
    }
    Ok(words.iter().map(|word| make(*word)).collect())
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packed list")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        BASE64.decode(text).map_err(E::custom)
    }
}
