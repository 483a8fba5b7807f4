//! The table of addresses: each leads to an op that there is, and a reader's address to nothing that writes.

mod openapi;

use super::*;
use bus::contract::op::{self, Access};
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn every_address_leads_to_an_op_and_no_two_are_the_same() {
    let known: BTreeSet<_> = op::TABLE.iter().map(|row| row.name).collect();
    let addresses: BTreeSet<_> = TABLE.iter().map(|row| (format!("{:?}", row.method), row.path)).collect();
    assert_eq!(addresses.len(), TABLE.len());
    for row in TABLE {
        assert!(known.contains(row.op), "{}", row.op);
    }
}

#[test]
fn whoever_only_reads_changes_nothing() {
    for row in TABLE.iter().filter(|row| row.method == Method::Get) {
        let of = op::TABLE.iter().find(|known| known.name == row.op).expect("an op");
        // It looks for what is missing, and takes away only what it is told to.
        let is_look = row.op == "registry_reconcile";
        assert!(of.access == Access::Read || is_look, "{} {}", row.path, row.op);
    }
}

#[test]
fn arguments_come_together_as_the_row_says() {
    let applied = |shape: Shape, args: Value| {
        let Value::Object(mut args) = args else { panic!("no arguments") };
        shape.apply(&mut args);
        Value::Object(args)
    };
    #[rustfmt::skip]
    let cases = [
        (Shape::Plain,                      json!({"a": 1}),                 json!({"a": 1})),
        (Shape::Patch(&["a", "b"]),         json!({"a": 1, "b": null, "c": 2}), json!({"patch": {"a": 1}, "c": 2})),
        (Shape::Renamed(&[("a", "b")]),     json!({"a": 1}),                 json!({"b": 1})),
        (Shape::With(&[("a", "x")]),        json!({"a": 1}),                 json!({"a": "x"})),
    ];
    for (shape, args, wanted) in cases {
        assert_eq!(applied(shape, args.clone()), wanted, "{shape:?} {args}");
    }
}

#[test]
fn an_actor_is_not_believed_because_a_browser_names_it() {
    assert_eq!(believed(Principal::claimed("user")), user());
    let token = Principal { by: "user".into(), proof: Proof::Token("t".into()) };
    for principal in [Principal::claimed("lead"), Principal::claimed("system"), token] {
        assert_eq!(believed(principal.clone()), principal);
    }
    assert!(question("secrets_get", Map::new()).is_err());
}
