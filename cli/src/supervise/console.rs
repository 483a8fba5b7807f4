//! What the supervisor says, and to whom: always to its log; to a person only what matters.

use super::log::Log;
use bus::contract::time;
use bus::home::Home;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, Write};
use std::os::fd::AsFd;

/// Who reads along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A person in front of a terminal: few lines, no times.
    Person,
    /// A journal or a container's output: everything, with times.
    Journal,
    /// Nobody; there is the log.
    Nobody,
}

/// The supervisor's console.
#[derive(Debug)]
pub struct Console {
    audience: Audience,
    log: Log,
}

impl Console {
    /// A console for this audience.
    pub fn new(home: &Home, audience: Audience) -> Self {
        Self { audience, log: Log::new(&home.logs(), "supervisor") }
    }

    /// Says something that a person should know.
    pub fn news(&mut self, sentence: &str) {
        self.log(sentence);
        match self.audience {
            Audience::Person => say(&mut io::stderr(), &format!("{sentence}\n")),
            Audience::Journal => say(&mut io::stderr(), &stamped(sentence)),
            Audience::Nobody => {}
        }
    }

    /// Notes something that explains what happened, for whoever looks later.
    pub fn note(&mut self, sentence: &str) {
        self.log(sentence);
        match self.audience {
            Audience::Journal => say(&mut io::stderr(), &stamped(sentence)),
            Audience::Person | Audience::Nobody => {}
        }
    }

    /// Shows a text of several lines to a person.
    pub fn show(&mut self, text: &str) {
        match self.audience {
            Audience::Person => say(&mut io::stdout(), text),
            Audience::Journal | Audience::Nobody => {}
        }
    }

    fn log(&mut self, sentence: &str) {
        if let Err(error) = self.log.append(stamped(sentence).as_bytes()) {
            let sentence = format!("cannot write {}: {error}", self.log.path().display());
            match self.audience {
                Audience::Person => say(&mut io::stderr(), &format!("{sentence}\n")),
                Audience::Journal => say(&mut io::stderr(), &stamped(&sentence)),
                Audience::Nobody => {}
            }
        }
    }
}

fn stamped(sentence: &str) -> String {
    format!("{} {sentence}\n", time::format(time::now()))
}

/// Writes if that is possible at once: a terminal stopped with Ctrl-S must not stop the supervisor.
fn say(to: &mut (impl Write + AsFd), text: &str) {
    let mut fds = [PollFd::new(to.as_fd(), PollFlags::POLLOUT)];
    let is_writable = poll(&mut fds, PollTimeout::ZERO).is_ok_and(|count| count > 0);
    if is_writable {
        // Whoever closed it does not want to hear it, and the log has it.
        let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
    }
}
