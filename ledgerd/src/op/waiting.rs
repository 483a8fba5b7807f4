//! What waits for whom, over all groups: unread messages, answers and acknowledgements that are owed, and messages that could
//! not be handed over. State alone says it; no ledger is read.

use super::page;
use super::request::RequestContext;
use crate::state::asked::{Asked, Request};
use crate::state::group::Group;
use bus::contract::document::{KindFilter, Role};
use bus::contract::op::waiting::{self, HeldFor, Owed, WaitingGroup, Wants};
use bus::contract::{OpError, Reply, limit, time};

/// The person.
const USER: &str = "user";

/// `waiting_list`
///
/// # Errors
///
/// A damaged home.
pub fn list(cx: &RequestContext<'_>, args: &waiting::List) -> Result<Reply, OpError> {
    let mut group_ids: Vec<&str> = cx.state.groups().filter(|group_id| *group_id > args.cursor.as_str()).collect();
    group_ids.sort_unstable();
    let groups = group_ids.into_iter().filter_map(|group_id| cx.state.group(group_id).ok());
    let (groups, has_more) = page::take(groups.map(waiting).filter(is_any));
    let next_cursor = groups.last().filter(|_| has_more).map(|group| group.group_id.clone());
    Ok(Reply::WaitingList(waiting::Listed { groups, has_more, next_cursor }))
}

fn is_any(group: &WaitingGroup) -> bool {
    group.unread > 0 || group.user_owes_total > 0 || group.actors_owe_total > 0 || !group.held.is_empty()
}

fn waiting(group: &Group) -> WaitingGroup {
    let mut owed: Vec<Owed> = [(Wants::Reply, &group.replies.asked), (Wants::Ack, &group.acks.asked)]
        .into_iter()
        .flat_map(|(wants, asked): (Wants, &Asked)| {
            asked.iter().map(move |(seq, request)| owed(group, wants, seq, request)).collect::<Vec<_>>()
        })
        .filter(|owed| !owed.owed_by.is_empty())
        .collect();
    owed.sort_unstable_by_key(|owed| std::cmp::Reverse(owed.seq));
    let (mut user_owes, mut actors_owe) = (Vec::new(), Vec::new());
    for mut owed in owed {
        if owed.owed_by.iter().any(|name| name == USER) {
            user_owes.push(Owed { owed_by: vec![USER.to_owned()], ..owed.clone() });
            owed.owed_by.retain(|name| name != USER);
        }
        if !owed.owed_by.is_empty() {
            actors_owe.push(owed);
        }
    }
    let (user_owes_total, actors_owe_total) = (user_owes.len() as u64, actors_owe.len() as u64);
    user_owes.truncate(limit::WAITING_MAX);
    actors_owe.truncate(limit::WAITING_MAX);
    WaitingGroup {
        group_id: group.id.clone(),
        title: group.title.clone(),
        unread: group.unread.count(group.reader(USER), KindFilter::Chat),
        user_owes_total,
        user_owes,
        actors_owe_total,
        actors_owe,
        held: held(group),
    }
}

/// What a message asks for, and who has not given it.
fn owed(group: &Group, wants: Wants, seq: u64, request: &Request) -> Owed {
    let owes = |name: &str| {
        let has_replied = group.replies.of(seq).any(|answered| answered == name);
        // An agent that has read what wants attention has given it. What a person has read was on a screen.
        let has_read = || name != USER && group.unread.read_of(group.reader(name), &[seq]).next().is_some();
        let has_acked = || group.acks.has(seq, name) || has_read();
        !(has_replied || wants == Wants::Ack && has_acked())
    };
    // The user is asked only by name.
    let user = request.to.iter().any(|to| to == USER || to == "@user") && request.asks(USER, Role::Peer);
    let actors = group.actor_states.iter().filter(|actor_state| {
        let id = &actor_state.actor.id;
        actor_state.added_seq <= seq && request.asks(id, group.role(id))
    });
    let asked = actors.map(|actor_state| actor_state.actor.id.as_str()).chain(user.then_some(USER));
    let owed_by = asked.filter(|name| owes(name)).map(str::to_owned).collect();
    let by = if request.by.is_empty() { USER.to_owned() } else { request.by.clone() };
    Owed { event_id: group.index.id(seq), seq, ts: time::format(group.index.time(seq)), by, wants, owed_by }
}

fn held(group: &Group) -> Vec<HeldFor> {
    let of = |actor_state: &crate::state::actor::ActorState| {
        let (seq, reason) = actor_state.queue.iter().next()?;
        Some(HeldFor {
            actor_id: actor_state.actor.id.clone(),
            count: actor_state.queue.len() as u64,
            event_id: group.index.id(seq),
            ts: time::format(group.index.time(seq)),
            reason: reason.to_owned(),
        })
    };
    group.actor_states.iter().filter_map(of).collect()
}
