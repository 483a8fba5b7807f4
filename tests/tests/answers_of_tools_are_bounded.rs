//! However much waits for an agent, what it is told fits into what a model can read, says that there is more, and goes on.

use serde_json::json;
use tests::Stack;
use tests::mcp::Mcp;

/// What an agent is told at its start, at most.
const START_BYTES_MAX: usize = 150_000;

#[test]
fn answers_of_tools_are_bounded() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let badge = stack.headless(&group_id, "agent");
    let text = "\"quoted\"\n".repeat(2_700);
    for number in 0..60 {
        stack.ask("send", &json!({"group_id": group_id, "text": format!("{number} {text}"), "to": ["agent"]}));
    }
    let note = json!({"op": "note.add", "content": "n".repeat(8_000)});
    for _ in 0..2 {
        stack.ask("context_sync", &json!({"group_id": group_id, "ops": vec![&note; 20]}));
    }

    for agent in [&mut Mcp::stdio(&stack, &badge), &mut Mcp::http(&stack, &badge.token)] {
        let start = agent.ok("cccc_bootstrap", &json!({"inbox_limit": 1000, "inbox_kind_filter": "chat"}));
        assert!(start.to_string().len() < START_BYTES_MAX, "{}", start.to_string().len());
        assert_eq!((&start["inbox"]["has_more"], &start["inbox"]["unread_total"]), (&json!(true), &json!(60)));
        let shown = start["inbox"]["messages"].as_array().expect("messages");
        assert_eq!(start["suggested_mark_read_event_id"], shown.last().expect("one at least")["id"]);
        assert!(start["context"]["truncated_fields"].to_string().contains("notes"), "{}", start["context"]);

        let answer = agent.call("cccc_inbox_list", &json!({"limit": 1000, "kind_filter": "chat"}));
        assert_eq!(answer.value["has_more"], true);
        assert!(answer.value["messages"].as_array().is_some_and(|messages| messages.len() < 60));
        assert!(answer.reminder.is_some_and(|line| line.contains("unread messages: cccc_inbox_list")));
        assert_eq!(agent.refused("cccc_inbox_list", &json!({"kind_filter": "chats"})), "invalid_request");
        assert_eq!(agent.refused("cccc_inbox_mark_all_read", &json!({"kind_filter": "chats"})), "invalid_request");
    }

    // Piece by piece it reads everything, once.
    let mut agent = Mcp::stdio(&stack, &badge);
    let mut read = Vec::new();
    loop {
        let inbox = agent.ok("cccc_inbox_list", &json!({"limit": 1000, "kind_filter": "chat"}));
        let messages = inbox["messages"].as_array().expect("messages").clone();
        let last = messages.last().expect("there is more")["id"].clone();
        read.extend(messages.iter().map(|message| message["data"]["text"].as_str().expect("a text")[..2].to_owned()));
        agent.ok("cccc_inbox_mark_read", &json!({"event_id": last}));
        if inbox["has_more"] == false {
            break;
        }
    }
    assert_eq!(read, (0..60).map(|number| format!("{number} ")[..2].to_owned()).collect::<Vec<_>>());
}
