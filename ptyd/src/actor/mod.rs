//! One task per actor: keeps the session that should be there, and delivers what waits, one thing after the other.
//!
//! A runner keeps nothing that matters in memory. It looks at its orders (what the ledger says) and at its session
//! (what its holder says), does one step, records it, and looks again at orders that know the step.

mod deliver;
mod tend;

use crate::assignments::{Orders, Reads};
use crate::ledgerd::Ledgerd;
use crate::session::Live;
use crate::session::launcher::Launcher;
use crate::session::start::StartError;
use bus::contract::held::Reason;
use bus::contract::op::delivery::{Recorded, SessionRecord};
use bus::contract::{Ask, Code};
use bus::home::Home;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Pause before a record that ledgerd did not take is tried again.
const RECORD_RETRY: Duration = Duration::from_secs(1);

/// Longest pause after records that changed nothing.
const FRUITLESS_PAUSE_MAX: Duration = Duration::from_secs(60);

/// Pause before a screen that has changed is looked at.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// How things are with an actor, for those who wait for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the ledger said up to here is done.
    pub head_seq: u64,
    /// Process id of the agent that runs.
    pub pid: Option<u32>,
    /// Why there is none although there should be.
    pub failure: Option<StartError>,
    /// Nothing runs any more, because everything is being stopped.
    pub suspended: bool,
}

/// When to look again, if nothing happens before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// At once.
    Now,
    /// After this long: something that must happen could not.
    Retry(Duration),
    /// After this long.
    After(Duration),
    /// When the screen has changed, or a person has left the keyboard, or after this long.
    Look(Option<Duration>),
    /// When something happens.
    Event,
}

/// What was known of a session at a moment.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Where the output ended.
    output: u64,
    ended: bool,
}

impl Known {
    fn of(live: Option<&Live>) -> Self {
        live.map_or(Self { output: 0, ended: false }, |live| Self {
            output: *live.changes().borrow(),
            ended: live.ended().is_some(),
        })
    }
}

/// Records in a row that changed nothing. One is no news: its answer was lost, or what it is about has just gone. After
/// several, the next look would find what the last one found.
#[derive(Debug, Default)]
struct Fruitless {
    count: u32,
    until: Option<Instant>,
}

impl Fruitless {
    /// Takes one more in, and says how long to pause then.
    fn add(&mut self) -> Option<Duration> {
        self.count += 1;
        let doublings = self.count.checked_sub(2)?.min(16);
        let pause = RECORD_RETRY.saturating_mul(1 << doublings).min(FRUITLESS_PAUSE_MAX);
        self.until = Some(Instant::now() + pause);
        Some(pause)
    }

    /// What is left of the pause.
    fn left(&self) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(Instant::now());
        Some(left).filter(|left| !left.is_zero())
    }
}

/// What every runner works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dependencies {
    /// Where its steps are recorded.
    pub ledgerd: Arc<Ledgerd>,
    /// What its sessions start with.
    pub launcher: Arc<Launcher>,
    /// Whether every agent is to be ended.
    pub suspending: watch::Receiver<bool>,
}

impl Dependencies {
    /// The home.
    pub fn home(&self) -> &Home {
        self.launcher.home()
    }
}

/// The task of one actor.
#[derive(Debug)]
pub struct ActorRunner {
    dependencies: Dependencies,
    group_id: String,
    actor_id: String,
    /// The reads that its orders are from.
    reads: Arc<Reads>,
    orders: watch::Receiver<Orders>,
    standing: watch::Sender<Standing>,
    live: watch::Sender<Option<Arc<Live>>>,
    /// Orders of an earlier read do not know what we have recorded.
    read_needed: u64,
    /// The run folder was looked at since the last session ended.
    looked: bool,
    /// Why the wish of this generation could not be fulfilled.
    failure: Option<(u64, StartError)>,
    /// A failure that ledgerd could not be told yet.
    unrecorded: Option<SessionRecord>,
    /// Records that changed nothing.
    fruitless: Fruitless,
    /// When the session was told who it is.
    introduced: Option<Instant>,
    /// Why messages are held, and since when that has been seen.
    held: Option<(Reason, Instant)>,
    /// Since when a composer stands empty in which a text should stand.
    unseen: Option<Instant>,
}

impl ActorRunner {
    /// Starts the task of an actor. It ends by itself when the actor is gone and nothing of it runs.
    pub fn open(
        dependencies: Dependencies,
        group_id: &str,
        actor_id: &str,
        reads: &Arc<Reads>,
        orders: watch::Receiver<Orders>,
    ) -> (watch::Receiver<Standing>, watch::Receiver<Option<Arc<Live>>>) {
        let runner = Self {
            dependencies,
            group_id: group_id.to_owned(),
            actor_id: actor_id.to_owned(),
            reads: Arc::clone(reads),
            orders,
            standing: watch::Sender::default(),
            live: watch::Sender::default(),
            read_needed: 0,
            looked: false,
            failure: None,
            unrecorded: None,
            fruitless: Fruitless::default(),
            introduced: None,
            held: None,
            unseen: None,
        };
        let seen = (runner.standing.subscribe(), runner.live.subscribe());
        tokio::spawn(runner.run());
        seen
    }

    async fn run(mut self) {
        let mut suspending = self.dependencies.suspending.clone();
        loop {
            if *suspending.borrow_and_update() {
                self.suspend().await;
                // The process ends now; nothing may be started any more.
                return pending().await;
            }
            if let Some(pause) = self.fruitless.left() {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = suspending.changed() => {}
                }
                continue;
            }
            let orders = self.orders.borrow_and_update().clone();
            if orders.read < self.read_needed {
                self.wait(Next::Event, None, &mut suspending).await;
                continue;
            }
            let seen = Known::of(self.live.borrow().as_deref());
            let next = self.step(&orders).await;
            let is_over = orders.place.is_none() && self.live.borrow().is_none() && next == Next::Event;
            // An actor of the same name may just have been added; nobody else would hear of it.
            if is_over && !self.orders.has_changed().unwrap_or(false) {
                return;
            }
            self.wait(next, Some(seen), &mut suspending).await;
        }
    }

    /// Does what is to be done now: sessions first, then messages.
    async fn step(&mut self, orders: &Orders) -> Next {
        let tended = self.tend(orders).await;
        if matches!(tended, Next::Now | Next::Retry(_)) || orders.read < self.read_needed {
            return tended;
        }
        self.say_standing(orders);
        let mut suspending = self.dependencies.suspending.clone();
        let delivered = tokio::select! {
            delivered = self.deliver(orders) => delivered,
            // A program that does not read must not outlive us for it. What is half-typed is on note, as at a kill.
            _ = suspending.wait_for(|is_so| *is_so) => Next::Now,
        };
        match (tended, delivered) {
            (Next::After(a), Next::After(b) | Next::Retry(b)) => Next::After(a.min(b)),
            (Next::After(a), Next::Look(b)) => Next::Look(Some(b.map_or(a, |b| a.min(b)))),
            (tended, Next::Event) => tended,
            (_, next) => next,
        }
    }

    /// Waits for what comes first. `seen` is what was known of the session before the last step; what has changed
    /// since then counts as coming. Without it only new orders count.
    async fn wait(&mut self, next: Next, seen: Option<Known>, suspending: &mut watch::Receiver<bool>) {
        let (looks, patience) = match next {
            // Whoever else has something to do gets a turn.
            Next::Now => return tokio::task::yield_now().await,
            Next::After(patience) | Next::Retry(patience) => (false, Some(patience)),
            Next::Look(patience) => (true, patience),
            Next::Event => (false, None),
        };
        let live = self.live.borrow().clone().zip(seen);
        let ended = async {
            match &live {
                Some((live, seen)) if !seen.ended => {
                    // The sender lives as long as the session we hold.
                    let _ = live.end().wait_for(Option::is_some).await;
                }
                _ => pending().await,
            }
        };
        let changed = async {
            match &live {
                Some((live, seen)) if looks => {
                    let _ = live.changes().wait_for(|now| *now != seen.output).await;
                    // A program that draws without end is looked at now and then.
                    tokio::time::sleep(LOOK_PAUSE).await;
                }
                _ => pending().await,
            }
        };
        let slept = async {
            match patience {
                Some(patience) => tokio::time::sleep(patience).await,
                None => pending().await,
            }
        };
        tokio::select! {
            changed = self.orders.changed() => if changed.is_err() {
                // The group's task is gone, which happens when the process ends.
                pending::<()>().await;
            },
            () = ended => {}
            () = changed => {}
            () = slept => {}
            _ = suspending.changed() => {}
        }
    }

    fn say_standing(&self, orders: &Orders) {
        let generation = orders.place.as_ref().map(|place| place.generation);
        let failure = self.failure.as_ref().filter(|(of, _)| Some(*of) == generation).map(|(_, error)| error.clone());
        let pid = self.live.borrow().as_ref().map(|live| live.pid());
        self.standing.send_replace(Standing { head_seq: orders.head_seq, pid, failure, suspended: false });
    }

    /// Something was put on record before, or is nobody's any more. Once that is so again, it is not tried without a pause.
    fn changed_nothing(&mut self, what: &str) {
        let (group_id, actor_id) = (&self.group_id, &self.actor_id);
        match self.fruitless.add() {
            None => tracing::debug!(group_id, actor_id, "that {what} was on record"),
            Some(pause) => {
                tracing::warn!(group_id, actor_id, ?pause, "the record that {what} has changed nothing again; pausing");
            }
        }
    }

    /// Records a step. Afterwards only orders that know it count. False when it must be tried again.
    async fn record<A: Ask<Answer = Recorded>>(&mut self, what: &str, args: A) -> bool {
        let recorded = self.dependencies.ledgerd.know(args).await;
        let (group_id, actor_id) = (&self.group_id, &self.actor_id);
        match recorded {
            Ok(recorded) if recorded.event.is_some() => self.fruitless = Fruitless::default(),
            Ok(_) => self.changed_nothing(what),
            // What it is about has just gone; new orders will say so.
            Err(error) if matches!(error.code, Code::GroupNotFound | Code::ActorNotFound | Code::EventNotFound) => {
                let pause = self.fruitless.add();
                tracing::info!(group_id, actor_id, %error, ?pause, "nobody records that {what}");
            }
            // Said again, it is refused again.
            Err(error) if error.code == Code::InvalidRequest => {
                let pause = self.fruitless.add();
                tracing::warn!(group_id, actor_id, %error, ?pause, "the record that {what} is refused");
            }
            // Whatever it is, going on without the record would do the step again, at once or after a restart.
            Err(error) => {
                tracing::warn!(group_id, actor_id, %error, "cannot record that {what}; trying again");
                return false;
            }
        }
        self.read_needed = self.reads.next();
        true
    }
}
