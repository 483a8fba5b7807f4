//! Where a front listens that is reached by a port, and how its clients find it: a file in the run folder says so.

use crate::atomic_file::{Durability, replace};
use crate::plain;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use tokio::net::TcpListener;

/// Most bytes of what the life before has said.
const BYTES_MAX: u64 = 4096;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Whole address.
    pub url: String,
    /// Its port.
    pub port: u16,
    /// Who listens.
    pub pid: u32,
    /// Why it does not listen where it should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl Endpoint {
    /// A place of this process; an address that means every one of this machine is told as one by which it is reached.
    pub fn new(at: SocketAddr, path: &str) -> Self {
        let shown = if at.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], at.port())) } else { at };
        Self { url: format!("http://{shown}{path}"), port: at.port(), pid: std::process::id(), trouble: None }
    }

    /// What the life before has said, if it can be read.
    pub fn announced(file: &Path) -> Option<Self> {
        let text = plain::read(file, BYTES_MAX).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Says it.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub fn announce(&self, file: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        replace(file, &text, Durability::WhileRunning)
    }

    /// Says that it is another one now. The file stays the same one, as those who watch over it want it; whoever reads it at
    /// this very moment may find that it makes no sense, and reads it again.
    ///
    /// # Errors
    ///
    /// The file is gone, or cannot be written.
    pub fn announce_again(&self, file: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        let mut open = plain::open(file, OpenOptions::new().write(true))?;
        open.write_all(&text)?;
        open.set_len(text.len() as u64)
    }
}

/// Listens on a port that is wanted, and on no other. Without one it takes the usual one, and any other that is free when
/// somebody else has that one now.
///
/// # Errors
///
/// The port is taken; the address is not this machine's.
pub async fn bind(host: IpAddr, wanted: Option<u16>, usual: Option<u16>) -> io::Result<TcpListener> {
    let at = |port| TcpListener::bind(SocketAddr::new(host, port));
    match (wanted, usual) {
        (Some(port), _) => at(port).await,
        (None, Some(usual)) => match at(usual).await {
            Ok(listener) => Ok(listener),
            Err(_) => at(0).await,
        },
        (None, None) => at(0).await,
    }
}
