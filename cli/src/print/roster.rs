//! The actors of a group as a table: who leads, what runs, what ended, what waits.

use super::table::{Cell, Table, cell};
use super::{Page, Tone};
use bus::contract::document::{ActorView, Role, Runner};

/// One line per actor, in roster order.
pub fn text(page: &Page, actors: &[ActorView], indent: usize) -> String {
    let mut table = Table::default();
    for actor in actors {
        table.row(row(actor));
    }
    table.text(page, indent)
}

fn row(view: &ActorView) -> [Cell; 6] {
    let role = match view.role {
        Role::Foreman => cell(Tone::Head, "foreman"),
        Role::Peer => cell(Tone::Plain, "peer"),
    };
    let (tone, how) = life(view);
    [
        cell(Tone::Name, &view.actor.id),
        role,
        cell(Tone::Plain, &view.actor.runtime),
        cell(tone, how),
        cell(Tone::Plain, unread(view)),
        waiting(view),
    ]
}

fn unread(view: &ActorView) -> String {
    match view.unread_count {
        None | Some(0) => String::new(),
        Some(count) => format!("{count} unread"),
    }
}

fn waiting(view: &ActorView) -> Cell {
    let Some(waiting) = &view.waiting else { return cell(Tone::Plain, "") };
    let reason = if waiting.reason.is_empty() { String::new() } else { format!(" ({})", waiting.reason) };
    cell(Tone::Warn, format!("{} waiting{reason}", waiting.count))
}

/// Whether an actor lives, and if not, why.
pub fn life(view: &ActorView) -> (Tone, String) {
    let pid = view.pid.map_or_else(String::new, |pid| format!(", pid {pid}"));
    match (view.running, view.actor.enabled, &view.last_exit, view.actor.runner) {
        (true, _, _, _) => (Tone::Good, format!("running{pid}")),
        (false, false, None, _) => (Tone::Quiet, "off".into()),
        (false, false, Some(exit), _) => (Tone::Quiet, format!("off, {exit}")),
        (false, true, Some(exit), _) => (Tone::Bad, format!("down, {exit}")),
        (false, true, None, Runner::Headless) => (Tone::Plain, "headless".into()),
        (false, true, None, Runner::Pty) => (Tone::Quiet, "not running".into()),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::{Value, json};

    /// An actor as `actor_list` shows it, with some fields of its own.
    pub fn view(id: &str, own: Value) -> ActorView {
        let mut row = json!({"v": 1, "id": id, "title": "", "command": ["x"], "env": {}, "default_scope_key": "",
            "submit": "enter", "enabled": true, "runner": "pty", "runtime": "custom", "created_at": "", "updated_at": "",
            "role": "peer", "running": false});
        row.as_object_mut().expect("an object").extend(own.as_object().expect("an object").clone());
        serde_json::from_value(row).expect("an actor")
    }

    #[test]
    fn a_roster_shows_what_lives_and_what_waits() {
        let actors = [
            view("lead", json!({"role": "foreman", "running": true, "pid": 4711, "unread_count": 2})),
            view("审阅", json!({"last_exit": "exit code 1", "waiting": {"count": 3, "reason": "no live session"}})),
            view("c", json!({"enabled": false, "unread_count": 0, "waiting": {"count": 1, "reason": ""}})),
            view("d", json!({"runner": "headless"})),
            view("e", json!({})),
        ];
        let wanted = "  lead  foreman  custom  running, pid 4711  2 unread\n  \
                      审阅  peer     custom  down, exit code 1            3 waiting (no live session)\n  \
                      c     peer     custom  off                          1 waiting\n  \
                      d     peer     custom  headless\n  \
                      e     peer     custom  not running\n";
        assert_eq!(text(&page(), &actors, 2), wanted);
    }
}
