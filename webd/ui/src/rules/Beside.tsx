// Beside a rule: its next five times, what clock changes do to it, and the other rules.
import { go } from '../app/route'
import { useNow } from '../connection/clock'
import { Icon } from '../parts/Icon'
import { useActors } from '../rail/actors'
import { say } from '../words'
import { age } from '../words/time'
import { draftOf, type Draft } from './draft'
import { calendarOf, calendarTimes, nextTimes } from './schedule'
import { HERE } from './Sentence'
import { dayOf, moment, whenSummary } from './sentence'
import type { RulesAnswer } from './store'
import { whenOf } from './when'
import { instantsOf, isZone, localOf, nextChange } from './zone'

const DAY_MS = 86_400_000

/** What the next clock change of a zone does to a calendar. */
function changeNote(draft: Draft, now: number): string {
  const { trigger } = draft
  if (trigger.kind === 'interval') return say('rules.clock.interval')
  if (trigger.kind === 'at') return say('rules.clock.once', { zone: HERE })
  const { cron, timezone } = trigger
  const calendar = calendarOf(cron)
  if (calendar === null || !isZone(timezone)) return ''
  const same = say(timezone === HERE ? 'rules.clock.same' : 'rules.clock.other', { zone: timezone })
  const next = nextChange(timezone, now)
  if (next === null) return `${same} ${say('rules.clock.never')}`
  const date = dayOf(next.at, timezone)
  if (!calendar.fixed) return `${same} ${say('rules.clock.changes', { date })}`
  const when = whenOf(trigger)
  const time = when.kind === 'days' ? when.time : cron
  // The local time of that very day: skipped, or there twice?
  const midnight = Math.floor(localOf(timezone, next.at) / DAY_MS) * DAY_MS
  const local = midnight + (calendar.hours[0] ?? 0) * 3_600_000 + (calendar.minutes[0] ?? 0) * 60_000
  const instants = instantsOf(timezone, local)
  if (instants.length === 1) return `${same} ${say('rules.clock.stays', { date, time })}`
  if (instants.length === 2) return `${same} ${say('rules.clock.twice', { date, time })}`
  const [then] = calendarTimes(cron, timezone, next.at - 1000, 1)
  return `${same} ${say('rules.clock.skips', { date, time, then: then === undefined ? time : moment(then, timezone) })}`
}

export function Next({ draft, enabled, next }: { draft: Draft; enabled: boolean; next: number | null }) {
  const now = useNow(10_000)
  const times = nextTimes(draft.trigger, now, next)
  const zone = draft.trigger.kind === 'cron' && isZone(draft.trigger.timezone) ? draft.trigger.timezone : HERE
  return (
    <section className="sidesec">
      <h2>{say('rules.next')}</h2>
      {!enabled && <p className="help">{say('rules.next.off')}</p>}
      {times.length === 0 && <p className="help">{say('rules.next.none')}</p>}
      <ul className="fires">
        {times.map((at) => (
          <li key={at}>
            <Icon name="clock" size="s14" />
            <span>{at <= now ? say('rules.next.now') : moment(at, zone)}{zone !== HERE && at > now && <span className="help here">{say('rules.next.here', { time: moment(at, HERE) })}</span>}</span>
            <span className="m3 f12">{at > now ? say('rules.in', { age: age(at - now) }) : ''}</span>
          </li>
        ))}
      </ul>
      <p className="help">{changeNote(draft, now)}</p>
    </section>
  )
}

export function Others({ group_id, state, but }: { group_id: string; state: RulesAnswer; but: string }) {
  const actors = useActors((one) => one.actors)
  const open = (item: string): void => { go({ at: 'settings', group_id, page: 'automation', item }) }
  const others = state.ruleset.rules.filter(({ id }) => id !== but)
  return (
    <section className="sidesec">
      <h2>{say('rules.others')}</h2>
      {others.length === 0 && <p className="help">{say('rules.others.none')}</p>}
      {others.map((rule) => (
        <button key={rule.id} type="button" className="orule" onClick={() => { open(rule.id) }}>
          <span className={`gs ${rule.enabled ? 'on' : ''}`}><Icon name={rule.enabled ? 's-ready' : 's-stopped'} size="s12" /></span>
          <span className="b5 clip" dir="auto">{rule.id}</span>
          <span className="m3 f12 grow clip">{rule.enabled ? whenSummary(draftOf(rule), actors) : say('dur.off')}</span>
        </button>
      ))}
    </section>
  )
}
