//! Where am I, what is this about, how do we work here.

use super::Tool;
use super::actor::view;
use super::caller::{Itself, bounded};
use super::inbox::unread;
use super::{context, group};
use crate::argument::integer;
use crate::bound::shorten;
use crate::call::{Asker, Call};
use crate::playbook;
use bus::contract::document::{KindFilter, Role};
use bus::contract::op::{actor, group as group_op, history, prompt};
use bus::contract::prompt::PromptKind;
use bus::contract::{Body, Event, OpError};
use bus::front::project;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Messages of the recent conversation where the caller does not say.
const TAIL_USUAL: i64 = 10;

/// Characters of them.
const TAIL_CHARS_USUAL: i64 = 8_000;

/// Most messages of the recent conversation.
const TAIL_MAX: usize = 200;

/// Most characters of them.
const TAIL_CHARS_MAX: usize = 100_000;

/// Most bytes of each part of what an agent is told at its start: the playbook, the charter, the context, the inbox. All
/// of one of them has a tool of its own.
const PART_BYTES_MAX: usize = 24 * 1024;

/// `cccc_help`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Help {
    /// words of a heading: only the parts under such headings
    #[serde(default)]
    topic: String,
}

impl Tool for Help {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let me = call.as_anybody();
        let Some(group_id) = call.identity().group_id() else {
            return Ok(shown(PromptKind::Help.builtin(), "builtin", &playbook::Reader::default(), &self.topic));
        };
        let shown = me.ask_for_all(group_op::Show { group_id: group_id.to_owned(), ..Default::default() }).await?;
        help(&me, group_id.to_owned(), &reader(&me, &shown.group), &self.topic).await
    }
}

/// Who reads the playbook.
fn reader<'a>(me: &'a Asker<'_>, group: &bus::contract::Group) -> playbook::Reader<'a> {
    let leads = group.actors.iter().find(|actor| actor.enabled).is_some_and(|actor| actor.id == me.id());
    let is_there = group.actors.iter().any(|actor| actor.id == me.id());
    let role = if leads { Role::Foreman } else { Role::Peer };
    playbook::Reader { actor_id: Some(me.id()).filter(|_| is_there), role: Some(role).filter(|_| is_there) }
}

async fn help(me: &Asker<'_>, group_id: String, reader: &playbook::Reader<'_>, topic: &str) -> Result<Value, OpError> {
    let got = me.ask_for(prompt::Get { group_id, kind: PromptKind::Help.word().into() }).await?;
    Ok(shown(&got.prompt.content, got.prompt.source.word(), reader, topic))
}

fn shown(markdown: &str, source: &str, reader: &playbook::Reader<'_>, topic: &str) -> Value {
    json!({"markdown": playbook::part(&playbook::of(markdown, reader), topic), "source": source})
}

/// So much of a charter is shown; of a longer one, the beginning.
const CHARTER_BYTES_MAX: usize = 64 * 1024;

/// `cccc_project_info`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct ProjectInfo {
    #[serde(flatten)]
    caller: super::caller::InGroup,
}

impl Tool for ProjectInfo {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.look(call)?;
        let shown = me.ask_for_all(group_op::Show { group_id, ..Default::default() }).await?;
        Ok(project::info(&shown.group, CHARTER_BYTES_MAX).await)
    }
}

/// `cccc_bootstrap`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Bootstrap {
    #[serde(flatten)]
    caller: Itself,
    /// 1 to 1000; usually 50
    #[serde(default, deserialize_with = "integer")]
    inbox_limit: Option<i64>,
    #[serde(default)]
    inbox_kind_filter: Option<KindFilter>,
    /// recent messages; usually 10, 0: none
    #[serde(default, deserialize_with = "integer")]
    ledger_tail_limit: Option<i64>,
    /// usually 8000
    #[serde(default, deserialize_with = "integer")]
    ledger_tail_max_chars: Option<i64>,
}

impl Tool for Bootstrap {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let list = actor::List { group_id: group_id.clone(), include_unread: true, ..Default::default() };
        let show = group_op::Show { group_id: group_id.clone(), ..Default::default() };
        let (shown, actors, mut context, inbox) = tokio::try_join!(
            me.ask_for_all(show),
            me.ask_for_all(list),
            context::shown(&me, group_id.clone(), false),
            unread(&me, group_id.clone(), self.inbox_limit, self.inbox_kind_filter, PART_BYTES_MAX),
        )?;
        let mut help = help(&me, group_id.clone(), &reader(&me, &shown.group), "").await?;
        let mut project = project::info(&shown.group, CHARTER_BYTES_MAX).await;
        for part in [&mut context, &mut help, &mut project] {
            shorten(part, PART_BYTES_MAX);
        }
        let tail_limit = bounded(self.ledger_tail_limit, TAIL_USUAL, TAIL_MAX);
        let chars = usize::try_from(bounded(self.ledger_tail_max_chars, TAIL_CHARS_USUAL, TAIL_CHARS_MAX));
        let (tail, is_cut) = tail(&me, group_id, tail_limit, chars.unwrap_or_default()).await?;
        Ok(json!({
            "group": group::info(&shown.group),
            "actors": actors.actors.iter().map(view).collect::<Vec<_>>(),
            "help": help,
            "project": project,
            "context": context,
            "suggested_mark_read_event_id": last_shown(&inbox),
            "inbox": inbox,
            "ledger_tail": tail,
            "ledger_tail_truncated": is_cut,
        }))
    }
}

/// Up to where the caller has read once it has read what it is shown.
fn last_shown(inbox: &Value) -> Value {
    let last = inbox["messages"].as_array().and_then(|messages| messages.last());
    last.map_or_else(|| json!(""), |last| last["id"].clone())
}

/// The recent conversation of the caller, oldest first, and whether some of it was left out for its length. What is newest
/// is kept.
async fn tail(me: &Asker<'_>, group_id: String, limit: i64, chars_max: usize) -> Result<(Vec<Value>, bool), OpError> {
    if limit == 0 || chars_max == 0 {
        return Ok((Vec::new(), false));
    }
    let look = history::History { group_id, actor_id: me.id().to_owned(), limit: Some(limit), ..Default::default() };
    let looked = me.ask_for(look).await?;
    Ok(within(&looked.messages, chars_max))
}

/// As many of the newest messages as fit, oldest first; the one that does not fit whole is cut.
fn within(newest_first: &[Event], chars_max: usize) -> (Vec<Value>, bool) {
    let (mut left, mut is_cut, mut kept) = (chars_max, false, Vec::new());
    for event in newest_first {
        let Body::ChatMessage(message) = &event.body else { continue };
        let text = message.text.trim();
        if text.is_empty() {
            continue;
        }
        if left == 0 {
            is_cut = true;
            break;
        }
        let chars = text.chars().count();
        is_cut |= chars > left;
        let shown: String = text.chars().take(left).collect();
        left = left.saturating_sub(chars);
        kept.push(json!({"id": event.id, "ts": event.ts, "by": event.by, "to": message.to, "text": shown}));
    }
    kept.reverse();
    (kept, is_cut)
}
