//! The desk of ptyd: what should run, what waits, and what became of it.

use super::world::{World, id_of};
use bus::contract::limit;
use serde_json::{Value, json};

/// The place of an actor, its queue with the texts.
fn desk(world: &mut World, group_id: &str, actor_id: &str) -> Value {
    let mut desk = world.ask_daemon("desk_get", json!({"group_id": group_id, "actor_ids": [actor_id]})).unwrap();
    let (mut place, messages) = (desk["places"][0].take(), desk["messages"].take());
    for queued in place["queue"].as_array_mut().unwrap() {
        let seq = queued["seq"].clone();
        queued["event"] = messages.as_array().unwrap().iter().find(|event| event["seq"] == seq).unwrap().clone();
    }
    place
}

fn waiting(world: &mut World, group_id: &str, actor_id: &str) -> Vec<(String, String)> {
    let place = desk(world, group_id, actor_id);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    place["queue"]
        .as_array()
        .unwrap()
        .iter()
        .map(|queued| (text(&queued["event"]["id"]), text(&queued["held"])))
        .collect()
}

fn record(world: &mut World, group_id: &str, ids: &[&str], stage: &str, reason: &str) -> Value {
    let args = json!({"group_id": group_id, "actor_id": "peer", "event_ids": ids, "stage": stage, "reason": reason});
    world.ask_daemon("delivery_record", args).unwrap()["event"].clone()
}

#[test]
fn only_daemons_ask_about_the_desk() {
    let (mut world, group_id) = World::with_team();
    for op in ["desk_get", "session_record", "delivery_record"] {
        let args = json!({"group_id": group_id, "actor_id": "peer", "session_id": "s", "event_ids": ["e"]});
        for by in ["user", "system", "lead"] {
            assert_eq!(world.ask(by, op, args.clone()).unwrap_err().code.word(), "permission_denied", "{by} {op}");
        }
    }
    #[rustfmt::skip]
    let cases = [
        ("session_record",  json!({"group_id": group_id, "actor_id": "peer"}),                     "invalid_request"),
        ("session_record",  json!({"group_id": group_id, "actor_id": "peer", "session_id": "s", "generation": 1_000_000}), "invalid_request"),
        ("session_record",  json!({"group_id": group_id, "actor_id": "peer", "session_id": "s/1"}), "invalid_request"),
        ("session_record",  json!({"group_id": group_id, "actor_id": "peer", "session_id": "s".repeat(129)}), "invalid_request"),
        ("session_record",  json!({"group_id": group_id, "actor_id": "peer", "session_id": "s", "token_sha256": "x"}), "invalid_request"),
        ("delivery_record", json!({"group_id": group_id, "actor_id": "peer", "event_ids": vec!["e"; 501]}), "invalid_request"),
    ];
    for (op, args, code) in cases {
        assert_eq!(world.ask_daemon(op, args.clone()).unwrap_err().code.word(), code, "{op} {args}");
    }
}

#[test]
fn a_message_waits_until_it_is_handed_over() {
    let (mut world, group_id) = World::with_team();
    world.session(&group_id, "peer", "s1", "started", json!({"pid": 7}));
    let first = world.send(&group_id, "user", json!({"to": "peer"}));
    let second = world.send(&group_id, "lead", json!({"to": "@all"}));
    world.send(&group_id, "peer", json!({"to": "@all"}));
    world.send(&group_id, "user", json!({"to": "lead"}));
    assert_eq!(waiting(&mut world, &group_id, "peer"), [(first.clone(), "".into()), (second.clone(), "".into())]);
    assert!(waiting(&mut world, &group_id, "bot").is_empty(), "nothing is typed for a headless actor");

    let held = record(&mut world, &group_id, &[&first], "held", "starting");
    assert_eq!(held["data"]["event_ids"], json!([first]));
    assert_eq!(record(&mut world, &group_id, &[&first], "held", "starting"), Value::Null, "nothing new");
    let listed = world.ask("user", "actor_list", json!({"group_id": group_id})).unwrap();
    assert_eq!(listed["actors"][1]["waiting"], json!({"count": 2, "reason": "starting"}));

    let handed = record(&mut world, &group_id, &[&first, &first, &second], "handed", "");
    assert_eq!(handed["data"]["event_ids"], json!([first, second]));
    assert_eq!(waiting(&mut world, &group_id, "peer"), []);
    let desk = world.ask_daemon("desk_get", json!({"group_id": group_id})).unwrap();
    assert_eq!((&desk["places"][1]["handed_at"], &desk["places"][0]["handed_at"]), (&handed["ts"], &json!("")));
    assert_eq!(record(&mut world, &group_id, &[&second], "handed", ""), Value::Null);
    assert_eq!(record(&mut world, &group_id, &[&second], "accepted", "")["data"]["event_ids"], json!([second]));
    world.check_replay();
}

#[test]
fn what_waits_follows_who_was_addressed_when_it_was_said() {
    let (mut world, group_id) = World::with_team();
    let to_foreman = world.send(&group_id, "user", json!({"to": "@foreman"}));
    world.ask("user", "actor_stop", json!({"group_id": group_id, "actor_id": "lead"})).unwrap();
    assert_eq!(waiting(&mut world, &group_id, "lead"), [(to_foreman, "".into())], "it waits for whom it was meant");
    assert_eq!(waiting(&mut world, &group_id, "peer"), []);

    // What is read in another way does not wait; neither does what nobody types.
    let read = world.send(&group_id, "user", json!({"to": "peer"}));
    world.ask("peer", "inbox_mark_read", json!({"group_id": group_id, "actor_id": "peer", "event_id": read})).unwrap();
    assert_eq!(waiting(&mut world, &group_id, "peer"), []);
    assert_ne!(record(&mut world, &group_id, &[&read], "handed", ""), Value::Null, "but it was typed nevertheless");
    world.send(&group_id, "user", json!({"to": "peer"}));
    world
        .ask("user", "actor_update", json!({"group_id": group_id, "actor_id": "peer", "patch": {"deliver": "inbox"}}))
        .unwrap();
    world.send(&group_id, "user", json!({"to": "peer"}));
    assert_eq!(waiting(&mut world, &group_id, "peer"), []);
}

#[test]
fn urgent_notifications_wait_and_stale_ones_fade() {
    let (mut world, group_id) = World::with_team();
    let notify = |world: &mut World, kind: &str, priority: &str, target: &str| {
        let args = json!({"group_id": group_id, "kind": kind, "priority": priority, "target_actor_id": target});
        world.ask("system", "system_notify", args).unwrap();
        world.last[0].id.clone()
    };
    notify(&mut world, "info", "normal", "peer");
    notify(&mut world, "info", "urgent", "lead");
    let error = notify(&mut world, "error", "urgent", "");
    let nudge = notify(&mut world, "nudge", "high", "peer");
    assert_eq!(waiting(&mut world, &group_id, "peer"), [(error.clone(), "".into()), (nudge, "".into())]);
    for state in ["paused", "active"] {
        world.ask("user", "group_set_state", json!({"group_id": group_id, "state": state})).unwrap();
    }
    assert_eq!(waiting(&mut world, &group_id, "peer"), [(error, "".into())]);
}

#[test]
fn delivery_moves_the_cursor_where_the_group_wants_it() {
    let (mut world, group_id) = World::with_team();
    let patch = json!({"auto_mark_on_delivery": true});
    let first = world.send(&group_id, "user", json!({"to": "peer"}));
    let second = world.send(&group_id, "user", json!({"to": "peer"}));
    record(&mut world, &group_id, &[&first], "handed", "");
    assert_eq!(world.unread(&group_id, "peer").len(), 2);
    world.ask("user", "group_settings_update", json!({"group_id": group_id, "patch": patch})).unwrap();
    record(&mut world, &group_id, &[&second], "handed", "");
    assert!(world.unread(&group_id, "peer").is_empty());
}

/// Five terminals, and as many long messages to all of them as a desk shows.
#[test]
fn a_message_to_many_is_on_their_desk_once() {
    let (mut world, group_id) = World::with_team();
    ["c", "d", "e"].into_iter().for_each(|id| drop(world.add(&group_id, id, json!({}))));
    let text = "x".repeat(31_000);
    let sent: Vec<_> = (0..32).map(|_| world.send(&group_id, "user", json!({"to": "@all", "text": text}))).collect();
    let page = world.ask_daemon("desk_get", json!({"group_id": group_id})).unwrap();
    assert!(page.to_string().len() < limit::BUS_MESSAGE_BYTES_MAX, "{}", page.to_string().len());
    let messages: Vec<_> = page["messages"].as_array().unwrap().iter().map(id_of).collect();
    assert_eq!(messages, sent);
    for place in page["places"].as_array().unwrap().iter().filter(|place| place["actor"]["runner"] == "pty") {
        assert_eq!(place["queue"].as_array().unwrap().len(), 32, "{}", place["actor"]["id"]);
    }
}

/// The largest roster, of the longest rows, and a long message of its own for each: every place is told of, in some
/// page, with what is next for it.
#[test]
fn a_desk_is_told_in_pages_that_fit() {
    let (mut world, group_id) = World::with_team();
    // A control character is the longest one in JSON.
    let (words, value) = ("\u{1}".repeat(limit::COMMAND_BYTES_MAX - 10), "\u{2}".repeat(limit::ENV_BYTES_MAX - 10));
    world
        .ask(
            "user",
            "group_update",
            json!({"group_id": group_id, "patch": {"topic": "\u{3}".repeat(limit::TOPIC_BYTES_MAX)}}),
        )
        .unwrap();
    let mut names: Vec<String> = ["lead", "peer", "off", "bot"].map(str::to_owned).to_vec();
    for number in names.len()..limit::ACTORS_MAX {
        let id = format!("actor{number}");
        // Long rows and short ones take turns.
        let more = if number % 16 == 0 { json!({"command": [words], "env": {"A": value}}) } else { json!({}) };
        world.add(&group_id, &id, more);
        names.push(id);
    }
    let text = "\u{4}".repeat(31_000);
    for id in names.iter().filter(|id| *id != "bot") {
        (0..2).for_each(|_| drop(world.send(&group_id, "user", json!({"to": id, "text": text}))));
    }
    let mut missing = names.clone();
    while !missing.is_empty() {
        let page = world.ask_daemon("desk_get", json!({"group_id": group_id, "actor_ids": missing})).unwrap();
        assert!(page.to_string().len() < limit::BUS_MESSAGE_BYTES_MAX, "{}", page.to_string().len());
        let (places, team) = (page["places"].as_array().unwrap(), page["team"].as_array().unwrap());
        assert!(!places.is_empty() && team.len() == limit::ACTORS_MAX);
        for place in places {
            let id = place["actor"]["id"].as_str().unwrap();
            let first = &place["queue"][0]["seq"];
            let is_told = page["messages"].as_array().unwrap().iter().any(|event| event["seq"] == *first);
            assert!(is_told || id == "bot", "{id} is told of its next message");
            assert_eq!(missing.remove(0), id, "in the order asked for");
        }
    }
    let gone = world.ask_daemon("desk_get", json!({"group_id": group_id, "actor_ids": ["nobody", "peer"]})).unwrap();
    assert_eq!(gone["places"].as_array().unwrap().len(), 1, "whoever is gone is passed over");
}

#[test]
fn a_desk_shows_a_bounded_part_of_a_long_queue() {
    let (mut world, group_id) = World::with_team();
    let ids: Vec<_> = (0..40).map(|_| world.send(&group_id, "user", json!({"to": ["peer", "lead"]}))).collect();
    let place = desk(&mut world, &group_id, "peer");
    assert_eq!((place["queue"].as_array().unwrap().len(), &place["queue_len"]), (32, &json!(40)));
    assert_eq!(place["queue"][31]["event"]["id"], json!(ids[31]));
    assert_eq!(place["directory"], json!({"Ok": super::world::PATH}));
}

#[test]
fn what_should_run_follows_wishes_and_endings() {
    let (mut world, group_id) = World::with_team();
    let wanted = |world: &mut World| desk(world, &group_id, "peer")["wanted"].as_bool().unwrap();
    let ask = |world: &mut World, op: &str| {
        world.ask("user", op, json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
        world.group(&group_id).actor_state("peer").unwrap().generation
    };
    assert!(wanted(&mut world), "it was added");
    let first = world.session(&group_id, "peer", "s1", "started", json!({"pid": 7}));
    assert_eq!(ask(&mut world, "actor_start"), first, "a session that is alive is kept");
    world.session(&group_id, "peer", "s1", "exited", json!({"exit_code": 1}));
    assert!(!wanted(&mut world), "it ended by itself");
    let second = ask(&mut world, "actor_start");
    assert!(second > first && wanted(&mut world), "until somebody wants it again");
    world.session(&group_id, "peer", "s2", "started", json!({}));
    assert!(ask(&mut world, "actor_restart") > second, "a restart wants a new one");
    world.session(&group_id, "peer", "s3", "started", json!({}));
    ask(&mut world, "actor_stop");
    assert!(!wanted(&mut world));
    let stopped = world.group(&group_id).actor_state("peer").unwrap().generation;
    assert!(ask(&mut world, "actor_start") > stopped, "what was to be stopped is not kept");
    for phase in ["suspended", "lost"] {
        world.session(&group_id, "peer", &format!("s-{phase}"), "started", json!({}));
        world.session(&group_id, "peer", &format!("s-{phase}"), phase, json!({}));
        assert!(wanted(&mut world), "{phase}");
    }
    world.session(&group_id, "peer", "s5", "failed", json!({"detail": "no such program"}));
    assert!(!wanted(&mut world));
    let listed = world.ask("user", "actor_list", json!({"group_id": group_id})).unwrap();
    assert_eq!(listed["actors"][1]["last_exit"], "did not start: no such program");
    world.ask("user", "group_stop", json!({"group_id": group_id})).unwrap();
    world.ask("user", "group_start", json!({"group_id": group_id})).unwrap();
    assert!(wanted(&mut world), "a group that starts wants everybody again");
    world.check_replay();
}

#[test]
fn an_actor_that_stays_down_is_reported_once() {
    let (mut world, group_id) = World::with_team();
    for actor_id in ["peer", "lead"] {
        world.session(&group_id, actor_id, actor_id, "started", json!({"pid": 7}));
    }
    let listed = world.ask("user", "actor_list", json!({"group_id": group_id})).unwrap();
    assert_eq!((&listed["actors"][1]["running"], &listed["actors"][1]["pid"]), (&json!(true), &json!(7)));
    #[rustfmt::skip]
    let cases = [
        // who     phase        told      why
        ("peer",  "exited",    "lead",   "the foreman hears of the others"),
        ("lead",  "exited",    "user",   "the user hears of the foreman"),
    ];
    for (actor_id, phase, told, why) in cases {
        world.session(&group_id, actor_id, actor_id, phase, json!({"signal": 9}));
        assert_eq!(world.kinds(), ["x.cccc.session", "system.notify"], "{why}");
        let notice = serde_json::to_value(&world.last[1]).unwrap()["data"].clone();
        assert_eq!(
            (&notice["target_actor_id"], &notice["kind"], &notice["priority"]),
            (&json!(told), &json!("error"), &json!("high"))
        );
        assert!(notice["message"].as_str().unwrap().contains("ended by signal 9"), "{notice}");
        world.session(&group_id, actor_id, actor_id, phase, json!({"signal": 9}));
        assert!(world.last.is_empty(), "once");
    }
}

#[test]
fn nobody_is_told_of_an_ending_that_was_wanted_or_is_made_good() {
    let (mut world, group_id) = World::with_team();
    world.session(&group_id, "peer", "s1", "started", json!({}));
    world.ask("user", "actor_stop", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    world.session(&group_id, "peer", "s1", "exited", json!({"exit_code": 0}));
    assert_eq!(world.kinds(), ["x.cccc.session"], "it was disabled");

    world
        .ask(
            "user",
            "actor_update",
            json!({"group_id": group_id, "actor_id": "peer", "patch": {"restart": "on-failure", "enabled": true}}),
        )
        .unwrap();
    for round in 0..9 {
        world.session(&group_id, "peer", &format!("r{round}"), "started", json!({}));
        world.session(&group_id, "peer", &format!("r{round}"), "exited", json!({"exit_code": 1}));
        assert_eq!(world.kinds(), ["x.cccc.session"], "it is started again");
        assert!(desk(&mut world, &group_id, "peer")["wanted"].as_bool().unwrap());
    }
    assert_eq!(desk(&mut world, &group_id, "peer")["session"]["quick_exits"], 9);
    world.session(&group_id, "peer", "last", "started", json!({}));
    world.session(&group_id, "peer", "last", "exited", json!({"exit_code": 1}));
    assert_eq!(world.kinds(), ["x.cccc.session", "system.notify"], "enough is enough");
    assert!(!desk(&mut world, &group_id, "peer")["wanted"].as_bool().unwrap());
}

/// A generation that was never given out would make every later record an older one.
#[test]
fn what_a_record_says_is_checked_and_cut_to_size() {
    let (mut world, group_id) = World::with_team();
    let long = "x".repeat(100_000);
    world.session(&group_id, "peer", "s1", "failed", json!({"detail": long}));
    let listed = world.ask("user", "actor_list", json!({"group_id": group_id})).unwrap();
    assert!(listed["actors"][1]["last_exit"].as_str().unwrap().len() < 5_000);
    let sent = world.send(&group_id, "user", json!({"to": "peer"}));
    let held = record(&mut world, &group_id, &[&sent], "held", &long);
    assert!(held["data"]["reason"].as_str().unwrap().len() < 5_000);
    assert_eq!(record(&mut world, &group_id, &[&sent], "held", &long), Value::Null, "nothing new");

    // One that an earlier version has taken makes nobody's last session the last for good.
    let mut actor_state = world.group(&group_id).actor_state("peer").unwrap().clone();
    let at = |session_id: &str, generation: u64, phase: &str| -> bus::contract::event::Session {
        let data = json!({"actor_id": "peer", "session_id": session_id, "generation": generation, "phase": phase});
        serde_json::from_value(data).unwrap()
    };
    let generation = actor_state.generation;
    actor_state.take_session(&at("s2", u64::MAX, "exited"), "", 0);
    actor_state.take_session(&at("s3", generation, "started"), "", 0);
    assert!(actor_state.is_alive());
}

/// What waits for a person is told to the user, and to each sender, once for as long as it lasts.
#[test]
fn who_waits_for_a_person_is_told_once() {
    const WHY: &str = "shows something else than its composer";
    let (mut world, group_id) = World::with_team();
    let of_lead = world.send(&group_id, "lead", json!({"to": ["peer"], "text": "a"}));
    let of_user = world.send(&group_id, "user", json!({"to": ["peer"], "text": "b"}));
    let told = |world: &World| -> Vec<String> {
        let data = |event| serde_json::to_value(event).unwrap()["data"]["target_actor_id"].as_str().map(str::to_owned);
        world.last.iter().filter_map(data).collect()
    };
    record(&mut world, &group_id, &[&of_lead], "held", "starting");
    assert_eq!(told(&world), Vec::<String>::new(), "it passes by itself");
    record(&mut world, &group_id, &[&of_lead], "held", WHY);
    assert_eq!(told(&world), ["lead", "user"]);
    record(&mut world, &group_id, &[&of_lead], "held", "a person is typing");
    record(&mut world, &group_id, &[&of_lead], "held", WHY);
    assert_eq!(told(&world), Vec::<String>::new(), "it is the same trouble");
    record(&mut world, &group_id, &[&of_user], "held", WHY);
    assert_eq!(told(&world), Vec::<String>::new(), "the user has been told");
    record(&mut world, &group_id, &[&of_lead, &of_user], "handed", "");
    let again = world.send(&group_id, "user", json!({"to": ["peer"], "text": "c"}));
    record(&mut world, &group_id, &[&again], "held", WHY);
    assert_eq!(told(&world), ["user"], "another trouble");
}

/// What is uncertain is never sent again by itself, so somebody must know: the sender, or else the foreman.
#[test]
fn who_sent_what_may_not_have_arrived_is_told_once() {
    let (mut world, group_id) = World::with_team();
    let args = |text: &str| json!({"to": ["peer", "lead"], "text": text});
    let of_user = world.send(&group_id, "user", args("a"));
    let of_lead = world.send(&group_id, "lead", json!({"to": ["peer"], "text": "b"}));
    let more_of_user = world.send(&group_id, "user", args("c"));
    record(&mut world, &group_id, &[&of_user, &of_lead, &more_of_user], "uncertain", "written, and nobody knows");
    assert_eq!(world.kinds(), ["x.cccc.delivery", "system.notify", "system.notify"]);
    let told: Vec<Value> =
        world.last[1..].iter().map(|event| serde_json::to_value(event).unwrap()["data"].clone()).collect();
    assert_eq!((&told[0]["target_actor_id"], &told[1]["target_actor_id"]), (&json!("lead"), &json!("user")));
    assert_eq!(told[0]["context"], json!({"actor_id": "peer", "event_ids": [of_lead]}));
    assert_eq!(told[1]["context"], json!({"actor_id": "peer", "event_ids": [of_user, more_of_user]}));
    assert_eq!(told[1]["related_event_id"], json!(of_user));
    assert!(
        told[1]["message"].as_str().unwrap().contains("Each of 2 messages (#")
            && told[1]["message"].as_str().unwrap().contains("cccc deliver"),
        "{}",
        told[1]
    );

    record(&mut world, &group_id, &[&of_user], "uncertain", "again");
    assert!(world.last.is_empty(), "once");
    record(&mut world, &group_id, &[&of_user], "handed", "");
    assert_eq!(world.kinds(), ["x.cccc.delivery"], "good news is no news");

    // The notice itself may get lost as well; that is on record, and nobody is told of it.
    let notice = desk(&mut world, &group_id, "lead")["queue"]
        .as_array()
        .unwrap()
        .iter()
        .find(|queued| queued["event"]["kind"] == "system.notify")
        .map(|queued| id_of(&queued["event"]))
        .unwrap();
    let args =
        json!({"group_id": group_id, "actor_id": "lead", "event_ids": [notice], "stage": "failed", "reason": "x"});
    world.ask_daemon("delivery_record", args).unwrap();
    assert_eq!(world.kinds(), ["x.cccc.delivery"]);
    world.check_replay();
}

/// The rest of its ledger may say that all of it was handed over.
#[test]
fn nothing_is_delivered_from_a_damaged_group() {
    let (mut world, group_id) = World::with_team();
    world.send(&group_id, "user", json!({"to": "peer"}));
    world.state.set_damaged(&group_id, "line 7 (byte 1234) is not an event".into());
    let refused = world.ask_daemon("desk_get", json!({"group_id": group_id})).unwrap_err();
    assert_eq!(refused.code.word(), "group_damaged");

    // A home that is damaged may have known more groups than can be read: their agents must not be taken for strays.
    let unknown = json!({"group_id": "g_0123456789ab"});
    assert_eq!(world.ask_daemon("desk_get", unknown.clone()).unwrap_err().code.word(), "group_not_found");
    world.state.set_damaged("home", "line 9 (byte 99) is not an event".into());
    assert_eq!(world.ask_daemon("desk_get", unknown).unwrap_err().code.word(), "group_damaged");
}
