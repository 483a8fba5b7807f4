//! The lines of a client, before and after the SDK: what is no JSON is answered here, and the answers to what was asked
//! are waited for when the client asks no more.
//!
//! The SDK passes over a line that it cannot read, which leaves whoever has sent it waiting; and it ends with its input,
//! which leaves a script that has written its requests and closed the pipe without answers.

use bus::contract::limit::NESTING_MAX;
use bus::contract::nesting;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

/// Longest line of a client. A longer one is refused, and the next one is read.
pub const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long answers are waited for after a client has closed its side: as long as a call may take.
const FAREWELL: Duration = Duration::from_secs(60);

/// Codes of JSON-RPC.
const PARSE_ERROR: i32 = -32_700;
const INVALID_REQUEST: i32 = -32_600;
const INVALID_PARAMS: i32 = -32_602;

/// Carries lines between a client and the SDK until both have no more.
///
/// # Errors
///
/// A pipe broke: one side is gone.
pub async fn carry(
    client: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    sdk: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
) -> io::Result<()> {
    // What is ours to say is bounded where it is made.
    let (mut asked, mut told) = (Lines::of(client.0, LINE_BYTES_MAX), Lines::of(sdk.0, usize::MAX));
    let (mut to_client, mut to_sdk) = (client.1, Some(sdk.1));
    let (mut waiting, mut is_over, mut has_begun) = (HashSet::new(), false, false);
    loop {
        if is_over
            && waiting.is_empty()
            && let Some(mut done) = to_sdk.take()
        {
            // What it has still to say comes until its output ends.
            done.shutdown().await?;
        }
        tokio::select! {
            line = asked.next(), if !is_over => match line? {
                Next::Line(line) => match judge(&line) {
                    Ok(said) => {
                        match said {
                            Said::Asks(id) => drop(waiting.insert(id)),
                            // Nothing comes for what was taken back.
                            Said::TakesBack(id) => drop(waiting.remove(&id)),
                            Said::Else => {}
                        }
                        has_begun |= !waiting.is_empty();
                        // The SDK ends when it is told something before it is asked something.
                        if let Some(to_sdk) = to_sdk.as_mut().filter(|_| has_begun) {
                            to_sdk.write_all(&[&line[..], b"\n"].concat()).await?;
                        }
                    }
                    Err(refusal) => say(&mut to_client, refusal.as_bytes()).await?,
                },
                Next::TooLong => {
                    let why = format!("the line is longer than {LINE_BYTES_MAX} bytes, the limit LINE_BYTES_MAX");
                    say(&mut to_client, refusal(None, INVALID_REQUEST, &why).as_bytes()).await?;
                }
                Next::End => is_over = true,
            },
            line = told.next() => match line? {
                Next::Line(line) => {
                    if let Some(id) = answered(&line) {
                        waiting.remove(&id);
                    }
                    say(&mut to_client, &line).await?;
                }
                Next::TooLong | Next::End => return Ok(()),
            },
            () = tokio::time::sleep(FAREWELL), if is_over => return Ok(()),
        }
    }
}

async fn say(to: &mut (impl AsyncWrite + Unpin), line: &[u8]) -> io::Result<()> {
    to.write_all(&[line, b"\n"].concat()).await?;
    to.flush().await
}

/// What is looked at of a message.
#[derive(Deserialize)]
struct Message {
    jsonrpc: Option<Value>,
    id: Option<Value>,
    method: Option<Value>,
    #[serde(default)]
    params: Option<Value>,
    result: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

/// What a line of a client is to those who wait.
enum Said {
    /// It wants an answer.
    Asks(RequestId),
    /// It wants none any more.
    TakesBack(RequestId),
    /// Neither.
    Else,
}

/// An id by which an answer is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
enum RequestId {
    Number(i64),
    Text(String),
}

impl RequestId {
    fn of(value: &Value) -> Option<Self> {
        value.as_i64().map(Self::Number).or_else(|| value.as_str().map(|text| Self::Text(text.to_owned())))
    }
}

/// What a line wants; the refusal of one that is no message. Of what a message asks for the SDK says what is wrong with it.
fn judge(line: &[u8]) -> Result<Said, String> {
    let text = std::str::from_utf8(line)
        .map_err(|error| refusal(None, PARSE_ERROR, &format!("the line is no UTF-8: {error}")))?;
    nesting::check(text, 0)
        .map_err(|_| refusal(None, INVALID_REQUEST, &format!("more than {NESTING_MAX} levels of nesting")))?;
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|error| refusal(None, PARSE_ERROR, &format!("the line is not JSON: {error}")))?;
    let Ok(message) = serde_json::from_str::<Message>(text) else {
        return Err(refusal(None, INVALID_REQUEST, "the line is no message of JSON-RPC: it is one object for each"));
    };
    let id = message.id.as_ref().and_then(RequestId::of);
    let invalid = |why: &str| Err(refusal(id.as_ref(), INVALID_REQUEST, why));
    if message.jsonrpc.as_ref().and_then(Value::as_str) != Some("2.0") {
        return invalid(r#"the message does not say "jsonrpc": "2.0""#);
    }
    if message.id.is_some() && id.is_none() {
        return invalid("the id is neither a text nor a whole number");
    }
    match (message.method, id) {
        (Some(Value::String(method)), None) => Ok(taken_back(&method, message.params.as_ref())),
        (Some(Value::String(method)), Some(id)) => match (method.as_str(), message.params) {
            ("tools/call", Some(params)) if params.get("arguments").is_some_and(|args| !args.is_object()) => {
                Err(refusal(Some(&id), INVALID_PARAMS, "tools/call: arguments is no object"))
            }
            _ => Ok(Said::Asks(id)),
        },
        (None, Some(_)) if message.result.is_some() || message.error.is_some() => Ok(Said::Else),
        (_, id) => Err(refusal(id.as_ref(), INVALID_REQUEST, "the message has no method")),
    }
}

/// A notification: of one request that it is no longer wanted, or of anything else.
fn taken_back(method: &str, params: Option<&Value>) -> Said {
    let id = params.and_then(|params| RequestId::of(&params["requestId"]));
    id.filter(|_| method == "notifications/cancelled").map_or(Said::Else, Said::TakesBack)
}

/// The request that a line of ours answers.
fn answered(line: &[u8]) -> Option<RequestId> {
    #[derive(Deserialize)]
    struct Answer {
        id: Option<Value>,
        method: Option<IgnoredAny>,
    }
    let answer = serde_json::from_slice::<Answer>(line).ok().filter(|answer| answer.method.is_none())?;
    RequestId::of(&answer.id?)
}

fn refusal(id: Option<&RequestId>, code: i32, why: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": why}}).to_string()
}

enum Next {
    /// Without its end; never blank.
    Line(Vec<u8>),
    TooLong,
    End,
}

/// Cuts what comes into lines. A read that is given up loses nothing.
struct Lines<R> {
    from: BufReader<R>,
    bytes_max: usize,
    line: Vec<u8>,
    is_too_long: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    fn of(from: R, bytes_max: usize) -> Self {
        Self { from: BufReader::new(from), bytes_max, line: Vec::new(), is_too_long: false }
    }

    async fn next(&mut self) -> io::Result<Next> {
        loop {
            let more = self.from.fill_buf().await?;
            let is_end = more.is_empty();
            let end = more.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(more.len(), |end| end + 1);
            if self.line.len() + taken > self.bytes_max {
                self.is_too_long = true;
                self.line = Vec::new();
            } else if !self.is_too_long {
                self.line.extend_from_slice(&more[..end.unwrap_or(more.len())]);
            }
            std::pin::Pin::new(&mut self.from).consume(taken);
            if end.is_none() && !is_end {
                continue;
            }
            let line = std::mem::take(&mut self.line);
            if std::mem::take(&mut self.is_too_long) {
                return Ok(Next::TooLong);
            }
            let line = line.trim_ascii();
            match (line.is_empty(), is_end) {
                (false, _) => return Ok(Next::Line(line.to_vec())),
                (true, true) => return Ok(Next::End),
                // A blank line is nothing.
                (true, false) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, duplex, split};

    /// What a client gets that says something and asks no more, from an SDK that answers every line with its length.
    async fn told(said: Vec<u8>) -> Vec<String> {
        let (near, far) = duplex(LINE_BYTES_MAX * 2);
        let (sdk, other) = duplex(1024);
        let answering = tokio::spawn(async move {
            let (from, mut to) = split(other);
            let mut lines = Lines::of(from, LINE_BYTES_MAX);
            while let Ok(Next::Line(line)) = lines.next().await {
                // The client may have gone.
                let _ = to.write_all(format!("{{\"id\":1,\"result\":{}}}\n", line.len()).as_bytes()).await;
            }
        });
        let (mut hears, mut says) = split(near);
        let saying = tokio::spawn(async move {
            says.write_all(&said).await.unwrap();
            says.shutdown().await.unwrap();
        });
        let (client_in, client_out) = split(far);
        let (sdk_in, sdk_out) = split(sdk);
        carry((client_in, client_out), (sdk_in, sdk_out)).await.unwrap();
        saying.await.unwrap();
        answering.await.unwrap();
        let mut all = String::new();
        hears.read_to_string(&mut all).await.unwrap();
        all.lines().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn every_line_is_answered_and_none_ends_the_conversation() {
        let ask = r#"{"jsonrpc":"2.0","id":1,"method":"x"}"#;
        let refused = |line: &str| ["-32700", "-32600", "-32602"].iter().any(|code| line.contains(code));
        let told_first = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let odd = r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"x","arguments":[]}}"#;
        let long = "x".repeat(LINE_BYTES_MAX + 1);
        let deep = "[".repeat(10_000);
        #[rustfmt::skip]
        let cases = [
            (format!("{ask}\n"),                       vec![false],              "one"),
            (ask.to_owned(),                           vec![false],              "the last line has no end"),
            (format!("\n\r\n{ask}\n"),                 vec![false],              "blank lines are nothing"),
            (format!("rubbish\n{ask}\n"),              vec![true, false],        "what is no JSON is refused"),
            (format!("{{\"id\":1,\n{ask}\n"),          vec![true, false],        "half a line"),
            (format!("{long}\n{ask}\n"),               vec![true, false],        "too long"),
            (format!("{deep}\n{ask}\n"),               vec![true, false],        "too deep"),
            (String::new(),                            vec![],                   "nothing"),
            (format!("7\n[]\n{ask}\n"),               vec![true, true, false],  "no message"),
            (format!("{{\"id\":7,\"method\":\"x\"}}\n{ask}\n"), vec![true, false], "another protocol"),
            (format!("{told_first}\n{ask}\n"),               vec![false],              "told before it asks"),
            (format!("{odd}\n{ask}\n"),                vec![true, false],        "arguments that are none"),
        ];
        for (said, wanted, why) in cases {
            let told = told(said.into_bytes()).await;
            assert_eq!(told.iter().map(|line| refused(line)).collect::<Vec<_>>(), wanted, "{why}: {told:?}");
        }
        assert!(told(b"\xff\n".to_vec()).await[0].contains("-32700"));
        let refused = told(format!("{odd}\n{{\"id\":\"a\",\"method\":\"x\"}}\n").into_bytes()).await;
        assert!(refused[0].contains("\"id\":5") && refused[1].contains("\"id\":\"a\""), "{refused:?}");
    }
}
