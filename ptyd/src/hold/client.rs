//! Asking a holder: a [`Session`] is one connection over which several callers ask at the same time.
//!
//! Of use only inside a tokio runtime. Dropping a future that waits for an answer is safe: what was asked may still happen,
//! and its answer is dropped. Dropping a `Session` ends its connection and with it its lease.

use crate::hold::document::{Exit, Lease, LeaseKind, Status};
use crate::hold::error::HoldError;
use crate::hold::folder::Folder;
use crate::hold::line::{ANSWER_WITHIN, Line, in_time, refusal};
use crate::hold::output::Output;
use crate::hold::protocol::{Answer, DATA_BYTES_MAX, Frame, PATIENCE_MS_MAX, Request, Stop, Written};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

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
    request: Request,
    answer: oneshot::Sender<Answer>,
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
        match self.ask("status", Request::Status).await? {
            Answer::Status(status) => Ok(*status),
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
        self.done("lease", Request::Lease(Lease { kind, who: who.to_owned() })).await
    }

    /// Gives the right to write back, after the writes that were asked before. Not having it is fine.
    ///
    /// # Errors
    ///
    /// The holder is gone or does not answer.
    pub async fn release(&self) -> Result<(), HoldError> {
        self.done("release", Request::Release).await
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
            let answer = self.ask("write", Request::Write { patience_ms, bytes: part.to_vec() }).await;
            let written = match (answer, typed) {
                (Ok(Answer::Written(written)), _) => written,
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
        self.done("resize", Request::Resize { cols, rows }).await
    }

    /// Begins to end the agent and everything it has started: TERM now, KILL after the grace. Returns at once;
    /// [`exited`](Self::exited) tells when it is over. Asking again can only shorten the grace.
    ///
    /// # Errors
    ///
    /// The holder is gone or does not answer.
    pub async fn kill(&self, grace: Duration) -> Result<(), HoldError> {
        let grace_ms = u32::try_from(grace.as_millis()).unwrap_or(u32::MAX);
        self.done("kill", Request::Kill { grace_ms }).await
    }

    /// Acknowledges the exit: the holder removes the folder and ends.
    ///
    /// # Errors
    ///
    /// [`HoldError::StillRunning`] when the agent has not ended.
    pub async fn forget(&self) -> Result<(), HoldError> {
        self.done("forget", Request::Forget).await
    }

    async fn done(&self, action: &'static str, request: Request) -> Result<(), HoldError> {
        match self.ask(action, request).await? {
            Answer::Done => Ok(()),
            _ => Err(HoldError::Answer { action }),
        }
    }

    async fn ask(&self, action: &'static str, request: Request) -> Result<Answer, HoldError> {
        let patience = match request {
            Request::Write { patience_ms, .. } => Duration::from_millis(patience_ms.into()),
            _ => Duration::ZERO,
        };
        let (answer, answered) = oneshot::channel();
        let asking = async {
            self.questions.send(Question { request, answer }).await.map_err(|_| self.lost())?;
            answered.await.map_err(|_| self.lost())
        };
        match in_time(action, ANSWER_WITHIN + patience, asking).await? {
            Answer::Refused(refused) => Err(refusal(action, refused)),
            answer => Ok(answer),
        }
    }

    fn lost(&self) -> HoldError {
        HoldError::Lost { session_id: self.session_id() }
    }
}

/// The task behind a [`Session`]: sends questions, hands answers to those who asked.
struct Exchange {
    line: Line,
    waiting: HashMap<u32, oneshot::Sender<Answer>>,
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
        self.line.send(id, &question.request).await
    }

    fn hand_over(&mut self, frame: Frame<Answer>) {
        if let Answer::Exited(exit) = frame.said {
            self.ended.send_replace(Some(exit));
            return;
        }
        if let Some(answer) = self.waiting.remove(&frame.id) {
            // Whoever asked may have given up.
            drop(answer.send(frame.said));
        }
    }
}
