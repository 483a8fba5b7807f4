//! The MCP server: which tools there are for whom, and how an answer travels.

use crate::bound::{self, ANSWER_BYTES_MAX};
use crate::call::Call;
use crate::identity::Session;
use crate::reminder;
use crate::tool::{self, Audience, Effect, Row, TABLE};
use bus::contract::document::{Role, Runner};
use bus::contract::op::principal::{Speaker, Whoami};
use bus::contract::{OpError, version};
use bus::home::Home;
use bus::peer::Peers;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, GetPromptRequestParams, GetPromptResponse,
    Implementation, ListToolsResult, PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams,
    ReadResourceResponse, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long the list of tools, and an answer, wait to learn what the caller is and what waits for it.
const SPEAKER_PATIENCE: Duration = Duration::from_secs(1);

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
    /// Always the same; and what it was shown the tools as.
    One(Arc<Session>, Arc<Mutex<Option<Standing>>>),
    /// The identity is with each request.
    Many,
}

/// What decides which tools somebody is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    role: Option<Role>,
    runner: Option<Runner>,
    developer_mode: bool,
}

impl Server {
    /// For the one program that has started us.
    pub fn for_one(home: Home, peers: Arc<Peers>, session: Session) -> Self {
        Self { home, peers, callers: Callers::One(Arc::new(session), Arc::default()) }
    }

    /// For whoever connects; an [`Identity`](crate::identity::Identity) is in the extensions of each request.
    pub fn for_many(home: Home, peers: Arc<Peers>) -> Self {
        Self { home, peers, callers: Callers::Many }
    }

    async fn call(&self, context: &RequestContext<RoleServer>) -> Result<Call, OpError> {
        let identity = match &self.callers {
            Callers::One(session, _) => session.identity(&self.peers).await?,
            Callers::Many => crate::transport::identity(&context.extensions).expect("whoever connects is asked first"),
        };
        Ok(Call::new(self.home.clone(), Arc::clone(&self.peers), identity))
    }

    /// Remembers as what the caller was shown the tools; true when it was shown them as something else before.
    fn is_another(&self, standing: Standing) -> bool {
        let Callers::One(_, shown) = &self.callers else { return false };
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.is_some_and(|last| last != standing) && shown.replace(standing).is_some()
    }

    fn remember(&self, standing: Option<Standing>) {
        if let Callers::One(_, shown) = &self.callers {
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = standing;
        }
    }
}

impl ServerHandler for Server {
    #[expect(deprecated, reason = "older clients ask for it, and for as long as they do it is theirs")]
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_logging().enable_tools();
        let capabilities = capabilities.enable_resources().enable_prompts();
        let capabilities = match self.callers {
            Callers::One(..) => capabilities.enable_tool_list_changed().build(),
            Callers::Many => capabilities.build(),
        };
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("cccc-mcp", version::PRODUCT))
            .with_instructions(INSTRUCTIONS)
    }

    /// Older clients say how much they want to be told; there is nothing but answers.
    #[expect(deprecated, reason = "as above")]
    async fn set_level(
        &self,
        _request: rmcp::model::SetLevelRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = json!({"uri": request.uri});
        Err(ErrorData::invalid_params("there are no resources here; everything has a tool", Some(uri)))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let name = json!({"name": request.name});
        Err(ErrorData::invalid_params("there are no prompts here; cccc_help has the playbook", Some(name)))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let look = async { speaker(&self.call(&context).await.ok()?).await };
        // Without an answer everything is shown.
        let speaker = tokio::time::timeout(SPEAKER_PATIENCE, look).await.ok().flatten();
        self.remember(speaker.as_ref().map(Standing::of));
        let shown = TABLE.iter().filter(|row| is_for(row.audience, speaker.as_ref()));
        Ok(ListToolsResult::with_all_items(shown.map(described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let work = async {
            let call = match self.call(&context).await {
                Ok(call) => call,
                Err(refusal) => return (Err(refusal), None),
            };
            let (row, args) = match tool::named(&request.name, request.arguments.unwrap_or_default(), &call) {
                Ok(named) => named,
                Err(refusal) => return (Err(refusal), speaker(&call).await),
            };
            let before = crate::transport::speaker(&context.extensions).filter(|_| row.effect == Effect::Reads);
            let answer = row.call(args, &call).await;
            // What was known when the call came is still so when nothing was changed.
            (answer, if before.is_some() { before } else { speaker(&call).await })
        };
        tokio::select! {
            // Whoever has taken its call back does not wait for an answer; what it asked for may have happened.
            () = context.ct.cancelled() => Err(ErrorData::internal_error("the call was cancelled", None)),
            (answer, speaker) = work => {
                if speaker.as_ref().is_some_and(|speaker| self.is_another(Standing::of(speaker))) {
                    // A client that is gone needs no other tools.
                    let _ = context.peer.notify_tool_list_changed().await;
                }
                let has_structure = context.protocol_version().is_none_or(|version| version >= STRUCTURED_SINCE);
                Ok(result(answer, speaker.as_ref().and_then(reminder::line), has_structure).into())
            }
        }
    }
}

impl Standing {
    fn of(speaker: &Speaker) -> Self {
        let Speaker { role, runner, developer_mode, .. } = speaker;
        Self { role: *role, runner: *runner, developer_mode: *developer_mode }
    }
}

/// What an agent is shown of an answer. What waits for it is in the structure and in the text, because some programs show
/// their models the one and some the other.
fn result(answer: Result<Value, OpError>, waits: Option<String>, has_structure: bool) -> CallToolResult {
    let (mut value, is_error) = shown(answer);
    if let (Some(waits), Some(fields)) = (waits, value.as_object_mut()) {
        fields.insert(reminder::FIELD.into(), waits.into());
    }
    let content = vec![ContentBlock::text(value.to_string())];
    let mut result = if is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    result.structured_content = Some(value).filter(|_| has_structure);
    result
}

fn shown(answer: Result<Value, OpError>) -> (Value, bool) {
    let answer = answer.and_then(|value| match bound::bytes(&value) {
        has if has > ANSWER_BYTES_MAX => Err(too_long(has)),
        _ => Ok(value),
    });
    match answer {
        Ok(value) => (value, false),
        Err(refusal) => (json!({"error": refusal}), true),
    }
}

fn too_long(has: usize) -> OpError {
    let mut refusal = OpError::too_large("the answer", has, ANSWER_BYTES_MAX, "ANSWER_BYTES_MAX");
    refusal.message += ". What you asked for is done; ask for less of it: a smaller limit, or one thing by its id";
    refusal
}

/// What is known of the caller. What cannot be found out soon holds nothing up.
async fn speaker(call: &Call) -> Option<Speaker> {
    let group_id = call.identity().group_id()?.to_owned();
    let asked = call.as_caller("").ok()?;
    tokio::time::timeout(SPEAKER_PATIENCE, asked.ask_for(Whoami { group_id })).await.ok()?.ok()
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
