//! What two processes of `cccc` must agree on, and how they carry it.

pub mod contract;
pub mod daemon;
pub mod home;
pub mod link;
pub mod peer;
pub mod process;
pub mod scope;
