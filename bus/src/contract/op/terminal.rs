//! Ops about agents' terminals.

use crate::contract::{Code, OpError, Principal, Proof, lenient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `terminal_tail`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tail {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// How many characters at most; 8000 when missing, 1 to 200000.
    #[serde(deserialize_with = "lenient::integer")]
    pub max_chars: Option<i64>,
    /// Whether to show what the screen shows rather than the bytes; true when missing.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub strip_ansi: Option<bool>,
    /// Whether to drop repeated lines and blocks; true when missing.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub compact: Option<bool>,
}

/// Answer of `terminal_tail`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tailed {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// That terminal output may hold anything, secrets included.
    pub warning: String,
    /// A suggestion when nothing was left, or `""`.
    pub hint: String,
    /// The text.
    pub text: String,
}

/// `terminal_snapshot`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Snapshot {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// How many bytes `drawing` may have; 262144 when missing, and at most. One that is longer is left away.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit_bytes: Option<i64>,
}

/// Answer of `terminal_snapshot`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// That terminal output may hold anything, secrets included.
    pub warning: String,
    /// Which run of the agent's program: offsets count within it.
    pub session_id: String,
    /// What a person reads on the screen.
    pub text: String,
    /// What draws the screen in another terminal, whatever that showed before: contents, colours, cursor and modes.
    pub drawing: String,
    /// How many bytes had been put out by then: `terminal_since` goes on from here.
    pub offset: u64,
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// `terminal_since`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Since {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// The offset of the first byte that is wanted: `offset` of a snapshot, or `end` of what was read before.
    #[serde(deserialize_with = "lenient::integer")]
    pub after: Option<i64>,
    /// How many bytes of output at most; 65536 when missing, 1024 to 262144.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit_bytes: Option<i64>,
}

/// `terminal_history`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct History {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// The offset behind the last byte that is wanted, `start` of what was read before; the newest output when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub before: Option<i64>,
    /// Another such offset; the smaller one counts.
    #[serde(deserialize_with = "lenient::integer")]
    pub render_before: Option<i64>,
    /// How many bytes of output at most; 65536 when missing, 1024 to 262144.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit_bytes: Option<i64>,
    /// Whether to show what a screen makes of it rather than the bytes; true when missing.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub strip_ansi: Option<bool>,
    /// Whether to drop repeated lines and blocks; true when missing.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub compact: Option<bool>,
}

/// A stretch of a terminal's output: answer of `terminal_since` and `terminal_history`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// That terminal output may hold anything, secrets included.
    pub warning: String,
    /// Which run of the agent's program: offsets count within it.
    pub session_id: String,
    /// The output. What is no UTF-8 stands there as U+FFFD.
    pub text: String,
    /// Offset of its first byte. Later than asked for when what was before it is not kept any more.
    pub start: u64,
    /// Offset behind its last byte.
    pub end: u64,
    /// Whether there is more in the direction that was asked for.
    pub has_more: bool,
}

/// `term_resize`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Resize {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// Columns, 10 to [`crate::contract::limit::TERMINAL_COLS_MAX`].
    #[serde(deserialize_with = "lenient::integer")]
    pub cols: Option<i64>,
    /// Rows, 2 to [`crate::contract::limit::TERMINAL_ROWS_MAX`].
    #[serde(deserialize_with = "lenient::integer")]
    pub rows: Option<i64>,
}

/// Answer of `term_resize`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resized {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Columns now.
    pub cols: u16,
    /// Rows now.
    pub rows: u16,
}

/// `term_attach`: the door introduces the client with an [`Introduction`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Attach {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Handshake of `term_attach`; raw bytes follow in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attached {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
}

/// `terminal_release`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Release {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Answer of `terminal_release`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Released {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Whether nothing of a draft holds messages any more. One that is still to be seen in the composer does.
    pub released: bool,
    /// Whether the program has put it aside, and brings it back after the next text. Not every program can.
    #[serde(default)]
    pub stashed: bool,
}

/// `terminal_clear`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Clear {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Answer of `terminal_clear`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cleared {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Always true.
    pub cleared: bool,
}

/// What a front writes on ptyd's attach socket: one line of JSON. ptyd answers with one line, [`Introduced`]; then both
/// ends carry the terminal's bytes.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Introduction {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Who wants to see its terminal.
    pub by: String,
    /// The token that proves it, if there is one.
    pub token: Option<String>,
    /// Whether keys are to reach the agent; otherwise the viewer only looks on.
    pub write: bool,
    /// Whether both ends speak in [frames](crate::front::terminal::frame): sizes and who has the keyboard are told then, and
    /// the keyboard can be taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub frames: bool,
    /// What other viewers are told of who this is, like `phone`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// The token is never shown.
impl std::fmt::Debug for Introduction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { group_id, actor_id, by, token, write, frames, name } = self;
        let has_token = token.is_some();
        f.debug_struct("Introduction")
            .field("group_id", group_id)
            .field("actor_id", actor_id)
            .field("by", by)
            .field("has_token", &has_token)
            .field("write", write)
            .field("frames", frames)
            .field("name", name)
            .finish()
    }
}

impl Introduction {
    /// Introduces a speaker who wants to see a terminal.
    pub fn new(request: &Attach, principal: &Principal, write: bool) -> Self {
        let token = match &principal.proof {
            Proof::Token(token) => Some(token.clone()),
            Proof::Claim | Proof::Daemon => None,
        };
        let Attach { group_id, actor_id } = request.clone();
        Self { group_id, actor_id, by: principal.by.clone(), token, write, frames: false, name: String::new() }
    }

    /// Who speaks, as far as the line proves it.
    pub fn principal(&self) -> Principal {
        Principal { by: self.by.clone(), proof: self.token.clone().map_or(Proof::Claim, Proof::Token) }
    }

    /// The line, with its end.
    pub fn to_line(&self) -> Vec<u8> {
        line(self)
    }
}

/// ptyd's answer to an [`Introduction`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Introduced {
    /// Whether the terminal follows.
    pub ok: bool,
    /// Why it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<OpError>,
}

impl Introduced {
    /// Yes, or why not.
    pub fn new(refusal: Option<OpError>) -> Self {
        Self { ok: refusal.is_none(), error: refusal }
    }

    /// The line, with its end.
    pub fn to_line(&self) -> Vec<u8> {
        line(self)
    }

    /// Reads the line, with or without its end.
    ///
    /// # Errors
    ///
    /// The refusal; `internal_error` when it is no answer.
    pub fn read(line: &[u8]) -> Result<(), OpError> {
        let broken = |why: String| OpError::new(Code::InternalError, format!("ptyd's answer about a terminal {why}"));
        match serde_json::from_slice(line) {
            Ok(Self { ok: true, .. }) => Ok(()),
            Ok(Self { error: Some(refusal), .. }) => Err(refusal),
            Ok(Self { error: None, .. }) => Err(broken("is a refusal without a reason".into())),
            Err(error) => Err(broken(format!("cannot be read: {error}"))),
        }
    }
}

fn line(said: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(said).expect("what is said is plain data");
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Both lines are read by other programs than the one that writes them.
    #[test]
    fn an_introduction_and_its_answer_are_lines_of_json() {
        let request = Attach { group_id: "g".into(), actor_id: "a".into() };
        let proven = Principal { by: "b".into(), proof: Proof::Token("hunter2".into()) };
        for (principal, token) in [(proven, json!("hunter2")), (Principal::claimed("user"), json!(null))] {
            let introduction = Introduction::new(&request, &principal, true);
            let line = introduction.to_line();
            let read: serde_json::Value = serde_json::from_slice(&line).unwrap();
            let wanted = json!({"group_id": "g", "actor_id": "a", "by": principal.by, "token": token, "write": true});
            assert_eq!((read, line.last()), (wanted, Some(&b'\n')));
            assert_eq!(serde_json::from_slice::<Introduction>(&line).unwrap(), introduction);
            assert_eq!(introduction.principal(), principal);
            assert!(!format!("{introduction:?}").contains("hunter2"));
        }
        assert!(!serde_json::from_str::<Introduction>("{}").unwrap().write, "whoever says nothing only looks on");

        let refusal = OpError::new(Code::ActorNotRunning, "it rests");
        #[rustfmt::skip]
        let answers = [
            (Introduced::new(None).to_line(),                  None),
            (Introduced::new(Some(refusal.clone())).to_line(), Some(refusal.code)),
            (b"{\"ok\":true}".to_vec(),                        None),
            (b"{\"ok\":false}".to_vec(),                       Some(Code::InternalError)),
            (b"".to_vec(),                                     Some(Code::InternalError)),
        ];
        for (line, code) in answers {
            assert_eq!(Introduced::read(&line).err().map(|error| error.code), code, "{}", line.escape_ascii());
        }
    }
}
