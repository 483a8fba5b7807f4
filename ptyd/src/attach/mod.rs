//! Live terminals for people: one line of JSON each way on the attach socket, then raw bytes.
//!
//! Who asks for it is served in [`framed`] bytes instead, and told more. A viewer first gets what draws the current screen, then everything as it comes. One at a time has the keyboard; the
//! others hear a bell when they type. A size that was asked for while a viewer was there that may type goes with the last
//! of them. A viewer that is slow is taken to the current screen; one that takes nothing is dropped. Nobody waits for a
//! viewer.

mod framed;
mod introduce;
mod right;
mod viewer;

use crate::displaced::Latch;
use crate::groups::Groups;
use crate::ledgerd::Ledgerd;
use bus::home::Home;
use bus::private_socket::{self, SocketFile, is_ours};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, watch};

/// Viewers at the same time, of all terminals together. Who comes later waits for a place.
const VIEWERS_MAX: usize = 256;

/// Pause after an accept that failed because the process has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What letting a viewer in takes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dependencies {
    /// Who says whether somebody may look.
    pub ledgerd: Arc<Ledgerd>,
    /// Where the sessions are.
    pub groups: Arc<Groups>,
    /// Viewers are refused while it is closed.
    pub sessions: Arc<Latch>,
    /// That something has happened in any group, so that a right may have ended.
    pub moved: watch::Sender<()>,
}

/// The attach socket.
#[derive(Debug)]
pub struct Attach {
    listener: UnixListener,
    file: SocketFile,
}

impl Attach {
    /// Listens at the home's attach socket. A socket file that an earlier ptyd left behind is replaced; there is one
    /// ptyd per home, because its bus socket is bound first.
    ///
    /// # Errors
    ///
    /// Somebody else listens there, or the socket cannot be made.
    pub fn bind(home: &Home) -> io::Result<Self> {
        let (listener, file) = private_socket::take_over(&home.attach_socket())?;
        Ok(Self { listener: UnixListener::from_std(listener)?, file })
    }

    /// Shows terminals for ever.
    pub async fn serve(&self, dependencies: &Dependencies) {
        let places = Arc::new(Semaphore::new(VIEWERS_MAX));
        let mut number = 0;
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((socket, _)) if !is_ours(&socket) => {}
                Ok((socket, _)) => {
                    number += 1;
                    let dependencies = dependencies.clone();
                    tokio::spawn(async move {
                        if let Err(error) = viewer::serve(&dependencies, socket, number).await {
                            tracing::debug!(viewer = number, %error, "a viewer is gone");
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a viewer could not be let in");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Takes the socket file away, unless it is another's by now.
    pub fn remove(&self) {
        self.file.remove();
    }
}
