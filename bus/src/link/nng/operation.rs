//! Operations that end on a thread of NNG: one slot each, with what they are about.

use super::{Failure, Message, start};
use crate::link::lock;
use nng_sys::nng_aio;
use std::ffi::c_void;
use std::fmt;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::Mutex;
use std::time::Duration;

/// How an operation ended: with a message when something was received.
pub type Outcome = Result<Option<Message>, Failure>;

/// What happens when an operation has ended.
pub trait Finish: Send + Sync + Sized + 'static {
    /// Called on a thread of NNG, so it must not block. The slot is idle again and may be used at once.
    fn finish(operation: &Core<Self>, outcome: Outcome);
}

/// A slot for one operation at a time. Dropping it cancels the operation and waits for its callback, so it must
/// not be dropped inside that callback.
pub struct Aio<T: Finish> {
    core: NonNull<Core<T>>,
}

/// The inside of an operation slot, which its callback sees, too.
pub struct Core<T> {
    /// Set once, right after it is made.
    raw: *mut nng_aio,
    state: Mutex<State>,
    /// What the operation is about.
    pub subject: T,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Idle,
    Busy,
    Stopped,
}

// SAFETY: NNG's slot may be used from any thread; the state keeps two operations from sharing it.
unsafe impl<T: Finish> Send for Aio<T> {}
// SAFETY: as above.
unsafe impl<T: Finish> Sync for Aio<T> {}
// SAFETY: as above; callbacks see it on NNG's threads.
unsafe impl<T: Finish> Sync for Core<T> {}

impl<T: Finish> Aio<T> {
    /// An idle slot.
    pub fn new(subject: T) -> Self {
        start();
        let core = Box::new(Core { raw: ptr::null_mut(), state: Mutex::new(State::Idle), subject });
        let core = NonNull::from(Box::leak(core));
        let mut raw = ptr::null_mut();
        // SAFETY: `core` is freed only after the slot, which waits for its callback.
        let code = unsafe { nng_sys::nng_aio_alloc(&raw mut raw, Some(finished::<T>), core.as_ptr().cast()) };
        Failure::check(code).expect("memory has not run out");
        // SAFETY: nobody else knows the slot yet, and no operation has begun.
        unsafe { (*core.as_ptr()).raw = raw };
        Self { core }
    }
}

impl<T: Finish> fmt::Debug for Aio<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aio").field("state", &self.state).finish_non_exhaustive()
    }
}

impl<T: Finish> Deref for Aio<T> {
    type Target = Core<T>;

    fn deref(&self) -> &Core<T> {
        // SAFETY: it lives as long as we do, and is only shared from now on.
        unsafe { self.core.as_ref() }
    }
}

impl<T: Finish> Drop for Aio<T> {
    fn drop(&mut self) {
        self.stop();
        // SAFETY: stopped, so no callback runs or will run; both were made by `new` and are gone after this.
        unsafe {
            nng_sys::nng_aio_free(self.raw);
            drop(Box::from_raw(self.core.as_ptr()));
        }
    }
}

impl<T: Finish> Core<T> {
    /// Begins an operation in an idle slot: hands over a message, sets the deadline, and lets `submit` give the
    /// slot to NNG.
    pub(super) fn begin(
        &self,
        message: Option<Message>,
        patience: Option<Duration>,
        submit: impl FnOnce(*mut nng_aio),
    ) -> Result<(), Failure> {
        let mut state = lock(&self.state);
        match *state {
            State::Stopped => return Err(Failure::STOPPED),
            State::Busy => panic!("an operation slot carries one operation at a time"),
            State::Idle => *state = State::Busy,
        }
        let patience = patience
            .map_or(nng_sys::NNG_DURATION_INFINITE, |patience| i32::try_from(patience.as_millis()).unwrap_or(i32::MAX));
        // SAFETY: the slot is alive and idle. `submit` never runs the callback itself: NNG queues it.
        unsafe {
            nng_sys::nng_aio_set_msg(self.raw, message.map_or(ptr::null_mut(), Message::into_raw));
            nng_sys::nng_aio_set_timeout(self.raw, patience);
        }
        submit(self.raw);
        Ok(())
    }

    /// Ends the operation under way, if any, as soon as possible; it finishes as cancelled.
    pub fn abort(&self) {
        // SAFETY: the slot is alive; an idle one is left alone.
        unsafe { nng_sys::nng_aio_cancel(self.raw) }
    }

    /// Ends the operation under way, waits for its callback, and takes no other operation from now on.
    pub fn stop(&self) {
        *lock(&self.state) = State::Stopped;
        // SAFETY: the slot is alive. The lock is free again: the callback takes it.
        unsafe { nng_sys::nng_aio_stop(self.raw) }
    }
}

/// An operation has ended.
///
/// # Safety
///
/// `core` is the [`Core`] of a slot that is not freed yet.
unsafe extern "C" fn finished<T: Finish>(core: *mut c_void) {
    // SAFETY: promised by the caller.
    let core = unsafe { &*core.cast_const().cast::<Core<T>>() };
    // SAFETY: the operation has ended, so its result and its message are ours to take. A message that was not
    // sent, or that came after a cancellation, is freed here.
    let (code, message) = unsafe {
        let message = Message::from_raw(nng_sys::nng_aio_get_msg(core.raw));
        nng_sys::nng_aio_set_msg(core.raw, ptr::null_mut());
        (nng_sys::nng_aio_result(core.raw), message)
    };
    let outcome = Failure::check(code).map(|()| message);
    {
        let mut state = lock(&core.state);
        if *state == State::Busy {
            *state = State::Idle;
        }
    }
    T::finish(core, outcome);
}
