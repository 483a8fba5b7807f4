//! An agent's terminal on the socket of a page: what ptyd shows is carried on, as fast as the page draws it.
//!
//! A page that draws slowly gets no more than a window ahead. ptyd never waits for it, and shows it the screen as it is when
//! it has caught up. A ptyd that is away is waited for, and the screen is drawn again.

use super::Outbox;
use super::frame::{Carried, Told};
use super::page::tell;
use crate::access::{Asked, Denied};
use crate::route::user;
use crate::visit::Visit;
use axum::extract::ws::Message;
use bus::contract::op::terminal::{Attach, History, Introduction};
use bus::contract::{Code, OpError, Principal};
use bus::front::terminal::frame::{Done, Ended, Frames, Keyboard, Shown, Size};
use bus::front::terminal::introduce;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Bytes that may be on the way to a page.
const WINDOW_BYTES: u64 = 512 * 1024;

/// Bytes that are read at once.
const READ_BYTES: usize = 32 * 1024;

/// Commands of a page that wait.
pub const COMMANDS_MAX: usize = 64;

/// First and longest pause before a terminal is asked for again.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// How long a ptyd that has come back may not know the terminal: it looks for what runs at first.
const ADOPTION_PATIENCE: Duration = Duration::from_secs(10);

/// How long ptyd may leave a page's keys unread.
const KEYS_PATIENCE: Duration = Duration::from_secs(10);

/// Most bytes of earlier output.
const EARLIER_BYTES_MAX: u32 = 256 * 1024;

/// What a page wants to see.
#[derive(Debug)]
pub struct Wanted {
    /// What it calls it.
    pub id: u32,
    /// Which group.
    pub group_id: String,
    /// Whose terminal.
    pub actor_id: String,
    /// How much of what was before.
    pub earlier_bytes: u32,
}

/// What a page does with it.
#[derive(Debug)]
pub enum Command {
    /// Types.
    Keys(String),
    /// Has this much room.
    Size {
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// Takes the keyboard.
    Take,
    /// Leaves it.
    Give,
    /// Has drawn this many bytes in all.
    Drawn(u64),
}

/// Shows a terminal until its program ends or it cannot be shown.
pub async fn show(site: Visit, outbox: Outbox, wanted: Wanted, name: String, commands: mpsc::Receiver<Command>) {
    let id = wanted.id;
    let mut terminal = Terminal {
        site,
        outbox,
        wanted,
        name,
        commands,
        sent: 0,
        drawn: 0,
        room: None,
        has_keyboard: false,
        told: None,
    };
    let closed = match terminal.run().await {
        Ok(Ended { code, signal }) => Told::TermClosed { id, error: None, code, signal },
        Err(error) => Told::TermClosed { id, error: Some(error), code: None, signal: None },
    };
    tell(&terminal.outbox, &closed).await;
}

struct Terminal {
    site: Visit,
    outbox: Outbox,
    wanted: Wanted,
    name: String,
    commands: mpsc::Receiver<Command>,
    /// Bytes that were carried, and that were drawn.
    sent: u64,
    drawn: u64,
    room: Option<Size>,
    has_keyboard: bool,
    /// What the page knows: nothing before the first screen.
    told: Option<(Size, Keyboard)>,
}

/// Why a connection to ptyd came to its end.
enum Broken {
    /// The program has ended.
    Ended(Ended),
    /// ptyd is gone, or our right to look.
    Gone,
}

impl Terminal {
    async fn run(&mut self) -> Result<Ended, OpError> {
        self.site.access().check(Asked::Terminal(&self.wanted.group_id)).map_err(Denied::error)?;
        let (mut pause, mut away_since) = (PAUSE, None::<Instant>);
        loop {
            match self.connect().await {
                Ok(ptyd) => {
                    (pause, away_since) = (PAUSE, None);
                    match self.carry(ptyd).await {
                        Ok(Broken::Ended(ended)) => return Ok(ended),
                        Ok(Broken::Gone) => {}
                        Err(error) => {
                            tracing::debug!(%error, actor_id = self.wanted.actor_id, "a terminal's connection broke")
                        }
                    }
                    away_since = Some(*away_since.get_or_insert_with(Instant::now));
                }
                Err(error) => {
                    // Right after ptyd was lost, not to be running may mean that it was not found again yet.
                    let is_lost = error.code == Code::ActorNotRunning
                        && away_since.is_some_and(|since| since.elapsed() < ADOPTION_PATIENCE);
                    if !error.code.is_retryable() && !is_lost {
                        return Err(error);
                    }
                    if error.code.is_retryable() {
                        away_since = Some(Instant::now());
                    }
                    tell(&self.outbox, &Told::TermAway { id: self.wanted.id, error }).await;
                }
            }
            self.hear_for(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Hears what the page does while there is no terminal. Keys were meant for the screen that was: they are typed into
    /// no other one.
    async fn hear_for(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        while let Ok(command) = tokio::time::timeout_at(end, self.commands.recv()).await {
            match command {
                Some(command) => self.note(command),
                // The page is gone, and so are we in a moment.
                None => return tokio::time::sleep_until(end).await,
            }
        }
    }

    fn note(&mut self, command: Command) {
        match command {
            Command::Keys(_) => {}
            Command::Size { cols, rows } => self.room = Some(Size { cols, rows }),
            Command::Take => self.has_keyboard = true,
            Command::Give => self.has_keyboard = false,
            Command::Drawn(bytes) => self.drawn = bytes.min(self.sent).max(self.drawn),
        }
    }

    async fn connect(&mut self) -> Result<UnixStream, OpError> {
        let attach = Attach { group_id: self.wanted.group_id.clone(), actor_id: self.wanted.actor_id.clone() };
        // The person at the page was let in by us; on ptyd's socket this user is who speaks.
        let person = Principal::claimed("user");
        let introduction =
            Introduction { frames: true, name: self.name.clone(), ..Introduction::new(&attach, &person, true) };
        introduce(&self.site.home, &introduction).await
    }

    async fn carry(&mut self, mut ptyd: UnixStream) -> io::Result<Broken> {
        while let Ok(command) = self.commands.try_recv() {
            self.note(command);
        }
        if let Some(room) = self.room {
            write(&mut ptyd, &Done::Size(room)).await?;
        }
        if self.has_keyboard {
            // It was ours before ptyd was lost.
            write(&mut ptyd, &Done::Take).await?;
        }
        let (mut frames, mut bytes) = (Frames::default(), vec![0; READ_BYTES]);
        loop {
            let has_room = self.sent.saturating_sub(self.drawn) < WINDOW_BYTES;
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(command) => self.command(&mut ptyd, command).await?,
                    // The page is gone, and so are we in a moment.
                    None => return Ok(Broken::Gone),
                },
                read = ptyd.read(&mut bytes), if has_room => {
                    match read? {
                        0 => return Ok(Broken::Gone),
                        count => frames.feed(&bytes[..count]),
                    }
                    while let Some(shown) = frames.shown()? {
                        if let Shown::Ended(ended) = shown {
                            return Ok(Broken::Ended(ended));
                        }
                        self.show(shown).await;
                    }
                }
            }
        }
    }

    async fn command(&mut self, ptyd: &mut UnixStream, command: Command) -> io::Result<()> {
        let done = match command {
            Command::Keys(keys) => Done::Keys(keys.into_bytes()),
            Command::Size { cols, rows } => {
                let room = Size { cols, rows };
                self.room = Some(room);
                Done::Size(room)
            }
            Command::Take => Done::Take,
            Command::Give => Done::Give,
            Command::Drawn(bytes) => {
                self.drawn = bytes.min(self.sent).max(self.drawn);
                return Ok(());
            }
        };
        write(ptyd, &done).await
    }

    async fn show(&mut self, shown: Shown) {
        match shown {
            Shown::Screen { size, offset, drawing } => {
                let keyboard = self.told.as_ref().map(|(_, keyboard)| keyboard.clone());
                let is_first = keyboard.is_none();
                self.tell(size, keyboard.unwrap_or_default()).await;
                if is_first {
                    self.show_earlier(offset).await;
                }
                self.bytes(Carried::Screen, &drawing).await;
            }
            Shown::Output(bytes) => self.bytes(Carried::Output, &bytes).await,
            Shown::Size(size) => {
                if let Some((_, keyboard)) = self.told.clone() {
                    self.tell(size, keyboard).await;
                }
            }
            Shown::Keyboard(keyboard) => {
                self.has_keyboard = keyboard.is_yours;
                if let Some((size, _)) = self.told.clone() {
                    self.tell(size, keyboard).await;
                }
            }
            Shown::Ended(_) => {}
        }
    }

    async fn tell(&mut self, size: Size, keyboard: Keyboard) {
        let told = Some((size, keyboard.clone()));
        if self.told == told {
            return;
        }
        self.told = told;
        let (Size { cols, rows }, Keyboard { is_yours, holder }) = (size, keyboard);
        tell(&self.outbox, &Told::Term { id: self.wanted.id, cols, rows, mine: is_yours, holder }).await;
    }

    async fn bytes(&mut self, kind: Carried, bytes: &[u8]) {
        self.sent += bytes.len() as u64;
        let _ = self.outbox.send(Message::Binary(kind.to_bytes(self.wanted.id, bytes).into())).await;
    }

    /// What was put out before the first screen. It is a comfort, so that it cannot be had is no reason to show nothing.
    async fn show_earlier(&mut self, offset: u64) {
        let limit = self.wanted.earlier_bytes.min(EARLIER_BYTES_MAX);
        if limit == 0 {
            return;
        }
        let history = History {
            group_id: self.wanted.group_id.clone(),
            actor_id: self.wanted.actor_id.clone(),
            before: i64::try_from(offset).ok(),
            render_before: None,
            limit_bytes: Some(limit.into()),
            strip_ansi: Some(false),
            compact: Some(false),
        };
        match self.site.peers.ask_as(user(), history).await {
            Ok(output) => self.bytes(Carried::Earlier, output.text.as_bytes()).await,
            Err(error) => tracing::debug!(%error, "earlier output is not shown"),
        }
    }
}

async fn write(ptyd: &mut UnixStream, done: &Done) -> io::Result<()> {
    let written = timeout(KEYS_PATIENCE, ptyd.write_all(&done.to_bytes())).await;
    written.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "ptyd does not take keys")))
}
