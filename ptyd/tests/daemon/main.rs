//! ptyd as a process of its own, with real holders and real programs and the real
//! ledgerd, which has to be built first: `cargo build --workspace --bins`. Only faults that it does not show at will come
//! from a stand-in (`faults.rs`).

mod composer;
mod delivery;
mod displaced;
mod faults;
mod ledgerd;
mod output;
mod record;
mod refusal;
mod sessions;
mod sizes;
mod stand_in;
mod viewer;
mod viewers;
mod world;
