//! Everything at a glance: the processes, the groups, their actors.

use super::table::{Table, cell};
use super::{Page, Tone, group, roster};
use crate::supervise::left::Left;
use crate::supervise::{ProcessReport, StackReport};
use bus::contract::document::{ActorView, GroupRow};
use serde::Serialize;
use std::path::PathBuf;

/// What `cccc status` shows.
#[derive(Debug, Serialize)]
pub struct Overview {
    /// Of this program.
    pub version: &'static str,
    /// The folder with everything in it.
    pub home: PathBuf,
    /// Whether there is somebody to ask.
    pub running: bool,
    /// The supervisor's.
    pub pid: Option<i32>,
    /// What the supervisor says about its processes.
    pub report: Option<StackReport>,
    /// Agent programs that are installed.
    pub runtimes: Vec<&'static str>,
    /// The active group, or `""`.
    pub active_group_id: String,
    /// Last touched first.
    pub groups: Vec<Team>,
    /// Agents that go on although nothing else runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// Why there are no groups to show although something runs, or `""`.
    pub trouble: String,
}

/// A group and its actors.
#[derive(Debug, Serialize)]
pub struct Team {
    /// The group.
    #[serde(flatten)]
    pub group: GroupRow,
    /// In roster order.
    pub actors: Vec<ActorView>,
    /// Why they cannot be shown, or `""`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub trouble: String,
}

/// Tells it.
pub fn text(page: &Page, status: &Overview) -> String {
    let home = status.home.display().to_string();
    let mut told =
        format!("{} {}\n", page.paint(Tone::Head, &format!("cccc {}", status.version)), page.paint(Tone::Quiet, &home));
    told += &processes(page, status);
    if !status.runtimes.is_empty() {
        told += &format!("{} {}\n", page.paint(Tone::Quiet, "  installed:"), status.runtimes.join(", "));
    }
    if !status.trouble.is_empty() {
        told += &format!("  {}\n", page.paint(Tone::Bad, &status.trouble));
    }
    for team in &status.groups {
        let is_active = team.group.group_id == status.active_group_id;
        let place = if status.groups.len() == 1 { String::new() } else { format!(" -g {}", team.group.group_id) };
        let roster = roster::text(&page.about(&place), &team.actors, 4);
        told += &format!("\n{}{roster}", headline(page, team, is_active));
        if !team.trouble.is_empty() {
            told += &format!("    {}\n", page.paint(Tone::Bad, &team.trouble));
        } else if team.actors.is_empty() {
            let sentence = format!("no actors yet; add one with `cccc actor add{place}`");
            told += &format!("    {}\n", page.paint(Tone::Quiet, &sentence));
        }
    }
    told += &left(page, status);
    if status.running && status.groups.is_empty() && status.trouble.is_empty() {
        told += &format!("\n{}\n", page.paint(Tone::Quiet, "no groups yet; run `cccc attach .` in a project"));
    }
    told
}

/// Agents whose supervisor was killed.
fn left(page: &Page, status: &Overview) -> String {
    if status.left.is_empty() {
        return String::new();
    }
    let mut table = Table::default();
    for left in &status.left {
        let pid = format!("pid {}", left.agent.pid);
        table.row([
            cell(Tone::Name, &left.actor_id),
            cell(Tone::Plain, &left.group_id),
            cell(Tone::Warn, "goes on"),
            cell(Tone::Quiet, pid),
        ]);
    }
    let remedy = "→ `cccc daemon start` takes these agents over, `cccc daemon stop` ends them";
    format!("\n{}    {}\n", table.text(page, 4), page.paint(Tone::Quiet, remedy))
}

fn processes(page: &Page, status: &Overview) -> String {
    let mut table = Table::default();
    match (&status.report, status.running) {
        (Some(report), _) => {
            let up = page.ago(&report.started_at);
            let pid = format!("pid {}", report.pid);
            let condition = report.condition.word();
            let tone = tone(condition);
            table.row([
                cell(Tone::Plain, "supervisor"),
                cell(tone, condition),
                cell(Tone::Quiet, pid),
                cell(Tone::Quiet, up),
            ]);
            report.processes.iter().for_each(|process| table.row(row(page, process)));
        }
        (None, true) => table.row([cell(Tone::Good, "running")]),
        (None, false) => table.row([cell(Tone::Warn, "not running; start it with `cccc daemon start`")]),
    }
    table.text(page, 2)
}

fn row(page: &Page, process: &ProcessReport) -> [super::table::Cell; 5] {
    let says = match &process.last_end {
        Some(reason) if process.pid.is_none() => reason,
        Some(_) | None => &process.status,
    };
    [
        cell(Tone::Plain, &process.name),
        cell(tone(&process.state), &process.state),
        cell(Tone::Quiet, process.pid.map_or_else(String::new, |pid| format!("pid {pid}"))),
        cell(Tone::Quiet, process.started_at.as_deref().map_or_else(String::new, |since| page.ago(since))),
        cell(Tone::Quiet, says),
    ]
}

fn tone(state: &str) -> Tone {
    if state == "ready" { Tone::Good } else { Tone::Warn }
}

fn headline(page: &Page, team: &Team, is_active: bool) -> String {
    let group = &team.group;
    let star = if is_active { page.paint(Tone::Good, "*") } else { " ".into() };
    let health = if group.registry_health == "ok" {
        String::new()
    } else {
        format!(" {}", page.paint(Tone::Bad, &group.registry_health))
    };
    format!(
        "{star} {} {} {}{health} {}\n",
        page.paint(Tone::Name, &group.group_id),
        page.paint(if is_active { Tone::Head } else { Tone::Plain }, &group.title),
        page.paint(group::state_tone(group.state), group.state.word()),
        page.paint(Tone::Quiet, &group.path),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::group::tests::row as group_row;
    use crate::print::roster::tests::view;
    use crate::print::tests::page;
    use serde_json::json;

    fn status() -> Overview {
        Overview {
            version: "0.5.0",
            home: "/h".into(),
            running: false,
            pid: None,
            report: None,
            runtimes: Vec::new(),
            active_group_id: String::new(),
            groups: Vec::new(),
            left: Vec::new(),
            trouble: String::new(),
        }
    }

    #[test]
    fn everything_is_shown_at_a_glance() {
        let report = serde_json::from_value(json!({
        "v": 1, "pid": 10, "version": "0.5.0", "home": "/h", "started_at": "2026-01-13T12:00:00Z",
        "condition": "degraded", "processes": [
            {"name": "ledgerd", "purpose": "", "state": "ready", "pid": 11, "restarts": 0,
             "started_at": "2026-01-13T12:34:46Z", "status": "2 groups", "last_end": "killed", "log": "/h/l"},
            {"name": "door", "purpose": "", "state": "backoff", "pid": null, "restarts": 12,
             "started_at": null, "status": "", "last_end": "exit code 1", "log": "/h/l"},
        ]}))
        .unwrap();
        let actors = vec![view("lead", json!({"role": "foreman", "running": true, "pid": 7, "unread_count": 1}))];
        let team =
            |id: &str, title: &str, actors| Team { group: group_row(id, title, "/w"), actors, trouble: String::new() };
        let full = Overview {
            running: true,
            pid: Some(10),
            report: Some(report),
            runtimes: vec!["claude", "codex"],
            active_group_id: "g_1".into(),
            groups: vec![team("g_1", "one", actors), team("g_2", "two", Vec::new())],
            ..status()
        };
        let wanted = "\
cccc 0.5.0 /h
  supervisor  degraded  pid 10  34m
  ledgerd     ready     pid 11  10s  2 groups
  door        backoff                exit code 1
  installed: claude, codex

* g_1 one active /w
    lead  foreman  custom  running, pid 7  1 unread

  g_2 two active /w
    no actors yet; add one with `cccc actor add -g g_2`
";
        assert_eq!(text(&page(), &full), wanted);
        assert_eq!(serde_json::to_value(&full).unwrap()["groups"][0]["actors"][0]["unread_count"], 1);
    }

    #[test]
    fn it_says_what_to_do_when_there_is_little_to_show() {
        let wanted = "cccc 0.5.0 /h\n  not running; start it with `cccc daemon start`\n";
        assert_eq!(text(&page(), &status()), wanted);
        let mark = bus::process::ProcessMark { pid: 7, start_ticks: 1 };
        let one = Left { group_id: "g_1".into(), actor_id: "a".into(), agent: mark, holder: mark };
        let told = text(&page(), &Overview { left: vec![one], ..status() });
        assert!(
            told.contains("    a  g_1  goes on  pid 7\n") && told.contains("`cccc daemon stop` ends them"),
            "{told}"
        );
        let empty = Overview { running: true, ..status() };
        let wanted = "cccc 0.5.0 /h\n  running\n\nno groups yet; run `cccc attach .` in a project\n";
        assert_eq!(text(&page(), &empty), wanted);
        let sick = Overview { running: true, trouble: "ledgerd did not answer".into(), ..status() };
        assert_eq!(text(&page(), &sick), "cccc 0.5.0 /h\n  running\n  ledgerd did not answer\n");
    }
}
