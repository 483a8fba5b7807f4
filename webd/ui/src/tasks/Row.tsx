// One task: its row, what hinders it in one amber word, and what opens below it.
import { useNow } from '../connection/clock'
import { Chip, useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import type { TaskView } from '../wire/contract'
import { YOU } from '../wire/server'
import { say } from '../words'
import { age } from '../words/time'
import { useShared } from '../context/store'
import { Detail } from './Detail'
import { blockers, doneSteps, GLYPHS, isOpen, isYours } from './tasks'

const AGE_STEP_MS = 60_000

/** Steps done of all. */
function Progress({ task }: { task: TaskView }) {
  const n = task.steps.length
  if (n === 0) return <span className="prog" />
  const done = doneSteps(task.steps)
  return (
    <span className="prog">
      <i aria-hidden="true"><b style={{ width: `${(done / n) * 100}%` }} /></i>
      <span aria-hidden="true">{done}/{n}</span><span className="sr">{say('task.progress', { done, n })}</span>
    </span>
  )
}

/** What a task waits for, if it does; else when it was finished, or that nobody has it. */
export function Word({ task, tasks }: { task: TaskView; tasks: TaskView[] }) {
  const name = useName()
  const now = useNow(AGE_STEP_MS)
  const open = isOpen(task)
  const blocked = open ? blockers(task, tasks) : []
  if (open && task.waiting_on) {
    const yours = isYours(task.waiting_on, YOU)
    return <span className={yours ? 'tag warn' : 'tw clip'}>{yours ? say('task.waits.you') : say('task.waits', { who: name(task.waiting_on) })}</span>
  }
  if (blocked.length > 0) return <span className="tw clip">{say('task.blocked', { by: blocked.join(', ') })}</span>
  if (!open) return <span className="hide-p">{say('task.ago', { age: age(now - Date.parse(task.updated_at)) })}</span>
  if (task.assignee === null) return <span className="hide-p">{say('task.nobody')}</span>
  return null
}

export function Glyph({ task, tasks }: { task: TaskView; tasks: TaskView[] }) {
  const blocked = isOpen(task) && blockers(task, tasks).length > 0
  const glyph = blocked ? { icon: 't-blocked', tone: 'tw' } : GLYPHS[task.status]
  return (
    <span className={glyph.tone}>
      <Icon name={glyph.icon} /><span className="sr">{say(blocked ? 'task.s.blocked' : `task.s.${task.status}`)}</span>
    </span>
  )
}

export function Assignee({ id }: { id: string | null }) {
  const name = useName()
  if (id === null) return <span className="ac s18 nobody" aria-hidden="true">?</span>
  return <span title={name(id)}><Chip id={id} size="s18" /><span className="sr">{say('task.by', { who: name(id) })}</span></span>
}

/** Why the last change was refused: it stands in the row, not far away. */
export function Refused({ id }: { id: string }) {
  const reason = useShared((state) => state.refused[id])
  return reason ? <p className="err trefused" role="alert"><Icon name="alert" size="s14" /><span>{say('task.refused', { reason })}</span></p> : null
}

interface Props {
  group_id: string
  task: TaskView
  tasks: TaskView[]
  open: boolean
  /** Whether Tab stops here. */
  stop: boolean
  press: () => void
  focus: () => void
}

export function Row({ group_id, task, tasks, open, stop, press, focus }: Props) {
  const below = `task-${task.id}`
  return (
    <li>
      <button
        type="button" className={`trow ${open ? 'open' : ''}`} aria-expanded={open} aria-controls={open ? below : undefined}
        data-task={task.id} tabIndex={stop ? 0 : -1} onClick={press} onFocus={focus}
      >
        <Glyph task={task} tasks={tasks} />
        <span className="id">{task.id}</span>
        <span className="tt" dir="auto">{task.name}</span>
        <span className="meta"><Word task={task} tasks={tasks} /><Progress task={task} /><Assignee id={task.assignee} /></span>
      </button>
      <Refused id={task.id} />
      {open && <div className="tdetail" id={below}><Detail group_id={group_id} task={task} tasks={tasks} /></div>}
    </li>
  )
}
