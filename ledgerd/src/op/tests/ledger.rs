//! Reading ledgers: heads, ranges, windows, and who answers at all.

use super::world::World;
use bus::contract::limit;
use serde_json::{Value, json};

#[test]
fn whoever_pings_is_told_what_works() {
    let (mut world, _) = World::with_team();
    let pong = world.ask("user", "ping", json!({})).unwrap();
    assert_eq!((&pong["ipc_v"], &pong["pid"], &pong["epoch"]), (&json!(1), &json!(42), &json!(3)));
    let capabilities = pong["capabilities"].as_object().unwrap();
    assert_eq!((&capabilities["events_stream"], &capabilities["send"]), (&json!(true), &json!(true)));
    assert_eq!(capabilities["secrets_get"], json!(false), "no door serves it, so it is not promised");
}

#[test]
fn a_ledger_is_read_range_by_range() {
    let (mut world, group_id) = World::with_team();
    let head = world.group(&group_id).head.unwrap().seq;
    let heads = world.ask("user", "ledger_heads", json!({})).unwrap()["heads"].clone();
    assert_eq!(heads, json!([["home", world.state.home.head.unwrap().seq], [group_id, head]]));
    let range = |world: &mut World, group_id: &str, after: Value, limit: Value| {
        let args = json!({"group_id": group_id, "after_seq": after, "limit": limit});
        let ranged = world.ask("user", "ledger_range", args).unwrap();
        let seqs = ranged["events"].as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap());
        (seqs.collect::<Vec<_>>(), ranged["head_seq"].as_u64().unwrap())
    };
    #[rustfmt::skip]
    let cases = [
        (json!(null),     json!(null), (1..=head).collect::<Vec<_>>()),
        (json!(2),        json!(3),    vec![3, 4, 5]),
        (json!(head),     json!(3),    vec![]),
        (json!(head + 9), json!(3),    vec![]),
        (json!(-4),       json!(1),    vec![1]),
    ];
    for (after, limit, seqs) in cases {
        assert_eq!(range(&mut world, &group_id, after.clone(), limit.clone()), (seqs, head), "{after} {limit}");
    }
    assert_eq!(range(&mut world, "home", json!(0), json!(1)).0, [1]);
    for (args, code) in [(json!({}), "missing_group_id"), (json!({"group_id": "g_ffffffffffff"}), "group_not_found")] {
        assert_eq!(world.ask("user", "ledger_range", args).unwrap_err().code.word(), code);
    }
}

/// Pages are as large as they are for everybody, so that whoever is shown little of a ledger comes to its end as well.
#[test]
fn a_range_for_its_speaker_has_what_is_addressed_to_it() {
    let (mut world, group_id) = World::with_team();
    let begin = world.group(&group_id).head.unwrap().seq;
    let to_lead = world.send(&group_id, "user", json!({"to": "@foreman"}));
    let to_peer = world.send(&group_id, "user", json!({"to": "peer"}));
    let by_peer = world.send(&group_id, "peer", json!({"to": "@all"}));
    let head = world.group(&group_id).head.unwrap().seq;
    let read = |world: &mut World, by: &str, limit: i64| {
        let (mut seen, mut after) = (Vec::new(), begin);
        loop {
            let args = json!({"group_id": group_id, "after_seq": after, "limit": limit, "for_speaker": true});
            let ranged = world.ask(by, "ledger_range", args).unwrap();
            let events = ranged["events"].as_array().unwrap();
            seen.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
            after = ranged["through_seq"].as_u64().unwrap();
            if after == ranged["head_seq"].as_u64().unwrap() {
                return (seen, after);
            }
        }
    };
    for limit in [1, 500] {
        assert_eq!(read(&mut world, "lead", limit), (vec![to_lead.clone(), by_peer.clone()], head));
        assert_eq!(read(&mut world, "peer", limit), (vec![to_peer.clone()], head));
        assert_eq!(read(&mut world, "user", limit).0.len() as u64, head - begin);
    }
    world.ask("user", "actor_stop", json!({"group_id": group_id, "actor_id": "lead"})).unwrap();
    assert_eq!(read(&mut world, "peer", 500).0, [to_lead, to_peer], "by its role now");

    #[rustfmt::skip]
    let refused = [
        // by     ledger              why
        ("zoe",   group_id.as_str(), "nobody"),
        ("system", group_id.as_str(), "no actor"),
        ("lead",  "home",            "no ledger of a group"),
    ];
    for (by, ledger, why) in refused {
        let refusal = world.ask(by, "ledger_range", json!({"group_id": ledger, "for_speaker": true})).unwrap_err();
        assert_eq!(refusal.code.word(), "unknown_actor", "{why}");
    }
    assert!(world.ask("user", "ledger_range", json!({"group_id": "home", "for_speaker": true})).is_ok());
}

#[test]
fn a_window_shows_what_lies_around_an_event() {
    let (mut world, group_id) = World::with_team();
    let ids: Vec<_> = (0..5).map(|_| world.send(&group_id, "user", json!({"to": "peer"}))).collect();
    world.ask("user", "group_update", json!({"group_id": group_id, "patch": {"topic": "t"}})).unwrap();
    let chat = json!(["chat.message"]);
    #[rustfmt::skip]
    let cases = [
        // asked                                                      shown              centre        more before, after
        (json!({"kinds": chat, "before": 2}),                         &ids[3..],         json!(null),  true,  false),
        (json!({"kinds": chat}),                                      &ids[..],          json!(null),  false, false),
        (json!({"kinds": chat, "event_id": ids[2], "before": 1, "after": 1}), &ids[1..4], json!(1),    true,  true),
        (json!({"kinds": chat, "event_id": ids[0], "before": 9, "after": 0}), &ids[..1], json!(0),     false, true),
        (json!({"kinds": ["chat.ack"], "event_id": ids[0]}),          &[],               json!(null),  false, false),
    ];
    for (more, shown, center, before, after) in cases {
        let mut args = json!({"group_id": group_id});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let window = world.ask("user", "ledger_window", args).unwrap();
        let listed: Vec<_> =
            window["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect();
        assert_eq!(listed, shown, "{more}");
        assert_eq!(
            (&window["center_index"], &window["has_more_before"], &window["has_more_after"]),
            (&center, &json!(before), &json!(after)),
            "{more}"
        );
    }
    let refused = world.ask("user", "ledger_window", json!({"group_id": group_id, "event_id": "gone"})).unwrap_err();
    assert_eq!(refused.code.word(), "event_not_found");
}

/// An answer that reads less than it wanted, because events are large, says that there is more.
#[test]
fn a_window_that_is_too_large_loses_its_edges() {
    use crate::decision::{Answer, Known};
    use crate::op;
    use crate::stamp::Stamp;
    use bus::contract::{Op, Principal, Request};
    let (mut world, group_id) = World::with_team();
    let ids: Vec<_> = (0..5).map(|_| world.send(&group_id, "user", json!({"to": "peer"}))).collect();
    let args = json!({"group_id": group_id, "event_id": ids[2], "before": 2, "after": 2, "kinds": ["chat.message"]});
    let (op, by) = Op::from_wire("ledger_window", args.as_object().unwrap().clone()).unwrap();
    let request = Request { id: "r".into(), peer: "t".into(), principal: Principal::claimed(by), deadline_ms: 1, op };
    let Answer::Fetch { seqs, bytes_max, finish, .. } = op::read(&world.state, &Stamp::new(0, 0, 0), &request).unwrap()
    else {
        panic!("a window is fetched");
    };
    assert_eq!(bytes_max, limit::RANGE_BYTES_MAX);
    let events = seqs[..3].iter().map(|seq| world.of(&group_id).find(|event| event.seq == *seq).unwrap().clone());
    let window = finish(events.collect()).to_value();
    let shown: Vec<_> =
        window["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!((shown, &window["center_index"]), (vec![&ids[1][..], &ids[2], &ids[3]], &json!(1)));
    assert_eq!((&window["has_more_before"], &window["has_more_after"]), (&json!(true), &json!(true)));
    // Nothing was found to be wrong with a decision of a read.
    assert!(op::decide(&world.state, &Stamp::new(0, 0, 0), &request, &Known::default()).is_err());
}

#[test]
fn terminals_are_seen_by_whom_the_group_allows() {
    let (mut world, group_id) = World::with_team();
    let tail = |actor_id: &str| json!({"group_id": group_id, "actor_id": actor_id});
    world.start_session(&group_id, "peer", "t");
    #[rustfmt::skip]
    let cases = [
        // visibility   by      of      refusal
        ("foreman",     "user", "peer", None),
        ("foreman",     "lead", "peer", None),
        ("foreman",     "peer", "peer", None),
        ("foreman",     "off",  "peer", Some("permission_denied")),
        ("foreman",     "zoe",  "peer", Some("permission_denied")),
        ("all",         "off",  "peer", None),
        ("all",         "zoe",  "peer", Some("permission_denied")),
        ("off",         "lead", "peer", Some("permission_denied")),
        ("off",         "user", "bot",  Some("not_pty_actor")),
        ("off",         "user", "lead", Some("actor_not_running")),
        ("off",         "user", "zoe",  Some("actor_not_found")),
    ];
    for (visibility, by, of, refusal) in cases {
        let patch = json!({"terminal_transcript_visibility": visibility});
        world.ask("user", "group_settings_update", json!({"group_id": group_id, "patch": patch})).unwrap();
        let result = world.ask(by, "terminal_tail", tail(of));
        assert_eq!(result.err().map(|error| error.code.word()), refusal, "{visibility}: {by} looks at {of}");
        let result = world.ask(by, "terminal_clear", tail(of));
        assert_eq!(result.err().map(|error| error.code.word()), refusal, "{visibility}: {by} clears {of}");
        for op in ["terminal_snapshot", "terminal_since", "terminal_history"] {
            let args = json!({"group_id": group_id, "actor_id": of, "after": 0});
            let result = world.ask(by, op, args);
            assert_eq!(result.err().map(|error| error.code.word()), refusal, "{visibility}: {by} asks {op} of {of}");
        }
    }
    for (op, args) in [
        ("terminal_since", json!({})),
        ("terminal_since", json!({"after": -1})),
        ("terminal_history", json!({"before": -1})),
        ("terminal_history", json!({"render_before": -1})),
    ] {
        let mut asked = tail("peer");
        asked.as_object_mut().unwrap().extend(args.as_object().unwrap().clone());
        let result = world.ask("user", op, asked);
        assert_eq!(result.err().map(|error| error.code.word()), Some("invalid_request"), "{op} {args}");
    }
    for (cols, rows, refusal) in [
        (80, 24, None),
        (9, 24, Some("invalid_size")),
        (80, 1, Some("invalid_size")),
        (70_000, 2, Some("invalid_size")),
        (1_000, 300, None),
        (1_001, 2, Some("invalid_size")),
        (80, 301, Some("invalid_size")),
    ] {
        let args = json!({"group_id": group_id, "actor_id": "peer", "cols": cols, "rows": rows});
        assert_eq!(
            world.ask("user", "term_resize", args).err().map(|error| error.code.word()),
            refusal,
            "{cols}x{rows}"
        );
    }
}
