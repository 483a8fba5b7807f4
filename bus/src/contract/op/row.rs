//! What a row of the table of ops says.

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
    /// The home, or a group that the op itself finds or makes.
    Home,
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
    /// Who is assumed to speak when the client does not say.
    pub speaker: &'static str,
    /// What it is about.
    pub about: About,
    /// What it is for.
    pub doc: &'static str,
}

/// Ops about one group that also touch another ledger, which takes ledgerd more than one sync.
const IN_SEVERAL_LEDGERS: [&str; 2] = ["attach", "send_cross_group"];

impl Row {
    /// Whether ledgerd decides it in a batch, together with whatever else is asked then, and answers all of that at once.
    pub fn is_batched(&self) -> bool {
        let is_in_one_ledger = self.about == About::Group && !IN_SEVERAL_LEDGERS.contains(&self.name);
        self.server == Server::Ledger && self.access == Access::Write && is_in_one_ledger
    }
}
