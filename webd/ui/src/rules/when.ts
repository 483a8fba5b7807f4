// A trigger in the words of the sentence, and back: days and a time instead of a calendar. Pure.
import type { Trigger } from '../wire/contract'
import { calendarOf } from './schedule'
import { instantsOf, localOf } from './zone'

/** Which days a calendar means: every day, working days, one day of the week (0 is Sunday), or one day of the month. */
export type Days = 'day' | 'weekday' | `week-${number}` | `month-${number}`

/** A trigger as the sentence has it. A calendar that has no words is shown as it is. */
export type When =
  | { kind: 'interval'; every_seconds: number }
  | { kind: 'days'; days: Days; time: string; timezone: string }
  | { kind: 'calendar'; cron: string; timezone: string }
  | { kind: 'once'; at: string }

const pad = (n: number): string => String(n).padStart(2, '0')

function daysOf(day: string, month: string, weekday: string): Days | null {
  if (month !== '*') return null
  if (day === '*' && weekday === '*') return 'day'
  if (day === '*' && weekday === '1-5') return 'weekday'
  if (day === '*' && /^[0-7]$/.test(weekday)) return `week-${Number(weekday) % 7}`
  if (weekday === '*' && /^\d{1,2}$/.test(day)) return `month-${Number(day)}`
  return null
}

export function whenOf(trigger: Trigger): When {
  switch (trigger.kind) {
    case 'interval': return { kind: 'interval', every_seconds: trigger.every_seconds }
    case 'at': return { kind: 'once', at: trigger.at }
    case 'cron': {
      const { cron, timezone } = trigger
      const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.trim().split(/\s+/)
      const days = daysOf(day, month, weekday)
      if (days === null || !calendarOf(cron)?.fixed) return { kind: 'calendar', cron, timezone }
      return { kind: 'days', days, time: `${pad(Number(hour))}:${pad(Number(minute))}`, timezone }
    }
  }
}

export function triggerOf(when: When): Trigger {
  switch (when.kind) {
    case 'interval': return { kind: 'interval', every_seconds: when.every_seconds }
    case 'once': return { kind: 'at', at: when.at }
    case 'calendar': return { kind: 'cron', cron: when.cron, timezone: when.timezone }
    case 'days': {
      const [hour, minute] = when.time.split(':').map(Number)
      const [kind, number = ''] = when.days.split('-')
      const day = kind === 'month' ? number : '*'
      const weekday = kind === 'weekday' ? '1-5' : kind === 'week' ? number : '*'
      return { kind: 'cron', cron: `${minute ?? 0} ${hour ?? 0} ${day} * ${weekday}`, timezone: when.timezone }
    }
  }
}

/** The value of a field for date and time, in a zone. */
export const fieldOf = (zone: string, at: number): string => new Date(localOf(zone, at)).toISOString().slice(0, 16)

/** The instant that such a field means; null when it is no time. One that comes twice is the first, one that is skipped is moved on. */
export function instantOf(zone: string, field: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(field)) return null
  const local = Date.parse(`${field}:00Z`)
  const [at] = instantsOf(zone, local)
  return at ?? instantsOf(zone, local + 3_600_000)[0] ?? null
}

/** The largest unit in which a number of seconds is whole. */
export function unitOf(seconds: number): { n: number; unit: 'second' | 'minute' | 'hour' | 'day' } {
  if (seconds > 0 && seconds % 86_400 === 0) return { n: seconds / 86_400, unit: 'day' }
  if (seconds > 0 && seconds % 3600 === 0) return { n: seconds / 3600, unit: 'hour' }
  if (seconds > 0 && seconds % 60 === 0) return { n: seconds / 60, unit: 'minute' }
  return { n: seconds, unit: 'second' }
}
