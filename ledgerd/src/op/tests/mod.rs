//! What every op promises, in tables: who may, what is refused, what is written, what is answered.

mod actor;
mod context;
mod delivery;
mod group;
mod inbox;
mod headless;
mod ledger;
mod message;
mod profile;
mod property;
mod secret;
mod table;
mod world;
