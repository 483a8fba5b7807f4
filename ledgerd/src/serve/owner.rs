//! The thread that owns state: it decides and applies a whole batch in memory, writes it, syncs it, and only then lets
//! anything out.
//!
//! The batch window is the running sync: whatever arrives meanwhile is in the next batch. Reads of a batch are
//! answered after its writes are on disk, so nobody ever sees what may yet be lost.

use super::batch::Batch;
use super::call::Call;
use super::hint_publisher::HintPublisher;
use super::pace::Pace;
use super::refusal::{unreadable, unreadable_secrets};
use super::reply_pool::{Read, ReplyPool};
use super::unfit::Unfit;
use super::write::Trouble;
use crate::clock;
use crate::decision::{Answer, HOME, Reading};
use crate::op;
use crate::stamp::Stamp;
use crate::state::State;
use crate::store::scrub::Scrub;
use crate::store::snapshots::{Covered, Snapshots};
use crate::store::upload::Uploads;
use crate::store::{Store, StoreError};
use bus::contract::private::Variables;
use bus::contract::{Access, limit, time};
use bus::daemon::{TROUBLE, log_at};
use bus::link::Hint;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Instant;
use tracing::{debug, info};

/// So many requests, and no more join their batch.
const BATCH_CALLS_MAX: usize = 1_024;

/// Ledgers one heartbeat names at most; the next one goes on where it ended.
const HEARTBEAT_LEDGERS_MAX: usize = 1_000;

/// What the owner is given to do.
#[derive(Debug)]
pub enum Task {
    /// Requests that have come together.
    Calls(Vec<Call>),
    /// End, after what came before.
    Stop,
}

/// State, its store, and whoever is told about it.
pub struct Owner {
    pub(super) state: State,
    pub(super) store: Store,
    snapshots: Snapshots,
    scrub: Scrub,
    pub(super) replies: ReplyPool,
    pub(super) uploads: Arc<Uploads>,
    hints: HintPublisher,
    /// The last ledger that the last heartbeat named, when it did not reach the end.
    named: Option<String>,
    unfit: Unfit,
}

/// What the owner tells its supervisor.
pub trait Watcher {
    /// It is at work.
    fn alive(&self);
    /// How things are now, in one line for people.
    fn changed(&self, summary: &str);
}

impl Owner {
    /// Takes state over.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start(
        state: State,
        store: Store,
        covered: Covered,
        replies: ReplyPool,
        publish: Box<dyn Fn(&Hint)>,
        unfit: Unfit,
    ) -> io::Result<Self> {
        let scrub = Scrub::start(&store, &covered)?;
        let snapshots = Snapshots::start::<State>(&store, covered, Instant::now())?;
        let hints = HintPublisher::new(store.epoch(), publish);
        let uploads = Arc::new(Uploads::new(store.layout().clone()));
        let owner = Self { state, store, snapshots, scrub, replies, uploads, hints, named: None, unfit };
        // What a crash has left of secrets between a file and its event.
        owner.store.heads().for_each(|(ledger, _)| owner.sweep(ledger));
        log_at(owner.state.home.observability.level());
        Ok(owner)
    }

    /// How things are, in one line for people.
    pub fn summary(&self) -> String {
        let groups = match self.groups() {
            1 => "1 group".to_owned(),
            count => format!("{count} groups"),
        };
        let damage = self.state.damage(HOME).map(|why| {
            format!("the home's own ledger is damaged, and nothing that its groups share can be changed: {why}")
        });
        let moments = self.store.heads().filter_map(|(ledger, _)| Some((ledger, self.state.head(ledger)?.ts)));
        let clock = clock::trouble(moments, time::now());
        let troubles: Vec<String> = damage.into_iter().chain(clock).chain(self.unfit.text()).collect();
        let trouble = if troubles.is_empty() { String::new() } else { format!("{TROUBLE}{}", troubles.join("; ")) };
        format!("{groups}, epoch {}{trouble}", self.store.epoch())
    }

    /// How many groups there are: every ledger but the home's is one.
    fn groups(&self) -> usize {
        self.store.heads().count().saturating_sub(1)
    }

    /// What was written so far.
    #[cfg(test)]
    pub fn stats(&self) -> crate::store::Stats {
        self.store.stats()
    }

    /// What is known.
    #[cfg(test)]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Serves until it is told to stop. The watcher hears with every heartbeat that it is alive.
    ///
    /// # Errors
    ///
    /// A write failed: nobody knows what is on disk, and nothing may be answered any more.
    pub fn run(&mut self, tasks: &Receiver<Task>, mut pace: Pace, watcher: &impl Watcher) -> Result<(), StoreError> {
        let mut next_beat = Instant::now();
        let mut told = self.summary();
        loop {
            let now = Instant::now();
            if now >= next_beat {
                self.store.keep_lock()?;
                let is_busy = self.beat(now);
                watcher.alive();
                let summary = self.summary();
                if told != summary {
                    watcher.changed(&summary);
                    told = summary;
                }
                next_beat = now + if is_busy { pace.rest() } else { pace.pause() };
            }
            self.hints.tend(now);
            let wake = self.hints.due().map_or(next_beat, |due| due.min(next_beat));
            let first = match tasks.recv_timeout(wake.saturating_duration_since(Instant::now())) {
                Ok(task) => task,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => Task::Stop,
            };
            let mut waiting = std::iter::once(first).chain(tasks.try_iter());
            let mut calls = Vec::new();
            let mut is_last = false;
            while calls.len() < BATCH_CALLS_MAX
                && let Some(task) = waiting.next()
            {
                match task {
                    Task::Calls(more) => calls.extend(more),
                    Task::Stop => is_last = true,
                }
            }
            let events = self.store.stats().events;
            self.serve(calls)?;
            if self.store.stats().events != events {
                next_beat = next_beat.min(Instant::now() + pace.moved());
            }
            if is_last {
                let stats = self.store.stats();
                info!(
                    events = stats.events,
                    batches = stats.batches,
                    syncs = stats.syncs,
                    "everything in hand is done"
                );
                return Ok(());
            }
        }
    }

    /// Serves one batch. The order is the promise: nothing leaves this thread before it is on disk.
    ///
    /// # Errors
    ///
    /// As [`Owner::run`].
    pub fn serve(&mut self, calls: Vec<Call>) -> Result<(), StoreError> {
        let now = Instant::now();
        let (late, calls): (Vec<_>, Vec<_>) = calls.into_iter().partition(|call| call.is_late(now));
        if !late.is_empty() {
            debug!(calls = late.len(), "callers have given up before their requests were taken");
        }
        let is_read = |call: &Call| match call.request.op.row().access {
            Access::Read | Access::Store => true,
            Access::Write => false,
        };
        let (reads, writes): (Vec<_>, Vec<_>) = calls.into_iter().partition(is_read);
        if !writes.is_empty() {
            self.store.pay(&mut self.state)?;
        }
        let mut batch = Batch::default();
        for call in writes {
            self.write(&mut batch, call)?;
        }
        self.flush(batch)?;
        reads.into_iter().for_each(|call| self.read(call));
        self.hints.tend(Instant::now());
        Ok(())
    }

    fn write(&mut self, batch: &mut Batch, call: Call) -> Result<(), StoreError> {
        match batch.join(call.of_speaker(&self.state)) {
            Some(call) => self.take(batch, call),
            None => Ok(()),
        }
    }

    /// Decides a request that is not in the batch yet.
    fn take(&mut self, batch: &mut Batch, call: Call) -> Result<(), StoreError> {
        let written = match self.attempt(batch, &call) {
            Ok(written) => written,
            Err(Trouble::Refused(refusal)) => {
                batch.answer(call, Err(refusal));
                return Ok(());
            }
            Err(Trouble::Broken(broken)) => return Err(broken),
        };
        batch.accept(call, written);
        Ok(())
    }

    /// Writes and syncs what is staged, then answers. A ledger that has no room, and what is known of it, is then as
    /// if its part of the batch had not been. Where that has taken back what other requests had in other ledgers, those are
    /// decided again, each in a batch of its own.
    ///
    /// # Errors
    ///
    /// As [`Owner::run`].
    pub(super) fn flush(&mut self, mut batch: Batch) -> Result<(), StoreError> {
        let removes_groups = batch.take_removed();
        let taken_back = self.store.commit(batch.decider())?;
        for ledger in &taken_back.ledgers {
            self.store.replay(&mut self.state, ledger)?;
        }
        for ledger in batch.take_secrets_of() {
            self.sweep(&ledger);
        }
        log_at(self.state.home.observability.level());
        let outcome = batch.settle(&taken_back, self.store.shortage());
        for group in removes_groups.into_iter().filter(|_| taken_back.ledgers.is_empty()) {
            self.hints.removed(&group);
            self.store.remove_group(&group)?;
        }
        let now = Instant::now();
        for (ledger, answered) in &outcome.answered {
            self.store.answers_mut().remember(ledger, answered);
            self.snapshots.moved(ledger, answered.first - 1, now);
            self.hints.moved(ledger, self.store.head(ledger));
        }
        self.replies.speak(outcome.answers);
        for call in outcome.again {
            let mut alone = Batch::default();
            self.take(&mut alone, call)?;
            self.flush(alone)?;
        }
        Ok(())
    }

    /// Removes secrets that no event names. Where nobody can tell, nothing is removed.
    fn sweep(&self, ledger: &str) {
        if let Some(versions) = self.state.versions(ledger) {
            self.store.sweep_secrets(ledger, &versions);
        }
    }

    fn read(&self, call: Call) {
        let Call { request, caller, .. } = call;
        let (ledger, found, reading, finish) = match op::read(&self.state, &Stamp::take(), &request) {
            Err(refusal) => return caller.answer(Err(refusal)),
            Ok(Answer::Now(reply)) => return caller.answer(Ok(reply)),
            // Rare and small, so it may hold up this thread, and what was written before is certainly what is read.
            Ok(Answer::Secrets { ledger, versions, finish }) => {
                let found: Result<Option<Vec<_>>, _> =
                    versions.iter().map(|version| self.store.secret(&ledger, version)).collect();
                let merged = found.map(|all| Some(Variables(all?.into_iter().flat_map(|some| some.0).collect())));
                return caller.answer(merged.map_err(|e| unreadable_secrets(&e)).and_then(finish));
            }
            Ok(Answer::SlowRead(long)) => return self.work(caller, long),
            Ok(Answer::Fetch { ledger, seqs, bytes_max, reading, finish }) => {
                let found = match self.store.spans(&ledger, &seqs) {
                    Ok(found) => found,
                    Err(error) => return caller.answer(Err(unreadable(&error))),
                };
                let found = found.map(|(file, mut spans)| {
                    let mut taken = 0;
                    let fits = spans.iter().take_while(|span| {
                        taken += span.bytes;
                        taken <= bytes_max as u64
                    });
                    let fits = fits.count().max(1);
                    spans.truncate(fits);
                    (file, spans)
                });
                (ledger, found, reading, finish)
            }
            Ok(Answer::Range { ledger, after_seq, events_max, reading, finish }) => {
                let events_max = events_max.min(limit::RANGE_EVENTS_MAX);
                match self.store.span_after(&ledger, after_seq, events_max, limit::RANGE_BYTES_MAX as u64) {
                    Ok(found) => (ledger, found, reading, finish),
                    Err(error) => return caller.answer(Err(unreadable(&error))),
                }
            }
        };
        let (file, spans) = found.map_or_else(|| (None, Vec::new()), |(file, spans)| (Some(file), spans));
        // What an earlier version has written may lack what the contract has by now, so that is read and written anew.
        let handed_on_from = match reading {
            Reading::SeqOnly => self.store.own_offset(&ledger),
            Reading::Whole => u64::MAX,
        };
        self.replies.read(caller, Read { ledger, file, spans, handed_on_from, finish });
    }

    /// Tells how far every ledger is, takes note of damage that was found meanwhile, and looks after snapshots.
    /// True when there is more to do of it soon.
    fn beat(&mut self, now: Instant) -> bool {
        let is_scrubbing = loop {
            match self.scrub.found() {
                Ok(finding) => self.store.note_damage(&mut self.state, finding),
                Err(end) => break end == TryRecvError::Empty,
            }
        };
        let after = self.named.take();
        let heads = self.store.heads().filter(|(name, _)| after.as_deref().is_none_or(|after| *name > after));
        let heads: Vec<_> = heads.take(HEARTBEAT_LEDGERS_MAX).map(|(name, seq)| (name.to_owned(), seq)).collect();
        if heads.len() == HEARTBEAT_LEDGERS_MAX {
            self.named = heads.last().map(|(name, _)| name.clone());
        }
        self.hints.beat(heads);
        self.snapshots.tend(&self.store, now) || is_scrubbing || self.named.is_some()
    }
}
