//! A client of the tools may send rubbish, too much, half of it, everything at once, or nothing more: it is told what was
//! wrong, and everybody else is served, itself included.

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use tests::mcp::{Badge, Mcp, PROTOCOL, Pipes, Web};
use tests::{Stack, http, until, until_some};

const PARSE_ERROR: i64 = -32_700;
const INVALID_REQUEST: i64 = -32_600;

/// More than a line or a request may have.
const TOO_MUCH: usize = 5 * 1024 * 1024;

fn office() -> (Stack, Badge) {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let badge = stack.headless(&group_id, "agent");
    (stack, badge)
}

fn message(id: u64, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn call(id: u64, tool: &str, args: &Value) -> Value {
    message(id, "tools/call", &json!({"name": tool, "arguments": args}))
}

/// `cccc mcp` after the hello.
fn greeted(stack: &Stack, badge: &Badge) -> Pipes {
    let mut pipes = Pipes::open(stack, badge);
    let who = json!({"name": "odd", "version": "1"});
    let hello = json!({"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": who});
    pipes.say_message(&message(0, "initialize", &hello)).expect("it reads");
    assert_eq!(pipes.hear_answer(0).expect("a hello")["result"]["protocolVersion"], PROTOCOL);
    pipes.say_message(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).expect("it reads");
    pipes
}

#[test]
fn odd_lines_are_answered_and_the_next_one_is_read() {
    let (stack, badge) = office();
    let mut pipes = greeted(&stack, &badge);
    let long = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{}\"}}", "x".repeat(TOO_MUCH));
    let deep = format!("{{\"id\":1,\"method\":\"ping\",\"params\":{}", "[".repeat(10_000));
    let batch = json!([message(1, "ping", &json!({})), message(2, "ping", &json!({}))]).to_string();
    #[rustfmt::skip]
    let cases: [(&[u8], Option<i64>); 12] = [
        (b"",                                         None),
        (b"   \t\r",                                  None),
        (b"rubbish",                                  Some(PARSE_ERROR)),
        (br#"{"jsonrpc":"2.0","id":1,"#,              Some(PARSE_ERROR)),
        (b"\xff\xfe",                                 Some(PARSE_ERROR)),
        (long.as_bytes(),                             Some(INVALID_REQUEST)),
        (deep.as_bytes(),                             Some(INVALID_REQUEST)),
        (batch.as_bytes(),                            Some(INVALID_REQUEST)),
        (b"7",                                        Some(INVALID_REQUEST)),
        (b"null",                                     Some(INVALID_REQUEST)),
        (br#"{"id":1}"#,                              Some(INVALID_REQUEST)),
        (br#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, Some(INVALID_REQUEST)),
    ];
    for (number, (line, code)) in cases.into_iter().enumerate() {
        let shown = String::from_utf8_lossy(&line[..line.len().min(80)]).into_owned();
        let id = 100 + number as u64;
        pipes.say(&[line, b"\n"].concat()).expect("it reads");
        pipes.say_message(&message(id, "ping", &json!({}))).expect("it reads");
        // The two answers may come in either order.
        let mut codes = Vec::new();
        let mut is_answered = false;
        while !is_answered || codes.len() < code.iter().len() {
            let answer = pipes.hear().expect("JSON").unwrap_or_else(|| panic!("{shown}: it has ended"));
            match answer["error"]["code"].as_i64() {
                Some(code) => codes.push(code),
                None => is_answered = answer["id"] == json!(id),
            }
        }
        assert_eq!(codes, code.into_iter().collect::<Vec<_>>(), "{shown}");
    }
    pipes.say_message(&message(1, "no/such/method", &json!({}))).expect("it reads");
    assert_eq!(pipes.hear_answer(1).expect("an answer")["error"]["code"], -32_601);
    pipes.say_message(&message(2, "tools/call", &json!({"arguments": {}}))).expect("it reads");
    assert!(pipes.hear_answer(2).expect("an answer")["error"]["code"].is_i64(), "a call without a name");
    assert!(pipes.end().success());
}

#[test]
fn many_calls_at_once_are_each_answered_once() {
    let (stack, badge) = office();
    let mut pipes = greeted(&stack, &badge);
    let ids: BTreeSet<u64> = (1..=50).collect();
    for id in &ids {
        let args = json!({"text": format!("number {id}"), "to": "user"});
        pipes.say_message(&call(*id, "cccc_message_send", &args)).expect("it reads");
    }
    // It asks no more, and is told everything all the same.
    pipes.close();
    let mut answered = Vec::new();
    while let Some(answer) = pipes.hear().expect("JSON") {
        assert_eq!(answer["result"]["isError"], json!(false), "{answer}");
        answered.extend(answer["id"].as_u64());
    }
    assert_eq!((answered.len(), answered.into_iter().collect::<BTreeSet<_>>()), (ids.len(), ids));
    assert!(pipes.end().success());

    let web: Vec<_> = (0..50)
        .map(|number| {
            let mut web = Web::new(&stack, &badge.token);
            std::thread::spawn(move || {
                let args = json!({"text": format!("web {number}"), "to": "user"});
                web.exchange(&call(1, "cccc_message_send", &args)).expect("an answer").expect("an answer")
            })
        })
        .collect();
    for one in web {
        assert_eq!(one.join().expect("a client")["result"]["isError"], json!(false));
    }
    let events = stack.events(&badge.group_id);
    assert_eq!(events.iter().filter(|event| event["kind"] == "chat.message").count(), 100);
}

#[test]
fn who_takes_a_call_back_or_goes_away_is_waited_for_by_nobody() {
    let (stack, badge) = office();
    let mut pipes = greeted(&stack, &badge);
    let mut other = greeted(&stack, &badge);
    let ledgerd = stack.process("ledgerd");
    assert!(ledgerd.signal(Signal::SIGSTOP));
    pipes.say_message(&call(1, "cccc_context_get", &json!({}))).expect("it reads");
    other.say_message(&call(1, "cccc_context_get", &json!({}))).expect("it reads");
    let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    pipes.say_message(&cancelled).expect("it reads");
    pipes.say_message(&message(2, "ping", &json!({}))).expect("it reads");
    assert!(pipes.hear_answer(2).expect("an answer").get("result").is_some(), "meanwhile it hears");
    // One goes away while it waits; nothing of it stays.
    let pid = i32::try_from(other.pid()).expect("a pid");
    drop(other);
    until("the end of who has gone", || !tests::process::is_alive(pid));
    let mut half = http::connect(stack.mcp_port()).expect("mcpd listens");
    let head = format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", badge.token);
    half.write_all(format!("{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{").as_bytes())
        .expect("it reads");
    drop(half);
    assert!(ledgerd.signal(Signal::SIGCONT));
    pipes.say_message(&call(3, "cccc_context_get", &json!({}))).expect("it reads");
    assert_eq!(pipes.hear_answer(3).expect("an answer")["result"]["isError"], json!(false));
    assert!(pipes.end().success());
    Mcp::http(&stack, &badge.token).ok("cccc_context_get", &json!({}));
}

#[test]
fn a_call_waits_for_a_daemon_and_says_so_when_none_comes() {
    let (mut stack, badge) = office();
    let mut agent = Mcp::stdio(&stack, &badge);
    agent.ok("cccc_context_get", &json!({}));
    stack.stop();
    assert_eq!(agent.refused("cccc_message_send", &json!({"text": "x", "to": "user"})), "daemon_unavailable");
    assert_eq!(agent.refused("cccc_no_such_tool", &json!({})), "unknown_tool", "it lives");
    stack.run();
    agent.ok("cccc_message_send", &json!({"text": "y", "to": "user"}));
}

/// What is tried, the first line, a header in place of the usual one, the body, and the status of the answer.
type Knock<'a> = (&'a str, &'a str, Option<(&'a str, &'a str)>, &'a [u8], u16);

#[test]
fn odd_requests_over_http_are_refused() {
    let (stack, badge) = office();
    let port = stack.mcp_port();
    let bearer = format!("Bearer {}", badge.token);
    let ping = message(1, "ping", &json!({})).to_string();
    let huge = vec![b' '; TOO_MUCH];
    // Somebody holds connections and says nothing.
    let _held: Vec<_> = (0..50).map(|_| http::connect(port).expect("mcpd listens")).collect();
    #[rustfmt::skip]
    let cases: [Knock<'_>; 12] = [
        // what                 request              header                                          body              status
        ("as it should be",     "POST /mcp",         None,                                           ping.as_bytes(),  200),
        ("for this machine",    "POST /mcp",         Some(("Host", "localhost")),                    ping.as_bytes(),  200),
        ("of a page",           "POST /mcp",         Some(("Origin", "http://example.org")),         ping.as_bytes(),  403),
        ("of a local page",     "POST /mcp",         Some(("Origin", "http://localhost")),           ping.as_bytes(),  403),
        ("of no page",          "POST /mcp",         Some(("Origin", "null")),                       ping.as_bytes(),  403),
        ("for another host",    "POST /mcp",         Some(("Host", "example.org")),                  ping.as_bytes(),  403),
        ("wrong path",          "POST /",            None,                                           ping.as_bytes(),  404),
        ("wrong path below",    "POST /mcp/x",       None,                                           ping.as_bytes(),  404),
        ("huge",                "POST /mcp",         None,                                           &huge,            413),
        ("a stream",            "GET /mcp",          None,                                           b"",              405),
        ("an end",              "DELETE /mcp",       None,                                           b"",              405),
        ("rubbish",             "POST /mcp",         None,                                           b"rubbish",       415),
    ];
    for (what, line, header, body, status) in cases {
        let usual = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
        ];
        let headers: Vec<_> = usual.into_iter().chain(header).collect();
        let answer = until_some(what, || http::request(port, line, &headers, body).ok());
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        // Without a token nobody gets further than to be told so.
        let answer = until_some(what, || http::request(port, line, &headers[1..], body).ok());
        assert!([401, 404].contains(&answer.status), "{what}: {answer:?}");
    }
    Mcp::http(&stack, &badge.token).ok("cccc_context_get", &json!({}));
}
