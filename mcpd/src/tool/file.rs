//! Files: sent, and found again.

use super::Tool;
use super::caller::{InGroup, Itself};
use super::message::Manner;
use crate::call::Call;
use bus::contract::OpError;
use bus::contract::op::blob;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// `cccc_file_send`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Send {
    #[serde(flatten)]
    caller: Itself,
    /// below a directory of the group; a relative one is below the active one; a received attachment: its path
    path: String,
    /// what you say to it
    #[serde(default)]
    text: String,
    #[serde(flatten)]
    manner: Manner,
}

impl Tool for Send {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        // Where a stored file lies is told by cccc_blob_path; ledgerd knows it by its attachment's path.
        let folder = me.home().group_folder(&group_id);
        let stored = Path::new(&self.path).strip_prefix(folder).ok().and_then(Path::to_str).map(str::to_owned);
        me.send_files(vec![stored.unwrap_or(self.path)], self.manner.message(group_id, self.text)).await
    }
}

/// `cccc_blob_path`
#[derive(Debug, Deserialize, JsonSchema)]
pub struct BlobPath {
    #[serde(flatten)]
    caller: InGroup,
    /// as the attachment says it: state/blobs/…
    rel_path: String,
}

impl Tool for BlobPath {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.look(call)?;
        // Whether it is there, and may be seen, ledgerd says.
        let path = self.rel_path.trim().to_owned();
        me.ask_for(blob::Read { group_id: group_id.clone(), path: path.clone(), offset: None, limit: Some(1) }).await?;
        Ok(json!({"path": me.home().group_folder(&group_id).join(path)}))
    }
}
