//! A line on the client socket: every one is read or refused, and every refusal fits into an answer.
#![no_main]

#[path = "../../cli/src/door/line.rs"]
#[expect(dead_code, reason = "the room of this file uses more of it")]
mod line;

use bus::link::Json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let answer = match line::parse(bytes) {
        Ok(asked) => line::answer(&Json(serde_json::to_vec(&asked.op).expect("an op is plain data"))),
        Err(line::Fault::Unreadable(error) | line::Fault::Refused(error)) => line::refusal(&error),
    };
    assert!(answer.ends_with(b"\n") && answer.len() <= bus::contract::limit::RESPONSE_LINE_BYTES_MAX);
});
