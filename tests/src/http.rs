//! HTTP as a script would speak it: one request, one answer, one connection.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body, whole.
    pub body: String,
}

impl HttpAnswer {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A connection to a port of this machine.
///
/// # Errors
///
/// Nobody listens.
pub fn connect(port: u16) -> io::Result<TcpStream> {
    let socket = TcpStream::connect(("127.0.0.1", port))?;
    // As browsers do: the second of two short texts does not wait until the first one has come.
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(Duration::from_secs(60)))?;
    socket.set_write_timeout(Some(Duration::from_secs(60)))?;
    Ok(socket)
}

/// Sends a request and reads the answer. `Host` is this machine, unless the headers name another.
///
/// # Errors
///
/// Nobody listens, or the connection broke before the answer was whole.
pub fn request(port: u16, line: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<HttpAnswer> {
    let mut socket = connect(port)?;
    let mut head = format!("{line} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head += &format!("Host: 127.0.0.1:{port}\r\n");
    }
    headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    let sent = socket.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| socket.write_all(body));
    // Who refuses a body need not read it; the answer says why.
    read(&mut socket).or_else(|error| sent.and(Err(error)))
}

fn read(from: &mut impl Read) -> io::Result<HttpAnswer> {
    let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let mut bytes = Vec::new();
    // A reset after a whole answer takes nothing from it.
    let end = from.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).map_err(|_| invalid("no text"))?;
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        end?;
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or(invalid("no status"))?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = HttpAnswer { status, headers, body: body.to_owned() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = joined(body).ok_or(io::ErrorKind::UnexpectedEof)?;
    } else if let Some(length) = answer.header("content-length").and_then(|text| text.parse().ok()) {
        answer.body = body.get(..length).ok_or(io::ErrorKind::UnexpectedEof)?.to_owned();
    }
    Ok(answer)
}

/// The chunks of a body as one text; `None` when the last one is missing.
fn joined(mut body: &str) -> Option<String> {
    let mut whole = String::new();
    loop {
        let (length, rest) = body.split_once("\r\n")?;
        let length = usize::from_str_radix(length.split(';').next()?, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole += rest.get(..length)?;
        body = rest.get(length..)?.strip_prefix("\r\n")?;
    }
}
