//! Ops about stored files: the bytes of attachments, which are in no event.
//!
//! A file goes in and out in pieces. It is named by its content, so an upload that broke off is gone on with by asking
//! how much is there, and the same file is stored once.

use crate::contract::event::Attachment;
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `blob_upload`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Upload {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Of the whole content: 64 hex digits.
    #[serde(deserialize_with = "lenient::text")]
    pub sha256: String,
    /// Size of the whole content, up to [`crate::contract::limit::BLOB_BYTES_MAX`].
    #[serde(deserialize_with = "lenient::integer")]
    pub bytes: Option<i64>,
    /// Name for people, in any script; `file` when empty.
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    /// Media type; may be empty.
    #[serde(deserialize_with = "lenient::text")]
    pub mime_type: String,
    /// Where the piece begins; 0 when missing. Not beyond what is there.
    #[serde(deserialize_with = "lenient::integer")]
    pub offset: Option<i64>,
    /// The piece in base64, up to [`crate::contract::limit::BLOB_PIECE_BYTES_MAX`]; empty asks how much is there.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub content: String,
}

/// Answer of `blob_upload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Uploaded {
    /// Which group.
    pub group_id: String,
    /// How much is there: where the next piece begins.
    pub received: u64,
    /// How a message names the file, once it is stored whole; null until then.
    pub attachment: Option<Attachment>,
}

/// `blob_read`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Read {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The file, as an attachment names it: `state/blobs/…`.
    #[serde(deserialize_with = "lenient::text")]
    pub path: String,
    /// Where the piece begins; 0 when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub offset: Option<i64>,
    /// How much at most; [`crate::contract::limit::BLOB_PIECE_BYTES_MAX`] when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit: Option<i64>,
}

/// Answer of `blob_read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Piece {
    /// Which group.
    pub group_id: String,
    /// Which file.
    pub path: String,
    /// Where the piece begins.
    pub offset: u64,
    /// The piece in base64; empty at and beyond the end.
    pub content: String,
    /// Size of the whole file.
    pub bytes: u64,
}
