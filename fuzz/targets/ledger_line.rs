//! A line of a ledger: every one is read or refused, and what is read can be written again and is then the same.
#![no_main]

#[path = "../../ledgerd/src/store/line.rs"]
mod line;

use libfuzzer_sys::fuzz_target;

/// Makes more of the input look like a line.
const SUM: &[u8] = br#","sum":"00000000000000000000000000000000"}"#;

fuzz_target!(|bytes: &[u8]| {
    for text in [bytes.to_vec(), [bytes, SUM].concat()] {
        let _ = (line::event(&text), line::stated_sum(&text));
        let Ok(record) = line::read_loose(&text) else { continue };
        let mut again = Vec::new();
        let Ok(sum) = line::write(&mut again, &record.event, record.req.as_ref(), record.more, &line::START) else { continue };
        let again = again.strip_suffix(b"\n").expect("a line has an end");
        let read = line::read(again, record.event.seq, &line::START).expect("what was written");
        assert_eq!((read.event, read.more, read.sum), (record.event, record.more, sum));
    }
});
