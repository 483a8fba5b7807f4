// What waits in a group: for the reader, for agents that owe replies, and what is stuck. Pure.
import { receipts, type Receipt } from '../chat/receipt'
import type { ActorView, GroupRow, MessageStatus } from '../wire/contract'
import type { Message } from '../wire/events'
import { YOU } from '../wire/server'

export type Head = 'you' | 'owes' | 'stuck'

interface Base {
  /** The same row keeps its key as long as it waits. */
  key: string
  group_id: string
  /** Since when, as a time of the ledger; empty when nobody knows. */
  since: string
}

export type WaitingRow = Base & (
  | { head: 'you'; what: 'reply' | 'acknowledge'; event: Message }
  | { head: 'owes'; actor_id: string; event: Message; receipt: Receipt }
  | { head: 'stuck'; what: 'message'; actor_id: string; event: Message; receipt: Receipt; count: number }
  | { head: 'stuck'; what: 'asks'; actor_id: string; event: null }
  | { head: 'stuck'; what: 'paused'; held: number; actors: number; event: null }
)

/** Held for longer than this is stuck. */
export const STUCK_MS = 60_000

/** Held for reasons that nobody needs to end, or that have a row of their own. */
const NOT_STUCK = new Set(['', 'reads its inbox by itself', 'group is paused', 'starting', 'waits for the minimum interval', 'its program is at work'])

export interface Known {
  group: GroupRow
  messages: Message[]
  statuses: Record<string, MessageStatus>
  actors: ActorView[]
}

function isStuck(receipt: Receipt, event: Message, now: number): boolean {
  if (receipt.actor_id === YOU) return false
  if (receipt.reached === 'uncertain' || receipt.reached === 'failed') return true
  return receipt.reached === 'held' && !NOT_STUCK.has(receipt.reason) && now - Date.parse(event.ts) >= STUCK_MS
}

function ofMessage(event: Message, status: MessageStatus, now: number): WaitingRow[] {
  const { group_id } = event
  const out: WaitingRow[] = []
  const mine = status.obligation_status?.[YOU]
  const row = { group_id, since: event.ts, event }
  if (mine?.reply_required === true && !mine.replied && mine.cancelled !== true) out.push({ ...row, head: 'you', what: 'reply', key: `${event.id} you` })
  else if (status.ack_status?.[YOU] === false) out.push({ ...row, head: 'you', what: 'acknowledge', key: `${event.id} you` })
  for (const receipt of receipts(status)) {
    const { actor_id } = receipt
    const owes = status.obligation_status?.[actor_id]
    if (actor_id !== YOU && owes?.reply_required === true && !owes.replied && owes.cancelled !== true) {
      out.push({ ...row, head: 'owes', actor_id, receipt, key: `${event.id} ${actor_id}` })
    } else if (isStuck(receipt, event, now)) out.push({ ...row, head: 'stuck', what: 'message', actor_id, receipt, count: 1, key: `${event.id} ${actor_id}` })
  }
  return out
}

/** What is held for one actor for one reason is one row: the oldest, and how many. */
function gathered(rows: WaitingRow[]): WaitingRow[] {
  const out: WaitingRow[] = []
  const firsts = new Map<string, number>()
  for (const row of rows) {
    if (row.head !== 'stuck' || row.what !== 'message' || row.receipt.reached !== 'held') {
      out.push(row)
      continue
    }
    const of = `${row.actor_id} ${row.receipt.reason}`
    const at = firsts.get(of)
    const first = at === undefined ? undefined : out[at]
    if (at === undefined || first?.head !== 'stuck' || first.what !== 'message') {
      firsts.set(of, out.length)
      out.push(row)
    } else out[at] = { ...first, count: first.count + 1 }
  }
  return out
}

export function rowsOf({ group, messages, statuses, actors }: Known, now: number): WaitingRow[] {
  const out = gathered(messages.flatMap((event) => {
    const status = statuses[event.id]
    return status === undefined ? [] : ofMessage(event, status, now)
  }))
  const { group_id } = group
  for (const actor of actors) {
    if (actor.running && actor.terminal_state === 'asks a person') out.push({ head: 'stuck', what: 'asks', actor_id: actor.id, event: null, group_id, since: '', key: `${group_id} asks ${actor.id}` })
  }
  const held = actors.filter((actor) => (actor.waiting?.count ?? 0) > 0)
  if (group.state === 'paused' && held.length > 0) {
    const count = held.reduce((sum, actor) => sum + (actor.waiting?.count ?? 0), 0)
    out.push({ head: 'stuck', what: 'paused', held: count, actors: held.length, event: null, group_id, since: '', key: `${group_id} paused` })
  }
  return out
}

export const HEADS: Head[] = ['you', 'owes', 'stuck']

/** What others wait on first: a decision before an acknowledgement; then by age. */
const weight = (row: WaitingRow): number => (row.head === 'you' && row.what === 'reply' ? 0 : 1)

export function sorted(rows: WaitingRow[]): WaitingRow[] {
  return [...rows].sort((a, b) => HEADS.indexOf(a.head) - HEADS.indexOf(b.head) || weight(a) - weight(b) || (a.since < b.since ? -1 : a.since > b.since ? 1 : 0))
}
