//! Every op of the contract is in `docs/ops.md`, as the contract has it, and can be asked through every door.

use bus::contract::op::{Op, Server, TABLE};
use serde_json::{Map, json};
use std::fs;
use std::path::Path;
use tests::{Stack, manual};

#[test]
fn every_op_is_documented() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let manual = manual::ops();
    for (name, written) in [("ops.md", &manual), ("schema.json", &manual::schemas())] {
        let path = docs.join(name);
        if std::env::var_os("CCCC_WRITE_DOCS").is_some() {
            fs::create_dir_all(&docs).expect("a folder");
            fs::write(&path, written).expect("the file can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == *written, "{} is not what the contract says: make docs", path.display());
    }
    let undocumented: Vec<_> = manual.lines().filter(|line| line.contains("|  |")).collect();
    assert!(undocumented.is_empty(), "without a sentence: {undocumented:?}");
}

#[test]
fn every_op_is_reachable() {
    let stack = Stack::start();
    for row in TABLE {
        let (op, _) = Op::from_wire(row.name, Map::new()).expect("an op is read from nothing");
        // Connections that become something else, and the end of everything, are promises of their own.
        if op.is_for_daemons_only() || row.server == Server::Door {
            continue;
        }
        let by_line = stack.client().try_ask(row.name, &json!({})).expect("an answer");
        if let Err(refusal) = by_line {
            assert!(!["unknown_op", "internal_error"].contains(&refusal.code.as_str()), "{}: {refusal:?}", row.name);
        }
        let output = stack.cccc(&["--json", "call", row.name, "{}"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("\"ok\":"), "{}: {said}", row.name);
        assert!(!said.contains("unknown_op") && !said.contains("internal_error"), "{}: {said}", row.name);
    }
}
