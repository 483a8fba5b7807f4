//! Sockets, contexts, operations and messages of NNG behind safe types. The only file that calls C.
//!
//! What makes it safe: a message has one owner at a time; an operation slot ([`Aio`]) carries one operation at a
//! time and is stopped before it is freed, so its callback never sees freed memory; sockets and contexts are
//! numbers that NNG looks up, so a stale one is an error and no dangling pointer. What the operations mean is
//! the business of the files beside this one.

use crate::link::lock;
use nng_sys::{
    NNG_FLAG_NONBLOCK, NNG_OPT_IPC_PERMISSIONS, NNG_OPT_PEER_UID, NNG_OPT_RECONNMAXT, NNG_OPT_RECONNMINT,
    NNG_OPT_RECVBUF, NNG_OPT_RECVMAXSZ, NNG_OPT_REQ_RESENDTIME, NNG_OPT_SENDBUF, NNG_OPT_SUB_PREFNEW,
    NNG_PIPE_EV_ADD_POST, NNG_PIPE_EV_ADD_PRE, NNG_PIPE_EV_REM_POST, nng_aio, nng_ctx, nng_dialer, nng_err,
    nng_init_params, nng_listener, nng_msg, nng_pipe, nng_pipe_ev, nng_socket,
};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fmt;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

/// Shortest pause before a lost connection is sought again, in milliseconds; it doubles.
const RECONNECT_MS_MIN: i32 = 5;

/// Longest pause before a lost connection is sought again, in milliseconds.
const RECONNECT_MS_MAX: i32 = 250;

/// Only the owner may connect.
const SOCKET_MODE: c_int = 0o600;

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
    const ADDRESS_INVALID: Self = Self(nng_err::NNG_EADDRINVAL);

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

/// Bytes with one owner: we, or NNG while it sends them.
#[derive(Debug)]
pub struct Message(NonNull<nng_msg>);

// SAFETY: a message is plain memory without ties to a thread, and it has one owner.
unsafe impl Send for Message {}

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

    fn into_raw(self) -> *mut nng_msg {
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

/// Which end of which pattern a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Asks; never asks twice by itself.
    Request,
    /// Answers.
    Reply,
    /// Publishes; `backlog` messages wait for a slow subscriber, then the oldest is dropped.
    Publish {
        /// Messages.
        backlog: c_int,
    },
    /// Hears everything; `backlog` messages wait to be taken, then the oldest is dropped.
    Subscribe {
        /// Messages.
        backlog: c_int,
    },
}

/// The connections of one socket, all of them of our own user.
#[derive(Debug)]
struct Pipes {
    uid: c_int,
    ids: Mutex<Vec<c_int>>,
}

/// A socket. Dropping it closes it and its contexts, and waits until nothing of it runs any more.
#[derive(Debug)]
pub struct Socket {
    raw: nng_socket,
    pipes: Arc<Pipes>,
}

impl Socket {
    /// An unconnected socket that takes messages of up to `message_bytes_max` bytes.
    ///
    /// # Errors
    ///
    /// NNG's words; memory or descriptors have run out.
    pub fn open(pattern: Pattern, message_bytes_max: usize) -> Result<Self, Failure> {
        start();
        let open = match pattern {
            Pattern::Request => nng_sys::nng_req0_open,
            Pattern::Reply => nng_sys::nng_rep0_open,
            Pattern::Publish { .. } => nng_sys::nng_pub0_open,
            Pattern::Subscribe { .. } => nng_sys::nng_sub0_open,
        };
        let mut raw = nng_socket::NNG_SOCKET_INITIALIZER;
        // SAFETY: NNG is started and writes the new socket's number into `raw`.
        Failure::check_int(unsafe { open(&raw mut raw) })?;
        let uid = nix::unistd::geteuid().as_raw().cast_signed();
        let socket = Self { raw, pipes: Arc::new(Pipes { uid, ids: Mutex::default() }) };
        let watch = Arc::as_ptr(&socket.pipes).cast_mut().cast::<c_void>();
        for event in [NNG_PIPE_EV_ADD_PRE, NNG_PIPE_EV_ADD_POST, NNG_PIPE_EV_REM_POST] {
            // SAFETY: `watch` lives until the socket is closed, and closing waits for its callbacks.
            Failure::check(unsafe { nng_sys::nng_pipe_notify(raw, event, Some(pipe_changed), watch) })?;
        }
        let name = |name: &'static [u8]| name.as_ptr().cast::<c_char>();
        // SAFETY: here and below, an option's name is a constant that ends in NUL, and its value a plain number.
        Failure::check_int(unsafe { nng_sys::nng_socket_set_size(raw, name(NNG_OPT_RECVMAXSZ), message_bytes_max) })?;
        match pattern {
            Pattern::Request => {
                // The default sends again after 60 s and would write twice.
                let never = nng_sys::NNG_DURATION_INFINITE;
                Failure::check_int(unsafe { nng_sys::nng_socket_set_ms(raw, name(NNG_OPT_REQ_RESENDTIME), never) })?;
            }
            Pattern::Reply => {}
            Pattern::Publish { backlog } => {
                Failure::check_int(unsafe { nng_sys::nng_socket_set_int(raw, name(NNG_OPT_SENDBUF), backlog) })?;
            }
            Pattern::Subscribe { backlog } => {
                Failure::check_int(unsafe { nng_sys::nng_socket_set_int(raw, name(NNG_OPT_RECVBUF), backlog) })?;
                Failure::check_int(unsafe { nng_sys::nng_socket_set_bool(raw, name(NNG_OPT_SUB_PREFNEW), true) })?;
                Failure::check_int(unsafe { nng_sys::nng_sub0_socket_subscribe(raw, ptr::null(), 0) })?;
            }
        }
        Ok(socket)
    }

    /// Listens at a path, for the owner only. A stale socket file is replaced, a living server is not.
    ///
    /// # Errors
    ///
    /// [`Failure::ADDRESS_IN_USE`], [`Failure::NO_ENTRY`], or NNG's words.
    pub fn listen(&self, path: &Path) -> Result<(), Failure> {
        let url = url(path)?;
        let mut listener = nng_listener::NNG_LISTENER_INITIALIZER;
        let mode = NNG_OPT_IPC_PERMISSIONS.as_ptr().cast::<c_char>();
        // SAFETY: the address and the option's name end in NUL and outlive the calls.
        unsafe {
            Failure::check_int(nng_sys::nng_listener_create(&raw mut listener, self.raw, url.as_ptr()))?;
            Failure::check_int(nng_sys::nng_listener_set_int(listener, mode, SOCKET_MODE))?;
            Failure::check_int(nng_sys::nng_listener_start(listener, 0))
        }
    }

    /// Connects to a path in the background, now and whenever the connection is lost.
    ///
    /// # Errors
    ///
    /// NNG's words; that nobody listens there is none.
    pub fn dial(&self, path: &Path) -> Result<(), Failure> {
        let url = url(path)?;
        let mut dialer = nng_dialer::NNG_DIALER_INITIALIZER;
        let (min, max) = (NNG_OPT_RECONNMINT.as_ptr().cast::<c_char>(), NNG_OPT_RECONNMAXT.as_ptr().cast::<c_char>());
        // SAFETY: the address and the options' names end in NUL and outlive the calls.
        unsafe {
            Failure::check_int(nng_sys::nng_dialer_create(&raw mut dialer, self.raw, url.as_ptr()))?;
            Failure::check_int(nng_sys::nng_dialer_set_ms(dialer, min, RECONNECT_MS_MIN))?;
            Failure::check_int(nng_sys::nng_dialer_set_ms(dialer, max, RECONNECT_MS_MAX))?;
            Failure::check_int(nng_sys::nng_dialer_start(dialer, NNG_FLAG_NONBLOCK.cast_signed()))
        }
    }

    /// How many connections there are right now.
    pub fn connections(&self) -> usize {
        lock(&self.pipes.ids).len()
    }

    /// Another conversation on the same connections.
    ///
    /// # Errors
    ///
    /// NNG's words; memory has run out.
    pub fn context(&self) -> Result<Context, Failure> {
        let mut raw = nng_ctx::NNG_CTX_INITIALIZER;
        // SAFETY: NNG writes the new context's number into `raw`.
        Failure::check_int(unsafe { nng_sys::nng_ctx_open(&raw mut raw, self.raw) })?;
        Ok(Context { raw })
    }

    /// Sends without waiting: on a publishing socket.
    ///
    /// # Errors
    ///
    /// NNG's words. The message is gone.
    pub fn send_now(&self, message: Message) -> Result<(), Failure> {
        let raw = message.into_raw();
        // SAFETY: NNG owns the message when it answers 0, otherwise we still do.
        let sent = Failure::check_int(unsafe { nng_sys::nng_sendmsg(self.raw, raw, NNG_FLAG_NONBLOCK.cast_signed()) });
        if sent.is_err() {
            drop(NonNull::new(raw).map(Message));
        }
        sent
    }

    /// A name for receiving from inside an operation, which may outlive the socket.
    pub fn ear(&self) -> Ear {
        Ear { raw: self.raw }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: a number. After this no callback of the socket runs, so its `Pipes` may go.
        let closed = Failure::check_int(unsafe { nng_sys::nng_socket_close(self.raw) });
        debug_assert!(closed.is_ok(), "a socket is closed once");
    }
}

/// `ipc://` and the path, byte for byte.
fn url(path: &Path) -> Result<CString, Failure> {
    let bytes = [b"ipc://", path.as_os_str().as_bytes()].concat();
    CString::new(bytes).map_err(|_| Failure::ADDRESS_INVALID)
}

/// A connection comes or goes. Strangers are shown out before the protocol sees them.
///
/// # Safety
///
/// `watch` is the [`Pipes`] of a socket that is not closed yet.
unsafe extern "C" fn pipe_changed(pipe: nng_pipe, event: nng_pipe_ev, watch: *mut c_void) {
    // SAFETY: promised by the caller.
    let pipes = unsafe { &*watch.cast_const().cast::<Pipes>() };
    // SAFETY: a number.
    let id = unsafe { nng_sys::nng_pipe_id(pipe) };
    match event {
        NNG_PIPE_EV_ADD_PRE => {
            let mut uid: c_int = -1;
            // SAFETY: the option's name ends in NUL, and NNG writes one `int`.
            let asked = unsafe { nng_sys::nng_pipe_get_int(pipe, NNG_OPT_PEER_UID.as_ptr().cast(), &raw mut uid) };
            if asked != nng_err::NNG_OK || uid != pipes.uid {
                tracing::warn!(uid, "a connection of another user is refused");
                // SAFETY: a number. Closing an already closed connection is an error that means the same.
                unsafe { nng_sys::nng_pipe_close(pipe) };
            }
        }
        NNG_PIPE_EV_ADD_POST => lock(&pipes.ids).push(id),
        NNG_PIPE_EV_REM_POST => lock(&pipes.ids).retain(|known| *known != id),
        // NNG has no other event, and a new one would be none of ours.
        _ => {}
    }
}

/// One conversation on a socket. Dropping it ends the conversation.
#[derive(Debug)]
pub struct Context {
    raw: nng_ctx,
}

impl Context {
    /// Sends a message; `operation` finishes when NNG has taken it, or after `patience` with the message unsent.
    ///
    /// # Errors
    ///
    /// [`Failure::STOPPED`]: the slot is stopped, and nothing finishes.
    pub fn send<T: Finish>(&self, operation: &Core<T>, message: Message, patience: Duration) -> Result<(), Failure> {
        operation.begin(Some(message), Some(patience), |aio| {
            // SAFETY: the slot is alive, idle, and holds a message.
            unsafe { nng_sys::nng_ctx_send(self.raw, aio) }
        })
    }

    /// Receives a message, for up to `patience` or for ever.
    ///
    /// # Errors
    ///
    /// [`Failure::STOPPED`]: the slot is stopped, and nothing finishes.
    pub fn recv<T: Finish>(&self, operation: &Core<T>, patience: Option<Duration>) -> Result<(), Failure> {
        operation.begin(None, patience, |aio| {
            // SAFETY: the slot is alive and idle.
            unsafe { nng_sys::nng_ctx_recv(self.raw, aio) }
        })
    }

    /// Ends the conversation now: whatever is under way finishes with [`Failure::CLOSED`].
    pub fn close(&self) {
        // SAFETY: a number; a context that is closed already is an error that means the same.
        unsafe { nng_sys::nng_ctx_close(self.raw) };
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.close();
    }
}

/// Where a subscribing socket is heard.
#[derive(Debug, Clone, Copy)]
pub struct Ear {
    raw: nng_socket,
}

impl Ear {
    /// Receives a message, however long it takes.
    ///
    /// # Errors
    ///
    /// [`Failure::STOPPED`]: the slot is stopped, and nothing finishes.
    pub fn recv<T: Finish>(self, operation: &Core<T>) -> Result<(), Failure> {
        operation.begin(None, None, |aio| {
            // SAFETY: the slot is alive and idle.
            unsafe { nng_sys::nng_socket_recv(self.raw, aio) }
        })
    }
}

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
    fn begin(
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
        let message = NonNull::new(nng_sys::nng_aio_get_msg(core.raw)).map(Message);
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
