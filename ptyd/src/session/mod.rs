//! One live session as ptyd sees it: the connection to its holder, its screen, its keyboard, its notes.
//!
//! Everything a program writes goes through [`Live`] once: into the screen model, to the viewers, and into what the
//! gate looks at. Everything that is typed goes through it, too, one writer at a time.

pub mod delivery_journal;
pub mod ended;
pub mod environment;
pub mod foreground;
pub mod inputrc;
pub mod keyboard;
pub mod launcher;
pub mod seat;
pub mod start;
pub mod tools;
pub mod turn;
pub mod typing;

mod line;
mod listen;
mod older_notes;
mod report;
mod size;
mod snapshot;
mod stash;

use crate::screen::Screen;
use crate::screen::composer::Spot;
use bus::contract::runtime::{self, Composer};
use bus::contract::{Code, OpError};
use delivery_journal::{DeliveryJournal, Notes, Paste};
use keyboard::KeyboardOwner;
use ptyd::hold::{self, Exit, Folder, HoldError, Meta};
use seat::Viewer;
use snapshot::Snapshot;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, watch};
use typing::Typing;

/// Pieces of output a viewer may lag behind before it is taken to the current screen.
const VIEWER_LAG_PIECES: usize = 64;

/// Output that is read again when a session is taken over. Enough for any screen, and read in milliseconds.
const REPLAY_BYTES_MAX: u64 = 512 * 1024;

/// How long a program may take to go after it was told to; then it is killed.
pub const GRACE: Duration = Duration::from_secs(5);

/// How long the system may take to end what was killed.
pub const KILLED_WITHIN: Duration = Duration::from_secs(5);

/// How a session came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The holder says how.
    Exited(Exit),
    /// The connection to the holder is gone: its folder says what became of it.
    Gone,
}

impl End {
    /// How it ended, where the holder has said so.
    pub fn exit(self) -> Option<Exit> {
        match self {
            Self::Exited(exit) => Some(exit),
            Self::Gone => None,
        }
    }
}

/// Output as the viewers get it.
pub type Piece = Arc<[u8]>;

/// How a viewer begins.
#[derive(Debug)]
pub struct Joined {
    /// The bytes that draw the current screen.
    pub drawing: Vec<u8>,
    /// Its columns and rows.
    pub size: (u16, u16),
    /// Where the output ends that it shows.
    pub offset: u64,
    /// Everything after it.
    pub pieces: broadcast::Receiver<Piece>,
}

/// A session whose holder is connected.
#[derive(Debug)]
pub struct Live {
    id: String,
    generation: u64,
    pid: u32,
    started: Instant,
    hold: hold::Session,
    screen: Mutex<Screen>,
    notes: Mutex<Notes>,
    pieces: broadcast::Sender<Piece>,
    end: watch::Sender<Option<End>>,
    person: Mutex<KeyboardOwner>,
    seat: watch::Sender<Option<Viewer>>,
    sizes: watch::Sender<(u16, u16)>,
    keyboard: tokio::sync::Mutex<()>,
    /// An answer to the program waits for its turn at the keyboard.
    answering: AtomicBool,
    /// What the terminal did not take of the last answer that it took a part of.
    answer_rest: Mutex<Vec<u8>>,
    viewers: AtomicUsize,
    /// When the last viewer that may type left, or when we took the session over, in milliseconds since 1970.
    left_ms: AtomicI64,
    /// One at a time decides about the size.
    sizing: tokio::sync::Mutex<()>,
    /// Where the output ends: changes whenever the screen may have.
    changes: watch::Sender<u64>,
    /// Since when a draft is seen that nobody has noted.
    draft_seen: Mutex<Option<Instant>>,
    composer: Mutex<Composer>,
    /// What is to be said of our tools, once somebody has looked; `""` if nothing.
    tools: OnceLock<&'static str>,
}

impl Live {
    /// Takes over a session that its holder keeps: reads its output from where the notes end, and listens.
    ///
    /// # Errors
    ///
    /// The holder does not answer.
    pub async fn adopt(hold: hold::Session, meta: &Meta, notes: Notes) -> Result<Arc<Self>, HoldError> {
        let status = hold.status().await?;
        let (paste, person) = (notes.journal().paste, KeyboardOwner::noted(notes.journal().person_until_us));
        // Of much output, the end alone makes the screen, on top of what was drawn at some place before. A change of mode that
        // is read again need not be remembered.
        let from = status.end.saturating_sub(REPLAY_BYTES_MAX);
        let screen = match Snapshot::read(&notes.snapshot()).filter(|snapshot| snapshot.offset <= status.end) {
            Some(snapshot) => snapshot.screen(status.cols, status.rows, from, paste),
            None => Screen::new(status.cols, status.rows, from, paste.on && paste.offset <= from),
        };
        let from = screen.offset();
        let age = Duration::from_micros(u64::try_from(bus::contract::time::now() - meta.started_us).unwrap_or(0));
        let now = Instant::now();
        let live = Arc::new(Self {
            id: meta.session_id.clone(),
            generation: meta.generation,
            pid: meta.agent.pid,
            started: now.checked_sub(age).unwrap_or(now),
            hold,
            screen: Mutex::new(screen),
            notes: Mutex::new(notes),
            pieces: broadcast::Sender::new(VIEWER_LAG_PIECES),
            end: watch::Sender::default(),
            person: Mutex::new(person),
            seat: watch::Sender::default(),
            sizes: watch::Sender::new((status.cols, status.rows)),
            keyboard: tokio::sync::Mutex::default(),
            answering: AtomicBool::new(false),
            answer_rest: Mutex::default(),
            viewers: AtomicUsize::new(0),
            left_ms: AtomicI64::new(now_ms()),
            sizing: tokio::sync::Mutex::default(),
            changes: watch::Sender::new(from),
            draft_seen: Mutex::default(),
            composer: Mutex::new(runtime::UNSEEN),
            tools: OnceLock::new(),
        });
        if let Some(typing) = live.typing() {
            live.screen().watch_for(&typing.hallmark());
        }
        tokio::spawn(listen::listen(Arc::clone(&live), status.end));
        if live.journal().size_before.is_some() {
            tokio::spawn(size::restore_later(Arc::clone(&live)));
        }
        Ok(live)
    }

    /// Which session.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Which wish it answers.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The agent's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Notes what is to be said of our tools, or `""`. What was noted first stays.
    pub fn note_tools(&self, word: &'static str) {
        self.tools.get_or_init(|| word);
    }

    /// What is to be said of our tools.
    pub fn tools(&self) -> Option<&'static str> {
        self.tools.get().copied().filter(|word| !word.is_empty())
    }

    /// How long it has lived.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Where its files are.
    pub fn folder(&self) -> &Folder {
        self.hold.folder()
    }

    /// The connection to the holder.
    pub fn hold(&self) -> &hold::Session {
        &self.hold
    }

    /// Its screen. Held for moments only.
    pub fn screen(&self) -> MutexGuard<'_, Screen> {
        // A panic in between ends the process in release builds; the screen is never half changed otherwise.
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has whoever looks back see only what is written from now on, also after ptyd is started anew.
    ///
    /// # Errors
    ///
    /// The notes cannot be written; nothing has changed.
    pub fn clear(&self) -> io::Result<()> {
        let offset = self.screen().offset();
        self.note(|journal| journal.cleared = journal.cleared.max(offset))
    }

    /// Where output begins that may be looked back at.
    pub fn cleared(&self) -> u64 {
        self.lock_notes().journal().cleared
    }

    /// What is remembered about it.
    pub fn journal(&self) -> DeliveryJournal {
        self.lock_notes().journal().clone()
    }

    /// The text that is being typed, if any.
    pub fn typing(&self) -> Option<Typing> {
        self.lock_notes().journal().typing.clone()
    }

    /// Changes what is remembered; on disk when it returns.
    ///
    /// # Errors
    ///
    /// The file cannot be written; nothing has changed.
    pub fn note(&self, change: impl FnOnce(&mut DeliveryJournal)) -> io::Result<()> {
        self.lock_notes().change(change)
    }

    /// Tells when the program has written something: where its output ends now.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// How long bracketed paste has been on, by the program that reads the terminal now. What an earlier one has left
    /// switched on says nothing about this one.
    pub fn paste_on(&self) -> Option<Duration> {
        let since = self.screen().paste_on()?;
        let switched_by = self.journal().paste.group;
        let is_other = switched_by > 0 && foreground::group(self.pid).is_some_and(|now| now != switched_by);
        (!is_other).then_some(since)
    }

    /// Notes a change of bracketed paste, or that another program has switched it.
    fn note_paste(&self, paste: Paste) -> io::Result<()> {
        let known = self.journal().paste;
        if (known.on, known.group) == (paste.on, paste.group) {
            return Ok(());
        }
        self.note(|journal| journal.paste = paste)
    }

    /// Keeps what is shown, for a ptyd that takes over later.
    fn keep(&self, snapshot: &Snapshot) -> io::Result<()> {
        snapshot.write(&self.lock_notes().snapshot())
    }

    /// What is known of its program's composer.
    pub fn composer(&self) -> Composer {
        *self.composer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what is known of its program's composer.
    pub fn know(&self, composer: Composer) {
        *self.composer.lock().unwrap_or_else(PoisonError::into_inner) = composer;
    }

    /// What stands at the cursor.
    pub fn spot(&self) -> Spot {
        self.screen().view().spot(&self.composer())
    }

    /// Tells when it has ended, and how.
    pub fn end(&self) -> watch::Receiver<Option<End>> {
        self.end.subscribe()
    }

    /// How it ended, if it has.
    pub fn ended(&self) -> Option<End> {
        self.end.borrow().clone()
    }

    /// Joins the viewers.
    pub fn join(&self) -> Joined {
        let screen = self.screen();
        // All under the lock of the screen, so that no byte is missing or there twice.
        let (drawing, size, offset) = (screen.drawing(), screen.size(), screen.offset());
        Joined { drawing, size, offset, pieces: self.pieces.subscribe() }
    }

    /// Tells when the terminal has another size: columns and rows.
    pub fn sizes(&self) -> watch::Receiver<(u16, u16)> {
        self.sizes.subscribe()
    }

    /// Counts a viewer that may type, as long as the guard lives. While there is one, its terminal answers the program's
    /// questions.
    pub fn count_viewer(self: &Arc<Self>) -> Viewing {
        self.viewers.fetch_add(1, Ordering::Relaxed);
        Viewing(Arc::clone(self))
    }

    fn has_viewers(&self) -> bool {
        self.viewers.load(Ordering::Acquire) > 0
    }

    /// Ends the program, gracefully at first, and says how it ended.
    pub async fn stop(&self) -> End {
        if let Err(error) = self.hold.kill(GRACE).await {
            tracing::warn!(session_id = self.id, %error, "the holder cannot be told to end its program");
        }
        let mut end = self.end();
        let ended = tokio::time::timeout(GRACE + KILLED_WITHIN, end.wait_for(Option::is_some)).await;
        match ended {
            Ok(Ok(end)) => end.clone().unwrap_or(End::Gone),
            // It hangs in the kernel, or the holder does: the folder will tell, sooner or later.
            Ok(Err(_)) | Err(_) => End::Gone,
        }
    }

    /// Takes the session's files away once its end is on record.
    pub async fn forget(&self) {
        if let Err(error) = self.hold.forget().await {
            tracing::debug!(session_id = self.id, %error, "the holder cannot be told to go");
        }
    }

    fn lock_notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One viewer is counted.
#[derive(Debug)]
pub struct Viewing(Arc<Live>);

impl Drop for Viewing {
    fn drop(&mut self) {
        // Before it is no longer counted: whoever finds nobody looking on finds out when that began.
        self.0.left_ms.store(now_ms(), Ordering::Release);
        self.0.viewers.fetch_sub(1, Ordering::Release);
    }
}

/// The refusal for an actor without a live session.
pub fn not_running(actor_id: &str) -> OpError {
    OpError::new(
        Code::ActorNotRunning,
        format!("actor not running: {actor_id}; start it with `cccc actor start {actor_id}`"),
    )
}

fn now_ms() -> i64 {
    bus::contract::time::now() / 1_000
}
