//! What two processes of `cccc` must agree on, and how they carry it.

// Processes are told apart by `/proc`, agents are kept together by a sub-reaper, and children end with their supervisor:
// elsewhere nothing of that would hold, and nobody would notice.
#[cfg(not(target_os = "linux"))]
compile_error!("cccc runs on Linux only");

pub mod atomic_file;
pub mod contract;
pub mod daemon;
pub mod feed;
pub mod front;
pub mod home;
pub mod identity;
pub mod key;
pub mod link;
pub mod peer;
pub mod plain;
pub mod private_socket;
pub mod process;
pub mod program;
pub mod scope;
pub mod setup;
