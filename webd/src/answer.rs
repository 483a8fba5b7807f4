//! How an answer looks: one envelope for all, and a status that says the same.

use axum::body::Body;
use bus::contract::{Code, OpError};
use bus::link::Json;
use http::{Response, StatusCode, header};
use serde_json::{Value, json};
use std::time::Duration;

/// An answer as it leaves.
pub type Answer = Response<Body>;

/// Why a request is refused before anybody is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Of the answer.
    pub status: StatusCode,
    /// What clients match on.
    pub code: &'static str,
    /// What was wrong, and what to do.
    pub message: String,
    /// When it may be tried again.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// One.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// As it leaves.
    pub fn answer(&self) -> Answer {
        let mut answer = refused(self.status, &json!({"code": self.code, "message": self.message, "details": {}}));
        if let Some(wait) = self.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
        }
        answer
    }
}

/// What an op has answered, which is JSON already.
pub fn op(Json(result): &Json) -> Answer {
    with_json(StatusCode::OK, [br#"{"ok":true,"v":1,"result":"#, &result[..], br#","error":null}"#].concat())
}

/// What we know ourselves.
pub fn value(result: &Value) -> Answer {
    op(&Json(result.to_string().into_bytes()))
}

/// The refusal of an op.
pub fn refusal(error: &OpError) -> Answer {
    refused(status(error), &json!(error))
}

fn refused(status: StatusCode, error: &Value) -> Answer {
    with_json(status, json!({"ok": false, "v": 1, "result": {}, "error": error}).to_string().into_bytes())
}

fn with_json(status: StatusCode, body: Vec<u8>) -> Answer {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer.headers_mut().insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    answer
}

/// The status of a refusal: whose fault it is.
fn status(error: &OpError) -> StatusCode {
    match error.code {
        Code::DaemonUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::InternalError | Code::GroupDamaged => StatusCode::INTERNAL_SERVER_ERROR,
        Code::NoSpace => StatusCode::INSUFFICIENT_STORAGE,
        code if code.is_retryable() => StatusCode::SERVICE_UNAVAILABLE,
        Code::VersionConflict | Code::ProfileRevisionMismatch => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        _ if error.is_denied() => StatusCode::FORBIDDEN,
        code if code.word().ends_with("_not_found") => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whose_fault_it_is() {
        #[rustfmt::skip]
        let cases = [
            (OpError::new(Code::DaemonUnavailable, ""), 503),
            (OpError::new(Code::InternalError, ""),     500),
            (OpError::new(Code::NoSpace, ""),           507),
            (OpError::new(Code::VersionConflict, ""),   409),
            (OpError::denied(Code::ActorAddFailed, ""), 403),
            (OpError::new(Code::ActorAddFailed, ""),    400),
            (OpError::group_not_found("g"),             404),
            (OpError::new(Code::UnknownOp, ""),         400),
        ];
        for (error, wanted) in cases {
            assert_eq!(refusal(&error).status(), wanted, "{:?}", error.code);
        }
        assert_eq!(op(&Json(b"{}".to_vec())).status(), 200);
    }
}
