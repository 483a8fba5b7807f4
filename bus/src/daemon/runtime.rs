//! A daemon whose body is asynchronous: everything on one thread, which proves by itself that it goes on.

use super::Daemon;
use crate::home::Home;
use std::error::Error;
use std::io;
use std::process::ExitCode;
use tokio::runtime::Builder;

/// Why an asynchronous daemon ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError<E: Error> {
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
    #[error(transparent)]
    Body(E),
}

impl Daemon {
    /// Runs a daemon as [`Daemon::run`] does, with a body that waits for many things at once. As long as none of them
    /// holds the thread up, the supervisor is told that the daemon's work goes on.
    ///
    /// What the body has spawned ends with it. What it has given to threads that block is not waited for.
    pub fn run_async<E: Error>(name: &'static str, body: impl AsyncFnOnce(&Daemon) -> Result<ExitCode, E>) -> ExitCode {
        Self::run(name, |daemon| daemon.drive(body))
    }

    /// The same on a home that was found already, as [`Daemon::run_on`].
    pub fn run_async_on<E: Error>(
        name: &'static str,
        home: Home,
        body: impl AsyncFnOnce(&Daemon) -> Result<ExitCode, E>,
    ) -> ExitCode {
        Self::run_on(name, home, |daemon| daemon.drive(body))
    }

    pub(super) fn drive<E: Error>(
        &self,
        body: impl AsyncFnOnce(&Daemon) -> Result<ExitCode, E>,
    ) -> Result<ExitCode, RunError<E>> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(RunError::Runtime)?;
        let ended = runtime.block_on(async {
            tokio::select! {
                ended = body(self) => ended,
                () = self.prove_life() => unreachable!("it is never over"),
            }
        });
        runtime.shutdown_background();
        ended.map_err(RunError::Body)
    }

    async fn prove_life(&self) {
        let Some(interval) = self.watchdog() else { return std::future::pending().await };
        loop {
            self.alive();
            tokio::time::sleep(interval).await;
        }
    }
}
