//! How the supervisor ends, and which signals say so.

use nix::sys::signal::Signal;

/// How the supervisor ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The agents are ended first.
    WithAgents,
    /// The agents go on working; the next supervisor finds them.
    WithoutAgents,
}

impl Ending {
    /// What a signal means; the one place where that is decided.
    ///
    /// SIGTERM and SIGINT come from `cccc daemon stop`, Ctrl-C, the op `shutdown` and service managers: somebody wants
    /// everything to end. SIGUSR2 comes from `cccc daemon restart`. SIGHUP means that a terminal window was
    /// closed, perhaps by mistake, and that must not cost the agents their work. [`STARTER_IS_GONE`] explains itself.
    pub fn of(signal: Signal) -> Option<Self> {
        match signal {
            Signal::SIGTERM | Signal::SIGINT | STARTER_IS_GONE => Some(Self::WithAgents),
            Signal::SIGUSR2 | Signal::SIGHUP => Some(Self::WithoutAgents),
            _ => None,
        }
    }
}

/// What the system sends a supervisor that does not outlive its starter: once for each thread the starter had, so it
/// is a signal of its own, which never means haste.
pub const STARTER_IS_GONE: Signal = Signal::SIGUSR1;

/// The signals the loop takes; SIGCHLD only wakes it, to look after its children and to report anew.
#[rustfmt::skip]
pub const SIGNALS: &[Signal] = &[
    Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGUSR2, STARTER_IS_GONE,
];
