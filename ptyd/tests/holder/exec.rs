//! What is executed is what was asked for, by the rules of the system; and when it cannot be, that is told, with the
//! system's own reason, and nothing is left.

use crate::world::{World, exited, read_all, read_until, until};
use nix::unistd::{AccessFlags, access};
use ptyd::hold::document::Report;
use ptyd::hold::{HoldError, Session, Spec, process};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that says as what it was started.
const TOOL: &str = "#!/bin/sh\nprintf '<%s>' \"$0\" \"$@\"\n";

/// Writes a program into the home.
fn program(world: &World, path: &str, text: &str) -> PathBuf {
    let path = world.home.root().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Processes that have a word in their command line.
fn processes_with(word: &str) -> Vec<u32> {
    let has_it = |pid: &u32| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).contains(word)
    };
    process::pids().into_iter().filter(has_it).collect()
}

async fn output_of(world: &World, spec: &Spec) -> String {
    let session = world.spawn(spec).await.unwrap();
    exited(&session).await;
    let output = read_all(&mut session.read_from(0, true).await.unwrap(), 0).await;
    session.forget().await.unwrap();
    String::from_utf8(output).unwrap()
}

#[tokio::test]
async fn a_failed_exec_is_told_in_the_systems_own_words() {
    let world = World::new();
    symlink("loop", world.home.root().join("loop")).unwrap();
    // A stack so small that three words do not fit.
    let narrow =
        program(&world, "narrow", &format!("#!/bin/sh\nulimit -s 1024; exec {} \"$@\"\n", crate::world::HOLDER));
    let (holder, word, name) = (Path::new(crate::world::HOLDER), "x".repeat(100_000), format!("/{}", "x".repeat(300)));
    #[rustfmt::skip]
    let cases = [
        // holder            command                                  error
        (holder,             vec![name.as_str()],                     ": File name too long"),
        (holder,             vec!["./loop"],                          "./loop: Too many levels of symbolic links"),
        (holder,             vec!["/etc/passwd/program"],             "/etc/passwd/program: Not a directory"),
        (narrow.as_path(),   vec!["true", &word, &word, &word],       "true: Argument list too long"),
    ];
    for (holder, command, wanted) in cases {
        let spec = world.command(&command);
        let error = ptyd::hold::spawn(&world.home, holder, &spec).await.unwrap_err();
        assert!(matches!(&error, HoldError::Program { why } if why.contains(wanted)), "{wanted}: {error}");
        assert_eq!(fs::read_dir(world.home.pty()).unwrap().count(), 0, "{wanted}");
        until("nobody is left", || processes_with(&spec.session_id).is_empty()).await;
    }
}

/// A program that ends at once, even with the codes and signals that a failed exec would have in a shell, was started.
#[tokio::test]
async fn a_program_that_fails_was_started() {
    #[rustfmt::skip]
    let cases = [
        // script          code        signal
        ("exit 126",       Some(126),  None),
        ("exit 127",       Some(127),  None),
        ("exit 255",       Some(255),  None),
        ("kill -ABRT $$",  None,       Some(6)),
        ("kill -40 $$",    None,       Some(40)),
    ];
    for (script, code, signal) in cases {
        let world = World::new();
        let exit = exited(&world.run(script).await).await;
        assert_eq!((exit.code, exit.signal, exit.total_bytes), (code, signal, 0), "{script}");
    }
}

/// Not in the home instead.
#[tokio::test]
async fn a_directory_that_cannot_be_entered_is_told() {
    let world = World::new();
    let closed = world.home.root().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let missing = world.home.root().join("missing");
    for (directory, wanted) in [(missing, "missing: No such file or directory"), (closed, "closed: Permission denied")]
    {
        if access(&directory, AccessFlags::X_OK).is_ok() {
            // Whoever may do everything may enter it.
            continue;
        }
        let mut spec = world.script("sleep 1000");
        spec.directory = directory.to_str().unwrap().to_owned();
        spec.environment.insert("HOME".to_owned(), "/".to_owned());
        let error = world.spawn(&spec).await.unwrap_err();
        assert!(matches!(&error, HoldError::Directory { why } if why.contains(wanted)), "{error}");
        assert_eq!(fs::read_dir(world.home.pty()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_program_is_found_on_the_agents_own_path() {
    let world = World::new();
    program(&world, "bin/tool", TOOL);
    program(&world, "plain/tool", TOOL);
    fs::set_permissions(world.home.root().join("plain/tool"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::create_dir_all(world.home.root().join("folder/tool")).unwrap();
    #[rustfmt::skip]
    let cases = [
        // program     path                              started as     why
        ("tool",       Some("bin"),                      "bin/tool",    "a path counts from the agent's directory"),
        ("tool",       Some("no/such:plain:folder:bin"), "bin/tool",    "what cannot be executed is passed over"),
        ("./bin/tool", Some("/no/such"),                 "./bin/tool",  "a path is not searched for"),
        ("bin/tool",   None,                             "bin/tool",    "nor without a path to search"),
    ];
    for (program, path, started_as, why) in cases {
        let mut spec = world.command(&[program, "", "a b", "--become-agent", "ü\n"]);
        spec.environment.remove("PATH");
        spec.environment.extend(path.map(|path| ("PATH".to_owned(), path.to_owned())));
        let output = output_of(&world, &spec).await.replace("\r\n", "\n");
        assert_eq!(output, format!("<{started_as}><><a b><--become-agent><ü\n>"), "{why}");
    }
    let mut spec = world.command(&["sh", "-c", "printf found"]);
    spec.environment.remove("PATH");
    assert_eq!(output_of(&world, &spec).await, "found", "the system has a path of its own");
    // A shell runs what names no interpreter.
    program(&world, "bare", "printf '<%s>' \"$@\"\n");
    assert_eq!(output_of(&world, &world.command(&["./bare", "word"])).await, "<word>");
}

#[tokio::test]
async fn an_agent_is_called_what_its_command_says() {
    let world = World::new();
    let session = world.spawn(&world.command(&["sleep", "1000"])).await.unwrap();
    let agent = session.status().await.unwrap().agent_pid;
    assert_eq!(fs::read(format!("/proc/{agent}/cmdline")).unwrap(), b"sleep\x001000\0");
    let left: Vec<_> = fs::read_dir(session.folder().path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "exec"), "the way to start it is closed: {left:?}");
}

/// An update replaces the file of a holder that is just being started.
#[tokio::test]
async fn a_holder_whose_file_is_gone_starts_its_agent() {
    let world = World::new();
    let copy = world.home.root().join("ptyhold");
    fs::copy(crate::world::HOLDER, &copy).unwrap();
    let spec = world.script("echo on; sleep 1000");
    let folder = world.home.pty().join(&spec.session_id);
    let mut starter =
        Command::new(&copy).arg(&folder).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // It waits for its order, so it was executed.
    fs::remove_file(&copy).unwrap();
    starter.stdin.take().unwrap().write_all(&spec.to_order()).unwrap();
    let mut report = String::new();
    starter.stdout.take().unwrap().read_to_string(&mut report).unwrap();
    starter.wait().unwrap();
    assert!(matches!(serde_json::from_str(&report).unwrap(), Report::Started(_)), "{report}");
    let session = Session::connect(&world.found().folder).await.unwrap();
    read_until(&mut session.read_from(0, true).await.unwrap(), "on").await;
}

/// Nobody but a holder has a use for the hidden word; whoever types it is told.
#[test]
fn nobody_becomes_an_agent_without_a_holder() {
    for words in [&["--become-agent"][..], &["--become-agent", "/no/such/socket"]] {
        let output = Command::new(crate::world::HOLDER).args(words).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("no holder has an agent to start"), "{words:?}: {said}");
    }
}
