//! Decides, writes and remembers: the only process that writes state.

mod decision;
mod store;

fn main() {}
