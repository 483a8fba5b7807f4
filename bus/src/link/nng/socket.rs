//! Sockets, their connections, and the conversations on them.

use super::{Core, Failure, Finish, Message, start};
use crate::link::lock;
use nng_sys::{
    NNG_FLAG_NONBLOCK, NNG_OPT_IPC_PERMISSIONS, NNG_OPT_PEER_UID, NNG_OPT_RECONNMAXT, NNG_OPT_RECONNMINT,
    NNG_OPT_RECVBUF, NNG_OPT_RECVMAXSZ, NNG_OPT_REQ_RESENDTIME, NNG_OPT_SENDBUF, NNG_OPT_SUB_PREFNEW,
    NNG_PIPE_EV_ADD_POST, NNG_PIPE_EV_ADD_PRE, NNG_PIPE_EV_REM_POST, nng_ctx, nng_dialer, nng_err, nng_listener,
    nng_pipe, nng_pipe_ev, nng_socket,
};
use std::ffi::{CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Shortest pause before a lost connection is sought again, in milliseconds; it doubles.
const RECONNECT_MS_MIN: i32 = 5;

/// Longest pause before a lost connection is sought again, in milliseconds.
const RECONNECT_MS_MAX: i32 = 250;

/// Only the owner may connect.
const SOCKET_MODE: c_int = 0o600;

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
    /// Those that began and have not ended, and whether messages go through them yet.
    known: Mutex<Vec<(c_int, bool)>>,
}

impl Pipes {
    /// A connection begins; nothing goes through it yet.
    fn begin(&self, id: c_int) {
        lock(&self.known).push((id, false));
    }

    /// Messages go through it now. The library's threads may say so after they have said that it has ended.
    fn join(&self, id: c_int) {
        if let Some((_, is_joined)) = lock(&self.known).iter_mut().find(|(known, _)| *known == id) {
            *is_joined = true;
        }
    }

    fn end(&self, id: c_int) {
        lock(&self.known).retain(|(known, _)| *known != id);
    }

    fn count(&self) -> usize {
        lock(&self.known).iter().filter(|(_, is_joined)| *is_joined).count()
    }
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
        let socket = Self { raw, pipes: Arc::new(Pipes { uid, known: Mutex::default() }) };
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
        self.pipes.count()
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
            // SAFETY: as said, it is still ours.
            drop(unsafe { Message::from_raw(raw) });
        }
        sent
    }

    /// A name for receiving from inside an operation, which may outlive the socket.
    pub fn subscription(&self) -> Subscription {
        Subscription { raw: self.raw }
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
            } else {
                pipes.begin(id);
            }
        }
        NNG_PIPE_EV_ADD_POST => pipes.join(id),
        NNG_PIPE_EV_REM_POST => pipes.end(id),
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

    /// Sends a message if a connection takes it at once, without any operation.
    ///
    /// # Errors
    ///
    /// The message: it was not sent. Only for asking; an answer that is not taken at once could not be sent again.
    pub fn try_send(&self, message: Message) -> Result<(), Message> {
        let raw = message.into_raw();
        // SAFETY: NNG owns the message when it answers 0, otherwise we still do.
        unsafe {
            match Failure::check_int(nng_sys::nng_ctx_sendmsg(self.raw, raw, NNG_FLAG_NONBLOCK.cast_signed())) {
                Ok(()) => Ok(()),
                Err(_) => Err(Message::from_raw(raw).expect("it came from a message")),
            }
        }
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
pub struct Subscription {
    raw: nng_socket,
}

impl Subscription {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_connection_is_counted_after_its_end() {
        let pipes = Pipes { uid: 0, known: Mutex::default() };
        pipes.begin(1);
        assert_eq!(pipes.count(), 0, "nothing goes through it yet");
        pipes.join(1);
        pipes.begin(2);
        pipes.end(2);
        pipes.join(2);
        assert_eq!(pipes.count(), 1, "the second ended before anybody said that it began");
        pipes.end(1);
        assert_eq!((pipes.count(), lock(&pipes.known).len()), (0, 0));
    }
}
