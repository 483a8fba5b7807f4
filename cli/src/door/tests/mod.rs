//! The door from outside: real sockets, a made-up ledgerd and ptyd behind it.

mod request;
mod stream;
mod terminal;
mod world;
