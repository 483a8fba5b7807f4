//! What each role may ask for, over every op and every address that there is.

use super::*;
use crate::route::{self, TABLE};

fn access(role: WebRole, group_id: Option<&str>) -> Access {
    Access { name: "somebody".into(), role, group_id: group_id.map(str::to_owned), key: Key::Place }
}

/// Ops that change something without writing to a ledger.
const CHANGES_WITHOUT_A_RECORD: [&str; 3] = ["terminal_clear", "terminal_release", "term_resize"];

fn row(name: &str) -> &'static Row {
    op::TABLE.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name} is no op"))
}

#[test]
fn every_op_that_is_named_is_one_and_viewers_only_read() {
    FOR_ADMINS.iter().chain(&OF_EVERYBODY).for_each(|name| assert_eq!(row(name).name, *name));
    for name in VIEWED {
        assert_eq!(row(name).access, op::Access::Read, "{name}");
        assert!(!CHANGES_WITHOUT_A_RECORD.contains(&name) && !FOR_ADMINS.contains(&name), "{name}");
    }
}

/// Whatever way an op is asked, whoever only looks changes nothing: by an address of its own, by its name, on a socket.
#[test]
fn whoever_is_read_only_can_write_through_no_address_and_no_op() {
    let viewers = [
        access(WebRole::Viewer, Some("g")),
        access(WebRole::Viewer, None),
        Access::owner(Key::Place).into_viewer(),
        access(WebRole::Member, Some("g")).into_viewer(),
    ];
    let writes = |row: &Row| row.access != op::Access::Read || CHANGES_WITHOUT_A_RECORD.contains(&row.name);
    for viewer in viewers {
        for row in op::TABLE {
            let may = viewer.check(Asked::Op(row, "g"));
            assert!(!writes(row) || may.is_err(), "{} by {viewer:?}", row.name);
            let (posted, address) = (Method::POST, format!("{CALL}{}", row.name));
            let by_name = viewer.check(Asked::Address(&posted, &address)).and(may);
            assert!(!writes(row) || by_name.is_err_and(|denied| denied.code == READ_ONLY), "{}", row.name);
        }
        for address in TABLE {
            let path = address.path.replace("{group_id}", "g");
            let method: Method = format!("{:?}", address.method).to_uppercase().parse().unwrap();
            let led = viewer.check(Asked::Address(&method, &path)).and(viewer.check(Asked::Op(row(address.op), "g")));
            let changes = writes(row(address.op)) || method != Method::GET;
            assert!(!changes || led.is_err_and(|denied| denied.refusal().code == READ_ONLY), "{method} {path}");
        }
        for (method, path) in route::OWN {
            let changes = ![Method::GET].contains(method) && *path != "/api/v1/call/{op}";
            assert_eq!(
                viewer.check(Asked::Address(method, path)).is_err(),
                changes || path.contains("/fs/") || path.ends_with("/runtimes"),
                "{method} {path}"
            );
        }
        assert!(viewer.check(Asked::Terminal("g")).is_err());
    }
}

#[test]
fn whoever_has_one_group_hears_of_no_other() {
    for role in [WebRole::Viewer, WebRole::Member] {
        let one = access(role, Some("g"));
        for row in op::TABLE {
            let (own, other, none) =
                (one.check(Asked::Op(row, "g")), one.check(Asked::Op(row, "h")), one.check(Asked::Op(row, "")));
            assert!(OF_EVERYBODY.contains(&row.name) || other.is_err() && none.is_err(), "{} by {role}", row.name);
            let is_of_home = matches!(row.about, About::Home | About::TwoGroups);
            assert!(!is_of_home || own.is_err() || OF_EVERYBODY.contains(&row.name), "{} by {role}", row.name);
        }
        assert!(one.check(Asked::Ledger("g")).is_ok() && one.check(Asked::Ledger("home")).is_err());
        assert!(one.check(Asked::Terminal("h")).is_err());
        assert!(one.check(Asked::Address(&Method::GET, "/api/v1/fs/list")).is_err());
    }
}

#[test]
fn each_role_may_what_it_is_for() {
    let may = |access: &Access, name| access.check(Asked::Op(row(name), "g")).is_ok();
    let (admin, member, viewer) =
        (Access::owner(Key::Place), access(WebRole::Member, None), access(WebRole::Viewer, Some("g")));
    #[rustfmt::skip]
    let cases = [
        // op                        admin  member viewer
        ("send",                     true,  true,  false),
        ("actor_add",                true,  true,  false),
        ("group_create",             true,  true,  false),
        ("terminal_tail",            true,  true,  false),
        ("ledger_window",            true,  true,  true),
        ("task_list",                true,  true,  true),
        ("message_statuses",         true,  true,  true),
        ("group_delete",             true,  false, false),
        ("actor_env_private_keys",   true,  false, false),
        ("remote_access_configure",  true,  false, false),
    ];
    for (name, by_admin, by_member, by_viewer) in cases {
        assert_eq!([&admin, &member, &viewer].map(|who| may(who, name)), [by_admin, by_member, by_viewer], "{name}");
    }
    assert!(op::TABLE.iter().all(|row| admin.check(Asked::Op(row, "")).is_ok()));
}

/// The record of the home says who has which token, which browsers are told, and how we are reached.
#[test]
fn the_record_of_the_home_is_shown_as_far_as_a_role_goes() {
    let told = |role, kind| access(role, None).is_told("home", kind);
    #[rustfmt::skip]
    let cases = [
        //                          admin  member viewer
        ("x.cccc.web_token",        true,  false, false),
        ("x.cccc.web_push",         true,  false, false),
        ("x.cccc.remote_access",    true,  false, false),
        ("x.cccc.profile",          true,  true,  false),
        ("x.cccc.group",            true,  true,  true),
    ];
    for (kind, admin, member, viewer) in cases {
        let seen = [WebRole::Admin, WebRole::Member, WebRole::Viewer].map(|role| told(role, kind));
        assert_eq!(seen, [admin, member, viewer], "{kind}");
        assert!(access(WebRole::Viewer, Some("g")).is_told("g", kind), "a group's own is for whoever sees the group");
    }
    for name in READS {
        assert!(access(WebRole::Member, None).check(Asked::Op(row(name), "home")).is_err(), "{name}");
        assert!(access(WebRole::Admin, None).check(Asked::Op(row(name), "home")).is_ok(), "{name}");
    }
    let one = access(WebRole::Member, Some("g"));
    let whoami = |group_id| one.check(Asked::Op(row("whoami"), group_id)).is_ok();
    assert_eq!([whoami(""), whoami("g"), whoami("g_other")], [true, true, false]);
}
