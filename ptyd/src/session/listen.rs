//! Listens to a session's output for as long as it lives: one reader per session, whoever else looks on.

use super::delivery_journal::Paste;
use super::snapshot::{self, Snapshot};
use super::{End, Live, foreground};
use ptyd::hold::{Chunk, HoldError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Pause before a broken reading connection is opened again.
const REOPEN_PAUSE: Duration = Duration::from_millis(200);

/// Reads until the session ends, and says how it ended. Output before `old` was written before we looked.
pub async fn listen(live: Arc<Live>, old: u64) {
    let mut kept = live.screen().offset();
    let end = loop {
        match read(&live, old, &mut kept).await {
            Ok(()) => break live.hold.exited().await.map_or(End::Gone, End::Exited),
            Err(error) => tracing::debug!(session_id = live.id, %error, "reading a terminal broke off"),
        }
        tokio::time::sleep(REOPEN_PAUSE).await;
        // The asking connection knows when the holder itself is gone. Otherwise there is more to read, last words at least.
        if let Ok(Err(_)) = tokio::time::timeout(Duration::ZERO, live.hold.exited()).await {
            break End::Gone;
        }
    };
    live.end.send_replace(Some(end));
}

/// Reads to the end of the session. What is shown has been kept at `kept` of the output.
async fn read(live: &Arc<Live>, old: u64, kept: &mut u64) -> Result<(), HoldError> {
    let from = live.screen().offset();
    let mut output = live.hold.read_from(from, true).await?;
    loop {
        match output.next().await? {
            Chunk::Bytes { offset, bytes } => {
                take(live, offset, bytes, old);
                keep(live, kept);
            }
            Chunk::Gap { to, .. } => live.screen().skip_to(to),
            Chunk::End { .. } => return Ok(()),
        }
    }
}

fn take(live: &Arc<Live>, offset: u64, bytes: Vec<u8>, old: u64) {
    let (mark, is_asked, is_shown) = {
        let mut screen = live.screen();
        let before = (screen.paste_on().is_some(), screen.switched_on());
        let was_shown = screen.was_shown();
        let old_bytes = usize::try_from(old.saturating_sub(offset)).unwrap_or(usize::MAX).min(bytes.len());
        screen.replay(&bytes[..old_bytes]);
        screen.feed(&bytes[old_bytes..]);
        let paste = screen.paste_on().is_some();
        let end = screen.offset();
        // Nobody looking on is the usual case.
        let _ = live.pieces.send(bytes.into());
        let mark = (before != (paste, screen.switched_on())).then_some((end, paste));
        live.changes.send_replace(end);
        // A viewer's terminal answers by itself.
        if live.has_viewers() {
            screen.answers();
        }
        (mark, screen.is_asked(), screen.was_shown() && !was_shown)
    };
    // Who has switched it long ago is in the notes, and not in the foreground any more perhaps.
    let is_new = offset >= old;
    let noted = match mark.filter(|_| is_new) {
        Some((offset, on)) => {
            let group = foreground::group(live.pid).unwrap_or(0);
            live.note_paste(Paste { offset, on, group })
        }
        None => Ok(()),
    };
    let noted = noted.and_then(|()| match is_shown {
        true => live.note(|journal| journal.typing.iter_mut().for_each(|typing| typing.shown = true)),
        false => Ok(()),
    });
    if let Err(error) = noted {
        // Only a ptyd that starts later, behind a megabyte of output, would miss it.
        tracing::warn!(session_id = live.id, %error, "the notes about a session cannot be written");
    }
    if is_asked && !live.answering.swap(true, Ordering::Relaxed) {
        let live = Arc::clone(live);
        tokio::spawn(async move { live.answer().await });
    }
}

/// Keeps what is shown now and then: what a program has switched and drawn once is read again only for a while.
fn keep(live: &Arc<Live>, kept: &mut u64) {
    let snapshot = {
        let screen = live.screen();
        let is_due = screen.offset().saturating_sub(*kept) >= snapshot::EVERY_BYTES && screen.is_between_characters();
        is_due.then(|| Snapshot::of(&screen))
    };
    let Some(snapshot) = snapshot else { return };
    *kept = snapshot.offset;
    if let Err(error) = live.keep(&snapshot) {
        // Only a ptyd that starts later would miss it, as above.
        tracing::warn!(session_id = live.id, %error, "what a terminal shows cannot be kept");
    }
}
