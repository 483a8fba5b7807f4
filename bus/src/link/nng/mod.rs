//! NNG behind safe types. The only folder that calls C.
//!
//! What makes it safe: a message has one owner at a time; an operation slot ([`Aio`]) carries one operation at a
//! time and is stopped before it is freed, so its callback never sees freed memory; sockets and contexts are
//! numbers that NNG looks up, so a stale one is an error and no dangling pointer. What the operations mean is
//! the business of the files beside this folder.

mod message;
mod operation;
mod socket;

pub use message::Message;
pub use operation::{Aio, Core, Finish, Outcome};
pub use socket::{Context, Pattern, Socket, Subscription};

use nng_sys::{nng_err, nng_init_params};
use std::ffi::{CStr, c_int};
use std::fmt;
use std::sync::Once;

/// What NNG says went wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Failure(nng_err);

impl Failure {
    /// The operation's time was up.
    pub const TIMED_OUT: Self = Self(nng_err::NNG_ETIMEDOUT);
    /// The socket, the context or the operation slot is closed.
    pub const CLOSED: Self = Self(nng_err::NNG_ECLOSED);
    /// The operation slot is stopped.
    pub const STOPPED: Self = Self(nng_err::NNG_ESTOPPED);
    /// Somebody listens there.
    pub const ADDRESS_IN_USE: Self = Self(nng_err::NNG_EADDRINUSE);
    /// A folder of the path is missing.
    pub const NO_ENTRY: Self = Self(nng_err::NNG_ENOENT);
    /// The path cannot be an address.
    pub const ADDRESS_INVALID: Self = Self(nng_err::NNG_EADDRINVAL);

    /// An error, unless NNG says it is none.
    fn check(code: nng_err) -> Result<(), Self> {
        if code == nng_err::NNG_OK { Ok(()) } else { Err(Self(code)) }
    }

    /// Many calls return their code as a plain `int`.
    fn check_int(code: c_int) -> Result<(), Self> {
        Self::check(nng_err(code.cast_unsigned()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the answer is a string that lives as long as the process (a constant, or kept by NNG per code).
        let words = unsafe { CStr::from_ptr(nng_sys::nng_strerror(self.0)) };
        f.write_str(&words.to_string_lossy().to_lowercase())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Starts NNG with the fewest threads it runs on, once per process, and only where a link is used.
fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        let params = nng_init_params {
            num_task_threads: 2,
            max_task_threads: 2,
            num_expire_threads: 1,
            max_expire_threads: 1,
            num_poller_threads: 1,
            max_poller_threads: 1,
            num_resolver_threads: 1,
            ..nng_init_params::default()
        };
        // SAFETY: `params` outlives the call, and nothing of NNG was called before: every use begins with a
        // socket or an operation slot, and both come through here.
        let code = unsafe { nng_sys::nng_init(&raw const params) };
        Failure::check(code).expect("NNG starts unless memory or threads have run out");
    });
}
