//! What each operation of a batch does to the draft. Each says in a few words what it did.

use super::coordination::{add_remark, clear_state, merge_meta, update_brief, update_state};
use super::draft::{Done, Draft, agent, long, refused, set, short};
use bus::contract::context::{Milestone, Note, Presence, Progress, Reference, Step, StepProgress, Task};
use bus::contract::name::in_one_line;
use bus::contract::op::context::batch::{self, BatchOp};
use bus::contract::{OpError, limit};

/// Does one operation.
///
/// # Errors
///
/// It cannot be done; the draft is worth nothing any more.
pub fn apply(draft: &mut Draft<'_>, op: BatchOp) -> Done {
    match op {
        BatchOp::VisionUpdate(op) => {
            long("the vision", &op.vision)?;
            draft.set_vision(op.vision);
            Ok("updated the vision".into())
        }
        BatchOp::SketchUpdate(op) => {
            long("the sketch", &op.sketch)?;
            draft.set_sketch(op.sketch);
            Ok("updated the sketch".into())
        }
        BatchOp::MilestoneCreate(op) => create_milestone(draft, op),
        BatchOp::MilestoneUpdate(op) => update_milestone(draft, op),
        BatchOp::MilestoneComplete(op) => complete_milestone(draft, op),
        BatchOp::MilestoneRestore(op) => restore_milestone(draft, &op.milestone_id),
        BatchOp::MilestoneRemove(op) => remove_milestone(draft, &op.milestone_id),
        BatchOp::TaskCreate(op) => create_task(draft, op),
        BatchOp::TaskUpdate(op) => update_task(draft, op),
        BatchOp::TaskMove(batch::TaskMove { task_id, status }) => {
            let status = Some(status);
            update_task(draft, batch::TaskUpdate { task_id, status, ..batch::TaskUpdate::default() })
        }
        BatchOp::TaskRestore(op) => restore_task(draft, &op.task_id),
        BatchOp::TaskDelete(op) => {
            draft.get::<Task>(&op.task_id)?;
            draft.remove::<Task>(&op.task_id);
            Ok(format!("deleted task {}", op.task_id))
        }
        BatchOp::NoteAdd(op) => {
            long("the note", &op.content)?;
            let note = Note { id: draft.new_id::<Note>(), content: op.content };
            let done = format!("added note {}", note.id);
            draft.put(note)?;
            Ok(done)
        }
        BatchOp::NoteUpdate(op) => {
            let mut note = draft.get::<Note>(&op.note_id)?.clone();
            set(&mut note.content, op.content, "the note", long)?;
            draft.put(note)?;
            Ok(format!("updated note {}", op.note_id))
        }
        BatchOp::NoteRemove(op) => {
            draft.get::<Note>(&op.note_id)?;
            draft.remove::<Note>(&op.note_id);
            Ok(format!("removed note {}", op.note_id))
        }
        BatchOp::ReferenceAdd(op) => {
            long("the url", &op.url)?;
            long("the note", &op.note)?;
            let reference = Reference { id: draft.new_id::<Reference>(), url: op.url, note: op.note };
            let done = format!("added reference {}", reference.id);
            draft.put(reference)?;
            Ok(done)
        }
        BatchOp::ReferenceUpdate(op) => {
            let mut reference = draft.get::<Reference>(&op.reference_id)?.clone();
            set(&mut reference.url, op.url, "the url", long)?;
            set(&mut reference.note, op.note, "the note", long)?;
            draft.put(reference)?;
            Ok(format!("updated reference {}", op.reference_id))
        }
        BatchOp::ReferenceRemove(op) => {
            draft.get::<Reference>(&op.reference_id)?;
            draft.remove::<Reference>(&op.reference_id);
            Ok(format!("removed reference {}", op.reference_id))
        }
        BatchOp::PresenceUpdate(op) => set_presence(draft, &op.agent_id, &op.status),
        BatchOp::PresenceClear(op) => set_presence(draft, &op.agent_id, ""),
        BatchOp::BriefUpdate(op) => update_brief(draft, op),
        BatchOp::RemarkAdd(op) => add_remark(draft, op),
        BatchOp::AgentStateUpdate(op) => update_state(draft, op),
        BatchOp::AgentStateClear(op) => clear_state(draft, &op.actor_id),
        BatchOp::MetaMerge(op) => merge_meta(draft, op),
    }
}

fn progress(word: &str) -> Result<Progress, OpError> {
    Progress::read(word)
        .ok_or_else(|| refused(format!("invalid status: {word}; use one of: {}", Progress::WORDS.join(", "))))
}

/// Moves something on; what goes out of sight remembers where it was.
fn advance(status: &mut Progress, archived_from: &mut Option<Progress>, to: Progress) {
    if to != Progress::Archived {
        *archived_from = None;
    } else if *status != Progress::Archived {
        *archived_from = Some(*status);
    }
    *status = to;
}

/// Brings something back to where it was.
fn restore(what: &str, status: &mut Progress, archived_from: &mut Option<Progress>) -> Result<(), OpError> {
    if *status != Progress::Archived {
        return Err(refused(format!("{what} is {status}, and only what is archived can be restored")));
    }
    *status = archived_from.take().unwrap_or_default();
    Ok(())
}

fn put_milestone(draft: &mut Draft<'_>, mut milestone: Milestone) -> Result<(), OpError> {
    if milestone.status == Progress::Active && milestone.started.is_none() {
        milestone.started = Some(draft.today().to_owned());
    }
    // Saying again what is so already is no change, and does not date it anew.
    if draft.find::<Milestone>(&milestone.id) != Some(&milestone) {
        draft.now().clone_into(&mut milestone.updated_at);
    }
    draft.put(milestone)
}

fn create_milestone(draft: &mut Draft<'_>, op: batch::MilestoneCreate) -> Done {
    let name = in_one_line(&op.name);
    short("the name", &name)?;
    long("the description", &op.description)?;
    let mut milestone =
        Milestone { id: draft.new_id::<Milestone>(), name, description: op.description, ..Milestone::default() };
    if let Some(word) = &op.status {
        advance(&mut milestone.status, &mut milestone.archived_from, progress(word)?);
    }
    let done = format!("created milestone {}", milestone.id);
    put_milestone(draft, milestone)?;
    Ok(done)
}

fn update_milestone(draft: &mut Draft<'_>, op: batch::MilestoneUpdate) -> Done {
    let mut milestone = draft.get::<Milestone>(&op.milestone_id)?.clone();
    set(&mut milestone.name, op.name.as_deref().map(in_one_line), "the name", short)?;
    set(&mut milestone.description, op.description, "the description", long)?;
    if let Some(word) = &op.status {
        advance(&mut milestone.status, &mut milestone.archived_from, progress(word)?);
    }
    put_milestone(draft, milestone)?;
    Ok(format!("updated milestone {}", op.milestone_id))
}

fn complete_milestone(draft: &mut Draft<'_>, op: batch::MilestoneComplete) -> Done {
    long("the outcomes", &op.outcomes)?;
    let mut milestone = draft.get::<Milestone>(&op.milestone_id)?.clone();
    advance(&mut milestone.status, &mut milestone.archived_from, Progress::Done);
    milestone.completed = Some(draft.today().to_owned());
    milestone.outcomes = Some(op.outcomes);
    put_milestone(draft, milestone)?;
    Ok(format!("completed milestone {}", op.milestone_id))
}

fn restore_milestone(draft: &mut Draft<'_>, id: &str) -> Done {
    let mut milestone = draft.get::<Milestone>(id)?.clone();
    restore(id, &mut milestone.status, &mut milestone.archived_from)?;
    let done = format!("restored milestone {id} to {}", milestone.status);
    put_milestone(draft, milestone)?;
    Ok(done)
}

fn remove_milestone(draft: &mut Draft<'_>, id: &str) -> Done {
    draft.get::<Milestone>(id)?;
    let belongs = |task: &&Task| task.milestone.as_deref() == Some(id);
    let tasks = draft.ids::<Task>().filter_map(|task_id| draft.find::<Task>(task_id));
    let tasks: Vec<Task> = tasks.filter(belongs).cloned().collect();
    for task in tasks {
        put_task(draft, Task { milestone: None, ..task })?;
    }
    draft.remove::<Milestone>(id);
    Ok(format!("removed milestone {id}"))
}

fn put_task(draft: &mut Draft<'_>, mut task: Task) -> Result<(), OpError> {
    if draft.find::<Task>(&task.id) != Some(&task) {
        draft.now().clone_into(&mut task.updated_at);
    }
    draft.put(task)
}

fn create_task(draft: &mut Draft<'_>, op: batch::TaskCreate) -> Done {
    let name = in_one_line(&op.name);
    short("the name", &name)?;
    long("the goal", &op.goal)?;
    check_belongings(op.milestone_id.as_deref(), op.assignee.as_deref())?;
    let steps = steps(op.steps)?;
    let mut task = Task {
        id: draft.new_id::<Task>(),
        name,
        goal: op.goal,
        milestone: op.milestone_id,
        assignee: op.assignee,
        created_at: draft.now().to_owned(),
        steps,
        ..Task::default()
    };
    let more = batch::TaskUpdate {
        parent_id: op.parent_id,
        priority: op.priority,
        blocked_by: op.blocked_by,
        waiting_on: op.waiting_on,
        handoff_to: op.handoff_to,
        task_type: op.task_type,
        notes: op.notes,
        ..batch::TaskUpdate::default()
    };
    set_particulars(&mut task, &more)?;
    if let Some(word) = &op.status {
        advance(&mut task.status, &mut task.archived_from, progress(word)?);
    }
    let done = format!("created task {}", task.id);
    put_task(draft, task)?;
    Ok(done)
}

/// Steps as a client describes them. One without an id, or with one that is taken, is given one.
fn steps(drafts: Vec<batch::StepDraft>) -> Result<Vec<Step>, OpError> {
    if drafts.len() > limit::TASK_STEPS_MAX {
        return Err(OpError::too_large("the task", drafts.len(), limit::TASK_STEPS_MAX, "TASK_STEPS_MAX"));
    }
    let mut steps: Vec<Step> = Vec::with_capacity(drafts.len());
    for (at, draft) in drafts.into_iter().enumerate() {
        short("the id of a step", &draft.id)?;
        let name = in_one_line(&draft.name);
        short("the name of a step", &name)?;
        long("the acceptance of a step", &draft.acceptance)?;
        let is_taken = |id: &str| id.is_empty() || steps.iter().any(|step| step.id == id);
        let mut numbers = (at + 1..).map(|number| format!("S{number}"));
        let given = Some(draft.id).filter(|id| !is_taken(id));
        let id = given.or_else(|| numbers.find(|id| !is_taken(id))).unwrap_or_default();
        let status = StepProgress::parse(&draft.status).unwrap_or_default();
        steps.push(Step { id, name, acceptance: draft.acceptance, status });
    }
    Ok(steps)
}

/// Sets what newer clients know of a task: every name in it may be any.
fn set_particulars(task: &mut Task, op: &batch::TaskUpdate) -> Result<(), OpError> {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    for (what, field, now) in [
        ("priority", &mut task.priority, &op.priority),
        ("waiting_on", &mut task.waiting_on, &op.waiting_on),
        ("task_type", &mut task.task_type, &op.task_type),
    ] {
        set(field, now.as_deref().map(in_one_line), what, short)?;
    }
    for (what, field, now) in
        [("parent_id", &mut task.parent_id, &op.parent_id), ("handoff_to", &mut task.handoff_to, &op.handoff_to)]
    {
        if let Some(now) = now {
            short(what, now)?;
            *field = given(now);
        }
    }
    set(&mut task.notes, op.notes.clone(), "the notes", long)?;
    if let Some(blocked_by) = &op.blocked_by {
        long("blocked_by", &blocked_by.concat())?;
        task.blocked_by.clone_from(blocked_by);
    }
    Ok(())
}

/// A milestone and an assignee may be any name: the one may come later, the other from elsewhere.
fn check_belongings(milestone_id: Option<&str>, assignee: Option<&str>) -> Result<(), OpError> {
    short("milestone_id", milestone_id.unwrap_or_default())?;
    short("assignee", assignee.unwrap_or_default())
}

fn update_task(draft: &mut Draft<'_>, op: batch::TaskUpdate) -> Done {
    let mut task = draft.get::<Task>(&op.task_id)?.clone();
    check_belongings(op.milestone_id.as_deref(), op.assignee.as_deref())?;
    set(&mut task.name, op.name.as_deref().map(in_one_line), "the name", short)?;
    set(&mut task.goal, op.goal.clone(), "the goal", long)?;
    if let Some(assignee) = &op.assignee {
        task.assignee = Some(assignee.clone()).filter(|assignee| !assignee.is_empty());
    }
    if let Some(milestone) = &op.milestone_id {
        task.milestone = Some(milestone.clone()).filter(|milestone| !milestone.is_empty());
    }
    set_particulars(&mut task, &op)?;
    if let Some(checklist) = op.checklist {
        task.steps = steps(checklist)?;
    }
    if let Some(word) = &op.status {
        advance(&mut task.status, &mut task.archived_from, progress(word)?);
    }
    if let (Some(step_id), Some(word)) = (&op.step_id, &op.step_status) {
        let step = task.steps.iter_mut().find(|step| step.id == *step_id);
        let step = step.ok_or_else(|| refused(format!("step not found: {step_id}, in task {}", op.task_id)))?;
        let words = || StepProgress::WORDS.join(", ");
        step.status = StepProgress::parse(word)
            .ok_or_else(|| refused(format!("invalid step_status: {word}; use one of: {}", words())))?;
    }
    put_task(draft, task)?;
    Ok(format!("updated task {}", op.task_id))
}

fn restore_task(draft: &mut Draft<'_>, id: &str) -> Done {
    let mut task = draft.get::<Task>(id)?.clone();
    restore(id, &mut task.status, &mut task.archived_from)?;
    let done = format!("restored task {id} to {}", task.status);
    put_task(draft, task)?;
    Ok(done)
}

fn set_presence(draft: &mut Draft<'_>, agent_id: &str, status: &str) -> Done {
    let id = agent(draft, "agent_id", agent_id)?;
    let status = status.split_whitespace().collect::<Vec<_>>().join(" ");
    short("the status", &status)?;
    let done =
        if status.is_empty() { format!("cleared presence of {id}") } else { format!("updated presence of {id}") };
    draft.put(Presence { id, status, updated_at: draft.now().to_owned() })?;
    Ok(done)
}
