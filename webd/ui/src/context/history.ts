// Who changed what last, and when steps were done: read from the changes in the ledger. Pure.
import type { Event } from '../wire/contract'
import { dataOf } from '../wire/events'

/** The last change of one part. */
export interface Touch {
  by: string
  ts: string
}

const PARTS = ['milestones', 'notes', 'references', 'tasks'] as const

/** The last change of each part: `vision`, `sketch`, or `notes N001` and the like. */
export function touches(changes: Event[]): Record<string, Touch> {
  const last: Record<string, Touch> = {}
  for (const event of changes) {
    const patch = dataOf(event, 'context.sync')?.patch
    if (patch === undefined) continue
    const touch = { by: event.by, ts: event.ts }
    if (patch.vision !== undefined) last.vision = touch
    if (patch.sketch !== undefined) last.sketch = touch
    for (const part of PARTS) for (const id of Object.keys(patch[part] ?? {})) last[`${part} ${id}`] = touch
  }
  return last
}

/** When each step of a task that is done was done, by the id of the step; those that nobody saw are left away. */
export function stepTimes(changes: Event[], task_id: string): Record<string, string> {
  const done: Record<string, string> = {}
  let first = true
  for (const event of changes) {
    const task = dataOf(event, 'context.sync')?.patch.tasks?.[task_id]
    if (!task) continue
    for (const step of task.steps) {
      // What the first change that is known has found done may have been done long before, unless it made the task.
      if (step.status !== 'done') Reflect.deleteProperty(done, step.id)
      else if (!(step.id in done) && (!first || task.created_at === task.updated_at)) done[step.id] = event.ts
      else if (!(step.id in done)) done[step.id] = ''
    }
    first = false
  }
  return Object.fromEntries(Object.entries(done).filter(([, ts]) => ts !== ''))
}
