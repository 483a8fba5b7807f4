//! What a row of the table of ops says.

use super::{Op, Reply};
use crate::contract::error::{Code, OpError};

/// Which process serves an op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// ledgerd: it is about state.
    Ledger,
    /// ptyd: it is about a running program. ptyd asks ledgerd itself where state is concerned.
    Pty,
    /// ledgerd, asked by way of ptyd, which adds what only it can see. Where ptyd is not there, ledgerd answers alone.
    Look,
    /// The door: it is about the connection, or about files of the user's that no other process may look at, or what
    /// only streams show.
    Door,
}

/// What an op does to state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Read,
    /// It may write events. The request id makes it safe to send again.
    Write,
    /// It writes no event, but files. What it does is named by its arguments, so that it is safe to send again.
    Store,
}

/// What an op is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// One group, which its argument `group_id` names.
    Group,
    /// The group that its argument `group_id` names, if it names one.
    AnyGroup,
    /// The group that its argument `group_id` names, and another one.
    TwoGroups,
    /// What runs in the group that its argument `group_id` names. In a group that is not there nothing runs.
    Session,
    /// The home, or a group that the op itself finds or makes.
    Home,
}

/// Who may ask. Where it is about an actor, its argument `actor_id` names that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody, also who is no actor of the group.
    Anybody,
    /// The user and the actors of the group. The op may still look at what it is that they want.
    Member,
    /// The user, and the foreman of the group. Where no group is named, the user.
    Foreman,
    /// The user and the foreman, and every actor about itself.
    ForemanOrItself,
    /// The user and the foreman, and every headless actor about itself.
    Headless,
    /// The user and the foreman, and our own daemons, whoever has asked them.
    ForemanOrDaemon,
    /// The user, and the foreman where the group's `allow_agent_bind` lets it.
    UserOrAllowedForeman,
    /// The user.
    User,
    /// Everybody who only looks; the user, who has something changed.
    UserToChange,
    /// The user, and every actor about itself.
    UserOrItself,
    /// Everybody about itself; nobody about anybody else, not even the user.
    Itself,
    /// The user, and whoever has sent the message that it is about.
    Sender,
    /// The user, every actor about itself, and others as far as the group's `terminal_transcript_visibility` lets them.
    Viewer,
    /// Our own daemons, whoever has asked them.
    Daemon,
    /// Our own daemons, for themselves.
    System,
}

/// Where a refusal only turns out after an op was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// At ledgerd's store, when it does what was decided.
    Store,
    /// At ptyd, which knows programs, terminals and directories.
    Pty,
}

/// One row of [`super::TABLE`].
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Name on the wire.
    pub name: &'static str,
    /// Who serves it.
    pub server: Server,
    /// What it does to state.
    pub access: Access,
    /// What it is about.
    pub about: About,
    /// Who is assumed to speak when the client does not say.
    pub speaker: &'static str,
    /// Who may ask.
    pub who: Who,
    /// What those are refused with who may not.
    pub denied: Code,
    /// What only this op, or few like it, may be refused with; [`denied`](Self::denied) is among them unless it is
    /// `permission_denied`, which anything may be refused with.
    pub refusals: &'static [Code],
    /// Those of them that only turn out later, and where.
    pub late: &'static [(Late, Code)],
    /// What it is for.
    pub doc: &'static str,
}

impl Row {
    /// Whether ledgerd decides it in a batch, together with whatever else is asked then, and answers all of that at once.
    /// An op that also touches another ledger takes it more than one sync.
    pub fn is_batched(&self) -> bool {
        self.server == Server::Ledger && self.access == Access::Write && self.about == About::Group
    }
}

/// The arguments of an op: they know its row, and what it is answered with.
pub trait Ask: Into<Op> {
    /// What it is answered with.
    type Answer;

    /// Its row.
    const ROW: &'static Row;

    /// Takes the answer out of a reply.
    ///
    /// # Errors
    ///
    /// `internal_error`: it is the reply to another op, which none of our servers gives.
    fn answer(reply: Reply) -> Result<Self::Answer, OpError>;
}
