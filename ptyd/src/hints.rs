//! Hints from ledgerd: which ledgers have moved. Each wakes the group it is about, and whoever watches over rights, which may
//! have changed for the whole home; one that is lost is made good by the next heartbeat.

use crate::house::House;
use bus::contract::id;
use bus::daemon::Loudness;
use bus::link::{Hint, LinkError, Subscriber, body};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Pause before ledgerd is asked again which groups there are.
const RETRY: Duration = Duration::from_secs(1);

/// How far each ledger has come, as far as we have heard.
#[derive(Debug, Default)]
struct Heard {
    epoch: u64,
    heads: HashMap<String, u64>,
}

impl Heard {
    /// Takes in a hint: the ledgers that have moved since the last one, all of those it names after ledgerd's restart.
    fn moved(&mut self, hint: Hint) -> Vec<String> {
        if hint.epoch != self.epoch {
            *self = Self { epoch: hint.epoch, heads: HashMap::new() };
        }
        let is_news = |(ledger, head): (String, u64)| {
            let news = (id::is_group(&ledger) || ledger == id::HOME) && self.heads.get(&ledger) != Some(&head);
            news.then(|| {
                self.heads.insert(ledger.clone(), head);
                ledger
            })
        };
        hint.heads.into_iter().filter_map(is_news).collect()
    }
}

/// Opens every group there is, then listens for ever.
///
/// # Errors
///
/// The link to the hints is closed.
pub async fn follow(house: &Arc<House>, loudness: &Loudness, mut hints: Subscriber) -> Result<(), LinkError> {
    let mut heard = Heard::default();
    open_all(house, &mut heard).await;
    loop {
        let bytes = hints.recv().await?;
        match body::read::<Hint>(&bytes) {
            Ok(hint) => {
                loudness.note(&hint);
                let moved = heard.moved(hint);
                wake(house, &moved);
                if !moved.is_empty() {
                    house.tell_moved();
                }
            }
            Err(error) => tracing::warn!(%error, "a hint cannot be read"),
        }
    }
}

async fn open_all(house: &Arc<House>, heard: &mut Heard) {
    loop {
        match house.heads().await {
            Ok(heads) => {
                let hint = Hint { epoch: heads.epoch, heads: heads.heads };
                wake(house, &heard.moved(hint));
                return;
            }
            Err(error) => tracing::warn!(%error, "ledgerd does not say which groups there are; asking again"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Wakes the groups among ledgers.
fn wake(house: &Arc<House>, ledgers: &[String]) {
    ledgers.iter().filter(|ledger| id::is_group(ledger)).for_each(|group_id| house.group(group_id).wake());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_has_moved_when_its_head_is_another_or_ledgerd_is_new() {
        let (a, b) = ("g_00000000000a", "g_00000000000b");
        let hint = |epoch, heads: &[(&str, u64)]| Hint {
            epoch,
            heads: heads.iter().map(|(id, seq)| ((*id).to_owned(), *seq)).collect(),
        };
        let mut heard = Heard::default();
        #[rustfmt::skip]
        let cases: [(Hint, &[&str]); 6] = [
            (hint(1, &[("home", 3), (a, 1), (b, 9)]), &["home", a, b]),
            (hint(1, &[("home", 4), (a, 1), (b, 9)]), &["home"]),
            (hint(1, &[(a, 2)]),                      &[a]),
            (hint(2, &[(a, 2)]),                      &[a]),
            (hint(2, &[(b, 9)]),                      &[b]),
            (hint(2, &[("../x", 1)]),                 &[]),
        ];
        for (hint, wanted) in cases {
            assert_eq!(heard.moved(hint.clone()), wanted, "{hint:?}");
        }
    }
}
