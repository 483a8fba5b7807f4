//! How fast the link is, beside a bare Unix socket between the same two processes in the same run.
//!
//! `cargo run --release -p bus --example link_speed`

use bus::contract::op::core::{Ping, Pong};
use bus::contract::{Op, Principal, Reply, Request, Response, id};
use bus::link::{Caller, Server, body};
use std::error::Error;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUND_TRIPS: usize = 20_000;
const IN_FLIGHT: usize = 64;
const CALLS: usize = 200_000;

/// A small request and its answer, as they are on the bus.
const BARE_BYTES: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, serve, folder] = arguments.as_slice()
        && serve == "serve"
    {
        return answer_for_ever(Path::new(folder));
    }
    let folder = tempfile::tempdir()?;
    let mut server = Command::new(std::env::current_exe()?).arg("serve").arg(folder.path()).spawn()?;
    let measured = measure(folder.path());
    server.kill()?;
    server.wait()?;
    measured
}

fn answer_for_ever(folder: &Path) -> Result<(), Box<dyn Error>> {
    let _server = Server::bind(&folder.join("bus"), 256, |incoming| {
        let request: Request = body::read(&incoming.bytes).expect("a request");
        let response: Response = Ok(Reply::Ping(Pong {
            version: request.id,
            pid: 1,
            ts: String::new(),
            ipc_v: 1,
            capabilities: [].into(),
            epoch: 1,
        }));
        // The measuring process may be done.
        let _ = incoming.reply.send(&body::write(&response));
    })?;
    let bare = UnixListener::bind(folder.join("bare"))?;
    for stream in bare.incoming() {
        let mut stream = stream?;
        let mut bytes = [0; BARE_BYTES];
        while stream.read_exact(&mut bytes).is_ok() {
            stream.write_all(&bytes)?;
        }
    }
    Ok(())
}

fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let caller = Arc::new(Caller::connect(&folder.join("bus"), "link_speed")?);
    while caller.call_blocking(ping()).is_err() {}
    let mut stream = loop {
        match UnixStream::connect(folder.join("bare")) {
            Ok(stream) => break stream,
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    };

    let mut bytes = [0; BARE_BYTES];
    let bare = round_trips(|| {
        stream.write_all(&bytes).expect("the other process lives");
        stream.read_exact(&mut bytes).expect("the other process lives");
    });
    print("bare Unix socket, one after the other", &bare);
    let blocking = round_trips(|| drop(caller.call_blocking(ping()).expect("an answer")));
    print("link, one thread", &blocking);

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let task = Arc::clone(&caller);
    let one = runtime.block_on(async move {
        let mut times = Vec::with_capacity(ROUND_TRIPS);
        for _ in 0..ROUND_TRIPS {
            let begin = Instant::now();
            task.call(ping()).await.expect("an answer");
            times.push(begin.elapsed());
        }
        times
    });
    print("link, one task", &one);

    let begin = Instant::now();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..IN_FLIGHT)
            .map(|_| {
                let caller = Arc::clone(&caller);
                tokio::spawn(async move {
                    for _ in 0..CALLS / IN_FLIGHT {
                        caller.call(ping()).await.expect("an answer");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
    });
    let per_second = (CALLS as f64 / begin.elapsed().as_secs_f64()).round();
    println!("link, {IN_FLIGHT} in flight: {per_second} calls/s");
    Ok(())
}

fn ping() -> Request {
    Request {
        id: id::unique(),
        peer: "link_speed".into(),
        principal: Principal::system(),
        deadline_ms: 10_000,
        op: Op::Ping(Ping::default()),
    }
}

fn round_trips(mut one: impl FnMut()) -> Vec<Duration> {
    (0..ROUND_TRIPS)
        .map(|_| {
            let begin = Instant::now();
            one();
            begin.elapsed()
        })
        .collect()
}

fn print(what: &str, times: &[Duration]) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    println!("{what}: median {:.1} µs, p99 {:.1} µs", at(50), at(99));
}
