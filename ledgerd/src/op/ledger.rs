//! Ops that read ledgers, for followers and for people who look back.

use super::request::{RequestContext, required, within};
use crate::decision::{Answer, Found, HOME, Reading, Saved, Search, SlowRead};
use crate::query::Query;
use crate::visible::Visible;
use bus::contract::document::KindFilter;
use bus::contract::op::ledger;
use bus::contract::time::{self, Micros};
use bus::contract::{Code, Event, OpError, Reply, limit};

/// Events on either side of a window's centre, when a client does not say.
const SIDE_DEFAULT: i64 = 30;

/// Events on either side of a window's centre at most.
const SIDE_MAX: i64 = limit::RANGE_EVENTS_MAX as i64 / 2;

/// Events a search returns, when a client does not say.
const SEARCH_DEFAULT: i64 = 50;

/// `ledger_heads`
pub fn heads(cx: &RequestContext<'_>) -> Reply {
    let ledgers = std::iter::once(HOME).chain(cx.state.groups());
    let heads = ledgers.filter_map(|ledger| Some((ledger.to_owned(), cx.state.head(ledger)?.seq))).collect();
    Reply::LedgerHeads(ledger::HeadsAre { epoch: cx.state.home.epoch, heads })
}

/// `ledger_range`: also of the home's own ledger, under the name `home`.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`; `unknown_actor`: nothing of it is for whoever asks.
pub fn range(cx: &RequestContext<'_>, args: &ledger::Range) -> Result<Answer, OpError> {
    let group = if args.group_id == HOME { None } else { Some(cx.group(&args.group_id)?) };
    let visible = if args.for_speaker { Visible::to(group, &cx.by)? } else { Visible::All };
    let head_seq = cx.state.head(&args.group_id).map_or(0, |head| head.seq);
    let after_seq = u64::try_from(args.after_seq.unwrap_or(0)).unwrap_or(0).min(head_seq);
    let wanted = args.limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let events_max = wanted.unwrap_or(limit::RANGE_EVENTS_MAX).min(limit::RANGE_EVENTS_MAX);
    let reading = if visible == Visible::All { Reading::SeqOnly } else { Reading::Whole };
    let finish = move |mut events: Vec<Event>| {
        let through_seq = events.last().map_or(after_seq, |event| event.seq);
        events.retain(|event| visible.has(event));
        Reply::LedgerRange(ledger::Ranged { events, through_seq, head_seq })
    };
    Ok(Answer::Range { ledger: args.group_id.clone(), after_seq, events_max, reading, finish: Box::new(finish) })
}

/// `ledger_window`: read from the centre outwards, so that a window of large events loses its edges only.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `event_not_found`.
pub fn window(cx: &RequestContext<'_>, args: &ledger::Window) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    let center = match args.event_id.as_str() {
        "" => None,
        event_id => Some(group.index.find(event_id).ok_or_else(|| OpError::event_not_found(event_id))?),
    };
    let side = |asked: Option<i64>| asked.unwrap_or(SIDE_DEFAULT).clamp(0, SIDE_MAX) as usize;
    let around = group.index.around(center, side(args.before), side(args.after), &args.kinds);
    let middle = center.unwrap_or(u64::MAX);
    let mut seqs = around.seqs.clone();
    seqs.sort_by_key(|seq| (seq.abs_diff(middle), *seq));
    let head_seq = group.head.map_or(0, |head| head.seq);
    let finish = move |mut events: Vec<Event>| {
        events.sort_by_key(|event| event.seq);
        let (first, last) = (events.first().map(|event| event.seq), events.last().map(|event| event.seq));
        let center_index = center.and_then(|seq| events.iter().position(|event| event.seq == seq));
        Reply::LedgerWindow(ledger::Windowed {
            center_index: center_index.map(|place| place as u64),
            has_more_before: around.more_before || first > around.seqs.first().copied(),
            has_more_after: around.more_after || last < around.seqs.last().copied(),
            events,
            head_seq,
        })
    };
    Ok(Answer::from_events(&group.id, seqs, finish))
}

/// `ledger_search`: times and cursors become a stretch of the ledger here; what lies in it is looked through elsewhere.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `invalid_request`, a limit.
pub fn search(cx: &RequestContext<'_>, args: &ledger::Search) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    within("the text", &args.text, limit::SEARCH_TEXT_BYTES_MAX, "SEARCH_TEXT_BYTES_MAX")?;
    let kinds = match args.kind.as_str() {
        "" => KindFilter::All,
        word => KindFilter::parse(word).ok_or_else(|| {
            let sentence = format!("invalid kind: {word}; use one of: {}", KindFilter::WORDS.join(", "));
            OpError::new(Code::InvalidRequest, sentence)
        })?,
    };
    let (since, until) = (moment("since", &args.since)?, moment("until", &args.until)?);
    let mut first = since.map_or(1, |since| group.index.not_before(since));
    let mut last = group.head.map_or(0, |head| head.seq);
    if let Some(until) = until {
        last = last.min(group.index.not_before(until.saturating_add(1)) - 1);
    }
    // As the standard has it, nothing lies beside an event that is not there.
    let nothing = || Answer::Now(searched(Found::default()));
    if !args.after.is_empty() {
        let Some(after) = group.index.find(&args.after) else { return Ok(nothing()) };
        first = first.max(after + 1);
    }
    if !args.before.is_empty() {
        let Some(before) = group.index.find(&args.before) else { return Ok(nothing()) };
        last = last.min(before - 1);
    }
    if first > last {
        return Ok(nothing());
    }
    let search = Search {
        ledger: group.id.clone(),
        seqs: first..=last,
        query: Query::new(&args.text, &args.sender, &args.recipient, kinds),
        newest_first: args.after.is_empty() || !args.before.is_empty(),
        events_max: args.limit.unwrap_or(SEARCH_DEFAULT).clamp(1, limit::SEARCH_EVENTS_MAX as i64) as usize,
        bytes_max: limit::SEARCH_BYTES_MAX,
    };
    Ok(Answer::SlowRead(SlowRead::Search { search, finish: Box::new(searched) }))
}

fn searched(found: Found) -> Reply {
    Reply::LedgerSearch(ledger::Searched { events: found.events, has_more: found.has_more, cursor: found.looked_to })
}

fn moment(what: &str, text: &str) -> Result<Option<Micros>, OpError> {
    if text.is_empty() {
        return Ok(None);
    }
    let sentence = || format!("{what} is no time: {text:?}; write it like 2026-01-13T12:00:00Z");
    time::parse(text).map(Some).ok_or_else(|| OpError::new(Code::InvalidRequest, sentence()))
}

/// `ledger_snapshot`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `ledger_snapshot_failed`.
pub fn snapshot(cx: &RequestContext<'_>, args: &ledger::Snapshot) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    let finish = |saved: Saved| {
        let Event { id, ts, by, body, .. } = saved.last;
        let last_event = ledger::LastEvent { id, ts, kind: body.kind().to_owned(), by };
        let snapshot = ledger::SnapshotMade { snapshot_path: saved.path, size_bytes: saved.bytes, last_event };
        Reply::LedgerSnapshot(ledger::Snapshotted { snapshot })
    };
    Ok(Answer::SlowRead(SlowRead::Save { ledger: group.id.clone(), finish: Box::new(finish) }))
}

/// `ledger_compact`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `ledger_compact_failed`.
pub fn compact(cx: &RequestContext<'_>, args: &ledger::Compact) -> Result<Reply, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    let total_lines = group.head.map_or(0, |head| head.seq);
    let reason = "nothing_to_archive".into();
    Ok(Reply::LedgerCompact(ledger::Compacted { ok: true, skipped: true, reason, total_lines }))
}
