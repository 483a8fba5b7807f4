//! The table of tools: complete, short, and what clients were told before.

use super::*;
use std::collections::BTreeSet;

/// Bytes of all tools together, as `tools/list` shows them.
const BYTES_MAX: usize = 40_000;

#[test]
fn every_tool_has_a_name_of_its_own_and_a_purpose() {
    let names: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), TABLE.len());
    for row in TABLE {
        assert!(row.name.starts_with("cccc_"), "{}", row.name);
        assert!(row.purpose.ends_with(['.', '?']) && row.purpose.len() < 300, "{}", row.name);
        assert_eq!(row.schema()["type"], "object", "{}", row.name);
    }
}

#[test]
fn the_list_of_tools_is_short() {
    let bytes: usize = TABLE
        .iter()
        .map(|row| row.name.len() + row.purpose.len() + Value::Object(row.schema()).to_string().len() + 150)
        .sum();
    assert!(bytes <= BYTES_MAX, "{bytes}");
}
