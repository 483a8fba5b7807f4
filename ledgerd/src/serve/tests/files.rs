//! Stored files and searches, on a real disk: what is not decided by the thread that owns state.

use super::{Home, folder, request, send};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::contract::{Code, id};
use serde_json::{Value, json};

#[test]
fn a_file_goes_in_and_out_in_pieces() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let sha256 = id::digest(&content);
    let piece = |offset: usize, bytes: &[u8]| {
        json!({"group_id": group, "sha256": sha256, "bytes": content.len(), "name": "numbers.bin", "offset": offset,
               "content": STANDARD.encode(bytes)})
    };
    let half = content.len() / 2;
    let early = home.try_ask("blob_upload", piece(half, &content[half..])).unwrap_err();
    assert_eq!((early.code, &early.details["received"]), (Code::UploadOutOfStep, &json!(0)));
    assert_eq!(home.ask("blob_upload", piece(0, &content[..half]))["received"], json!(half));
    drop(home);

    let mut home = Home::open(&root);
    let received = home.ask("blob_upload", piece(0, &[]))["received"].as_u64().unwrap() as usize;
    let stored = home.ask("blob_upload", piece(received, &content[received..]))["attachment"].clone();
    let mut read = Vec::new();
    while read.len() < content.len() {
        let args = json!({"group_id": group, "path": stored["path"], "offset": read.len()});
        let piece = home.ask("blob_read", args);
        assert_eq!(piece["bytes"], json!(content.len()));
        read.extend(STANDARD.decode(piece["content"].as_str().unwrap()).unwrap());
    }
    assert!(read == content);
    let args = json!({"group_id": group, "text": "", "to": "user", "by": "script", "attachments": [stored]});
    let sent = home.ask("send", args);
    assert_eq!(sent["event"]["data"]["attachments"], json!([stored]));
}

#[test]
fn a_search_sees_what_was_written_before_it() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let texts: Vec<String> = (0..40).map(|number| format!("Message {number}")).collect();
    let search = request("ledger_search", json!({"group_id": group, "text": "MESSAGE 3", "limit": 3}));
    let mut requests: Vec<_> = texts.iter().map(|text| send(&group, text)).collect();
    requests.push(search);
    let found = home.batch(requests).pop().unwrap().unwrap();
    let said = |found: &Value| {
        let events = found["events"].as_array().unwrap().iter();
        events.map(|event| event["data"]["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((said(&found), &found["has_more"]), (texts[37..].to_vec(), &json!(true)));
    let args = json!({"group_id": group, "text": "message 3", "before": found["cursor"], "limit": 100});
    let rest = home.ask("ledger_search", args);
    let wanted: Vec<_> = [3].into_iter().chain(30..37).map(|number| texts[number].clone()).collect();
    assert_eq!((said(&rest), &rest["cursor"]), (wanted, &json!(null)));
}

#[test]
fn a_search_finds_what_stands_at_the_end_of_a_long_text() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let long = "so on ".repeat(10_000) + "and \"here\" it ENDS";
    let requests = vec![send(&group, "short"), send(&group, &long), send(&group, "it ends")];
    home.batch(requests).into_iter().for_each(|sent| drop(sent.unwrap()));
    for (op, text, wanted) in [
        ("ledger_search", "it ends", 2),
        ("ledger_search", "\"HERE\" it ends", 1),
        ("ledger_search", "it begins", 1),
        ("ledger_search", "it never ends", 0),
        ("message_history", "it ends", 2),
    ] {
        let found = home.ask(op, json!({"group_id": group, "actor_id": "user", "text": text, "query": text}));
        let list = if op == "ledger_search" { "events" } else { "messages" };
        assert_eq!(found[list].as_array().unwrap().len(), wanted, "{op} {text}");
    }
}
