//! `cccc mcp` at the other end of two pipes, spoken to line by line.

use super::Badge;
use crate::{Stack, wait};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio};

/// A running `cccc mcp`. It is killed with its value.
#[derive(Debug)]
pub struct Pipes {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    passed_over: Vec<Value>,
}

impl Pipes {
    /// Starts it as an actor's agent does. What is empty in the badge it is not told.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn open(stack: &Stack, badge: &Badge) -> Self {
        let mut command = stack.command("cccc");
        command.arg("mcp").envs(badge.variables()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("cccc starts");
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().expect("a pipe")));
        Self { child, input, output, passed_over: Vec::new() }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// It is gone, or was told that nothing more comes.
    pub fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        input.write_all(bytes)?;
        input.flush()
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// As [`Pipes::say`].
    pub fn say_message(&mut self, message: &Value) -> io::Result<()> {
        self.say(format!("{message}\n").as_bytes())
    }

    /// The next message; `None` when no more come.
    ///
    /// # Errors
    ///
    /// The line is no JSON.
    pub fn hear(&mut self) -> io::Result<Option<Value>> {
        let mut line = String::new();
        match self.output.read_line(&mut line)? {
            0 => Ok(None),
            _ => Ok(Some(serde_json::from_str(&line)?)),
        }
    }

    /// The answer with an id. What else comes before it is passed over.
    ///
    /// # Errors
    ///
    /// It is gone.
    pub fn hear_answer(&mut self, id: u64) -> io::Result<Value> {
        loop {
            let message = self.hear()?.ok_or(io::ErrorKind::UnexpectedEof)?;
            if message["id"] == id && message.get("method").is_none() {
                return Ok(message);
            }
            self.passed_over.push(message);
        }
    }

    /// What came before answers that were waited for.
    pub fn passed_over(&self) -> &[Value] {
        &self.passed_over
    }

    /// Says that nothing more comes.
    pub fn close(&mut self) {
        self.input = None;
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// It does not end.
    pub fn end(mut self) -> ExitStatus {
        self.close();
        wait::until_some("the end of cccc mcp", || self.child.try_wait().expect("a child"))
    }
}

impl Drop for Pipes {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
