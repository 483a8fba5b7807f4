//! How an actor's terminal is, in words that every list and every door has in common.

use super::document::words;

words! {
    /// How an actor's terminal is, as it can be seen now.
    TerminalState {
        /// It would take a text.
        Ready = "ready",
        /// The same, and its program is at work.
        Busy = "busy",
        /// It shows something else than its composer: a dialog, a menu, a question.
        Asks = "asks a person",
        /// A draft stands in its composer.
        Draft = "draft",
        /// It is being started, or has drawn nothing yet.
        Starting = "starting",
        /// It takes no text: bracketed paste is off, or a shell is in the foreground.
        NotReady = "not ready",
        /// There is no session.
        Ended = "ended",
    } default Ended
}
