//! What all tasks of ptyd share: the home, the way uphill to ledgerd, and which groups there are.

use crate::assignments::Whole;
use crate::group::{ActorRunners, Group};
use bus::contract::op::delivery::{Desk, DeskGet};
use bus::contract::op::{prompt, secret};
use bus::contract::private::Variables;
use bus::contract::prompt::Prompt;
use bus::contract::{Ask, OpError, Principal, Reply};
use bus::home::Home;
use bus::peer::{Peers, Question};
use ptyd::hold::{self, Found, HoldError};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

/// Desks that are read at the same time.
const READS_MAX: usize = 16;

/// Tails that are read at the same time: each takes some 20 MB for a moment.
const TAILS_MAX: usize = 2;

/// What all tasks share.
#[derive(Debug)]
pub struct Context {
    home: Home,
    uphill: Arc<Peers>,
    holder: PathBuf,
    programs: Option<PathBuf>,
    inputrc: PathBuf,
    umask: u32,
    groups: Mutex<HashMap<String, Arc<Group>>>,
    reads: Semaphore,
    tails: Semaphore,
    suspending: watch::Sender<bool>,
    moved: watch::Sender<()>,
    /// Whether the sessions that run have been found.
    knows_sessions: watch::Sender<bool>,
    troubles: watch::Sender<Troubles>,
}

/// What keeps the context from doing what it should.
#[derive(Debug, Default)]
pub struct Troubles {
    /// With terminals that cannot be found: it is about all groups.
    pub terminals: Option<String>,
    /// Groups whose desk cannot be read, and why.
    pub groups: BTreeMap<String, String>,
}

impl Context {
    /// A context without groups. `holder` is the program that holds terminals; `inputrc` and `umask` are what agents
    /// start with.
    pub fn new(home: Home, uphill: Arc<Peers>, holder: PathBuf, inputrc: PathBuf, umask: u32) -> Arc<Self> {
        Arc::new(Self {
            programs: holder.parent().map(Path::to_path_buf),
            home,
            uphill,
            holder,
            inputrc,
            umask,
            groups: Mutex::default(),
            reads: Semaphore::new(READS_MAX),
            tails: Semaphore::new(TAILS_MAX),
            suspending: watch::Sender::new(false),
            moved: watch::Sender::new(()),
            knows_sessions: watch::Sender::new(true),
            troubles: watch::Sender::default(),
        })
    }

    /// Says that something has happened in a group.
    pub fn tell_moved(&self) {
        self.moved.send_replace(());
    }

    /// Wakes whenever something has happened in any group from now on.
    pub fn moves(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// The home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The program that holds a terminal.
    pub fn holder(&self) -> &Path {
        &self.holder
    }

    /// The folder of our own programs.
    pub fn programs(&self) -> Option<&Path> {
        self.programs.as_deref()
    }

    /// The `cccc` that serves this home, whatever a shell makes of the `PATH`; `None` where it lies elsewhere.
    pub fn command(&self) -> Option<PathBuf> {
        self.programs().map(|folder| folder.join("cccc")).filter(|command| command.is_file())
    }

    /// File mode mask of agents: the user's.
    pub fn umask(&self) -> u32 {
        self.umask
    }

    /// Readline settings of agents.
    pub fn inputrc(&self) -> &Path {
        &self.inputrc
    }

    /// Asks ledgerd in ptyd's own name.
    ///
    /// # Errors
    ///
    /// Its refusal, or `daemon_unavailable`.
    pub async fn know<A: Ask>(&self, args: A) -> Result<A::Answer, OpError> {
        self.uphill.ask_as(Principal::system(), args).await
    }

    /// Asks ledgerd in somebody's name.
    ///
    /// # Errors
    ///
    /// As [`Context::know`].
    pub async fn ask(&self, question: Question) -> Result<Reply, OpError> {
        self.uphill.ask(question).await
    }

    /// Reads the desk of a group, page by page.
    ///
    /// # Errors
    ///
    /// `group_not_found` when the group is gone; anything else says that it cannot be read now.
    pub async fn desk(&self, group_id: &str) -> Result<Whole, OpError> {
        let _place = self.reads.acquire().await.expect("nobody closes it");
        let mut whole = Whole::begin(self.desk_page(group_id, &[]).await?)?;
        while !whole.missing().is_empty() {
            let page = self.desk_page(group_id, whole.missing()).await?;
            whole.add(page)?;
        }
        Ok(whole)
    }

    /// Reads one page of a group's desk, with the places of these actors, as far as they fit; of all when none is named.
    ///
    /// # Errors
    ///
    /// As [`Context::desk`].
    pub async fn desk_page(&self, group_id: &str, actor_ids: &[String]) -> Result<Desk, OpError> {
        let args = DeskGet { group_id: group_id.into(), actor_ids: actor_ids.to_vec() };
        self.know(args).await
    }

    /// The private environment an actor is to start with.
    ///
    /// # Errors
    ///
    /// It is lost, the actor is gone, or ledgerd does not answer.
    pub async fn secrets(&self, group_id: &str, actor_id: &str) -> Result<Variables, OpError> {
        let args = secret::Get { group_id: group_id.into(), actor_id: actor_id.into() };
        Ok(self.know(args).await?.variables)
    }

    /// What a group tells its agents before their first message.
    ///
    /// # Errors
    ///
    /// The group is gone, or ledgerd does not answer.
    pub async fn preamble(&self, group_id: &str) -> Result<Prompt, OpError> {
        let args = prompt::PreambleGet { group_id: group_id.into() };
        Ok(self.know(args).await?.prompt)
    }

    /// The sessions of one actor that are in the run folder, whatever their state.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn sessions(&self, group_id: &str, actor_id: &str) -> Result<Vec<Found>, HoldError> {
        hold::find::find_those(&self.home, |meta| meta.group_id == group_id && meta.actor_id == actor_id)
    }

    /// The group of an id; its task begins with the first question for it.
    pub fn group(self: &Arc<Self>, group_id: &str) -> Arc<Group> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let group = groups.entry(group_id.to_owned()).or_insert_with(|| Group::open(self, group_id));
        Arc::clone(group)
    }

    /// The runners of a group, if ptyd knows it.
    pub fn runners(&self, group_id: &str) -> Option<ActorRunners> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.get(group_id).map(|group| group.runners())
    }

    /// Waits for the right to read a terminal's tail.
    pub async fn tail_place(&self) -> SemaphorePermit<'_> {
        self.tails.acquire().await.expect("nobody closes it")
    }

    /// A group is gone and nothing of it runs.
    pub fn close(&self, group_id: &str) {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).remove(group_id);
    }

    /// Ends every agent and records it as suspended. Returns when all are down.
    pub async fn suspend(&self) {
        self.suspending.send_replace(true);
        let groups: Vec<_> = self.groups.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for group in groups {
            group.suspended().await;
        }
    }

    /// Notes whether the desk of a group can be read, and why not.
    pub fn note_trouble(&self, group_id: &str, trouble: Option<String>) {
        self.troubles.send_if_modified(|Troubles { groups, .. }| match trouble {
            Some(trouble) => groups.insert(group_id.to_owned(), trouble.clone()).as_ref() != Some(&trouble),
            None => groups.remove(group_id).is_some(),
        });
    }

    /// The sessions that run cannot all be found yet, and why: until they are, nothing is started.
    pub fn hold_back(&self, trouble: String) {
        self.knows_sessions.send_replace(false);
        self.troubles.send_modify(|troubles| troubles.terminals = Some(trouble));
    }

    /// The sessions that run have been found, but for those that the trouble names.
    pub fn let_go(&self, trouble: Option<String>) {
        self.knows_sessions.send_replace(true);
        self.troubles.send_modify(|troubles| troubles.terminals = trouble);
    }

    /// Whether the sessions that run are known.
    pub fn knows_sessions(&self) -> bool {
        *self.knows_sessions.borrow()
    }

    /// Waits until the sessions that run are known; at most times they are.
    pub async fn sessions_known(&self) {
        // We hold the sender.
        let _ = self.knows_sessions.subscribe().wait_for(|is_so| *is_so).await;
    }

    /// What keeps us from doing what we should.
    pub fn troubles(&self) -> watch::Receiver<Troubles> {
        self.troubles.subscribe()
    }

    /// Whether every agent is to be ended.
    pub fn suspending(&self) -> watch::Receiver<bool> {
        self.suspending.subscribe()
    }
}
