//! Life signs of work that takes long: a replay says that it goes on, and one thread speaks for whoever waits for the
//! disk.
//!
//! A watchdog ends what hangs. A long replay does not hang, and a disk that takes a minute for a sync is made no faster
//! by ending the process that waits for it: the next one would wait as long, and be ended, too.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Says that work goes on, as often as somebody wants to hear it. Cheap to clone.
#[derive(Clone, Default)]
pub struct Life(Option<Arc<Watched>>);

struct Watched {
    say: Box<dyn Fn() + Send + Sync>,
    every: Duration,
    began: Instant,
    /// Milliseconds after `began` of the last word of [`Life::goes_on`].
    said_ms: AtomicU64,
    /// How many wait for the system.
    waiting: AtomicUsize,
    /// Whether anybody has begun to wait since the thread has last looked.
    is_used: AtomicBool,
    /// The thread, while it sleeps until somebody waits: a daemon that does nothing is not woken for it.
    asleep: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Life {
    /// One that nobody watches.
    pub fn unwatched() -> Self {
        Self::default()
    }

    /// Calls `say` about every `every` while work goes on or waits.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn new(every: Duration, say: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        let watched = Arc::new(Watched {
            say: Box::new(say),
            every,
            began: Instant::now(),
            said_ms: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            is_used: AtomicBool::new(false),
            asleep: AtomicBool::new(false),
            thread: OnceLock::new(),
        });
        let seen = Arc::downgrade(&watched);
        let speak = move || {
            while let Some(watched) = seen.upgrade() {
                if watched.waiting.load(Ordering::SeqCst) > 0 {
                    (watched.say)();
                } else if !watched.is_used.swap(false, Ordering::SeqCst) {
                    watched.asleep.store(true, Ordering::SeqCst);
                    // Whoever has begun meanwhile may not have seen that it was to wake anybody.
                    let is_idle =
                        watched.waiting.load(Ordering::SeqCst) == 0 && !watched.is_used.load(Ordering::SeqCst);
                    drop(watched);
                    if is_idle {
                        std::thread::park();
                    }
                }
                std::thread::sleep(every);
            }
        };
        let thread = std::thread::Builder::new().name("life".into()).stack_size(128 * 1024).spawn(speak)?;
        // Nobody waits yet, so nobody has missed it.
        let _ = watched.thread.set(thread.thread().clone());
        Ok(Self(Some(watched)))
    }

    /// Notes a step of long work. Called as often as one likes: it says so now and then only.
    pub fn goes_on(&self) {
        let Some(watched) = &self.0 else { return };
        let now = u64::try_from(watched.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let next = watched.said_ms.load(Ordering::Relaxed).saturating_add(watched.every.as_millis() as u64);
        if now >= next {
            watched.said_ms.store(now, Ordering::Relaxed);
            (watched.say)();
        }
    }

    /// Does what ends by itself but may take as long as the disk likes; meanwhile the life sign is given elsewhere.
    /// `what` completes "the disk took its time to …" in the log.
    pub fn waits<T>(&self, what: &'static str, work: impl FnOnce() -> T) -> T {
        let Some(watched) = &self.0 else { return work() };
        let began = Instant::now();
        watched.begin();
        let done = {
            let _over = Over(&watched.waiting);
            work()
        };
        if began.elapsed() >= watched.every {
            let seconds = began.elapsed().as_secs_f32();
            tracing::warn!(seconds, "the disk took its time to {what}; nobody was answered meanwhile");
        }
        done
    }
}

impl Watched {
    /// Counts one more, and wakes the thread if it sleeps.
    fn begin(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.is_used.store(true, Ordering::SeqCst);
        if self.asleep.load(Ordering::SeqCst) && self.asleep.swap(false, Ordering::SeqCst) {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Drop for Watched {
    /// The thread ends.
    fn drop(&mut self) {
        self.wake();
    }
}

/// Counts one less when it goes, also when the work panics.
struct Over<'a>(&'a AtomicUsize);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Life").field("is_watched", &self.0.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn whoever_waits_for_the_disk_lives_and_whoever_does_nothing_is_silent() {
        let (say, said) = channel();
        let life = Life::new(Duration::from_millis(1), move || say.send(()).unwrap()).unwrap();
        life.waits("sync", || (0..3).for_each(|_| said.recv_timeout(PATIENCE).expect("a life sign")));
        while said.recv_timeout(Duration::from_millis(200)).is_ok() {}
        // Nobody waits any more, so nothing can come but what was on its way.
        assert!(said.try_recv().is_err());
        life.waits("sync", || said.recv_timeout(PATIENCE).expect("a life sign"));
        assert_eq!(Life::unwatched().waits("sync", || 7), 7);
    }

    #[test]
    fn steps_are_told_now_and_then() {
        let (say, said) = channel();
        let life = Life::new(Duration::from_secs(3_600), move || say.send(()).unwrap()).unwrap();
        (0..1_000).for_each(|_| life.goes_on());
        assert_eq!(said.try_iter().count(), 0, "it was heard of a moment ago");
        let (say, said) = channel();
        let life = Life::new(Duration::from_millis(1), move || say.send(()).unwrap()).unwrap();
        let heard = || {
            life.goes_on();
            said.try_recv().is_ok()
        };
        let began = Instant::now();
        while !heard() {
            assert!(began.elapsed() < PATIENCE, "no life sign");
        }
    }
}
