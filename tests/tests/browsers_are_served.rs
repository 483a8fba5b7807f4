//! Browsers and scripts do over HTTP what everybody else does, and nobody else's page does it for them.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use tests::http::{self, HttpAnswer};
use tests::{Stack, until};

/// A script at the port of a stack.
struct Script {
    port: u16,
}

impl Script {
    fn of(stack: &Stack) -> Self {
        Self { port: stack.web_port() }
    }

    fn send(&self, line: &str, headers: &[(&str, &str)], body: &Value) -> HttpAnswer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        http::request(self.port, line, headers, body.as_bytes()).expect("webd answers")
    }

    /// The result of what must be done.
    fn ok(&self, line: &str, body: &Value) -> Value {
        let answer = self.send(line, &[], body);
        let told: Value =
            serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{line}: {error}: {answer:?}"));
        assert_eq!((answer.status, &told["ok"], &told["v"]), (200, &json!(true), &json!(1)), "{line}: {told}");
        told["result"].clone()
    }

    /// Status and code of what must be refused.
    fn refused(&self, line: &str, headers: &[(&str, &str)], body: &Value) -> (u16, String) {
        let answer = self.send(line, headers, body);
        let told: Value =
            serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{line}: {error}: {answer:?}"));
        assert!(told["ok"] == false && told["error"]["message"].as_str().is_some_and(|text| text.len() > 10), "{told}");
        (answer.status, told["error"]["code"].as_str().expect("a code").to_owned())
    }
}

/// A stream of events, as a script reads it.
struct Events(BufReader<TcpStream>);

impl Events {
    fn open(port: u16, path: &str, headers: &str) -> Self {
        let mut socket = http::connect(port).expect("webd listens");
        write!(socket, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n").expect("it reads");
        let mut stream = Self(BufReader::new(socket));
        stream.until(": connected");
        stream
    }

    /// The next line that begins so, without that.
    fn until(&mut self, begin: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).expect("it goes on") > 0, "the stream ended before {begin:?}");
            if let Some(rest) = line.trim_end().strip_prefix(begin) {
                return rest.to_owned();
            }
        }
    }

    /// Number and text of the next message.
    fn message(&mut self) -> (u64, String) {
        loop {
            let id = self.until("id: ").parse().expect("a number");
            let event: Value = serde_json::from_str(&self.until("data: ")).expect("an event");
            assert_eq!(event["seq"], json!(id));
            if event["kind"] == "chat.message" {
                return (id, event["data"]["text"].as_str().expect("a text").to_owned());
            }
        }
    }
}

#[test]
fn browsers_are_served() {
    let stack = Stack::start();
    let script = Script::of(&stack);
    assert_eq!(script.ok("GET /api/v1/ping", &Value::Null)["web"]["read_only"], false);
    assert_eq!(script.ok("GET /api/v1/health", &Value::Null)["daemon"], "running");
    let group_id = script.ok("POST /api/v1/groups", &json!({"title": "bridge"}))["group_id"].clone();
    let group_id = group_id.as_str().expect("a group").to_owned();
    let group = format!("/api/v1/groups/{group_id}");
    script.ok(&format!("PUT {group}"), &json!({"title": "the bridge", "unknown": 1}));
    assert_eq!(script.ok(&format!("GET {group}"), &Value::Null)["group"]["title"], "the bridge");
    script.ok(&format!("POST {group}/attach"), &json!({"path": stack.work()}));
    script.ok(&format!("PUT {group}/settings"), &json!({"nudge_after_seconds": 60}));

    // The address says which group, whatever the body says.
    let sent = script.ok(&format!("POST {group}/send"), &json!({"text": "one", "to": ["user"], "group_id": "g_other"}));
    let (first, seq) = (sent["event"]["id"].clone(), sent["event"]["seq"].as_u64().expect("a number"));
    assert_eq!((&sent["event"]["by"], &sent["event"]["group_id"]), (&json!("user"), &json!(group_id)));
    script.ok(&format!("POST {group}/reply"), &json!({"text": "two", "reply_to": first, "to": ["user"]}));
    let none = script.ok(&format!("GET {group}/ledger/search?q=nobody-said-this&limit=5"), &Value::Null);
    assert_eq!(none["events"], json!([]), "{none}");
    let found = script.ok(&format!("GET {group}/ledger/search?q=one&limit=5"), &Value::Null);
    assert_eq!(found["events"][0]["id"], first, "{found}");
    let window =
        script.ok(&format!("GET {group}/ledger/window?center={}&before=1", first.as_str().unwrap()), &Value::Null);
    assert!(window["events"].as_array().is_some_and(|events| events.iter().any(|event| event["id"] == first)));

    // An actor proves itself here as everywhere.
    let badge = stack.headless(&group_id, "worker");
    let said = json!({"text": "mine", "to": ["user"], "by": "worker", "token": badge.token});
    assert_eq!(script.ok(&format!("POST {group}/send"), &said)["event"]["by"], "worker");
    let said = json!({"text": "not mine", "to": ["user"], "by": "worker", "token": "0".repeat(64)});
    assert_eq!(script.refused(&format!("POST {group}/send"), &[], &said), (403, "permission_denied".into()));

    // What the addresses lack is under its name, and the same request is done once.
    let once = json!({"group_id": group_id, "text": "three", "to": ["user"], "request_id": "r1"});
    let [one, again] = [0, 1].map(|_| script.ok("POST /api/v1/call/send", &once)["event"]["id"].clone());
    assert_eq!(one, again);

    // What happens is told once and in order, and goes on where the client has been, also after a restart.
    let path = format!("{group}/ledger/stream");
    let mut events = Events::open(script.port, &path, &format!("Last-Event-ID: {}\r\n", seq - 1));
    assert_eq!(events.message(), (seq, "one".into()));
    assert_eq!([events.message().1, events.message().1], ["two", "mine"]);
    let (last, text) = events.message();
    assert_eq!(text, "three");
    stack.kill("ledgerd");
    stack.ask("send", &json!({"group_id": group_id, "text": "four", "to": ["user"]}));
    assert_eq!(events.message().1, "four");
    let killed = stack.process("webd").pid;
    stack.kill("webd");
    until("another webd", || stack.find("webd").is_some_and(|next| next.pid != killed));
    let script = Script::of(&stack);
    until("the port again", || http::connect(script.port).is_ok());
    let mut events = Events::open(script.port, &format!("{path}?after_seq={last}"), "");
    assert_eq!(events.message().1, "four");
    let ahead = [("Last-Event-ID", "999999")];
    assert_eq!(script.refused(&format!("GET {path}"), &ahead, &Value::Null), (404, "event_not_found".into()));

    // A stored file is shown when it is harmless, and saved otherwise.
    for (name, text, disposition) in
        [("a.txt", "hello", "inline"), ("b.svg", "<svg/>", "attachment"), ("c.html", "<b>", "attachment")]
    {
        std::fs::write(stack.work().join(name), text).expect("a file");
        let files = json!({"group_id": group_id, "paths": [name], "text": "see", "to": ["user"]});
        let path = stack.ask("send_files", &files)["event"]["data"]["attachments"][0]["path"].clone();
        let stored = path.as_str().expect("a path").trim_start_matches("state/blobs/").to_owned();
        let got = script.send(&format!("GET {group}/blobs/{stored}"), &[], &Value::Null);
        assert_eq!((got.status, got.body.as_str(), got.header("x-content-type-options")), (200, text, Some("nosniff")));
        assert!(got.header("content-disposition").is_some_and(|value| value.starts_with(disposition)), "{got:?}");
    }

    #[rustfmt::skip]
    let cases = [
        ("GET /api/v1/groups/g_nowhere".to_owned(),  json!(null),              404, "group_not_found"),
        (format!("POST {group}/send"),               json!({"text": " ", "to": ["user"]}), 400, "empty_message"),
        (format!("DELETE {group}"),                  json!(null),              400, "confirmation_required"),
        ("POST /api/v1/call/no_such_op".to_owned(),  json!({}),                400, "unknown_op"),
        ("POST /api/v1/call/secrets_get".to_owned(), json!({"by": "system"}),  403, "permission_denied"),
        ("POST /api/v1/groups".to_owned(),           json!([1]),               400, "invalid_request"),
        ("GET /api/v1/nothing".to_owned(),           json!(null),              404, "not_found"),
        (format!("GET {group}/blobs/..%2Fx"),        json!(null),              400, "invalid_blob"),
    ];
    for (line, body, status, code) in cases {
        assert_eq!(script.refused(&line, &[], &body), (status, code.to_owned()), "{line}");
    }
    assert_eq!(script.ok(&format!("DELETE {group}?confirm={group_id}"), &Value::Null)["group_id"], json!(group_id));
}

#[test]
fn pages_of_others_are_kept_out() {
    let stack = Stack::start();
    let script = Script::of(&stack);
    let own = format!("http://127.0.0.1:{}", script.port);
    assert_eq!(script.send("POST /api/v1/groups", &[("Origin", &own)], &json!({})).status, 200);
    for header in [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Host", "evil.example"),
    ] {
        let refused = script.refused("POST /api/v1/groups", &[header], &json!({}));
        assert_eq!(refused, (403, "permission_denied".into()), "{header:?}");
    }
    assert_eq!(stack.ask("groups", &json!({}))["groups"].as_array().map(Vec::len), Some(1));
    let page = script.send("GET /api/v1/ping", &[], &Value::Null);
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("script-src 'self'")));
}

#[test]
fn whoever_has_the_token_is_let_in_and_nobody_finds_it() {
    const TOKEN: &str = "a long and secret token";
    let stack = Stack::served(&[("CCCC_WEB_TOKEN", TOKEN)]);
    let script = Script::of(&stack);
    assert_eq!(script.refused("GET /api/v1/groups", &[], &Value::Null), (401, "unauthorized".into()));
    assert_eq!(script.refused("GET /api/v1/groups?token=wrong", &[], &Value::Null), (401, "unauthorized".into()));
    let bearer = format!("Bearer {TOKEN}");
    let let_in = script.send("GET /api/v1/groups", &[("Authorization", &bearer)], &Value::Null);
    let cookie = let_in.header("set-cookie").expect("a cookie").to_owned();
    assert!(let_in.status == 200 && cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().expect("its value");
    assert_eq!(script.send("GET /api/v1/groups", &[("Cookie", cookie)], &Value::Null).status, 200);
    let opened = script.send("GET /?token=a%20long%20and%20secret%20token", &[], &Value::Null);
    assert_eq!((opened.status, opened.header("location")), (303, Some("/ui/")), "the token leaves the address");

    stack.group(&["a"]);
    until("the agent", || !stack.processes("test-agent").is_empty());
    let agents = stack.processes("test-agent");
    assert!(
        agents.iter().all(|agent| !tests::process::environment(agent.pid).join("\n").contains(TOKEN)),
        "agents are not told it"
    );
    for log in std::fs::read_dir(stack.home().join("logs")).expect("logs").flatten() {
        let text = std::fs::read_to_string(log.path()).unwrap_or_default();
        assert!(!text.contains(TOKEN), "{}", log.path().display());
    }
}

#[test]
fn nothing_is_changed_in_read_only_mode() {
    let stack = Stack::served(&[("CCCC_WEB_MODE", "exhibit")]);
    let script = Script::of(&stack);
    let group = stack.ask("group_create", &json!({"title": "shown"}))["group_id"].clone();
    assert_eq!(script.ok("GET /api/v1/groups", &Value::Null)["groups"][0]["group_id"], group);
    let told = script.ok("GET /api/v1/ping", &Value::Null);
    assert_eq!((&told["web"]["mode"], told.get("home")), (&json!("exhibit"), None));
    // What only reads is not less so for being posted, as the page does.
    assert_eq!(script.ok("POST /api/v1/call/groups", &json!({}))["groups"][0]["group_id"], group);
    for line in
        ["POST /api/v1/groups", "POST /api/v1/call/group_create", "PUT /api/v1/observability", "GET /api/v1/runtimes"]
    {
        assert_eq!(script.refused(line, &[], &json!({})), (403, "read_only".into()), "{line}");
    }
}

/// A form as a browser sends it.
fn form(fields: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    for (name, content) in files {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n");
        body += &format!("{head}Content-Type: application/octet-stream\r\n\r\n{content}\r\n");
    }
    (body + "--edge--\r\n").into_bytes()
}

#[test]
fn files_come_with_a_message() {
    let stack = Stack::start();
    let port = stack.web_port();
    let (group_id, _) = stack.group(&[]);
    let post = |way: &str, body: Vec<u8>| {
        let kind = [("Content-Type", "multipart/form-data; boundary=edge")];
        let answer =
            http::request(port, &format!("POST /api/v1/groups/{group_id}/{way}"), &kind, &body).expect("an answer");
        let told: Value = serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
        (answer.status, told)
    };
    let large = "x".repeat(3_000_000);
    let fields = [("to_json", r#"["user"]"#), ("text", "")];
    let (status, told) = post("send_upload", form(&fields, &[("plan.txt", "arch"), ("../../large.bin", &large)]));
    assert_eq!(status, 200, "{told}");
    let event = &told["result"]["event"];
    let titles: Vec<_> =
        event["data"]["attachments"].as_array().expect("files").iter().map(|file| file["title"].clone()).collect();
    assert_eq!(titles, ["plan.txt", "large.bin"]);
    assert_eq!(event["data"]["text"], "[files] 2 attachments");
    let stored = event["data"]["attachments"][1]["path"].as_str().expect("a path").trim_start_matches("state/blobs/");
    let got =
        http::request(port, &format!("GET /api/v1/groups/{group_id}/blobs/{stored}"), &[], b"").expect("an answer");
    assert!(got.status == 200 && got.body == large, "it comes back whole");

    let fields = [("to_json", r#"["user"]"#), ("reply_to", event["id"].as_str().expect("an id")), ("text", "again")];
    let (status, told) = post("reply_upload", form(&fields, &[("plan.txt", "arch")]));
    assert_eq!((status, &told["result"]["event"]["data"]["reply_to"]), (200, &event["id"]), "{told}");

    #[rustfmt::skip]
    let cases = [
        (form(&[("to_json", "user")], &[]),                             400, "invalid_recipient"),
        (form(&[("to_json", r#"["nobody"]"#)], &[("a", "b")]),          400, "invalid_recipient"),
        (form(&[], &[("huge", &"x".repeat(21 * 1024 * 1024))]),         413, "file_too_large"),
        (b"--edge\r\nno form".to_vec(),                                 400, "invalid_request"),
    ];
    for (body, status, code) in cases {
        let (is, told) = post("send_upload", body);
        assert_eq!((is, &told["error"]["code"]), (status, &json!(code)), "{told}");
    }
    let left = std::fs::read_dir(stack.home().join("run")).expect("the folder").flatten();
    assert!(
        left.map(|entry| entry.file_name()).all(|name| !name.to_string_lossy().starts_with(".tmp")),
        "nothing is left"
    );
}

#[test]
fn folders_of_this_machine_can_be_chosen() {
    let stack = Stack::start();
    let script = Script::of(&stack);
    std::fs::create_dir(stack.work().join("inside")).expect("a folder");
    let path = stack.work().to_string_lossy().into_owned();
    let told = script.ok(&format!("GET /api/v1/fs/list?path={path}"), &Value::Null);
    assert_eq!((&told["items"][0]["name"], &told["items"][0]["is_dir"]), (&json!("inside"), &json!(true)));
    assert_eq!(
        script.refused(&format!("GET /api/v1/fs/list?path={path}/gone"), &[], &Value::Null),
        (404, "NOT_FOUND".into())
    );
    assert!(
        script.ok("GET /api/v1/fs/recent", &Value::Null)["suggestions"].as_array().is_some_and(|all| !all.is_empty())
    );
    let root = script.ok(&format!("GET /api/v1/fs/scope_root?path={path}/inside"), &Value::Null);
    assert!(root["scope_root"].as_str().is_some_and(|root| root.ends_with("inside")), "{root}");
    assert!(script.ok("GET /api/v1/runtimes", &Value::Null)["runtimes"].as_array().is_some_and(|all| all.len() > 10));
}
