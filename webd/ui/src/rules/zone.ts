// Local time and instants: what the clock of a zone shows, which instants a local time means, and when clocks change.

/** A local date and time without a zone, as if it were UTC, in milliseconds. */
type Local = number

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    })
    formats.set(zone, format)
  }
  return format
}

/** Whether the browser knows a zone of this name. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return zone !== ''
  } catch {
    return false
  }
}

/** What the clock of a zone shows at an instant. */
export function localOf(zone: string, at: number): Local {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of formatOf(zone).formatToParts(at)) part[type] = Number(value)
  return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day ?? 1, part.hour ?? 0, part.minute ?? 0, part.second ?? 0) + (at % 1000)
}

/** How far the clock of a zone is ahead of UTC, in milliseconds. */
export const offsetAt = (zone: string, at: number): number => localOf(zone, at) - at

/** The instants at which the clock of a zone shows a time: one; two where it comes twice; none where it is skipped. */
export function instantsOf(zone: string, local: Local): number[] {
  const offsets = [offsetAt(zone, local - DAY_MS), offsetAt(zone, local + DAY_MS)]
  return [...new Set(offsets.map((offset) => local - offset))].filter((at) => localOf(zone, at) === local).sort((a, b) => a - b)
}

/** The first instant in a stretch from which another offset counts. The offsets at both ends differ. */
function change(zone: string, from: number, to: number): number {
  const before = offsetAt(zone, from)
  let [low, high] = [from, to]
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (offsetAt(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

/** The instant at which the clock jumps over a local time that it never shows. */
export const jumpOver = (zone: string, local: Local): number => change(zone, local - 2 * DAY_MS, local + 2 * DAY_MS)

/** The next time that the clocks of a zone change, and by how much; null when they do not within a year or so. */
export function nextChange(zone: string, after: number): { at: number; by_ms: number } | null {
  const from = Math.floor(after / 1000) * 1000
  for (let day = 0; day < 400; day += 7) {
    const [start, end] = [from + day * DAY_MS, from + (day + 7) * DAY_MS]
    const by_ms = offsetAt(zone, end) - offsetAt(zone, start)
    if (by_ms !== 0) return { at: change(zone, start, end), by_ms }
  }
  return null
}
