//! What two processes of `cccc` must agree on, and how they carry it.

pub mod contract;
pub mod home;
pub mod scope;
