//! Ops about who may use the web server.

use super::world::World;
use bus::contract::web;
use serde_json::{Value, json};

#[test]
fn every_op_about_web_tokens_is_allowed_refused_and_written_as_declared() {
    let (mut world, group_id) = World::with_team();
    let (added, revoked) = ("x.cccc.web_token", "x.cccc.web_token_revoked");
    #[rustfmt::skip]
    let table = [
        ("lead", "web_token_add",    json!({"name": "desk"}),                                        Err("permission_denied")),
        ("user", "web_token_add",    json!({}),                                                      Err("invalid_request")),
        ("user", "web_token_add",    json!({"name": "desk", "role": "king"}),                        Err("invalid_request")),
        ("user", "web_token_add",    json!({"name": "desk", "group_id": "g_none"}),                  Err("group_not_found")),
        ("user", "web_token_add",    json!({"name": "desk", "role": "admin", "group_id": group_id}), Err("invalid_request")),
        ("user", "web_token_add",    json!({"name": "desk", "expires_at": "soon"}),                  Err("invalid_request")),
        ("user", "web_token_add",    json!({"name": "desk", "expires_at": "2020-01-01T00:00:00Z"}),  Err("invalid_request")),
        ("user", "web_token_add",    json!({"name": "desk", "role": "Admin"}),                       Ok(added)),
        ("user", "web_token_add",    json!({"name": "desk"}),                                        Err("invalid_request")),
        ("user", "web_token_add",    json!({"name": "guest", "group_id": group_id, "expires_at": "2099-01-01T00:00:00Z"}), Ok(added)),
        ("peer", "web_token_list",   json!({}),                                                      Err("permission_denied")),
        ("user", "web_token_list",   json!({}),                                                      Ok("")),
        ("user", "web_access_get",   json!({}),                                                      Err("permission_denied")),
        ("lead", "web_token_revoke", json!({"token_id": "desk"}),                                    Err("permission_denied")),
        ("user", "web_token_revoke", json!({"token_id": "desk"}),                                    Ok(revoked)),
        ("user", "web_token_revoke", json!({"token_id": "desk"}),                                    Err("web_token_not_found")),
        ("user", "web_token_revoke", json!({}),                                                      Err("web_token_not_found")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn a_token_is_shown_once_and_what_is_kept_is_its_hash() {
    let (mut world, group_id) = World::with_team();
    let added = world.ask("user", "web_token_add", json!({"name": "guest", "group_id": group_id})).unwrap();
    let token = added["token"].as_str().unwrap().to_owned();
    let token_id = added["web_token"]["token_id"].as_str().unwrap().to_owned();
    assert_eq!((web::token_id(&token), &added["web_token"]["role"]), (Some(token_id.as_str()), &json!("viewer")));
    world.ask("user", "web_token_add", json!({"name": "desk", "role": "admin"})).unwrap();
    world.ask("user", "remote_access_configure", json!({"web_token": "hunter2"})).unwrap();
    let access = |world: &mut World| world.ask_daemon("web_access_get", json!({})).unwrap();
    let kept = access(&mut world);
    assert_eq!(kept["web_tokens"].as_array().map(Vec::len), Some(2));
    for name in [token_id.as_str(), "web_token"] {
        assert!(kept["hashes"][name].as_str().is_some_and(|hash| hash.starts_with("$argon2id$")), "{kept}");
    }
    let secret = token.rsplit('_').next().unwrap();
    let written = serde_json::to_string(&world.events.iter().map(|(_, event)| event).collect::<Vec<_>>()).unwrap();
    let stored =
        format!("{:?}", world.secrets.values().map(|kept| kept.0.values().collect::<Vec<_>>()).collect::<Vec<_>>());
    assert!(![written, kept.to_string(), stored].iter().any(|text| text.contains(secret) || text.contains("hunter2")));

    // What is for a group goes with it.
    world.ask("user", "group_delete", json!({"group_id": group_id})).unwrap();
    assert_eq!(access(&mut world)["web_tokens"][0]["name"], "desk");
    world.ask("user", "web_token_revoke", json!({"token_id": "desk"})).unwrap();
    let kept = access(&mut world);
    assert_eq!((&kept["web_tokens"], kept["hashes"].as_object().map(serde_json::Map::len)), (&json!([]), Some(1)));
    assert_ne!(kept["hashes"]["web_token"], Value::Null);
    world.check_replay();
}
