//! What to hold, and how it is handed to a holder: on standard input, because the environment has secrets in it.
//!
//! An order is a row of fields, each ended by a zero byte, like the environment of a process: no word, no variable
//! and no path can have one in it. The holder needs no parser for it.
//!
//! ```text
//! ptyhold 1                                        the form
//! session_id group_id actor_id generation          numbers are decimal
//! cols rows log_bytes_max umask directory
//! <how many> word …                                the command
//! <how many> NAME=value …                          the complete environment
//! end
//! ```

use crate::hold::document::SIZE_MAX;
use bus::contract::limit::VARIABLE_BYTES_MAX;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Bytes of one log file when nobody has a wish.
pub const LOG_BYTES_MAX_DEFAULT: u64 = 8 * 1024 * 1024;

/// Smallest allowed limit of a log file: one frame's worth of output must fit.
pub const LOG_BYTES_MAX_LOWEST: u64 = 65_536;

/// File mode mask of agents when nobody says which one the user has.
pub const UMASK_DEFAULT: u32 = 0o022;

/// Longest order.
pub const ORDER_BYTES_MAX: usize = 1024 * 1024;

const FORM: &str = "ptyhold 1";
const END: &str = "end";

/// What to hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Spec {
    /// 32 lower-case hex digits; also the name of the folder.
    pub session_id: String,
    /// Whose group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Which wish of the group this session answers.
    pub generation: u64,
    /// The program and its arguments; a bare name is looked for on the environment's `PATH`.
    pub command: Vec<String>,
    /// Absolute path of the folder it starts in.
    pub directory: String,
    /// The complete environment. Nothing is added, nothing inherited.
    pub environment: BTreeMap<String, String>,
    /// Columns of the terminal.
    pub cols: u16,
    /// Rows of the terminal.
    pub rows: u16,
    /// Bytes of one log file; there are two.
    pub log_bytes_max: u64,
    /// File mode mask the program starts with.
    pub umask: u32,
}

/// The environment has secrets in it, so it is never shown.
impl std::fmt::Debug for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spec")
            .field("session_id", &self.session_id)
            .field("group_id", &self.group_id)
            .field("actor_id", &self.actor_id)
            .field("generation", &self.generation)
            .field("command", &self.command)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl Spec {
    /// Checks what can be checked without touching anything.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, as a sentence.
    pub fn check(&self) -> Result<(), String> {
        let zero = |text: &String| text.contains('\0');
        let id = self.session_id.as_bytes();
        if id.len() != 32 || !id.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)) {
            return Err(format!("session id {:?} is not 32 lower-case hex digits", self.session_id));
        }
        match self.command.first() {
            None => return Err("the command has no words".to_owned()),
            Some(program) if program.is_empty() => return Err("the program has an empty name".to_owned()),
            Some(_) => {}
        }
        if self.command.iter().chain([&self.directory, &self.group_id, &self.actor_id]).any(zero) {
            return Err("the command, the directory or a name contains a zero byte".to_owned());
        }
        if !self.directory.starts_with('/') {
            return Err(format!("directory {:?} is not an absolute path", self.directory));
        }
        // The value may be a secret: only the name is told.
        let bad = |(name, value): &(&String, &String)| name.is_empty() || name.contains(['=', '\0']) || zero(value);
        if let Some((name, _)) = self.environment.iter().find(bad) {
            return Err(format!("environment variable {name:?} has an impossible name or value"));
        }
        // The system would refuse to start the program, without saying which of them it is.
        if let Some(word) = self.command.iter().find(|word| word.len() > VARIABLE_BYTES_MAX) {
            let bytes = word.len();
            return Err(format!("a word of the command has {bytes} bytes, the limit is {VARIABLE_BYTES_MAX}"));
        }
        let bytes = |(name, value): &(&String, &String)| name.len() + 1 + value.len();
        if let Some(variable) = self.environment.iter().find(|variable| bytes(variable) > VARIABLE_BYTES_MAX) {
            let (name, bytes) = (variable.0, bytes(&variable));
            return Err(format!("environment variable {name} has {bytes} bytes, the limit is {VARIABLE_BYTES_MAX}"));
        }
        if self.log_bytes_max < LOG_BYTES_MAX_LOWEST {
            return Err(format!("log_bytes_max {} is below {LOG_BYTES_MAX_LOWEST}", self.log_bytes_max));
        }
        if self.umask > 0o777 {
            return Err(format!("umask {:o} is above 777", self.umask));
        }
        let size = self.command.iter().chain(self.environment.keys()).chain(self.environment.values()).map(String::len);
        let bytes: usize = size.sum();
        if bytes > ORDER_BYTES_MAX / 2 {
            return Err(format!("command and environment have {bytes} bytes, the limit is {}", ORDER_BYTES_MAX / 2));
        }
        check_size(self.cols, self.rows)
    }

    /// The order for a holder.
    pub fn to_order(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |field: &str| {
            out.extend_from_slice(field.as_bytes());
            out.push(0);
        };
        put(FORM);
        put(&self.session_id);
        put(&self.group_id);
        put(&self.actor_id);
        put(&self.generation.to_string());
        put(&self.cols.to_string());
        put(&self.rows.to_string());
        put(&self.log_bytes_max.to_string());
        put(&self.umask.to_string());
        put(&self.directory);
        put(&self.command.len().to_string());
        self.command.iter().for_each(|word| put(word));
        put(&self.environment.len().to_string());
        self.environment.iter().for_each(|(name, value)| put(&format!("{name}={value}")));
        put(END);
        out
    }

    /// Reads an order, which must be there to its end, and checks it.
    ///
    /// # Errors
    ///
    /// What is wrong, without showing what may be a secret.
    pub fn from_order(order: &[u8]) -> Result<Self, String> {
        let mut fields = Fields { rest: order };
        if fields.text("form")? != FORM {
            return Err("the order is of another form".to_owned());
        }
        let spec = Self {
            session_id: fields.text("session id")?.to_owned(),
            group_id: fields.text("group id")?.to_owned(),
            actor_id: fields.text("actor id")?.to_owned(),
            generation: fields.number("generation")?,
            cols: fields.number("columns")?,
            rows: fields.number("rows")?,
            log_bytes_max: fields.number("log limit")?,
            umask: fields.number("umask")?,
            directory: fields.text("directory")?.to_owned(),
            command: {
                let count: usize = fields.number("number of words")?;
                // Not with room for `count`: it may be a lie.
                (0..count).map(|_| Ok(fields.text("command")?.to_owned())).collect::<Result<_, String>>()?
            },
            environment: {
                let count: usize = fields.number("number of variables")?;
                let variable = |_| {
                    let (name, value) = fields.text("environment")?.split_once('=').ok_or("a variable has no value")?;
                    Ok((name.to_owned(), value.to_owned()))
                };
                (0..count).map(variable).collect::<Result<_, String>>()?
            },
        };
        if fields.text("end")? != END || !fields.rest.is_empty() {
            return Err("the order goes on where it should end".to_owned());
        }
        spec.check()?;
        Ok(spec)
    }
}

struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn text(&mut self, what: &str) -> Result<&'a str, String> {
        let cut = || format!("the order is cut short at its {what}");
        let end = self.rest.iter().position(|byte| *byte == 0).ok_or_else(cut)?;
        let (field, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        std::str::from_utf8(field).map_err(|_| format!("the {what} in the order is not UTF-8"))
    }

    fn number<T: FromStr>(&mut self, what: &str) -> Result<T, String> {
        self.text(what)?.parse().map_err(|_| format!("the {what} in the order is no such number"))
    }
}

/// Checks the size of a terminal.
///
/// # Errors
///
/// The limit, as a sentence.
pub fn check_size(cols: u16, rows: u16) -> Result<(), String> {
    let fits = |count| (1..=SIZE_MAX).contains(&count);
    match fits(cols) && fits(rows) {
        true => Ok(()),
        false => Err(format!("a terminal of {cols} × {rows} is not between 1 × 1 and {SIZE_MAX} × {SIZE_MAX}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Spec {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Spec {
            session_id: "0190c3f4a1b27c3d8e4f5a6b7c8d9e0f".to_owned(),
            group_id: "g_0123456789ab".to_owned(),
            actor_id: "审阅".to_owned(),
            generation: u64::MAX,
            command: ["sh", "-c", "", "two\nlines"].map(str::to_owned).to_vec(),
            directory: "/tmp".to_owned(),
            environment: BTreeMap::from([pair("A", "b=c"), pair("EMPTY", ""), pair("SECRET", "ed25519\n")]),
            cols: 80,
            rows: 24,
            log_bytes_max: LOG_BYTES_MAX_DEFAULT,
            umask: UMASK_DEFAULT,
        }
    }

    #[test]
    fn an_order_arrives_as_it_was_given_or_not_at_all() {
        let order = spec().to_order();
        assert_eq!(Spec::from_order(&order), Ok(spec()));
        for cut in 0..order.len() {
            let error = Spec::from_order(&order[..cut]).unwrap_err();
            assert!(!error.contains("ed25519"), "{error}");
        }
        assert!(Spec::from_order(&[order.clone(), vec![0]].concat()).is_err());
    }

    #[test]
    fn what_cannot_be_held_is_refused_without_showing_secrets() {
        type Spoil = fn(&mut Spec);
        #[rustfmt::skip]
        let cases: &[(Spoil, &str)] = &[
            (|s| s.session_id = "../../etc".to_owned(),                       "not 32 lower-case hex digits"),
            (|s| s.command.clear(),                                           "no words"),
            (|s| s.command[0].clear(),                                        "empty name"),
            (|s| s.command[1].push('\0'),                                     "zero byte"),
            (|s| s.actor_id.push('\0'),                                       "zero byte"),
            (|s| s.directory = "tmp".to_owned(),                              "not an absolute path"),
            (|s| s.log_bytes_max = 1,                                         "below 65536"),
            (|s| s.umask = 0o1000,                                            "above 777"),
            (|s| s.cols = 0,                                                  "not between"),
            (|s| s.rows = SIZE_MAX + 1,                                       "not between"),
            (|s| { s.environment.insert(String::new(), "ed25519".into()); },  "impossible name or value"),
            (|s| { s.environment.insert("A=B".into(), "ed25519".into()); },   "impossible name or value"),
            (|s| { s.environment.insert("A".into(), "ed25519\0".into()); },   "impossible name or value"),
            (|s| s.command.push("x".repeat(VARIABLE_BYTES_MAX + 1)),          "a word of the command has 131072 bytes"),
            (|s| { s.environment.insert("A".into(), "ed25519".repeat(20_000)); }, "variable A has 140002 bytes"),
            (|s| s.command.extend((0..6).map(|_| "x".repeat(100_000))),       "command and environment have"),
        ];
        for (spoil, wanted) in cases {
            let mut spec = spec();
            spoil(&mut spec);
            let error = spec.check().unwrap_err();
            assert!(error.contains(wanted) && !error.contains("ed25519"), "{error}");
            assert!(!format!("{spec:?}").contains("ed25519"));
        }
    }
}
