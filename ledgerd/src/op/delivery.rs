//! Ops between ptyd and ledgerd: what should run, what waits, and what became of it.
//!
//! What waits for an actor is what was addressed to it when it was said and has not been handed over, is not known to be
//! uncertain or undeliverable, and was not read in another way in the meantime (see `state::queue`).

use super::page::room;
use super::reading;
use super::request::RequestContext;
use crate::decision::{Answer, Decision, HOME, Needs};
use crate::state::State;
use crate::state::actor::ActorState;
use crate::state::group::Group;
use crate::state::session::Session;
use bus::contract::document::{KindFilter, NotifyKind, NotifyPriority, Phase, Stage};
use bus::contract::event::{self, SystemNotify};
use bus::contract::held::Reason;
use bus::contract::id::short;
use bus::contract::op::delivery::{self, Desk, Member, Place, Queued};
use bus::contract::{Body, Code, Event, OpError, limit};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Messages that are shown per actor.
const QUEUE_MAX: usize = 32;

/// Messages that a notice names.
const NAMED_MAX: usize = 8;

/// Lines of a terminal that an event holds.
const LAST_LINES_MAX: usize = 8;

/// Characters of such a line.
const LAST_LINE_CHARS_MAX: usize = 200;

/// Bytes of the places of one page, as JSON. With the texts they fit into one message, also when a place is larger
/// than this alone.
const PLACES_BYTES_MAX: usize = 1_000_000;

/// Bytes of a session's id.
const SESSION_ID_BYTES_MAX: usize = 128;

/// Characters that say why a session ended, or a message is held.
const DETAIL_CHARS_MAX: usize = 4_000;

/// A place, and what waits for it: sequence numbers, and why each is held.
type Waiting = (Place, Vec<Queued>);

fn place(group: &Group, actor_state: &ActorState) -> Waiting {
    let queue =
        actor_state.queue.iter().take(QUEUE_MAX).map(|(seq, held)| Queued { seq, held: held.to_owned() }).collect();
    let place = Place {
        actor: actor_state.actor.clone(),
        role: group.role(&actor_state.actor.id),
        directory: group.directory(actor_state).map(str::to_owned),
        wanted: group.running && actor_state.wants_session(),
        generation: actor_state.generation,
        session: actor_state.session.as_ref().map(Session::summary),
        handed_at: actor_state.handed_at.clone(),
        queue: Vec::new(),
        queue_len: actor_state.queue.len() as u64,
        unread: group.unread.count(group.reader(&actor_state.actor.id), KindFilter::All),
    };
    (place, queue)
}

/// As many of the places asked for as fit, at least one.
fn page(group: &Group, actor_ids: &[String]) -> Vec<Waiting> {
    let asked: Vec<&ActorState> = match actor_ids {
        [] => group.actor_states.iter().collect(),
        ids => ids.iter().filter_map(|id| group.actor_state(id)).collect(),
    };
    let mut places = Vec::new();
    let mut taken = 0;
    for waiting in asked.into_iter().map(|actor_state| place(group, actor_state)) {
        taken += room(&waiting);
        if taken > PLACES_BYTES_MAX && !places.is_empty() {
            break;
        }
        places.push(waiting);
    }
    places
}

/// In which order the messages of a page are read: first what is next for each place, because a place is not shown
/// without it; then those that can go out first, and of each actor the oldest first.
fn reading_order(places: &[Waiting]) -> Vec<u64> {
    let is_down = |place: &Place| place.session.as_ref().is_none_or(|session| session.phase != Phase::Started);
    let mut ranked: Vec<_> = places
        .iter()
        .enumerate()
        .flat_map(|(number, (place, queue))| {
            let rank = move |(rank, queued): (usize, &Queued)| match rank {
                0 => (0, false, number, queued.seq),
                rank => (rank, is_down(place), 0, queued.seq),
            };
            queue.iter().enumerate().map(rank)
        })
        .collect();
    ranked.sort_unstable();
    let mut seen = BTreeSet::new();
    ranked.into_iter().map(|(.., seq)| seq).filter(|seq| seen.insert(*seq)).collect()
}

/// The places with what was read of their queues, up to the first place whose next message was not.
fn with_queues(places: Vec<Waiting>, messages: &[Event]) -> Vec<Place> {
    let read: BTreeSet<u64> = messages.iter().map(|event| event.seq).collect();
    let is_whole = |queue: &[Queued]| queue.first().is_none_or(|queued| read.contains(&queued.seq));
    let with_queue = |(number, (place, queue)): (usize, Waiting)| {
        // Whoever asks is always told of one, so that it gets on.
        let is_shown = number == 0 || is_whole(&queue);
        // Up to the first that was not read: order is kept.
        let queue = queue.into_iter().take_while(|queued| read.contains(&queued.seq)).collect();
        is_shown.then_some(Place { queue, ..place })
    };
    places.into_iter().enumerate().map_while(with_queue).collect()
}

/// `desk_get`
///
/// # Errors
///
/// `permission_denied`, `missing_group_id`, `group_not_found`; `group_damaged`, because nobody can tell what of a queue
/// was handed over in the part of the ledger that cannot be read, and nothing that is done could be recorded.
pub fn desk(cx: &RequestContext<'_>, args: &delivery::DeskGet) -> Result<Answer, OpError> {
    let group = cx.group(&args.group_id);
    // Of a group that a damaged home does not name, nobody knows whether it is gone; its agents are left alone.
    let damaged = if group.is_ok() { cx.state.damage(&args.group_id) } else { cx.state.damage(HOME) };
    if let Some(why) = damaged {
        let sentence = format!("{} can be read, not delivered from: {why}", args.group_id);
        return Err(OpError::new(Code::GroupDamaged, sentence));
    }
    let group = group?;
    let places = page(group, &args.actor_ids);
    let seqs = reading_order(&places);
    let member = |actor_state: &ActorState| Member {
        actor_id: actor_state.actor.id.clone(),
        role: group.role(&actor_state.actor.id),
        enabled: actor_state.actor.enabled,
    };
    let mut desk = Desk {
        group_id: group.id.clone(),
        title: group.title.clone(),
        topic: group.topic.clone(),
        head_seq: group.head.map_or(0, |head| head.seq),
        state: group.state,
        running: group.running,
        min_interval_seconds: group.settings().min_interval_seconds(),
        team: group.actor_states.iter().map(member).collect(),
        places: Vec::new(),
        messages: Vec::new(),
    };
    let finish = move |messages: Vec<Event>| {
        desk.places = with_queues(places, &messages);
        let named: BTreeSet<u64> =
            desk.places.iter().flat_map(|place| place.queue.iter().map(|queued| queued.seq)).collect();
        desk.messages = messages.into_iter().filter(|event| named.contains(&event.seq)).collect();
        bus::contract::Reply::DeskGet(desk)
    };
    Ok(Answer::from_events(&group.id, seqs, finish))
}

/// `session_record`: nothing is written when it says nothing new.
///
/// # Errors
///
/// `permission_denied`, missing ids, `group_not_found`, `actor_not_found`; `invalid_request` of what no session has, as
/// of a generation that was never given out: every later record would count as older.
pub fn session(cx: &RequestContext<'_>, args: &delivery::SessionRecord) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    check_session(actor_state, args)?;
    let record = event::Session {
        actor_id: args.actor_id.clone(),
        session_id: args.session_id.clone(),
        generation: args.generation,
        phase: args.phase,
        pid: args.pid,
        exit_code: args.exit_code,
        signal: args.signal,
        detail: args.detail.chars().take(DETAIL_CHARS_MAX).collect(),
        token_sha256: args.token_sha256.clone(),
        last_lines: last_lines(&args.last_lines),
    };
    let mut writer = cx.writer();
    let (ts, now) = (writer.time(&group.id), cx.stamp.after(group.head.map(|head| head.ts)));
    let Some(after) = Session::after(actor_state.session.as_ref(), &record, &ts, now) else { return Ok(writer.done()) };
    writer.write(&group.id, record);
    let is_missed = group.running && actor_state.actor.enabled && after.generation == actor_state.generation;
    if is_missed && after.has_ended_for_good(&actor_state.actor) {
        writer.as_system(&group.id, obituary(group, actor_state, &after));
    }
    Ok(writer.done())
}

/// Checks what a record says of a session. What only people read is cut to size instead.
fn check_session(actor_state: &ActorState, args: &delivery::SessionRecord) -> Result<(), OpError> {
    let refuse = |why: String| Err(OpError::new(Code::InvalidRequest, why));
    let id = &args.session_id;
    if id.is_empty() {
        return refuse("missing session_id".into());
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if id.len() > SESSION_ID_BYTES_MAX || !id.chars().all(is_plain) {
        return refuse(format!("session_id is at most {SESSION_ID_BYTES_MAX} letters, digits, '.', '_' and '-'"));
    }
    if args.generation > actor_state.generation {
        let (actor_id, given) = (&actor_state.actor.id, actor_state.generation);
        return refuse(format!(
            "generation {} of {actor_id} was never given out, the last is {given}",
            args.generation
        ));
    }
    let is_hash = |hash: &String| hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit());
    if !args.token_sha256.as_ref().is_none_or(is_hash) {
        return refuse("token_sha256 is no SHA-256 in hex".into());
    }
    Ok(())
}

/// The last of the lines, cut to what belongs into a ledger.
fn last_lines(lines: &[String]) -> Vec<String> {
    let last = &lines[lines.len().saturating_sub(LAST_LINES_MAX)..];
    last.iter().map(|line| line.chars().take(LAST_LINE_CHARS_MAX).collect()).collect()
}

/// Tells the foreman, or, when it is the foreman, the user.
fn obituary(group: &Group, actor_state: &ActorState, session: &Session) -> SystemNotify {
    let id = &actor_state.actor.id;
    let foreman = group.foreman().map(|foreman| &foreman.actor.id).filter(|foreman| *foreman != id);
    let ending = session.ending().unwrap_or_default();
    let last_words = match session.last_lines.join("\n") {
        lines if lines.is_empty() => String::new(),
        lines => format!(" It last showed (`cccc terminal tail {id}` shows more):\n{lines}"),
    };
    SystemNotify {
        kind: NotifyKind::Error,
        priority: NotifyPriority::High,
        title: format!("{id} is down"),
        message: format!(
            "The program of {id} {ending}. It stays down until somebody starts it again: `cccc actor start {id}`. \
             Messages to it are kept.{last_words}"
        ),
        target_actor_id: Some(foreman.map_or("user", String::as_str).to_owned()),
        context: Map::from_iter([
            ("actor_id".into(), Value::from(id.as_str())),
            ("session_id".into(), Value::from(session.session_id.as_str())),
        ]),
        requires_ack: false,
        related_event_id: None,
    }
}

/// `delivery_record`: names in the event only what is news; nothing is written when nothing is.
///
/// # Errors
///
/// `permission_denied`, missing ids, `group_not_found`, `actor_not_found`, `event_not_found`, a limit.
pub fn record(cx: &RequestContext<'_>, args: &delivery::DeliveryRecord) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    if args.event_ids.is_empty() {
        return Err(OpError::new(Code::MissingEventId, "missing event_ids"));
    }
    if args.event_ids.len() > limit::EVENT_IDS_MAX {
        return Err(OpError::too_large("event_ids", args.event_ids.len(), limit::EVENT_IDS_MAX, "EVENT_IDS_MAX"));
    }
    let reason: String = args.reason.chars().take(DETAIL_CHARS_MAX).collect();
    let args = &delivery::DeliveryRecord { reason, ..args.clone() };
    let mut event_ids = Vec::new();
    for event_id in &args.event_ids {
        let seq = group.index.find(event_id).ok_or_else(|| OpError::event_not_found(event_id))?;
        if actor_state.queue.is_news(seq, args.stage, &args.reason) && !event_ids.contains(event_id) {
            event_ids.push(event_id.clone());
        }
    }
    let mut writer = cx.writer();
    if !event_ids.is_empty() {
        let warnings = warnings(cx, group, actor_state, args, &event_ids);
        writer.write(
            &group.id,
            event::Delivery {
                actor_id: args.actor_id.clone(),
                event_ids,
                stage: args.stage,
                reason: args.reason.clone(),
                path: args.path.clone(),
                evidence: args.evidence.clone().unwrap_or_default(),
            },
        );
        warnings.into_iter().for_each(|warning| writer.as_system(&group.id, warning));
    }
    Ok(writer.done())
}

/// Of bad news, the messages that it is about, and those of which it was told before.
pub fn needs(state: &State, args: &delivery::DeliveryRecord) -> Needs {
    let Ok(group) = state.group(&args.group_id) else { return Needs::default() };
    if !is_bad_news(args) {
        return Needs::default();
    }
    let event_ids = args.event_ids.iter().take(limit::EVENT_IDS_MAX);
    let concerned = event_ids.filter_map(|event_id| group.index.find(event_id));
    reading::events(group, concerned.chain(reported(group, args)))
}

/// Whether whoever sent a message must hear of this: nobody will try again, or a person must do something first.
fn is_bad_news(args: &delivery::DeliveryRecord) -> bool {
    match args.stage {
        Stage::Uncertain | Stage::Failed => true,
        Stage::Held => Reason::parse(&args.reason).is_some_and(Reason::needs_a_person),
        Stage::Handed | Stage::Accepted => false,
    }
}

/// Messages that still wait for a person, and of which it was told before; the latest of them.
fn reported(group: &Group, args: &delivery::DeliveryRecord) -> Vec<u64> {
    let actor_state = group.actor_state(&args.actor_id).filter(|_| args.stage == Stage::Held);
    let mut seqs: Vec<u64> = actor_state.map(|actor_state| actor_state.queue.reported().collect()).unwrap_or_default();
    seqs.split_off(seqs.len().saturating_sub(QUEUE_MAX))
}

/// Tells each sender which of its messages have not, or not certainly, arrived. What waits for a person is told once to
/// each sender, and to the user, for as long as it lasts.
fn warnings(
    cx: &RequestContext<'_>,
    group: &Group,
    actor_state: &ActorState,
    args: &delivery::DeliveryRecord,
    event_ids: &[String],
) -> Vec<SystemNotify> {
    if !is_bad_news(args) {
        return Vec::new();
    }
    let mut by_sender: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    // A notice about a notice would be the first of many.
    let known: Vec<&Event> = cx.known.events.iter().filter(|event| event.by != "system").collect();
    let told_before = reported(group, args);
    let (before, concerned): (Vec<&Event>, Vec<&Event>) =
        known.into_iter().partition(|event| told_before.contains(&event.seq));
    for event in concerned.iter().filter(|event| event_ids.contains(&event.id)) {
        by_sender.entry(whom_to_warn(group, actor_state, &event.by)).or_default().push(&event.id);
    }
    if args.stage == Stage::Held {
        let all: Vec<&str> = by_sender.values().flatten().copied().collect();
        if !all.is_empty() {
            by_sender.entry("user").or_insert(all);
        }
        before.iter().for_each(|event| drop(by_sender.remove(whom_to_warn(group, actor_state, &event.by))));
        if !before.is_empty() {
            by_sender.remove("user");
        }
    }
    by_sender.into_iter().map(|(name, event_ids)| warning(actor_state, args, name, &event_ids)).collect()
}

/// The sender, or, when it is not here to be told, the foreman; the user, when that is whom the message was for.
fn whom_to_warn<'a>(group: &'a Group, recipient: &ActorState, sender: &'a str) -> &'a str {
    if sender == "user" || group.actor_state(sender).is_some() {
        return sender;
    }
    let foreman = group.foreman().map(|foreman| foreman.actor.id.as_str());
    foreman.filter(|foreman| *foreman != recipient.actor.id).unwrap_or("user")
}

fn warning(actor_state: &ActorState, args: &delivery::DeliveryRecord, name: &str, event_ids: &[&str]) -> SystemNotify {
    let id = &actor_state.actor.id;
    let first = event_ids.first().map_or("", |event_id| short(event_id));
    let again =
        format!("Look: `cccc terminal tail {id}`. If it is missing there: `cccc deliver {first} --to {id} --again`.");
    let (word, what, then) = match args.stage {
        Stage::Failed => ("failed", "was not delivered", again),
        Stage::Held => {
            let look = format!("Look: `cccc attach-terminal {id}`.");
            ("waits for a person", "waits, and goes out once nothing is in the way", look)
        }
        Stage::Uncertain | Stage::Handed | Stage::Accepted => {
            ("uncertain", "may or may not have arrived, and is not sent again by itself", again)
        }
    };
    let named: Vec<String> = event_ids.iter().take(NAMED_MAX).map(|event_id| format!("#{}", short(event_id))).collect();
    let named = named.join(", ");
    let messages = match event_ids.len() {
        1 => format!("Message {named}"),
        count if count > NAMED_MAX => format!("Each of {count} messages ({named}, …)"),
        count => format!("Each of {count} messages ({named})"),
    };
    SystemNotify {
        kind: NotifyKind::Error,
        priority: NotifyPriority::High,
        title: format!("delivery to {id} {word}"),
        message: format!("{messages} to {id} {what}: {}. {then}", args.reason),
        target_actor_id: Some(name.to_owned()),
        context: Map::from_iter([
            ("actor_id".into(), Value::from(id.as_str())),
            ("event_ids".into(), Value::from(event_ids)),
        ]),
        requires_ack: false,
        related_event_id: event_ids.first().map(|event_id| (*event_id).to_owned()),
    }
}

/// Answer of `session_record` and `delivery_record`.
pub fn recorded_reply(events: &[Event]) -> delivery::Recorded {
    let is_record = |event: &&Event| matches!(event.body, Body::Session(_) | Body::Delivery(_));
    delivery::Recorded { event: events.iter().find(is_record).cloned() }
}
