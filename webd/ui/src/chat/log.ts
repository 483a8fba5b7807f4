// The part of a ledger that is on the page: one stretch without a gap, ordered by sequence number. Pure.
import type { Event } from '../wire/contract'

/** Most events kept; the oldest go first, and are asked for again when somebody scrolls there. */
export const EVENTS_MAX = 2_000

/** Both stretches as one, each event once, in order. */
export function merged(kept: Event[], come: Event[]): Event[] {
  const last = kept.at(-1)
  const [first] = come
  if (last === undefined || (first !== undefined && first.seq > last.seq)) return [...kept, ...come]
  const bySeq = new Map([...kept, ...come].map((event) => [event.seq, event]))
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}

/** The newest events, and whether older ones were let go. */
export function trimmed(events: Event[]): { events: Event[]; cut: boolean } {
  if (events.length <= EVENTS_MAX) return { events, cut: false }
  return { events: events.slice(-EVENTS_MAX), cut: true }
}
