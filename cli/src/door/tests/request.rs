//! Requests and answers: order, limits, patience, and what happens while ledgerd is away.

use super::world::{DEADLINE, GROUP, World, here, until};
use bus::contract::limit;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or("ok")
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_on_one_connection_are_answered_in_their_order() {
    let world = World::open().await;
    let mut client = world.client().await;
    client.say_op("ping", json!({})).await;
    client.say_op("nonsense", json!({})).await;
    client.say(b"{\"op\":\"ping\",\"args\":null}\n{\"op\":").await;
    client.say(b"\"ping\"}\n").await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(code(&client.hear().await.unwrap()).to_owned());
    }
    assert_eq!(codes, ["ok", "unknown_op", "invalid_request", "ok"]);

    let pong = world.ask("ping", json!({})).await;
    assert_eq!((pong["result"]["pid"].as_u64(), &pong["v"]), (Some(u64::from(std::process::id())), &json!(1)));
}

/// A browser can be talked into posting to us, with a request in the body.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_after_an_unreadable_line_is_done() {
    let world = World::open().await;
    let send = json!({"op": "send", "args": {"group_id": GROUP, "text": "from a web page"}});
    let mut client = world.client().await;
    client.say(format!("POST / HTTP/1.1\r\nHost: x\r\n\r\n{send}\n").as_bytes()).await;
    assert_eq!(code(&client.hear().await.unwrap()), "invalid_request");
    assert_eq!(client.hear().await, None);
    assert!(world.ledger.state().events.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_line_end_counts_when_the_client_has_said_all() {
    let world = World::open().await;
    for (said, wanted) in [("{\"op\":\"ping\"}", "ok"), ("{\"op\":\"pi", "invalid_request")] {
        let mut client = world.client().await;
        client.say(said.as_bytes()).await;
        client.socket.shutdown().await.unwrap();
        assert_eq!(code(&client.hear().await.unwrap()), wanted);
        assert_eq!(client.hear().await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_and_the_next_client_is_served() {
    let world = World::open().await;
    let mut client = world.client().await;
    let writing = async {
        let part = vec![b'x'; 1_000_000];
        for _ in 0..100 {
            // The door stops reading at some point; that is what it is for.
            if client.socket.get_mut().write_all(&part).await.is_err() {
                break;
            }
        }
        client.hear().await
    };
    if let Some(answer) = writing.await {
        assert_eq!(answer["error"]["details"]["limit"], "REQUEST_LINE_BYTES_MAX");
    }
    let answer = world.ask("active_get", json!({})).await;
    assert_eq!(answer["error"]["details"]["limit"], "RESPONSE_LINE_BYTES_MAX");
    let text = "x".repeat(limit::REQUEST_LINE_BYTES_MAX - 200);
    assert_eq!(code(&world.ask("send", json!({"group_id": GROUP, "text": text})).await), "ok");
}

/// This process is one client to the door, however many connections it has.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_that_is_one_too_many_is_told() {
    bus::daemon::inherit::raise_open_files().unwrap();
    let world = World::open().await;
    let share = limit::CONNECTIONS_MAX * 4 / 5;
    let mut streams = Vec::new();
    for _ in 0..share {
        let mut client = world.client().await;
        assert_eq!(code(&client.ask("events_stream", json!({"group_id": GROUP})).await), "ok");
        streams.push(client);
    }
    let mut late = world.client().await;
    let answer = late.hear().await.unwrap();
    let details = &answer["error"]["details"];
    assert_eq!((code(&answer), &details["limit"]), ("daemon_unavailable", &json!("CONNECTIONS_MAX")), "{answer}");
    assert_eq!((&details["max"], late.hear().await), (&json!(share), None));
    drop(streams);
    loop {
        let answer = world.client().await.hear_or_ask().await;
        if code(&answer) == "ok" {
            break;
        }
    }
}

/// They say something now and then, and never anything whole.
#[tokio::test(flavor = "multi_thread")]
async fn the_idle_give_way() {
    bus::daemon::inherit::raise_open_files().unwrap();
    let world = World::open().await;
    let mut idle = Vec::new();
    for _ in 0..limit::CONNECTIONS_MAX {
        let mut client = UnixStream::connect(world.home.door_socket()).await.unwrap();
        // One that came too late for a place is told so, and gone.
        let _ = client.write_all(b" ").await;
        idle.push(client);
    }
    let begin = std::time::Instant::now();
    while code(&world.client().await.hear_or_ask().await) != "ok" {
        assert!(begin.elapsed() < DEADLINE, "nobody gives way");
    }
    let told = |client: &UnixStream| {
        let mut line = [0; 1024];
        client
            .try_read(&mut line)
            .is_ok_and(|bytes| String::from_utf8_lossy(&line[..bytes]).contains("its place was needed"))
    };
    assert!(idle.iter().any(told), "whoever gives way is told why");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_do_not_read_or_stop_in_the_middle_hold_up_nobody() {
    let world = World::open().await;
    let mut stuck = Vec::new();
    for _ in 0..64 {
        let mut silent = world.client().await;
        let many = b"{\"op\":\"ping\"}\n".repeat(20_000);
        // Whoever does not read cannot write for ever either.
        let _ = tokio::time::timeout(std::time::Duration::from_millis(5), silent.socket.write_all(&many)).await;
        let mut half = world.client().await;
        half.say(b"{\"op\":\"pi").await;
        stuck.push((silent, half));
    }
    for _ in 0..10 {
        assert_eq!(code(&world.ask("ping", json!({})).await), "ok");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledgerd_that_is_away_for_a_moment_is_waited_for() {
    let mut world = World::open().await;
    world.ledger.kill();
    let mut client = world.client().await;
    client.say_op("send", json!({"group_id": GROUP, "text": "a", "request_id": "mine"})).await;
    tokio::task::yield_now().await;
    world.ledger.start();
    assert_eq!(client.hear().await.unwrap()["result"]["event"]["data"]["text"], "a");
    assert_eq!(world.ledger.state().request_ids.last().unwrap(), "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_answer_got_lost_is_sent_again_and_done_once() {
    let world = World::open().await;
    world.ledger.state().swallow = 2;
    let answer = world.ask("send", json!({"group_id": GROUP, "text": "a"})).await;
    assert_eq!(answer["result"]["event"]["seq"], 1);
    let state = world.ledger.state();
    assert_eq!((state.events.len(), state.request_ids.len()), (1, 3));
    assert!(state.request_ids.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relative_path_is_relative_to_the_client() {
    let world = World::open().await;
    let attached = world.ask("attach", json!({"path": "src/.."})).await;
    let root = bus::scope::identify(&here()).unwrap();
    assert_eq!(attached["result"]["title"].as_str(), Some(root.url.as_str()), "{attached}");
    assert_eq!(attached["result"]["scope_key"].as_str(), Some(root.scope_key.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_supervisor_there_is_nobody_to_stop_everything() {
    let world = World::open().await;
    let answer = world.ask("shutdown", json!({})).await;
    assert_eq!(code(&answer), "daemon_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_private_is_replaced_when_stale_and_goes_with_the_door() {
    let mut world = World::open().await;
    let socket = world.home.door_socket();
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let descriptor: Value = serde_json::from_slice(&std::fs::read(world.home.descriptor()).unwrap()).unwrap();
    assert_eq!(
        (&descriptor["v"], &descriptor["transport"], &descriptor["port"]),
        (&json!(1), &json!("unix"), &json!(0))
    );
    assert_eq!(descriptor["path"].as_str(), socket.to_str());

    let never = std::future::pending::<()>();
    let refused = super::super::serve(world.home.clone(), &super::world::key(), |_| Ok(()), never).await.unwrap_err();
    assert!(std::error::Error::source(&refused).unwrap().to_string().contains("another process listens"), "{refused}");

    let mut waiting = world.client().await;
    world.close().await;
    assert_eq!(waiting.hear().await, None);
    assert!(!socket.exists() && !world.home.descriptor().exists());

    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(UnixStream::connect(&socket).await.is_err());
    world.open_again().await;
    assert_eq!(code(&world.ask("ping", json!({})).await), "ok");
    until("the socket is new", || socket.exists()).await;
}
