//! Tasks, in lines and with their steps.

use super::table::{Cell, Table, cell};
use super::{Page, Tone};
use bus::contract::context::{Progress, StepProgress, TaskView};

/// One line per task.
pub fn list(page: &Page, tasks: &[TaskView]) -> String {
    if tasks.is_empty() {
        let sentence = format!("no tasks yet; add one with `cccc task add{}`", page.place);
        return page.paint(Tone::Quiet, &sentence) + "\n";
    }
    Table::of(tasks.iter().map(row)).text(page, 0)
}

/// One task with its steps.
pub fn show(page: &Page, view: &TaskView) -> String {
    let steps = view.task.steps.iter().map(|step| {
        let tone = match step.status {
            StepProgress::Pending => Tone::Quiet,
            StepProgress::InProgress => Tone::Warn,
            StepProgress::Done => Tone::Good,
        };
        [
            cell(Tone::Name, &step.id),
            cell(tone, step.status.word()),
            cell(Tone::Plain, &step.name),
            cell(Tone::Quiet, &step.acceptance),
        ]
    });
    Table::of([row(view)]).text(page, 0) + &page.body(&view.task.goal, 2) + &Table::of(steps).text(page, 2)
}

fn row(view: &TaskView) -> [Cell; 5] {
    let task = &view.task;
    let done = task.steps.iter().filter(|step| step.status == StepProgress::Done).count();
    let steps = if task.steps.is_empty() { String::new() } else { format!("{done}/{}", task.steps.len()) };
    [
        cell(Tone::Name, &task.id),
        progress(task.status),
        cell(Tone::Quiet, steps),
        cell(Tone::Plain, &task.name),
        cell(Tone::Quiet, task.assignee.as_deref().unwrap_or_default()),
    ]
}

/// How far something has come, in the tone of it.
pub fn progress(status: Progress) -> Cell {
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
    fn a_task_is_told_with_its_steps() {
        let view = json!({"id": "T001", "name": "build", "goal": "so that it runs", "status": "active", "assignee": "peer",
            "steps": [{"id": "S1", "name": "one", "acceptance": "it is green", "status": "done"},
                      {"id": "S2", "name": "two", "status": "pending"}], "current_step": "S2", "progress": 0.5});
        let view: TaskView = serde_json::from_value(view).expect("a task");
        let line = "T001  active  1/2  build  peer\n";
        assert_eq!(list(&page(), std::slice::from_ref(&view)), line);
        let steps = "  so that it runs\n  S1  done     one  it is green\n  S2  pending  two\n";
        assert_eq!(show(&page(), &view), format!("{line}{steps}"));
    }
}
