//! The protocol is frozen, and whoever does not keep to it loses a connection and nothing else.

use crate::world::{SOON, World};
use proptest::prelude::*;
use ptyd::hold::document::{Exit, Lease, LeaseKind, Refused, RefusedCode, Status, Welcome};
use ptyd::hold::protocol::{Answer, Chunk, DATA_BYTES_MAX, FRAME_BYTES_MAX, Fault, Request, Stop, Written};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// Frames of version 1 as they were sent by the first release: name and bytes. Never edited; later kinds are added.
const GOLDEN: &str = include_str!("../golden/hold-v1.txt");

fn requests() -> Vec<(&'static str, Request)> {
    let lease = |kind, who: &str| Request::Lease(Lease { kind, who: who.to_owned() });
    vec![
        ("hello", Request::Hello { version: 1 }),
        ("read", Request::Read { offset: 0x0102_0304_0506_0708, follow: true }),
        ("read_once", Request::Read { offset: 0, follow: false }),
        ("write", Request::Write { patience_ms: 5_000, bytes: b"\x1b[200~hi\x1b[201~".to_vec() }),
        ("lease_person", lease(LeaseKind::Person, "eva")),
        ("lease_delivery", lease(LeaseKind::Delivery, "")),
        ("release", Request::Release),
        ("resize", Request::Resize { cols: 120, rows: 40 }),
        ("status", Request::Status),
        ("kill", Request::Kill { grace_ms: 3_000 }),
        ("forget", Request::Forget),
    ]
}

fn answers() -> Vec<(&'static str, Answer)> {
    let exit = Exit { code: Some(3), signal: None, ended_us: 1_700_000_000_000_000, total_bytes: 42, asked: true };
    let session_id = "0190c3f4a1b27c3d8e4f5a6b7c8d9e0f".to_owned();
    let killed = Exit { code: None, signal: Some(9), asked: false, ..exit.clone() };
    let lease = Lease { kind: LeaseKind::Person, who: "eva".to_owned() };
    let refused = Refused { code: RefusedCode::LeaseHeld, message: "no".to_owned(), lease: Some(lease) };
    let status = Status {
        session_id: session_id.clone(),
        agent_pid: 4242,
        exit: None,
        ending: false,
        cols: 80,
        rows: 24,
        start: 1,
        end: 2,
        typed: 3,
        lease: Some(Lease { kind: LeaseKind::Delivery, who: "ptyd".to_owned() }),
        connections: 1,
        unread: None,
    };
    let unread = Status { unread: Some(5), ..status.clone() };
    let written = |bytes, stop| Answer::Written(Written { bytes, stop, offset: 99 });
    vec![
        ("welcome", Answer::Welcome(Welcome { version: 1, session_id, exit: Some(killed) })),
        ("output", Answer::Output(Chunk::Bytes { offset: 7, bytes: b"ok\r\n".to_vec() })),
        ("gap", Answer::Output(Chunk::Gap { from: 7, to: 9 })),
        ("end", Answer::Output(Chunk::End { offset: 9 })),
        ("exited", Answer::Exited(exit)),
        ("written", written(13, Stop::Whole)),
        ("written_not_read", written(5, Stop::NotRead)),
        ("written_exited", written(0, Stop::Exited)),
        ("written_behind", written(0, Stop::Behind)),
        ("done", Answer::Done),
        ("refused", Answer::Refused(refused)),
        ("status_is", Answer::Status(Box::new(status))),
        ("status_unread_is", Answer::Status(Box::new(unread))),
    ]
}

fn line(name: &str, encode: impl FnOnce(&mut Vec<u8>)) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    encode(&mut bytes);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    (format!("{name} {hex}\n"), bytes)
}

#[test]
fn frames_are_sent_and_read_as_the_first_release_did() {
    const ID: u32 = 0x0a0b_0c0d;
    let mut written = String::new();
    for (name, request) in requests() {
        let (line, bytes) = line(name, |out| request.encode(ID, out));
        written.push_str(&line);
        let read = Request::decode(&bytes).unwrap().unwrap();
        assert_eq!((read.id, read.said, read.bytes), (ID, request, bytes.len()), "{name}");
        for cut in 0..bytes.len() {
            assert_eq!(Request::decode(&bytes[..cut]), Ok(None), "{name} cut at {cut}");
        }
    }
    for (name, answer) in answers() {
        let (line, bytes) = line(name, |out| answer.encode(ID, out));
        written.push_str(&line);
        let read = Answer::decode(&bytes).unwrap().unwrap();
        assert_eq!((read.id, read.said, read.bytes), (ID, answer, bytes.len()), "{name}");
        for cut in 0..bytes.len() {
            assert_eq!(Answer::decode(&bytes[..cut]), Ok(None), "{name} cut at {cut}");
        }
    }
    assert_eq!(written, GOLDEN);
}

#[test]
fn what_is_no_frame_is_told_from_what_is_not_all_there() {
    type Read = Result<Option<usize>, Fault>;
    #[rustfmt::skip]
    let cases: &[(&[u8], Read)] = &[
        // bytes                                            read as
        (b"",                                               Ok(None)),
        (b"\0\0\0",                                         Ok(None)),
        (b"\0\0\0\x04",                                     Err(Fault::Length { length: 4 })),
        (b"GET / HTTP/1.1\r\n",                             Err(Fault::Length { length: 0x4745_5420 })),
        (b"\0\0\0\x05\x07\0\0\0\x01",                       Ok(Some(9))),
        (b"\0\0\0\x05\x07\0\0\0\x01\xff\xff",               Ok(Some(9))),
        (b"\0\0\0\x06\x07\0\0\0\x01!",                      Err(Fault::Body { kind: 7 })),
        (b"\0\0\0\x05\x01\0\0\0\x01",                       Err(Fault::Body { kind: 1 })),
        (b"\0\0\0\x0b\x01\0\0\0\x01\0\0\0\x09??",           Ok(Some(15))),
        (b"\0\0\0\x0e\x02\0\0\0\x01\0\0\0\0\0\0\0\0\x02",   Err(Fault::Body { kind: 2 })),
        (b"\0\0\0\x06\x04\0\0\0\x01\x02",                   Err(Fault::Body { kind: 4 })),
        (b"\0\0\0\x07\x04\0\0\0\x01\x01\xff",               Err(Fault::Body { kind: 4 })),
        (b"\0\0\0\x06\x7f\0\0\0\x01!",                      Ok(Some(10))),
    ];
    for (bytes, wanted) in cases {
        assert_eq!(&Request::decode(bytes).map(|read| read.map(|frame| frame.bytes)), wanted, "{bytes:?}");
    }
    let later = b"\0\0\0\x06\x8f\0\0\0\x01!";
    assert_eq!(Request::decode(later).unwrap().unwrap().said, Request::Unknown { kind: 0x8f });
    assert_eq!(Answer::decode(later).unwrap().unwrap().said, Answer::Unknown { kind: 0x8f });
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), kind: u8) {
        // The result may be anything; that there is one is the promise.
        drop((Request::decode(&bytes), Answer::decode(&bytes)));
        let mut framed = ((bytes.len() + 5) as u32).to_be_bytes().to_vec();
        framed.extend([kind, 0, 0, 0, 1]);
        framed.extend(&bytes);
        let is_judged = !matches!(Request::decode(&framed), Ok(None) | Err(Fault::Length { .. }));
        prop_assert!(is_judged);
        let is_judged = !matches!(Answer::decode(&framed), Ok(None) | Err(Fault::Length { .. }));
        prop_assert!(is_judged);
    }
}

#[tokio::test]
async fn garbage_closes_its_connection_and_nothing_else() {
    let world = World::new();
    let session = world.run("sleep 1000").await;
    let mut hello = Vec::new();
    Request::Hello { version: 99 }.encode(1, &mut hello);
    let mut status = Vec::new();
    Request::Status.encode(2, &mut status);
    let mut too_long = hello.clone();
    too_long.extend((FRAME_BYTES_MAX as u32 + 1).to_be_bytes());
    let mut misfit = hello.clone();
    misfit.extend(b"\0\0\0\x06\x07\0\0\0\x03!");
    let mut many = hello.clone();
    for _ in 0..10_000 {
        many.extend(&status);
    }
    many.extend([0; 64]);
    for garbage in
        [vec![0; 4], b"GET / HTTP/1.1\r\n\r\n".to_vec(), vec![0xff; DATA_BYTES_MAX], status, too_long, misfit, many]
    {
        let mut stream = UnixStream::connect(session.folder().socket()).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        // It may be closed before everything is written.
        let written = stream.try_clone().map(|mut writer| std::thread::spawn(move || writer.write_all(&garbage)));
        let mut answer = Vec::new();
        // Closed or reset, but not left open.
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        drop(written.unwrap().join().unwrap());
        let status = session.status().await.unwrap();
        assert!(status.exit.is_none() && status.connections <= 2);
    }
}

#[tokio::test]
async fn a_later_client_is_answered_in_version_one_and_told_what_is_not_known() {
    let world = World::new();
    let session = world.run("sleep 1000").await;
    let mut stream = UnixStream::connect(session.folder().socket()).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    let mut asked = Vec::new();
    Request::Hello { version: 99 }.encode(1, &mut asked);
    Request::Unknown { kind: 0x70 }.encode(2, &mut asked);
    Request::Release.encode(3, &mut asked);
    stream.write_all(&asked).unwrap();
    let mut received = Vec::new();
    let mut answers = Vec::new();
    while answers.len() < 3 {
        let mut buffer = [0; 1_000];
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "closed after {answers:?}");
        received.extend_from_slice(&buffer[..count]);
        while let Some(frame) = Answer::decode(&received).unwrap() {
            received.drain(..frame.bytes);
            answers.push((frame.id, frame.said));
        }
    }
    assert!(matches!(&answers[0], (1, Answer::Welcome(welcome)) if welcome.version == 1));
    assert!(matches!(&answers[1], (2, Answer::Refused(r)) if r.code == RefusedCode::Unsupported));
    assert_eq!(answers[2], (3, Answer::Done));
}
