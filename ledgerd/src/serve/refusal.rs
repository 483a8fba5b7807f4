//! What a caller is told when the store could not do what was asked: refusals with the store's reasons.

use crate::store::upload::UploadError;
use crate::store::{Closed, Shortage, StoreError, shortage};
use bus::contract::{Code, OpError};
use tracing::error;

/// The same request id came with another op.
pub fn request_id_reused() -> OpError {
    let sentence = "this request_id or client_id was used for something else; use a new one";
    OpError::new(Code::RequestIdReused, sentence)
}

/// There is no more of something.
pub fn no_space(ledger: &str, shortage: Shortage) -> OpError {
    let sentence = match shortage {
        Shortage::Room => {
            format!("no space left on the disk of {ledger}; nothing was written: make room and ask again")
        }
        Shortage::Descriptors => format!(
            "ledgerd may open no more files, so {ledger} cannot be written; nothing was written: ask again, or raise the \
             limit (`ulimit -Hn`) and restart"
        ),
    };
    OpError::new(Code::NoSpace, sentence).with("ledger", ledger)
}

/// A ledger takes no events.
pub fn refusal_of(ledger: &str, closed: Closed) -> OpError {
    match closed {
        Closed::Full(shortage) => no_space(ledger, shortage),
        Closed::Damaged(why) => {
            let sentence = format!("the ledger of {ledger} is damaged and can only be read: {why}");
            OpError::new(Code::GroupDamaged, sentence).with("ledger", ledger)
        }
    }
}

/// Events that cannot be read.
pub fn unreadable(error: &StoreError) -> OpError {
    if let StoreError::NoSpace { .. } = error {
        return OpError::new(Code::DaemonUnavailable, format!("{error}; ask again"));
    }
    error!(%error, "cannot read events");
    OpError::new(Code::InternalError, format!("{error}; see `cccc ledger verify`"))
}

/// Secrets that cannot be read; which, but not what is in their file.
pub fn unreadable_secrets(error: &StoreError) -> OpError {
    error!(%error, "cannot read secrets");
    OpError::new(Code::InternalError, format!("{error}; set the secrets again, with clear"))
}

/// A log that could not be read, or not be emptied.
pub fn no_log(error: &StoreError, clears: bool) -> OpError {
    error!(%error, "a log cannot be looked at");
    let code = if clears { Code::DebugClearLogsFailed } else { Code::DebugTailLogsFailed };
    OpError::new(code, error.to_string())
}

/// A snapshot that was not made.
pub fn not_saved(error: &StoreError) -> OpError {
    error!(%error, "no snapshot");
    OpError::new(Code::LedgerSnapshotFailed, format!("{error}; the ledger itself is not touched by this"))
}

/// A stored file that cannot be read.
pub fn unreadable_file(error: &StoreError) -> OpError {
    error!(%error, "cannot read a stored file");
    OpError::new(Code::InternalError, error.to_string())
}

/// A piece of a file was not taken.
pub fn not_taken(group_id: &str, error: &UploadError) -> OpError {
    match error {
        UploadError::OutOfStep { received, .. } => {
            OpError::new(Code::UploadOutOfStep, error.to_string()).with("received", *received)
        }
        UploadError::Mismatch => OpError::new(Code::InvalidBlob, error.to_string()),
        UploadError::TooMany => OpError::new(Code::InvalidRequest, error.to_string()).with("limit", "UPLOADS_MAX"),
        UploadError::TooMuch { .. } => {
            OpError::new(Code::InvalidRequest, error.to_string()).with("limit", "GROUP_BLOBS_BYTES_MAX")
        }
        UploadError::Store(StoreError::NoSpace { source, .. }) => no_space(group_id, shortage(source)),
        UploadError::Store(broken) => {
            error!(error = %broken, "cannot store a file");
            OpError::new(Code::InternalError, broken.to_string())
        }
    }
}
