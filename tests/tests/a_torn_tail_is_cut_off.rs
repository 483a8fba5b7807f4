//! A crash in mid-write leaves half a line. It was never acknowledged, so it is cut off, kept aside and reported.

use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write;
use tests::Stack;

#[test]
fn a_torn_tail_is_cut_off() {
    let mut stack = Stack::start();
    let (group_id, _) = stack.group(&["a"]);
    let folder = stack.home().join("groups").join(&group_id);
    for (number, tail) in ["{\"v\":1,\"seq\":", "\0\0\0\0", "garbage\n", "{}\n\0"].into_iter().enumerate() {
        let text = format!("before {number}");
        stack.ask("send", &json!({"group_id": group_id, "text": text, "to": ["a"]}));
        stack.stop();
        let path = folder.join("ledger.jsonl");
        let mut ledger = OpenOptions::new().append(true).open(&path).expect("the ledger");
        ledger.write_all(tail.as_bytes()).expect("a torn line");
        drop(ledger);
        stack.run();

        let events = stack.events(&group_id);
        assert!(
            events.iter().any(|event| event["data"]["text"] == json!(text)),
            "{tail:?}: what was acknowledged is there"
        );
        let recovered: Vec<&Value> = events.iter().filter(|event| event["kind"] == "x.cccc.recovered").collect();
        assert_eq!(recovered.len(), number + 1, "{tail:?}: the cut is recorded");
        assert_eq!(recovered[number]["data"]["cut_bytes"], json!(tail.len()));
        let saved = recovered[number]["data"]["saved_as"].as_str().expect("a file name");
        assert_eq!(std::fs::read(folder.join(saved)).expect("the saved tail"), tail.as_bytes());
        let whole = events.iter().enumerate().all(|(index, event)| event["seq"] == json!(index + 1));
        assert!(whole, "{tail:?}: no number is missing");
    }
}
