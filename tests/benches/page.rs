//! What a browser waits for, as far as the server has a share in it. What the browser adds is measured in one
//! (`webd/ui/e2e/bench.spec.ts`).

use crate::row::{Budget, Table, quantile, times};
use nix::pty::openpty;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::page::PageSocket;
use tests::{Stack, http, until};

/// Messages that somebody else's page is told.
const MESSAGES: usize = 300;

/// Keys that are echoed.
const KEYS: usize = 300;

/// Terminals that put out all they can beside the one that one types in, a megabyte in a second each.
const BUSY: u32 = 12;

/// Pages that are open and of which nobody wants anything.
const OPEN: usize = 200;

/// How long nothing happens on them, after they have come to rest.
const WINDOW: Duration = Duration::from_secs(20);

/// Measures all of it.
pub fn measure(table: &mut Table) {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let kb = first_load(&stack).expect("webd serves the page") as f64 / 1e3;
    table.add("first load of the page, as it is sent", kb, "kB", Budget::AtMost(250.0));

    let seen = until_told(&stack, &group_id);
    table.add("send on one page → told to another, median", quantile(&seen, 0.5), "ms", Budget::AtMost(50.0));
    table.add("  p95", quantile(&seen, 0.95), "ms", Budget::AtMost(100.0));

    let raw = raw_echo().expect("a terminal");
    table.add("floor: key → echo of a raw terminal, median", quantile(&raw, 0.5), "ms", Budget::Shown);
    let command = json!(["sh", "-c", "stty -icanon -echo; exec cat"]);
    start(&stack, &group_id, "typist", &command);
    let mut page = PageSocket::open(stack.web_port(), "/ws");
    page.open_terminal(0, &group_id, "typist");
    page.say(&json!({"t": "term_take", "id": 0}));
    page.until_that("the keyboard", |told| told["mine"] == true);
    let echoed = echo(&mut page);
    let most = quantile(&raw, 0.5) + 15.0;
    table.add("key → echo on a page's socket, median", quantile(&echoed, 0.5), "ms", Budget::AtMost(most));
    table.add("  p99", quantile(&echoed, 0.99), "ms", Budget::Shown);

    let flood = json!(["sh", "-c", "while :; do yes 'all work and no play' | head -c 100000; sleep 0.1; done"]);
    for number in 1..=BUSY {
        let name = format!("busy{number}");
        start(&stack, &group_id, &name, &flood);
        page.open_terminal(number, &group_id, &name);
    }
    until("all of them put something out", || {
        page.read();
        (1..=BUSY).all(|number| page.carried.iter().any(|carried| carried.id == number))
    });
    let echoed = echo(&mut page);
    table.add("key → echo beside 12 terminals of 1 MB/s, median", quantile(&echoed, 0.5), "ms", Budget::Shown);
    table.add("  p99", quantile(&echoed, 0.99), "ms", Budget::AtMost(100.0));
    drop(page);
    drop(stack);
    idle(table);
}

/// Two hundred pages of which nobody wants anything.
fn idle(table: &mut Table) {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let mut pages: Vec<PageSocket> = (0..OPEN)
        .map(|number| {
            let mut page = PageSocket::open(stack.web_port(), "/ws");
            page.say(&json!({"t": "look", "v": 1, "name": format!("page {number}"), "group_id": group_id}));
            page.say(&json!({"t": "follow", "group_id": group_id, "after_seq": 0}));
            page.until("following");
            page
        })
        .collect();
    // Each is told of all the others, and hears it within this.
    let rest = |pages: &mut Vec<PageSocket>, time: Duration| {
        let begin = Instant::now();
        while begin.elapsed() < time {
            for page in pages.iter_mut() {
                assert!(page.read(), "a page has lost its connection");
            }
        }
    };
    rest(&mut pages, Duration::from_secs(40));
    let ticks = || stack.process("webd").ticks;
    let (before, begin) = (ticks(), Instant::now());
    rest(&mut pages, WINDOW);
    // A tick is a hundredth of a second on every Linux.
    let share = (ticks() - before) as f64 / begin.elapsed().as_secs_f64();
    table.add("processor time of webd, 200 open pages, idle", share, "%", Budget::AtMost(0.2));
    let memory = stack.process("webd").pss_mb();
    table.add("memory of webd, 200 open pages, idle (PSS)", memory, "MB", Budget::AtMost(60.0));
}

fn start(stack: &Stack, group_id: &str, name: &str, command: &Value) {
    let args = json!({"group_id": group_id, "actor_id": name, "runtime": "custom", "command": command});
    stack.ask("actor_add", &args);
    stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": name}));
}

/// How long after a message is sent on one page another one is told.
fn until_told(stack: &Stack, group_id: &str) -> Vec<Duration> {
    let mut writer = PageSocket::open(stack.web_port(), "/ws");
    let mut reader = PageSocket::open(stack.web_port(), "/ws");
    reader.say(&json!({"t": "follow", "group_id": group_id, "after_seq": null}));
    reader.until("following");
    times(MESSAGES, |number| {
        let text = format!("message {number}");
        let args = json!({"group_id": group_id, "text": text, "to": ["user"]});
        writer.say(&json!({"t": "ask", "id": number, "op": "send", "args": args}));
        reader.messages_until(&text);
    })
}

/// How long a key takes until it is shown; everything else that is shown meanwhile is drawn at once.
fn echo(page: &mut PageSocket) -> Vec<Duration> {
    let mut drawn = [0; BUSY as usize + 1];
    times(KEYS, |number| {
        let key = char::from(b'a' + u8::try_from(number % 26).unwrap_or_default());
        page.carried.clear();
        page.say(&json!({"t": "term_keys", "id": 0, "data": key.to_string()}));
        let mut is_echoed = false;
        while !is_echoed {
            assert!(page.read(), "the connection is gone");
            let mut moved = BTreeSet::new();
            for carried in std::mem::take(&mut page.carried) {
                is_echoed |= carried.id == 0 && carried.bytes.contains(&(key as u8));
                drawn[carried.id as usize] += carried.bytes.len();
                moved.insert(carried.id);
            }
            for id in moved {
                page.say(&json!({"t": "term_ack", "id": id, "bytes": drawn[id as usize]}));
            }
        }
    })
}

/// The same without any of us: a terminal, `cat` on it, a byte there and back.
fn raw_echo() -> io::Result<Vec<Duration>> {
    let pair = openpty(None, None)?;
    let mut modes = nix::sys::termios::tcgetattr(&pair.slave)?;
    nix::sys::termios::cfmakeraw(&mut modes);
    nix::sys::termios::tcsetattr(&pair.slave, nix::sys::termios::SetArg::TCSANOW, &modes)?;
    let output = pair.slave.try_clone()?;
    let mut cat = Command::new("cat").stdin(Stdio::from(pair.slave)).stdout(Stdio::from(output)).spawn()?;
    let mut terminal = std::fs::File::from(pair.master);
    let mut failed = None;
    let all = times(KEYS, |_| {
        let echoed = terminal.write_all(b"x").and_then(|()| terminal.read_exact(&mut [0]));
        failed = echoed.err();
    });
    // It has a copy of our end, so it would wait for itself.
    cat.kill()?;
    cat.wait()?;
    failed.map_or(Ok(all), Err)
}

/// Bytes of the page and of all that it loads before anything is clicked, compressed as browsers ask for it.
fn first_load(stack: &Stack) -> io::Result<usize> {
    let page = http::request(stack.web_port(), "GET /ui/", &[], b"")?.body;
    let names = ["src=\"", "href=\""].into_iter().flat_map(|mark| page.split(mark).skip(1));
    let paths = names.filter_map(|rest| rest.split('"').next());
    let loaded = paths.filter(|path| path.ends_with(".js") || path.ends_with(".css"));
    let mut bytes = sent(stack.web_port(), "/ui/")?;
    for path in loaded {
        bytes += sent(stack.web_port(), path)?;
    }
    Ok(bytes)
}

/// How long an answer is, without its head.
fn sent(port: u16, path: &str) -> io::Result<usize> {
    let mut socket = http::connect(port)?;
    let host = format!("Host: 127.0.0.1:{port}\r\nConnection: close\r\nAccept-Encoding: gzip, br");
    write!(socket, "GET {path} HTTP/1.1\r\n{host}\r\n\r\n")?;
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes)?;
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(bytes.len() - head - 4)
}
