// When a rule is due: intervals, calendars and single times, read as the server reads them. Pure.
import type { Trigger } from '../wire/contract'
import { instantsOf, isZone, jumpOver, localOf } from './zone'

const DAY_MS = 86_400_000
/** A calendar that finds no day for longer than this never does: leap days are at most eight years apart. */
const DAYS_MAX = 9 * 366

/** A calendar of five fields, each as the numbers that it allows. */
export interface Calendar {
  minutes: number[]
  hours: number[]
  days: number[]
  months: number[]
  /** 0 is Sunday. */
  weekdays: number[]
  /** Both kinds of days are named: either will do. */
  either: boolean
  /** One minute and one hour: due once a day, whatever the clocks do. */
  fixed: boolean
}

const BOUNDS = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 7]] as const

function numbers(field: string, low: number, high: number): number[] | null {
  const all = new Set<number>()
  for (const part of field.split(',')) {
    const found = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part)
    if (found === null) return null
    const [, star, first, last, steps] = found
    const step = steps === undefined ? 1 : Number(steps)
    const from = star ? low : Number(first)
    // A number with a step steps nowhere, here as in the server.
    const to = star ? high : Number(last ?? first)
    if (step < 1 || from < low || to > high || from > to) return null
    for (let number = from; number <= to; number += step) all.add(number)
  }
  return [...all].sort((a, b) => a - b)
}

/** Reads a calendar; null when it is none. */
export function calendarOf(cron: string): Calendar | null {
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== 5) return null
  const read = fields.map((field, at) => numbers(field, BOUNDS[at]?.[0] ?? 0, BOUNDS[at]?.[1] ?? 0))
  const [minutes, hours, days, months, weekdays] = read
  if (!minutes || !hours || !days || !months || !weekdays) return null
  const [minute = '', hour = '', day = '', , weekday = ''] = fields
  return {
    minutes, hours, days, months,
    weekdays: [...new Set(weekdays.map((one) => one % 7))].sort(),
    either: !day.startsWith('*') && !weekday.startsWith('*'),
    fixed: /^\d+$/.test(minute) && /^\d+$/.test(hour),
  }
}

function isDay(calendar: Calendar, local: number): boolean {
  const date = new Date(local)
  if (!calendar.months.includes(date.getUTCMonth() + 1)) return false
  const [day, weekday] = [calendar.days.includes(date.getUTCDate()), calendar.weekdays.includes(date.getUTCDay())]
  return calendar.either ? day || weekday : day && weekday
}

/** The instants of a local time that a calendar means. One that a clock skips is due when the clock has jumped; one that
 * comes twice is due once, unless the calendar goes by the minute or the hour. */
function due(calendar: Calendar, zone: string, local: number): number[] {
  const at = instantsOf(zone, local)
  if (!calendar.fixed) return at
  return at.length === 0 ? [jumpOver(zone, local)] : at.slice(0, 1)
}

/** The next times of a calendar after an instant, at most `n`; fewer where it ends, none where it never comes. */
export function calendarTimes(cron: string, zone: string, after: number, n: number): number[] {
  const calendar = calendarOf(cron)
  if (calendar === null || !isZone(zone)) return []
  const today = Math.floor(localOf(zone, after) / DAY_MS) * DAY_MS
  const found: number[] = []
  for (let day = -1; day < DAYS_MAX && found.length < n; day += 1) {
    const midnight = today + day * DAY_MS
    if (!isDay(calendar, midnight)) continue
    const times = calendar.hours
      .flatMap((hour) => calendar.minutes.map((minute) => midnight + hour * 3_600_000 + minute * 60_000))
      .flatMap((local) => due(calendar, zone, local))
      .filter((at) => at > after)
      .sort((a, b) => a - b)
    found.push(...times.filter((at) => !found.includes(at)))
  }
  return found.slice(0, n)
}

/**
 * The next times that a rule is due, at most `n`, in order.
 *
 * `next` is when the server says that it is due next; null for a rule that it does not know like this: then an interval
 * counts from now, because saving it starts its clock. A time that has passed means now.
 */
export function nextTimes(trigger: Trigger, now: number, next: number | null = null, n = 5): number[] {
  switch (trigger.kind) {
    case 'interval': {
      const every = trigger.every_seconds * 1000
      if (!(every > 0)) return []
      const first = next === null ? now + every : Math.max(next, now)
      return Array.from({ length: n }, (_, at) => first + at * every)
    }
    case 'cron': {
      const times = calendarTimes(trigger.cron, trigger.timezone, now, n)
      return next !== null && next <= now ? [now, ...times].slice(0, n) : times
    }
    case 'at': {
      const at = Date.parse(trigger.at)
      return Number.isNaN(at) ? [] : [Math.max(at, now)]
    }
  }
}
