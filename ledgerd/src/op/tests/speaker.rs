//! Whom a name stands for, where it looks like another one, and where a group is not called by its own.

use super::world::{PATH, World};
use bus::contract::{Body, Principal, Proof};
use serde_json::json;

fn token(token: &str) -> Principal {
    Principal { by: "user".into(), proof: Proof::Token(token.into()) }
}

fn daemon(by: &str) -> Principal {
    Principal { by: by.into(), proof: Proof::Daemon }
}

/// A name is typed into terminals and shown in browsers: what looks like an actor's name there is taken for one here.
#[test]
fn a_name_that_can_be_mistaken_for_an_actors_needs_the_same_proof() {
    let (mut world, group_id) = World::with_team();
    world.add(&group_id, "zoé", json!({}));
    let say = |group_id: &str| json!({"group_id": group_id, "text": "x", "to": ["user"]});
    #[rustfmt::skip]
    let cases = [
        // name               in a home that believes, as      in a strict one
        ("peer\0",             Err("invalid_request"),          Err("invalid_request")),
        ("pe\u{200b}er",       Err("invalid_request"),          Err("invalid_request")),
        ("\u{202e}reep",       Err("invalid_request"),          Err("invalid_request")),
        ("peer\u{feff}",       Err("invalid_request"),          Err("invalid_request")),
        ("peer\u{e0041}",      Err("invalid_request"),          Err("invalid_request")),
        ("ｐｅｅｒ",            Ok("peer"),                      Err("permission_denied")),
        ("PEER",              Ok("PEER"),                      Err("permission_denied")),
        ("pe\u{301}er",        Ok("péer"),                      Err("permission_denied")),
        ("zoe\u{301}",         Ok("zoé"),                       Err("permission_denied")),
        ("zoe",               Ok("zoe"),                       Err("permission_denied")),
        ("zo",                Ok("zo"),                        Ok("zo")),
        ("ｕｓｅｒ",            Ok("user"),                      Ok("user")),
        ("\u{2003}zo ",        Ok("zo"),                        Ok("zo")),
    ];
    for strict in [false, true] {
        world.ask("user", "principals_set", json!({"strict": strict})).unwrap();
        for (by, believing, in_strict) in cases {
            let wanted = if strict { in_strict } else { believing };
            let told = world.ask_as(Principal::claimed(by), "send", say(&group_id));
            match wanted {
                Ok(name) => assert_eq!(told.unwrap()["event"]["by"], name, "{by:?}, strict: {strict}"),
                Err(code) => assert_eq!(told.unwrap_err().code.word(), code, "{by:?}, strict: {strict}"),
            }
        }
        // Also where the name is one in all of the home.
        let told = world.ask_as(Principal::claimed("ｐｅｅｒ"), "groups", json!({}));
        assert_eq!(told.is_err(), strict);
    }
    world.check_replay();
}

/// A ledger of an earlier version may have names that no new actor is given.
#[test]
fn an_actor_of_an_older_ledger_keeps_its_name() {
    let (mut world, group_id) = World::with_team();
    let of = world.of(&group_id).find(|event| event.kind() == "actor.add").unwrap().body.clone();
    let Body::ActorAdd(mut added) = of else { panic!("an actor was added") };
    for id in ["ｏｌｄ", "old\u{200b}"] {
        added.actor.actor.id = id.into();
        added.actor.actor.title = "User".into();
        world.happens(&group_id, added.clone());
        let said = json!({"group_id": group_id, "text": "x", "to": ["user"]});
        assert_eq!(world.ask(id, "send", said).unwrap()["event"]["by"], id);
        let renamed = json!({"group_id": group_id, "actor_id": id, "patch": {"command": ["other"]}});
        world.ask("user", "actor_update", renamed).unwrap();
    }
    world.check_replay();
}

/// An op that finds its group by something else than its name asks for leave there.
#[test]
fn a_token_does_not_reach_another_group_by_its_directory() {
    let (mut world, group_id) = World::with_team();
    let attach = json!({"path": "/srv/other"});
    let other = world.ask("user", "attach", attach.clone()).unwrap()["group_id"].as_str().unwrap().to_owned();
    world.add(&other, "other", json!({}));
    world.start_session(&group_id, "peer", "token-of-peer");
    world.start_session(&other, "other", "token-of-other");
    let (own, into_own) = (json!({"path": PATH}), json!({"group_id": group_id, "path": "/srv/other"}));
    #[rustfmt::skip]
    let cases = [
        // who                          what                                     may
        (token("token-of-peer"),        attach.clone(),                          false),
        (token("token-of-peer"),        into_own.clone(),                        false),
        (Principal::claimed("peer"),    into_own.clone(),                        false),
        (token("token-of-other"),       attach.clone(),                          true),
        (token("token-of-peer"),        own,                                     true),
        (token("token-of-peer"),        json!({"path": "/srv/new"}),             true),
        (Principal::claimed("user"),    into_own,                                true),
        (token("token-of-other"),       attach,                                  false),
    ];
    for (principal, args, may) in cases {
        let case = format!("{principal:?} {args}");
        match world.ask_as(principal, "attach", args) {
            Ok(_) => assert!(may, "{case}"),
            Err(refusal) => assert!(!may && refusal.is_denied() && world.last.is_empty(), "{case}: {refusal:?}"),
        }
    }
    world.check_replay();
}

#[test]
fn what_a_claim_is_depends_on_the_group() {
    let (mut world, group_id) = World::with_team();
    let other = world.ask("user", "group_create", json!({})).unwrap()["group_id"].as_str().unwrap().to_owned();
    world.start_session(&group_id, "peer", "token-of-peer");
    world.ask("user", "principals_set", json!({"strict": true})).unwrap();
    assert_eq!(world.kinds(), ["x.cccc.strict_principals"]);
    let elsewhere = format!("{group_id}/peer");
    #[rustfmt::skip]
    let cases = [
        // speaker                       group      speaks as
        (Principal::claimed("peer"),     &group_id, None),
        (Principal::claimed("peer"),     &other,    Some("peer")),
        (Principal::claimed(&elsewhere), &other,    None),
        (Principal::claimed("g_x/peer"), &other,    Some("g_x/peer")),
        (Principal::claimed("user"),     &group_id, Some("user")),
        (Principal::claimed("cli"),      &group_id, Some("cli")),
        (token("token-of-peer"),         &group_id, Some("peer")),
        (token("token-of-peer"),         &other,    Some(&elsewhere)),
        (daemon("peer"),                 &group_id, Some("peer")),
    ];
    for (principal, group_id, wanted) in cases {
        let proven = principal.proof != Proof::Claim;
        let told = world.ask_as(principal.clone(), "whoami", json!({"group_id": group_id}));
        match wanted {
            Some(by) => {
                let told = told.unwrap();
                assert_eq!((&told["by"], &told["proven"]), (&json!(by), &json!(proven)), "{principal:?}");
            }
            None => assert!(told.unwrap_err().is_denied(), "{principal:?}"),
        }
    }
    world.ask("user", "principals_set", json!({"strict": false})).unwrap();
    let told = world.ask("peer", "whoami", json!({"group_id": group_id})).unwrap();
    assert_eq!([&told["by"], &told["proven"], &told["role"]], [&json!("peer"), &json!(false), &json!("peer")]);
    world.ask("user", "principals_set", json!({"strict": false})).unwrap();
    assert!(world.last.is_empty(), "nothing has changed");
    world.check_replay();
}

#[test]
fn who_asks_who_it_is_learns_what_waits_for_it() {
    let (mut world, group_id) = World::with_team();
    world.start_session(&group_id, "peer", "token-of-peer");
    let waits = |world: &mut World| {
        let own = world.ask_as(token("token-of-peer"), "whoami", json!({})).unwrap();
        let told = world.ask_as(token("token-of-peer"), "whoami", json!({"group_id": group_id})).unwrap();
        assert_eq!(own, told, "the token tells the group");
        assert_eq!([&told["group_id"], &told["runner"]], [&json!(group_id), &json!("pty")]);
        (told["unread_count"].as_u64().unwrap(), told["replies_owed"].as_u64().unwrap())
    };
    assert_eq!(waits(&mut world), (0, 0));
    let say = |world: &mut World, to: &str| {
        let send = json!({"group_id": group_id, "text": "well?", "to": [to], "reply_required": true});
        world.ask("user", "send", send).unwrap()["event"]["id"].clone()
    };
    let (first, second) = (say(&mut world, "peer"), say(&mut world, "@peers"));
    say(&mut world, "lead");
    assert_eq!(waits(&mut world), (2, 2), "what is for others does not count");
    world.ask("peer", "inbox_mark_all_read", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert_eq!(waits(&mut world), (0, 2), "reading is not answering");
    world.ask("peer", "reply", json!({"group_id": group_id, "reply_to": first, "text": "so"})).unwrap();
    assert_eq!(waits(&mut world), (0, 1));
    world.ask("user", "reply_request_cancel", json!({"group_id": group_id, "source_event_id": second})).unwrap();
    assert_eq!(waits(&mut world), (0, 0), "it was taken back");
    world.check_replay();
}
