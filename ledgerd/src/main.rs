//! Decides, writes and remembers: the only process that writes state.

mod decision;
mod op;
mod permission;
mod recipient;
mod stamp;
mod state;
mod store;

fn main() {}
