//! Addresses that are answered here: what is up, what is on this machine, stored files, and what happens.

use super::{ask, folder, project, push, status, template, upload, user};
use crate::access::Asked;
use crate::answer::{self, Answer, Refusal};
use crate::serve::Site;
use crate::sse;
use crate::term;
use crate::visit::Visit;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::handler::Handler as _;
use axum::routing::{MethodFilter, on};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bus::contract::op::{blob, core, prompt};
use bus::contract::prompt::PromptKind;
use bus::contract::{Ask as _, Code, OpError, version};
use bus::front::upload::mime_type;
use bus::program;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// What is written by `make docs`.
const DESCRIPTION: &[u8] = include_bytes!("../../../docs/openapi.json");

macro_rules! own {
    ($($method:ident $path:literal $handler:expr;)*) => {
        /// All of them.
        #[cfg(test)]
        pub const OWN: &[(http::Method, &str)] = &[$((http::Method::$method, $path)),*];

        /// Adds them.
        pub fn add_all(router: Router<Arc<Site>>) -> Router<Arc<Site>> {
            router $(.route($path, on(MethodFilter::$method, $handler)))*
        }
    };
}

own! {
    GET    "/api/v1/ping"                                ping;
    GET    "/api/openapi.json"                           async || description();
    GET    "/api/v1/health"                              health;
    GET    "/api/v1/runtimes"                            async || runtimes();
    POST   "/api/v1/groups/{group_id}/send_upload"       upload::send.layer(DefaultBodyLimit::disable());
    POST   "/api/v1/groups/{group_id}/reply_upload"      upload::reply.layer(DefaultBodyLimit::disable());
    GET    "/api/v1/fs/list"                             folder::list;
    GET    "/api/v1/fs/recent"                           folder::recent;
    GET    "/api/v1/fs/scope_root"                       folder::scope_root;
    POST   "/api/v1/call/{op}"                           call;
    GET    "/api/v1/groups/{group_id}/prompts"           prompts;
    DELETE "/api/v1/groups/{group_id}"                   delete_group;
    GET    "/api/v1/groups/{group_id}/blobs/{name}"      blob;
    GET    "/api/v1/groups/{group_id}/ledger/stream"     sse::ledger;
    GET    "/api/v1/events/stream"                       sse::home;
    GET    "/api/v1/groups/{group_id}/actors/{actor_id}/term"           term::open;
    GET    "/api/v1/push"                                push::list;
    POST   "/api/v1/push/devices"                        push::add;
    POST   "/api/v1/push/devices/{device_id}/topics"     push::set_topics;
    POST   "/api/v1/push/devices/{device_id}/test"       push::test;
    DELETE "/api/v1/push/devices/{device_id}"            push::remove;
    GET    "/api/v1/groups/{group_id}/events/{event_id}/read_status"    status::read;
    GET    "/api/v1/groups/{group_id}/project_md"                       project::get;
    PUT    "/api/v1/groups/{group_id}/project_md"                       project::put;
    POST   "/api/v1/groups/from_template"                               template::create.layer(DefaultBodyLimit::disable());
    POST   "/api/v1/groups/{group_id}/template/preview_upload"          template::preview.layer(DefaultBodyLimit::disable());
    POST   "/api/v1/groups/{group_id}/template/import_replace"          template::replace.layer(DefaultBodyLimit::disable());
}

/// Any op, its arguments in the body.
async fn call(visit: Visit, Path(op): Path<String>, request: Request) -> Answer {
    match super::body(request).await {
        Ok(args) => ask(&visit, &op, args).await,
        Err(refusal) => refusal.answer(),
    }
}

async fn ping(visit: Visit) -> Answer {
    let pong = match visit.peers.ask_as(user(), core::Ping::default()).await {
        Ok(pong) => json!(pong),
        Err(refusal) => return answer::refusal(&refusal),
    };
    let access = visit.access();
    let is_read_only = access.is_viewer();
    let mode = if is_read_only { "exhibit" } else { "normal" };
    let web = json!({"mode": mode, "read_only": is_read_only, "name": access.name, "role": access.role, "group_id": access.group_id});
    let mut told = json!({"daemon": pong, "version": version::PRODUCT, "web": web});
    if !is_read_only && access.group_id.is_none() {
        told["home"] = visit.home.root().to_string_lossy().into();
    }
    answer::value(&told)
}

async fn health(State(site): State<Arc<Site>>) -> Answer {
    let daemon = if site.peers.is_ledger_there() { "running" } else { "stopped" };
    answer::value(&json!({"version": version::PRODUCT, "daemon": daemon}))
}

/// Every address, for programs that read such.
fn description() -> Answer {
    let mut answer = Answer::new(Body::from(DESCRIPTION));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn runtimes() -> Answer {
    let known = program::look_for_all();
    answer::value(&json!({"runtimes": known, "available": program::available(&known)}))
}

async fn prompts(visit: Visit, Path(group_id): Path<String>) -> Answer {
    if let Err(denied) = visit.access().check(Asked::Op(prompt::Get::ROW, &group_id)) {
        return denied.refusal().answer();
    }
    let of = |kind: PromptKind| {
        let get = prompt::Get { group_id: group_id.clone(), kind: kind.word().into() };
        visit.peers.ask_as(user(), get)
    };
    match tokio::try_join!(of(PromptKind::Preamble), of(PromptKind::Help)) {
        Ok((preamble, help)) => answer::value(&json!({"preamble": preamble.prompt, "help": help.prompt})),
        Err(refusal) => answer::refusal(&refusal),
    }
}

/// A group goes for ever, so its id is said twice.
async fn delete_group(
    visit: Visit,
    Path(group_id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    if query.get("confirm") != Some(&group_id) {
        let sentence =
            format!("the group and everything in it would be gone; say ?confirm={group_id} if you want that");
        return Refusal::new(StatusCode::BAD_REQUEST, "confirmation_required", sentence).answer();
    }
    let args = json!({"group_id": group_id, "by": query.get("by").map_or("user", String::as_str)});
    ask(&visit, "group_delete", args.as_object().expect("fields").clone()).await
}

/// A stored file, piece by piece. What a browser could run on our origin is only given to be saved.
async fn blob(site: Visit, Path((group_id, name)): Path<(String, String)>) -> Answer {
    if let Err(denied) = site.access().check(Asked::Op(blob::Read::ROW, &group_id)) {
        return denied.refusal().answer();
    }
    let first = match piece(&site, &group_id, &name, 0).await {
        Ok(first) => first,
        Err(refusal) => return answer::refusal(&refusal),
    };
    let (total, shown) = (first.total, name.split_once('_').map_or(name.as_str(), |(_, shown)| shown).to_owned());
    let begin = (site, group_id, name, 0_u64, Some(first));
    let pieces = futures_util::stream::unfold(begin, |(site, group_id, name, sent, ready)| async move {
        let piece = match ready {
            Some(piece) => Ok(piece),
            None => piece(&site, &group_id, &name, sent).await,
        };
        match piece {
            Ok(piece) if piece.bytes.is_empty() => None,
            Ok(piece) => {
                let sent = sent + piece.bytes.len() as u64;
                let next = (site, group_id, name, sent, None);
                Some((Ok::<_, std::io::Error>(piece.bytes), next))
            }
            // Whoever reads finds that it is shorter than was said.
            Err(refusal) => Some((Err(std::io::Error::other(refusal)), (site, group_id, name, sent, None))),
        }
    });
    let mut answer = Answer::new(Body::from_stream(pieces));
    let kind = mime_type(&shown);
    let disposition = if is_harmless(kind) { "inline" } else { "attachment" };
    let headers = answer.headers_mut();
    let shown_kind = if is_harmless(kind) { kind } else { "application/octet-stream" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(shown_kind));
    headers.insert(header::CONTENT_LENGTH, total.into());
    if let Ok(value) = HeaderValue::try_from(format!("{disposition}; filename=\"{}\"", plain(&shown))) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    answer
}

/// One piece of a stored file.
struct Piece {
    bytes: Vec<u8>,
    total: u64,
}

async fn piece(site: &Site, group_id: &str, name: &str, offset: u64) -> Result<Piece, OpError> {
    let path = format!("state/blobs/{name}");
    let read = blob::Read { group_id: group_id.into(), path, offset: i64::try_from(offset).ok(), limit: None };
    let read = site.peers.ask_as(user(), read).await?;
    let unreadable = |_| OpError::new(Code::InternalError, format!("a piece of {name} cannot be read"));
    Ok(Piece { bytes: BASE64.decode(&read.content).map_err(unreadable)?, total: read.bytes })
}

/// Whether a browser only shows what is of this type.
fn is_harmless(kind: &str) -> bool {
    let is_picture = kind.starts_with("image/") && !kind.contains("svg");
    is_picture
        || kind.starts_with("audio/")
        || kind.starts_with("video/")
        || ["application/pdf", "text/plain"].contains(&kind)
}

/// A name without what would end it in a header.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_ascii_graphic() && !"\"\\".contains(*letter)).collect()
}
