// What became of a rule when it was due, and who changed it.
import { Icon } from '../parts/Icon'
import { nameOf } from '../parts/Chip'
import { useActors } from '../rail/actors'
import type { Event } from '../wire/contract'
import { dataOf } from '../wire/events'
import { say } from '../words'
import { age, exact } from '../words/time'
import { moment } from './sentence'
import { useRules } from './store'

const ROWS_MAX = 20
/** A rule that was done later than this after it was due was late. */
const LATE_MS = 60_000

type Row = { icon: string; tone: string; at: number; text: string; ts: string; id: string }

/** The rows of one rule, the newest first. */
export function rowsOf(events: Event[], rule_id: string, by: (id: string) => string): Row[] {
  const rows: Row[] = []
  for (const event of events) {
    const rule = dataOf(event, 'x.cccc.rule')
    if (rule?.rule_id === rule_id) {
      const [due, at] = [Date.parse(rule.due_at), Date.parse(event.ts)]
      const late = at - due > LATE_MS
      const text = rule.error ? say('rules.was.failed', { reason: rule.error })
        : late ? say('rules.was.late', { due: moment(due), age: age(at - due) }) : say('rules.was.done')
      rows.push({ icon: rule.error ? 'st-failed' : late ? 'st-uncertain' : 'st-accepted', tone: rule.error ? 'tb' : late ? 'tw' : 'tg', at, text, ts: event.ts, id: event.id })
    }
    const change = dataOf(event, 'group.automation_update')
    if (change?.changed_rules?.some(({ id }) => id === rule_id)) {
      rows.push({ icon: 'pencil', tone: 'm3', at: Date.parse(event.ts), text: say('rules.was.changed', { by: by(event.by) }), ts: event.ts, id: event.id })
    }
  }
  return rows.reverse().slice(0, ROWS_MAX)
}

export function History({ rule_id }: { rule_id: string }) {
  const { history, history_error } = useRules()
  const actors = useActors((state) => state.actors)
  const rows = rowsOf(history ?? [], rule_id, (id) => nameOf(id, actors))
  return (
    <section>
      <h2>{say('rules.history')}</h2>
      {history_error !== null && <p className="err" role="alert">{history_error}</p>}
      {history === null && history_error === null && <p className="help" role="status">{say('rules.history.loading')}</p>}
      {history !== null && rows.length === 0 && <p className="help">{say('rules.history.none')}</p>}
      {rows.length > 0 && (
        <ul className="card">
          {rows.map((row) => (
            <li key={row.id} className="lrow rhist">
              <span className={row.tone}><Icon name={row.icon} size="s14" /></span>
              <time className="m2" dateTime={row.ts} title={exact(row.ts)}>{moment(row.at)}</time>
              <span className="grow">{row.text}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
