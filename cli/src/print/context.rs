//! What a group shares beside its messages: vision, milestones, tasks, notes, references, and who does what.

use super::table::{Cell, Table, cell};
use super::task::progress;
use super::{Page, Tone};
use bus::contract::context::Presence;
use bus::contract::op::context::{Got, Synced};

/// Everything but the tasks, which are counted.
pub fn text(page: &Page, context: &Got) -> String {
    let mut told = String::new();
    for (title, text) in [("vision", &context.vision), ("sketch", &context.sketch)] {
        if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
            told += &(page.paint(Tone::Head, title) + "\n" + &page.body(text, 2));
        }
    }
    told += &coordination(page, context);
    let milestones = context.milestones.iter().map(|milestone| {
        let outcomes = milestone.outcomes.as_deref().unwrap_or_default();
        vec![
            cell(Tone::Name, &milestone.id),
            progress(milestone.status),
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

/// What a batch did, or would do.
pub fn synced(page: &Page, reply: &Synced) -> String {
    let would = if reply.dry_run { "would have " } else { "" };
    if reply.changes.is_empty() {
        return page.paint(Tone::Quiet, "nothing was to be changed") + "\n";
    }
    let lines = reply.changes.iter().map(|change| page.line(&format!("{would}{}", change.detail)));
    lines.collect()
}

fn section(page: &Page, title: &str, cells: impl Iterator<Item = Vec<Cell>>) -> String {
    let rows = Table::of(cells).text(page, 2);
    if rows.is_empty() { rows } else { page.paint(Tone::Head, title) + "\n" + &rows }
}

fn presence(page: &Page, agent: &Presence) -> Vec<Cell> {
    let ago = page.ago(&agent.updated_at);
    vec![cell(Tone::Name, &agent.id), cell(Tone::Plain, &agent.status), cell(Tone::Quiet, ago)]
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
