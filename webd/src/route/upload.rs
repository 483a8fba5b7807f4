//! Messages with files from a browser: the files are written to disk as they come, stored, and named by one message.

use super::{ask, believed};
use crate::access::Asked;
use crate::answer::{self, Answer, Refusal};
use crate::serve::Site;
use crate::visit::Visit;
use axum::extract::Path;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use bus::contract::{OpError, Principal, limit, op};
use bus::front::upload::{self, UploadError};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

/// Most bytes of one file.
const FILE_BYTES_MAX: u64 = limit::BLOB_BYTES_MAX as u64;

/// Most bytes of one field that is text.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Fields whose text goes to the op as it is.
const TEXTS: [&str; 8] = ["by", "text", "path", "priority", "reply_required", "reply_to", "client_id", "request_id"];

/// Recipients, as a list that is written as JSON.
const RECIPIENTS: &str = "to_json";

/// A file that has come.
struct Received {
    name: String,
    file: File,
}

/// `send` with files.
pub async fn send(site: Visit, Path(group_id): Path<String>, form: Multipart) -> Answer {
    say(&site, "send", group_id, form).await
}

/// `reply` with files.
pub async fn reply(site: Visit, Path(group_id): Path<String>, form: Multipart) -> Answer {
    say(&site, "reply", group_id, form).await
}

async fn say(site: &Visit, op: &str, group_id: String, form: Multipart) -> Answer {
    let row = op::TABLE.iter().find(|row| row.name == op).expect("an op");
    if let Err(denied) = site.access().check(Asked::Op(row, &group_id)) {
        return denied.refusal().answer();
    }
    let (mut args, files) = match read(site, form).await {
        Ok(read) => read,
        Err(refusal) => return refusal.answer(),
    };
    if args.get("text").and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
        args.insert("text".into(), text_for(&files).into());
    }
    let by = args.get("by").and_then(Value::as_str).unwrap_or("user").to_owned();
    let speaker = believed(Principal::claimed(by));
    let (storing, group) = (site.clone(), group_id.clone());
    let stored = tokio::task::spawn_blocking(move || store_all(&storing, &speaker, &group, files)).await;
    let attachments = match stored {
        Ok(Ok(attachments)) => attachments,
        Ok(Err(refusal)) => return answer::refusal(&refusal),
        Err(_) => return unreadable("the files could not be stored").answer(),
    };
    args.insert("attachments".into(), attachments.into());
    args.insert("group_id".into(), group_id.into());
    ask(site, op, args).await
}

/// The arguments of a form, and its files.
async fn read(site: &Site, mut form: Multipart) -> Result<(Map<String, Value>, Vec<Received>), Refusal> {
    let broken = |error: MultipartError| Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", error.body_text());
    let (mut args, mut files, mut bytes) = (Map::new(), Vec::new(), 0);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() {
            if files.len() == limit::ATTACHMENTS_MAX {
                return Err(too_large("files", "ATTACHMENTS_MAX", limit::ATTACHMENTS_MAX as u64));
            }
            files.push(receive(site, field, &mut bytes).await?);
            continue;
        }
        let text = text_of(field, TEXT_BYTES_MAX).await?;
        match name.as_str() {
            RECIPIENTS => {
                let invalid =
                    |_| Refusal::new(StatusCode::BAD_REQUEST, "invalid_recipient", "to_json is no list as JSON");
                args.insert("to".into(), serde_json::from_str::<Vec<String>>(&text).map_err(invalid)?.into());
            }
            known if TEXTS.contains(&known) => drop(args.insert(name, text.into())),
            _ => {}
        }
    }
    Ok((args, files))
}

/// A field that is text, bad UTF-8 replaced.
pub(super) async fn text_of(mut field: Field<'_>, bytes_max: usize) -> Result<String, Refusal> {
    let broken = |error: MultipartError| Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", error.body_text());
    let mut text = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        if text.len() + piece.len() > bytes_max {
            return Err(too_large("a field of text", "TEXT_BYTES_MAX", bytes_max as u64));
        }
        text.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Writes a file to disk as it comes, where nobody finds it but us.
async fn receive(site: &Site, mut field: Field<'_>, total: &mut u64) -> Result<Received, Refusal> {
    let broken = |error: MultipartError| Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", error.body_text());
    let name = field.file_name().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let unwritten = |error: std::io::Error| unreadable(&format!("{name} cannot be written: {error}"));
    let mut file = tempfile::tempfile_in(site.home.run()).map_err(unwritten)?;
    let mut bytes = 0;
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        bytes += piece.len() as u64;
        *total += piece.len() as u64;
        if bytes > FILE_BYTES_MAX {
            return Err(too_large(&name, "BLOB_BYTES_MAX", FILE_BYTES_MAX));
        }
        if *total > limit::SENT_FILES_BYTES_MAX {
            return Err(too_large("all files together", "SENT_FILES_BYTES_MAX", limit::SENT_FILES_BYTES_MAX));
        }
        // A piece is small, and the system takes it at once.
        file.write_all(&piece).map_err(unwritten)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(unwritten)?;
    let name = if name.trim().is_empty() { "file".to_owned() } else { name };
    Ok(Received { name, file })
}

fn store_all(site: &Site, speaker: &Principal, group_id: &str, files: Vec<Received>) -> Result<Vec<Value>, OpError> {
    let store = |Received { name, mut file }: Received| {
        let ask = |piece| site.peers.ask_blocking_as(speaker.clone(), piece);
        upload::store(&mut file, group_id, &name, ask).map(|stored| json!(stored)).map_err(|error| match error {
            UploadError::Refused(refusal) | UploadError::Size(refusal) => refusal,
            UploadError::File(_) | UploadError::Shorter => {
                OpError::new(bus::contract::Code::InternalError, format!("{name} cannot be read again"))
            }
        })
    };
    files.into_iter().map(store).collect()
}

/// What a message says that has only files.
fn text_for(files: &[Received]) -> String {
    match files {
        [] => String::new(),
        [one] => format!("[file] {}", one.name),
        many => format!("[files] {} attachments", many.len()),
    }
}

fn too_large(what: &str, name: &str, most: u64) -> Refusal {
    let sentence = format!("{what}: more than {most}, the limit {name}");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", sentence)
}

fn unreadable(why: &str) -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", why)
}
