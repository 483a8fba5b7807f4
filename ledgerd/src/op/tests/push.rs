//! Ops about browsers that are told while no page is open.

use super::world::World;
use serde_json::{Value, json};

#[test]
fn every_op_about_browsers_is_allowed_refused_and_written_as_declared() {
    let (mut world, group_id) = World::with_team();
    let (set, removed, key) = ("x.cccc.web_push", "x.cccc.web_push_removed", "x.cccc.web_push_key");
    let device = |more: Value| {
        let mut device = json!({"device_id": "d1", "name": "phone", "topics": ["owed"], "subscription": "{}"});
        device.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        device
    };
    #[rustfmt::skip]
    let table = [
        ("user",   "web_push_set",     device(json!({})),                                     Err("permission_denied")),
        ("user",   "web_push_get",     json!({}),                                             Err("permission_denied")),
        ("user",   "web_push_key_set", json!({"key": "k"}),                                   Err("permission_denied")),
        ("daemon", "web_push_set",     device(json!({"subscription": ""})),                   Err("push_device_not_found")),
        ("daemon", "web_push_set",     device(json!({"device_id": ""})),                      Err("push_device_not_found")),
        ("daemon", "web_push_set",     device(json!({"device_id": "key"})),                   Err("push_device_not_found")),
        ("daemon", "web_push_set",     device(json!({"topics": ["weather"]})),                Err("invalid_request")),
        ("daemon", "web_push_set",     device(json!({"subscription": "x".repeat(5_000)})),    Err("invalid_request")),
        ("daemon", "web_push_set",     device(json!({})),                                     Ok(set)),
        ("daemon", "web_push_set",     json!({"device_id": "d1", "topics": []}),              Ok(set)),
        ("daemon", "web_push_get",     json!({}),                                             Ok("")),
        ("daemon", "web_push_key_set", json!({}),                                             Err("invalid_request")),
        ("daemon", "web_push_key_set", json!({"key": "k"}),                                   Ok(key)),
        ("daemon", "web_push_key_set", json!({"key": "other"}),                               Ok("")),
        ("peer",   "web_push_list",    json!({}),                                             Err("permission_denied")),
        ("user",   "web_push_list",    json!({}),                                             Ok("")),
        ("lead",   "web_push_remove",  json!({"device_id": "d1"}),                            Err("permission_denied")),
        ("user",   "web_push_remove",  json!({"device_id": "d1", "reason": "gone"}),          Ok(removed)),
        ("user",   "web_push_remove",  json!({"device_id": "d1"}),                            Err("push_device_not_found")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn how_a_browser_is_reached_is_kept_and_goes_with_its_token() {
    let (mut world, _) = World::with_team();
    let get = |world: &mut World| world.ask_daemon("web_push_get", json!({})).unwrap();
    let token = world.ask("user", "web_token_add", json!({"name": "friend", "role": "member"})).unwrap();
    let token_id = token["web_token"]["token_id"].clone();
    world.ask_daemon("web_push_key_set", json!({"key": "hunter2"})).unwrap();
    world.ask_daemon("web_push_key_set", json!({"key": "hunter3"})).unwrap();
    let device = |device_id: &str, token_id: &Value| {
        json!({"device_id": device_id, "name": "n", "topics": ["agent", "message", "agent"], "lang": "ja",
               "service": "push.example", "subscription": format!("secret of {device_id}"), "token_id": token_id})
    };
    world.ask_daemon("web_push_set", device("d1", &token_id)).unwrap();
    world.ask_daemon("web_push_set", device("d2", &Value::Null)).unwrap();
    // What is not said stays, whoever's it is.
    world.ask_daemon("web_push_set", json!({"device_id": "d1", "topics": ["owed"]})).unwrap();
    let told = get(&mut world);
    let first = &told["devices"][0];
    assert_eq!((&first["name"], &first["lang"], &first["topics"]), (&json!("n"), &json!("ja"), &json!(["owed"])));
    assert_eq!((&first["service"], &first["token_id"]), (&json!("push.example"), &token_id));
    assert_eq!(told["devices"][1]["topics"], json!(["message", "agent"]));
    assert_eq!(told["secrets"], json!({"key": "hunter2", "d1": "secret of d1", "d2": "secret of d2"}));
    let written = serde_json::to_string(&world.events.iter().map(|(_, event)| event).collect::<Vec<_>>()).unwrap();
    assert!(!written.contains("hunter") && !written.contains("secret of"));

    world.ask("user", "web_token_revoke", json!({"token_id": "friend"})).unwrap();
    let left = get(&mut world);
    assert_eq!((left["devices"].as_array().map(Vec::len), &left["devices"][0]["device_id"]), (Some(1), &json!("d2")));
    world.ask("user", "web_push_remove", json!({"device_id": "d2"})).unwrap();
    assert_eq!(get(&mut world)["secrets"], json!({"key": "hunter2"}), "the key outlives the browsers that know it");
}
