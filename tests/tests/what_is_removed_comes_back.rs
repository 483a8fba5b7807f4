//! A cleaner of temporary files, or a person, removes sockets and run files under a running stack. All of it comes back by
//! itself, and no agent ends for it.

use bus::home::Home;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tests::process::DAEMONS;
use tests::{Client, Stack, process, until};

/// Every socket below a folder.
fn sockets(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let found = entries.flat_map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => sockets(&entry.path()),
        Ok(kind) if kind.is_socket() => vec![entry.path()],
        _ => Vec::new(),
    });
    found.collect()
}

/// Every file two folders deep whose name begins so.
fn files_named(folder: &Path, begin: &str) -> Vec<PathBuf> {
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_it = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(begin));
    list(folder).flat_map(|folder| list(&folder)).filter(is_it).collect()
}

/// Removes every file of these; they may come back before the last one is removed.
fn remove(files: &[PathBuf]) {
    for file in files {
        // One that is gone has been removed by its own process, which starts again.
        let _ = fs::remove_file(file);
    }
}

#[test]
fn sockets_and_run_files_come_back_and_agents_live_on() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["worker"]);
    until("the agent", || !stack.processes("test-agent").is_empty());
    let agent = stack.processes("test-agent")[0].pid;
    let root = stack.home();
    let home = Home::find(Some(&root)).unwrap();
    let notify = |name: &str| home.run().join("notify").join(name);
    let every_file = || {
        let sessions = fs::read_dir(home.pty()).unwrap().map(|entry| entry.unwrap().path());
        let sessions = sessions.flat_map(|session| ["sock", "meta.json"].map(|name| session.join(name)));
        let own = [home.ledger_socket(), home.hint_socket(), home.pty_socket(), home.attach_socket()];
        let supervisors = DAEMONS.iter().map(|name| notify(name)).chain([home.supervisor_report()]);
        let places = [home.mcp_endpoint(), home.web_endpoint(), home.door_socket()];
        let clients = places.into_iter().chain([home.descriptor(), home.pid_file(), home.supervisor_lock()]);
        sessions.chain(own).chain(supervisors).chain(clients).collect::<Vec<_>>()
    };
    let expected = every_file();
    until("every file", || expected.iter().all(|file| file.exists()));
    // Five of the bus and the door, one of the agent's holder, and an ear for each process.
    assert_eq!(sockets(&root).len(), 6 + DAEMONS.len(), "{:?}", sockets(&root));

    let mut steps: Vec<(String, Vec<PathBuf>)> =
        expected.iter().map(|file| (format!("{} is removed", file.display()), vec![file.clone()])).collect();
    let logs_of_sessions = || files_named(&home.pty(), "log-");
    until("what the agent shows is in a log", || !logs_of_sessions().is_empty());
    steps.push(("the logs of the sessions are removed".into(), logs_of_sessions()));
    steps.push(("all of them are removed".into(), expected.clone()));
    steps.push(("the run folder is removed".into(), vec![home.run().to_path_buf()]));
    for (number, (what, files)) in steps.iter().enumerate() {
        // Who ends because of the removal is another one afterwards; everybody else may stay.
        match files.as_slice() {
            // What comes back at once may keep the folder itself from being removed.
            [folder] if folder.is_dir() => drop(fs::remove_dir_all(folder)),
            files => remove(files),
        }
        until(&format!("all files once {what}"), || expected.iter().all(|file| file.exists()));
        let text = format!("after-{number}.");
        until(&format!("an answer once {what}"), || {
            let args = json!({"group_id": group_id, "text": text, "to": ["worker"], "request_id": text});
            Client::connect(&root).is_ok_and(|mut client| client.try_ask("send", &args).is_ok_and(|sent| sent.is_ok()))
        });
        until(&format!("delivery once {what}"), || logs[0].count(&text) == 1);
        until(&format!("a log of what is shown once {what}"), || !logs_of_sessions().is_empty());
        until(&format!("a report once {what}"), || {
            let status: serde_json::Value =
                serde_json::from_slice(&stack.cccc(&["daemon", "status", "--json"]).stdout).unwrap();
            status["result"]["report"]["condition"] == "ready"
        });
        assert!(process::is_alive(agent), "the agent lives on though {what}");
        assert_eq!(stack.processes("test-agent").len(), 1, "nobody else was started though {what}");
    }
    // Whoever comes next finds them as well.
    stack.kill("ptyd");
    let args = json!({"group_id": group_id, "text": "at last.", "to": ["worker"], "request_id": "at-last"});
    until("an answer of the next ptyd", || {
        Client::connect(&root).is_ok_and(|mut client| client.try_ask("send", &args).is_ok_and(|sent| sent.is_ok()))
    });
    until("delivery by the next ptyd", || logs[0].count("at last.") == 1);
    assert!(process::is_alive(agent) && stack.processes("test-agent").len() == 1);
    let second = stack.cccc(&["daemon", "run"]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("already"), "there is one supervisor: {said}");
}

/// Something that looks like a holder of this home and whose folder never comes back.
fn lost_holder(home: &Home) -> Child {
    let folder = home.pty().join("0".repeat(32));
    // It removes its own words, and reads for ever.
    fs::write(&folder, "rm \"$0\"\nread word\n").unwrap();
    let holder = Command::new("/bin/sh").arg0("/usr/libexec/ptyhold").arg(&folder).stdin(Stdio::piped()).spawn();
    until("it lives", || !folder.exists());
    holder.unwrap()
}

#[test]
fn a_terminal_that_is_waited_for_holds_up_nobody_who_asks_and_no_stop() {
    let mut stack = Stack::start();
    let (group_id, _) = stack.group(&["worker"]);
    until("the agent", || !stack.processes("test-agent").is_empty());
    let home = Home::find(Some(&stack.home())).unwrap();
    let status = |word: &str| {
        let status: Value = serde_json::from_slice(&stack.cccc(&["daemon", "status", "--json"]).stdout).unwrap();
        let processes = status["result"]["report"]["processes"].as_array().cloned().unwrap_or_default();
        let ptyd = processes.into_iter().find(|process| process["name"] == "ptyd").unwrap_or_default();
        ptyd["state"] == "ready" && ptyd["status"].as_str().is_some_and(|status| status.contains(word))
    };

    let mut lost = lost_holder(&home);
    stack.kill("ptyd");
    until("the next ptyd waits and is ready", || status("waiting for terminals"));
    // One that would be started again at once.
    for program in ["ptyhold", "test-agent"] {
        for process in stack.processes(program) {
            let _ = kill(Pid::from_raw(process.pid), Signal::SIGKILL);
        }
    }
    until("the agent is gone", || stack.processes("test-agent").is_empty());
    let args = json!({"group_id": group_id, "text": "meanwhile.", "request_id": "meanwhile"});
    stack.ask("send", &args);
    stack.ask("actor_list", &json!({"group_id": group_id}));
    assert!(stack.processes("test-agent").is_empty(), "nobody is started before it is known who runs");
    lost.kill().unwrap();
    lost.wait().unwrap();
    until("it goes on", || status("serving terminals") && !status("waiting"));
    until("the agent is started again", || !stack.processes("test-agent").is_empty());

    let mut lost = lost_holder(&home);
    stack.kill("ptyd");
    until("the next ptyd waits again", || status("waiting for terminals"));
    stack.stop();
    assert!(lost.wait().unwrap().code().is_none(), "it was told to end");
    assert!(stack.processes("test-agent").is_empty() && stack.processes("ptyhold").is_empty());
}

/// Whoever throws the home away means all of it.
#[test]
fn a_home_that_is_thrown_away_stays_away_and_its_agents_end() {
    let mut stack = Stack::start();
    stack.group(&["worker"]);
    until("the agent", || !stack.processes("test-agent").is_empty());
    let agent = stack.processes("test-agent")[0].pid;
    let root = stack.home();
    until("the home is removed", || {
        // Who writes just then may keep a folder from being removed, as with any `rm -r`.
        let _ = fs::remove_dir_all(&root);
        !root.exists()
    });
    stack.bury();
    until("the agent ends", || !process::is_alive(agent));
    until("its holder ends", || stack.processes("ptyhold").is_empty());
    assert!(!root.exists(), "nobody has made it again");
}
