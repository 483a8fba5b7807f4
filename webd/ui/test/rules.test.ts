import { describe, expect, it } from 'vitest'
import { draftOf, NEW, problem, ruleOf, type Draft } from '../src/rules/draft'
import { pieces } from '../src/rules/fill'
import { rowsOf } from '../src/rules/History'
import { calendarOf, calendarTimes, nextTimes } from '../src/rules/schedule'
import { partsOf, sentenceOf, summary } from '../src/rules/sentence'
import { overdue, type RulesAnswer } from '../src/rules/store'
import { fieldOf, instantOf, triggerOf, unitOf, whenOf } from '../src/rules/when'
import { nextChange } from '../src/rules/zone'
import type { Event, Rule, Trigger } from '../src/wire/contract'

const iso = (at: number): string => new Date(at).toISOString().replace('.000', '')

describe('when a calendar is due', () => {
  // The same table as the server's, which decides.
  it.each([
    ['0 9 * * *', 'UTC', '2026-01-13T09:00:00Z', '2026-01-14T09:00:00Z', 'not now, but after now'],
    ['0 9 * * *', 'Europe/Berlin', '2026-01-13T07:00:00Z', '2026-01-13T08:00:00Z', 'winter time'],
    ['0 9 * * *', 'Europe/Berlin', '2026-07-13T00:00:00Z', '2026-07-13T07:00:00Z', 'summer time'],
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z', 'half past two is skipped'],
    ['30 2 * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', '2026-10-25T00:30:00Z', 'half past two comes twice'],
    ['30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z', 'and counts once'],
    ['*/30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T01:00:00Z', 'by the minute it counts twice'],
    ['0 0 1 * 1', 'UTC', '2026-01-13T00:00:00Z', '2026-01-19T00:00:00Z', 'either day, when both are given'],
    ['0 0 * * 7', 'UTC', '2026-01-13T00:00:00Z', '2026-01-18T00:00:00Z', 'seven is Sunday'],
    ['0 0 29 2 *', 'UTC', '2026-01-13T00:00:00Z', '2028-02-29T00:00:00Z', 'a leap day'],
    ['5/15 9 * * *', 'UTC', '2026-01-13T09:05:00Z', '2026-01-14T09:05:00Z', 'a number steps nowhere'],
    ['*/20 9-10 * * *', 'UTC', '2026-01-13T09:50:00Z', '2026-01-13T10:00:00Z', 'steps in a range'],
    ['0 9 * * *', 'Pacific/Auckland', '2026-01-13T12:00:00Z', '2026-01-13T20:00:00Z', 'a day ahead of UTC'],
    ['45 23 * * *', 'America/Los_Angeles', '2026-01-14T07:00:00Z', '2026-01-14T07:45:00Z', 'a day behind'],
  ])('%s in %s', (cron, zone, after, due) => {
    expect(calendarTimes(cron, zone, Date.parse(after), 1).map(iso)).toEqual([due])
  })

  it.each(['', '0 9 * *', '@daily', '0 9 * * MON', '60 9 * * *', '0 24 * * *', '0 9 0 * *', '5-1 9 * * *', '*/0 9 * * *', '1,,2 9 * * *'])(
    '%j is none', (cron) => { expect(calendarOf(cron)).toBeNull() },
  )

  it('never, where the day does not exist', () => {
    expect(calendarTimes('0 0 30 2 *', 'UTC', 0, 1)).toEqual([])
    expect(calendarTimes('0 0 * * *', 'Mars/Olympus', 0, 1)).toEqual([])
  })
})

describe('the next times of a rule', () => {
  const now = Date.parse('2026-11-25T10:00:00Z')
  it('are five, over a weekend', () => {
    const trigger: Trigger = { kind: 'cron', cron: '0 9 * * 1-5', timezone: 'Europe/Berlin' }
    expect(nextTimes(trigger, now).map((at) => fieldOf('Europe/Berlin', at))).toEqual([
      '2026-11-26T09:00', '2026-11-27T09:00', '2026-11-30T09:00', '2026-12-01T09:00', '2026-12-02T09:00',
    ])
  })
  it('of an interval go on from what the server says, or from now', () => {
    const trigger: Trigger = { kind: 'interval', every_seconds: 900 }
    expect(nextTimes(trigger, now, now + 60_000, 2)).toEqual([now + 60_000, now + 960_000])
    expect(nextTimes(trigger, now, null, 1)).toEqual([now + 900_000])
    expect(nextTimes(trigger, now, now - 5, 1)).toEqual([now])
    expect(nextTimes({ kind: 'interval', every_seconds: 0 }, now)).toEqual([])
  })
  it('of a single time are one, and now when it has passed', () => {
    expect(nextTimes({ kind: 'at', at: '2026-12-24T18:00:00+01:00' }, now).map(iso)).toEqual(['2026-12-24T17:00:00Z'])
    expect(nextTimes({ kind: 'at', at: '2020-01-01T00:00:00Z' }, now)).toEqual([now])
    expect(nextTimes({ kind: 'at', at: 'soon' }, now)).toEqual([])
  })
})

describe('clock changes', () => {
  it('are found ahead', () => {
    const change = nextChange('Europe/Berlin', Date.parse('2026-01-13T00:00:00.5Z'))
    expect(change && [iso(change.at), change.by_ms]).toEqual(['2026-03-29T01:00:00Z', 3_600_000])
    expect(nextChange('Asia/Tokyo', 0)).toBeNull()
  })
})

describe('words for a trigger', () => {
  it.each([
    ['0 9 * * *', { kind: 'days', days: 'day', time: '09:00' }],
    ['5 17 * * 1-5', { kind: 'days', days: 'weekday', time: '17:05' }],
    ['0 16 * * 5', { kind: 'days', days: 'week-5', time: '16:00' }],
    ['0 16 * * 0', { kind: 'days', days: 'week-0', time: '16:00' }],
    ['30 8 31 * *', { kind: 'days', days: 'month-31', time: '08:30' }],
    ['*/5 * * * *', { kind: 'calendar', cron: '*/5 * * * *' }],
    ['0 9 * 12 *', { kind: 'calendar', cron: '0 9 * 12 *' }],
    ['0 9 1 * 1', { kind: 'calendar', cron: '0 9 1 * 1' }],
  ])('%s goes there and back', (cron, words) => {
    const trigger: Trigger = { kind: 'cron', cron, timezone: 'UTC' }
    expect(whenOf(trigger)).toEqual({ ...words, timezone: 'UTC' })
    expect(triggerOf(whenOf(trigger))).toEqual(trigger)
  })
  it('have units', () => {
    expect([90, 60, 7200, 86_400, 1].map(unitOf)).toEqual([
      { n: 90, unit: 'second' }, { n: 1, unit: 'minute' }, { n: 2, unit: 'hour' }, { n: 1, unit: 'day' }, { n: 1, unit: 'second' },
    ])
  })
  it('and fields mean instants of their zone', () => {
    expect(iso(instantOf('Europe/Berlin', '2026-12-24T18:00') ?? 0)).toBe('2026-12-24T17:00:00Z')
    expect(iso(instantOf('Europe/Berlin', '2026-03-29T02:30') ?? 0)).toBe('2026-03-29T01:30:00Z')
    expect(instantOf('Europe/Berlin', 'soon')).toBeNull()
  })
})

describe('the sentence of a rule', () => {
  const people = [{ id: 'lead', title: 'Foreman' }]
  it.each<[string, Partial<Draft>, string]>([
    ['on working days', {}, 'Every weekday at 09:00 in UTC tell foreman with a text of its own as normal priority and ask for no acknowledgement.'],
    ['by length', { trigger: { kind: 'interval', every_seconds: 900 }, to: ['lead'], snippet: 's', priority: 'high', ack: true },
      'Every 15 minutes tell Foreman with snippet s as high priority and ask for an acknowledgement.'],
    ['by a calendar, to everybody', { trigger: { kind: 'cron', cron: '*/5 * * * *', timezone: 'UTC' }, to: [] },
      'Whenever */5 * * * * comes in UTC tell every actor with a text of its own as normal priority and ask for no acknowledgement.'],
  ])('reads right %s', (_, patch, sentence) => {
    expect(summary({ ...NEW, ...patch }, people)).toBe(sentence)
  })
  it('has a button for each part that can be chosen', () => {
    expect(sentenceOf(NEW).flatMap((part) => ('slot' in part ? [part.slot] : []))).toEqual(['days', 'time', 'zone', 'to', 'text', 'priority', 'ack'])
    expect(partsOf('a {to} {what}')).toEqual([{ text: 'a ' }, { slot: 'to' }, { text: ' ' }, { text: '{what}' }])
  })
})

describe('a draft of a rule', () => {
  const rule: Rule = {
    id: 'r', enabled: false, scope: 'personal', owner_actor_id: 'lead', to: ['lead'], trigger: { kind: 'at', at: '2026-12-24T17:00:00Z' },
    action: { kind: 'actor_control', operation: 'stop', targets: ['@all'] },
  }
  it('goes there and back, and keeps what it does not edit', () => { expect(ruleOf(draftOf(rule), rule)).toEqual(rule) })
  it.each<[Partial<Draft>, ReturnType<typeof problem>]>([
    [{ id: '' }, 'id'], [{ id: 'a b' }, 'form'], [{ id: 'taken' }, 'taken'], [{}, 'text'], [{ message: 'hi' }, null], [{ title: 'hi' }, null],
    [{ snippet: 'gone' }, 'snippet'], [{ snippet: 'known' }, null], [{ kind: 'group_state' }, 'once'],
    [{ trigger: { kind: 'interval', every_seconds: 0 } }, 'length'], [{ trigger: { kind: 'cron', cron: 'x', timezone: 'UTC' } }, 'calendar'],
    [{ trigger: { kind: 'cron', cron: '0 9 * * *', timezone: 'Mars/Olympus' } }, 'zone'], [{ trigger: { kind: 'at', at: '' } }, 'time'],
    [{ kind: 'actor_control', targets: [], trigger: { kind: 'at', at: '2026-12-24T17:00:00Z' } }, 'targets'],
  ])('%j has the problem %s', (patch, wrong) => {
    expect(problem({ ...NEW, id: 'r', ...patch }, ['taken'], ['known'])).toBe(wrong)
  })
})

describe('what is filled in', () => {
  it('stands out, and what nobody knows stays', () => {
    expect(pieces('Hi {{ who }}, {{x}}', { who: 'Ann' })).toEqual([
      { text: 'Hi ', name: null, known: true }, { text: 'Ann', name: 'who', known: true }, { text: ', ', name: null, known: true }, { text: '{{x}}', name: 'x', known: false },
    ])
  })
})

describe('how a rule fares', () => {
  const event = (kind: string, ts: string, data: object): Event => ({ kind, ts, data, id: ts, by: 'user', group_id: 'g', seq: 1 }) as unknown as Event
  it('is told on time, late, failed and changed; others are left out', () => {
    const rows = rowsOf([
      event('group.automation_update', '2026-01-01T08:00:00Z', { changed_rules: [{ id: 'r' }] }),
      event('x.cccc.rule', '2026-01-01T09:00:01Z', { rule_id: 'r', due_at: '2026-01-01T09:00:00Z', error: null }),
      event('x.cccc.rule', '2026-01-01T09:00:01Z', { rule_id: 'other', due_at: '2026-01-01T09:00:00Z', error: null }),
      event('x.cccc.rule', '2026-01-02T09:52:00Z', { rule_id: 'r', due_at: '2026-01-02T09:00:00Z', error: null }),
      event('x.cccc.rule', '2026-01-03T09:00:00Z', { rule_id: 'r', due_at: '2026-01-03T09:00:00Z', error: 'nobody is here' }),
    ], 'r', (id) => id)
    expect(rows.map(({ icon }) => icon)).toEqual(['st-failed', 'st-uncertain', 'st-accepted', 'pencil'])
  })
  it('is overdue when nothing has fired it', () => {
    const state = (next_fire_at: string): RulesAnswer => ({ server_now: '2026-01-01T09:10:00Z', status: { r: { next_fire_at } } }) as unknown as RulesAnswer
    expect(overdue(state('2026-01-01T09:00:00Z'), 'r')).toBe(Date.parse('2026-01-01T09:00:00Z'))
    expect(overdue(state('2026-01-01T09:09:00Z'), 'r')).toBeNull()
    expect(overdue(state(''), 'r')).toBeNull()
    expect(overdue(state('x'), 'gone')).toBeNull()
  })
})
