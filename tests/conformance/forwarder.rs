//! Adds a token to what clients send that know of none.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// Forwards to a server of this machine, with a token in each request.
#[derive(Debug)]
pub struct Forwarder {
    port: u16,
}

impl Forwarder {
    /// Starts it; it serves for as long as the process lives.
    pub fn start(to: u16, token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let token = token.to_owned();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let token = token.clone();
                // A client that goes away ends its thread.
                thread::spawn(move || drop(forward(client, to, &token)));
            }
        });
        Self { port }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// One request of a connection: the head has the token, and says that there is only this one.
fn forward(client: TcpStream, to: u16, token: &str) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", to))?;
    let mut from_client = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    while from_client.read_line(&mut line)? > 0 && !line.trim().is_empty() {
        if !line.to_ascii_lowercase().starts_with("connection:") {
            server.write_all(line.as_bytes())?;
        }
        line.clear();
    }
    write!(server, "Connection: close\r\nAuthorization: Bearer {token}\r\n\r\n")?;
    let mut back = (server.try_clone()?, client);
    let answering = thread::spawn(move || {
        let copied = io::copy(&mut back.0, &mut back.1);
        // Who waits for more of either side is told that there is none.
        let _ = back.1.shutdown(Shutdown::Both);
        copied
    });
    io::copy(&mut from_client, &mut server)?;
    server.shutdown(Shutdown::Write)?;
    answering.join().expect("the answer")?;
    Ok(())
}
