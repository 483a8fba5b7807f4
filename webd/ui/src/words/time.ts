// Times and ages as people say them, in the language of the page.
import { language, say } from '.'

const DAY_MS = 86_400_000

const clock = (at: Date, seconds = false): string =>
  new Intl.DateTimeFormat(language(), {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(seconds ? { second: '2-digit' } : {}),
  }).format(at)

const unit = (value: number, name: 'second' | 'minute' | 'hour' | 'day'): string =>
  new Intl.NumberFormat(language(), { style: 'unit', unit: name, unitDisplay: name === 'day' ? 'long' : 'short' }).format(value)

/** `09:44`, with seconds if they matter. */
export const timeOf = (ts: string | number, seconds = false): string => clock(new Date(ts), seconds)

/** The exact time with its zone, for hovering. */
export const exact = (ts: string): string =>
  new Intl.DateTimeFormat(language(), { dateStyle: 'long', timeStyle: 'long' }).format(new Date(ts))

/** `40 sec`, `12 min`, `3 hr`, `2 days`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return unit(seconds, 'second')
  if (seconds < 3600) return unit(Math.floor(seconds / 60), 'minute')
  if (seconds < 86_400) return unit(Math.floor(seconds / 3600), 'hour')
  return unit(Math.floor(seconds / 86_400), 'day')
}

/** The calendar day of a time here, as a key that sorts. */
export function dayKey(ts: string | number): string {
  const at = new Date(ts)
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`
}

/** Today, yesterday, or weekday and date. */
export function dayName(ts: string, now: number): string {
  const day = dayKey(ts)
  if (day === dayKey(now)) return say('chat.today')
  if (day === dayKey(now - DAY_MS)) return say('chat.yesterday')
  return new Intl.DateTimeFormat(language(), { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(ts))
}

const joined = (): Intl.ListFormat => new Intl.ListFormat(language(), { style: 'short', type: 'unit' })

/** Names as a list, the way the language joins them. */
export const list = (names: string[]): string => joined().format(names)

/** The same in pieces, for names that look different: each piece is a name (with its place) or what stands between. */
export function listParts(names: string[]): { text: string; at: number | null }[] {
  let at = -1
  return joined().formatToParts(names).map(({ type, value }) => {
    if (type !== 'element') return { text: value, at: null }
    at += 1
    return { text: value, at }
  })
}
