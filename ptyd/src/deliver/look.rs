//! Looking at the screen for a text: whether it stands at the cursor, and whether it leaves.

use super::verdict::Left;
use crate::screen::composer::{Sighting, Spot};
use crate::session::Live;
use crate::session::turn::Turn;
use crate::session::typing::Typing;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;

/// A text stands where it is seen twice, so far apart at least: a program that draws may pass through anything.
pub const STANDS_FOR: Duration = Duration::from_millis(30);

/// How long the keyboard is kept after the submit key: most programs have taken the text by then. Afterwards people may
/// type, and we only look.
const KEPT_FOR: Duration = Duration::from_millis(1_500);

/// How long a program may take to take a text that was submitted.
const LEAVES_WITHIN: Duration = Duration::from_secs(10);

/// A text has left when it is not seen for so long by a program that goes on drawing …
const GONE_FOR: Duration = Duration::from_millis(250);

/// … or for so long, and by one that has been silent as long.
const SILENT_FOR: Duration = Duration::from_millis(80);

/// Shortest pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(8);

/// Longest pause between two looks while a text is on its way.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// What is seen of a text at the cursor.
pub fn sees(live: &Live, typing: &Typing) -> Option<Sighting> {
    live.screen().view().shows(typing.text(), &typing.setting, &live.composer())
}

/// Waits for the next look at the screen.
async fn next(changes: &mut watch::Receiver<u64>) {
    // A change that was missed is looked at a moment later; a program that draws without end is not looked at more often.
    let _ = timeout(LOOK_EVERY, changes.changed()).await;
    tokio::time::sleep(LOOK_PAUSE).await;
}

/// Waits until a text stands at the cursor.
pub async fn appears(live: &Live, typing: &Typing, within: Duration) -> Option<Sighting> {
    let (begin, mut changes) = (Instant::now(), live.changes());
    let mut since: Option<Instant> = None;
    loop {
        match (sees(live, typing), since) {
            (Some(seen), Some(since)) if since.elapsed() >= STANDS_FOR => return Some(seen),
            (Some(_), None) => since = Some(Instant::now()),
            (Some(_), Some(_)) => {}
            (None, _) => since = None,
        }
        if begin.elapsed() >= within && since.is_none() || live.ended().is_some() {
            return None;
        }
        next(&mut changes).await;
    }
}

/// Waits until a text has left the composer, and says how it stands after its submit key. The keyboard is given back
/// when that takes long. A person who then types while the text stands there still, or is hidden, may send it, delete it
/// or add to it: from then on nothing that is seen says what our key has done.
pub async fn leaves(live: &Live, typing: &Typing, turn: &mut Turn<'_>) -> Left {
    let touched = live.touched();
    let (begin, mut changes) = (Instant::now(), live.changes());
    let (mut gone, mut size): (Option<Instant>, _) = (None, live.screen().size());
    loop {
        if live.ended().is_some() {
            return Left::Ended;
        }
        if begin.elapsed() >= KEPT_FOR {
            turn.end().await;
        }
        let was_gone = gone.is_some();
        let (now, silent) = {
            let screen = live.screen();
            (screen.size(), screen.since_last_output().is_none_or(|since| since >= SILENT_FOR))
        };
        let stands = sees(live, typing).is_some();
        // Behind a question the text may stand still, and a window of another size is drawn anew first.
        let is_hidden = matches!(live.spot(), Spot::Question | Spot::Blank) || now != size;
        size = now;
        // Counted behind the look: what was seen before anybody has typed is our key's doing.
        if !was_gone && live.touched() != touched {
            return Left::Touched;
        }
        gone = if stands || is_hidden { None } else { gone.or(Some(Instant::now())) };
        let for_long = gone.map(|gone| gone.elapsed());
        if for_long.is_some_and(|gone| gone >= GONE_FOR || (silent && gone >= SILENT_FOR)) {
            return Left::Gone;
        }
        if gone.is_none() && begin.elapsed() >= LEAVES_WITHIN {
            return if stands { Left::Stands } else { Left::Hidden };
        }
        next(&mut changes).await;
    }
}
