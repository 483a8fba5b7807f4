//! One page: what it follows, which terminals it has open, what it looks at.

use super::frame::{Said, Told, VERSION};
use super::presence::Looking;
use super::terminal::{self, Command};
use super::{Outbox, answer, follow};
use crate::access::{Asked, Denied};
use crate::visit::Visit;
use axum::extract::ws::Message;
use bus::contract::{Code, OpError, nesting, version};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};

/// How often a page is told that we are there.
const ALIVE: Duration = Duration::from_secs(15);

/// Ops of one page that are asked at the same time; more wait.
const ASKED_MAX: usize = 16;

/// Ops of one page that wait for that.
const WAITING_MAX: usize = 256;

/// Length of what a page may say that it looks at.
const GROUP_ID_BYTES_MAX: usize = 64;

/// Ledgers that one page may follow.
const FOLLOWED_MAX: usize = 256;

/// Terminals that one page may have open.
const TERMINALS_MAX: usize = 32;

/// A page that is connected. When it is dropped everything that it had ends.
#[derive(Debug)]
pub struct Page {
    site: Visit,
    outbox: Outbox,
    followed: HashMap<String, AbortHandle>,
    terminals: HashMap<u32, (mpsc::Sender<Command>, AbortHandle)>,
    asking: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    looking: Looking,
    /// All of it.
    tasks: JoinSet<()>,
}

impl Page {
    /// Greets a page that has connected.
    pub async fn begin(site: &Visit, outbox: Outbox) -> Self {
        let hello = Told::Hello { v: VERSION, version: version::PRODUCT.into(), read_only: site.access().is_viewer() };
        tell(&outbox, &hello).await;
        let mut tasks = JoinSet::new();
        let (looking, mut others) = site.presence.come();
        let (beat, told) = (outbox.clone(), outbox.clone());
        tasks.spawn(async move {
            loop {
                tokio::time::sleep(ALIVE).await;
                tell(&beat, &Told::Alive {}).await;
            }
        });
        tasks.spawn(async move {
            while let Some((group_id, others)) = others.next().await {
                tell(&told, &Told::Presence { group_id, others }).await;
            }
        });
        Self {
            site: site.clone(),
            outbox,
            followed: HashMap::new(),
            terminals: HashMap::new(),
            asking: Arc::new(Semaphore::new(ASKED_MAX)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            looking,
            tasks,
        }
    }

    /// The page says something.
    pub async fn hears(&mut self, text: &str) {
        // What has ended by itself needs no place.
        while self.tasks.try_join_next().is_some() {}
        let unreadable =
            |error| OpError::new(Code::InvalidRequest, format!("this is no frame of the protocol: {error}"));
        // The arguments of an op lie one level below their frame.
        let said = nesting::check(text, 1).and_then(|()| serde_json::from_str(text).map_err(unreadable));
        let refused = match said {
            Ok(said) => self.does(said).await.err(),
            Err(error) => Some(error),
        };
        if let Some(error) = refused {
            tell(&self.outbox, &Told::Refused { error }).await;
        }
    }

    async fn does(&mut self, said: Said) -> Result<(), OpError> {
        match said {
            Said::Look { v, name, group_id } => {
                if v != VERSION {
                    let sentence = format!("the page speaks protocol {v}, and we speak {VERSION}; load it again");
                    return Err(OpError::new(Code::InvalidRequest, sentence));
                }
                if let Some(group_id) = &group_id {
                    self.site.access().check(Asked::Ledger(group_id)).map_err(Denied::error)?;
                    if group_id.len() > GROUP_ID_BYTES_MAX {
                        return Err(OpError::new(Code::InvalidRequest, "this is no id of a group"));
                    }
                }
                self.looking.at(&name, group_id);
            }
            Said::Follow { group_id, after_seq } => self.follow(group_id, after_seq)?,
            Said::Unfollow { group_id } => {
                if let Some(task) = self.followed.remove(&group_id) {
                    task.abort();
                }
            }
            Said::Ask { id, op, args } => {
                // Whoever asks for more than its share waits for it, and what else it says does not.
                let Ok(waits) = Arc::clone(&self.waiting).try_acquire_owned() else {
                    let sentence = format!("{WAITING_MAX} ops of this page wait already, the limit WAITING_MAX");
                    let error = Some(OpError::new(Code::DaemonUnavailable, sentence));
                    tell(&self.outbox, &Told::Answer { id, result: None, error }).await;
                    return Ok(());
                };
                let (site, outbox, asking) = (self.site.clone(), self.outbox.clone(), Arc::clone(&self.asking));
                self.tasks.spawn(async move {
                    let place = asking.acquire_owned().await;
                    drop(waits);
                    let answered = answer::ask(&site, &op, args).await;
                    let (result, error) =
                        answered.map_or_else(|error| (None, Some(error)), |result| (Some(result), None));
                    tell(&outbox, &Told::Answer { id, result, error }).await;
                    drop(place);
                });
            }
            Said::TermOpen { id, group_id, actor_id, earlier_bytes } => {
                self.open_terminal(terminal::Wanted { id, group_id, actor_id, earlier_bytes })?;
            }
            Said::TermKeys { id, data } => self.command(id, Command::Keys(data)).await,
            Said::TermSize { id, cols, rows } => self.command(id, Command::Size { cols, rows }).await,
            Said::TermTake { id } => self.command(id, Command::Take).await,
            Said::TermGive { id } => self.command(id, Command::Give).await,
            Said::TermAck { id, bytes } => self.command(id, Command::Drawn(bytes)).await,
            Said::TermClose { id } => self.close_terminal(id),
        }
        Ok(())
    }

    fn follow(&mut self, group_id: String, after_seq: Option<u64>) -> Result<(), OpError> {
        if let Some(task) = self.followed.remove(&group_id) {
            task.abort();
        }
        self.followed.retain(|_, task| !task.is_finished());
        if self.followed.len() >= FOLLOWED_MAX {
            let sentence = format!("{FOLLOWED_MAX} groups are followed already, the limit FOLLOWED_MAX of one page");
            return Err(OpError::new(Code::InvalidRequest, sentence));
        }
        let following = follow::follow(self.site.clone(), self.outbox.clone(), group_id.clone(), after_seq);
        self.followed.insert(group_id, self.tasks.spawn(following));
        Ok(())
    }

    fn open_terminal(&mut self, wanted: terminal::Wanted) -> Result<(), OpError> {
        self.close_terminal(wanted.id);
        self.terminals.retain(|_, (_, task)| !task.is_finished());
        if self.terminals.len() >= TERMINALS_MAX {
            let sentence = format!("{TERMINALS_MAX} terminals are open already, the limit TERMINALS_MAX of one page");
            return Err(OpError::new(Code::InvalidRequest, sentence));
        }
        let (commands, told) = mpsc::channel(terminal::COMMANDS_MAX);
        let id = wanted.id;
        let name = self.looking.name();
        let task = self.tasks.spawn(terminal::show(self.site.clone(), self.outbox.clone(), wanted, name, told));
        self.terminals.insert(id, (commands, task));
        Ok(())
    }

    fn close_terminal(&mut self, id: u32) {
        if let Some((_, task)) = self.terminals.remove(&id) {
            task.abort();
        }
    }

    /// What is meant for a terminal that is closed is meant for nobody.
    async fn command(&mut self, id: u32, command: Command) {
        if let Some((commands, _)) = self.terminals.get(&id) {
            // An error says that it has ended by itself, and that was told.
            let _ = commands.send(command).await;
        }
    }
}

/// Sends a frame; one that finds no connection any more is for nobody.
pub async fn tell(outbox: &Outbox, told: &Told) {
    let _ = outbox.send(Message::Text(told.to_text().into())).await;
}
