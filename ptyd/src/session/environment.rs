//! The environment an agent starts with: the user's, without what is ours alone, with what tells the agent who it is.

use bus::contract::private::Variables;
use bus::contract::{Actor, runtime};
use bus::daemon::environment::{GIVEN, NEEDED, PATH_DEFAULT, before, for_daemon};
use bus::home::Home;
use ptyd::hold::descendants::SESSION_VARIABLE;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What our own variables begin with.
const OURS: &str = "CCCC_";

/// What our terminals understand.
const TERM: &str = "xterm-256color";

/// Whose environment it is.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The group.
    pub group_id: &'a str,
    /// The actor's row.
    pub actor: &'a Actor,
    /// What only this actor may know.
    pub private: &'a Variables,
    /// The session's token.
    pub token: &'a str,
    /// The session, by which everything the agent starts is found again.
    pub session_id: &'a str,
}

/// Puts an environment together; what comes later wins: `inherited` [as far as daemons take it over](for_daemon), the
/// actor's own, its private one, where and who it is. What its [program needs](runtime::variables) comes before all of it.
///
/// `directory` is where it starts. `programs` is the folder of our own programs: it comes first on the `PATH`, so that
/// an agent's `cccc` is the one that serves it. `inputrc` keeps plain readline programs from bracketed paste. The names
/// of all that is added are [listed](GIVEN), so that no daemon takes them over that is started from here.
pub fn environment(
    home: &Home,
    identity: Identity<'_>,
    directory: &str,
    inherited: impl IntoIterator<Item = (OsString, OsString)>,
    programs: Option<&Path>,
    inputrc: &Path,
) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = for_daemon(inherited)
        .into_iter()
        // What is not text cannot be handed over; agents do not depend on it.
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| !name.starts_with(OURS))
        .collect();
    let mut given = BTreeMap::from([("TERM".into(), TERM.into())]);
    let needed = runtime::variables(&identity.actor.command).filter(|(name, _)| !env.contains_key(*name));
    given.extend(needed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    given.insert("INPUTRC".into(), inputrc.to_string_lossy().into_owned());
    given.extend(identity.actor.env.clone());
    given.extend(identity.private.0.clone());
    given.insert("PWD".into(), directory.to_owned());
    // The home is everybody's below it.
    let names: Vec<&str> = given.keys().map(String::as_str).filter(|name| *name != "CCCC_HOME").collect();
    let names = names.join(" ");
    for name in NEEDED.iter().filter(|name| given.contains_key(**name)) {
        if let Some(inherited) = env.get(*name).cloned() {
            env.insert(before(name), inherited);
        }
    }
    env.extend(given);
    if let Some(programs) = programs {
        let path = env.remove("PATH").unwrap_or_else(|| PATH_DEFAULT.into());
        env.insert("PATH".into(), in_front(programs, &path));
    }
    let who = [
        ("CCCC_HOME", home.root().to_string_lossy().into_owned()),
        ("CCCC_GROUP_ID", identity.group_id.to_owned()),
        ("CCCC_ACTOR_ID", identity.actor.id.clone()),
        ("CCCC_ACTOR_TOKEN", identity.token.to_owned()),
        (GIVEN, names),
        (SESSION_VARIABLE, identity.session_id.to_owned()),
    ];
    env.extend(who.map(|(name, value)| (name.to_owned(), value)));
    env
}

fn in_front(programs: &Path, path: &str) -> String {
    let others = std::env::split_paths(path).filter(|folder| folder != programs);
    let all = std::iter::once(PathBuf::from(programs)).chain(others);
    // A folder with a colon in its name cannot be on a path at all.
    std::env::join_paths(all).ok().and_then(|joined| joined.into_string().ok()).unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_agent_knows_who_it_is_and_nothing_of_ours() {
        let row = json!({"v": 1, "id": "a", "runtime": "custom", "created_at": "", "updated_at": "",
                         "env": {"LANG": "C", "CCCC_ACTOR_ID": "somebody else", "EDITOR": "vi"}});
        let actor: Actor = serde_json::from_value(row).unwrap();
        let home = Home::find(Some(Path::new("/h"))).unwrap();
        let inherited = [
            ("PATH", "/bin:/ours:/usr/bin"),
            ("LANG", "de"),
            ("HOME", "/root"),
            ("TERM", "dumb"),
            ("LINES", "3"),
            ("GIT_DIR", "/elsewhere/.git"),
            ("PWD", "/elsewhere"),
            ("CLAUDECODE", "1"),
            ("NO_COLOR", "1"),
            ("OF_THE_STARTER", "secret"),
            ("CCCC_ACTOR_GIVEN", "OF_THE_STARTER"),
            ("NOTIFY_SOCKET", "/n"),
            ("CCCC_LOG", "debug"),
            ("CCCC_ACTOR_TOKEN", "old"),
            ("CCCC_SESSION_ID", "of whoever has started us"),
        ];
        let inherited = inherited.map(|(name, value)| (name.into(), value.into()));
        let private =
            [("EDITOR", "ed"), ("KEY", "secret"), ("CCCC_ACTOR_TOKEN", "forged"), ("CCCC_SESSION_ID", "forged")];
        let private = Variables(private.map(|(name, value)| (name.into(), value.into())).into());
        let identity = Identity { group_id: "g_1", actor: &actor, private: &private, token: "t", session_id: "s" };
        let env = environment(&home, identity, "/w", inherited, Some(Path::new("/ours")), Path::new("/h/run/inputrc"));
        #[rustfmt::skip]
        let wanted = [
            ("CCCC_ACTOR_BEFORE_LANG", "de"),
            ("CCCC_ACTOR_GIVEN", "CCCC_ACTOR_ID CCCC_ACTOR_TOKEN CCCC_SESSION_ID EDITOR INPUTRC KEY LANG PWD TERM"),
            ("CCCC_ACTOR_ID", "a"), ("CCCC_ACTOR_TOKEN", "t"), ("CCCC_GROUP_ID", "g_1"), ("CCCC_HOME", "/h"),
            ("CCCC_SESSION_ID", "s"),
            ("EDITOR", "ed"), ("HOME", "/root"), ("INPUTRC", "/h/run/inputrc"), ("KEY", "secret"), ("LANG", "C"),
            ("NO_COLOR", "1"), ("PATH", "/ours:/bin:/usr/bin"), ("PWD", "/w"), ("TERM", "xterm-256color"),
        ];
        let shown: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(shown, wanted);
    }

    /// The environment of an actor without a private one, started by `daemon` below a folder of programs.
    fn of(row: serde_json::Value, daemon: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut whole = json!({"v": 1, "id": "a", "runtime": "custom", "created_at": "", "updated_at": ""});
        whole.as_object_mut().unwrap().extend(row.as_object().unwrap().clone());
        let actor: Actor = serde_json::from_value(whole).unwrap();
        let home = Home::find(Some(Path::new("/h"))).unwrap();
        let private = Variables::default();
        let identity = Identity { group_id: "g_1", actor: &actor, private: &private, token: "t", session_id: "s" };
        let inherited = daemon.iter().map(|(name, value)| (name.into(), value.into()));
        environment(&home, identity, "/w", inherited, Some(Path::new("/ours")), Path::new("/h/run/inputrc"))
    }

    #[test]
    fn a_daemon_that_is_started_from_inside_has_what_ours_has() {
        let daemon = [("HOME", "/root"), ("PATH", "/bin"), ("KEY", "the user's")];
        let agent = of(json!({"env": {"HOME": "/elsewhere", "PATH": "/opt/bin", "KEY": "another"}}), &daemon);
        assert_eq!((&*agent["HOME"], &*agent["PATH"]), ("/elsewhere", "/ours:/opt/bin"));
        assert!(!agent.values().any(|value| value.contains("the user's")));
        let inside = for_daemon(agent.into_iter().map(|(name, value)| (name.into(), value.into())));
        let of_inside = |name: &str| inside.get(std::ffi::OsStr::new(name)).and_then(|value| value.to_str());
        assert_eq!(["HOME", "PATH", "KEY"].map(of_inside), [Some("/root"), Some("/bin"), None]);
    }

    #[test]
    fn a_program_gets_the_variables_of_its_row_unless_somebody_has_set_them() {
        const NAME: &str = "OPENCODE_DISABLE_AUTOUPDATE";
        #[rustfmt::skip]
        let cases = [
            // actor                                                        daemon              what it has
            (json!({"command": ["opencode"]}),                              &[][..],            Some("1")),
            (json!({"command": ["opencode"]}),                              &[(NAME, "false")], Some("false")),
            (json!({"command": ["opencode"], "env": {NAME: "0"}}),          &[],                Some("0")),
            (json!({"command": ["claude"]}),                                &[],                None),
        ];
        for (actor, daemon, wanted) in cases {
            assert_eq!(of(actor.clone(), daemon).get(NAME).map(String::as_str), wanted, "{actor}");
        }
    }
}
