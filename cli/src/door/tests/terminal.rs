//! `term_attach`: the introduction to ptyd, and the bytes after it.

use super::world::{Client, DEADLINE, GROUP, World};
use bus::home::Home;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;
use tokio::sync::{broadcast, mpsc};
use tokio::time::timeout;

/// A ptyd that shows one actor, `echo`, whose terminal says hello and repeats what it is told.
struct Ptyd {
    /// What the terminal says without being told anything.
    says: broadcast::Sender<&'static str>,
    /// Tells of each viewer who has left.
    left: mpsc::UnboundedReceiver<()>,
}

fn start_ptyd(home: &Home) -> Ptyd {
    let listener = UnixListener::bind(home.attach_socket()).unwrap();
    let (says, (leave, left)) = (broadcast::Sender::<&'static str>::new(1), mpsc::unbounded_channel());
    let said = says.clone();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let (mut said, leave) = (said.subscribe(), leave.clone());
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
                loop {
                    tokio::select! {
                        read = socket.read(&mut byte) => match read {
                            Ok(1) if byte != *b"." => socket.write_all(&byte).await.unwrap(),
                            _ => break,
                        },
                        Ok(text) = said.recv() => socket.write_all(text.as_bytes()).await.unwrap(),
                    }
                }
                // Not every test cares who leaves.
                let _ = leave.send(());
            });
        }
    });
    Ptyd { says, left }
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
    let _ptyd = start_ptyd(&world.home);
    let (mut client, answer) = attach(&world, "echo", "ab").await;
    assert_eq!(answer["result"], json!({"group_id": GROUP, "actor_id": "echo"}));
    client.say(b"c\xff\n").await;
    assert_eq!(client.hear_bytes(18).await, b"hello \"user\"\nabc\xff\n");
    client.say(b".").await;
    let mut rest = Vec::new();
    client.socket.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "the session ended and so did the connection");
}

/// The terminal says nothing, so no failed write tells that nobody looks on.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_types_no_more_looks_on_until_it_leaves() {
    let world = World::open().await;
    let mut ptyd = start_ptyd(&world.home);
    let (mut client, _) = attach(&world, "echo", "a").await;
    assert_eq!(client.hear_bytes(14).await, b"hello \"user\"\na");
    client.socket.shutdown().await.unwrap();
    ptyd.says.send("still here").unwrap();
    assert_eq!(client.hear_bytes(10).await, b"still here");
    assert!(ptyd.left.try_recv().is_err(), "nobody has left yet");
    drop(client);
    timeout(DEADLINE, ptyd.left.recv()).await.expect("ptyd hears that the client has left").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_cannot_be_shown_is_refused() {
    let world = World::open().await;
    let (_, answer) = attach(&world, "echo", "").await;
    assert_eq!(answer["error"]["code"], "daemon_unavailable");
    let _ptyd = start_ptyd(&world.home);
    for (actor_id, wanted) in [("", "missing_actor_id"), ("other", "actor_not_running")] {
        let (mut client, answer) = attach(&world, actor_id, "keys").await;
        assert_eq!(answer["error"]["code"], wanted);
        assert_eq!(client.hear().await, None);
    }
}
