//! Every runtime with stub programs in a throwaway home: each state is told apart, repaired, and taken back.

use super::*;
use crate::contract::runtime::{self, TABLE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const OURS: &str = "/opt/bin/cccc";

/// A home, a project, and a stub for every program, which writes down how it was called and does what `script` says.
struct World {
    top: tempfile::TempDir,
    world: Surroundings,
}

impl World {
    fn new(script: &str) -> Self {
        let top = tempfile::tempdir().unwrap();
        for folder in ["home", "project", "bin"] {
            fs::create_dir(top.path().join(folder)).unwrap();
        }
        let at = |name: &str| top.path().join(name);
        let stub = format!("#!/bin/sh\necho \"$(basename \"$0\") $*\" >> {}\n{script}\n", at("calls").display());
        for runtime in TABLE.iter().filter(|runtime| !runtime.executable.is_empty()) {
            let path = at("bin").join(runtime.executable);
            fs::write(&path, &stub).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = format!("{}:/usr/bin:/bin", at("bin").display());
        let environment = BTreeMap::from([
            ("HOME", at("home").display().to_string()),
            ("PATH", path),
            ("CCCC_ACTOR_ID", "somebody".into()),
        ]);
        let environment = environment.into_iter().map(|(name, value)| (name.into(), value.into()));
        let world = Surroundings::new(environment, at("project"), OURS);
        Self { top, world }
    }

    fn setup(&self, runtime: &str, scope: Scope) -> Setup<'_> {
        Setup::new(&self.world, runtime::find(runtime).unwrap(), scope).unwrap()
    }

    /// Every way there is.
    fn all(&self) -> impl Iterator<Item = Setup<'_>> {
        let ways = |recipe: &'static Recipe| recipe.ways.iter().map(|way| (recipe.runtime, way.scope));
        recipe::RECIPES.iter().flat_map(ways).map(|(runtime, scope)| self.setup(runtime, scope))
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.top.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// Every file of the home and the project, with what it says.
    fn files(&self) -> BTreeMap<PathBuf, String> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.top.path().join("home"), self.top.path().join("project")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    files.insert(entry.path(), fs::read_to_string(entry.path()).unwrap());
                }
            }
        }
        files
    }
}

/// Puts an entry where the program itself would, among those of others.
fn put(setup: &Setup<'_>, entry: &Value) -> PathBuf {
    let path = setup.world.files(setup.way)[0].clone();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text = if path.extension().is_some_and(|extension| extension == "toml") {
        "# theirs\n[other]\nkey = 1\n".to_owned()
    } else {
        let theirs = "{\"theirs\": {\"command\": \"x\"}}".to_owned();
        let keys = &setup.world.keys(setup.way)[0];
        let servers = keys.iter().rev().fold(theirs, |inner, key| format!("{{\"{key}\": {inner}}}"));
        format!("{{\n  // theirs\n  \"other\": 1,\n  {}\n}}\n", &servers[1..servers.len() - 1])
    };
    let mut document = Document::parse(&path, &text).unwrap();
    if !entry.is_null() {
        document.put(&setup.world.keys(setup.way)[0], entry).unwrap();
    }
    fs::write(&path, document.text()).unwrap();
    path
}

fn good() -> Value {
    json!({"command": OURS, "args": ["mcp"], "env_vars": IDENTITY, "env": own()})
}

/// The reference that one of them needs, and none minds.
fn own() -> Value {
    json!({"CCCC_ACTOR_TOKEN": "$CCCC_ACTOR_TOKEN"})
}

fn fixed(name: &str) -> Value {
    let mut env = own();
    env[name] = json!("fixed");
    with("env", env)
}

fn with(field: &str, value: Value) -> Value {
    let mut entry = good();
    entry[field] = value;
    entry
}

#[test]
fn the_states_of_every_runtime_are_told_apart() {
    let world = World::new("exit 1");
    #[rustfmt::skip]
    let cases = [
        (Value::Null,                                        "missing"),
        (good(),                                             "ready"),
        (with("command", json!("/old/cccc")),                "stale: it runs /old/cccc mcp"),
        (with("command", json!("cccc")),                     "stale: it runs cccc mcp"),
        (fixed("CCCC_ACTOR_ID"),                             "stale: it fixes CCCC_ACTOR_ID for every agent"),
        (with("disabled", json!(true)),                      "stale: it is switched off"),
        (with("enabled", json!(false)),                      "stale: it is switched off"),
        (json!({"type": "http", "url": "http://127.0.0.1/mcp", "env_vars": IDENTITY, "env": own()}), "stale: its transport is http"),
    ];
    for setup in world.all() {
        let name = setup.runtime.id;
        assert_eq!(setup.look().unwrap().state, State::Missing, "{name}: no file at all");
        for (entry, wanted) in &cases {
            let path = put(&setup, entry);
            let look = setup.look().unwrap();
            assert_eq!((look.state.to_string(), look.file), ((*wanted).to_owned(), path.clone()), "{name}: {entry}");
            let best = known(&world.world, setup.runtime).unwrap();
            assert_eq!(best.to_string(), *wanted, "{name}: {entry}");
            fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(world.calls(), [""; 0], "nobody was asked");
}

/// What each program was told, word for word.
#[test]
fn each_program_is_told_in_its_own_words() {
    #[rustfmt::skip]
    let cases = [
        ("claude",   Scope::User,    "claude mcp add -s user cccc -- /opt/bin/cccc mcp"),
        ("claude",   Scope::Project, "claude mcp add -s project cccc -- /opt/bin/cccc mcp"),
        ("claude",   Scope::Local,   "claude mcp add -s local cccc -- /opt/bin/cccc mcp"),
        ("droid",    Scope::User,    "droid mcp add --type stdio cccc /opt/bin/cccc mcp"),
        ("amp",      Scope::User,    "amp mcp add cccc /opt/bin/cccc mcp"),
        ("auggie",   Scope::User,    "auggie mcp add cccc -- /opt/bin/cccc mcp"),
        ("neovate",  Scope::User,    "neovate mcp add -g cccc /opt/bin/cccc mcp"),
        ("copilot",  Scope::User,    "copilot mcp add cccc -- /opt/bin/cccc mcp"),
        ("cline",    Scope::User,    "cline mcp add cccc --yes -- /opt/bin/cccc mcp"),
        ("devin",    Scope::User,    "devin mcp add -s user cccc -- /opt/bin/cccc mcp"),
        ("grok",     Scope::User,    "grok mcp add cccc --command /opt/bin/cccc --args mcp"),
        ("kimi",     Scope::User,    "kimi mcp add cccc -- /opt/bin/cccc mcp"),
        ("kiro",     Scope::User,    "kiro-cli mcp add --name cccc --scope global --command /opt/bin/cccc --args=mcp --force"),
    ];
    for (name, scope, wanted) in cases {
        // The stub does nothing, so that it is seen not to have worked.
        let world = World::new("exit 0");
        let setup = world.setup(name, scope);
        let steps = setup.steps_to_add(&setup.look().unwrap());
        assert_eq!(steps, [format!("run `{wanted}`")]);
        assert!(world.calls().is_empty() && world.files().is_empty(), "a plan changes nothing");
        let unchanged = setup.add().unwrap_err();
        assert!(unchanged.to_string().contains("reported success, but in "), "{unchanged}");
        assert_eq!(world.calls(), [wanted]);
    }
}

/// The stub does what the program would: it writes its file. A stale entry is removed before, in whichever way there is.
#[test]
fn what_is_missing_or_stale_is_mended_once_and_taken_back() {
    for stale in [Value::Null, with("command", json!("/old/cccc")), fixed("CCCC_GROUP_ID")] {
        let pattern = World::new("exit 0");
        for wanted in pattern.all() {
            let (name, scope) = (wanted.runtime.id, wanted.way.scope);
            let world = World::new("case \"$*\" in *' add '*) cp ../ready \"$(cat ../target)\";; *) echo cccc;; esac");
            let setup = world.setup(name, scope);
            let path = put(&setup, &good());
            let ready = fs::read_to_string(&path).unwrap();
            fs::write(world.top.path().join("ready"), &ready).unwrap();
            fs::write(world.top.path().join("target"), path.display().to_string()).unwrap();
            put(&setup, &stale);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();

            let steps = setup.steps_to_add(&setup.look().unwrap());
            assert!(!steps.is_empty() && world.calls().is_empty(), "{name}");
            assert_ne!(setup.add().unwrap_or_else(|error| panic!("{name}: {error}")).state, State::Ready);
            assert_eq!(setup.look().unwrap().state, State::Ready, "{name}");
            let (files, calls) = (world.files(), world.calls());
            assert!(files[&path].contains("theirs"), "{name}: {}", files[&path]);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");

            assert_eq!(setup.add().unwrap().state, State::Ready, "{name}: a second time");
            assert_eq!((world.files(), world.calls()), (files, calls), "{name}: changes nothing");

            assert_eq!(setup.remove().unwrap().state, State::Ready);
            assert_eq!(setup.look().unwrap().state, State::Missing, "{name}");
            let after = &world.files()[&path];
            assert!(after.contains("theirs") && !after.contains("cccc"), "{name}: {after}");
            let (files, calls) = (world.files(), world.calls());
            assert_eq!(setup.remove().unwrap().state, State::Missing);
            assert_eq!((world.files(), world.calls()), (files, calls), "{name}: nothing is left to be removed");
        }
    }
}

/// Gemini CLI keeps what looks secret from its servers, and an entry is as good as none without it.
#[test]
fn a_program_that_keeps_the_token_to_itself_is_told_to_hand_it_on() {
    let world = World::new("exit 1");
    for scope in [Scope::User, Scope::Project] {
        let setup = world.setup("gemini", scope);
        let entry = json!({"command": OURS, "args": ["mcp"], "timeout": 5, "env": {"KEEP": "$KEEP"}});
        let path = put(&setup, &entry);
        assert_eq!(setup.look().unwrap().state.to_string(), "stale: it does not hand on CCCC_ACTOR_TOKEN");
        setup.add().unwrap();
        let after =
            Document::parse(&path, &fs::read_to_string(&path).unwrap()).unwrap().entry(&[setup.way.key]).unwrap();
        let wanted = json!({"command": OURS, "args": ["mcp"], "timeout": 5,
                            "env": {"KEEP": "$KEEP", "CCCC_ACTOR_TOKEN": "$CCCC_ACTOR_TOKEN"}});
        assert_eq!(after, Some(wanted));
    }
    assert_eq!(world.calls(), [""; 0], "its own command would write out what others refer to");
}

#[test]
fn what_a_program_says_of_its_failure_is_told() {
    let world = World::new("echo 'You are not logged in.' >&2; exit 7");
    let failed = world.setup("claude", Scope::User).add().unwrap_err().to_string();
    assert!(
        failed.contains("claude mcp add") && failed.ends_with("exit status: 7: You are not logged in."),
        "{failed}"
    );
    let codex = world.setup("codex", Scope::User).add().unwrap_err().to_string();
    assert!(codex.contains("You are not logged in."), "{codex}");
    let silent = World::new("echo nothing");
    let untold = silent.setup("codex", Scope::User).add().unwrap_err().to_string();
    assert!(untold.contains("`codex mcp get cccc --json` does not tell of it"), "{untold}");
}

#[test]
fn a_file_that_is_not_understood_is_left_as_it_is() {
    let world = World::new("exit 0");
    for setup in world.all() {
        let path = put(&setup, &Value::Null);
        for text in ["{ not json", "[]"] {
            fs::write(&path, text).unwrap();
            let refused = [setup.look(), setup.add(), setup.remove()].map(|result| result.unwrap_err().to_string());
            assert!(refused.iter().all(|said| said.contains("is left as it is")), "{refused:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "{}", setup.runtime.id);
        }
        fs::remove_file(path).unwrap();
    }
    assert_eq!((world.calls().len(), world.files().len()), (0, 0));
}

#[test]
fn what_cannot_be_set_up_is_told() {
    let world = World::new("exit 0");
    let refused =
        |name: &str, scope| Setup::new(&world.world, runtime::find(name).unwrap(), scope).unwrap_err().to_string();
    assert!(refused("custom", Scope::User).contains("command /opt/bin/cccc, args [\"mcp\"]"));
    assert!(refused("hermes", Scope::Project).contains("command: \"/opt/bin/cccc\""));
    assert!(refused("grok", Scope::Project).ends_with("use `--scope user`"));
    let bare = world.world.clone().on_path(std::ffi::OsStr::new("/nowhere"));
    let setup = Setup::new(&bare, runtime::find("claude").unwrap(), Scope::User).unwrap();
    assert_eq!(setup.add().unwrap_err().to_string(), "Claude Code is not installed: there is no `claude` on PATH");
    assert_eq!(known(&world.world, runtime::find("custom").unwrap()).unwrap(), State::ByHand);
    for recipe in recipe::RECIPES.iter().filter(|recipe| recipe.ways.is_empty()) {
        let runtime = runtime::find(recipe.runtime).unwrap();
        let Err(SetupError::ByHand { instruction, removal, .. }) = Setup::new(&world.world, runtime, Scope::User)
        else {
            panic!("{} is told by hand", recipe.runtime)
        };
        assert!(instruction.contains(OURS) && !removal.contains("{command}"), "{instruction}; {removal}");
        assert!(removal.contains("cccc") && removal != instruction, "{removal}");
    }
}

/// Its newer program keeps all it has in another folder, and looks into the old one no more.
#[test]
fn a_place_that_a_newer_program_has_made_counts_alone() {
    let world = World::new("exit 0");
    let setup = world.setup("kimi", Scope::User);
    let old = put(&setup, &good());
    assert!(old.ends_with(".kimi/mcp.json") && setup.look().unwrap().state == State::Ready);
    let newer = world.top.path().join("home/.kimi-code/mcp.json");
    fs::create_dir(newer.parent().unwrap()).unwrap();
    assert_eq!(setup.look().unwrap(), Look { state: State::Missing, file: newer.clone() });
    assert_eq!(put(&setup, &good()), newer);
    assert_eq!(setup.look().unwrap(), Look { state: State::Ready, file: newer });
}

/// What a project's own entry says wins over the user's, and in Claude Code what its user says for one project over both.
#[test]
fn the_entry_that_wins_is_judged() {
    let world = World::new("exit 0");
    let word = |name: &str| known(&world.world, runtime::find(name).unwrap()).unwrap().to_string();
    let stale = with("command", json!("/old/cccc"));
    let local = |entry: &Value| json!({"mcpServers": {"cccc": entry}});
    put(&world.setup("cursor", Scope::User), &good());
    put(&world.setup("cursor", Scope::Project), &stale);
    assert_eq!(word("cursor"), "stale: it runs /old/cccc mcp");
    put(&world.setup("cursor", Scope::Project), &good());
    put(&world.setup("cursor", Scope::User), &stale);
    assert_eq!(word("cursor"), "ready");
    put(&world.setup("droid", Scope::User), &stale);
    put(&world.setup("droid", Scope::Project), &good());
    assert_eq!(word("droid"), "stale: it runs /old/cccc mcp", "here the user's wins");

    put(&world.setup("claude", Scope::Project), &good());
    let file = world.top.path().join("home/.claude.json");
    for (local_entry, wanted) in [(&stale, "stale: it runs /old/cccc mcp"), (&good(), "ready")] {
        let project = world.top.path().join("project").display().to_string();
        let text = json!({"projects": {"/other": local(&good()), project: local(local_entry)}, "mcpServers": {}});
        fs::write(&file, text.to_string()).unwrap();
        assert_eq!(word("claude"), wanted);
    }
    // In a folder of a repository it is the repository that is the project.
    let nested = world.top.path().join("project/a/b");
    fs::create_dir_all(&nested).unwrap();
    fs::create_dir(world.top.path().join("project/.git")).unwrap();
    let within = Surroundings::new(world.world.environment().clone(), nested, OURS);
    let claude = runtime::find("claude").unwrap();
    assert_eq!(known(&within, claude).unwrap(), State::Ready);
    assert_eq!(winner(&within, claude).unwrap().map(|(scope, look)| (scope, look.file)), Some((Scope::Local, file)));
}

/// A project's file may be a link that somebody has checked in: what is written for a project stays in it.
#[test]
fn nothing_is_written_outside_of_a_project() {
    for link in [".cursor/mcp.json", ".cursor", ".mcp.json"] {
        let world = World::new("exit 0");
        let outside = world.top.path().join("home/theirs");
        let at = world.top.path().join("project").join(link);
        let target = if link == ".cursor" { outside.clone() } else { outside.join("mcp.json") };
        fs::create_dir(&outside).unwrap();
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&target, &at).unwrap();
        let setup = world.setup(if link == ".mcp.json" { "claude" } else { "cursor" }, Scope::Project);
        let said = |result: Result<Look, SetupError>| result.unwrap_err().to_string();
        // Also where it leads to nothing yet.
        let refused = said(setup.add());
        assert!(refused.contains("leads out of the project") && refused.contains("theirs"), "{link}: {refused}");
        for entry in [json!({}), json!({"cccc": {"command": "/old/cccc"}})] {
            let text = json!({"mcpServers": entry}).to_string();
            fs::write(outside.join("mcp.json"), &text).unwrap();
            assert!(said(setup.add()).contains("leads out of the project"), "{link}");
            if entry != json!({}) {
                assert!(said(setup.remove()).contains("leads out of the project"), "{link}");
            }
            assert_eq!(fs::read_to_string(outside.join("mcp.json")).unwrap(), text, "{link}");
            assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "{link}: nothing lies beside it");
        }
        assert_eq!(world.calls(), [""; 0], "{link}: nor does its own command");
    }
    // A link within the project is the project's own affair.
    let world = World::new("exit 0");
    let project = world.top.path().join("project");
    fs::create_dir(project.join(".cursor")).unwrap();
    std::os::unix::fs::symlink("../shared.json", project.join(".cursor/mcp.json")).unwrap();
    fs::write(project.join("shared.json"), "{}").unwrap();
    world.setup("cursor", Scope::Project).add().unwrap();
    assert!(fs::read_to_string(project.join("shared.json")).unwrap().contains(OURS));
}

/// Some have more than one place; an entry counts wherever it is, and is mended there.
#[test]
fn an_entry_is_found_in_each_of_its_places() {
    let world = World::new("exit 0");
    let setup = world.setup("opencode", Scope::User);
    let files = world.world.files(setup.way);
    fs::create_dir_all(files[1].parent().unwrap()).unwrap();
    fs::write(&files[1], "{\n  // mine\n}\n").unwrap();
    assert_eq!(setup.look().unwrap(), Look { state: State::Missing, file: files[1].clone() });
    assert_eq!(setup.add().unwrap().state, State::Missing);
    assert_eq!(setup.look().unwrap(), Look { state: State::Ready, file: files[1].clone() });
    let text = fs::read_to_string(&files[1]).unwrap();
    assert!(text.contains("// mine") && text.contains(OURS) && !files[0].exists(), "{text}");
}
