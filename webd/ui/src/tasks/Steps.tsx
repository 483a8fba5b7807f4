// The steps of a task: each goes from open to being done to done by a press.
import { changeTask, useShared } from '../context/store'
import { stepTimes } from '../context/history'
import { Icon } from '../parts/Icon'
import type { TaskView } from '../wire/contract'
import { say } from '../words'
import { exact, timeOf, dayKey } from '../words/time'
import { useNow } from '../connection/clock'
import { language } from '../words'
import { NEXT_STEP, STEP_GLYPHS } from './tasks'

const DAY_STEP_MS = 60_000

/** The time today, else the date. */
function When({ ts }: { ts: string }) {
  const now = useNow(DAY_STEP_MS)
  const today = dayKey(ts) === dayKey(now)
  const text = today ? timeOf(ts) : new Intl.DateTimeFormat(language(), { day: 'numeric', month: 'short' }).format(new Date(ts))
  return <time dateTime={ts} title={exact(ts)}>{text}</time>
}

export function Steps({ group_id, task }: { group_id: string; task: TaskView }) {
  const changes = useShared((state) => state.changes)
  const times = stepTimes(changes, task.id)
  if (task.steps.length === 0) return null
  return (
    <ol aria-label={say('task.steps')}>
      {task.steps.map((step) => {
        const { icon, tone } = STEP_GLYPHS[step.status]
        const next = NEXT_STEP[step.status]
        const ts = times[step.id]
        return (
          <li key={step.id} className="step">
            <button
              type="button" className={`ib sm ${tone}`} aria-label={say(`task.step.${next}`, { step: step.name, is: say(`task.step.is.${step.status}`) })}
              title={say(`task.step.${next}`, { step: step.name, is: say(`task.step.is.${step.status}`) })}
              onClick={() => void changeTask(group_id, task.id, { op: 'task.update', task_id: task.id, step_id: step.id, step_status: next })}
            >
              <Icon name={icon} />
            </button>
            <span className="grow">
              <span dir="auto">{step.name}</span>
              {step.acceptance !== '' && <span className="acp" dir="auto">{step.acceptance}</span>}
            </span>
            <span className="f12 m3">{ts !== undefined ? <When ts={ts} /> : step.status === 'in_progress' ? say('task.now') : ''}</span>
          </li>
        )
      })}
    </ol>
  )
}
