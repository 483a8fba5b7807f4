//! Stored files of a message, and texts that are too long to stand in a ledger line.

use crate::decision::{Blob, Known};
use crate::store::layout;
use bus::contract::event::Attachment;
use bus::contract::{Code, OpError, id, limit, long_text};
use serde_json::Value;

/// Folder of stored files below a group's.
const FOLDER: &str = "state/blobs";

/// Bytes of a path that may be one of a stored file.
const PATH_BYTES_MAX: usize = 1_024;

/// Characters of a safe name.
const NAME_CHARS_MAX: usize = 120;

/// How much of a long text stays in the event, so that people and agents see what it is about.
const BEGINNING_CHARS: usize = 500;

/// Paths of the files a request names, those only that may be looked at.
pub fn paths(attachments: &Value) -> Vec<String> {
    let items = attachments.as_array().into_iter().flatten();
    let paths = items.filter_map(|item| item.get("path")?.as_str().map(str::trim));
    paths.filter(|path| is_safe(path)).take(limit::ATTACHMENTS_MAX).map(str::to_owned).collect()
}

/// The attachments of a message as they are stored: sizes are what is on disk, whatever the client says.
///
/// # Errors
///
/// `invalid_attachments`, a limit.
pub fn read(attachments: &Value, known: &Known) -> Result<Vec<Attachment>, OpError> {
    let refused = |sentence: String| OpError::new(Code::InvalidAttachments, sentence);
    let items = match attachments {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            return Err(refused("attachments must be a list of objects".into()));
        }
    };
    if items.len() > limit::ATTACHMENTS_MAX {
        return Err(OpError::too_large("attachments", items.len(), limit::ATTACHMENTS_MAX, "ATTACHMENTS_MAX"));
    }
    let read_one = |item: &Value| {
        let item = item.as_object().ok_or_else(|| refused("every attachment must be an object".into()))?;
        let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned();
        let path = text("path");
        if !is_safe(&path) {
            return Err(refused(format!("invalid attachment path: {path:?}; it must be a file below {FOLDER}/")));
        }
        let size = known.files.iter().find(|(known, _)| *known == path).map(|(_, bytes)| *bytes);
        let bytes = size.ok_or_else(|| refused(format!("attachment not found: {path}; store the file first")))?;
        let given = |key: &str| Some(text(key)).filter(|text| !text.is_empty());
        let mime_type = text("mime_type");
        let kind = given("kind").unwrap_or_else(|| kind(&mime_type).into());
        // A stored file's name says what is in it, whatever the client says.
        let (sha256, name) = match named(&path) {
            Some((sha256, name)) => (sha256.to_owned(), name.to_owned()),
            None => (text("sha256"), String::new()),
        };
        Ok(Attachment { kind, title: given("title").unwrap_or(name), path, mime_type, bytes, sha256 })
    };
    items.iter().map(read_one).collect()
}

/// The path of a stored file below its group's folder.
pub fn path(name: &str) -> String {
    format!("{FOLDER}/{name}")
}

/// The sort of attachment that a media type makes.
pub fn kind(mime_type: &str) -> &'static str {
    if mime_type.starts_with("image/") { "image" } else { "file" }
}

/// A name for people as it may stand in the name of a file: its last part, in plain letters, not too long.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let safe: String =
        last.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).take(NAME_CHARS_MAX).collect();
    if safe.is_empty() { "file".into() } else { safe }
}

/// Hash and name in the path of a stored file.
fn named(path: &str) -> Option<(&str, &str)> {
    let (sha256, name) = path.rsplit('/').next()?.split_once('_')?;
    (sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some((sha256, name))
}

/// Whether a path stays below the folder of stored files.
pub fn is_safe(path: &str) -> bool {
    let name = path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
    let is_plain =
        |part: &str| !part.is_empty() && part.len() <= layout::FILE_NAME_BYTES_MAX && part != "." && part != "..";
    path.len() <= PATH_BYTES_MAX
        && name.is_some_and(|name| name.split('/').all(is_plain) && !name.contains(['\0', '\\']))
}

/// A text that became a file.
pub struct Spilled {
    /// What stands in the event in its place.
    pub notice: String,
    /// How the event refers to the file.
    pub attachment: Attachment,
    /// The file.
    pub blob: Blob,
}

/// Turns the text of a message into a file, when it is too long for the event.
///
/// # Errors
///
/// A limit.
pub fn spill(group_id: &str, event_id: &str, text: &str) -> Result<Option<Spilled>, OpError> {
    if text.len() > limit::TEXT_BYTES_MAX {
        return Err(OpError::too_large("the text", text.len(), limit::TEXT_BYTES_MAX, "TEXT_BYTES_MAX"));
    }
    if text.len() <= limit::TEXT_INLINE_BYTES_MAX {
        return Ok(None);
    }
    let sha256 = id::digest(text);
    let name = format!("{sha256}{}", long_text::ending(event_id));
    let path = path(&name);
    let beginning: String = text.chars().take(BEGINNING_CHARS).collect();
    let (bytes, short) = (text.len(), id::short(event_id));
    let notice =
        format!("[long text: {bytes} bytes, stored in {path}; `cccc show {short}` shows it; it begins:]\n{beginning}…");
    let attachment = Attachment {
        kind: "text".into(),
        path,
        title: "the whole text".into(),
        mime_type: "text/plain; charset=utf-8".into(),
        bytes: text.len() as u64,
        sha256,
    };
    let blob = Blob { group_id: group_id.to_owned(), name, bytes: text.as_bytes().to_vec() };
    Ok(Some(Spilled { notice, attachment, blob }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_stored_files_can_be_attached() {
        let known = Known { events: vec![], files: vec![("state/blobs/ab_x.txt".into(), 7)], ..Known::default() };
        #[rustfmt::skip]
        let cases = [
            (json!(null),                                         Ok(0)),
            (json!([]),                                           Ok(0)),
            (json!([{"path": "state/blobs/ab_x.txt", "bytes": 1}]), Ok(1)),
            (json!([{"path": "state/blobs/gone.txt"}]),           Err("not found")),
            (json!([{"path": "state/blobs/../ledger.jsonl"}]),    Err("invalid attachment path")),
            (json!([{"path": "/etc/passwd"}]),                    Err("invalid attachment path")),
            (json!([{"path": "state/blobs"}]),                    Err("invalid attachment path")),
            (json!([{"path": "state/blobs/a\0b"}]),               Err("invalid attachment path")),
            (json!([{}]),                                         Err("invalid attachment path")),
            (json!(["state/blobs/ab_x.txt"]),                     Err("must be an object")),
            (json!("state/blobs/ab_x.txt"),                       Err("list of objects")),
        ];
        for (attachments, wanted) in cases {
            match (read(&attachments, &known), wanted) {
                (Ok(read), Ok(count)) => assert_eq!(read.len(), count, "{attachments}"),
                (Err(error), Err(word)) => {
                    assert!(
                        error.code == Code::InvalidAttachments && error.message.contains(word),
                        "{attachments}: {error}"
                    );
                }
                (read, _) => panic!("{attachments}: {read:?}"),
            }
        }
        let read = read(&json!([{"path": "state/blobs/ab_x.txt", "bytes": 1}]), &known).unwrap();
        assert_eq!((read[0].bytes, read[0].kind.as_str()), (7, "file"), "what is on disk counts");
        let many = Value::Array(vec![json!({}); limit::ATTACHMENTS_MAX + 1]);
        assert_eq!(super::read(&many, &known).unwrap_err().details["limit"], "ATTACHMENTS_MAX");
        assert_eq!(paths(&json!([{"path": " state/blobs/a "}, {"path": "/etc/passwd"}, 3])), ["state/blobs/a"]);
    }

    #[test]
    fn a_long_text_becomes_a_file_with_all_of_it() {
        assert!(spill("g", "e", &"x".repeat(limit::TEXT_INLINE_BYTES_MAX)).unwrap().is_none());
        let text = "ä".repeat(limit::TEXT_INLINE_BYTES_MAX);
        let spilled = spill("g", "e", &text).unwrap().unwrap();
        assert_eq!(spilled.blob.bytes, text.as_bytes());
        assert_eq!(spilled.attachment.path, format!("{FOLDER}/{}", spilled.blob.name));
        assert!(spilled.notice.contains(&spilled.attachment.path) && spilled.notice.len() < 2_000);
        let event = |id: &str| {
            let data = json!({"text": spilled.notice, "to": [], "attachments": [&spilled.attachment]});
            serde_json::from_value(json!({"id": id, "ts": "t", "kind": "chat.message", "data": data})).unwrap()
        };
        assert_eq!(long_text::path(&event("e")), Some(spilled.attachment.path.as_str()));
        assert_eq!(long_text::path(&event("another")), None, "whoever attaches it says something else");
        let refused = spill("g", "e", &"x".repeat(limit::TEXT_BYTES_MAX + 1)).err().unwrap();
        assert_eq!(refused.details["limit"], "TEXT_BYTES_MAX");
    }
}
