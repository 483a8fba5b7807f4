//! The shape of the table of ops: from one row per op it makes [`needs`](super::needs()), [`decide`](super::decide),
//! [`reply`](super::reply) and [`read`](super::read), so that no op can be forgotten in one of them.

use crate::decision::{Answer, Decision};
use crate::state::State;
use bus::contract::{Code, Op, OpError, Reply};

/// What a row may answer with: the answer itself, or the refusal in its place.
pub trait IntoAnswer<T> {
    /// The answer, in the one shape that the table hands out.
    ///
    /// # Errors
    ///
    /// The refusal.
    fn into_answer(self) -> Result<T, OpError>;
}

impl<T> IntoAnswer<T> for Result<T, OpError> {
    fn into_answer(self) -> Result<T, OpError> {
        self
    }
}

impl IntoAnswer<Reply> for Reply {
    fn into_answer(self) -> Result<Reply, OpError> {
        Ok(self)
    }
}

impl IntoAnswer<Answer> for Reply {
    fn into_answer(self) -> Result<Answer, OpError> {
        Ok(Answer::Now(self))
    }
}

impl IntoAnswer<Answer> for Result<Reply, OpError> {
    fn into_answer(self) -> Result<Answer, OpError> {
        self.map(Answer::Now)
    }
}

/// Refuses what would write to a ledger that is damaged.
///
/// # Errors
///
/// `group_damaged`.
pub fn check_writable(state: &State, decision: &Decision) -> Result<(), OpError> {
    for ledger in decision.drafts.iter().map(|draft| draft.ledger.as_str()) {
        if let Some(why) = state.damage(ledger) {
            return Err(OpError::new(Code::GroupDamaged, format!("{ledger} can be read, not written: {why}")));
        }
    }
    Ok(())
}

/// The refusal of an op that came to the wrong function of the table.
pub fn not_here(op: &Op, what: &str) -> OpError {
    OpError::new(
        Code::InternalError,
        format!("{} was to be {what}; its access in the table of ops is wrong", op.row().name),
    )
}

/// The refusal of an op that the door serves.
pub fn elsewhere(op: &Op) -> OpError {
    let sentence = format!("{} is served by the client socket; ask for it there", op.row().name);
    OpError::new(Code::InvalidRequest, sentence)
}

/// What a row needs; nothing, where it does not say so.
macro_rules! needed {
    () => {
        Needs::default()
    };
    ($needs:expr) => {
        $needs
    };
}

/// Makes the four functions. The first line names what a row may use: `state`, `stamp`, `request`, `cx`, `args`, `events` and
/// `known`.
macro_rules! table {
    (
        ($state:ident, $stamp:ident, $request:ident, $cx:ident, $args:ident, $events:ident, $known:ident)
        $(write $write:ident { $decide:expr } { $reply:expr } $(needs { $needs:expr })?)*
        $(read $read:ident { $answer:expr })*
        $(elsewhere $elsewhere:ident)*
    ) => {
        /// What is on disk only and must be read before [`decide`].
        pub fn needs($state: &State, $request: &Request) -> Needs {
            match &$request.op {
                $(Op::$write($args) => { let _ = $args; needed!($($needs)?) })*
                $(Op::$read(_) |)* $(Op::$elsewhere(_))|* => Needs::default(),
            }
        }

        /// Decides a request that writes. Nothing has happened yet when it returns.
        ///
        /// # Errors
        ///
        /// The refusal. `group_damaged`: a ledger that should be written can only be read.
        pub fn decide(state: &State, stamp: &Stamp, request: &Request, known: &Known) -> Result<Decision, OpError> {
            let $cx = &RequestContext::new(state, stamp, request, known)?;
            let decision = match &request.op {
                $(Op::$write($args) => {
                    let _ = $args;
                    $cx.check_may(&request.op)?;
                    $decide
                })*
                $(Op::$read(_))|* => Err(table::not_here(&request.op, "decided")),
                $(Op::$elsewhere(_))|* => Err(table::elsewhere(&request.op)),
            }?;
            table::check_writable(state, &decision)?;
            Ok(decision)
        }

        /// Makes the reply of a request that has written `events`; also when the same request comes again later, which
        /// then knows what [`recalls`] asks for.
        ///
        /// # Errors
        ///
        /// What the reply shows is gone since.
        pub fn reply(
            $state: &State,
            $stamp: &Stamp,
            $request: &Request,
            $events: &[Event],
            $known: &Known,
        ) -> Result<Reply, OpError> {
            match &$request.op {
                $(Op::$write($args) => { let _ = $args; IntoAnswer::<Reply>::into_answer($reply) })*
                $(Op::$read(_))|* => Err(table::not_here(&$request.op, "answered")),
                $(Op::$elsewhere(_))|* => Err(table::elsewhere(&$request.op)),
            }
        }

        /// Answers a request that reads.
        ///
        /// # Errors
        ///
        /// The refusal.
        pub fn read(state: &State, stamp: &Stamp, request: &Request) -> Result<Answer, OpError> {
            let known = Known::default();
            let $cx = &RequestContext::new(state, stamp, request, &known)?;
            match &request.op {
                $(Op::$read($args) => {
                    let _ = $args;
                    $cx.check_may(&request.op)?;
                    IntoAnswer::<Answer>::into_answer($answer)
                })*
                $(Op::$write(_))|* => Err(table::not_here(&request.op, "read")),
                $(Op::$elsewhere(_))|* => Err(table::elsewhere(&request.op)),
            }
        }
    };
}
