//! What every op promises, in tables: who may, what is refused, what is written, what is answered.

mod actor;
mod automation;
mod blob;
mod context;
mod delivery;
mod group;
mod headless;
mod history;
mod im;
mod inbox;
mod ledger;
mod maintenance;
mod message;
mod observability;
mod principal;
mod profile;
mod prompt;
mod property;
mod query;
mod relay;
mod remote;
mod secret;
mod table;
mod template;
mod world;
