//! Signals as something to wait for together with everything else.

use nix::sys::signal::Signal;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// Signals that were caught and wait to be taken.
#[derive(Debug)]
pub struct Signals(Vec<(Signal, UnixStream)>);

impl Signals {
    /// Catches these from now on.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn catch(wanted: &[Signal]) -> io::Result<Self> {
        let mut caught = Vec::new();
        for signal in wanted {
            let (ours, theirs) = UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            signal_hook::low_level::pipe::register(*signal as i32, theirs)?;
            caught.push((*signal, ours));
        }
        Ok(Self(caught))
    }

    /// What becomes readable when one comes.
    pub fn ends(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.0.iter().map(|(_, end)| end.as_fd())
    }

    /// Takes those that came, each as often as the system counted it; never waits.
    pub fn take(&mut self) -> Vec<Signal> {
        let mut taken = Vec::new();
        for (signal, end) in &mut self.0 {
            let mut bytes = [0; 16];
            // Nothing to read is the usual case; the other end is never closed.
            let count = end.read(&mut bytes).unwrap_or(0);
            taken.extend(std::iter::repeat_n(*signal, count));
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_taken_once() {
        let mut signals = Signals::catch(&[Signal::SIGUSR2]).unwrap();
        assert_eq!(signals.take(), []);
        nix::sys::signal::raise(Signal::SIGUSR2).unwrap();
        assert_eq!(signals.take(), [Signal::SIGUSR2]);
        assert_eq!(signals.take(), []);
    }
}
