//! `cccc status`: everything at a glance. It starts nothing, and its exit code is 0 also when nothing runs;
//! `cccc daemon status` is the one that scripts ask.

use super::runtime;
use crate::client::Client;
use crate::failure::Failure;
use crate::print::status::{Overview, Team, text};
use crate::supervise;
use bus::contract::op::{actor, group};
use bus::contract::version;

/// Shows what runs, the groups, and how each actor is.
///
/// # Errors
///
/// The home cannot be read, or the answer cannot be written.
pub fn run(client: &Client) -> Result<(), Failure> {
    let running = supervise::what_runs(client.home()).map_err(Failure::failed)?;
    let mut status = Overview {
        version: version::PRODUCT,
        home: client.home().root().to_path_buf(),
        running: client.ensure_daemons().is_ok(),
        pid: running.as_ref().map(|running| running.pid),
        report: running.and_then(|running| running.report),
        runtimes: runtime::installed(&runtime::SearchPath::of(client.home())),
        active_group_id: String::new(),
        groups: Vec::new(),
        left: Vec::new(),
        trouble: String::new(),
    };
    if !status.running {
        status.left = supervise::left::agents(client.home());
    }
    if status.running {
        match teams(client) {
            Ok((active, groups)) => (status.active_group_id, status.groups) = (active, groups),
            Err(failure) => status.trouble = failure.sentence(),
        }
    }
    let result = serde_json::to_value(&status).expect("a status is plain data");
    client.present(&result, |page| text(page, &status))
}

fn teams(client: &Client) -> Result<(String, Vec<Team>), Failure> {
    let active = client.look(group::ActiveGet {})?.active_group_id;
    let groups = client.look(group::List::default())?.groups;
    let mut teams = Vec::new();
    for group in groups {
        let list = actor::List { group_id: group.group_id.clone(), include_unread: true, ..Default::default() };
        let (actors, trouble) = match client.look(list) {
            Ok(listed) => (listed.actors, listed.trouble.unwrap_or_default()),
            // One group that cannot be shown hides no other.
            Err(failure) => (Vec::new(), failure.sentence()),
        };
        teams.push(Team { group, actors, trouble });
    }
    Ok((active, teams))
}
