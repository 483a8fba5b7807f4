//! What the operations of newer clients do to the draft: the brief, decisions and handoffs, what agents have in mind, and
//! facts for programs.

use super::draft::{Done, Draft, agent, long, refused, set, short};
use bus::contract::coordination::{AgentState, Remark, RemarkKind};
use bus::contract::op::context::batch;
use bus::contract::{OpError, limit};
use serde_json::Value;

/// `coordination.brief.update`
///
/// # Errors
///
/// A limit.
pub fn update_brief(draft: &mut Draft<'_>, op: batch::BriefUpdate) -> Done {
    let mut brief = draft.brief();
    let before = brief.clone();
    set(&mut brief.objective, op.objective, "the objective", long)?;
    set(&mut brief.current_focus, op.current_focus, "the focus", long)?;
    set(&mut brief.project_brief, op.project_brief, "the project brief", long)?;
    set_list(&mut brief.constraints, op.constraints, "the constraints")?;
    brief.project_brief_stale = op.project_brief_stale.unwrap_or(brief.project_brief_stale);
    if brief != before {
        draft.by().clone_into(&mut brief.updated_by);
        draft.now().clone_into(&mut brief.updated_at);
    }
    draft.set_brief(brief);
    Ok("updated the brief".into())
}

/// `coordination.note.add`: the oldest of its kind goes when there are too many.
///
/// # Errors
///
/// There is no such kind, or nothing is said; a limit.
pub fn add_remark(draft: &mut Draft<'_>, op: batch::RemarkAdd) -> Done {
    let words = || RemarkKind::WORDS.join(", ");
    let kind = RemarkKind::parse(&op.kind)
        .ok_or_else(|| refused(format!("invalid kind: {}; use one of: {}", op.kind, words())))?;
    if op.summary.is_empty() {
        return Err(refused("missing summary".into()));
    }
    long("the summary", &op.summary)?;
    short("task_id", op.task_id.as_deref().unwrap_or_default())?;
    let (id, by, at) = (draft.new_id::<Remark>(), draft.by().to_owned(), draft.now().to_owned());
    let done = format!("added {kind} {id}");
    let of_kind = draft.ids::<Remark>().filter_map(|id| draft.find::<Remark>(id)).filter(|known| known.kind == kind);
    let mut known: Vec<(usize, String)> = of_kind.map(|known| (known.id.len(), known.id.clone())).collect();
    // Longer numbers are greater ones.
    known.sort_unstable();
    let surplus = (known.len() + 1).saturating_sub(limit::CONTEXT_REMARKS_MAX);
    known.iter().take(surplus).for_each(|(_, id)| draft.remove::<Remark>(id));
    draft.put(Remark { id, kind, summary: op.summary, task_id: op.task_id, by, at })?;
    Ok(done)
}

/// `agent_state.update`: what is not given stays, what is blank is gone.
///
/// # Errors
///
/// No agent is named; a limit.
pub fn update_state(draft: &mut Draft<'_>, op: batch::AgentStateUpdate) -> Done {
    let id = agent(draft, "actor_id", &op.actor_id)?;
    let before = draft.find::<AgentState>(&id).cloned();
    let mut state = before.clone().unwrap_or_else(|| AgentState { id: id.clone(), ..AgentState::default() });
    let (hot, warm) = (&mut state.hot, &mut state.warm);
    for (what, field, now) in [
        ("active_task_id", &mut hot.active_task_id, op.active_task_id),
        ("the focus", &mut hot.focus, op.focus),
        ("the next action", &mut hot.next_action, op.next_action),
        ("what has changed", &mut warm.what_changed, op.what_changed),
        ("the environment", &mut warm.environment_summary, op.environment_summary),
        ("the user model", &mut warm.user_model, op.user_model),
        ("the persona", &mut warm.persona_notes, op.persona_notes),
    ] {
        if let Some(now) = now {
            long(what, &now)?;
            *field = Some(now).filter(|now| !now.is_empty());
        }
    }
    set_list(&mut hot.blockers, op.blockers, "the blockers")?;
    set_list(&mut warm.open_loops, op.open_loops, "the open loops")?;
    set_list(&mut warm.commitments, op.commitments, "the commitments")?;
    if before.as_ref() != Some(&state) {
        draft.now().clone_into(&mut state.updated_at);
    }
    draft.put(state)?;
    Ok(format!("updated what {id} has in mind"))
}

/// `agent_state.clear`
///
/// # Errors
///
/// No agent is named; a limit.
pub fn clear_state(draft: &mut Draft<'_>, name: &str) -> Done {
    let id = agent(draft, "actor_id", name)?;
    let done = format!("cleared what {id} has in mind");
    draft.put(AgentState { id, updated_at: draft.now().to_owned(), ..AgentState::default() })?;
    Ok(done)
}

/// `meta.merge`
///
/// # Errors
///
/// `data` is no object; a limit.
pub fn merge_meta(draft: &mut Draft<'_>, op: batch::MetaMerge) -> Done {
    let data = op.data.ok_or_else(|| refused("data must be an object".into()))?;
    let mut meta = draft.meta();
    for (name, fact) in data {
        match fact {
            Value::Null => drop(meta.remove(&name)),
            fact => drop(meta.insert(name, fact)),
        }
    }
    long("the facts together", &Value::Object(meta.clone()).to_string())?;
    draft.set_meta(meta);
    Ok("merged facts".into())
}

fn set_list(field: &mut Vec<String>, given: Option<Vec<String>>, what: &str) -> Result<(), OpError> {
    let Some(items) = given else { return Ok(()) };
    long(what, &items.concat())?;
    *field = items;
    Ok(())
}
