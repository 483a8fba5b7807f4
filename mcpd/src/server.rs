//! The MCP server: which tools there are for whom, and how an answer travels.

use crate::call::Call;
use crate::identity::Identity;
use crate::reminder;
use crate::tool::{self, Audience, Effect, Row, TABLE};
use bus::contract::document::{Role, Runner};
use bus::contract::op::principal::{Speaker, Whoami};
use bus::contract::{OpError, version};
use bus::home::Home;
use bus::peer::Peers;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long the list of tools waits to learn what the caller is; without that it shows everything.
const ROLE_PATIENCE: Duration = Duration::from_secs(2);

/// The first version of the protocol in which a result may have a structure beside its text.
const STRUCTURED_SINCE: ProtocolVersion = ProtocolVersion::V_2025_06_18;

/// What an agent is told before its first call.
const INSTRUCTIONS: &str = "You are one of several agents in a group. Call cccc_bootstrap first. People and agents see \
                            only what you send with cccc_message_send, cccc_message_reply and cccc_file_send.";

/// Serves the tools to one caller, or to many who say with each request who they are.
#[derive(Debug, Clone)]
pub struct Server {
    home: Home,
    peers: Arc<Peers>,
    callers: Callers,
}

/// How it is known who calls.
#[derive(Debug, Clone)]
enum Callers {
    /// Always the same.
    One(Identity),
    /// The identity is with each request.
    Many,
}

impl Server {
    /// For the one program that has started us.
    pub fn for_one(home: Home, peers: Arc<Peers>, identity: Identity) -> Self {
        Self { home, peers, callers: Callers::One(identity) }
    }

    /// For whoever connects; an [`Identity`] is in the extensions of each request.
    pub fn for_many(home: Home, peers: Arc<Peers>) -> Self {
        Self { home, peers, callers: Callers::Many }
    }

    fn call(&self, context: &RequestContext<RoleServer>) -> Result<Call, ErrorData> {
        let identity = match &self.callers {
            Callers::One(identity) => Some(identity.clone()),
            Callers::Many => crate::transport::identity(&context.extensions),
        };
        let identity = identity.ok_or_else(|| ErrorData::invalid_request("nobody has said who calls", None))?;
        Ok(Call::new(self.home.clone(), Arc::clone(&self.peers), identity))
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().build())
            .with_server_info(Implementation::new("cccc-mcp", version::PRODUCT))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let call = self.call(&context)?;
        let speaker = tokio::time::timeout(ROLE_PATIENCE, speaker(&call)).await.ok().flatten();
        let shown = TABLE.iter().filter(|row| is_for(row.audience, speaker.as_ref()));
        Ok(ListToolsResult::with_all_items(shown.map(described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let call = self.call(&context)?;
        let work = async {
            let answer = tool::call(&request.name, request.arguments.unwrap_or_default(), &call).await;
            (answer, reminder::line(&call).await)
        };
        tokio::select! {
            // Whoever has taken its call back does not wait for an answer; what it asked for may have happened.
            () = context.ct.cancelled() => Err(ErrorData::internal_error("the call was cancelled", None)),
            (answer, line) = work => {
                let has_structure = context.protocol_version().is_none_or(|version| version >= STRUCTURED_SINCE);
                Ok(result(answer, line, has_structure).into())
            }
        }
    }
}

/// What an agent is shown of an answer.
fn result(answer: Result<Value, OpError>, line: Option<String>, has_structure: bool) -> CallToolResult {
    let (value, is_error) = match answer {
        Ok(value) => (value, false),
        Err(refusal) => (json!({"error": refusal}), true),
    };
    let text = serde_json::to_string_pretty(&value).expect("a value is plain data");
    let content = [Some(text), line].into_iter().flatten().map(ContentBlock::text).collect();
    let mut result = if is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    result.structured_content = Some(value).filter(|_| has_structure);
    result
}

/// What is known of the caller.
async fn speaker(call: &Call) -> Option<Speaker> {
    let group_id = call.identity().group_id()?.to_owned();
    call.as_caller("").ok()?.ask_for(Whoami { group_id }).await.ok()
}

/// Whether a tool is shown. Of whom nothing is known, everything is.
fn is_for(audience: Audience, speaker: Option<&Speaker>) -> bool {
    let Some(Speaker { role: Some(role), runner, developer_mode, .. }) = speaker else { return true };
    match audience {
        Audience::All => true,
        Audience::Foreman => *role == Role::Foreman,
        Audience::Headless => *runner == Some(Runner::Headless),
        Audience::Developer => *developer_mode && *role == Role::Foreman,
    }
}

/// A tool as clients are told of it.
fn described(row: &Row) -> Tool {
    let hints = ToolAnnotations::new().open_world(false);
    let hints = match row.effect {
        Effect::Reads => hints.read_only(true),
        Effect::Adds => hints.read_only(false).destructive(false).idempotent(false),
        Effect::Sets => hints.read_only(false).destructive(false).idempotent(true),
        Effect::Ends => hints.read_only(false).destructive(true).idempotent(true),
    };
    Tool::new(row.name, row.purpose, Arc::new(row.schema())).with_annotations(hints)
}
