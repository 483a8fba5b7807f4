//! Why a message waits: one row per reason. Pure words; when a reason holds is decided in ptyd's gate.

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $words:literal;)*) => {
        /// Why a message is not typed now. The words are what the ledger keeps and what people read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason { $($(#[doc = $doc])+ $variant),* }

        impl Reason {
            /// Every reason, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The words in the ledger and on every screen.
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words),* }
            }
        }
    };
}

reasons! {
    /// The actor should not run, or does not run yet.
    NoSession = "no live session";
    /// The actor's `deliver` setting: it reads its inbox by itself.
    Inbox     = "reads its inbox by itself";
    /// The group is paused.
    Paused    = "group is paused";
    /// The program has just been started.
    Starting  = "starting";
    /// The program has not switched bracketed paste on, or has switched it off.
    NotReady  = "not ready for text";
    /// Its program is writing, and shows no composer meanwhile.
    Busy      = "its program is at work";
    /// A person has just typed; their line would be mixed with it.
    Person    = "a person is typing";
    /// Text that is not ours to send stands in the composer: a person's draft, or what was left of one of ours.
    Draft     = "a draft stands in its composer";
    /// The same for so long that somebody should know.
    OldDraft  = "a draft has stood in its composer for a minute";
    /// What would run a text as commands is in the foreground of the terminal.
    Shell     = "a shell is in the foreground";
    /// A dialog, a menu, a question, or something that nobody knows: a text does not appear at the cursor, or would answer
    /// what is asked there.
    Elsewhere = "shows something else than its composer";
    /// `min_interval_seconds` has not passed.
    Interval  = "waits for the minimum interval";
    /// The program has left unread what was typed before, for longer than a moment: it hangs, or it is a shell that is
    /// busy with a long command. Only said when a message waits for it.
    Stuck     = "has not read what was typed before";
    /// The notes about the session, without which nothing is typed, cannot be written.
    NoNotes   = "run folder cannot be written";
}

/// Words of earlier versions, as ledgers still hold them.
const EARLIER: [(&str, Reason); 1] = [("terminal takes no input", Reason::Stuck)];

impl Reason {
    /// Whether it lasts until a person does something at the terminal: then whoever waits for the message is told.
    pub fn needs_a_person(self) -> bool {
        match self {
            Self::OldDraft | Self::Shell | Self::Elsewhere => true,
            Self::NoSession
            | Self::Inbox
            | Self::Paused
            | Self::Starting
            | Self::NotReady
            | Self::Busy
            | Self::Person
            | Self::Draft
            | Self::Interval
            | Self::Stuck
            | Self::NoNotes => false,
        }
    }

    /// The reason that has or had these words. Ledgers may hold words of later versions, which have none here.
    pub fn parse(words: &str) -> Option<Self> {
        let now = Self::ALL.iter().map(|reason| (reason.words(), *reason));
        now.chain(EARLIER).find(|(known, _)| *known == words).map(|(_, reason)| reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_found_by_its_words() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.words()), Some(*reason));
        }
        assert_eq!(Reason::parse("terminal takes no input"), Some(Reason::Stuck), "an earlier version's words");
        assert_eq!((Reason::parse(""), Reason::parse("full moon")), (None, None));
    }
}
