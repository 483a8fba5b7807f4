//! Who may listen where, and who may connect.

use crate::child::{Child, Role};
use crate::{answer, home, ping, pong};
use bus::contract::limit;
use bus::link::{CallError, Caller, LinkError, Publisher, Server, Subscriber};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

#[test]
fn sockets_are_for_their_owner_only() {
    let (_folder, home) = home();
    let _server = Server::bind(&home.ledger_socket(), 1, |_| {}).unwrap();
    let _publisher = Publisher::bind(&home.hint_socket()).unwrap();
    for socket in [home.ledger_socket(), home.hint_socket()] {
        assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600, "{}", socket.display());
    }
}

/// Even when the folders were opened by mistake, another user is shown out. Only root can play two users.
#[test]
fn another_user_is_not_let_in() {
    const NOBODY: u32 = 65534;
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: only root can start a process of another user");
        return;
    }
    let (folder, home) = home();
    let _server = Server::bind(&home.ledger_socket(), 1, |incoming| answer(incoming, pong)).unwrap();
    let program = folder.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for (path, mode) in [(folder.path(), 0o755), (home.run(), 0o755), (&home.ledger_socket(), 0o666), (&program, 0o755)]
    {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let said = Child::start_as(&home, Role::Stranger, &program, Some(NOBODY)).hear();
    assert!(said.contains("Unavailable"), "{said}");
    let said = Child::start_as(&home, Role::Stranger, &program, None).hear();
    assert!(said.contains("Ok("), "one of us is let in: {said}");
}

#[test]
fn a_path_that_cannot_be_used_is_a_clear_error_and_no_panic() {
    let (folder, home) = home();
    let long = PathBuf::from("/tmp").join("x".repeat(limit::SOCKET_PATH_BYTES_MAX));
    let file = folder.path().join("file");
    fs::write(&file, "precious").unwrap();
    #[rustfmt::skip]
    let cases: [(&Path, bool, &str); 5] = [
        // path                                      a caller may wait for it  why not
        (&folder.path().join("missing/socket"),      true,                     "its folder does not exist"),
        (&file,                                      true,                     "something else than a socket"),
        (folder.path(),                              true,                     "something else than a socket"),
        (&long,                                      false,                    "the limit SOCKET_PATH_BYTES_MAX is 107"),
        (Path::new(""),                              false,                    "it is empty"),
    ];
    for (path, may_wait, why) in cases {
        let refused = |error: LinkError| {
            assert!(matches!(&error, LinkError::Socket { reason, .. } if reason.contains(why)), "{why}: {error}");
        };
        refused(Server::bind(path, 1, |_| {}).unwrap_err());
        refused(Publisher::bind(path).unwrap_err());
        match Caller::connect(path, "test") {
            Ok(caller) => {
                let error = caller.call_blocking(ping()).unwrap_err();
                assert!(may_wait && matches!(error, CallError::Link(LinkError::Unavailable { .. })), "{error:?}");
            }
            Err(error) => refused(error),
        }
        assert_eq!(Subscriber::connect(path).is_ok(), may_wait);
    }
    assert_eq!(fs::read(&file).unwrap(), b"precious", "what is no socket is not replaced");
    // The home's own paths always fit.
    Server::bind(&home.ledger_socket(), 1, |_| {}).unwrap();
}
