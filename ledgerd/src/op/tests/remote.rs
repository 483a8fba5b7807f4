//! Ops about access from other machines.

use super::world::World;
use serde_json::{Value, json};

#[test]
fn every_op_about_remote_access_is_allowed_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = World::with_team();
    let set = "x.cccc.remote_access";
    #[rustfmt::skip]
    let table = [
        ("zoe",  "remote_access_state",     json!({}),                                        Ok("")),
        ("user", "remote_access_start",     json!({}),                                        Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({}),                                        Ok("")),
        ("lead", "remote_access_configure", json!({"provider": "manual"}),                    Err("permission_denied")),
        ("user", "remote_access_configure", json!({"provider": "pigeon"}),                    Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({"mode": "everybody"}),                     Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({"provider": "manual", "require_access_token": false}), Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({"web_port": 70_000}),                      Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({"web_host": "a b"}),                       Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({"web_public_url": "ftp://x"}),             Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({"enabled": true}),                         Ok("")),
        ("user", "remote_access_configure", json!({"provider": "tailscale"}),                 Ok(set)),
        ("user", "remote_access_start",     json!({}),                                        Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({"provider": "manual", "web_port": 9000}),  Ok(set)),
        ("user", "remote_access_start",     json!({}),                                        Err("remote_access_invalid_config")),
        ("user", "remote_access_configure", json!({"web_token": "hunter2"}),                  Ok(set)),
        ("user", "remote_access_start",     json!({}),                                        Err("remote_access_unreachable")),
        ("user", "remote_access_configure", json!({"web_public_url": "https://home.example/"}), Ok(set)),
        ("peer", "remote_access_start",     json!({}),                                        Err("permission_denied")),
        ("user", "remote_access_start",     json!({}),                                        Ok(set)),
        ("user", "remote_access_start",     json!({}),                                        Ok("")),
        ("user", "remote_access_start",     json!({"brought_up": true}),                      Ok(set)),
        ("user", "remote_access_start",     json!({}),                                        Ok("")),
        ("user", "remote_access_stop",      json!({}),                                        Ok(set)),
        ("user", "remote_access_stop",      json!({}),                                        Ok("")),
        ("user", "remote_access_configure", json!({"clear_web_token": true}),                 Ok(set)),
        ("user", "remote_access_configure", json!({"clear_web_token": true}),                 Ok("")),
        ("lead", "remote_access_stop",      json!({}),                                        Err("permission_denied")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn what_is_set_is_shown_and_the_token_is_not() {
    let mut world = World::new();
    let state =
        |world: &mut World| world.ask("user", "remote_access_state", json!({})).unwrap()["remote_access"].clone();
    let before = state(&mut world);
    assert_eq!(
        (&before["status"], &before["endpoint"], &before["updated_at"]),
        (&json!("stopped"), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&before["diagnostics"]["web_host"], &before["diagnostics"]["web_port"]),
        (&json!("127.0.0.1"), &json!(8848))
    );
    let config = json!({"provider": "manual", "enabled": true, "web_host": "0.0.0.0", "web_token": "hunter2"});
    world.ask("user", "remote_access_configure", config).unwrap();
    let now = state(&mut world);
    assert_eq!((&now["status"], &now["endpoint"]), (&json!("running"), &json!("http://0.0.0.0:8848/ui/")));
    assert_eq!((&now["config"]["web_token_configured"], &now["next_steps"]), (&json!(true), &json!([])));
    assert_eq!(world.state.versions("home").unwrap().iter().filter(|version| !version.is_empty()).count(), 1);
    world.ask("user", "remote_access_configure", json!({"web_host": ""})).unwrap();
    assert_eq!(state(&mut world)["status"], "misconfigured");
    world.ask("user", "remote_access_configure", json!({"provider": "off"})).unwrap();
    assert_eq!((&state(&mut world)["enabled"], &state(&mut world)["status"]), (&json!(false), &json!("stopped")));
    let written = serde_json::to_string(&world.events.iter().map(|(_, event)| event).collect::<Vec<_>>()).unwrap();
    assert!(!format!("{written}{now}").contains("hunter2"));
    world.check_replay();
}
