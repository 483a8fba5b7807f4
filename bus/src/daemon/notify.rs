//! The service manager's notify protocol: datagrams of `NAME=value` lines on the socket in `NOTIFY_SOCKET`.
//!
//! Never blocks and never fails the daemon: a supervisor that does not listen is its own trouble.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Where the supervisor listens, if it does.
#[derive(Debug, Clone)]
pub struct Notifier {
    to: Option<Arc<(UnixDatagram, SocketAddr)>>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// What the environment says. An address that cannot be used is logged and counts as none.
    pub(super) fn from_environment() -> Self {
        let Self { to, .. } = Self::of(env::var_os("NOTIFY_SOCKET")).unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot notify the supervisor");
            Self { to: None, watchdog: None }
        });
        let (usec, pid) = (env::var("WATCHDOG_USEC").ok(), env::var("WATCHDOG_PID").ok());
        let watchdog = watchdog(usec.as_deref(), pid.as_deref(), std::process::id()).filter(|_| to.is_some());
        Self { to, watchdog }
    }

    /// Who listens at an address as `NOTIFY_SOCKET` has it, a path or `@` and an abstract name; nobody where there is none.
    ///
    /// # Errors
    ///
    /// It cannot be used at all. That nobody listens there is no error.
    pub fn of(address: Option<OsString>) -> io::Result<Self> {
        let address = address.filter(|address| !address.is_empty());
        let to = address.map(|address| open(&address)).transpose()?.map(Arc::new);
        Ok(Self { to, watchdog: None })
    }

    /// Says something, one `NAME=value` per line. Never waits.
    ///
    /// # Errors
    ///
    /// It was not heard.
    pub fn tell(&self, lines: &str) -> io::Result<()> {
        match &self.to {
            Some(to) => to.0.send_to_addr(lines.as_bytes(), &to.1).map(drop),
            None => Ok(()),
        }
    }

    /// The same for a daemon, whose work goes on whether it was heard or not.
    pub(super) fn send(&self, lines: &str) {
        if let Err(error) = self.tell(lines) {
            tracing::debug!(%error, "the supervisor was not notified");
        }
    }

    /// Whether the supervisor listens in this folder.
    pub(super) fn is_in(&self, folder: &Path) -> bool {
        self.to.as_ref().is_some_and(|to| to.1.as_pathname().and_then(Path::parent) == Some(folder))
    }

    /// After which silence the supervisor takes us for hung.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }
}

fn open(address: &OsStr) -> io::Result<(UnixDatagram, SocketAddr)> {
    let address = match address.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(address)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok((socket, address))
}

/// The watchdog's patience, when it is meant for us.
fn watchdog(usec: Option<&str>, pid: Option<&str>, ours: u32) -> Option<Duration> {
    let is_ours = pid.is_none_or(|pid| pid.trim().parse() == Ok(ours));
    let usec: u64 = usec?.trim().parse().ok()?;
    (is_ours && usec > 0).then(|| Duration::from_micros(usec))
}

/// A value must not look like another line.
pub fn one_line(value: &str) -> String {
    value.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_counts_only_for_the_process_it_is_meant_for() {
        let second = Some(Duration::from_secs(1));
        #[rustfmt::skip]
        let cases = [
            // usec              pid          patience
            (Some("1000000"),    None,        second),
            (Some("1000000"),    Some("7"),   second),
            (Some("1000000"),    Some("8"),   None),
            (Some("1000000"),    Some("x"),   None),
            (Some("0"),          None,        None),
            (Some("soon"),       None,        None),
            (None,               Some("7"),   None),
        ];
        for (usec, pid, patience) in cases {
            assert_eq!(watchdog(usec, pid, 7), patience, "{usec:?} {pid:?}");
        }
    }

    #[test]
    fn a_supervisor_is_reached_by_path_and_by_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("cccc-test-{}", std::process::id());
        let by_path = UnixDatagram::bind(&path).unwrap();
        let by_name = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        for (socket, address) in [(by_path, path.to_str().unwrap()), (by_name, format!("@{name}").as_str())] {
            let notifier = Notifier::of(Some(address.into())).unwrap();
            notifier.tell("READY=1\nSTATUS=well").unwrap();
            let mut datagram = [0; 64];
            let len = socket.recv(&mut datagram).unwrap();
            assert_eq!(&datagram[..len], b"READY=1\nSTATUS=well");
        }
    }

    #[test]
    fn a_supervisor_that_is_gone_disturbs_nobody() {
        let notifier = Notifier::of(Some("/nowhere/at/all".into())).unwrap();
        notifier.send("STOPPING=1");
        assert!(notifier.tell("STOPPING=1").is_err(), "whoever wants to know is told");
        for nobody in [None, Some("".into())] {
            assert!(Notifier::of(nobody).unwrap().tell("READY=1").is_ok());
        }
        assert_eq!(one_line("a\nREADY=1\r"), "a READY=1 ");
    }
}
