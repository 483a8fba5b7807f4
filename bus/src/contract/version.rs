//! Version numbers: of the product, of the bus, of the wire and of what is on disk.

/// The product's version, as `cccc version` and `ping` report it.
pub const PRODUCT: &str = env!("CARGO_PKG_VERSION");

/// The number both ends of the bus must share. Raise it with every change of [`super::op`] or
/// [`super::event`] that an older process could not decode.
pub const CONTRACT: u16 = 6;

/// The version of the NDJSON wire (`v` in every line, `ipc_v` in `ping`). The published clients accept 1 only.
pub const IPC: u32 = 1;

/// The version of an event line (`v`).
pub const EVENT: u32 = 1;

/// The layout of a home. A home with a higher number is refused.
pub const HOME: u32 = 1;
