//! A message on the bus: the frame, and a request or a response in it.
#![no_main]

use bus::contract::{Request, Response};
use bus::link::{Hint, body, frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // What cannot be read is an error of the reader, which is all that is promised.
    let body = frame::decode(bytes).map(|frame| frame.body);
    for body in body.into_iter().chain([bytes]) {
        let _ = body::read::<Request>(body);
        let _ = body::read::<Response>(body);
        let _ = body::read::<Hint>(body);
    }
});
