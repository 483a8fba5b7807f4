//! What a group shares beside its messages: vision, milestones, tasks, notes, references, and who does what.

use super::table::{Cell, Table, cell};
use super::{Page, Tone};
use bus::contract::context::{Presence, Progress, StepProgress, TaskView};
use bus::contract::op::context::{Got, Synced};

/// Everything but the tasks, which are counted.
pub fn text(page: &Page, context: &Got) -> String {
    let mut told = String::new();
    for (title, text) in [("vision", &context.vision), ("sketch", &context.sketch)] {
        if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
            told += &(head(page, title) + &page.body(text, 2));
        }
    }
    told += &coordination(page, context);
    let milestones = context.milestones.iter().map(|milestone| {
        let outcomes = milestone.outcomes.as_deref().unwrap_or_default();
        vec![
            cell(Tone::Name, &milestone.id),
            how_far(milestone.status),
            cell(Tone::Plain, &milestone.name),
            cell(Tone::Quiet, outcomes),
        ]
    });
    told += &section(page, "milestones", milestones);
    let notes = context.notes.iter().map(|note| vec![cell(Tone::Name, &note.id), cell(Tone::Plain, &note.content)]);
    told += &section(page, "notes", notes);
    let references = context.references.iter().map(|reference| {
        vec![cell(Tone::Name, &reference.id), cell(Tone::Plain, &reference.url), cell(Tone::Quiet, &reference.note)]
    });
    told += &section(page, "references", references);
    told += &section(page, "presence", context.presence.agents.iter().map(|agent| presence(page, agent)));
    let minds = context.agent_states.iter().map(|state| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            cell(Tone::Name, &state.id),
            cell(Tone::Plain, text(&state.hot.focus)),
            cell(Tone::Quiet, text(&state.hot.next_action)),
            cell(Tone::Quiet, page.ago(&state.updated_at)),
        ]
    });
    told += &section(page, "in mind", minds);
    let sum = &context.tasks_summary;
    let tasks = format!(
        "{} tasks: {} active, {} planned, {} done; `cccc task list{}` shows them",
        sum.total, sum.active, sum.planned, sum.done, page.place
    );
    told + &page.paint(Tone::Quiet, &format!("{tasks} (version {})", context.version)) + "\n"
}

/// The brief, and what was decided and handed on.
fn coordination(page: &Page, context: &Got) -> String {
    let brief = &context.coordination.brief;
    let constraints = brief.constraints.join("; ");
    let told = [
        ("objective", &brief.objective),
        ("focus", &brief.current_focus),
        ("constraints", &constraints),
        ("project", &brief.project_brief),
    ];
    let told = told.into_iter().filter(|(_, text)| !text.is_empty());
    let mut text =
        section(page, "brief", told.map(|(what, text)| vec![cell(Tone::Name, what), cell(Tone::Plain, text)]));
    for (title, remarks) in
        [("decisions", &context.coordination.recent_decisions), ("handoffs", &context.coordination.recent_handoffs)]
    {
        let remarks = remarks.iter().map(|remark| {
            vec![cell(Tone::Name, &remark.id), cell(Tone::Plain, &remark.summary), cell(Tone::Quiet, &remark.by)]
        });
        text += &section(page, title, remarks);
    }
    text
}

/// One line per task.
pub fn tasks(page: &Page, tasks: &[TaskView]) -> String {
    if tasks.is_empty() {
        let sentence = format!("no tasks yet; add one with `cccc task add{}`", page.place);
        return page.paint(Tone::Quiet, &sentence) + "\n";
    }
    let mut table = Table::default();
    tasks.iter().for_each(|view| table.row(row(view)));
    table.text(page, 0)
}

/// One task with its steps.
pub fn task(page: &Page, view: &TaskView) -> String {
    let mut table = Table::default();
    table.row(row(view));
    let mut told = table.text(page, 0) + &page.body(&view.task.goal, 2);
    let steps = view.task.steps.iter().map(|step| {
        let tone = match step.status {
            StepProgress::Pending => Tone::Quiet,
            StepProgress::InProgress => Tone::Warn,
            StepProgress::Done => Tone::Good,
        };
        vec![
            cell(Tone::Name, &step.id),
            cell(tone, step.status.word()),
            cell(Tone::Plain, &step.name),
            cell(Tone::Quiet, &step.acceptance),
        ]
    });
    told += &rows(page, steps);
    told
}

/// Who does what.
pub fn agents(page: &Page, agents: &[Presence]) -> String {
    if agents.is_empty() {
        return page.paint(Tone::Quiet, "nobody has said what it is doing") + "\n";
    }
    rows(page, agents.iter().map(|agent| presence(page, agent)))
}

/// What a batch did, or would do.
pub fn synced(page: &Page, reply: &Synced) -> String {
    let would = if reply.dry_run { "would have " } else { "" };
    if reply.changes.is_empty() {
        return page.paint(Tone::Quiet, "nothing was to be changed") + "\n";
    }
    let lines = reply.changes.iter().map(|change| page.paint(Tone::Plain, &format!("{would}{}", change.detail)) + "\n");
    lines.collect()
}

fn head(page: &Page, title: &str) -> String {
    page.paint(Tone::Head, title) + "\n"
}

fn section(page: &Page, title: &str, cells: impl Iterator<Item = Vec<Cell>>) -> String {
    let rows = rows(page, cells);
    if rows.is_empty() { rows } else { head(page, title) + &rows }
}

fn rows(page: &Page, cells: impl Iterator<Item = Vec<Cell>>) -> String {
    let mut table = Table::default();
    cells.for_each(|cells| table.row(cells));
    table.text(page, 2)
}

fn row(view: &TaskView) -> [Cell; 5] {
    let task = &view.task;
    let done = task.steps.iter().filter(|step| step.status == StepProgress::Done).count();
    let steps = if task.steps.is_empty() { String::new() } else { format!("{done}/{}", task.steps.len()) };
    [
        cell(Tone::Name, &task.id),
        how_far(task.status),
        cell(Tone::Quiet, steps),
        cell(Tone::Plain, &task.name),
        cell(Tone::Quiet, task.assignee.as_deref().unwrap_or_default()),
    ]
}

fn presence(page: &Page, agent: &Presence) -> Vec<Cell> {
    let ago = page.ago(&agent.updated_at);
    vec![cell(Tone::Name, &agent.id), cell(Tone::Plain, &agent.status), cell(Tone::Quiet, ago)]
}

fn how_far(status: Progress) -> Cell {
    let tone = match status {
        Progress::Planned => Tone::Plain,
        Progress::Active => Tone::Warn,
        Progress::Done => Tone::Good,
        Progress::Archived => Tone::Quiet,
    };
    cell(tone, status.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::json;

    #[test]
    fn a_context_is_told_section_by_section_and_what_is_empty_is_left_out() {
        let context = |notes, agents| {
            let got = json!({"version": "0123456789ab", "vision": "far\nand wide", "sketch": "",
                "milestones": [{"id": "M1", "name": "first", "status": "done", "outcomes": "it works"}], "notes": notes,
                "references": [], "tasks_summary": {"total": 3, "done": 1, "active": 1, "planned": 1},
                "active_task": null, "presence": {"agents": agents}});
            text(&page(), &serde_json::from_value(got).expect("a context"))
        };
        let agent = json!([{"id": "peer", "status": "reading", "updated_at": "2026-01-13T12:32:56Z"}]);
        assert_eq!(
            context(json!([{"id": "N001", "content": "mind\nthe gap"}]), agent),
            "vision\n  far\n  and wide\nmilestones\n  M1  done  first  it works\nnotes\n  N001  mind the gap\n\
             presence\n  peer  reading  2m\n\
             3 tasks: 1 active, 1 planned, 1 done; `cccc task list` shows them (version 0123456789ab)\n"
        );
        assert!(!context(json!([]), json!([])).contains("notes"));
    }

    #[test]
    fn a_task_is_told_with_its_steps() {
        let view = json!({"id": "T001", "name": "build", "goal": "so that it runs", "status": "active", "assignee": "peer",
            "steps": [{"id": "S1", "name": "one", "acceptance": "it is green", "status": "done"},
                      {"id": "S2", "name": "two", "status": "pending"}], "current_step": "S2", "progress": 0.5});
        let view: TaskView = serde_json::from_value(view).expect("a task");
        let line = "T001  active  1/2  build  peer\n";
        assert_eq!(tasks(&page(), std::slice::from_ref(&view)), line);
        let steps = "  so that it runs\n  S1  done     one  it is green\n  S2  pending  two\n";
        assert_eq!(task(&page(), &view), format!("{line}{steps}"));
    }

    #[test]
    fn a_batch_says_what_it_did_or_would_do() {
        let told = |changes, dry_run| {
            let reply = json!({"success": true, "dry_run": dry_run, "changes": changes, "version": "0123456789ab"});
            synced(&page(), &serde_json::from_value(reply).expect("a reply"))
        };
        let change = json!([{"index": 0, "op": "note.add", "detail": "added note N001"}]);
        assert_eq!(told(change.clone(), false), "added note N001\n");
        assert_eq!(told(change, true), "would have added note N001\n");
        assert_eq!(told(json!([]), false), "nothing was to be changed\n");
    }
}
