// The sentence of a rule, with a button for each part that can be chosen.
import { useState } from 'react'
import { useActors } from '../rail/actors'
import type { Operation, RuleState, NotifyPriority } from '../wire/contract'
import { nameOf } from '../parts/Chip'
import { say } from '../words'
import { duration } from '../settings-more/duration'
import { Duration } from '../settings-more/Duration'
import type { Draft } from './draft'
import { calendarOf } from './schedule'
import { daysWord, sentenceOf, wordOf, type Slot } from './sentence'
import { Options, Token, type Option } from './Token'
import { fieldOf, instantOf, triggerOf, whenOf, type Days, type When } from './when'

/** The zone of this browser. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

export type Change = (patch: Partial<Draft>) => void

interface SlotProps {
  draft: Draft
  change: Change
  close: () => void
}

const LENGTHS = [300, 600, 900, 1800, 3600, 7200, 14_400, 86_400]
const WEEK: Days[] = ['week-1', 'week-2', 'week-3', 'week-4', 'week-5', 'week-6', 'week-0']
/** What a calendar of numbers begins with where there is none: every half hour of working time. */
const BEGIN_CRON = '*/30 9-17 * * 1-5'
const inOneDay = (): string => new Date(Math.ceil((Date.now() + 86_400_000) / 3_600_000) * 3_600_000).toISOString()

/** The time of day and the zone that a schedule has, for another one in its place. */
function clockOf(when: When): { time: string; timezone: string } {
  return { time: when.kind === 'days' ? when.time : '09:00', timezone: when.kind === 'days' || when.kind === 'calendar' ? when.timezone : HERE }
}

function chosenOf(when: When): string {
  if (when.kind === 'interval') return `every-${when.every_seconds}`
  if (when.kind === 'days') return when.days.startsWith('month') ? 'month' : when.days
  return when.kind
}

function Schedule({ draft, change, close }: SlotProps) {
  const when = whenOf(draft.trigger)
  // A calendar that is typed stays one while it passes through what has words.
  const [typed, setTyped] = useState(when.kind === 'calendar')
  const set = (next: When): void => { change({ trigger: triggerOf(next) }) }
  const { trigger } = draft
  const once: Option = { value: 'once', name: say('rules.once'), help: say('rules.once.help') }
  const days = (one: Days): Option => ({ value: one, name: say('rules.every.days', { what: daysWord(one) }) })
  const options: Option[] = draft.kind === 'notify'
    ? [
        days('weekday'), days('day'), ...WEEK.map(days), { value: 'month', name: say('rules.monthly') },
        ...LENGTHS.map((n) => ({ value: `every-${n}`, name: say('rules.every', { what: duration(n) }) })),
        { value: 'length', name: say('dur.other') }, once, { value: 'calendar', name: say('rules.calendar'), help: say('rules.calendar.help') },
      ]
    : [once]
  const choose = (value: string): void => {
    const clock = clockOf(when)
    const [kind, number] = value.split('-')
    if (value === 'once') set({ kind: 'once', at: when.kind === 'once' ? when.at : inOneDay() })
    else if (value === 'calendar') set({ kind: 'calendar', cron: trigger.kind === 'cron' ? trigger.cron : BEGIN_CRON, timezone: clock.timezone })
    else if (value === 'length') set({ kind: 'interval', every_seconds: when.kind === 'interval' ? when.every_seconds : 5400 })
    else if (kind === 'every') set({ kind: 'interval', every_seconds: Number(number) })
    else set({ kind: 'days', days: value === 'month' ? 'month-1' : (value as Days), ...clock })
    setTyped(value === 'calendar')
    if (!['length', 'calendar', 'month'].includes(value)) close()
  }
  const month = when.kind === 'days' && when.days.startsWith('month') ? Number(when.days.split('-')[1]) : null
  return (
    <>
      <Options name={say('rules.slot.every')} options={options} chosen={[typed ? 'calendar' : chosenOf(when)]} choose={choose} />
      {!typed && month !== null && when.kind === 'days' && (
        <label className="tokfield">{say('rules.month.day')}
          <select className="in" value={month} onChange={(event) => { set({ ...when, days: `month-${Number(event.target.value)}` }) }}>
            {Array.from({ length: 31 }, (_, day) => <option key={day} value={day + 1}>{day + 1}</option>)}
          </select>
          {month > 28 && <span className="help">{say('rules.month.short')}</span>}
        </label>
      )}
      {when.kind === 'interval' && (
        <div className="tokfield"><span>{say('rules.length')}</span><Duration seconds={when.every_seconds} name={say('rules.length')} set={(every_seconds) => { set({ kind: 'interval', every_seconds }) }} /></div>
      )}
      {typed && trigger.kind === 'cron' && (
        <label className="tokfield">{say('rules.calendar.field')}
          <input className={`in mono ${calendarOf(trigger.cron) === null ? 'bad' : ''}`} dir="ltr" value={trigger.cron} aria-invalid={calendarOf(trigger.cron) === null} onChange={(event) => { change({ trigger: { ...trigger, cron: event.target.value } }) }} />
          <span className="help">{say('rules.calendar.fields')}</span>
        </label>
      )}
    </>
  )
}

function Time({ draft, change, close }: SlotProps) {
  const when = whenOf(draft.trigger)
  if (when.kind !== 'days') return null
  return (
    <form className="tokfield" onSubmit={(event) => { event.preventDefault(); close() }}>
      <label>{say('rules.slot.time')} <input className="in" type="time" required value={when.time} onChange={(event) => { if (event.target.value) change({ trigger: triggerOf({ ...when, time: event.target.value }) }) }} /></label>
    </form>
  )
}

function Zone({ draft, change, close }: SlotProps) {
  const [query, setQuery] = useState('')
  const { trigger } = draft
  if (trigger.kind !== 'cron') return null
  const all = [...new Set([HERE, 'UTC', trigger.timezone, ...Intl.supportedValuesOf('timeZone')])]
  const found = all.filter((one) => one.toLowerCase().replaceAll('_', ' ').includes(query.trim().toLowerCase())).slice(0, 60)
  const options = found.map((one) => (one === HERE ? { value: one, name: one, help: say('rules.zone.here') } : { value: one, name: one }))
  return (
    <>
      <div className="tokfield"><input className="in" type="search" aria-label={say('rules.zone.find')} placeholder={say('rules.zone.find')} value={query} onChange={(event) => { setQuery(event.target.value) }} /></div>
      {options.length === 0 && <p className="help tokfield" role="status">{say('rules.zone.none', { query })}</p>}
      <Options name={say('rules.slot.zone')} options={options} chosen={[trigger.timezone]} choose={(timezone) => { change({ trigger: { ...trigger, timezone } }); close() }} />
    </>
  )
}

const SOON = [300, 1800, 3600, 7200]

function At({ draft, change, close }: SlotProps) {
  const { trigger } = draft
  if (trigger.kind !== 'at') return null
  const at = Date.parse(trigger.at)
  const set = (time: number | null): void => { if (time !== null) change({ trigger: { kind: 'at', at: new Date(time).toISOString() } }) }
  return (
    <>
      <form className="tokfield" onSubmit={(event) => { event.preventDefault(); close() }}>
        <label>{say('rules.at.field', { zone: HERE })} <input className="in" type="datetime-local" required value={Number.isNaN(at) ? '' : fieldOf(HERE, at)} onChange={(event) => { set(instantOf(HERE, event.target.value)) }} /></label>
      </form>
      <Options name={say('rules.slot.at')} options={SOON.map((n) => ({ value: String(n), name: say('rules.at.in', { length: duration(n) }) }))} chosen={[]} choose={(n) => { set(Date.now() + Number(n) * 1000); close() }} />
    </>
  )
}

const toggled = (all: string[], one: string): string[] => (all.includes(one) ? all.filter((other) => other !== one) : [...all, one])

function People({ chosen, set, name }: { chosen: string[]; set: (ids: string[]) => void; name: string }) {
  const actors = useActors((state) => state.actors)
  const known = ['@foreman', '@peers', '@all', ...(actors ?? []).map(({ id }) => id)]
  const ids = [...known, ...chosen.filter((id) => !known.includes(id))]
  const options = ids.map((id) => {
    const gone = actors !== null && !known.includes(id)
    return { value: id, name: nameOf(id, actors), ...(gone ? { help: say('rules.people.gone') } : {}) }
  })
  return <Options many name={name} options={options} chosen={chosen} choose={(id) => { set(toggled(chosen, id)) }} />
}

function Few<V extends string>({ values, chosen, word, set, name, help }: { values: readonly V[]; chosen: V; word: (value: V) => string; set: (value: V) => void; name: string; help?: (value: V) => string }) {
  const options = values.map((value) => ({ value, name: word(value), ...(help ? { help: help(value) } : {}) }))
  return <Options name={name} options={options} chosen={[chosen]} choose={(value) => { set(value as V) }} />
}

const OWN = ' own'

function Choice({ slot, snippets, draft, change, close }: SlotProps & { slot: Slot; snippets: string[] }) {
  const name = say(`rules.slot.${slot}`)
  const then = (patch: Partial<Draft>): void => { change(patch); close() }
  switch (slot) {
    case 'every': case 'days': case 'cron': case 'once': return <Schedule draft={draft} change={change} close={close} />
    case 'time': return <Time draft={draft} change={change} close={close} />
    case 'zone': return <Zone draft={draft} change={change} close={close} />
    case 'at': return <At draft={draft} change={change} close={close} />
    case 'to': return <><People name={name} chosen={draft.to} set={(to) => { change({ to }) }} /><p className="help tokfield">{say('rules.to.help')}</p></>
    case 'targets': return <People name={name} chosen={draft.targets} set={(targets) => { change({ targets }) }} />
    case 'text': return (
      <Options
        name={name} chosen={[draft.snippet ?? OWN]} choose={(value) => { then({ snippet: value === OWN ? null : value }) }}
        options={[{ value: OWN, name: say('rules.text.own') }, ...snippets.map((one) => ({ value: one, name: say('rules.text.snippet', { name: one }) }))]}
      />
    )
    case 'priority': return <Few<NotifyPriority> name={name} values={['low', 'normal', 'high', 'urgent']} chosen={draft.priority} word={(one) => say(`rules.priority.${one}`)} set={(priority) => { then({ priority }) }} />
    case 'ack': return <Few name={name} values={['no', 'yes']} chosen={draft.ack ? 'yes' : 'no'} word={(one) => say(`rules.ack.${one}`)} set={(ack) => { then({ ack: ack === 'yes' }) }} />
    case 'state': return <Few<RuleState> name={name} values={['active', 'idle', 'paused', 'stopped']} chosen={draft.state} word={(one) => say(`rules.state.${one}`)} help={(one) => say(`rules.state.${one}.help`)} set={(state) => { then({ state }) }} />
    case 'operation': return <Few<Operation> name={name} values={['start', 'stop', 'restart']} chosen={draft.operation} word={(one) => say(`rules.operation.${one}`)} set={(operation) => { then({ operation }) }} />
  }
}

/** Slots that are the same question in other words: choosing another answer leaves the list open. */
const SCHEDULE: Slot[] = ['every', 'days', 'cron', 'once']

export function Sentence({ draft, snippets, change }: { draft: Draft; snippets: string[]; change: Change }) {
  const actors = useActors((state) => state.actors)
  return (
    <div className="sent">
      {sentenceOf(draft).map((part, at) => ('text' in part
        ? <span key={at}>{part.text}</span>
        : (
          <Token key={SCHEDULE.includes(part.slot) ? SCHEDULE[0] : part.slot} word={wordOf(part.slot, draft, actors)} name={say(`rules.slot.${part.slot}`)}>
            {(close) => <Choice slot={part.slot} snippets={snippets} draft={draft} change={change} close={close} />}
          </Token>
        )))}
    </div>
  )
}
