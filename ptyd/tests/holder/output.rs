//! Output is never lost while anybody can still want it, and nobody who reads slowly slows anybody.

use crate::world::{SOON, World, exited, read_all};
use ptyd::hold::{Chunk, Output};

const LINES: &str = "i=0; while [ $i -lt 30000 ]; do echo \"this is line $i\"; i=$((i+1)); done";

fn lines() -> Vec<u8> {
    (0..30_000).flat_map(|i| format!("this is line {i}\r\n").into_bytes()).collect()
}

#[tokio::test]
async fn output_is_read_on_at_its_offset_however_often_a_client_comes_back() {
    let world = World::new();
    let session = world.run(LINES).await;
    let (mut read, mut connections) = (Vec::new(), 0);
    'connections: loop {
        let mut output = session.read_from(read.len() as u64, true).await.unwrap();
        connections += 1;
        for _ in 0..3 {
            match tokio::time::timeout(SOON, output.next()).await.expect("output in time").unwrap() {
                Chunk::Bytes { offset, bytes } => {
                    assert_eq!(offset, read.len() as u64);
                    read.extend_from_slice(&bytes);
                }
                Chunk::Gap { from, to } => panic!("lost from {from} to {to}"),
                Chunk::End { .. } => break 'connections,
            }
        }
    }
    assert!(read == lines(), "{} bytes were read, {} written", read.len(), lines().len());
    assert!(connections > 3, "{connections} connections prove nothing");
    assert_eq!(exited(&session).await.total_bytes, read.len() as u64);
}

#[tokio::test]
async fn a_read_without_follow_ends_at_what_is_there() {
    let world = World::new();
    let session = world.run("printf hello; sleep 1000").await;
    let mut follower = session.read_from(0, true).await.unwrap();
    assert_eq!(crate::world::read_until(&mut follower, "hello").await, "hello");
    let mut output = session.read_from(1, false).await.unwrap();
    assert_eq!(read_all(&mut output, 1).await, b"ello");
}

#[tokio::test]
async fn fifty_megabytes_drain_with_nobody_there_and_memory_stays_small() {
    const ALL: u64 = 50_000_000;
    let world = World::new();
    let session = world.run(&format!("head -c {ALL} /dev/zero | tr '\\0' x")).await;
    let holder = world.found().meta.holder.pid;
    assert_eq!(exited(&session).await.total_bytes, ALL);

    let status = std::fs::read_to_string(format!("/proc/{holder}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak_kb: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak_kb < 24_000, "the holder took {peak_kb} kB");
    let on_disk: u64 =
        std::fs::read_dir(session.folder().path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(on_disk < 17_000_000, "{on_disk} bytes on disk");

    let start = session.status().await.unwrap().start;
    assert!(start > 0 && ALL - start > 8 * 1024 * 1024, "less than one log file is left: from {start}");
    let mut output = session.read_from(0, true).await.unwrap();
    assert_eq!(output.next().await.unwrap(), Chunk::Gap { from: 0, to: start });
    let mut output = session.read_from(start, true).await.unwrap();
    let rest = read_all(&mut output, start).await;
    assert!(rest.len() as u64 == ALL - start && rest.iter().all(|byte| *byte == b'x'));
}

#[tokio::test]
async fn a_slow_reader_slows_nobody_and_is_told_what_it_missed() {
    const ALL: u64 = 20_000_000;
    let world = World::new();
    let mut spec = world.script(&format!("read go; head -c {ALL} /dev/zero | tr '\\0' x"));
    spec.log_bytes_max = 1024 * 1024;
    let session = world.spawn(&spec).await.unwrap();
    let mut slow = session.read_from(0, true).await.unwrap();
    let mut quick = session.read_from(0, true).await.unwrap();
    session.lease(ptyd::hold::LeaseKind::Delivery, "test").await.unwrap();
    session.write(b"\n", SOON).await.unwrap();

    let quick_saw = count(&mut quick).await;
    assert_eq!(exited(&session).await.total_bytes, ALL + 2, "the echo of the newline comes first");
    assert_eq!(quick_saw.end, ALL + 2);
    let slow_saw = count(&mut slow).await;
    assert_eq!((slow_saw.bytes + slow_saw.lost, slow_saw.end), (ALL + 2, ALL + 2));
    assert!(slow_saw.lost > 0, "it should have fallen out of the log");
}

struct Saw {
    bytes: u64,
    lost: u64,
    end: u64,
}

/// Reads to the end and checks that bytes and gaps follow each other without a seam.
async fn count(output: &mut Output) -> Saw {
    let mut saw = Saw { bytes: 0, lost: 0, end: 0 };
    loop {
        let at = saw.bytes + saw.lost;
        match tokio::time::timeout(SOON, output.next()).await.expect("output in time").unwrap() {
            Chunk::Bytes { offset, bytes } => {
                assert_eq!(offset, at);
                saw.bytes += bytes.len() as u64;
            }
            Chunk::Gap { from, to } => {
                assert!(from == at && to > from);
                saw.lost += to - from;
            }
            Chunk::End { offset } => {
                saw.end = offset;
                return saw;
            }
        }
    }
}
