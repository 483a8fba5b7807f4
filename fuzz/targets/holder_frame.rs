//! The holder's protocol: whatever comes is judged, and a request that is read can be written again and is then the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ptyd::hold::order::Spec;
use ptyd::hold::protocol::{Answer, Request};

fuzz_target!(|bytes: &[u8]| {
    drop((Answer::decode(bytes), Spec::from_order(bytes)));
    if let Ok(Some(frame)) = Request::decode(bytes) {
        assert!(frame.bytes <= bytes.len());
        let mut again = Vec::new();
        frame.said.encode(frame.id, &mut again);
        let again = Request::decode(&again).expect("what was written").expect("all of it");
        assert_eq!((again.id, again.said), (frame.id, frame.said));
    }
});
