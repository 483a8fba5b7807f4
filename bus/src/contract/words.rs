//! Enums whose values are words on the wire, and texts that should be one of these words.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::marker::PhantomData;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? } default $default:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every word, in the order of the table.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word on the wire.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The value of a word, whatever its case.
            pub fn parse(word: &str) -> Option<Self> {
                let word = word.trim();
                $(if word.eq_ignore_ascii_case($word) { return Some(Self::$variant); })*
                None
            }
        }

        impl crate::contract::words::Words for $name {
            const WORDS: &'static [&'static str] = Self::WORDS;
        }

        impl Default for $name {
            fn default() -> Self { Self::$default }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.word()) }
        }
    };
}

pub(super) use words;

/// An enum whose values are words.
pub trait Words {
    /// Every word, in the order of the table.
    const WORDS: &'static [&'static str];
}

/// Stands in a schema for a text that is read as one of the words, and as the default when it is empty.
#[derive(Debug)]
pub struct Word<T>(PhantomData<T>);

impl<T: Words> JsonSchema for Word<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Word".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = [T::WORDS, &[""]].concat();
        json_schema!({"type": "string", "enum": words})
    }
}
