//! What is served at which address: a table of rows that forward to ops, and few that are answered here.
//!
//! What an op is asked is what its address, the query and the body say, the address last: nobody is asked about another
//! group than the one whose address was used. What the addresses lack is served under `/api/v1/call/<op>`.

mod folder;
mod own;
mod project;
mod push;
mod status;
mod table;
mod template;
mod upload;

use crate::access::{Asked, Denied};
use crate::answer::{self, Answer, Refusal};
use crate::place;
use crate::serve::Site;
use crate::visit::Visit;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, Request};
use axum::routing::{MethodFilter, on};
use bus::contract::{Op, OpError, Principal, Proof, nesting};
use bus::front::Untrusted;
use bus::link::Json;
use bus::peer::Question;
use http::StatusCode;
#[cfg(test)]
pub use own::OWN;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
pub use table::TABLE;

/// The op that lists groups.
const GROUPS: &str = "groups";

/// Most bytes of a body that is JSON.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One address.
#[derive(Debug)]
pub struct Row {
    /// How it is asked.
    pub method: Method,
    /// Where; `{name}` stands for an argument of the op.
    pub path: &'static str,
    /// The op that answers.
    pub op: &'static str,
    /// How its arguments come together.
    pub shape: Shape,
}

/// How an address is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Does something.
    Post,
    /// Changes something.
    Put,
    /// Takes something away.
    Delete,
}

/// How the arguments of an op come together.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// As they come.
    Plain,
    /// These fields, where they are given, are the op's `patch`.
    Patch(&'static [&'static str]),
    /// These fields, where they are given, are the op's `config`.
    Config(&'static [&'static str]),
    /// These have another name there than in the op.
    Renamed(&'static [(&'static str, &'static str)]),
    /// These are always the same, whatever is given.
    With(&'static [(&'static str, &'static str)]),
}

impl Method {
    fn filter(self) -> MethodFilter {
        match self {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Put => MethodFilter::PUT,
            Method::Delete => MethodFilter::DELETE,
        }
    }
}

impl Shape {
    fn apply(self, args: &mut Map<String, Value>) {
        match self {
            Shape::Plain => {}
            Shape::Patch(fields) => gather(args, "patch", fields),
            Shape::Config(fields) => gather(args, "config", fields),
            Shape::Renamed(names) => {
                for (here, there) in names {
                    if let Some(value) = args.remove(*here) {
                        args.insert((*there).to_owned(), value);
                    }
                }
            }
            Shape::With(fixed) => {
                fixed.iter().for_each(|(name, value)| drop(args.insert((*name).to_owned(), (*value).into())));
            }
        }
    }
}

/// Puts fields, where they are given, under one name.
fn gather(args: &mut Map<String, Value>, under: &str, fields: &[&str]) {
    let given = fields.iter().filter_map(|name| Some(((*name).to_owned(), args.remove(*name)?)));
    let gathered: Map<String, Value> = given.filter(|(_, value)| !value.is_null()).collect();
    args.insert(under.to_owned(), gathered.into());
}

/// Adds every address.
pub fn add_all(router: Router<Arc<Site>>) -> Router<Arc<Site>> {
    let router = TABLE.iter().fold(router, |router, row| {
        let forward = move |visit: Visit,
                            Path(path): Path<HashMap<String, String>>,
                            Query(query): Query<HashMap<String, String>>,
                            request: Request| async move {
            let asked = async {
                let mut args = body(request).await?;
                // What has let the request in is not for the op.
                for (name, value) in query.into_iter().filter(|(name, _)| name != "token") {
                    args.entry(name).or_insert(value.into());
                }
                args.extend(path.into_iter().map(|(name, value)| (name, value.into())));
                row.shape.apply(&mut args);
                Ok::<_, Refusal>(args)
            };
            match asked.await {
                Ok(mut args) => match status::take_flags(&mut args)[..] {
                    [] => ask(&visit, row.op, args).await,
                    ref wanted => status::ask(&visit, row.op, args, wanted).await,
                },
                Err(refusal) => refusal.answer(),
            }
        };
        router.route(row.path, on(row.method.filter(), forward))
    });
    own::add_all(router)
}

/// Asks for an op in the name of the user, or of whom the arguments name.
pub async fn ask(visit: &Visit, op: &str, args: Map<String, Value>) -> Answer {
    let question = match question(op, args) {
        Ok(question) => question,
        Err(refusal) => return answer::refusal(&refusal),
    };
    if let Err(denied) = check(visit, &question) {
        return denied.refusal().answer();
    }
    match asked(visit, question).await {
        Ok(json) => answer::op(&json),
        Err(refusal) => answer::refusal(&refusal),
    }
}

/// The answer itself.
///
/// # Errors
///
/// The op's refusal, or `daemon_unavailable`; `permission_denied` when it is not for this visitor.
pub async fn answer(visit: &Visit, op: &str, args: Map<String, Value>) -> Result<Json, OpError> {
    let question = question(op, args)?;
    check(visit, &question).map_err(Denied::error)?;
    asked(visit, question).await
}

fn check(visit: &Visit, question: &Question) -> Result<(), Denied> {
    visit.access().check(Asked::Op(question.op().row(), question.op().group_id()))
}

async fn asked(visit: &Visit, question: Question) -> Result<Json, OpError> {
    if let Op::RemoteAccessConfigure(args) = question.op() {
        place::check(visit, args).await?;
    }
    let is_list = question.op().row().name == GROUPS;
    let json = visit.peers.ask_for_json(question).await?;
    if is_list { Ok(seen(visit, json)) } else { Ok(json) }
}

/// The groups of a list that a visitor may know of.
fn seen(visit: &Visit, Json(bytes): Json) -> Json {
    if visit.access().group_id.is_none() {
        return Json(bytes);
    }
    let mut told: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let is_seen = |group: &Value| group["group_id"].as_str().is_some_and(|group_id| visit.access().sees(group_id));
    if let Some(groups) = told["groups"].as_array_mut() {
        groups.retain(is_seen);
    }
    for list in ["missing_group_ids", "corrupt_group_ids"] {
        if let Some(ids) = told["registry_health"][list].as_array_mut() {
            ids.retain(|id| id.as_str().is_some_and(|group_id| visit.access().sees(group_id)));
        }
    }
    Json(told.to_string().into_bytes())
}

/// What is asked, and as whom.
fn question(op: &str, args: Map<String, Value>) -> Result<Question, OpError> {
    let Untrusted { op, principal, request_id } = Untrusted::read(op, args)?;
    Ok(Question::new(believed(principal), op).with_id(request_id))
}

/// The person at the browser is let in already; an actor must prove itself as everywhere.
fn believed(principal: Principal) -> Principal {
    let is_person = principal.proof == Proof::Claim && principal.by == "user";
    if is_person { user() } else { principal }
}

/// The person at the browser.
pub fn user() -> Principal {
    let proof = if IS_CLIENT.load(Ordering::Relaxed) { Proof::Claim } else { Proof::Daemon };
    Principal { by: "user".into(), proof }
}

/// Whether this process proves nothing to those it asks, because a person has started it: then it says who asks, as every
/// client does.
pub static IS_CLIENT: AtomicBool = AtomicBool::new(false);

/// The body as arguments; none is none.
async fn body(request: Request<Body>) -> Result<Map<String, Value>, Refusal> {
    let invalid = |code, why: String| Refusal::new(StatusCode::BAD_REQUEST, code, why);
    let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|_| {
        let sentence =
            format!("the body is not whole, or has more than {BODY_BYTES_MAX} bytes, the limit BODY_BYTES_MAX");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", sentence)
    })?;
    if bytes.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| invalid("invalid_json", format!("the body is no UTF-8: {error}")))?;
    nesting::check(text, 0).map_err(|refusal| invalid("invalid_request", refusal.message))?;
    match serde_json::from_str(text) {
        Ok(Value::Object(args)) => Ok(args),
        Ok(_) => Err(invalid("invalid_request", "the body is no JSON object".into())),
        Err(error) => Err(invalid("invalid_json", format!("the body is not JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests;
