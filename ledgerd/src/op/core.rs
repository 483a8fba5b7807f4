//! `ping`.

use super::request::RequestContext;
use bus::contract::op::{ALIASES, TABLE, core};
use bus::contract::redact::FOR_DAEMONS;
use bus::contract::{Reply, time, version};

/// Features that the standard names and that are not ops.
const FEATURES: [&str; 1] = ["remote_access"];

/// Who answers, and what it can do: every op of the table works, under each of its names, unless no door serves it.
pub fn ping(cx: &RequestContext<'_>) -> Reply {
    let names = TABLE.iter().map(|row| row.name).chain(ALIASES.iter().map(|(alias, _)| *alias));
    let ops = names.map(|name| (name.to_owned(), !FOR_DAEMONS.contains(&name)));
    let rest = FEATURES.iter().map(|name| ((*name).to_owned(), true));
    Reply::Ping(core::Pong {
        version: version::PRODUCT.into(),
        pid: cx.stamp.pid(),
        ts: time::format(cx.stamp.now()),
        ipc_v: version::IPC,
        capabilities: ops.chain(rest).collect(),
        epoch: cx.state.home.epoch,
    })
}
