//! Stored files: how they come in, how messages name them, how they go out.

use super::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::contract::limit;
use serde_json::{Value, json};

const SHA: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn upload(group_id: &str, more: Value) -> Value {
    let content = STANDARD.encode("hello");
    let mut args =
        json!({"group_id": group_id, "sha256": SHA, "bytes": 5, "name": "Grün notes.png", "content": content});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    args
}

#[test]
fn a_file_is_stored_named_by_a_message_and_read_again() {
    let (mut world, group_id) = World::with_team();
    let half = upload(&group_id, json!({"bytes": 9}));
    let taken = world.ask("user", "blob_upload", half).unwrap();
    assert_eq!(taken, json!({"group_id": group_id, "received": 5, "attachment": null}));
    let args = upload(&group_id, json!({"mime_type": "image/png", "sha256": SHA.to_uppercase()}));
    let stored = world.ask("peer", "blob_upload", args).unwrap()["attachment"].clone();
    let path = format!("state/blobs/{SHA}_Gr_n_notes.png");
    let wanted = json!({"kind": "image", "path": path, "title": "Grün notes.png", "mime_type": "image/png", "bytes": 5, "sha256": SHA});
    assert_eq!(stored, wanted);
    assert!(world.last.is_empty(), "no event says so before a message does");

    let send = |attachments: Value| json!({"group_id": group_id, "to": "peer", "attachments": attachments});
    let sent = world.ask("user", "send", send(json!([stored]))).unwrap();
    assert_eq!(sent["event"]["data"]["attachments"], json!([wanted]));
    let bare = world.ask("user", "send", send(json!([{"path": path, "sha256": "a lie"}]))).unwrap();
    let wanted =
        json!([{"kind": "file", "path": path, "title": "Gr_n_notes.png", "mime_type": "", "bytes": 5, "sha256": SHA}]);
    assert_eq!(bare["event"]["data"]["attachments"], wanted, "the name of the file says what is in it");

    let read = world.ask("peer", "blob_read", json!({"group_id": group_id, "path": path})).unwrap();
    assert_eq!(
        read,
        json!({"group_id": group_id, "path": path, "offset": 0, "content": STANDARD.encode("xxxxx"), "bytes": 5})
    );
    world.check_replay();
}

#[test]
fn what_cannot_be_a_file_is_refused() {
    let (mut world, group_id) = World::with_team();
    let large = STANDARD.encode(vec![0; limit::BLOB_PIECE_BYTES_MAX + 1]);
    let all = limit::BLOB_BYTES_MAX;
    let up = |more: Value| upload("$group", more);
    #[rustfmt::skip]
    let refusals = [
        ("user", "blob_upload", up(json!({"sha256": "2cf2"})),                           Err("invalid_request")),
        ("user", "blob_upload", up(json!({"sha256": "../".repeat(22)})),                 Err("invalid_request")),
        ("user", "blob_upload", up(json!({"bytes": null})),                              Err("invalid_request")),
        ("user", "blob_upload", up(json!({"bytes": -1})),                                Err("invalid_request")),
        ("user", "blob_upload", up(json!({"bytes": all + 1})),                           Err("invalid_request")),
        ("user", "blob_upload", up(json!({"bytes": 4})),                                 Err("invalid_request")),
        ("user", "blob_upload", up(json!({"offset": -1})),                               Err("invalid_request")),
        ("user", "blob_upload", up(json!({"offset": i64::MAX})),                         Err("invalid_request")),
        ("user", "blob_upload", up(json!({"content": "no base64!"})),                    Err("invalid_request")),
        ("user", "blob_upload", up(json!({"content": large, "bytes": all})),             Err("invalid_request")),
        ("user", "blob_read",   json!({"group_id": "$group"}),                           Err("missing_path")),
        ("user", "blob_read",   json!({"group_id": "$group", "path": "ledger.jsonl"}),   Err("invalid_blob")),
        ("user", "blob_read",   json!({"group_id": "$group", "path": "state/blobs/../../ledger.jsonl"}), Err("invalid_blob")),
        ("user", "blob_read",   json!({"group_id": "$group", "path": "state/blobs/none"}), Err("blob_not_found")),
        ("user", "blob_read",   json!({"group_id": "$group", "path": format!("state/blobs/{}", "n".repeat(5_000))}), Err("invalid_blob")),
        ("user", "blob_read",   json!({"group_id": "$group", "path": "state/blobs/none", "offset": -1}), Err("invalid_request")),
    ];
    world.run(&group_id, &[], &refusals);
}

/// An agent of another group may look, and must not leave anything.
#[test]
fn an_agent_of_another_group_stores_nothing() {
    let (mut world, group_id) = World::with_team();
    let attached = world.ask("cli", "attach", json!({"path": "/srv/other"})).unwrap();
    let other = attached["group_id"].as_str().unwrap().to_owned();
    world.add(&other, "spy", json!({}));
    world.start_session(&other, "spy", "t");
    let refused = world.ask_token("t", "blob_upload", upload(&group_id, json!({}))).unwrap_err();
    assert_eq!(refused.code.word(), "permission_denied");
    assert!(world.ask_token("t", "blob_upload", upload(&other, json!({}))).is_ok());
}
