// Tasks as they are shown: sections, what a task waits for, filters, and what an edit makes of it before it is stored. Pure.
import type { BatchOpAsked, Step, TaskView } from '../wire/contract'

export const STATUSES = ['active', 'planned', 'done', 'archived'] as const
export type Status = (typeof STATUSES)[number]

export const GLYPHS: Record<Status, { icon: string; tone: string }> = {
  active: { icon: 't-active', tone: 'ta' },
  planned: { icon: 't-planned', tone: 'm3' },
  done: { icon: 't-done', tone: 'tg' },
  archived: { icon: 't-archived', tone: 'm3' },
}

export const STEP_GLYPHS: Record<Step['status'], { icon: string; tone: string }> = {
  pending: GLYPHS.planned, in_progress: GLYPHS.active, done: GLYPHS.done,
}

/** What is looked at. Empty words mean all. */
export interface Filter {
  who: 'all' | 'mine' | 'nobody' | { id: string }
  milestone: string
  /** Done and archived ones too. */
  finished: boolean
  archived: boolean
}

export const ALL: Filter = { who: 'all', milestone: '', finished: true, archived: false }

export function matches(task: TaskView, filter: Filter, you: string): boolean {
  const { who } = filter
  if (task.status === 'archived' && !filter.archived) return false
  if (task.status === 'done' && !filter.finished) return false
  if (filter.milestone !== '' && task.milestone !== filter.milestone) return false
  if (who === 'mine') return task.assignee === you || isYours(task.waiting_on, you)
  if (who === 'nobody') return task.assignee === null
  return who === 'all' || task.assignee === who.id
}

/** Whether something that a task waits for is the person here. */
export const isYours = (waiting_on: string | undefined, you: string): boolean =>
  waiting_on === you || waiting_on === `@${you}`

/** What blocks a task still: tasks that are not finished, and whatever is no task. */
export function blockers(task: TaskView, tasks: TaskView[]): string[] {
  const finished = new Set(tasks.filter(({ status }) => status === 'done' || status === 'archived').map(({ id }) => id))
  return (task.blocked_by ?? []).filter((one) => !finished.has(one))
}

export const isOpen = (task: TaskView): boolean => task.status === 'active' || task.status === 'planned'

/** Newest first among what is finished, oldest first among what is to be done. */
export function section(tasks: TaskView[], status: Status): TaskView[] {
  const of = tasks.filter((task) => task.status === status)
  return status === 'done' || status === 'archived' ? of.sort((a, b) => b.updated_at.localeCompare(a.updated_at)) : of
}

export const doneSteps = (steps: Step[]): number => steps.filter(({ status }) => status === 'done').length

/** A task after an operation; null where that removes it. An operation about something else leaves it. */
export function applied(task: TaskView, op: BatchOpAsked): TaskView | null {
  switch (op.op) {
    case 'task.delete': return null
    case 'task.move': return moved(task, op.status as Status)
    case 'task.restore': return { ...task, status: task.archived_from ?? 'planned', archived_from: null }
    case 'task.update': {
      let next = { ...task }
      if (op.status) next = moved(next, op.status as Status)
      if (op.name !== undefined && op.name !== null) next.name = op.name
      if (op.goal !== undefined && op.goal !== null) next.goal = op.goal
      if (op.assignee !== undefined && op.assignee !== null) next.assignee = op.assignee || null
      if (op.milestone_id !== undefined && op.milestone_id !== null) next.milestone = op.milestone_id || null
      if (op.step_id && op.step_status) {
        const status = op.step_status as Step['status']
        next = counted({ ...next, steps: next.steps.map((step) => (step.id === op.step_id ? { ...step, status } : step)) })
      }
      return next
    }
    default: return task
  }
}

const moved = (task: TaskView, status: Status): TaskView => ({
  ...task, status, archived_from: status === 'archived' ? task.status : null,
})

const counted = (task: TaskView): TaskView => ({
  ...task,
  progress: task.steps.length === 0 ? 0 : doneSteps(task.steps) / task.steps.length,
  current_step: task.steps.find(({ status }) => status !== 'done')?.id ?? null,
})

/** What a step becomes when it is pressed. */
export const NEXT_STEP: Record<Step['status'], Step['status']> = { pending: 'in_progress', in_progress: 'done', done: 'pending' }

/** Columns of the board. */
export const COLUMNS = ['planned', 'active', 'done'] as const
export type Column = (typeof COLUMNS)[number]

/** The column beside one, or null at the edge. */
export const beside = (column: Column, by: -1 | 1): Column | null => COLUMNS[COLUMNS.indexOf(column) + by] ?? null

/** A step in the form: one without an id is new. */
export interface StepField {
  id?: string
  name: string
  acceptance: string
  status: Step['status']
}

/** What is typed of a task. */
export interface Fields {
  name: string
  goal: string
  assignee: string
  milestone: string
  waiting_on: string
  blocked_by: string
  priority: string
  notes: string
  steps: StepField[]
}

export const NO_FIELDS: Fields = {
  name: '', goal: '', assignee: '', milestone: '', waiting_on: '', blocked_by: '', priority: '', notes: '', steps: [],
}

export const fieldsOf = (task: TaskView): Fields => ({
  name: task.name,
  goal: task.goal,
  assignee: task.assignee ?? '',
  milestone: task.milestone ?? '',
  waiting_on: task.waiting_on ?? '',
  blocked_by: (task.blocked_by ?? []).join(', '),
  priority: task.priority ?? '',
  notes: task.notes ?? '',
  steps: task.steps.map(({ id, name, acceptance, status }) => ({ id, name, acceptance, status })),
})

const listed = (text: string): string[] => text.split(/[,，、]/).map((one) => one.trim()).filter(Boolean)

const stepsOf = (steps: StepField[]): StepField[] => steps.filter(({ name }) => name.trim() !== '')

/** The operation that stores what has changed. */
export function updateOp(task_id: string, patch: Partial<Fields>): BatchOpAsked {
  const { milestone, blocked_by, steps, ...same } = patch
  return {
    op: 'task.update', task_id, ...same,
    ...(milestone === undefined ? {} : { milestone_id: milestone }),
    ...(blocked_by === undefined ? {} : { blocked_by: listed(blocked_by) }),
    ...(steps === undefined ? {} : { checklist: stepsOf(steps) }),
  }
}

export function createOp({ milestone, blocked_by, steps, assignee, ...fields }: Fields): BatchOpAsked {
  return {
    op: 'task.create', ...fields, assignee: assignee || null, milestone_id: milestone || null,
    blocked_by: listed(blocked_by), steps: stepsOf(steps),
  }
}
