//! How far messages have come with each of their recipients.

use super::page;
use super::request::{RequestContext, required};
use crate::decision::{Answer, Reading};
use crate::permission;
use crate::recipient::is_addressed;
use crate::state::group::Group;
use bus::contract::document::{Priority, Role};
use bus::contract::event::ChatMessage;
use bus::contract::op::status::{self, Delivered, Obligation, Status};
use bus::contract::{Body, Code, Event, OpError, Reply, limit};
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

/// Bytes of lines that are read for one answer at most: more than so many messages of usual size take.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// `message_statuses`: what was said is read from the ledger, everything else is state.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, a limit; `invalid_request` for what is no cursor.
pub fn statuses(cx: &RequestContext<'_>, args: &status::Statuses) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    let group = cx.group(&args.group_id)?;
    if args.event_ids.len() > limit::EVENT_IDS_MAX {
        return Err(OpError::too_large("event_ids", args.event_ids.len(), limit::EVENT_IDS_MAX, "EVENT_IDS_MAX"));
    }
    let start = asked_up_to(&args.cursor)?;
    // Each message once, however its id is spelled.
    let mut numbers: BTreeMap<u64, usize> = BTreeMap::new();
    let mut seqs = Vec::new();
    for (number, event_id) in args.event_ids.iter().enumerate() {
        let Some(seq) = group.index.find(event_id) else { continue };
        if let Entry::Vacant(place) = numbers.entry(seq) {
            place.insert(number);
            seqs.extend((number >= start).then_some(seq));
        }
    }
    let seqs_len = seqs.len();
    let roster: Vec<Member> = Member::all(group);
    let facts = Facts::of_all(group, &seqs);
    let finish = move |events: Vec<Event>| {
        let mut facts = facts;
        let mut of = |event: &Event| match &event.body {
            Body::ChatMessage(message) => Some(status(event, message, &roster, facts.get_mut(&event.seq)?)),
            _ => None,
        };
        let rows = events.iter().filter_map(|event| Some((event.seq, of(event)?)));
        let after = |seq: u64| numbers.get(&seq).map_or(0, |number| number + 1).to_string();
        let (rows, has_more) = page::take(rows);
        let cursor = rows.last().filter(|_| has_more).map(|(seq, _)| after(*seq));
        // What was left unread for its size is asked for in the next page, too.
        let unread = events.last().filter(|_| events.len() < seqs_len).map(|last| after(last.seq));
        let next_cursor = cursor.or(unread);
        let statuses = rows.into_iter().map(|(_, status)| status).collect();
        Reply::MessageStatuses(status::StatusesAre { statuses, has_more: next_cursor.is_some(), next_cursor })
    };
    Ok(Answer::Fetch {
        ledger: group.id.clone(),
        seqs,
        bytes_max: BYTES_MAX,
        reading: Reading::Whole,
        finish: Box::new(finish),
    })
}

/// How many of the ids asked for have been answered, by a cursor. They are the client's own, so nothing else is in it.
fn asked_up_to(cursor: &str) -> Result<usize, OpError> {
    if cursor.is_empty() { Ok(0) } else { cursor.parse().map_err(|_| page::unreadable(cursor)) }
}

/// Somebody who may be a recipient, as it is now.
struct Member {
    name: String,
    role: Role,
    /// What came before this was not for it.
    since_seq: u64,
}

impl Member {
    /// The roster in order, and the user.
    fn all(group: &Group) -> Vec<Self> {
        let actors = group.actor_states.iter().map(|actor_state| Self {
            name: actor_state.actor.id.clone(),
            role: group.role(&actor_state.actor.id),
            since_seq: actor_state.added_seq,
        });
        let user = Self { name: "user".into(), role: Role::Peer, since_seq: 0 };
        actors.chain([user]).collect()
    }

    fn is_user(&self) -> bool {
        self.name == "user"
    }

    fn is_meant(&self, event: &Event, message: &ChatMessage) -> bool {
        if self.is_user() {
            return message.to.iter().any(|to| to == "user" || to == "@user") && !permission::is_user(&event.by);
        }
        self.since_seq <= event.seq && event.by != self.name && is_addressed(&message.to, &self.name, self.role)
    }
}

/// What state knows about one message.
#[derive(Default)]
struct Facts {
    /// Places in the roster.
    read: Vec<usize>,
    acked: BTreeSet<String>,
    replied: BTreeSet<String>,
    is_cancelled: bool,
    delivery: BTreeMap<String, Delivered>,
}

impl Facts {
    /// Of some messages. The owner of state waits for this: actor by actor, because there are many messages and few of them
    /// are any actor's.
    fn of_all(group: &Group, seqs: &[u64]) -> BTreeMap<u64, Self> {
        let mut rising = seqs.to_vec();
        rising.sort_unstable();
        let of = |seq: &u64| Self {
            acked: group.acks.of(*seq).map(str::to_owned).collect(),
            replied: group.replies.of(*seq).map(str::to_owned).collect(),
            is_cancelled: group.replies.cancelled_by(*seq).is_some(),
            ..Self::default()
        };
        let mut all: Vec<Self> = rising.iter().map(of).collect();
        let mut at = |seq: u64, note: &mut dyn FnMut(&mut Self)| {
            if let Ok(place) = rising.binary_search(&seq) {
                note(&mut all[place]);
            }
        };
        for actor_state in &group.actor_states {
            for (seq, stage, reason) in actor_state.queue.stages(&rising) {
                at(seq, &mut |facts| {
                    let delivered = Delivered { stage, reason: reason.to_owned() };
                    facts.delivery.insert(actor_state.actor.id.clone(), delivered);
                });
            }
        }
        let names = group.actors().map(|actor| actor.id.as_str()).chain(["user"]);
        for (place, name) in names.enumerate() {
            for seq in group.unread.read_of(group.reader(name), &rising) {
                at(seq, &mut |facts| facts.read.push(place));
            }
        }
        rising.iter().copied().zip(all).collect()
    }
}

fn status(event: &Event, message: &ChatMessage, roster: &[Member], facts: &mut Facts) -> Status {
    let delivery = std::mem::take(&mut facts.delivery);
    let facts = &*facts;
    let meant: Vec<(&Member, bool)> = roster
        .iter()
        .enumerate()
        .filter(|(_, member)| member.is_meant(event, message))
        .map(|(place, member)| (member, facts.read.contains(&place)))
        .collect();
    let recipients = || meant.iter().copied();
    let is_attention = message.priority == Priority::Attention;
    let is_record = message.dst_group_id.is_some();
    let has_acked = |member: &Member| facts.acked.contains(&member.name);
    let obligation = |(member, read): (&Member, bool)| {
        let replied = facts.replied.contains(&member.name);
        let acked = replied || has_acked(member) || is_attention && read;
        let cancelled = facts.is_cancelled && !replied;
        let reply_required = message.reply_required && !cancelled;
        (member.name.clone(), Obligation { read, acked, replied, reply_required, cancelled })
    };
    let read = recipients().filter(|(member, _)| !member.is_user()).map(|(member, read)| (member.name.clone(), read));
    Status {
        event_id: event.id.clone(),
        read_status: read.collect(),
        ack_status: (is_attention && !is_record)
            .then(|| recipients().map(|(member, _)| (member.name.clone(), has_acked(member))).collect()),
        obligation_status: (!is_record).then(|| recipients().map(obligation).collect()),
        delivery,
    }
}
