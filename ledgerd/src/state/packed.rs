//! Long lists of numbers in snapshots: as bytes, because a million numbers must load in milliseconds.

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// Writes words of `N` bytes each.
///
/// # Errors
///
/// The serialiser's.
pub fn write<S: Serializer, const N: usize>(
    words: impl Iterator<Item = [u8; N]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut bytes = Vec::with_capacity(words.size_hint().0 * N);
    words.for_each(|word| bytes.extend_from_slice(&word));
    serializer.serialize_bytes(&bytes)
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
    deserializer.deserialize_bytes(Words { make, made: PhantomData })
}

/// Makes numbers of the bytes where they lie: a copy of them would cost as much as all the rest.
struct Words<F, C, const N: usize> {
    make: F,
    made: PhantomData<C>,
}

impl<T, C: FromIterator<T>, F: Fn([u8; N]) -> T, const N: usize> Visitor<'_> for Words<F, C, N> {
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packed list")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<C, E> {
        list(bytes, self.make)
    }
}

/// Makes numbers of bytes that were read.
///
/// # Errors
///
/// They are cut off.
pub fn list<T, C: FromIterator<T>, E: Error, const N: usize>(
    bytes: &[u8],
    make: impl Fn([u8; N]) -> T,
) -> Result<C, E> {
    let (words, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(E::custom("a packed list is cut off"));
    }
    Ok(words.iter().map(|word| make(*word)).collect())
}
