//! From the owner to the callers: answers are encoded and sent by a speaker, and events are read from disk by readers.
//!
//! Readers are their own threads, so that a long read holds up neither writes nor their answers.

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

/// Batches of answers that wait for the speaker at most; the owner waits for it then.
const BATCHES_WAITING_MAX: usize = 64;

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
    /// Makes the reply.
    pub finish: Finish,
}

/// Where answers go.
#[derive(Debug)]
pub struct Outlet {
    speaker: SyncSender<Vec<(Caller, Response)>>,
    readers: SyncSender<(Caller, Read)>,
}

impl Outlet {
    /// Starts the threads. They end when the outlet is dropped and their work is done.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start() -> io::Result<Self> {
        let (speaker, answers) = sync_channel(BATCHES_WAITING_MAX);
        let (readers, reads) = sync_channel(READS_WAITING_MAX);
        spawn("speaker", move || speak(&answers))?;
        let reads = Arc::new(Mutex::new(reads));
        for _ in 0..READERS {
            let reads = reads.clone();
            spawn("reader", move || read(&reads))?;
        }
        Ok(Self { speaker, readers })
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
        match self.readers.try_send((caller, read)) {
            Ok(()) => {}
            Err(TrySendError::Full((caller, _))) => {
                let sentence = format!("ledgerd has {READS_WAITING_MAX} reads waiting already; ask again");
                let refusal = OpError::new(Code::DaemonUnavailable, sentence).with("limit", "READS_WAITING_MAX");
                caller.answer(Err(refusal));
            }
            Err(TrySendError::Disconnected(_)) => unreachable!("readers end after us"),
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(work).map(drop)
}

fn speak(batches: &Receiver<Vec<(Caller, Response)>>) {
    while let Ok(answers) = batches.recv() {
        answers.into_iter().for_each(|(caller, response)| caller.answer(response));
    }
}

fn read(reads: &Mutex<Receiver<(Caller, Read)>>) {
    loop {
        // Only one waits at the queue; the others wait for it to have taken something.
        let next = reads.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((caller, read)) = next else { return };
        caller.answer(answer(read));
    }
}

fn answer(read: Read) -> Result<Reply, OpError> {
    let Read { ledger, file, spans, finish } = read;
    let mut events = Vec::with_capacity(spans.len());
    for span in spans {
        let file = file.as_ref().expect("what has a span has a file");
        events_in(file, span, &mut events).map_err(|why| {
            error!(%ledger, offset = span.offset, %why, "cannot read events");
            let sentence =
                format!("cannot read the ledger {ledger} at byte {}: {why}; see `cccc ledger verify`", span.offset);
            OpError::new(Code::InternalError, sentence)
        })?;
    }
    Ok(finish(events))
}

fn events_in(file: &File, span: Span, events: &mut Vec<Event>) -> Result<(), String> {
    let bytes = read_span(file, span).map_err(|e| e.to_string())?;
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        events.push(line::event(line).map_err(|e| e.to_string())?);
    }
    Ok(())
}
