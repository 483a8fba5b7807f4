// Rows of the chat from events: groups of one sender, day lines, the unread line, folded system lines, what is unsent.
// Pure: events in, rows out.
import { dayKey } from '../words/time'
import type { Event } from '../wire/contract'
import { isMessage, isShown, type Message } from '../wire/events'
import { YOU } from '../wire/server'
import type { Unsent } from './unsent'

/** Messages further apart than this begin a group of their own. */
export const GROUP_MS_MAX = 5 * 60_000

/** More system lines than this in a row are folded into one. */
export const SYSTEM_LINES_MAX = 3

export type Row =
  | { kind: 'begin'; key: string }
  | { kind: 'day'; key: string; ts: string }
  | { kind: 'unread'; key: string; count: number; since: string }
  | { kind: 'message'; key: string; event: Message; first: boolean }
  | { kind: 'system'; key: string; event: Event }
  | { kind: 'fold'; key: string; events: Event[] }
  | { kind: 'unsent'; key: string; unsent: Unsent; first: boolean }

/** Up to where the reader had read when the group was opened. */
export interface ReadTo {
  seq: number
  ts: string
}

type Mode = 'normal' | 'attention' | 'reply'

export const modeOf = (data: { priority: string; reply_required: boolean }): Mode =>
  data.reply_required ? 'reply' : data.priority === 'attention' ? 'attention' : 'normal'

/** What must be the same for two messages to stand in one group. */
const groupKey = (by: string, to: string[], data: { priority: string; reply_required: boolean }): string =>
  [by, [...to].sort().join(' '), modeOf(data)].join('\n')

const time = (ts: string): number => new Date(ts).getTime()

/** Whether a message counts as new: somebody else said it, after what was read. */
const isNew = (event: Event, read: ReadTo): boolean => event.seq > read.seq && event.by !== YOU && isMessage(event)

export function rows(
  events: Event[],
  unsent: Unsent[],
  options: { read: ReadTo | null; unfolded: ReadonlySet<string>; complete: boolean; unread?: number },
): Row[] {
  const out: Row[] = []
  const shown = events.filter(isShown)
  const { read, unfolded } = options
  // Where newer ones are not loaded, the server has counted.
  const fresh = read === null ? 0 : (options.unread ?? shown.filter((event) => isNew(event, read)).length)
  let day = ''
  let last: { key: string; at: number } | null = null
  let marked = false
  let system: Event[] = []

  const flush = (): void => {
    const [head] = system
    if (head === undefined) return
    if (system.length > SYSTEM_LINES_MAX && !unfolded.has(head.id)) out.push({ kind: 'fold', key: `fold ${head.id}`, events: system })
    else for (const event of system) out.push({ kind: 'system', key: event.id, event })
    system = []
  }

  if (options.complete && shown.length > 0) out.push({ kind: 'begin', key: 'begin' })
  for (const event of shown) {
    const today = dayKey(event.ts)
    if (today !== day) {
      flush()
      day = today
      last = null
      out.push({ kind: 'day', key: `day ${today}`, ts: event.ts })
    }
    if (read !== null && !marked && isNew(event, read)) {
      flush()
      marked = true
      last = null
      out.push({ kind: 'unread', key: 'unread', count: fresh, since: read.ts || event.ts })
    }
    if (!isMessage(event)) {
      last = null
      system.push(event)
      continue
    }
    flush()
    const key = groupKey(event.by, event.data.to, event.data)
    const at = time(event.ts)
    const first: boolean = last === null || last.key !== key || at - last.at >= GROUP_MS_MAX
    out.push({ kind: 'message', key: event.data.client_id ?? event.id, event, first })
    last = { key, at }
  }
  flush()

  for (const message of unsent) {
    const key = groupKey(YOU, message.to, message)
    const first: boolean = last === null || last.key !== key || message.at - last.at >= GROUP_MS_MAX
    // The key is the client's id, so that the row is the same one once it is stored.
    out.push({ kind: 'unsent', key: message.client_id, unsent: message, first })
    last = { key, at: message.at }
  }
  return out
}
