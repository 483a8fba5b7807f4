//! A page's socket, as a browser would speak it.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tungstenite::{Error, Message, WebSocket};

use crate::http;
use crate::wait::DEADLINE;

/// What came on a terminal's frames: what it carries, and the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Which terminal.
    pub id: u32,
    /// 0 goes on, 1 is the screen anew, 2 is what was before.
    pub kind: u8,
    /// The terminal's bytes.
    pub bytes: Vec<u8>,
}

/// One connection.
#[derive(Debug)]
pub struct PageSocket {
    socket: WebSocket<TcpStream>,
    told: VecDeque<Value>,
    /// What terminals carried and nobody has taken.
    pub carried: Vec<Carried>,
    /// Why the server has closed it.
    pub closed: Option<u16>,
}

impl PageSocket {
    /// Connects to an address of a server of this machine.
    ///
    /// # Panics
    ///
    /// It is refused.
    pub fn open(port: u16, path: &str) -> Self {
        Self::try_open(port, path, &[]).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The same with headers of one's own.
    ///
    /// # Errors
    ///
    /// The status of the refusal, or that nobody listens.
    pub fn try_open(port: u16, path: &str, headers: &[(&str, &str)]) -> Result<Self, String> {
        let stream = http::connect(port).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(Duration::from_millis(50))).map_err(|error| error.to_string())?;
        let mut request = http_request(port, path)?;
        for (name, value) in headers {
            let name: tungstenite::http::HeaderName = name.parse().map_err(|_| "no header")?;
            request.headers_mut().insert(name, value.parse().map_err(|_| "no value")?);
        }
        let mut asking = tungstenite::client(request, stream);
        let end = Instant::now() + DEADLINE;
        loop {
            match asking {
                Ok((socket, _)) => {
                    return Ok(Self { socket, told: VecDeque::new(), carried: Vec::new(), closed: None });
                }
                Err(tungstenite::HandshakeError::Interrupted(later)) if Instant::now() < end => {
                    asking = later.handshake()
                }
                Err(tungstenite::HandshakeError::Interrupted(_)) => return Err("no answer".into()),
                Err(tungstenite::HandshakeError::Failure(Error::Http(answer))) => {
                    return Err(answer.status().as_u16().to_string());
                }
                Err(tungstenite::HandshakeError::Failure(error)) => return Err(error.to_string()),
            }
        }
    }

    /// Says something; a server that is gone does not hear it.
    pub fn say(&mut self, said: &Value) {
        let _ = self.socket.send(Message::text(said.to_string()));
    }

    /// Opens a terminal that is drawn as fast as it comes.
    pub fn open_terminal(&mut self, id: u32, group_id: &str, actor_id: &str) {
        self.say(&json!({"t": "term_open", "id": id, "group_id": group_id, "actor_id": actor_id}));
    }

    /// Takes what has come. False when the connection is gone.
    pub fn read(&mut self) -> bool {
        match self.socket.read() {
            Ok(Message::Text(text)) => self.told.push_back(serde_json::from_str(text.as_str()).expect("JSON")),
            Ok(Message::Binary(bytes)) => {
                let (head, bytes) = bytes.split_at(5);
                let id = u32::from_be_bytes(head[..4].try_into().expect("four bytes"));
                self.carried.push(Carried { id, kind: head[4], bytes: bytes.to_vec() });
            }
            Ok(Message::Close(frame)) => self.closed = frame.map(|frame| frame.code.into()),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(Error::Io(error))
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => return false,
        }
        true
    }

    /// The next frame of this kind, whatever else comes before it.
    ///
    /// # Panics
    ///
    /// None comes.
    pub fn until(&mut self, kind: &str) -> Value {
        self.until_that(kind, |told| told["t"] == kind)
    }

    /// The next frame that is so, whatever else comes before it.
    ///
    /// # Panics
    ///
    /// None comes.
    pub fn until_that(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + DEADLINE;
        loop {
            while let Some(told) = self.told.pop_front() {
                if is_it(&told) {
                    return told;
                }
            }
            assert!(self.read(), "the connection is gone before {what}");
            assert!(Instant::now() < end, "{what} did not come");
        }
    }

    /// Waits until a terminal has shown a text, and forgets what it showed up to then.
    ///
    /// # Panics
    ///
    /// It does not come.
    pub fn until_shown(&mut self, id: u32, text: &str) -> String {
        let end = Instant::now() + DEADLINE;
        loop {
            let mine = self.carried.iter().filter(|carried| carried.id == id);
            let bytes: Vec<u8> = mine.flat_map(|carried| carried.bytes.clone()).collect();
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            if shown.contains(text) {
                self.carried.retain(|carried| carried.id != id);
                return shown;
            }
            assert!(self.read(), "the connection is gone before {text:?} was shown");
            assert!(Instant::now() < end, "{text:?} was not shown: {shown:?}");
        }
    }

    /// The texts of the next messages of a followed ledger, with their numbers, up to one.
    ///
    /// # Panics
    ///
    /// They do not come, or not in order.
    pub fn messages_until(&mut self, last: &str) -> Vec<(u64, String)> {
        let mut messages = Vec::new();
        loop {
            for event in self.until("events")["events"].as_array().expect("events") {
                if event["kind"] == "chat.message" {
                    let text = event["data"]["text"].as_str().expect("a text").to_owned();
                    messages.push((event["seq"].as_u64().expect("a number"), text));
                }
            }
            if messages.last().is_some_and(|(_, text)| text == last) {
                return messages;
            }
        }
    }
}

fn http_request(port: u16, path: &str) -> Result<tungstenite::http::Request<()>, String> {
    use tungstenite::client::IntoClientRequest as _;
    format!("ws://127.0.0.1:{port}{path}").into_client_request().map_err(|error| error.to_string())
}
