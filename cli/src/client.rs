//! What every command knows: which home, who speaks, how answers are shown, and how to ask.

use crate::failure::Failure;
use crate::print::{self, Output, Page};
use crate::stack;
use bus::contract::{Ask, Op, Principal, Reply};
use bus::front::SessionIdentity;
use bus::home::Home;
use bus::peer::{Peers, Question};
use serde_json::Value;
use std::cell::OnceCell;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How long a command that only looks waits for an answer.
const LOOK_PATIENCE: Duration = Duration::from_secs(3);

/// What every command knows.
#[derive(Debug)]
pub struct Client {
    home: Home,
    output: Output,
    page: Page,
    identity: SessionIdentity,
    may_start: bool,
    names_home: bool,
    peers: OnceCell<Peers>,
    place: OnceCell<String>,
}

impl Client {
    /// Finds the home that was asked for; makes nothing.
    ///
    /// # Errors
    ///
    /// There is no home to be found.
    pub fn new(asked: Option<&Path>, output: Output, may_start: bool) -> Result<Self, Failure> {
        let home = Home::find(asked).map_err(Failure::failed)?;
        // A token proves an actor in the home that gave it; in another home it is nobody's.
        let is_own = Home::find(None).is_ok_and(|own| own.root() == home.root());
        let identity = if is_own {
            SessionIdentity::from_env(|name| std::env::var(name).ok())
        } else {
            SessionIdentity::default()
        };
        Ok(Self {
            home,
            output,
            page: Page::stdout(),
            identity,
            may_start,
            names_home: asked.is_some(),
            peers: OnceCell::new(),
            place: OnceCell::new(),
        })
    }

    /// Where everything lives.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Whether the home was named in the command.
    pub fn names_home(&self) -> bool {
        self.names_home
    }

    /// How answers are shown.
    pub fn output(&self) -> Output {
        self.output
    }

    /// What text is written on.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The option with which the group was named, with a space before it, for the commands that an answer suggests;
    /// `""` when none was.
    pub fn place(&self) -> &str {
        self.place.get().map_or("", String::as_str)
    }

    /// Notes how the group was named.
    pub fn note_place(&self, named: &str) {
        self.place.get_or_init(|| format!(" -g {}", shell_words::quote(named)));
    }

    /// Who we are, as far as the environment says.
    pub fn identity(&self) -> &SessionIdentity {
        &self.identity
    }

    /// Whether a command that needs the daemons may start them. An agent never starts the house it lives in.
    pub fn may_start(&self) -> bool {
        self.may_start && self.identity.actor_id().is_none()
    }

    /// Makes sure that there is somebody to ask; starts the daemons if they may be started.
    ///
    /// # Errors
    ///
    /// They do not run and may not be started, or do not start.
    pub fn ensure_daemons(&self) -> Result<(), Failure> {
        stack::ensure(&self.home, self.may_start())
    }

    /// Links to the daemons, which are started if they may be.
    ///
    /// # Errors
    ///
    /// They do not run and may not or cannot be started.
    pub fn peers(&self) -> Result<&Peers, Failure> {
        if let Some(peers) = self.peers.get() {
            return Ok(peers);
        }
        self.ensure_daemons()?;
        let peers = Peers::connect(&self.home, "cli").map_err(Failure::failed)?;
        Ok(self.peers.get_or_init(|| peers))
    }

    /// Asks as the one who was named, or as who we are, or as the op's usual speaker. A list is asked for to its end.
    ///
    /// # Errors
    ///
    /// The refusal, or nobody answers.
    pub fn ask<A: Ask>(&self, args: A, by: Option<&str>) -> Result<A::Answer, Failure> {
        Ok(A::answer(self.reply(args, by)?)?)
    }

    /// The same where the answer is shown as it is.
    ///
    /// # Errors
    ///
    /// As [`Client::ask`].
    pub fn reply(&self, op: impl Into<Op>, by: Option<&str>) -> Result<Reply, Failure> {
        let op = op.into();
        let principal = self.identity.speaker(by, op.row().speaker)?;
        self.ask_as(op, principal)
    }

    /// Asks as a certain speaker.
    ///
    /// # Errors
    ///
    /// As [`Client::ask`].
    pub fn ask_as(&self, op: impl Into<Op>, principal: Principal) -> Result<Reply, Failure> {
        let here = std::env::current_dir().ok();
        Ok(self.peers()?.ask_all_blocking(Question::new(principal, op.into()).relative_to(here))?)
    }

    /// Asks for something to look at, without the patience that a change deserves.
    ///
    /// # Errors
    ///
    /// As [`Client::ask`].
    pub fn look<A: Ask>(&self, args: A) -> Result<A::Answer, Failure> {
        let op = args.into();
        let principal = self.identity.speaker(None, op.row().speaker)?;
        Ok(A::answer(self.peers()?.ask_all_blocking(Question::new(principal, op).within(LOOK_PATIENCE))?)?)
    }

    /// Asks, and shows the answer.
    ///
    /// # Errors
    ///
    /// As [`Client::ask`].
    pub fn run(&self, op: impl Into<Op>, by: Option<&str>) -> Result<(), Failure> {
        let reply = self.reply(op, by)?;
        self.show(&reply)
    }

    /// Shows an answer.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn show(&self, reply: &Reply) -> Result<(), Failure> {
        self.present(&reply.to_value(), |page| print::reply::text(page, reply))
    }

    /// Shows a result: as an envelope, or as the text that is made of it.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn present(&self, result: &Value, text: impl FnOnce(&Page) -> String) -> Result<(), Failure> {
        match self.output {
            Output::Text => say(&text(&self.page.about(self.place()))),
            Output::Json => say(&print::json::answer(result)),
        }
    }
}

/// Writes to standard output at once. A reader that has seen enough (`| head`) ends the command without a word.
///
/// # Errors
///
/// The reader is gone, or there is no room.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::Told(ExitCode::SUCCESS)),
        Err(error) => Err(Failure::Failed(format!("cannot write the answer: {error}"))),
    }
}
