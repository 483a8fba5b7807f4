//! Looking back at what somebody has said and was told.

use super::request::{RequestContext, required, within};
use crate::decision::{Answer, Found, Search, SlowRead};
use crate::query::Query;
use bus::contract::document::{KindFilter, MessageMode};
use bus::contract::op::history::{History, Looked};
use bus::contract::{Code, OpError, Reply, limit};

/// Messages that are returned when a client does not say how many.
const LIMIT_DEFAULT: i64 = 50;

/// The word for every mode.
const ALL: &str = "all";

/// `message_history`: what was said before an actor joined was not said to it.
///
/// # Errors
///
/// Missing ids, `group_not_found`, `permission_denied`, `invalid_request`, `event_not_found`, a limit.
pub fn history(cx: &RequestContext<'_>, args: &History) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    let group = cx.group(&args.group_id)?;
    let name = args.actor_id.as_str();
    within("the query", &args.query, limit::SEARCH_TEXT_BYTES_MAX, "SEARCH_TEXT_BYTES_MAX")?;
    let mode = mode(&args.mode)?;
    let first = group.actor_state(name).map_or(1, |actor_state| actor_state.added_seq);
    let last = match args.before_event_id.as_str() {
        "" => group.head.map_or(0, |head| head.seq),
        before => group.index.find(before).ok_or_else(|| OpError::event_not_found(before))? - 1,
    };
    if first > last {
        return Ok(Answer::Now(looked(Found::default())));
    }
    let search = Search {
        ledger: group.id.clone(),
        seqs: first..=last,
        query: Query::new(&args.query, "", "", KindFilter::Chat).seen_by(name, group.role(name)).in_mode(mode),
        newest_first: true,
        events_max: args.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, limit::SEARCH_EVENTS_MAX as i64) as usize,
        bytes_max: limit::SEARCH_BYTES_MAX,
    };
    Ok(Answer::SlowRead(SlowRead::Search { search, finish: Box::new(looked) }))
}

fn mode(word: &str) -> Result<Option<MessageMode>, OpError> {
    if word.is_empty() || word.eq_ignore_ascii_case(ALL) {
        return Ok(None);
    }
    MessageMode::parse(word).map(Some).ok_or_else(|| {
        let sentence = format!("invalid mode: {word}; use one of: {ALL}, {}", MessageMode::WORDS.join(", "));
        OpError::new(Code::InvalidRequest, sentence)
    })
}

fn looked(found: Found) -> Reply {
    let messages = found.events.into_iter().rev().collect();
    Reply::MessageHistory(Looked { messages, has_more: found.has_more, cursor: found.looked_to })
}
