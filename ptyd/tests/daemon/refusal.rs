//! Each refusal that only ptyd can find a reason for has an example.

use super::world::World;
use bus::contract::Code;
use bus::contract::op::Late;
use bus::contract::refusal;
use ptyd::hold;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

#[test]
fn each_refusal_has_its_example() {
    let world = World::with(|ledger, folder| {
        let directory = folder.path().join("work");
        fs::create_dir(&directory).unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        for name in ["sh", "cat"] {
            symlink(Path::new("/bin").join(name), bin.join(name)).unwrap();
        }
        ledger.add("a", &["sh".into(), "-c".into(), "echo here; exec cat".into()], json!({}), &directory);
    });
    // Whoever hears the agent has a connection that lasts.
    let shown = json!({"group_id": world.group(), "actor_id": "a"});
    world.until("the agent to be heard", |world| {
        let shown = world.ask("terminal_snapshot", shown.clone()).map(|reply| reply.to_value());
        shown.is_ok_and(|shown| shown["text"].as_str().is_some_and(|text| text.contains("here")))
    });
    let holder = hold::find(&world.home).unwrap()[0].folder.clone();
    fs::remove_dir(world.folder.path().join("work")).unwrap();
    // The holder lives, and cannot be spoken with. At no moment is its socket missing, or it would be taken for gone.
    let circle = world.folder.path().join("circle");
    symlink(holder.socket(), &circle).unwrap();
    fs::rename(&circle, holder.socket()).unwrap();

    let access = json!({"provider": "tailscale", "web_public_url": "https://a.example/", "web_token": "a long secret"});
    world.ask("remote_access_configure", access).unwrap();
    let tailnets = [
        (Code::RemoteAccessNotInstalled, None),
        (Code::RemoteAccessNotAuthenticated, Some("NeedsLogin")),
        (Code::RemoteAccessStartFailed, Some("Stopped")),
    ];
    for (code, state) in tailnets {
        if let Some(state) = state {
            let program = world.folder.path().join("bin/tailscale");
            fs::write(&program, format!("#!/bin/sh\necho '{{\"BackendState\": \"{state}\"}}'\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let refused = world.ask("remote_access_start", json!({})).map_err(|refusal| refusal.code);
        assert_eq!(refused, Err(code), "{state:?}");
    }

    #[rustfmt::skip]
    let examples: &[(&str, Code, Value)] = &[
        ("group_start",      Code::InvalidProjectRoot, json!({})),
        ("actor_restart",    Code::InvalidProjectRoot, json!({"actor_id": "a"})),
        ("terminal_tail",    Code::TerminalTailFailed, json!({"actor_id": "a"})),
        ("terminal_since",   Code::TerminalTailFailed, json!({"actor_id": "a", "after": 0})),
        ("terminal_history", Code::TerminalTailFailed, json!({"actor_id": "a"})),
    ];
    for (op, code, args) in examples {
        let mut args = args.clone();
        args["group_id"] = json!(world.group());
        assert_eq!(world.ask(op, args).map_err(|refusal| refusal.code), Err(*code), "{op}");
    }
    let tailnets = tailnets.iter().map(|(code, _)| ("remote_access_start", *code));
    let shown: Vec<_> = tailnets.chain(examples.iter().map(|(op, code, _)| (*op, *code))).collect();
    assert_eq!(shown, refusal::late(Late::Pty).collect::<Vec<_>>());
}
