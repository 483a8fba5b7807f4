//! A session that starts has exactly what was asked for; one that does not is a clear error and leaves nothing.

use crate::world::{World, read_until};
use ptyd::hold::{HoldError, State, find};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[tokio::test]
async fn what_cannot_be_started_says_why_and_leaves_nothing() {
    let world = World::new();
    let text = world.home.root().join("text.txt");
    fs::write(&text, "no program").unwrap();
    let interpreter = world.home.root().join("script");
    fs::write(&interpreter, "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(&interpreter, fs::Permissions::from_mode(0o755)).unwrap();
    let (text, interpreter) = (text.to_str().unwrap(), interpreter.to_str().unwrap());
    #[rustfmt::skip]
    let cases = [
        // command                  directory           error
        (vec!["no-such-program"],   "/",                "cannot start the program: no-such-program: it is not on the session's PATH"),
        (vec!["/no/such/program"],  "/",                "cannot start the program: /no/such/program: there is no such file"),
        (vec![interpreter],         "/",                "or not the interpreter it names"),
        (vec![text],                "/",                "text.txt: it is not executable"),
        (vec!["/"],                 "/",                "cannot start the program: /: it is not executable"),
        (vec!["sh"],                "/no/such/folder",  "cannot start in the directory: /no/such/folder: "),
        (vec!["sh"],                text,               "text.txt: it is not a directory"),
        (vec!["sh"],                "relative",         "cannot start a session: directory \"relative\" is not an absolute path"),
        (vec![],                    "/",                "cannot start a session: the command has no words"),
        (vec![""],                  "/",                "cannot start a session: the program has an empty name"),
        (vec!["sh", "a\0b"],        "/",                "contains a zero byte"),
    ];
    for (command, directory, wanted) in cases {
        let mut spec = world.command(&command);
        spec.directory = directory.to_owned();
        let error = world.spawn(&spec).await.unwrap_err().to_string();
        assert!(error.contains(wanted), "{command:?} in {directory}: {error}");
        assert_eq!(find(&world.home).unwrap(), [], "{command:?}");
        assert_eq!(fs::read_dir(world.home.pty()).unwrap().count(), 0, "{command:?}");
    }
    let spec = world.script("sleep 1000");
    let session = world.spawn(&spec).await.unwrap();
    let again = world.spawn(&spec).await.unwrap_err();
    assert!(matches!(&again, HoldError::Start { why } if why.contains("cannot make")), "{again}");
    assert!(session.status().await.unwrap().exit.is_none(), "the first one is not touched");
}

#[tokio::test]
async fn a_holder_that_is_none_is_an_error() {
    let world = World::new();
    let spec = world.script("true");
    let error = ptyd::hold::spawn(&world.home, Path::new("/no/such/holder"), &spec).await.unwrap_err();
    assert!(matches!(error, HoldError::Io { action: "execute", .. }), "{error}");
    let error = ptyd::hold::spawn(&world.home, Path::new("/bin/true"), &spec).await.unwrap_err();
    assert!(matches!(error, HoldError::Start { .. }), "{error}");
}

#[tokio::test]
async fn an_agent_gets_its_environment_directory_size_and_nothing_else() {
    let world = World::new();
    let mut spec = world.script(
        "env | sort; pwd; stty size; umask; ls -1 /proc/$$/fd | tr '\\n' ' '; \
         grep SigIgn /proc/$$/status; tty; echo over; sleep 1000",
    );
    spec.environment.insert("SECRET".to_owned(), "ed25519".to_owned());
    (spec.cols, spec.rows, spec.umask) = (111, 33, 0o027);
    let session = world.spawn(&spec).await.unwrap();
    let mut output = session.read_from(0, true).await.unwrap();
    let text = read_until(&mut output, "over").await;
    let root = world.home.root().display();
    let home = format!("\r\n{root}\r\n33 111\r\n0027\r\n");
    assert!(text.contains(&home), "{text}");
    assert!(text.contains("SECRET=ed25519\r\n") && text.contains("\r\n0 1 2 "), "{text}");
    let ignored = text.split_once("SigIgn:\t").unwrap().1.split_once('\r').unwrap().0;
    let ignored = u64::from_str_radix(ignored, 16).unwrap() & 0x7fff_ffff;
    assert_eq!(ignored, 0, "ordinary signals are ignored: {text}");
    assert!(text.contains("/dev/pts/"), "{text}");
    let names: Vec<&str> = text.split("\r\n").filter_map(|line| Some(line.split_once('=')?.0)).collect();
    // What a shell adds by itself.
    let unasked = |name: &&&str| !["PATH", "TERM", "SECRET", "PWD", "OLDPWD", "SHLVL", "_"].contains(name);
    assert_eq!(names.iter().find(unasked), None, "{text}");
}

#[tokio::test]
async fn the_folder_tells_what_runs_keeps_secrets_out_and_strangers_away() {
    let world = World::new();
    let mut spec = world.script("sleep 1000");
    spec.environment.insert("SECRET".to_owned(), "ed25519".to_owned());
    let session = world.spawn(&spec).await.unwrap();
    let found = world.found();
    let meta = &found.meta;
    assert_eq!((&found.state, found.agent_lives()), (&State::Held, true));
    assert_eq!((&meta.session_id, meta.generation, &meta.command), (&spec.session_id, 7, &spec.command));
    let status = session.status().await.unwrap();
    assert_eq!((status.agent_pid, status.cols, status.rows), (meta.agent.pid, 80, 24));

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(found.folder.path()), 0o700);
    for entry in fs::read_dir(found.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        if path.extension().is_some() {
            assert!(!fs::read_to_string(&path).unwrap().contains("ed25519"), "{}", path.display());
        }
    }
    let of_holder = |what: &str| fs::read_to_string(format!("/proc/{}/{what}", meta.holder.pid)).unwrap();
    assert!(of_holder("cmdline").contains(&spec.session_id) && !of_holder("cmdline").contains("ed25519"));
    assert_eq!(of_holder("environ"), "");
}
