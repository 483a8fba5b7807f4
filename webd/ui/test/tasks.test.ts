// Promises about tasks: which are shown, what an edit makes of them before it is stored, and when their steps were done.
import { describe, expect, it } from 'vitest'
import { stepTimes, touches } from '../src/context/history'
import { withPending } from '../src/context/store'
import { ALL, applied, beside, blockers, createOp, fieldsOf, matches, NO_FIELDS, section, updateOp } from '../src/tasks/tasks'
import type { Event, Step, Task, TaskView } from '../src/wire/contract'

const task = (id: string, more: Partial<TaskView> = {}): TaskView => ({
  id, name: id, goal: '', status: 'active', milestone: null, assignee: null, steps: [], current_step: null, progress: 0,
  created_at: '2025-01-01T00:00:00Z', updated_at: '2025-01-01T00:00:00Z', ...more,
})
const step = (id: string, status: Step['status']): Step => ({ id, name: id, acceptance: '', status })

describe('which tasks are shown', () => {
  it.each([
    [task('a'), ALL, true],
    [task('a', { status: 'archived' }), ALL, false],
    [task('a', { status: 'archived' }), { ...ALL, archived: true }, true],
    [task('a', { status: 'done' }), { ...ALL, finished: false }, false],
    [task('a', { assignee: 'user' }), { ...ALL, who: 'mine' as const }, true],
    [task('a', { assignee: 'x', waiting_on: 'user' }), { ...ALL, who: 'mine' as const }, true],
    [task('a', { assignee: 'x' }), { ...ALL, who: 'mine' as const }, false],
    [task('a'), { ...ALL, who: 'nobody' as const }, true],
    [task('a', { assignee: 'x' }), { ...ALL, who: { id: 'x' } }, true],
    [task('a', { milestone: 'M1' }), { ...ALL, milestone: 'M2' }, false],
  ])('%#', (one, filter, wanted) => {
    expect(matches(one, filter, 'user')).toBe(wanted)
  })
  it('finished ones newest first', () => {
    const all = [task('a', { status: 'done' }), task('b', { status: 'done', updated_at: '2025-01-02T00:00:00Z' })]
    expect(section(all, 'done').map(({ id }) => id)).toEqual(['b', 'a'])
  })
})

describe('what blocks a task', () => {
  it('is what is not finished, and what is no task', () => {
    const one = task('a', { blocked_by: ['b', 'c', 'the bank'] })
    expect(blockers(one, [one, task('b', { status: 'done' }), task('c')])).toEqual(['c', 'the bank'])
  })
})

describe('an edit before it is stored', () => {
  it('counts steps', () => {
    const one = task('a', { steps: [step('S1', 'done'), step('S2', 'pending')], progress: 0.5, current_step: 'S2' })
    const next = applied(one, { op: 'task.update', task_id: 'a', step_id: 'S2', step_status: 'done' })
    expect(next).toMatchObject({ progress: 1, current_step: null })
  })
  it('remembers where an archived task was', () => {
    const archived = applied(task('a'), { op: 'task.move', task_id: 'a', status: 'archived' })
    expect(archived).toMatchObject({ status: 'archived', archived_from: 'active' })
    expect(archived && applied(archived, { op: 'task.restore', task_id: 'a' })).toMatchObject({ status: 'active', archived_from: null })
  })
  it('is of its own task only', () => {
    const both = withPending([task('a'), task('b')], [{ n: 1, task_id: 'b', op: { op: 'task.update', task_id: 'b', assignee: 'x' } }])
    expect(both.map(({ assignee }) => assignee)).toEqual([null, 'x'])
  })
  it('moves within the board', () => {
    expect([beside('planned', -1), beside('planned', 1), beside('done', 1)]).toEqual([null, 'active', null])
  })
})

describe('the form', () => {
  it('stores what has changed only, and no steps without a name', () => {
    expect(updateOp('a', { blocked_by: 'T1, T2,' })).toEqual({ op: 'task.update', task_id: 'a', blocked_by: ['T1', 'T2'] })
    expect(createOp({ ...NO_FIELDS, name: 'x', steps: [{ name: ' ', acceptance: '', status: 'pending' }] })).toMatchObject({ steps: [], assignee: null })
  })
  it('keeps the ids of steps', () => {
    expect(fieldsOf(task('a', { steps: [step('S1', 'done')] })).steps).toEqual([{ id: 'S1', name: 'S1', acceptance: '', status: 'done' }])
  })
})

describe('the changes', () => {
  const change = (seq: number, by: string, patch: Record<string, unknown>): Event =>
    ({ v: 1, seq, id: `e${seq}`, ts: `2025-01-01T00:0${seq}:00Z`, kind: 'context.sync', group_id: 'g', scope_key: '', by, data: { version: '', changes: [], patch } })
  const stored = (steps: Step[], updated_at: string): Record<string, Task> => ({ T1: { ...task('T1', { steps, updated_at }) } })
  it('say who changed each part last', () => {
    const last = touches([change(1, 'a', { vision: 'x', notes: { N1: {} } }), change(2, 'b', { notes: { N1: {} } })])
    expect(last).toEqual({ vision: { by: 'a', ts: '2025-01-01T00:01:00Z' }, 'notes N1': { by: 'b', ts: '2025-01-01T00:02:00Z' } })
  })
  it('say when a step was done, if they saw it', () => {
    const changes = [
      change(1, 'a', { tasks: stored([step('S1', 'done'), step('S2', 'pending')], '2025-01-09T00:00:00Z') }),
      change(2, 'a', { tasks: stored([step('S1', 'done'), step('S2', 'done')], '2025-01-09T00:01:00Z') }),
      change(3, 'a', { tasks: stored([step('S1', 'done'), step('S2', 'done')], '2025-01-09T00:02:00Z') }),
    ]
    expect(stepTimes(changes, 'T1')).toEqual({ S2: '2025-01-01T00:02:00Z' })
  })
})
