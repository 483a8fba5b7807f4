//! Stored files, in and out, piece by piece. Which file and which piece is decided here; the bytes are the store's.

use super::attachment;
use super::request::{RequestContext, required, within};
use crate::decision::{Answer, Content, Piece, Received, SlowRead};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::contract::event::Attachment;
use bus::contract::op::blob;
use bus::contract::{Code, OpError, Reply, limit};

/// `blob_upload`: nothing is written to a ledger; a message that names the file does that.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `invalid_request`, a limit; and what taking the piece comes to.
pub fn upload(cx: &RequestContext<'_>, args: &blob::Upload) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    let invalid = |sentence: &str| OpError::new(Code::InvalidRequest, sentence);
    let sha256 = args.sha256.to_ascii_lowercase();
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(invalid("sha256 must be the 64 hex digits of the whole file's hash"));
    }
    let bytes = size(args.bytes).ok_or_else(|| invalid("bytes must be the size of the whole file"))?;
    if bytes > limit::BLOB_BYTES_MAX as u64 {
        let has = usize::try_from(bytes).unwrap_or(usize::MAX);
        return Err(OpError::too_large("the file", has, limit::BLOB_BYTES_MAX, "BLOB_BYTES_MAX"));
    }
    within("the name", &args.name, limit::TITLE_BYTES_MAX, "TITLE_BYTES_MAX")?;
    within("the media type", &args.mime_type, limit::TITLE_BYTES_MAX, "TITLE_BYTES_MAX")?;
    let offset = size(args.offset.or(Some(0))).ok_or_else(|| invalid("offset must not be negative"))?;
    let content = STANDARD.decode(args.content.as_bytes()).map_err(|_| invalid("content must be base64"))?;
    if content.len() > limit::BLOB_PIECE_BYTES_MAX {
        let (has, max) = (content.len(), limit::BLOB_PIECE_BYTES_MAX);
        return Err(OpError::too_large("the piece", has, max, "BLOB_PIECE_BYTES_MAX"));
    }
    if offset.saturating_add(content.len() as u64) > bytes {
        return Err(invalid("the piece ends beyond the size that the file was to have"));
    }
    let name = format!("{sha256}_{}", attachment::safe_name(&args.name));
    let attachment = Attachment {
        kind: attachment::kind(&args.mime_type).into(),
        path: attachment::path(&name),
        title: if args.name.is_empty() { "file".into() } else { args.name.clone() },
        mime_type: args.mime_type.clone(),
        bytes,
        sha256: sha256.clone(),
    };
    let group_id = group.id.clone();
    let piece = Piece { group_id: group_id.clone(), name, sha256, bytes, offset, content };
    let finish = move |got: Received| {
        let attachment = got.is_stored.then_some(attachment);
        Reply::BlobUpload(blob::Uploaded { group_id, received: got.bytes, attachment })
    };
    Ok(Answer::SlowRead(SlowRead::Take { piece, finish: Box::new(finish) }))
}

/// `blob_read`
///
/// # Errors
///
/// Missing arguments, `group_not_found`, `invalid_blob`, `blob_not_found`.
pub fn read(cx: &RequestContext<'_>, args: &blob::Read) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.path, Code::MissingPath)?;
    let group = cx.group(&args.group_id)?;
    if !attachment::is_safe(&args.path) {
        let sentence = format!("invalid path of a stored file: {:?}; it is what an attachment has", args.path);
        return Err(OpError::new(Code::InvalidBlob, sentence));
    }
    let below_zero = || OpError::new(Code::InvalidRequest, "an offset is never below zero");
    let offset = size(args.offset.or(Some(0))).ok_or_else(below_zero)?;
    let wanted = args.limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let bytes_max = wanted.unwrap_or(limit::BLOB_PIECE_BYTES_MAX).min(limit::BLOB_PIECE_BYTES_MAX);
    let (group_id, path) = (group.id.clone(), args.path.clone());
    let answer =
        blob::Piece { group_id: group_id.clone(), path: path.clone(), offset, content: String::new(), bytes: 0 };
    let finish = move |found: Option<Content>| {
        let gone = || OpError::new(Code::BlobNotFound, format!("stored file not found: {}", answer.path));
        let Content { piece, bytes } = found.ok_or_else(gone)?;
        Ok(Reply::BlobRead(blob::Piece { content: STANDARD.encode(piece), bytes, ..answer }))
    };
    Ok(Answer::SlowRead(SlowRead::Give { group_id, path, offset, bytes_max, finish: Box::new(finish) }))
}

fn size(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}
