// What terminals ask of the server besides the socket.
import { call } from '../wire/http'
import { windowOf } from '../wire/server'
import type { Event, Ops } from '../wire/contract'

/** How much older output is asked for at a time. */
const OLDER_BYTES = 64 * 1024
/** How many events are looked through for those of one actor. */
const LATEST_EVENTS = 400

/** Output before an offset, as text; the newest without one. */
export const older = (group_id: string, actor_id: string, before: number | null): Promise<Ops['terminal_history']['answer']> =>
  call('terminal_history', { group_id, actor_id, before, limit_bytes: OLDER_BYTES, strip_ansi: true, compact: false })

/** Has messages wait no more for a line that stands in the terminal. */
export const release = (group_id: string, actor_id: string): Promise<Ops['terminal_release']['answer']> =>
  call('terminal_release', { group_id, actor_id })

/** Has nobody look back at what was put out so far. */
export const forget = (group_id: string, actor_id: string): Promise<unknown> => call('terminal_clear', { group_id, actor_id })

/** The latest events that an actor is part of, newest first. */
export async function latestOf(group_id: string, actor_id: string, count: number): Promise<Event[]> {
  const { events } = await windowOf({ group_id, before: LATEST_EVENTS, after: 0 })
  const concerns = (event: Event): boolean => event.by === actor_id || (event.data as { actor_id?: string } | null)?.actor_id === actor_id
  return events.filter(concerns).slice(-count).reverse()
}
