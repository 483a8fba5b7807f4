//! Talking to a holder: one connection that asks ([`Session`]), and one per reader that listens ([`Output`]).
//!
//! Both are of use only inside a tokio runtime. Dropping a future that waits for an answer is safe: what was asked may
//! still happen, and its answer is dropped. Dropping a `Session` ends its connection and with it its lease.

use crate::hold::document::{Exit, Hello, Lease, LeaseKind, Refused, RefusedCode, Status, Welcome};
use crate::hold::error::HoldError;
use crate::hold::folder::Folder;
use crate::hold::protocol::{Body, DATA_BYTES_MAX, Fault, Frame, PATIENCE_MS_MAX, Stop, VERSION, Written, decode};
use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

/// How long a holder may take to answer, the patience of a write not included.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Questions that wait to be sent; who asks more waits.
const QUESTIONS_MAX: usize = 64;

/// The connection over which a session is asked and steered. Cheap to keep: it costs nothing while nobody asks.
///
/// Several callers may ask at the same time. The lease belongs to the `Session`, so whoever wants a
/// lease of their own (a viewer, the deliverer) has a `Session` of their own.
#[derive(Debug)]
pub struct Session {
    folder: Folder,
    questions: mpsc::Sender<Question>,
    exit: watch::Receiver<Option<Exit>>,
}

#[derive(Debug)]
struct Question {
    body: Body,
    answer: oneshot::Sender<Result<Body, HoldError>>,
}

/// The output of a session, read from an offset on.
#[derive(Debug)]
pub struct Output {
    line: Line,
    read_id: u32,
}

/// A piece of a session's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// The bytes at an offset, at most [`DATA_BYTES_MAX`].
    Bytes {
        /// Offset of the first one.
        offset: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Output that nobody has any more: it came while nobody read, or faster than it was read.
    Gap {
        /// First lost byte.
        from: u64,
        /// First byte after them.
        to: u64,
    },
    /// Nothing more comes: the agent has ended (or, without follow, the output's end was reached).
    End {
        /// Offset up to which everything was said.
        offset: u64,
    },
}

/// What became of a [`Session::write`] of any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed {
    /// How many bytes the terminal took, from the first one on.
    pub bytes: u64,
    /// Why no more were taken.
    pub stop: Stop,
    /// How much output there had been just before the first byte was taken.
    pub offset: u64,
}

impl Session {
    /// Connects to the holder of a folder.
    ///
    /// # Errors
    ///
    /// [`HoldError::Lost`] when nobody listens there; then [`find`](crate::hold::find()) says what became of it.
    pub async fn connect(folder: &Folder) -> Result<Self, HoldError> {
        let (line, welcome) = Line::connect(folder).await?;
        let (questions, asked) = mpsc::channel(QUESTIONS_MAX);
        let (ended, exit) = watch::channel(welcome.exit);
        tokio::spawn(Exchange { line, waiting: HashMap::new(), next_id: 1, ended }.run(asked));
        Ok(Self { folder: folder.clone(), questions, exit })
    }

    /// The session's folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Which session this is.
    pub fn session_id(&self) -> String {
        self.folder.session_id()
    }

    /// How things are.
    ///
    /// # Errors
    ///
    /// The holder is gone or does not answer.
    pub async fn status(&self) -> Result<Status, HoldError> {
        match self.ask("status", Body::Status).await? {
            Body::State(status) => Ok(*status),
            _ => Err(HoldError::Answer { action: "status" }),
        }
    }

    /// Waits until the agent has ended and says how. Cancel-safe.
    ///
    /// # Errors
    ///
    /// [`HoldError::Lost`] when the holder ends without having said so.
    pub async fn exited(&self) -> Result<Exit, HoldError> {
        let mut exit = self.exit.clone();
        let ended = exit.wait_for(Option::is_some).await.map_err(|_| self.lost())?;
        Ok(ended.clone().expect("waited until it was there"))
    }

    /// Opens a connection that reads the output from an offset on. With `follow` it goes on until the agent has ended.
    ///
    /// # Errors
    ///
    /// The holder is gone or does not answer.
    pub async fn read_from(&self, offset: u64, follow: bool) -> Result<Output, HoldError> {
        Output::open(&self.folder, offset, follow).await
    }

    /// Asks for the right to write. Asking again while having it changes only `kind` and `who`.
    ///
    /// # Errors
    ///
    /// [`HoldError::LeaseHeld`] says who has it. Nobody waits here: who wants to, asks again later.
    pub async fn lease(&self, kind: LeaseKind, who: &str) -> Result<(), HoldError> {
        self.done("lease", Body::Lease(Lease { kind, who: who.to_owned() })).await
    }

    /// Gives the right to write back, after the writes that were asked before. Not having it is fine.
    ///
    /// # Errors
    ///
    /// The holder is gone or does not answer.
    pub async fn release(&self) -> Result<(), HoldError> {
        self.done("release", Body::Release).await
    }

    /// Types bytes and says how many of them the terminal took. `patience` is how long the program may leave them
    /// unread, per 64 KiB, one minute at most.
    ///
    /// # Errors
    ///
    /// [`HoldError::NoLease`] and [`HoldError::Exited`]: nothing was typed. After `Lost` or `NoAnswer` nobody knows.
    pub async fn write(&self, bytes: &[u8], patience: Duration) -> Result<Typed, HoldError> {
        let patience_ms = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX).min(PATIENCE_MS_MAX);
        let mut typed: Option<Typed> = None;
        for part in bytes.chunks(DATA_BYTES_MAX) {
            let answer = self.ask("write", Body::Write { patience_ms, bytes: part.to_vec() }).await;
            let written = match (answer, typed) {
                (Ok(Body::Written(written)), _) => written,
                (Ok(_), _) => return Err(HoldError::Answer { action: "write" }),
                // Some of it is typed already: that is what the caller must learn.
                (Err(HoldError::Exited), Some(so_far)) => return Ok(Typed { stop: Stop::Exited, ..so_far }),
                (Err(error), _) => return Err(error),
            };
            let Written { bytes: count, stop, offset } = written;
            let so_far = typed.unwrap_or(Typed { bytes: 0, stop, offset });
            let now = Typed { bytes: so_far.bytes + u64::from(count), stop, ..so_far };
            typed = Some(now);
            if stop != Stop::Whole {
                return Ok(now);
            }
        }
        match typed {
            Some(typed) => Ok(typed),
            None => Ok(Typed { bytes: 0, stop: Stop::Whole, offset: self.status().await?.end }),
        }
    }

    /// Gives the terminal another size.
    ///
    /// # Errors
    ///
    /// [`HoldError::LeaseHeld`] while a person on another connection decides about the size.
    pub async fn resize(&self, cols: u16, rows: u16) -> Result<(), HoldError> {
        self.done("resize", Body::Resize { cols, rows }).await
    }

    /// Begins to end the agent and everything in its session: TERM now, KILL after the grace. Returns at once;
    /// [`exited`](Self::exited) tells when it is over. Asking again can only shorten the grace.
    ///
    /// # Errors
    ///
    /// The holder is gone or does not answer.
    pub async fn kill(&self, grace: Duration) -> Result<(), HoldError> {
        let grace_ms = u32::try_from(grace.as_millis()).unwrap_or(u32::MAX);
        self.done("kill", Body::Kill { grace_ms }).await
    }

    /// Acknowledges the exit: the holder removes the folder and ends.
    ///
    /// # Errors
    ///
    /// [`HoldError::StillRunning`] when the agent has not ended.
    pub async fn forget(&self) -> Result<(), HoldError> {
        self.done("forget", Body::Forget).await
    }

    async fn done(&self, action: &'static str, body: Body) -> Result<(), HoldError> {
        match self.ask(action, body).await? {
            Body::Done => Ok(()),
            _ => Err(HoldError::Answer { action }),
        }
    }

    async fn ask(&self, action: &'static str, body: Body) -> Result<Body, HoldError> {
        let patience = match body {
            Body::Write { patience_ms, .. } => Duration::from_millis(patience_ms.into()),
            _ => Duration::ZERO,
        };
        let (answer, answered) = oneshot::channel();
        let asking = async {
            self.questions.send(Question { body, answer }).await.map_err(|_| self.lost())?;
            answered.await.map_err(|_| self.lost())?
        };
        match in_time(action, ANSWER_WITHIN + patience, asking).await? {
            Body::Refused(refused) => Err(refusal(action, refused)),
            body => Ok(body),
        }
    }

    fn lost(&self) -> HoldError {
        HoldError::Lost { session_id: self.session_id() }
    }
}

impl Output {
    /// Like [`Session::read_from`], without a session.
    ///
    /// # Errors
    ///
    /// [`HoldError::Lost`] when nobody listens there; the log can then be read with [`log::read`](crate::hold::log::read).
    pub async fn open(folder: &Folder, offset: u64, follow: bool) -> Result<Self, HoldError> {
        let (mut line, _welcome) = Line::connect(folder).await?;
        let read_id = 1;
        in_time("read", ANSWER_WITHIN, line.send(read_id, Body::Read { offset, follow })).await?;
        Ok(Self { line, read_id })
    }

    /// The next piece. Cancel-safe: a dropped call loses nothing.
    ///
    /// # Errors
    ///
    /// [`HoldError::Lost`] when the connection ended before [`Chunk::End`]; what was not read yet may be in the log.
    pub async fn next(&mut self) -> Result<Chunk, HoldError> {
        loop {
            let frame = self.line.receive().await?;
            match frame.body {
                Body::Output { offset, bytes } if frame.id == self.read_id => {
                    return Ok(Chunk::Bytes { offset, bytes });
                }
                Body::Gap { from, to } if frame.id == self.read_id => return Ok(Chunk::Gap { from, to }),
                Body::End { offset } if frame.id == self.read_id => return Ok(Chunk::End { offset }),
                Body::Refused(refused) => return Err(refusal("read", refused)),
                // What is said to everybody, and what later versions say.
                _ => {}
            }
        }
    }
}

/// The task behind a [`Session`]: sends questions, hands answers to those who asked.
struct Exchange {
    line: Line,
    waiting: HashMap<u32, oneshot::Sender<Result<Body, HoldError>>>,
    next_id: u32,
    ended: watch::Sender<Option<Exit>>,
}

impl Exchange {
    /// Ends when the `Session` is dropped or the holder is gone; whoever still waits then learns that it is gone.
    async fn run(mut self, mut asked: mpsc::Receiver<Question>) {
        loop {
            tokio::select! {
                frame = self.line.receive() => match frame {
                    Ok(frame) => self.hand_over(frame),
                    Err(error) => {
                        if let HoldError::Protocol { .. } = &error {
                            tracing::warn!(error = &error as &dyn std::error::Error, "a holder is not understood");
                        }
                        return;
                    }
                },
                question = asked.recv() => {
                    let Some(question) = question else { return };
                    if self.put(question).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    async fn put(&mut self, question: Question) -> Result<(), HoldError> {
        // Ids of frames that nobody asked for are 0.
        let id = self.next_id.max(1);
        self.next_id = id.wrapping_add(1);
        self.waiting.retain(|_, answer| !answer.is_closed());
        self.waiting.insert(id, question.answer);
        self.line.send(id, question.body).await
    }

    fn hand_over(&mut self, frame: Frame) {
        if let Body::Exited(exit) = frame.body {
            self.ended.send_replace(Some(exit));
            return;
        }
        if let Some(answer) = self.waiting.remove(&frame.id) {
            // Whoever asked may have given up.
            drop(answer.send(Ok(frame.body)));
        }
    }
}

/// A connection, as frames.
#[derive(Debug)]
struct Line {
    stream: UnixStream,
    session_id: String,
    received: Vec<u8>,
    /// How many of the received bytes were read as frames.
    read: usize,
}

impl Line {
    async fn connect(folder: &Folder) -> Result<(Self, Welcome), HoldError> {
        let session_id = folder.session_id();
        let stream = match UnixStream::connect(folder.socket()).await {
            Ok(stream) => stream,
            Err(error) if is_nobody(&error) => return Err(HoldError::Lost { session_id }),
            Err(source) => return Err(HoldError::Io { action: "connect to", path: folder.socket(), source }),
        };
        let mut line = Self { stream, session_id, received: Vec::new(), read: 0 };
        let greeting = async {
            line.send(0, Body::Hello(Hello { version: VERSION })).await?;
            loop {
                match line.receive().await?.body {
                    Body::Welcome(welcome) => return Ok(welcome),
                    Body::Refused(refused) => return Err(refusal("hello", refused)),
                    // The agent may end between our connecting and our hello.
                    _ => {}
                }
            }
        };
        let welcome = in_time("hello", ANSWER_WITHIN, greeting).await?;
        Ok((line, welcome))
    }

    async fn send(&mut self, id: u32, body: Body) -> Result<(), HoldError> {
        let mut bytes = Vec::new();
        Frame { id, body }.encode(&mut bytes);
        self.stream.write_all(&bytes).await.map_err(|_| self.lost())
    }

    /// The next frame. Cancel-safe: what has arrived stays.
    async fn receive(&mut self) -> Result<Frame, HoldError> {
        loop {
            match decode(&self.received[self.read..]) {
                Ok(Some((frame, length))) => {
                    self.read += length;
                    return Ok(frame);
                }
                Ok(None) => {}
                Err(source) => return Err(self.not_understood(source)),
            }
            self.received.drain(..self.read);
            self.read = 0;
            // `read_buf` reads only into room that is there.
            self.received.reserve(DATA_BYTES_MAX);
            match self.stream.read_buf(&mut self.received).await {
                Ok(0) | Err(_) => return Err(self.lost()),
                Ok(_) => {}
            }
        }
    }

    fn lost(&self) -> HoldError {
        HoldError::Lost { session_id: self.session_id.clone() }
    }

    fn not_understood(&self, source: Fault) -> HoldError {
        HoldError::Protocol { session_id: self.session_id.clone(), source }
    }
}

async fn in_time<T>(
    action: &'static str,
    within: Duration,
    work: impl Future<Output = Result<T, HoldError>>,
) -> Result<T, HoldError> {
    let late = HoldError::NoAnswer { action, seconds: within.as_secs() };
    timeout(within, work).await.unwrap_or(Err(late))
}

fn is_nobody(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound)
}

fn refusal(action: &'static str, refused: Refused) -> HoldError {
    match (refused.code, refused.lease) {
        (RefusedCode::LeaseHeld, Some(lease)) => HoldError::LeaseHeld(lease),
        (RefusedCode::NoLease, _) => HoldError::NoLease,
        (RefusedCode::Exited, _) => HoldError::Exited,
        (RefusedCode::StillRunning, _) => HoldError::StillRunning,
        (
            RefusedCode::LeaseHeld
            | RefusedCode::Invalid
            | RefusedCode::Busy
            | RefusedCode::System
            | RefusedCode::Unsupported,
            _,
        ) => HoldError::Refused { action, message: refused.message },
    }
}
