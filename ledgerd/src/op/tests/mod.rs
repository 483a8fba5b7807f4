//! What every op promises, in tables: who may, what is refused, what is written, what is answered.

mod actor;
mod automation;
mod context;
mod delivery;
mod group;
mod headless;
mod im;
mod inbox;
mod ledger;
mod message;
mod principal;
mod profile;
mod prompt;
mod property;
mod remote;
mod secret;
mod table;
mod template;
mod world;
