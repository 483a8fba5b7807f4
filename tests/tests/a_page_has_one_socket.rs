//! A page hears, asks and types on one socket, and loses nothing when something behind it is restarted.

use serde_json::{Value, json};
use tests::page::PageSocket;
use tests::{Stack, until};

/// Bytes that may be on the way to a page.
const WINDOW_BYTES: usize = 512 * 1024;

/// A stack with a group in which an agent of this name runs, which is a shell.
fn with_shell(name: &str) -> (Stack, String) {
    let stack = Stack::start();
    let group_id = stack.ask("attach", &json!({"path": stack.work()}))["group_id"].as_str().expect("an id").to_owned();
    let command =
        json!(["sh", "-c", "printf 'ready> '; while read -r line; do eval \"$line\"; printf 'ready> '; done"]);
    let args = json!({"group_id": group_id, "actor_id": name, "runtime": "custom", "command": command});
    stack.ask("actor_add", &args);
    stack.ask("group_start", &json!({"group_id": group_id}));
    (stack, group_id)
}

fn send(page: &mut PageSocket, id: u64, group_id: &str, text: &str) -> Value {
    let args = json!({"group_id": group_id, "text": text, "to": ["user"], "client_id": format!("client-{id}")});
    page.say(&json!({"t": "ask", "id": id, "op": "send", "args": args}));
    page.until_that("an answer", |told| told["t"] == "answer" && told["id"] == id)
}

#[test]
fn what_happens_is_pushed_and_what_is_asked_is_answered() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let mut page = PageSocket::open(stack.web_port(), "/ws");
    assert_eq!((&page.until("hello")["v"], 1), (&json!(1), 1));
    page.say(&json!({"t": "look", "v": 1, "name": "desk", "group_id": group_id}));
    page.say(&json!({"t": "follow", "group_id": group_id, "after_seq": 0}));
    assert_eq!(page.until("following")["seq"], 0);
    let sent = send(&mut page, 7, &group_id, "one");
    assert_eq!((&sent["error"], &sent["result"]["event"]["data"]["text"]), (&Value::Null, &json!("one")));
    assert_eq!(page.messages_until("one").len(), 1);

    // The same again is the same message, and what cannot be is refused in words, with the number of the question.
    let again = send(&mut page, 7, &group_id, "one");
    assert_eq!(again["result"]["event"]["id"], sent["result"]["event"]["id"]);
    page.say(&json!({"t": "ask", "id": 8, "op": "group_show", "args": {"group_id": "g_none"}}));
    let refused = page.until_that("an answer", |told| told["id"] == 8);
    assert_eq!(refused["error"]["code"], "group_not_found");
    page.say(&json!({"t": "dance"}));
    assert_eq!(page.until("refused")["error"]["code"], "invalid_request");
    page.say(&json!({"t": "follow", "group_id": group_id, "after_seq": 9_999}));
    assert_eq!(page.until("unfollowed")["error"]["code"], "event_not_found");

    let mut phone = PageSocket::open(stack.web_port(), "/ws");
    phone.say(&json!({"t": "look", "v": 1, "name": "phone", "group_id": group_id}));
    page.until_that("the phone", |told| told["t"] == "presence" && told["others"] == json!(["phone"]));
    drop(phone);
    page.until_that("nobody", |told| told["t"] == "presence" && told["others"] == json!([]));
}

#[test]
fn nothing_is_missed_or_doubled_whoever_is_killed() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let mut page = PageSocket::open(stack.web_port(), "/ws");
    let follow = |after: u64| json!({"t": "follow", "group_id": group_id, "after_seq": after});
    page.say(&follow(0));
    page.until("following");
    let mut heard: Vec<(u64, String)> = Vec::new();
    let mut number = 0;
    for victim in ["ledgerd", "webd", "ptyd"] {
        stack.kill(victim);
        for _ in 0..20 {
            number += 1;
            let text = format!("message {number}");
            let args = json!({"group_id": group_id, "text": text, "to": ["user"], "client_id": text});
            until("the message is stored", || stack.client().try_ask("send", &args).is_ok_and(|told| told.is_ok()));
        }
        if victim == "webd" {
            let after = heard.last().map_or(0, |(seq, _)| *seq);
            until("webd is back", || PageSocket::try_open(stack.web_port(), "/ws", &[]).is_ok());
            page = PageSocket::open(stack.web_port(), "/ws");
            page.say(&follow(after));
        }
        heard.extend(page.messages_until(&format!("message {number}")));
    }
    let texts: Vec<&str> = heard.iter().map(|(_, text)| text.as_str()).collect();
    let wanted: Vec<String> = (1..=number).map(|number| format!("message {number}")).collect();
    assert_eq!(texts, wanted);
}

#[test]
fn one_types_and_the_others_look_on() {
    let (stack, group_id) = with_shell("lead");
    let mut desk = PageSocket::open(stack.web_port(), "/ws");
    let mut phone = PageSocket::open(stack.web_port(), "/ws");
    for (page, name) in [(&mut desk, "desk"), (&mut phone, "phone")] {
        page.say(&json!({"t": "look", "v": 1, "name": name, "group_id": group_id}));
        page.open_terminal(1, &group_id, "lead");
        page.until_shown(1, "ready> ");
    }
    desk.say(&json!({"t": "term_take", "id": 1}));
    desk.say(&json!({"t": "term_size", "id": 1, "cols": 90, "rows": 25}));
    desk.until_that("its size", |told| told["mine"] == true && told["cols"] == 90 && told["rows"] == 25);
    desk.say(&json!({"t": "term_keys", "id": 1, "data": "echo typed-$((40+2))\r"}));
    desk.until_shown(1, "typed-42");
    phone.until_shown(1, "typed-42");

    // Whoever only looks on changes no size.
    let seen = phone.until_that("the desk's size", |told| told["holder"] == "desk" && told["cols"] == 90);
    assert_eq!(seen["mine"], false);
    phone.say(&json!({"t": "term_size", "id": 1, "cols": 40, "rows": 12}));
    phone.say(&json!({"t": "term_keys", "id": 1, "data": "echo no-$((1+1))\r"}));

    // Until it takes over, and both are told.
    phone.say(&json!({"t": "term_take", "id": 1}));
    phone.until_that("its own size", |told| told["mine"] == true && told["cols"] == 40 && told["rows"] == 12);
    desk.until_that("the phone", |told| told["holder"] == "phone" && told["mine"] == false && told["cols"] == 40);
    phone.say(&json!({"t": "term_keys", "id": 1, "data": "echo by-phone-$((6*7))\r"}));
    let shown = desk.until_shown(1, "by-phone-42");
    assert!(!shown.contains("no-2"), "keys of whoever looks on were typed: {shown}");
    phone.say(&json!({"t": "term_give", "id": 1}));
    desk.until_that("nobody", |told| told["holder"] == Value::Null && told["cols"] != 40);

    // An end is told as one, and a terminal that is not there is refused.
    desk.say(&json!({"t": "term_take", "id": 1}));
    desk.say(&json!({"t": "term_keys", "id": 1, "data": "exit 3\r"}));
    assert_eq!(desk.until("term_closed")["code"], 3);
    desk.open_terminal(2, &group_id, "nobody");
    assert_eq!(desk.until("term_closed")["error"]["code"], "actor_not_running");
}

#[test]
fn a_terminal_comes_back_when_ptyd_does_and_a_slow_page_misses_nothing_that_is_still_to_be_seen() {
    let (stack, group_id) = with_shell("lead");
    let mut page = PageSocket::open(stack.web_port(), "/ws");
    page.open_terminal(1, &group_id, "lead");
    page.until_shown(1, "ready> ");
    page.say(&json!({"t": "term_take", "id": 1}));
    page.until_that("the keyboard", |told| told["mine"] == true);
    stack.kill("ptyd");
    // Keys that were meant for the screen that was are typed into no other one.
    page.say(&json!({"t": "term_keys", "id": 1, "data": "echo stale-$((1+1))\r"}));
    // The screen is drawn anew, and the keyboard is still ours; whether the page hears of it depends on how fast it was.
    until("the screen is drawn again", || page.read() && page.carried.iter().any(|carried| carried.kind == 1));
    page.say(&json!({"t": "term_keys", "id": 1, "data": "echo still-$((6*7))\r"}));
    let shown = page.until_shown(1, "still-42");
    assert!(!shown.contains("stale-2"), "{shown}");

    // Two megabytes, of which nothing is acknowledged: at most a window comes, and the end once it is.
    let flood = "i=0; while [ $i -lt 20000 ]; do echo 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; i=$((i+1)); done; echo the-end-$((1+1))\r";
    page.say(&json!({"t": "term_keys", "id": 1, "data": flood}));
    let seen = |page: &PageSocket| page.carried.iter().map(|carried| carried.bytes.len()).sum::<usize>();
    let is_at_the_end = |page: &PageSocket| {
        let last = page.carried.iter().skip(page.carried.len().saturating_sub(40));
        let text: Vec<u8> = last.flat_map(|carried| carried.bytes.clone()).collect();
        String::from_utf8_lossy(&text).contains("the-end-2")
    };
    // What comes faster than it is carried is left out, so that a busy machine may be at the end at once.
    until("a window is full", || page.read() && (seen(&page) >= WINDOW_BYTES || is_at_the_end(&page)));
    let before = seen(&page);
    assert!(before < 2 * WINDOW_BYTES, "{before} bytes came and nobody had said that any were drawn");
    let mut drawn = 0;
    until("the end is shown", || {
        let now = seen(&page);
        if now > drawn {
            drawn = now;
            page.say(&json!({"t": "term_ack", "id": 1, "bytes": drawn}));
        }
        is_at_the_end(&page) || {
            assert!(page.read(), "the connection is gone");
            false
        }
    });
}

#[test]
fn a_script_has_a_terminal_on_a_socket_of_its_own() {
    let (stack, group_id) = with_shell("lead");
    let path = format!("/api/v1/groups/{group_id}/actors/lead/term");
    let (mut socket, _) = tungstenite::connect(format!("ws://127.0.0.1:{}{path}", stack.web_port())).expect("it opens");
    let until_shown = |socket: &mut tungstenite::WebSocket<_>, text: &str| {
        let mut shown = Vec::new();
        while !String::from_utf8_lossy(&shown).contains(text) {
            if let tungstenite::Message::Binary(bytes) = socket.read().expect("more") {
                shown.extend_from_slice(&bytes);
            }
        }
    };
    until_shown(&mut socket, "ready> ");
    for said in
        [r#"{"t":"r","c":77,"r":22}"#, r#"{"t":"x"}"#, "nonsense", r#"{"t":"i","d":"stty size; echo so-$((2*21))\r"}"#]
    {
        socket.send(tungstenite::Message::text(said)).expect("it hears");
    }
    until_shown(&mut socket, "so-42");

    let gone = format!("/api/v1/groups/{group_id}/actors/nobody/term");
    let (mut socket, _) = tungstenite::connect(format!("ws://127.0.0.1:{}{gone}", stack.web_port())).expect("it opens");
    let refused: Value = serde_json::from_str(socket.read().expect("why").to_text().expect("text")).expect("JSON");
    assert_eq!((&refused["ok"], &refused["error"]["code"]), (&json!(false), &json!("actor_not_running")));
    let tungstenite::Message::Close(Some(close)) = socket.read().expect("a farewell") else { panic!("no close") };
    assert_eq!(u16::from(close.code), 1008);
}

#[test]
fn pages_of_others_get_no_socket() {
    let stack = Stack::start();
    let port = stack.web_port();
    for headers in [&[("origin", "https://evil.example")][..], &[("host", "evil.example")]] {
        assert_eq!(PageSocket::try_open(port, "/ws", headers).err().as_deref(), Some("403"), "{headers:?}");
    }
    let own = format!("http://127.0.0.1:{port}");
    assert!(PageSocket::try_open(port, "/ws", &[("origin", &own)]).is_ok());
}
