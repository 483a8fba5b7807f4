//! The holder's protocol: what is read can be written again, and is then the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ptyd::hold::protocol::decode;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some((frame, length))) = decode(bytes) {
        assert!(length <= bytes.len());
        let mut again = Vec::new();
        frame.encode(&mut again);
        assert_eq!(decode(&again).expect("what was written"), Some((frame, again.len())));
    }
});
