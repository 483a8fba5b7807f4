//! Who may use the web server: a token says how far, a wrong one is not tried for long, and what is set counts at once.

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use tests::http::{self, HttpAnswer};
use tests::{Stack, until, until_some};

/// A name of ours that is no name of this machine, as behind a tunnel: nobody gets in by it without a token.
const OUTSIDE: (&str, &str) = ("Host", "cccc.example");

/// The web server of a stack, as somebody with a token sees it from outside.
struct Visitor {
    port: u16,
    token: String,
}

impl Visitor {
    fn of(stack: &Stack, words: &[&str]) -> Self {
        let added = stack.json(&[&["web", "token", "add"], words].concat());
        Self { port: stack.web_port(), token: added["token"].as_str().expect("a token").to_owned() }
    }

    fn send(&self, line: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.token);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = http::request(self.port, line, &[OUTSIDE, ("Authorization", &bearer)], body.as_bytes());
        let answer = answer.expect("webd answers");
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    fn call(&self, op: &str, args: &Value) -> (u16, Value) {
        self.send(&format!("POST /api/v1/call/{op}"), args)
    }

    /// A connection that stays open, after its answer has begun.
    fn open(&self, path: &str, headers: &str, begin: &str) -> BufReader<TcpStream> {
        let mut socket = http::connect(self.port).expect("webd listens");
        let token = &self.token;
        write!(socket, "GET {path} HTTP/1.1\r\nHost: cccc.example\r\nAuthorization: Bearer {token}\r\n{headers}\r\n")
            .expect("it reads");
        let mut stream = BufReader::new(socket);
        let mut line = String::new();
        while !line.starts_with(begin) {
            line.clear();
            assert!(stream.read_line(&mut line).expect("it goes on") > 0, "{path} ended before {begin:?}");
        }
        stream
    }
}

fn get(port: u16, path: &str, headers: &[(&str, &str)]) -> HttpAnswer {
    http::request(port, &format!("GET {path}"), headers, b"").expect("webd answers")
}

/// A stack whose browsers are served as these variables say.
fn served(variables: &[(&str, &str)]) -> Stack {
    let mut stack = Stack::new();
    let mut command = stack.command("cccc");
    command.args(["daemon", "run"]).envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().expect("the supervisor starts");
    stack.adopt(child);
    stack.until_answered();
    stack
}

#[test]
fn a_token_lets_somebody_in_as_far_as_its_role_goes() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let other = stack.ask("group_create", &json!({"title": "other"}))["group_id"].as_str().expect("an id").to_owned();
    let own = json!({"group_id": group_id});
    let said = json!({"group_id": group_id, "text": "hi", "to": ["user"]});

    let viewer = Visitor::of(&stack, &["guest", "-g", &group_id]);
    let told = viewer.send("GET /api/v1/ping", &Value::Null).1["result"]["web"].clone();
    assert_eq!((&told["name"], &told["role"], &told["read_only"]), (&json!("guest"), &json!("viewer"), &json!(true)));
    let groups = viewer.call("groups", &json!({})).1["result"]["groups"].clone();
    assert_eq!((groups.as_array().map(Vec::len), &groups[0]["group_id"]), (Some(1), &json!(group_id)));
    for (op, args, status, code) in [
        ("ledger_window", own.clone(), 200, None),
        ("send", said.clone(), 403, Some("read_only")),
        ("ledger_window", json!({"group_id": other}), 403, Some("permission_denied")),
        ("web_token_add", json!({"name": "more"}), 403, Some("read_only")),
        ("terminal_clear", own.clone(), 403, Some("read_only")),
    ] {
        let (is, told) = viewer.call(op, &args);
        assert_eq!((is, told["error"]["code"].as_str()), (status, code), "{op}: {told}");
    }
    assert_eq!(viewer.send("GET /api/v1/events/stream", &Value::Null).0, 403);

    let member = Visitor::of(&stack, &["desk", "--role", "member"]);
    assert_eq!(member.call("send", &said).0, 200);
    for op in ["web_token_list", "remote_access_state", "group_delete", "actor_env_private_keys"] {
        assert_eq!(member.call(op, &own).0, 403, "{op}");
    }
    let admin = Visitor::of(&stack, &["owner's phone", "--role", "admin"]);
    assert_eq!(admin.call("web_token_list", &json!({})).1["result"]["web_tokens"].as_array().map(Vec::len), Some(3));
    // What only webd may know nobody is told by it.
    assert_eq!(admin.call("web_access_get", &json!({})).0, 403);

    // Whoever is on this machine needs none, but whoever comes through a tunnel does.
    let port = stack.web_port();
    assert_eq!(get(port, "/api/v1/ping", &[]).status, 200);
    for header in [OUTSIDE, ("X-Forwarded-For", "198.51.100.7"), ("CF-Connecting-IP", "198.51.100.7")] {
        assert_eq!(get(port, "/api/v1/ping", &[header]).status, 401, "{header:?}");
    }
    let text = format!("{}{}{}", viewer.token, member.token, admin.token);
    let secrets: Vec<_> = text.split("cccc_").filter_map(|token| token.split('_').nth(1)).collect();
    for file in tests::files(&stack.home()) {
        let kept = String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default()).into_owned();
        assert!(secrets.iter().all(|secret| !kept.contains(secret)), "{}", file.display());
    }
}

#[test]
fn what_is_revoked_ends_where_it_is_open() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let guest = Visitor::of(&stack, &["guest", "-g", &group_id]);
    let mut events = guest.open(&format!("/api/v1/groups/{group_id}/ledger/stream"), "", ": connected");
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut socket = guest.open("/ws", upgrade, "HTTP/1.1 101");
    stack.ok(&["web", "token", "revoke", "guest"]);
    let mut rest = Vec::new();
    for stream in [&mut events, &mut socket] {
        // A socket is reset or closed; either way nothing more comes.
        let _ = stream.read_to_end(&mut rest);
    }
    assert_eq!(guest.send("GET /api/v1/ping", &Value::Null).0, 401);
}

#[test]
fn a_browser_keeps_its_token_and_forgets_it() {
    let stack = Stack::start();
    let guest = Visitor::of(&stack, &["guest"]);
    let port = stack.web_port();
    let opened = get(port, &format!("/?token={}", guest.token), &[OUTSIDE]);
    let cookie = opened.header("set-cookie").expect("a cookie").to_owned();
    assert!(opened.status == 303 && cookie.starts_with("cccc_web_token=") && !cookie.contains("Secure"), "{cookie}");
    let https = ("X-Forwarded-Proto", "https");
    let opened = get(port, &format!("/?token={}", guest.token), &[OUTSIDE, https]);
    let cookie = opened.header("set-cookie").expect("a cookie").to_owned();
    assert!(cookie.starts_with("__Host-cccc_web_token=") && cookie.ends_with("; Secure"), "{cookie}");
    let cookie = cookie.split(';').next().expect("its value");
    assert_eq!(get(port, "/api/v1/ping", &[OUTSIDE, https, ("Cookie", cookie)]).status, 200);
    assert_eq!(get(port, "/api/v1/ping", &[OUTSIDE, ("Cookie", cookie)]).status, 401, "it is for https alone");
    let out = http::request(port, "POST /api/v1/logout", &[OUTSIDE], b"").expect("webd answers");
    assert!(
        out.status == 200 && out.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")),
        "{out:?}"
    );
}

#[test]
fn wrong_tokens_are_not_tried_for_long() {
    let stack = served(&[("CCCC_WEB_TOKEN", "the right one")]);
    let port = stack.web_port();
    let status = |address: &str, token: &str| {
        let answer = get(port, &format!("/api/v1/ping?token={token}"), &[OUTSIDE, ("X-Forwarded-For", address)]);
        (answer.status, answer.header("retry-after").is_some())
    };
    // A page that was left open tries the same for ever, which is no guess.
    assert!((0..30).all(|_| status("198.51.100.7", "outdated").0 == 401));
    let mut guesses = 0;
    let tried = until_some("refusal", || {
        guesses += 1;
        Some(status("198.51.100.7", &format!("guess{guesses}"))).filter(|(status, _)| *status != 401)
    });
    assert_eq!(tried, (429, true));
    assert_eq!(
        status("198.51.100.7", "the+right+one").0,
        429,
        "nor is a right one, which would be a guess like any other"
    );
    assert_eq!((status("198.51.100.8", "wrong").0, status("198.51.100.9", "the+right+one").0), (401, 200));
}

#[test]
fn what_is_set_of_the_place_counts_at_once() {
    let stack = Stack::start();
    let before = stack.web_port();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = || -> Value {
        let text = std::fs::read_to_string(stack.home().join("run/web.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    };
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    stack.ask("remote_access_configure", &json!({"web_port": free}));
    until("the new port", || endpoint()["port"] == json!(free));
    assert_eq!(get(free, "/api/v1/ping", &[]).status, 200);
    until("the old one to end", || TcpStream::connect(("127.0.0.1", before)).is_err());

    // What cannot be is refused with the reason where it is asked of the web server, and told where it is not.
    let port = taken.local_addr().expect("a port").port();
    let body = json!({"web_port": port}).to_string();
    let refused = http::request(free, "PUT /api/v1/remote_access", &[], body.as_bytes()).expect("webd answers");
    assert!(refused.status == 400 && refused.body.contains("remote_access_invalid_config"), "{refused:?}");
    stack.ask("remote_access_configure", &json!({"web_port": port}));
    until("the reason", || endpoint()["trouble"].as_str().is_some_and(|why| why.contains(&port.to_string())));
    assert_eq!((get(free, "/api/v1/ping", &[]).status, &endpoint()["port"]), (200, &json!(free)));
    stack.ask("remote_access_configure", &json!({"web_port": free, "web_host": "0.0.0.0"}));
    until("the reason", || endpoint()["trouble"].as_str().is_some_and(|why| why.contains("no token")));

    // A token that is set is asked for at once, and the other address of the same port is taken.
    stack.ask("remote_access_configure", &json!({"web_host": "::1"}));
    stack.ask("remote_access_configure", &json!({"web_token": "hunter2", "web_host": "127.0.0.2"}));
    until("the other address", || endpoint()["url"] == json!(format!("http://127.0.0.2:{free}/ui/")));
    until("it to be asked for", || {
        let mut socket = TcpStream::connect(("127.0.0.2", free)).expect("it listens");
        write!(socket, "GET /api/v1/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).is_ok_and(|_| answer.starts_with("HTTP/1.1 401"))
    });
}

#[test]
fn browsers_are_served_by_a_command_of_its_own() {
    let stack = Stack::start();
    let mut command = stack.command("cccc");
    command.args(["web", "--port", "0", "--exhibit"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut said = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut said).expect("a line");
    let port = said.split(':').nth(2).and_then(|rest| rest.split('/').next()?.parse().ok()).expect("an address");
    assert_ne!(port, stack.web_port(), "{said}");
    let told: Value = serde_json::from_str(&get(port, "/api/v1/ping", &[]).body).expect("JSON");
    assert_eq!((&told["result"]["web"]["read_only"], &told["ok"]), (&json!(true), &json!(true)), "{told}");
    assert_eq!(get(port, "/api/v1/groups", &[]).status, 200);
    assert_eq!(get(stack.web_port(), "/api/v1/ping", &[]).status, 200, "it is beside the other one");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).expect("it runs");
    assert!(child.wait().expect("it ends").success());

    let open = stack.cccc(&["web", "--host", "0.0.0.0", "--port", "0"]);
    let why = String::from_utf8_lossy(&open.stderr).into_owned();
    assert!(!open.status.success() && why.contains("there is no token"), "{why}");
}
