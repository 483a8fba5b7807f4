//! Whatever is asked, by whomever, in whatever order: the promises hold.

use super::world::World;
use crate::decision::HOME;
use crate::recipient::is_addressed;
use crate::state::group::Group;
use crate::state::unread::Reader;
use bus::contract::context::Progress;
use bus::contract::document::{HeadlessStatus, KindFilter, NotifyKind, Phase, Role, Stage};
use bus::contract::{Body, Event, Principal, Proof, op};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const NAMES: [&str; 9] = ["user", "", "lead", "peer", "off", "bot", "zoe", "system", "@foreman"];
const WORDS: [&str; 9] = ["chat", "notify", "active", "idle", "paused", "attention", "high", "normal", "no such word"];
const TO: [&str; 8] = ["@all", "@peers", "@foreman", "user", "lead", "peer", "off", "bot"];

/// One request: which op, who asks, and a handful of numbers that become its arguments.
#[derive(Debug, Clone)]
struct Step {
    op: usize,
    by: usize,
    bits: u64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..op::TABLE.len(), 0..NAMES.len() + 2, any::<u64>()).prop_map(|(op, by, bits)| Step { op, by, bits });
    prop::collection::vec(step, 1..80)
}

/// Arguments for any op: most of them make sense for some.
fn arguments(world: &World, group_id: &str, bits: u64) -> Value {
    let pick = |shift: u32, len: usize| (bits >> shift) as usize % len;
    let events: Vec<&Event> = world.of(group_id).collect();
    let event_id = events.get(pick(8, events.len() + 1)).map_or("gone", |event| &event.id);
    let word = WORDS[pick(16, WORDS.len())];
    let to: Vec<_> =
        TO.iter().enumerate().filter(|(place, _)| bits >> (20 + place) & 5 == 5).map(|(_, to)| *to).collect();
    let path = ["/srv/app", "/srv/other", "relative"][pick(28, 3)];
    let actor_id = NAMES[pick(32, NAMES.len())];
    let group = if bits >> 36 & 15 == 0 { "g_ffffffffffff" } else { group_id };
    let stage = Stage::WORDS[pick(16, Stage::WORDS.len())];
    let phase = Phase::WORDS[pick(16, Phase::WORDS.len())];
    let text = ["hello", "@lead look", "", "x"][pick(40, 4)];
    let mode = ["", "", "mail", "send"][pick(60, 4)];
    let priority = if bits >> 42 & 1 == 0 { "" } else { word };
    let (runner, restart) = (["pty", "headless"][pick(44, 2)], ["no", "always", "on-failure"][pick(45, 3)]);
    let patches = [
        json!({"title": word}),
        json!({"enabled": bits >> 52 & 1}),
        json!({"default_send_to": "broadcast"}),
        json!({"deliver": "inbox"}),
        json!({"topic": word}),
        json!({"runner": "headless"}),
    ];
    let patch = &patches[pick(50, patches.len())];
    let numbered = |prefix: &str, digits: usize| format!("{prefix}{:0digits$}", pick(58, 4) + 1);
    let batch_op = |shift: u32| {
        json!({
            "op": op::context::batch::NAMES[pick(shift, op::context::batch::NAMES.len())], "milestone_id": numbered("M", 1),
            "task_id": numbered("T", 3), "note_id": numbered("N", 3), "reference_id": numbered("R", 3),
            "agent_id": actor_id, "name": text, "content": text, "url": text, "vision": text, "sketch": text,
            "status": Progress::WORDS[pick(48, Progress::WORDS.len())], "steps": [{"name": text}], "step_id": "S1",
            "step_status": "done", "actor_id": actor_id, "kind": "handoff", "summary": text, "focus": text,
            "objective": text, "data": {word: text},
        })
    };
    let ops: Vec<_> = (0..=pick(60, 3)).map(|at| batch_op(at as u32 * 7)).collect();
    let profile_id = ["", "", "p1", "p2"][pick(58, 4)];
    let known = world.state.group(group_id).ok();
    let scope_key = known.map_or("", |group| &group.active_scope_key);
    let generation =
        known.and_then(|group| group.actor_state(actor_id)).map_or(0, |actor_state| actor_state.generation);
    let mut args = json!({
        "group_id": group, "actor_id": actor_id, "event_id": event_id, "reply_to": event_id, "notify_event_id": event_id,
        "event_ids": [event_id], "to": to, "text": text, "priority": priority, "reply_required": bits >> 43 & 1,
        "path": path, "state": word, "stage": stage, "phase": phase, "kind": word, "kind_filter": word, "reason": word,
        "title": word, "scope_key": scope_key, "runtime": "custom", "command": ["agent"], "runner": runner,
        "restart": restart, "target_actor_id": NAMES[pick(47, NAMES.len())], "patch": patch, "cols": 80, "rows": 24,
        "session_id": format!("s{}", pick(54, 3)), "exit_code": pick(56, 2), "generation": generation,
        "token_sha256": "0".repeat(64), "ops": ops, "dry_run": bits >> 62 & 1, "message_id": event_id, "task_id": numbered("T", 3),
        "status": HeadlessStatus::WORDS[pick(48, HeadlessStatus::WORDS.len())],
    });
    let profiles = json!({
        "profile_id": profile_id, "source_profile_id": "p1", "force_detach": bits >> 60 & 1,
        "profile": {"id": profile_id, "runtime": "custom", "command": ["agent", text], "runner": runner},
        "profile_action": if bits >> 61 & 7 == 0 { "convert_to_custom" } else { "" },
        "set": {word: text, "K": text}, "unset": ["K"], "clear": bits >> 60 & 1,
    });
    let rule_id = ["standup", "r1", "r2"][pick(53, 3)];
    let trigger =
        [json!({"kind": "at", "at": "2026-01-13T12:00:00Z"}), json!({"every_seconds": 60})][pick(54, 2)].clone();
    let rule = json!({"id": rule_id, "to": to, "trigger": trigger, "enabled": bits >> 55 & 1,
                      "action": {"kind": if bits >> 56 & 1 == 0 { "notify" } else { "actor_control" }}});
    let kinds = ["create_rule", "update_rule", "set_rule_enabled", "delete_rule", "replace_all_rules"];
    let ruleset = json!({"rules": [rule], "snippets": {word: text}});
    let automation = json!({
        "rule_id": rule_id, "ruleset": ruleset, "error": text, "due_at": "2026-01-13T12:00:00Z",
        "actions": [{"type": kinds[pick(57, kinds.len())], "rule": rule, "rule_id": rule_id, "enabled": bits >> 59 & 1,
                     "ruleset": ruleset}],
    });
    let row =
        json!({"id": actor_id, "runtime": "custom", "command": "agent", "runner": runner, "enabled": bits >> 60 & 1});
    let messages = json!({
        "source_event_id": event_id, "actor_ids": [actor_id], "force_ambiguous": bits >> 63 & 1, "message_mode": mode,
        "mode": mode, "limit": pick(3, 4),
    });
    let document = json!({"kind": "cccc.group_template", "v": 1, "actors": [row], "automation": ruleset});
    let template = json!({"template": document.to_string(), "confirm": group});
    for more in [profiles, automation, template, messages] {
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    args
}

/// Up to where somebody has read, by the events alone.
fn read_seq(events: &[&Event], name: &str) -> u64 {
    let seq_of = |id: &str| events.iter().find(|event| event.id == id).map_or(0, |event| event.seq);
    events.iter().fold(0, |cursor, event| match &event.body {
        Body::ActorAdd(add) if add.actor.actor.id == name => event.seq,
        Body::ActorRemove(remove) if remove.actor_id == name => 0,
        Body::ChatRead(read) if read.actor_id == name => cursor.max(seq_of(&read.event_id)),
        _ => cursor,
    })
}

/// What somebody has not read, by the rule of the standard, read literally; what it has answered, it has read.
fn unread(events: &[&Event], reader: Reader<'_>) -> Vec<u64> {
    let is_for = |event: &&&Event| match &event.body {
        Body::ChatMessage(message) => event.by != reader.name && is_addressed(&message.to, reader.name, reader.role),
        Body::SystemNotify(notify) => notify.target_actor_id.as_deref().is_none_or(|target| target == reader.name),
        _ => false,
    };
    let later = events.iter().filter(|event| event.seq > reader.read_seq);
    let has_answered = |event_id: &str| {
        let answers = |event: &&&Event| matches!(&event.body, Body::ChatMessage(said) if said.reply_to.as_deref() == Some(event_id));
        events.iter().filter(answers).any(|event| reader.name == if event.by.is_empty() { "user" } else { &event.by })
    };
    let is_told_of = |event: &Event| match &event.body {
        Body::SystemNotify(notify) if notify.kind == NotifyKind::Info && notify.target_actor_id.is_some() => {
            notify.related_event_id.clone()
        }
        _ => None,
    };
    let is_done = |event: &Event| has_answered(&event.id) || is_told_of(event).is_some_and(|id| has_answered(&id));
    later.filter(is_for).filter(|event| !is_done(event)).map(|event| event.seq).collect()
}

fn check(world: &World, group: &Group, addressed: &BTreeMap<u64, BTreeSet<String>>) {
    let events: Vec<&Event> = world.of(&group.id).collect();
    // Nobody is called like a word for many; everybody else has an inbox.
    for name in NAMES.iter().filter(|name| !name.starts_with('@')) {
        let first_enabled = group
            .actor_states
            .iter()
            .find(|actor_state| actor_state.actor.enabled)
            .map(|actor_state| actor_state.actor.id.as_str());
        let role = if first_enabled == Some(name) { Role::Foreman } else { Role::Peer };
        assert_eq!(group.role(name), role, "the first enabled actor leads: {name}");
        let reader = group.reader(name);
        assert_eq!(reader.read_seq, read_seq(&events, name), "cursor of {name:?}");
        let wanted = unread(&events, reader);
        assert_eq!(group.unread.iter(reader, KindFilter::All).collect::<Vec<_>>(), wanted, "inbox of {name:?}");
        assert_eq!(group.unread.count(reader, KindFilter::All), wanted.len() as u64, "count of {name:?}");
    }
    for actor_state in &group.actor_states {
        for (seq, _) in actor_state.queue.iter() {
            // Whoever had it handed over meant the roles of that moment, and may have insisted.
            let event_id = &events[seq as usize - 1].id;
            let is_asked_for = |event: &&Event| match &event.body {
                Body::HandOver(wish) => wish.event_id == *event_id && wish.actor_ids.contains(&actor_state.actor.id),
                _ => false,
            };
            if events.iter().any(is_asked_for) {
                continue;
            }
            assert!(
                addressed[&seq].contains(&actor_state.actor.id),
                "{seq} does not wait for {}",
                actor_state.actor.id
            );
            assert!(seq > group.reader(&actor_state.actor.id).read_seq, "{} has read {seq}", actor_state.actor.id);
        }
    }
    let mut pairs = BTreeSet::new();
    for event in &events {
        if let Body::ChatAck(ack) = &event.body {
            assert!(pairs.insert((&ack.actor_id, &ack.event_id)), "acknowledged twice: {ack:?}");
        }
    }
}

/// For whom an event is at the moment it is said.
fn recipients(group: &Group, event: &Event) -> BTreeSet<String> {
    let is_for = |name: &str| match &event.body {
        Body::ChatMessage(message) => event.by != name && is_addressed(&message.to, name, group.role(name)),
        Body::SystemNotify(notify) => notify.target_actor_id.as_deref().is_none_or(|target| target == name),
        _ => false,
    };
    group.actor_states.iter().map(|actor_state| actor_state.actor.id.clone()).filter(|id| is_for(id)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promises_hold_whatever_is_asked(steps in steps(), saved_at in any::<prop::sample::Index>()) {
        let (mut world, group_id) = World::with_team();
        let mut addressed = BTreeMap::new();
        let (saved_at, mut saved) = (saved_at.index(steps.len()), None);
        for (at, step) in steps.into_iter().enumerate() {
            if at == saved_at {
                saved = Some((World::snapshots(&world.state), world.events.len()));
            }
            let row = &op::TABLE[step.op];
            // A group that is gone ends the story; the tables tell what happens then.
            if ["group_delete", "group_reset"].contains(&row.name) {
                continue;
            }
            let principal = match NAMES.get(step.by) {
                Some(by) => Principal::claimed(*by),
                None if step.by == NAMES.len() => Principal::system(),
                None => Principal { by: "user".into(), proof: Proof::Token("guess".into()) },
            };
            let args = arguments(&world, &group_id, step.bits);
            // A refusal is an answer, too; what counts is that the promises hold after it.
            let _ = world.ask_as(principal, row.name, args);
            let group = world.group(&group_id);
            for event in world.last.iter().filter(|event| event.group_id == group_id) {
                addressed.insert(event.seq, recipients(group, event));
            }
            check(&world, group, &addressed);
        }
        assert!(world.of(HOME).count() > 0);
        world.check_replay();
        let (snapshots, events) = saved.expect("one step was chosen");
        world.check_resumed(&snapshots, events);
    }
}
