//! `cccc demo-agent`: a terminal program with a composer, as agents have one. On a submission it reads its inbox,
//! marks what it finds as read, and says what its script says to it.

use super::composer::{Composer, PASTE_ON, Typed};
use super::script;
use crate::client::Client;
use crate::failure::Failure;
use crate::print::escape;
use bus::contract::op::{inbox, message};
use bus::contract::{Event, Op};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

/// Pause before an answer, so that an onlooker can follow.
const THINKING: Duration = Duration::from_millis(500);

/// Runs until its terminal closes or somebody presses Ctrl-C in it.
///
/// # Errors
///
/// It was not started by ptyd, or its terminal broke.
pub fn run(client: &Client) -> Result<(), Failure> {
    let identity = client.identity();
    let (Some(group_id), Some(actor_id)) = (identity.group_id(), identity.actor_id()) else {
        return Err(Failure::Usage("this is one of the agents of `cccc demo`; run that".into()));
    };
    let mut mind = Mind { client, group_id, actor_id, heard: HashMap::new() };
    converse(&mut mind).map_err(|error| Failure::Failed(format!("the terminal broke: {error}")))
}

fn converse(mind: &mut Mind<'_>) -> io::Result<()> {
    let stdin = io::stdin();
    let mut mode = tcgetattr(&stdin)?;
    cfmakeraw(&mut mode);
    tcsetattr(&stdin, SetArg::TCSANOW, &mode)?;
    let mut screen = io::stdout();
    write!(screen, "I am {}.\r\n> ", mind.actor_id)?;
    screen.write_all(PASTE_ON)?;
    screen.flush()?;
    let mut composer = Composer::default();
    for byte in stdin.lock().bytes() {
        let byte = byte?;
        match composer.take(byte) {
            // The composer shows what is typed, as its kind does.
            Typed::More => {
                screen.write_all(if byte.is_ascii_control() { b" " } else { std::slice::from_ref(&byte) })?
            }
            Typed::Marked => {}
            Typed::Submitted(text) if text.trim().is_empty() => write!(screen, "\r\n> ")?,
            Typed::Submitted(_) => {
                write!(screen, "\r\n")?;
                screen.flush()?;
                match mind.answer() {
                    Ok(said) => said.iter().try_for_each(|line| write!(screen, "{}\r\n", escape::line(line)))?,
                    Err(failure) => write!(screen, "{}\r\n", escape::line(&failure.sentence()))?,
                }
                write!(screen, "> ")?;
            }
            Typed::Left => return Ok(()),
        }
        screen.flush()?;
    }
    Ok(())
}

/// What stands in for a mind.
struct Mind<'a> {
    client: &'a Client,
    group_id: &'a str,
    actor_id: &'a str,
    heard: HashMap<String, usize>,
}

impl Mind<'_> {
    /// Reads what is new, oldest first, and answers it. Returns what was heard and said.
    fn answer(&mut self) -> Result<Vec<String>, Failure> {
        let list = inbox::List {
            group_id: self.group_id.into(),
            actor_id: self.actor_id.into(),
            limit: None,
            kind_filter: "chat".into(),
        };
        let listed = self.client.ask(list, None)?;
        let mut told = Vec::new();
        for event in listed.messages {
            thread::sleep(THINKING);
            let read = inbox::MarkRead {
                group_id: self.group_id.into(),
                actor_id: self.actor_id.into(),
                event_id: event.id.clone(),
                only_shown: false,
            };
            self.client.ask(read, None)?;
            told.push(format!("{} has written.", event.by));
            told.extend(self.say(&event)?);
        }
        Ok(told)
    }

    fn say(&mut self, event: &Event) -> Result<Option<String>, Failure> {
        let nth = self.heard.entry(event.by.clone()).or_default();
        *nth += 1;
        let Some(line) = script::answer(self.actor_id, &event.by, *nth) else { return Ok(None) };
        let (group_id, text) = (self.group_id.to_owned(), line.says.to_owned());
        let op = match line.to {
            "" => Op::Reply(message::Reply { group_id, reply_to: event.id.clone(), text, ..message::Reply::default() }),
            to => Op::Send(message::Send { group_id, text, to: vec![to.into()], ..message::Send::default() }),
        };
        self.client.reply(op, None)?;
        Ok(Some(format!("I said: {}", line.says)))
    }
}
