//! Ops about the texts that agents are given.

use super::world::World;
use bus::contract::limit;
use bus::contract::prompt::PromptKind;
use serde_json::json;

#[test]
fn every_op_about_prompts_is_allowed_refused_and_written_as_it_says() {
    let (mut world, group_id) = World::with_team();
    let set = |kind: &str, content: &str| json!({"group_id": "$group", "kind": kind, "content": content});
    let reset = |kind: &str, confirm: &str| json!({"group_id": "$group", "kind": kind, "confirm": confirm});
    let written = "x.cccc.prompt";
    let too_long = "x".repeat(limit::PROMPT_BYTES_MAX + 1);
    #[rustfmt::skip]
    let table = [
        ("user", "group_prompt_get",     json!({"group_id": "$group"}),               Err("invalid_request")),
        ("zoe",  "group_prompt_get",     json!({"group_id": "$group", "kind": "help"}), Ok("")),
        ("peer", "group_preamble_get",   json!({"group_id": "$group"}),               Ok("")),
        ("user", "group_prompt_set",     set("help", "ours"),                         Ok(written)),
        ("user", "group_prompt_set",     set("help", "ours"),                         Ok("")),
        ("lead", "group_prompt_set",     set("HELP", "ours, too"),                    Ok(written)),
        ("peer", "group_prompt_set",     set("help", "mine"),                         Err("permission_denied")),
        ("zoe",  "group_prompt_set",     set("help", "mine"),                         Err("permission_denied")),
        ("user", "group_prompt_set",     set("motto", "mine"),                        Err("invalid_request")),
        ("user", "group_prompt_set",     set("help", &too_long),                      Err("invalid_request")),
        ("user", "group_prompt_set",     set("help", " \n"),                          Ok(written)),
        ("user", "group_prompt_set",     set("help", ""),                             Ok("")),
        ("user", "group_preamble_set",   json!({"group_id": "$group", "content": "hi"}), Ok(written)),
        ("peer", "group_preamble_set",   json!({"group_id": "$group", "content": "hi"}), Err("permission_denied")),
        ("user", "group_prompt_reset",   reset("preamble", "help"),                   Err("confirmation_required")),
        ("peer", "group_prompt_reset",   reset("preamble", "preamble"),               Err("permission_denied")),
        ("user", "group_preamble_reset", json!({"group_id": "$group"}),               Err("confirmation_required")),
        ("peer", "group_preamble_reset", json!({"group_id": "$group", "confirm": "preamble"}), Err("permission_denied")),
        ("lead", "group_preamble_reset", json!({"group_id": "$group", "confirm": "preamble"}), Ok(written)),
        ("user", "group_prompt_reset",   reset("preamble", "preamble"),               Ok("")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn a_text_of_any_allowed_length_comes_back_as_it_was() {
    let (mut world, group_id) = World::with_team();
    let preamble = json!({"group_id": group_id});
    let builtin = world.ask("user", "group_preamble_get", preamble.clone()).unwrap();
    assert_eq!((&builtin["source"], &builtin["filename"]), (&json!("builtin"), &json!("CCCC_PREAMBLE.md")));
    assert_eq!(builtin["content"], PromptKind::Preamble.builtin());
    for text in ["é".repeat(limit::PROMPT_BYTES_MAX / 2), "\u{1}".repeat(70_000), " kept as it is\n".into()] {
        let set = json!({"group_id": group_id, "content": text});
        let changed = world.ask("user", "group_preamble_set", set).unwrap();
        assert!(changed["content"] == text && changed["event"]["kind"] == "x.cccc.prompt");
        for event in &world.last {
            let line = serde_json::to_vec(event).unwrap();
            assert!(line.len() + 1_000 < limit::LEDGER_LINE_BYTES_MAX, "{}", line.len());
        }
        let got = world.ask("user", "group_prompt_get", json!({"group_id": group_id, "kind": "preamble"})).unwrap();
        assert!(got["content"] == text && got["source"] == "home");
        world.check_replay();
    }
    let reset = json!({"group_id": group_id, "confirm": "preamble"});
    assert_eq!(world.ask("user", "group_preamble_reset", reset).unwrap()["content"], builtin["content"]);
    world.check_replay();
}
