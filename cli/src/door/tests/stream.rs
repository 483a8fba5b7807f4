//! `events_stream`: where it begins, what it shows, and that it loses and doubles nothing.

use super::world::{Client, GROUP, World, until};
use crate::door::shared::HEARTBEAT;
use serde_json::{Value, json};
use tokio::time::timeout;

async fn stream(world: &World, args: Value) -> Client {
    let mut client = world.client().await;
    let mut all = json!({"group_id": GROUP});
    all.as_object_mut().unwrap().extend(args.as_object().unwrap().clone());
    let greeting = client.ask("events_stream", all).await;
    assert_eq!(greeting, json!({"v": 1, "ok": true, "result": {"group_id": GROUP}, "error": null}));
    client
}

fn chat(world: &World, text: &str) -> String {
    world.ledger.append("chat.message", "user", &json!({"text": text}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_begins_where_the_client_says() {
    let world = World::open().await;
    // The time of an event is its number, in seconds.
    let ids: Vec<_> = (1..=9).map(|n| chat(&world, &n.to_string())).collect();
    #[rustfmt::skip]
    let cases = [
        (json!({}),                                                               10, "from now"),
        (json!({"since_event_id": ids[6]}),                                       8,  "after an event"),
        (json!({"since_event_id": ids[8]}),                                       10, "after the last event"),
        (json!({"since_event_id": "nowhere"}),                                    10, "after an unknown event"),
        (json!({"since_event_id": "nowhere", "since_ts": "2026-01-01T00:00:04Z"}), 5, "the time counts in its place"),
        (json!({"since_event_id": ids[6], "since_ts": "2026-01-01T00:00:04Z"}),   8,  "the event counts first"),
        (json!({"since_ts": "2026-01-01T00:00:04.5Z"}),                           5,  "between two events"),
        (json!({"since_ts": "2020-01-01T00:00:00Z"}),                             1,  "before everything"),
        (json!({"since_ts": "2030-01-01T00:00:00Z"}),                             10, "after everything"),
        (json!({"since_ts": "yesterday"}),                                        10, "no time at all"),
    ];
    let mut clients = Vec::new();
    for (args, first, why) in cases {
        clients.push((stream(&world, args).await, first, why));
    }
    chat(&world, "10");
    world.ledger.hint();
    for (mut client, first, why) in clients {
        let wanted: Vec<u64> = (first..=10).collect();
        assert_eq!(client.hear_seqs(wanted.len()).await, wanted, "{why}");
    }
}

/// Nothing happens after the stream began, and the next heartbeat is half a minute away.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_shown_before_anything_else_happens() {
    let world = World::open().await;
    let first = chat(&world, "1");
    chat(&world, "2");
    let mut client = stream(&world, json!({"since_event_id": first})).await;
    let shown = timeout(HEARTBEAT / 2, client.hear_seqs(1)).await;
    assert_eq!(shown.expect("no heartbeat has to bring it"), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_streamed_is_refused_and_the_connection_closed() {
    let world = World::open().await;
    #[rustfmt::skip]
    let cases = [
        (json!({}),                                                    "missing_group_id"),
        (json!({"kinds": ["chat.read"]}),                              "missing_group_id"),
        (json!({"group_id": "g_000000000000", "kinds": ["chat.read"]}), "invalid_kinds"),
        (json!({"group_id": "g_000000000000", "by": "nobody"}),        "group_not_found"),
        (json!({"group_id": GROUP, "by": "nobody"}),                   "unknown_actor"),
    ];
    for (args, wanted) in cases {
        let mut client = world.client().await;
        assert_eq!(client.ask("events_stream", args).await["error"]["code"], wanted);
        assert_eq!(client.hear().await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_sees_what_is_addressed_to_it_by_its_role_at_the_moment() {
    let world = World::open().await;
    world.ledger.state().roster = vec![("lead", "foreman"), ("peer", "peer")];
    let mut peer = stream(&world, json!({"by": "peer"})).await;
    let say = |to: &str| world.ledger.append("chat.message", "user", &json!({"text": "t", "to": [to]}));
    say("@foreman"); // 1
    say("peer"); // 2
    world.ledger.hint();
    assert_eq!(peer.hear_seqs(1).await, [2]);
    world.ledger.state().roster = vec![("peer", "foreman")];
    world.ledger.append("actor.remove", "user", &json!({"actor_id": "lead"})); // 3
    say("@foreman"); // 4
    world.ledger.hint();
    assert_eq!(peer.hear_seqs(1).await, [4]);
    world.ledger.state().roster = vec![];
    world.ledger.append("actor.remove", "user", &json!({"actor_id": "peer"})); // 5
    say("@all"); // 6
    world.ledger.hint();
    assert_eq!(peer.hear().await, None, "an actor that has left sees nothing more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_ledgerd_neither_loses_nor_doubles_an_event() {
    let mut world = World::open().await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(stream(&world, json!({})).await);
    }
    let mut last = 0;
    for round in 0..10 {
        for _ in 0..100 {
            chat(&world, "x");
        }
        last += 100;
        if round % 2 == 0 {
            // Its last hint is lost with it; the first one of the next life makes up for it.
            world.ledger.kill();
            world.ledger.start();
        }
        world.ledger.hint();
    }
    // A new subscription takes a moment, and a hint before that is heard by nobody: ledgerd repeats the last one.
    let hearing = async {
        for client in &mut clients {
            assert_eq!(client.hear_seqs(1_000).await, (1..=last).collect::<Vec<u64>>());
        }
    };
    tokio::pin!(hearing);
    loop {
        tokio::select! {
            () = &mut hearing => break,
            () = tokio::time::sleep(std::time::Duration::from_millis(50)) => world.ledger.hint(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_lookers_cost_ledgerd_as_much_as_one() {
    bus::daemon::inherit::raise_open_files().unwrap();
    let world = World::open().await;
    let mut clients = Vec::new();
    for _ in 0..200 {
        clients.push(stream(&world, json!({})).await);
    }
    let before = world.ledger.state().ranges;
    chat(&world, "x");
    world.ledger.hint();
    for client in &mut clients {
        assert_eq!(client.hear_seqs(1).await, [1]);
    }
    let fetches = world.ledger.state().ranges - before;
    assert!(fetches < 5, "{fetches} fetches for one event");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_its_stream_holds_up_nobody() {
    let world = World::open().await;
    let _stuck = stream(&world, json!({})).await;
    let mut other = stream(&world, json!({})).await;
    let text = "x".repeat(10_000);
    for _ in 0..1_000 {
        chat(&world, &text);
    }
    world.ledger.hint();
    assert_eq!(other.hear_seqs(1_000).await.last(), Some(&1_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_a_text_while_it_is_written_and_everybody_its_end_once() {
    let world = World::open().await;
    world.ledger.state().roster = vec![("lead", "foreman"), ("peer", "peer")];
    let mut user = stream(&world, json!({})).await;
    let mut peer = stream(&world, json!({"by": "peer"})).await;
    let mut acks_only = stream(&world, json!({"kinds": ["chat.ack"]})).await;
    let emit = |op: &str, more: Value| {
        let mut args = json!({"group_id": GROUP, "by": "lead", "op": op, "stream_id": "s1"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    for (op, text) in [("start", "O"), ("update", "Once")] {
        let emitted = world.ask("stream_emit", emit(op, json!({"text": text, "seq": 3}))).await;
        assert_eq!(emitted["result"], json!({"stream_id": "s1", "op": op, "event": null}));
        let seen = user.hear().await.unwrap();
        let piece = &seen["stream"];
        let told = (&seen["t"], &piece["op"], &piece["text"], &piece["by"], &piece["seq"]);
        assert_eq!(told, (&json!("stream"), &json!(op), &json!(text), &json!("lead"), &json!(3)));
    }
    let end = emit("end", json!({"text": "Once more", "to": ["peer"]}));
    let told = world.ask("stream_emit", end.clone()).await["result"]["event"].clone();
    assert_eq!(told["data"]["text"], "Once more");
    let again = world.ask("stream_emit", end).await["result"]["event"].clone();
    assert_eq!(again, told, "the same end is the same message");
    world.ledger.append("chat.ack", "peer", &json!({"actor_id": "peer", "event_id": told["id"]}));
    world.ledger.hint();
    assert_eq!(peer.hear_seqs(1).await, [1], "an agent is told what is said, and nothing before");
    assert_eq!(acks_only.hear_seqs(1).await, [2]);

    #[rustfmt::skip]
    let refusals = [
        (emit("end", json!({"stream_id": ""})),                         "invalid_request"),
        (emit("wave", json!({})),                                       "invalid_request"),
        (emit("start", json!({"group_id": ""})),                        "missing_group_id"),
        (emit("start", json!({"group_id": "g_ffffffffffff"})),          "group_not_found"),
        (emit("update", json!({"text": "x".repeat(32_001)})),           "invalid_request"),
        (emit("start", json!({"stream_id": "x".repeat(129)})),          "invalid_request"),
        (emit("update", json!({"to": ["x".repeat(256_000)]})),          "invalid_request"),
        (emit("start", json!({"stream_id": "s\u{200b}2"})),              "invalid_request"),
        (emit("start", json!({"by": "peer"})),                          "permission_denied"),
        (emit("update", json!({"by": "peer", "text": "x"})),            "permission_denied"),
        (emit("end", json!({"by": "user", "text": "x", "to": ["peer"]})), "permission_denied"),
    ];
    for (args, code) in refusals {
        let refusal = world.ask("stream_emit", args).await;
        assert_eq!(refusal["error"]["code"], code, "{refusal}");
    }
}

/// A client that is slow for a moment misses pieces, but no event has to wait for the next one.
#[tokio::test(flavor = "multi_thread")]
async fn no_number_of_pieces_pushes_an_event_out() {
    let world = World::open().await;
    let mut slow = stream(&world, json!({})).await;
    let mut writer = world.client().await;
    let mut text = "x".repeat(32_000);
    // The first ones are more than a connection holds, the others more than waits for a stream.
    for (pieces, bytes) in [(12, 32_000), (600, 1)] {
        text.truncate(bytes);
        let ranges = world.ledger.state().ranges;
        for _ in 0..pieces {
            let args = json!({"group_id": GROUP, "op": "update", "stream_id": "s", "text": text});
            writer.say_op("stream_emit", args).await;
            assert_eq!(writer.hear().await.unwrap()["ok"], true);
        }
        if bytes > 1 {
            chat(&world, "said");
            world.ledger.hint();
            until("the fetch of the event", || world.ledger.state().ranges > ranges).await;
        }
    }
    let hear_event = async {
        loop {
            let item = slow.hear().await.expect("the stream goes on");
            if item["t"] == "event" {
                return item["event"]["seq"].clone();
            }
        }
    };
    let shown = timeout(HEARTBEAT / 2, hear_event).await;
    assert_eq!(shown.expect("nothing else has to happen"), 1);
}
