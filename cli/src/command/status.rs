//! `cccc status`: everything at a glance. It starts nothing, and its exit code is 0 also when nothing runs;
//! `cccc daemon status` is the one that scripts ask.

use super::{Context, Failure, runtime, stack};
use crate::print::status::{Status, Team, text};
use crate::supervise;
use bus::contract::op::{actor, group};
use bus::contract::version;

/// Shows what runs, the groups, and how each actor is.
///
/// # Errors
///
/// The home cannot be read, or the answer cannot be written.
pub fn run(context: &Context) -> Result<(), Failure> {
    let running = supervise::what_runs(context.home()).map_err(Failure::failed)?;
    let mut status = Status {
        version: version::PRODUCT,
        home: context.home().root().to_path_buf(),
        running: stack::ensure(context).is_ok(),
        pid: running.as_ref().map(|running| running.pid),
        report: running.and_then(|running| running.report),
        runtimes: runtime::installed(&runtime::Search::of(context.home())),
        active_group_id: String::new(),
        groups: Vec::new(),
        left: Vec::new(),
        trouble: String::new(),
    };
    if !status.running {
        status.left = supervise::left::agents(context.home());
    }
    if status.running {
        match teams(context) {
            Ok((active, groups)) => (status.active_group_id, status.groups) = (active, groups),
            Err(failure) => status.trouble = failure.sentence(),
        }
    }
    let result = serde_json::to_value(&status).expect("a status is plain data");
    context.present(&result, |page| text(page, &status))
}

fn teams(context: &Context) -> Result<(String, Vec<Team>), Failure> {
    let active = context.look(group::ActiveGet {})?.active_group_id;
    let groups = context.look(group::List::default())?.groups;
    let mut teams = Vec::new();
    for group in groups {
        let list = actor::List { group_id: group.group_id.clone(), include_unread: true, ..Default::default() };
        let (actors, trouble) = match context.look(list) {
            Ok(listed) => (listed.actors, listed.trouble.unwrap_or_default()),
            // One group that cannot be shown hides no other.
            Err(failure) => (Vec::new(), failure.sentence()),
        };
        teams.push(Team { group, actors, trouble });
    }
    Ok((active, teams))
}
