//! One batch in the making: who is to be told what, once it is on disk.

use super::call::{Call, Caller};
use super::refusal::{no_space, request_id_reused};
use super::write::Written;
use crate::decision::{Decision, LedgerName};
use crate::store::Shortage;
use crate::store::commit::TakenBack;
use crate::store::dedup_record::{DedupRecord, Key};
use bus::contract::{Event, Response};
use std::collections::{BTreeSet, HashMap};

/// One answer that waits for the disk.
#[derive(Debug)]
struct Entry {
    call: Call,
    /// Who has asked the same since.
    others: Vec<Caller>,
    response: Response,
    /// What is to be remembered of it, by ledger. Empty when it wrote nothing.
    answered: Vec<(String, DedupRecord)>,
}

/// Answers that wait for the disk, in the order in which they were decided.
#[derive(Debug, Default)]
pub struct Batch {
    entries: Vec<Entry>,
    by_key: HashMap<Key, usize>,
    events: Vec<Event>,
    /// The ledger of each of them.
    ledgers: Vec<LedgerName>,
    /// Ledgers whose secrets have changed.
    secrets_of: BTreeSet<LedgerName>,
    /// The ledger that decides whether its requests have happened, when each is in several.
    decider: Option<LedgerName>,
    /// Groups whose folders go with it.
    removes_groups: Vec<LedgerName>,
}

/// What a batch that is on disk (or not) has come to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Who is told what.
    pub answers: Vec<(Caller, Response)>,
    /// What is to be remembered, by ledger.
    pub answered: Vec<(String, DedupRecord)>,
    /// Requests that were taken back because of another one, and are to be decided again, each in a batch of its own.
    pub again: Vec<Call>,
}

impl Batch {
    /// An event of this batch.
    pub fn event(&self, ledger: &str, seq: u64) -> Option<&Event> {
        let mut events = self.events.iter().zip(&self.ledgers);
        events.find(|(event, name)| event.seq == seq && *name == ledger).map(|(event, _)| event)
    }

    /// Answers a request that is in this batch already; gives the call back when it is not.
    pub fn join(&mut self, call: Call) -> Option<Call> {
        let Some(entry) = self.by_key.get(&call.key).map(|place| &mut self.entries[*place]) else { return Some(call) };
        if entry.call.digest == call.digest {
            entry.others.push(call.caller);
        } else {
            self.answer(call, Err(request_id_reused()));
        }
        None
    }

    /// Answers a request that wrote nothing. It is not remembered: asked again, it is decided again.
    pub fn answer(&mut self, call: Call, response: Response) {
        self.entries.push(Entry { call, others: Vec::new(), response, answered: Vec::new() });
    }

    /// Whether a decision may be in this batch. The removal of a group is a batch of its own. What is in several ledgers
    /// shares one with its like, unless both touch a ledger beside the one that decides: a line there that is not the last
    /// would be taken for decided (see `store::commit`), or there is no place for so many more ledgers.
    pub fn takes(&self, decision: &Decision, has_place: impl Fn(usize) -> bool) -> bool {
        if self.events.is_empty() {
            return true;
        }
        let ledgers: BTreeSet<&str> = decision.drafts.iter().map(|draft| draft.ledger.as_str()).collect();
        let is_alone = !decision.removes_groups.is_empty() || !self.removes_groups.is_empty();
        match &self.decider {
            _ if is_alone => false,
            None => ledgers.len() < 2,
            Some(decider) => {
                let is_free = |ledger: &&str| *ledger == decider || !self.ledgers.iter().any(|taken| taken == ledger);
                ledgers.is_empty() || ledgers.len() > 1 && ledgers.iter().all(is_free) && has_place(ledgers.len())
            }
        }
    }

    /// Answers a request that has been decided.
    pub fn accept(&mut self, call: Call, written: Written) {
        let Written { response, events, ledgers, answered, secrets_of, decider, removes_groups } = written;
        self.secrets_of.extend(secrets_of);
        if events.is_empty() {
            return self.answer(call, response);
        }
        self.decider = self.decider.take().or(decider);
        self.removes_groups.extend(removes_groups);
        self.by_key.insert(call.key, self.entries.len());
        self.entries.push(Entry { call, others: Vec::new(), response, answered });
        self.events.extend(events);
        self.ledgers.extend(ledgers);
    }

    /// The ledger that decides whether its requests have happened, if one does.
    pub fn decider(&self) -> Option<&str> {
        self.decider.as_deref()
    }

    /// Groups whose folders go when it is on disk; asked once.
    pub fn take_removed(&mut self) -> Vec<LedgerName> {
        std::mem::take(&mut self.removes_groups)
    }

    /// Ledgers whose secrets have changed; asked once, when it is certain whether they have.
    pub fn take_secrets_of(&mut self) -> BTreeSet<LedgerName> {
        std::mem::take(&mut self.secrets_of)
    }

    /// Ends the batch: everything is on disk but what was taken back, for want of something. Whoever needs a ledger that
    /// was short of it is told so; what was taken back with others is to be decided again.
    pub fn settle(self, taken_back: &TakenBack, shortage: Shortage) -> Outcome {
        let mut outcome = Outcome::default();
        for Entry { mut call, others, response, answered } in self.entries {
            let one_of = |names: &[String]| answered.iter().find(|(ledger, _)| names.contains(ledger));
            let response = match (one_of(&taken_back.short), one_of(&taken_back.ledgers)) {
                (Some((ledger, _)), _) => Err(no_space(ledger, shortage)),
                (None, Some(_)) => {
                    call.caller = call.caller.and(others);
                    outcome.again.push(call);
                    continue;
                }
                (None, None) => {
                    outcome.answered.extend(answered);
                    response
                }
            };
            // `repeat_n` gives the last one away instead of copying it, and there is nearly always only one.
            let responses = std::iter::repeat_n(response, 1 + others.len());
            outcome.answers.extend(std::iter::once(call.caller).chain(others).zip(responses));
        }
        outcome
    }
}
