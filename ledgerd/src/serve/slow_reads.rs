//! Answers that take long: what is looked at or written is prepared by the owner, and done by a worker.

use super::call::Caller;
use super::owner::Owner;
use super::refusal::{no_log, not_saved, not_taken, unreadable, unreadable_file};
use super::reply_pool::Work;
use crate::decision::{Found, SlowRead};
use crate::state::State;
use crate::store::{blob, logs};
use bus::contract::OpError;
use std::sync::Arc;

impl Owner {
    /// Has a worker answer. What it sees is what was settled when it was asked.
    pub(super) fn work(&self, caller: Caller, long: SlowRead) {
        let work: Work = match long {
            SlowRead::Search { search, finish } => match self.store.hunt(search) {
                Err(error) => return caller.answer(Err(unreadable(&error))),
                Ok(None) => return caller.answer(Ok(finish(Found::default()))),
                Ok(Some(hunt)) => Box::new(move || hunt.run().map(finish).map_err(|e| unreadable(&e))),
            },
            SlowRead::Save { ledger, finish } => match self.store.save::<State>(&ledger) {
                Err(error) => return caller.answer(Err(unreadable(&error))),
                Ok(None) => return caller.answer(Err(OpError::group_not_found(&ledger))),
                Ok(Some(save)) => Box::new(move || save().map(finish).map_err(|e| not_saved(&e))),
            },
            SlowRead::Log { log, finish } => {
                let layout = self.store.layout().clone();
                Box::new(move || logs::look(&layout, &log).map(finish).map_err(|e| no_log(&e, log.clears)))
            }
            SlowRead::Take { piece, finish } => {
                let uploads = Arc::clone(&self.uploads);
                Box::new(move || uploads.take(&piece).map(finish).map_err(|e| not_taken(&piece.group_id, &e)))
            }
            SlowRead::Give { group_id, path, offset, bytes_max, finish } => {
                let layout = self.store.layout().clone();
                Box::new(move || {
                    let found = blob::read(&layout, &group_id, &path, offset, bytes_max);
                    found.map_err(|e| unreadable_file(&e)).and_then(finish)
                })
            }
        };
        self.replies.work(caller, work);
    }
}
