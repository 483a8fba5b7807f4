//! Each refusal that only turns out when the store does what was decided has an example.

use super::{Home, folder};
use bus::contract::Code;
use bus::contract::op::Late;
use bus::contract::refusal;
use serde_json::json;
use std::fs;

#[test]
fn each_refusal_has_its_example() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    home.ask("observability_update", json!({"patch": {"developer_mode": true}}));
    // A folder is no log.
    fs::create_dir_all(root.join("logs/ptyd.log")).unwrap();
    let piece = |offset: u64, bytes: u64| {
        let sha256 = "0".repeat(64);
        json!({"group_id": group, "sha256": sha256, "bytes": bytes, "name": "a", "offset": offset, "content": "YWJj"})
    };
    let log = json!({"component": "ptyd"});
    #[rustfmt::skip]
    let examples = [
        ("debug_tail_logs",  Code::DebugTailLogsFailed,  log.clone()),
        ("debug_clear_logs", Code::DebugClearLogsFailed, log),
        ("blob_upload",      Code::InvalidBlob,          piece(0, 3)),
        ("blob_upload",      Code::UploadOutOfStep,      piece(2, 9)),
    ];
    for (op, code, args) in &examples {
        let refused = home.try_ask(op, args.clone()).map_err(|refusal| refusal.code);
        assert_eq!(refused, Err(*code), "{op}");
    }
    assert_eq!(examples.map(|(op, code, _)| (op, code)).to_vec(), refusal::late(Late::Store).collect::<Vec<_>>());
}
