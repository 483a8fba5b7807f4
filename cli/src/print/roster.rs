//! The actors of a group as a table: who leads, what runs, what ended, what waits.

use super::table::{Cell, Table, cell};
use super::{Page, Tone, escape, hint};
use bus::contract::document::{ActorView, Resume, Role, Runner, TerminalState};
use bus::contract::held::Reason;
use bus::contract::{Actor, runtime};

/// The actors of a group that is named before.
pub fn list(page: &Page, actors: &[ActorView]) -> String {
    match actors {
        [] => page.line(&format!("no actors yet; add one with `cccc actor add{}`", page.place)),
        actors => text(page, actors, 0),
    }
}

/// One line per actor, in roster order, and below them what to do about what holds messages.
pub fn text(page: &Page, actors: &[ActorView], indent: usize) -> String {
    Table::of(actors.iter().map(row)).text(page, indent)
        + &last_words(page, actors, indent)
        + &remedies(page, actors, indent)
}

/// What those have last shown whose programs ended by themselves.
fn last_words(page: &Page, actors: &[ActorView], indent: usize) -> String {
    let is_down = |view: &&ActorView| !view.running && view.actor.enabled && !view.last_lines.is_empty();
    let pad = " ".repeat(indent);
    let mut words = String::new();
    for view in actors.iter().filter(is_down) {
        words += &format!("{pad}{}\n", page.paint(Tone::Quiet, &format!("{} last showed:", view.actor.id)));
        for line in &view.last_lines {
            words += &format!("{pad}  {}\n", page.paint(Tone::Quiet, &escape::line(line)));
        }
    }
    words
}

fn row(view: &ActorView) -> [Cell; 7] {
    let role = match view.role {
        Role::Foreman => cell(Tone::Head, "foreman"),
        Role::Peer => cell(Tone::Plain, "peer"),
    };
    let (tone, how, why) = life(view);
    [
        cell(Tone::Name, &view.actor.id),
        role,
        cell(Tone::Plain, &view.actor.runtime),
        cell(tone, how),
        cell(Tone::Plain, unread(view)),
        waiting(view),
        cell(tone, why),
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

/// Whether an actor lives, and how its last life ended or why there was none; that may be long.
fn life(view: &ActorView) -> (Tone, String, &str) {
    let pid = view.pid.map_or_else(String::new, |pid| format!(", pid {pid}"));
    let state = view.terminal_state.filter(|state| *state != TerminalState::Ended);
    let (tone, state) = match state {
        Some(TerminalState::Asks | TerminalState::Draft | TerminalState::NotReady) => (Tone::Warn, state),
        _ => (Tone::Good, state),
    };
    let state = state.map_or("running", TerminalState::word);
    let why = view.last_exit.as_deref().unwrap_or_default();
    match (view.running, view.actor.enabled, view.actor.runner) {
        (true, _, _) => (tone, format!("{state}{pid}"), ""),
        (false, false, _) => (Tone::Quiet, "off".into(), why),
        (false, true, _) if !why.is_empty() => (Tone::Bad, "down".into(), why),
        (false, true, Runner::Headless) => (Tone::Plain, "headless".into(), ""),
        (false, true, Runner::Pty) => (Tone::Quiet, "not running".into(), ""),
    }
}

/// What to do about what holds messages, where somebody has to do something. A paused group needs it only once.
fn remedies(page: &Page, actors: &[ActorView], indent: usize) -> String {
    let remedy = |view: &ActorView| {
        let reason = Reason::parse(&view.waiting.as_ref()?.reason)?;
        hint::of_waiting(reason, &view.actor.id, &page.place)
    };
    // Who asks a person asks also while nothing waits.
    let asks = |view: &ActorView| {
        let asks = view.terminal_state == Some(TerminalState::Asks);
        asks.then(|| hint::of_waiting(Reason::Elsewhere, &view.actor.id, &page.place)).flatten()
    };
    let mut remedies: Vec<_> = actors.iter().filter_map(|view| asks(view).or_else(|| remedy(view))).collect();
    remedies.extend(actors.iter().filter_map(|view| hint::of_tools(view, &page.place)));
    remedies.extend(shared_conversation(actors).map(|both| hint::of_shared_conversation(both, &page.place)));
    let starts_afresh = |view: &&ActorView| view.actor.cannot_resume();
    remedies.extend(actors.iter().filter(starts_afresh).map(|view| hint::of_no_resume(&view.actor, &page.place)));
    remedies.dedup();
    let line = |remedy: &String| format!("{}{}\n", " ".repeat(indent), page.paint(Tone::Quiet, &format!("→ {remedy}")));
    remedies.iter().map(line).collect()
}

/// Two actors that run the same program in the same folder, one of which goes on with the last conversation there.
fn shared_conversation(actors: &[ActorView]) -> Option<[&str; 2]> {
    let in_one_place = |one: &Actor, other: &Actor| {
        let program = |actor: &Actor| runtime::executable(&actor.command).map(str::to_owned);
        one.id != other.id
            && other.runner == Runner::Pty
            && program(one) == program(other)
            && one.default_scope_key == other.default_scope_key
    };
    actors.iter().map(|view| &view.actor).filter(|one| one.resume == Resume::Last && !one.cannot_resume()).find_map(
        |one| {
            let other = actors.iter().map(|view| &view.actor).find(|other| in_one_place(one, other))?;
            Some([one.id.as_str(), other.id.as_str()])
        },
    )
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
            view(
                "审阅",
                json!({"last_exit": "exit code 1", "last_lines": ["no key", "bye"], "waiting": {"count": 3, "reason": "no live session"}}),
            ),
            view("c", json!({"enabled": false, "unread_count": 0, "waiting": {"count": 1, "reason": ""}})),
            view("d", json!({"runner": "headless"})),
            view("e", json!({})),
            view("g", json!({"running": true, "pid": 7, "terminal_state": "busy"})),
            view("h", json!({"running": true, "terminal_state": "asks a person"})),
            view("i", json!({"running": true, "tools": "stale", "command": ["/opt/codex", "-x"]})),
            view(
                "f",
                json!({"running": true, "waiting": {"count": 1, "reason": "not ready for text"}, "resume": "last"}),
            ),
        ];
        let wanted = "  lead  foreman  custom  running, pid 4711  2 unread\n  \
                      审阅  peer     custom  down                         3 waiting (no live session)     exit code 1\n  \
                      c     peer     custom  off                          1 waiting\n  \
                      d     peer     custom  headless\n  \
                      e     peer     custom  not running\n  \
                      g     peer     custom  busy, pid 7\n  \
                      h     peer     custom  asks a person\n  \
                      i     peer     custom  running\n  \
                      f     peer     custom  running                      1 waiting (not ready for text)\n  \
                      审阅 last showed:\n    no key\n    bye\n  \
                      → `cccc actor start 审阅 -g g_1` starts 审阅\n  \
                      → `cccc attach-terminal h -g g_1` shows what is in the way and lets you answer it\n  \
                      → `cccc actor update f --deliver typed -g g_1` types to f all the same\n  \
                      → `cccc setup --runtime codex` and `cccc actor restart i -g g_1` give i the tools of cccc (now \
                      stale)\n  \
                      → `cccc actor update f --resume no -g g_1` settles it: x cannot be told to go on with its last \
                      conversation\n";
        assert_eq!(text(&page().about(" -g g_1"), &actors, 2), wanted);
    }

    #[test]
    fn whose_conversation_may_be_another_actors_is_told() {
        let here = |id, command, resume| view(id, json!({"command": [command], "resume": resume}));
        let there = view("b", json!({"command": ["claude"], "default_scope_key": "s_2"}));
        #[rustfmt::skip]
        let cases = [
            (vec![here("a", "claude", "last"), here("b", "/x/claude", "no")], Some(["a", "b"])),
            (vec![here("a", "claude", "no"), here("b", "claude", "last")],    Some(["b", "a"])),
            (vec![here("a", "claude", "no"), here("b", "claude", "no")],      None),
            (vec![here("a", "claude", "last"), here("b", "codex", "last")],   None),
            (vec![here("a", "claude", "last"), there],                        None),
        ];
        for (actors, wanted) in cases {
            assert_eq!(shared_conversation(&actors), wanted);
        }
        let told = text(&page().about(""), &[here("a", "claude", "last"), here("b", "claude", "last")], 0);
        assert!(told.contains("the last conversation in this one may be that of b"), "{told}");
    }
}
