// What the actors say they do, in their own words.
import { useNow } from '../connection/clock'
import { Chip, useName } from '../parts/Chip'
import { useActors } from '../rail/actors'
import { say } from '../words'
import { age, exact, list } from '../words/time'
import { TaskLink } from '../tasks/Detail'
import { useShared } from './store'
import type { Context } from './sync'

const STEP_MS = 5_000

export function Presence({ context }: { context: Context }) {
  const actors = useActors((state) => state.actors)
  const tasks = useShared((state) => state.tasks) ?? []
  const name = useName()
  const now = useNow(STEP_MS)
  const said = new Map(context.presence.agents.map((one) => [one.id, one]))
  const minds = new Map(context.agent_states.map((one) => [one.id, one]))
  const ids = [...new Set([...(actors ?? []).map(({ id }) => id), ...said.keys(), ...minds.keys()])]
  if (ids.length === 0) return <p className="help">{say('ctx.presence.none')}</p>
  return (
    <ul>
      {ids.map((id) => {
        const words = said.get(id)
        const mind = minds.get(id)
        const hot = mind?.hot
        const ts = [words?.updated_at, mind?.updated_at].filter((one) => one !== undefined).sort().at(-1)
        const status = words?.status || hot?.focus
        return (
          <li key={id} className="pres">
            <Chip id={id} size="s18" />
            <span className="b5 clip">{name(id)}</span>
            <span className="what m2" dir="auto">
              {status ? status : <span className="m3">{say('ctx.presence.silent')}</span>}
              {words?.status && hot?.focus && <span className="help"> {hot.focus}</span>}
              {hot?.active_task_id && <> <TaskLink id={hot.active_task_id} tasks={tasks} /></>}
              {hot?.next_action && <div className="help">{say('ctx.next', { what: hot.next_action })}</div>}
              {hot !== undefined && hot.blockers.length > 0 && <div className="f12 tw">{say('ctx.blockers', { what: list(hot.blockers) })}</div>}
            </span>
            {ts !== undefined && <time className="f12 m3" dateTime={ts} title={exact(ts)}>{age(now - Date.parse(ts))}</time>}
          </li>
        )
      })}
    </ul>
  )
}
