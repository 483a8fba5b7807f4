//! ptyd as a process of its own, with real holders and real programs, and a ledgerd made of a few lines.

mod composer;
mod delivery;
mod displaced;
mod ledger;
mod output;
mod refusal;
mod sessions;
mod sizes;
mod viewer;
mod viewers;
mod world;
