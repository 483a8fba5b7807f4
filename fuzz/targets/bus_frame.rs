//! A message on the bus: the frame, and a request or a response in it.
#![no_main]

use bus::contract::{Request, Response};
use bus::link::{Hint, frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // What cannot be read is an error of the reader, which is all that is promised.
    let body = frame::decode(bytes).map(|frame| frame.body);
    for body in body.into_iter().chain([bytes]) {
        let _ = rmp_serde::from_slice::<Request>(body);
        let _ = rmp_serde::from_slice::<Response>(body);
        let _ = rmp_serde::from_slice::<Hint>(body);
    }
});
