//! `term_attach`: the introduction to ptyd, and the bytes after it.

use super::world::{Client, GROUP, World};
use bus::home::Home;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;

/// A ptyd that shows one actor, `echo`, whose terminal says hello and repeats what it is told.
fn start_ptyd(home: &Home) {
    let listener = UnixListener::bind(home.attach_socket()).unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut socket = BufReader::new(socket);
                let mut line = String::new();
                socket.read_line(&mut line).await.unwrap();
                let asked: Value = serde_json::from_str(&line).unwrap();
                if asked["actor_id"] != "echo" {
                    let no = json!({"ok": false, "error": {"code": "actor_not_running", "message": "it rests"}});
                    socket.write_all(format!("{no}\n").as_bytes()).await.unwrap();
                    return;
                }
                socket.write_all(format!("{{\"ok\":true}}\nhello {}\n", asked["by"]).as_bytes()).await.unwrap();
                let mut byte = [0];
                while socket.read(&mut byte).await.is_ok_and(|count| count > 0) && byte != *b"." {
                    socket.write_all(&byte).await.unwrap();
                }
            });
        }
    });
}

async fn attach(world: &World, actor_id: &str, keys: &str) -> (Client, Value) {
    let mut client = world.client().await;
    let line = json!({"op": "term_attach", "args": {"group_id": GROUP, "actor_id": actor_id}});
    client.say(format!("{line}\n{keys}").as_bytes()).await;
    let answer = client.hear().await.unwrap();
    (client, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_becomes_a_terminal_until_either_end_closes() {
    let world = World::open().await;
    start_ptyd(&world.home);
    let (mut client, answer) = attach(&world, "echo", "ab").await;
    assert_eq!(answer["result"], json!({"group_id": GROUP, "actor_id": "echo"}));
    client.say(b"c\xff\n").await;
    assert_eq!(client.hear_bytes(18).await, b"hello \"user\"\nabc\xff\n");
    client.say(b".").await;
    let mut rest = Vec::new();
    client.socket.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "the session ended and so did the connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_cannot_be_shown_is_refused() {
    let world = World::open().await;
    let (_, answer) = attach(&world, "echo", "").await;
    assert_eq!(answer["error"]["code"], "daemon_unavailable");
    start_ptyd(&world.home);
    for (actor_id, wanted) in [("", "missing_actor_id"), ("other", "actor_not_running")] {
        let (mut client, answer) = attach(&world, actor_id, "keys").await;
        assert_eq!(answer["error"]["code"], wanted);
        assert_eq!(client.hear().await, None);
    }
}
