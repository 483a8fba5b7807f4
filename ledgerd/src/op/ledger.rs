//! Ops that read ledgers, for followers and for people who look back.

use super::case::{Case, required};
use crate::decision::{Answer, HOME};
use bus::contract::op::ledger;
use bus::contract::{Code, Event, OpError, Reply, limit};

/// Events on either side of a window's centre, when a client does not say.
const SIDE_DEFAULT: i64 = 30;

/// Events on either side of a window's centre at most.
const SIDE_MAX: i64 = limit::RANGE_EVENTS_MAX as i64 / 2;

/// `ledger_heads`
pub fn heads(case: &Case<'_>) -> Reply {
    let ledgers = std::iter::once(HOME).chain(case.state.groups());
    let heads = ledgers.filter_map(|ledger| Some((ledger.to_owned(), case.state.head(ledger)?.seq))).collect();
    Reply::LedgerHeads(ledger::HeadsAre { epoch: case.state.home.epoch, heads })
}

/// `ledger_range`: also of the home's own ledger, under the name `home`.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`.
pub fn range(case: &Case<'_>, args: &ledger::Range) -> Result<Answer, OpError> {
    if args.group_id != HOME {
        case.group(&args.group_id)?;
    }
    let head_seq = case.state.head(&args.group_id).map_or(0, |head| head.seq);
    let after_seq = u64::try_from(args.after_seq.unwrap_or(0)).unwrap_or(0).min(head_seq);
    let wanted = args.limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let events_max = wanted.unwrap_or(limit::RANGE_EVENTS_MAX).min(limit::RANGE_EVENTS_MAX);
    let finish = move |events| Reply::LedgerRange(ledger::Ranged { events, head_seq });
    Ok(Answer::Range { ledger: args.group_id.clone(), after_seq, events_max, finish: Box::new(finish) })
}

/// `ledger_window`: read from the centre outwards, so that a window of large events loses its edges only.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `event_not_found`.
pub fn window(case: &Case<'_>, args: &ledger::Window) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = case.group(&args.group_id)?;
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
    Ok(Answer::Fetch { ledger: group.id.clone(), seqs, bytes_max: limit::RANGE_BYTES_MAX, finish: Box::new(finish) })
}
