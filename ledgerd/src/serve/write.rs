//! One request that writes: recognised, decided, staged and applied, or refused with nothing changed.

use super::batch::Batch;
use super::call::Call;
use super::owner::Owner;
use super::refusal::{no_space, refusal_of, request_id_reused, unreadable, unreadable_secrets};
use crate::decision::{Blob, Decision, Draft, HOME, Known, LedgerName, Needs, Secret};
use crate::op;
use crate::permission;
use crate::stamp::Stamp;
use crate::store::dedup::{Piece, Seen};
use crate::store::dedup_record::DedupRecord;
use crate::store::line::Req;
use crate::store::{Closed, StoreError, blob, secret, shortage};
use bus::contract::{Event, OpError, Response, limit, time};
use std::collections::BTreeSet;
use tracing::warn;

/// Why a request was not written.
pub enum Trouble {
    /// It may not be, or not now.
    Refused(OpError),
    /// Nobody knows what is on disk.
    Broken(StoreError),
}

impl From<OpError> for Trouble {
    fn from(refusal: OpError) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Trouble {
    fn from(broken: StoreError) -> Self {
        Self::Broken(broken)
    }
}

/// What a request has come to, as soon as it is on disk.
pub struct Written {
    /// What the caller is told then.
    pub response: Response,
    /// Its events, staged and applied; none when it wrote nothing.
    pub events: Vec<Event>,
    /// The ledger of each of them.
    pub ledgers: Vec<LedgerName>,
    /// What is to be remembered of it, by ledger.
    pub answered: Vec<(String, DedupRecord)>,
    /// Ledgers whose secrets have changed.
    pub secrets_of: BTreeSet<LedgerName>,
    /// The ledger that decides whether it has happened, when it is in several.
    pub decider: Option<LedgerName>,
    /// Groups whose folders go then.
    pub removes_groups: Vec<String>,
}

impl Written {
    fn nothing(response: Response) -> Self {
        Self {
            response,
            events: Vec::new(),
            ledgers: Vec::new(),
            answered: Vec::new(),
            secrets_of: BTreeSet::new(),
            decider: None,
            removes_groups: Vec::new(),
        }
    }
}

impl Owner {
    /// Decides a request, stages and applies its events. What cannot be in one batch with what is in it already finds
    /// `batch` flushed.
    pub(super) fn attempt(&mut self, batch: &mut Batch, call: &Call) -> Result<Written, Trouble> {
        match self.store.answers().look(call.key, &[call.digest, call.digest_as_asked]) {
            Seen::New => {}
            Seen::Reused => {
                // Whoever is not believed cannot have asked the same.
                permission::speaker(&self.state, &call.request)?;
                return Err(request_id_reused().into());
            }
            Seen::Before(pieces) => {
                let events = self.again(&pieces)?;
                let known = self.known(batch, op::recalls(&self.state, &events))?;
                return Ok(Written::nothing(op::reply(&self.state, &Stamp::take(), &call.request, &events, &known)));
            }
        }
        let (mut decision, mut known) = self.decide(batch, call)?;
        if !batch.takes(&decision, |ledgers| self.store.has_place(ledgers)) {
            // What was decided so far goes to disk first; deciding again afterwards sees what became of it.
            self.flush(std::mem::take(batch))?;
            (decision, known) = self.decide(batch, call)?;
        }
        self.accept(call, decision, &known)
    }

    fn decide(&self, batch: &Batch, call: &Call) -> Result<(Decision, Known), OpError> {
        let mut known = self.known(batch, op::needs(&self.state, &call.request))?;
        known.minted.clone_from(&call.minted);
        let decision = op::decide(&self.state, &Stamp::take(), &call.request, &known)?;
        Ok((decision, known))
    }

    /// Finds what a decision has to know: in the batch, or on disk.
    fn known(&self, batch: &Batch, needs: Needs) -> Result<Known, OpError> {
        let mut known = Known::default();
        let mut bytes = 0;
        for (ledger, seq) in needs.events {
            let found = if seq > self.store.head(&ledger) {
                batch.event(&ledger, seq).cloned()
            } else {
                self.store.event(&ledger, seq).map_err(|e| unreadable(&e))?
            };
            if let Some(bytes_max) = needs.events_bytes_max {
                bytes += found.as_ref().map_or(0, weight);
                if bytes > bytes_max && !known.events.is_empty() {
                    break;
                }
            }
            known.events.extend(found);
        }
        for (group_id, path) in needs.files {
            if let Some(bytes) = blob::size(self.store.layout(), &group_id, &path) {
                known.files.push((path, bytes));
            }
        }
        for (ledger, version) in needs.secrets {
            let found = self.store.secret(&ledger, &version).map_err(|e| unreadable_secrets(&e))?;
            known.secrets.extend(found.map(|variables| (version, variables)));
        }
        Ok(known)
    }

    /// Stores, stages and applies a decision, or refuses it with nothing changed.
    fn accept(&mut self, call: &Call, decision: Decision, known: &Known) -> Result<Written, Trouble> {
        let Decision { drafts, blobs, secrets, secrets_of, removes_groups } = decision;
        let ledgers = by_ledger(&drafts);
        let decider = ledgers.last().filter(|_| ledgers.len() > 1).map(|(name, _)| (*name).to_owned());
        for (ledger, _) in &ledgers {
            if let Err(closed) = self.store.is_open(ledger)? {
                if let (Closed::Damaged(why), None) = (&closed, self.state.damage(ledger)) {
                    warn!(%ledger, %why, "a ledger is damaged");
                    self.state.set_damaged(ledger, why.clone());
                }
                return Err(refusal_of(ledger, closed).into());
            }
        }
        let placed = self.place(call, &ledgers, &blobs, &secrets);
        if let Err(Trouble::Refused(_)) = &placed {
            secrets.iter().for_each(|secret| self.store.drop_secrets_if_new(&secret.ledger));
        }
        let answered = placed?;
        for draft in &drafts {
            self.state.apply(&draft.ledger, &draft.event);
        }
        let (ledgers, events): (Vec<_>, Vec<_>) = drafts.into_iter().map(|draft| (draft.ledger, draft.event)).unzip();
        let response = op::reply(&self.state, &Stamp::take(), &call.request, &events, known);
        Ok(Written { response, events, ledgers, answered, secrets_of, decider, removes_groups })
    }

    /// Stores what the events name, and stages them.
    fn place(
        &mut self,
        call: &Call,
        ledgers: &[(&str, Vec<&Event>)],
        blobs: &[Blob],
        secrets: &[Secret],
    ) -> Result<Vec<(String, DedupRecord)>, Trouble> {
        for blob in blobs {
            match self.store.life().waits("store a file", || blob::store(self.store.layout(), blob)) {
                Err(StoreError::NoSpace { source, .. }) => {
                    return Err(no_space(&blob.group_id, shortage(&source)).into());
                }
                other => other?,
            }
        }
        for secret in secrets {
            match self.store.life().waits("store secrets", || secret::store(self.store.layout(), secret)) {
                Err(StoreError::NoSpace { source, .. }) => {
                    return Err(no_space(&secret.ledger, shortage(&source)).into());
                }
                other => other?,
            }
        }
        Ok(self.stage(call, ledgers)?)
    }

    /// Stages a request's events in each ledger; in all of them or in none.
    fn stage(&mut self, call: &Call, ledgers: &[(&str, Vec<&Event>)]) -> Result<Vec<(String, DedupRecord)>, OpError> {
        let Some((decider, _)) = ledgers.last() else { return Ok(Vec::new()) };
        let deciding = (ledgers.len() > 1).then(|| {
            assert_eq!(*decider, HOME, "a request in several ledgers is decided by the home's");
            (HOME.to_owned(), self.store.next(HOME).1)
        });
        let mut answered: Vec<(String, DedupRecord)> = Vec::with_capacity(ledgers.len());
        for (ledger, events) in ledgers {
            let with = deciding.clone().filter(|_| ledger != decider);
            let (synced, first) = self.store.next(ledger);
            let req = Req { id: call.request.id.clone(), op: call.digest, synced, with };
            if let Err(too_long) = self.store.stage(ledger, events, &req) {
                // Of a request in several ledgers, the one that decides is staged last, and nothing else is staged in
                // the others.
                answered.iter().for_each(|(staged, _)| self.store.abandon(staged));
                let (bytes, max) = (too_long.bytes, limit::LEDGER_LINE_BYTES_MAX);
                return Err(OpError::too_large("the event", bytes, max, "LEDGER_LINE_BYTES_MAX"));
            }
            let ts = events.last().and_then(|last| time::parse(&last.ts)).unwrap_or_default();
            let events = u32::try_from(events.len()).expect("a request has few events");
            let (key, digest, is_part) = (call.key, call.digest, req.with.is_some());
            answered.push(((*ledger).to_owned(), DedupRecord { key, digest, ts, first, events, is_part }));
        }
        Ok(answered)
    }

    /// The events of a request that was answered before.
    fn again(&self, pieces: &[Piece]) -> Result<Vec<Event>, OpError> {
        let mut events = Vec::new();
        for piece in pieces {
            for seq in piece.first..piece.first + u64::from(piece.events) {
                let event = self.store.event(&piece.ledger, seq).map_err(|e| unreadable(&e))?;
                // Only a group that was deleted since has lost its events.
                events.push(event.ok_or_else(|| OpError::group_not_found(&piece.ledger))?);
            }
        }
        Ok(events)
    }
}

/// Size of an event, as JSON.
fn weight(event: &Event) -> usize {
    serde_json::to_vec(event).expect("an event is plain data").len()
}

/// Events by ledger, ledgers in the order of their last event: the one that decides comes last.
fn by_ledger(drafts: &[Draft]) -> Vec<(&str, Vec<&Event>)> {
    let mut ledgers: Vec<(&str, Vec<&Event>)> = Vec::new();
    for draft in drafts {
        let name = draft.ledger.as_str();
        let place = ledgers.iter().position(|(known, _)| *known == name);
        let mut entry = place.map_or_else(|| (name, Vec::new()), |place| ledgers.remove(place));
        entry.1.push(&draft.event);
        ledgers.push(entry);
    }
    ledgers
}
