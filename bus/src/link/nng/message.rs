//! Bytes on their way in or out.

use super::Failure;
use nng_sys::nng_msg;
use std::ptr::{self, NonNull};

/// Bytes with one owner: we, or NNG while it sends them.
#[derive(Debug)]
pub struct Message(NonNull<nng_msg>);

// SAFETY: a message is plain memory without ties to a thread, and it has one owner.
unsafe impl Send for Message {}
// SAFETY: a shared one is only read.
unsafe impl Sync for Message {}

impl Message {
    /// A message made of parts, one after the other.
    pub fn new(parts: &[&[u8]]) -> Self {
        let bytes = parts.iter().map(|part| part.len()).sum();
        let mut raw = ptr::null_mut();
        // SAFETY: NNG writes a pointer to a new message into `raw`.
        let code = unsafe { nng_sys::nng_msg_alloc(&raw mut raw, bytes) };
        Failure::check_int(code).expect("memory has not run out");
        let message = Self(NonNull::new(raw).expect("a new message is somewhere"));
        let mut at = 0;
        for part in parts {
            // SAFETY: the body has `bytes` bytes, the sum of all parts, and is memory of its own.
            unsafe {
                let body = nng_sys::nng_msg_body(message.0.as_ptr()).cast::<u8>();
                ptr::copy_nonoverlapping(part.as_ptr(), body.add(at), part.len());
            }
            at += part.len();
        }
        message
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: we own the message, and nobody changes it while it is borrowed.
        unsafe {
            let len = nng_sys::nng_msg_len(self.0.as_ptr());
            if len == 0 {
                return &[];
            }
            std::slice::from_raw_parts(nng_sys::nng_msg_body(self.0.as_ptr()).cast::<u8>(), len)
        }
    }

    /// Takes a message over; `None` for a null pointer.
    ///
    /// # Safety
    ///
    /// Nobody else frees or uses it.
    pub(super) unsafe fn from_raw(raw: *mut nng_msg) -> Option<Self> {
        NonNull::new(raw).map(Self)
    }

    /// Gives it away: whoever takes the pointer frees it.
    pub(super) fn into_raw(self) -> *mut nng_msg {
        let raw = self.0.as_ptr();
        std::mem::forget(self);
        raw
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: we own it, and it is gone after this.
        unsafe { nng_sys::nng_msg_free(self.0.as_ptr()) }
    }
}
