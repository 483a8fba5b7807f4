//! Who asks whom, and with which right: one row per link between two of our processes.
//!
//! Whoever opens a socket of the bus is a client. A daemon is more than that once it has [proven](crate::key) which one it
//! is; what it may then is in its row, and nowhere else. Two processes without a row do not ask each other.

use super::{Code, OpError, Principal, Proof, Request};

macro_rules! processes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $word:literal;)*) => {
        /// One of our processes, as far as the bus tells them apart.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Process { $($(#[$doc])* $name),* }

        impl Process {
            /// All of them.
            pub const ALL: &'static [Process] = &[$(Process::$name),*];

            /// Its number on the bus; never used for another one.
            pub fn number(self) -> u8 {
                match self { $(Process::$name => $number),* }
            }

            /// The process of a number.
            pub fn of_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Process::$name),)* _ => None }
            }

            /// Its name in [`Request::peer`], in status and in logs.
            pub fn name(self) -> &'static str {
                match self { $(Process::$name => $word),* }
            }
        }
    };
}

processes! {
    /// A command, a script, an agent: whoever proves nothing.
    Client = 0, "client";
    /// Keeps the state.
    Ledgerd = 1, "ledgerd";
    /// Runs the agents' terminals.
    Ptyd = 2, "ptyd";
    /// Serves scripts and clients.
    Door = 3, "door";
    /// Serves agents' tools.
    Mcpd = 4, "mcpd";
    /// Serves browsers.
    Webd = 5, "webd";
    /// Serves chat platforms.
    Bridged = 6, "bridged";
    /// Knows when something is due.
    Cronctl = 7, "cronctl";
}

impl Process {
    /// The daemon of a name; `None` for any other name.
    pub fn daemon(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|process| process.is_daemon() && process.name() == name)
    }

    /// Whether it is one of our daemons, which have keys.
    pub fn is_daemon(self) -> bool {
        self != Self::Client
    }
}

/// In whose name a process may ask. Each right includes the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// In any name, as a [claim](Proof::Claim), or in an actor's, with its [token](Proof::Token).
    Client,
    /// For itself, as `system`, which is then [believed](Proof::Daemon).
    Itself,
    /// For people whom it has checked, in their name, which is then [believed](Proof::Daemon).
    Others,
}

/// That one process asks another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Who asks.
    pub asks: Process,
    /// Whom.
    pub asked: Process,
    /// In whose name.
    pub right: Right,
    /// Ops that nobody else may ask it for.
    pub alone: &'static [&'static str],
}

/// Every link.
#[rustfmt::skip]
pub const LINKS: &[Link] = &[
    //     who asks            whom               in whose name    what nobody else may ask for
    link(Process::Client,  Process::Ledgerd,  Right::Client,   &[]),
    link(Process::Client,  Process::Ptyd,     Right::Client,   &[]),
    // It hands on what it has checked: whoever is believed there is believed here.
    link(Process::Ptyd,    Process::Ledgerd,  Right::Others,   &["desk_get", "secrets_get", "session_record",
                                                                 "delivery_record"]),
    // Its clients say who they are, or have an actor's token; a stream goes on in the name in which it was let begin.
    link(Process::Door,    Process::Ledgerd,  Right::Others,   &[]),
    link(Process::Door,    Process::Ptyd,     Right::Itself,   &[]),
    link(Process::Mcpd,    Process::Ledgerd,  Right::Itself,   &[]),
    link(Process::Mcpd,    Process::Ptyd,     Right::Itself,   &[]),
    // A session that somebody has logged in to, and a chat that was let in.
    link(Process::Webd,    Process::Ledgerd,  Right::Others,   &["web_access_get", "web_push_get", "web_push_set",
                                                                 "web_push_key_set"]),
    link(Process::Webd,    Process::Ptyd,     Right::Others,   &[]),
    link(Process::Bridged, Process::Ledgerd,  Right::Others,   &["im_secrets_get", "im_pending_add"]),
    link(Process::Cronctl, Process::Ledgerd,  Right::Itself,   &["rule_record"]),
    link(Process::Cronctl, Process::Ptyd,     Right::Itself,   &[]),
];

const fn link(asks: Process, asked: Process, right: Right, alone: &'static [&'static str]) -> Link {
    Link { asks, asked, right, alone }
}

/// Checks that a request may come from a process which has been proven, or from a client, who proves nothing.
///
/// # Errors
///
/// `permission_denied`: the two have no link, the request says to be another's, in a name that its sender may not ask in,
/// or it is for what another one may ask alone.
pub fn check(asks: Process, asked: Process, request: &Request) -> Result<(), OpError> {
    let Some(link) = LINKS.iter().find(|link| (link.asks, link.asked) == (asks, asked)) else {
        return Err(denied(format!("{} does not ask {}", asks.name(), asked.name()), asks));
    };
    let (peer, op) = (&request.peer, request.op.row().name);
    // A client is called as it likes, but not as somebody who would have proven it.
    let is_so = if asks.is_daemon() { peer == asks.name() } else { Process::daemon(peer).is_none() };
    if !is_so {
        return Err(denied(format!("the request says to come from {peer:?}, and nothing proves it"), asks));
    }
    if let Some(right) = right_for(&request.principal)
        && link.right < right
    {
        let by = &request.principal.by;
        return Err(denied(format!("{} cannot say for {by:?} that it was checked who it is", asks.name()), asks));
    }
    let owner = LINKS.iter().find(|link| link.asked == asked && link.alone.contains(&op));
    match owner.filter(|owner| owner.asks != asks) {
        Some(owner) => Err(denied(format!("{op} is asked by {} only, which proves to be it", owner.asks.name()), asks)),
        None => Ok(()),
    }
}

/// What it takes to be believed as this.
fn right_for(principal: &Principal) -> Option<Right> {
    match principal.proof {
        Proof::Claim | Proof::Token(_) => None,
        Proof::Daemon if principal.by == Principal::system().by => Some(Right::Itself),
        Proof::Daemon => Some(Right::Others),
    }
}

fn denied(why: String, asks: Process) -> OpError {
    OpError::denied(Code::PermissionDenied, format!("permission denied: {why}")).with("asked_by", asks.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Op;
    use crate::contract::op::TABLE;
    use serde_json::{Map, json};

    fn request(peer: &str, by: &str, proof: Proof, op: &str) -> Request {
        let mut args = Map::new();
        args.insert("stage".into(), json!("handed"));
        args.insert("phase".into(), json!("started"));
        let (op, _) = Op::from_wire(op, args).expect("an op");
        Request { id: "r".into(), peer: peer.into(), principal: Principal { by: by.into(), proof }, deadline_ms: 1, op }
    }

    /// Every row, the other way round, and everybody who has none.
    #[test]
    fn each_asks_whom_and_as_whom_its_row_says() {
        for (asks, asked) in Process::ALL.iter().flat_map(|asks| Process::ALL.iter().map(move |asked| (*asks, *asked)))
        {
            let row = LINKS.iter().find(|link| (link.asks, link.asked) == (asks, asked));
            let peer = if asks.is_daemon() { asks.name() } else { "cli" };
            #[rustfmt::skip]
            let cases = [
                // by      what stands behind it          right that it takes
                ("user",   Proof::Claim,                  Right::Client),
                ("system", Proof::Claim,                  Right::Client),
                ("user",   Proof::Token("t".into()),      Right::Client),
                ("system", Proof::Daemon,                 Right::Itself),
                ("user",   Proof::Daemon,                 Right::Others),
                (" system", Proof::Daemon,                Right::Others),
            ];
            for (by, proof, takes) in cases {
                let may = row.is_some_and(|row| row.right >= takes);
                let told = check(asks, asked, &request(peer, by, proof.clone(), "whoami"));
                assert_eq!(told.is_ok(), may, "{asks:?} asks {asked:?} as {by:?} by {proof:?}: {told:?}");
                assert!(told.is_ok() || told.unwrap_err().is_denied());
            }
        }
    }

    #[test]
    fn what_one_may_ask_alone_nobody_else_may() {
        for owner in LINKS {
            for (op, link) in owner.alone.iter().flat_map(|op| LINKS.iter().map(move |link| (op, link))) {
                let asked = LINKS.iter().filter(|each| each.asked == owner.asked && each.asks == link.asks);
                let peer = if link.asks.is_daemon() { link.asks.name() } else { "cli" };
                for link in asked {
                    let told = check(link.asks, link.asked, &request(peer, "system", Proof::Claim, op));
                    assert_eq!(told.is_ok(), link.asks == owner.asks, "{op}, asked by {}: {told:?}", link.asks.name());
                }
            }
        }
    }

    #[test]
    fn nobody_is_called_what_it_has_not_proven() {
        #[rustfmt::skip]
        let cases = [
            // proven to be        calls itself  may
            (Process::Client,      "cli",        true),
            (Process::Client,      "",           true),
            (Process::Client,      "client",     true),
            (Process::Client,      "ptyd",       false),
            (Process::Client,      "webd",       false),
            (Process::Door,        "door",       true),
            (Process::Door,        "ptyd",       false),
            (Process::Door,        "cli",        false),
        ];
        for (asks, peer, may) in cases {
            let told = check(asks, Process::Ledgerd, &request(peer, "user", Proof::Claim, "whoami"));
            assert_eq!(told.is_ok(), may, "{asks:?} as {peer:?}: {told:?}");
        }
    }

    #[test]
    fn every_link_is_said_once_and_names_ops_that_there_are() {
        for (at, link) in LINKS.iter().enumerate() {
            assert!(LINKS[..at].iter().all(|other| (other.asks, other.asked) != (link.asks, link.asked)), "{link:?}");
            for op in link.alone {
                assert!(TABLE.iter().any(|row| row.name == *op), "{op} is no op");
                let owners = LINKS.iter().filter(|other| other.asked == link.asked && other.alone.contains(op));
                assert_eq!(owners.count(), 1, "{op} is two daemons' own");
            }
        }
        for process in Process::ALL {
            assert_eq!(Process::of_number(process.number()), Some(*process), "it is on the bus like this for ever");
            assert_eq!(Process::daemon(process.name()), Some(*process).filter(|process| process.is_daemon()));
        }
    }
}
