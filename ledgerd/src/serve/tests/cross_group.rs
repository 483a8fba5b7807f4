//! A message to another group, on a real disk: asked twice it is there once, and it is whole after a start.

use super::{Home, folder, request};
use serde_json::json;

#[test]
fn a_message_to_another_group_is_written_once_and_whole() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let (src, dst) = (home.group(), home.group());
    let args = json!({"group_id": src, "dst_group_id": dst, "text": "over there", "to": ["user"]});
    let once = request("send_cross_group", args.clone());
    let answers = home.batch(vec![once.clone(), once.clone()]);
    let first = answers[0].clone().unwrap();
    assert_eq!(answers[1].clone().unwrap(), first);
    assert_eq!(home.batch(vec![once.clone()]).remove(0).unwrap(), first);
    drop(home);

    let mut home = Home::open(&root);
    assert_eq!(home.batch(vec![once]).remove(0).unwrap(), first, "also after a start");
    for (group, half) in [(&src, &first["src_event"]), (&dst, &first["dst_event"])] {
        let messages: Vec<_> = home.events(group).into_iter().filter(|event| event["kind"] == "chat.message").collect();
        assert!(messages.len() == 1 && messages[0] == *half, "{messages:?}");
    }
    let refused = json!({"to": ["nobody"]}).as_object().unwrap().clone();
    let mut bad = args.as_object().unwrap().clone();
    bad.extend(refused);
    home.try_ask("send_cross_group", bad.into()).unwrap_err();
    assert_eq!((home.texts(&src).len(), home.texts(&dst).len()), (1, 1), "no half");
}
