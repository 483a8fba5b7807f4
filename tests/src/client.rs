//! A client of the socket, as a script would write one.

use crate::schema::{self, check};
use bus::contract::{Code, op};
use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A refusal, as it came over the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What programs match on.
    pub code: String,
    /// What people read.
    pub message: String,
    /// Facts for programs.
    pub details: Value,
}

/// One connection.
#[derive(Debug)]
pub struct Client {
    socket: BufReader<UnixStream>,
    /// Whether answers are held against their schemas. Measurements, which are built for release, do not pay for it.
    checks: bool,
}

impl Client {
    /// Connects to the door of a home.
    ///
    /// # Errors
    ///
    /// Nobody listens.
    pub fn connect(home: &Path) -> io::Result<Self> {
        let socket = UnixStream::connect(home.join("daemon/ccccd.sock"))?;
        socket.set_read_timeout(Some(Duration::from_secs(60)))?;
        socket.set_write_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { socket: BufReader::new(socket), checks: cfg!(debug_assertions) })
    }

    /// The same, of a server that is not ours: its answers may be others than our schemas say.
    #[must_use]
    pub fn of_another(self) -> Self {
        Self { checks: false, ..self }
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// The connection broke.
    pub fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.get_mut().write_all(bytes)
    }

    /// The next line; `None` at the end of the connection.
    ///
    /// # Errors
    ///
    /// The connection broke, or the line is no JSON.
    pub fn hear(&mut self) -> io::Result<Option<Value>> {
        let mut line = String::new();
        match self.socket.read_line(&mut line)? {
            0 => Ok(None),
            _ => Ok(Some(serde_json::from_str(&line)?)),
        }
    }

    /// Asks for an op and waits for the answer.
    ///
    /// # Errors
    ///
    /// The connection broke, which says nothing about the op; or, inside, the refusal.
    ///
    /// # Panics
    ///
    /// The op does not declare that it may be refused like this, or the answer is not what its schema says.
    pub fn try_ask(&mut self, op: &str, args: &Value) -> io::Result<Result<Value, Refusal>> {
        let mut line = serde_json::to_vec(&json!({"v": 1, "op": op, "args": args}))?;
        line.push(b'\n');
        self.say(&line)?;
        let answer = self.hear()?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        if answer["ok"] == json!(true) {
            if self.checks {
                check_answer(op, &answer["result"]);
            }
            return Ok(Ok(answer["result"].clone()));
        }
        let text = |key: &str| answer["error"][key].as_str().unwrap_or_default().to_owned();
        check_declared(op, &text("code"));
        let details = answer["error"]["details"].clone();
        Ok(Err(Refusal { code: text("code"), message: text("message"), details }))
    }

    /// Asks for an op that must succeed.
    ///
    /// # Panics
    ///
    /// It did not.
    pub fn ask(&mut self, op: &str, args: &Value) -> Value {
        let answer = self.try_ask(op, args).unwrap_or_else(|error| panic!("{op} {args}: {error}"));
        answer.unwrap_or_else(|refusal| panic!("{op} {args}: {refusal:?}"))
    }

    /// Asks for an op that must be refused.
    ///
    /// # Panics
    ///
    /// It was not.
    pub fn refused(&mut self, op: &str, args: &Value) -> Refusal {
        let answer = self.try_ask(op, args).unwrap_or_else(|error| panic!("{op} {args}: {error}"));
        answer.expect_err("the op must be refused")
    }
}

/// Every answer that a test ever sees must be what the schema of the op says.
fn check_answer(op: &str, answer: &Value) {
    if let Some(row) = op::row(op.trim()) {
        let faults = check::faults(&schema::document()["ops"][row.name]["answer"], answer);
        assert!(faults.is_empty(), "the answer of {op} is not what its schema says: {faults:#?}\n{answer:#}");
    }
}

/// Every refusal that a test ever sees must be one that the op declares.
fn check_declared(op: &str, code: &str) {
    if let Some(row) = op::row(op.trim()) {
        let declared = Code::ALL.iter().any(|known| known.word() == code && row.may_refuse(*known));
        assert!(declared, "{op} was refused with {code}, which it does not declare");
    }
}
