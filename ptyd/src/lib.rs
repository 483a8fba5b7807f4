//! What ptyd and the holders of its terminals share: the holder itself and the way to talk to it.
//!
//! A library only so that the two programs of this crate, `ptyd` and `ptyhold`, see the same files.
//! Whatever `ptyhold` does not call is not in its binary: no runtime, no bus.

pub mod hold;
