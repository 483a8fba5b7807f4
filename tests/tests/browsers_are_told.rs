//! A browser is told what concerns the user while no page is open, and nobody on the way can read it: a push service of
//! published code checks who writes and reads what came.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tests::{Stack, http, published, until};

/// How long something may take that will come.
const SOON: Duration = Duration::from_secs(30);

/// A service, and the browsers that it reaches.
struct Service {
    process: Child,
    port: u16,
    keys: Value,
    told: Receiver<Value>,
}

impl Service {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("published/push_service.py");
        let mut process = Command::new(published("pywebpush==2.5.0").join("python"))
            .arg(script)
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let mut lines = BufReader::new(process.stdout.take().expect("it has a voice")).lines();
        let first = lines.next().expect("it says where it listens").expect("a line");
        let begin: Value = serde_json::from_str(&first).expect("JSON");
        let (tell, told) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if tell.send(serde_json::from_str(&line).expect("JSON")).is_err() {
                    return;
                }
            }
        });
        let port = begin["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
        let keys = json!({"p256dh": begin["p256dh"], "auth": begin["auth"]});
        Self { process, port, keys, told }
    }

    /// What its browsers have got next.
    fn next(&self) -> Value {
        self.told.recv_timeout(SOON).expect("a browser is told")
    }

    fn endpoint(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    fn variable(&self) -> String {
        self.endpoint("")
    }

    /// What a browser says of itself.
    fn browser(&self, path: &str, topics: &[&str]) -> Value {
        json!({"endpoint": self.endpoint(path), "keys": self.keys, "name": path, "topics": topics, "lang": "ja"})
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The page of a stack, with a token or none.
struct Page<'a> {
    stack: &'a Stack,
    token: String,
}

impl Page<'_> {
    fn ask(&self, line: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("Content-Type", "application/json")];
        if !self.token.is_empty() {
            headers.push(("Authorization", bearer.as_str()));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = http::request(self.stack.web_port(), line, &headers, body.as_bytes()).expect("webd answers");
        let told: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let is_refused = told["ok"] == json!(false);
        (answer.status, if is_refused { told["error"]["code"].clone() } else { told["result"].clone() })
    }

    fn add(&self, browser: &Value) -> String {
        let (status, told) = self.ask("POST /api/v1/push/devices", browser);
        assert_eq!(status, 200, "{told}");
        told["device"]["device_id"].as_str().expect("an id").to_owned()
    }

    fn devices(&self) -> Vec<Value> {
        let (status, told) = self.ask("GET /api/v1/push", &Value::Null);
        assert_eq!(status, 200, "{told}");
        told["devices"].as_array().expect("a list").clone()
    }
}

fn served(service: &Service) -> Stack {
    Stack::served(&[("CCCC_WEB_PUSH_SERVICES", &service.variable())])
}

/// A group with an actor in whose name things can be said.
fn group(stack: &Stack) -> String {
    let group_id = stack.ask("attach", &json!({"path": stack.work()}))["group_id"].as_str().expect("an id").to_owned();
    stack.ask("group_update", &json!({"group_id": group_id, "patch": {"title": "Kitchen"}}));
    let actor = json!({"group_id": group_id, "actor_id": "cook", "title": "Cook", "runner": "headless"});
    stack.ask("actor_add", &actor);
    group_id
}

fn say(stack: &Stack, group_id: &str, text: &str, more: &Value) {
    let mut args = json!({"group_id": group_id, "by": "cook", "to": ["user"], "text": text});
    args.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
    stack.ask("send", &args);
}

#[test]
fn a_browser_is_told_what_it_wants_to_know_and_only_it_can_read_it() {
    let service = Service::start();
    let stack = served(&service);
    let group_id = group(&stack);
    let page = Page { stack: &stack, token: String::new() };
    let (_, first) = page.ask("GET /api/v1/push", &Value::Null);
    assert_eq!(first["key"].as_str().map(str::len), Some(87), "an uncompressed point, without padding");
    say(&stack, &group_id, "before anybody wanted to know", &json!({}));

    let all = page.add(&service.browser("ok/all", &["message", "owed", "agent"]));
    let owed = page.add(&service.browser("ok/owed", &["owed"]));
    assert_eq!(page.add(&service.browser("ok/owed", &["owed"])), owed, "the same browser is the same device");
    let (_, again) = page.ask("GET /api/v1/push", &Value::Null);
    assert_eq!(again["key"], first["key"], "browsers have let in this one");

    say(&stack, &group_id, "the soup is ready", &json!({}));
    let told = service.next();
    assert_eq!((&told["path"], &told["urgency"]), (&json!("/ok/all"), &json!("normal")));
    assert_eq!(told["audience"], json!(format!("http://127.0.0.1:{}", service.port)));
    let payload = &told["told"];
    assert_eq!((&payload["kind"], &payload["lang"]), (&json!("message"), &json!("ja")));
    assert_eq!((&payload["by"], &payload["group_title"]), (&json!("Cook"), &json!("Kitchen")));
    assert_eq!((&payload["text"], &payload["group_id"]), (&json!("the soup is ready"), &json!(group_id)));

    say(&stack, &group_id, "how much salt?", &json!({"reply_required": true}));
    let mut paths = [service.next(), service.next()].map(|told| {
        assert_eq!((&told["told"]["kind"], &told["urgency"]), (&json!("owed"), &json!("high")));
        told["path"].as_str().expect("a path").to_owned()
    });
    paths.sort_unstable();
    assert_eq!(paths, ["/ok/all", "/ok/owed"]);

    // Another switch, and a trial.
    let (status, set) =
        page.ask(&format!("POST /api/v1/push/devices/{all}/topics"), &json!({"topics": ["agent", "agent"]}));
    assert_eq!((status, &set["device"]["topics"], &set["device"]["name"]), (200, &json!(["agent"]), &json!("ok/all")));
    assert_eq!(page.ask(&format!("POST /api/v1/push/devices/{owed}/test"), &json!({})).0, 200);
    assert_eq!(service.next()["told"]["kind"], json!("test"));
    say(&stack, &group_id, "and pepper?", &json!({"priority": "attention"}));
    let told = service.next();
    assert_eq!((&told["path"], &told["told"]["text"]), (&json!("/ok/owed"), &json!("and pepper?")));

    assert_eq!(page.ask(&format!("DELETE /api/v1/push/devices/{all}"), &Value::Null).0, 200);
    assert_eq!(page.devices().len(), 1);
    assert_eq!(page.ask(&format!("DELETE /api/v1/push/devices/{all}"), &Value::Null).0, 404);

    // What says how a browser is reached is in no ledger and in no log.
    let secret = service.keys["auth"].as_str().expect("a key");
    for file in tests::files(&stack.home()) {
        let is_secrets = file.starts_with(stack.home().join("secrets"));
        let bytes = std::fs::read(&file).unwrap_or_default();
        let is_in = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(is_secrets || !is_in, "{} has it", file.display());
    }
}

#[test]
fn what_cannot_be_told_is_said_and_who_is_gone_is_forgotten() {
    let service = Service::start();
    let stack = served(&service);
    let group_id = group(&stack);
    let page = Page { stack: &stack, token: String::new() };
    page.add(&service.browser("gone/1", &["message"]));
    page.add(&service.browser("busy/1", &["message"]));
    page.add(&service.browser("closed/1", &["message"]));
    say(&stack, &group_id, "anybody there?", &json!({}));
    assert_eq!(service.next()["path"], json!("/busy/1"), "a busy service is asked again");
    until("the one that is gone is forgotten", || {
        page.devices().iter().all(|device| device["name"] != json!("gone/1"))
    });
    until("what went wrong is shown", || {
        let devices = page.devices();
        let closed = devices.iter().find(|device| device["name"] == json!("closed/1")).expect("it is there");
        closed["trouble"].as_str().is_some_and(|why| why.contains("403"))
    });

    // Whoever asks us to write to somebody else is refused.
    for endpoint in ["http://127.0.0.1:1/x", "https://fcm.googleapis.com.evil.org/x", "https://localhost/x", "soup"] {
        let mut browser = service.browser("x", &[]);
        browser["endpoint"] = json!(endpoint);
        assert_eq!(page.ask("POST /api/v1/push/devices", &browser), (400, json!("invalid_request")), "{endpoint}");
    }
    let mut browser = service.browser("x", &["weather"]);
    assert_eq!(page.ask("POST /api/v1/push/devices", &browser), (400, json!("invalid_request")));
    browser["topics"] = json!([]);
    browser["keys"]["p256dh"] = json!("AAAA");
    assert_eq!(page.ask("POST /api/v1/push/devices", &browser), (400, json!("invalid_request")));
}

#[test]
fn a_restart_skips_nothing_and_a_token_that_counts_no_more_is_told_nothing() {
    let service = Service::start();
    let stack = served(&service);
    let group_id = group(&stack);
    let token = |words: &[&str]| {
        let added = stack.json(&[&["web", "token", "add"], words].concat());
        added["token"].as_str().expect("a token").to_owned()
    };
    let owner = Page { stack: &stack, token: token(&["desk", "--role", "admin"]) };
    let member = Page { stack: &stack, token: token(&["friend", "--role", "member"]) };
    let viewer = Page { stack: &stack, token: token(&["guest"]) };
    owner.add(&service.browser("ok/owner", &["message"]));
    let friends = member.add(&service.browser("ok/friend", &["message"]));
    assert_eq!(viewer.ask("POST /api/v1/push/devices", &service.browser("ok/guest", &["message"])).0, 403);
    assert_eq!(viewer.ask("GET /api/v1/push", &Value::Null).0, 403);
    assert_eq!((owner.devices().len(), member.devices().len()), (2, 1), "each sees its own, an admin all");

    say(&stack, &group_id, "one", &json!({}));
    let mut paths = [service.next(), service.next()].map(|told| told["path"].as_str().expect("a path").to_owned());
    paths.sort_unstable();
    assert_eq!(paths, ["/ok/friend", "/ok/owner"]);
    stack.ok(&["web", "token", "revoke", "friend"]);
    until("its browser is forgotten", || owner.devices().iter().all(|device| device["device_id"] != json!(friends)));

    stack.kill("webd");
    say(&stack, &group_id, "two", &json!({}));
    let told = service.next();
    // A kill may have the first one told again.
    let told = if told["told"]["text"] == json!("one") { service.next() } else { told };
    assert_eq!((&told["path"], &told["told"]["text"]), (&json!("/ok/owner"), &json!("two")));
}

#[test]
fn an_agent_that_dies_is_told() {
    let service = Service::start();
    let stack = served(&service);
    let group_id = group(&stack);
    let page = Page { stack: &stack, token: String::new() };
    page.add(&service.browser("ok/phone", &["agent"]));
    let command = ["sh", "-c", "sleep 2; exit 3"];
    let actor =
        json!({"group_id": group_id, "actor_id": "waiter", "title": "Waiter", "runtime": "custom", "command": command});
    stack.ask("actor_add", &actor);
    stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": "waiter"}));
    let told = service.next();
    assert_eq!((&told["told"]["kind"], &told["told"]["by"]), (&json!("agent"), &json!("Waiter")));
    assert_eq!(told["told"]["text"], json!("waiter is down"));
}
