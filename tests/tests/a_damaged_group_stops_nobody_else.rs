//! A ledger that is damaged before its tail can be read, not written; every other group goes on.

use serde_json::json;
use tests::Stack;

#[test]
fn a_damaged_group_stops_nobody_else() {
    let mut stack = Stack::start();
    let create = |title: &str| {
        let group = stack.ask("group_create", &json!({"title": title}));
        group["group_id"].as_str().expect("a group id").to_owned()
    };
    let (bad, good) = (create("bad"), create("good"));
    for group_id in [&bad, &good] {
        for number in 0..5 {
            stack.ask(
                "send",
                &json!({"group_id": group_id, "text": format!("m{number}"), "to": ["user"], "by": "script"}),
            );
        }
    }
    stack.stop();
    let path = stack.home().join("groups").join(&bad).join("ledger.jsonl");
    let text = std::fs::read_to_string(&path).expect("the ledger");
    assert!(text.contains("\"m2\""));
    std::fs::write(&path, text.replace("\"m2\"", "\"mX\"")).expect("damage");
    stack.run();

    let args = json!({"group_id": bad, "text": "more", "to": ["user"], "by": "script"});
    let refusal = stack.client().refused("send", &args);
    assert_eq!(refusal.code, "group_damaged", "{}", refusal.message);
    let shown = stack.ask("group_show", &json!({"group_id": bad}));
    assert!(shown["group"]["damaged"].is_string(), "{shown}");
    let seen = stack.ask("ledger_range", &json!({"group_id": bad}));
    assert!(seen["events"].to_string().contains("m1"), "what is before the damage can be read: {seen}");
    stack.ask("send", &json!({"group_id": good, "text": "more", "to": ["user"], "by": "script"}));
    let verified = stack.cccc(&["ledger", "verify", "--group", &bad]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned() + &String::from_utf8_lossy(&verified.stderr);
    assert!(!verified.status.success() && said.contains("line"), "verify names the place: {said}");
    assert_eq!(
        std::fs::read_to_string(&path).expect("the ledger"),
        text.replace("\"m2\"", "\"mX\""),
        "nothing was changed"
    );
}
