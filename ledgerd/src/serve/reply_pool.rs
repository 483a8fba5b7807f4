//! From the owner to the callers: answers are encoded and sent by a speaker, and events are read from disk by readers.
//!
//! Readers are their own threads, so that a read holds up neither writes nor their answers; what takes long has its own
//! again, so that it holds up no short read.

use super::call::Caller;
use crate::decision::Finish;
use crate::store::{Span, line, read_span};
use bus::contract::{Code, Event, OpError, Reply, Response};
use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::error;

/// Threads that read.
const READERS: usize = 2;

/// Reads that wait for a reader at most.
const READS_WAITING_MAX: usize = 1_024;

/// Threads for what takes long: searches and files.
const WORKERS: usize = 2;

/// Pieces of long work that wait for a worker at most.
const WORK_WAITING_MAX: usize = 256;

/// Batches of answers that wait for the speaker at most; the owner waits for it then.
const BATCHES_WAITING_MAX: usize = 64;

/// Bytes between two events that are quicker read along than left out.
const GAP_BYTES: u64 = 4_096;

/// Up to so many answers are quicker given by the owner than handed to another thread.
const ANSWERS_AT_ONCE: usize = 2;

/// A read of settled events.
pub struct Read {
    /// Which ledger, for messages.
    pub ledger: String,
    /// Its file; `None` when there is nothing to read.
    pub file: Option<Arc<File>>,
    /// Where the events lie; a span may have several lines.
    pub spans: Vec<Span>,
    /// From this place of the file on, events are handed on as they are, unread.
    pub handed_on_from: u64,
    /// Makes the reply.
    pub finish: Finish,
}

/// Work that takes long and ends with an answer.
pub type Work = Box<dyn FnOnce() -> Response + Send>;

/// Where answers go.
#[derive(Debug)]
pub struct ReplyPool {
    speaker: SyncSender<Vec<(Caller, Response)>>,
    readers: SyncSender<(Caller, Read)>,
    workers: SyncSender<(Caller, Work)>,
}

impl ReplyPool {
    /// Starts the threads. They end when the reply pool is dropped and their work is done.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start() -> io::Result<Self> {
        let (speaker, answers) = sync_channel(BATCHES_WAITING_MAX);
        spawn("speaker", move || speak(&answers))?;
        let readers = crew("reader", READERS, READS_WAITING_MAX, answer)?;
        let workers = crew("worker", WORKERS, WORK_WAITING_MAX, |work: Work| work())?;
        Ok(Self { speaker, readers, workers })
    }

    /// Gives answers. What they say must be on disk.
    pub fn speak(&self, answers: Vec<(Caller, Response)>) {
        if answers.len() <= ANSWERS_AT_ONCE {
            answers.into_iter().for_each(|(caller, response)| caller.answer(response));
            return;
        }
        self.speaker.send(answers).expect("the speaker ends after us");
    }

    /// Answers with events that are read from disk.
    pub fn read(&self, caller: Caller, read: Read) {
        hand_on(&self.readers, (caller, read), READS_WAITING_MAX, "READS_WAITING_MAX");
    }

    /// Answers with what long work comes to.
    pub fn work(&self, caller: Caller, work: Work) {
        hand_on(&self.workers, (caller, work), WORK_WAITING_MAX, "WORK_WAITING_MAX");
    }
}

fn hand_on<T>(crew: &SyncSender<(Caller, T)>, task: (Caller, T), limit: usize, name: &str) {
    match crew.try_send(task) {
        Ok(()) => {}
        Err(TrySendError::Full((caller, _))) => {
            let sentence = format!("ledgerd has {limit} reads like this waiting already; ask again");
            caller.answer(Err(OpError::new(Code::DaemonUnavailable, sentence).with("limit", name)));
        }
        Err(TrySendError::Disconnected(_)) => unreachable!("readers end after us"),
    }
}

/// Starts threads that share a queue, and returns its beginning.
fn crew<T: Send + 'static>(
    name: &str,
    threads: usize,
    waiting_max: usize,
    serve: fn(T) -> Response,
) -> io::Result<SyncSender<(Caller, T)>> {
    let (queue, tasks) = sync_channel::<(Caller, T)>(waiting_max);
    let tasks = Arc::new(Mutex::new(tasks));
    for _ in 0..threads {
        let tasks = tasks.clone();
        spawn(name, move || {
            loop {
                // Only one waits at the queue; the others wait for it to have taken something.
                let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok((caller, task)) = next else { return };
                caller.answer(serve(task));
            }
        })?;
    }
    Ok(queue)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(work).map(drop)
}

fn speak(batches: &Receiver<Vec<(Caller, Response)>>) {
    while let Ok(answers) = batches.recv() {
        answers.into_iter().for_each(|(caller, response)| caller.answer(response));
    }
}

fn answer(read: Read) -> Result<Reply, OpError> {
    let Read { ledger, file, spans, handed_on_from, finish } = read;
    let mut events = Vec::with_capacity(spans.len());
    let is_near = |one: &Span, next: &Span| next.offset.checked_sub(one.end()).is_some_and(|gap| gap <= GAP_BYTES);
    for run in spans.chunk_by(is_near) {
        let (file, offset) = (file.as_ref().expect("what has a span has a file"), run[0].offset);
        events_in(file, run, handed_on_from, &mut events).map_err(|why| {
            error!(%ledger, offset, %why, "cannot read events");
            let sentence = format!("cannot read the ledger {ledger} at byte {offset}: {why}; see `cccc ledger verify`");
            OpError::new(Code::InternalError, sentence)
        })?;
    }
    Ok(finish(events))
}

/// Reads a run of spans at once, and the events in them.
fn events_in(file: &File, run: &[Span], handed_on_from: u64, events: &mut Vec<Event>) -> Result<(), String> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
    let whole = Span { offset: first.offset, bytes: last.end() - first.offset };
    let bytes = read_span(file, whole).map_err(|e| e.to_string())?;
    for span in run {
        let lines = &bytes[(span.offset - first.offset) as usize..(span.end() - first.offset) as usize];
        let unread = |line| if span.offset >= handed_on_from { line::unread(line) } else { None };
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            // One that is not as it was written is read, which says what is wrong with it.
            events.push(unread(line).map_or_else(|| line::event(line), Ok).map_err(|e| e.to_string())?);
        }
    }
    Ok(())
}
