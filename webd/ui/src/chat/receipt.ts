// How far a message has come with each recipient, and the one mark that says it for all. Pure.
import type { MessageStatus } from '../wire/contract'
import { YOU } from '../wire/server'

export type Reached = 'failed' | 'uncertain' | 'held' | 'stored' | 'handed' | 'accepted' | 'read' | 'answered'

/** Trouble first: the mark is that of the recipient who is least far. */
const ORDER: Reached[] = ['failed', 'uncertain', 'held', 'stored', 'handed', 'accepted', 'read', 'answered']

export interface Receipt {
  actor_id: string
  reached: Reached
  /** Why it is held, or what failed; empty otherwise. */
  reason: string
}

export interface Mark {
  reached: Reached
  /** `1/2` when some have read, or nothing. */
  some: string
  tone: '' | 'warn' | 'bad'
}

/** One receipt a recipient, in the order of the status. */
export function receipts(status: MessageStatus): Receipt[] {
  const obligations = status.obligation_status ?? {}
  const ids = new Set([...Object.keys(status.read_status), ...Object.keys(obligations), ...Object.keys(status.delivery)])
  return [...ids].map((actor_id) => {
    const done = obligations[actor_id]
    const delivered = status.delivery[actor_id]
    const acked = done?.acked === true && status.ack_status !== null
    const read = status.read_status[actor_id] === true || done?.read === true
    if (done?.replied === true || acked) return { actor_id, reached: 'answered', reason: '' }
    if (read) return { actor_id, reached: 'read', reason: '' }
    if (delivered === undefined) return { actor_id, reached: 'stored', reason: '' }
    // Held without a reason is about to be handed over: nobody waits for anything.
    if (delivered.stage === 'held' && delivered.reason === '') return { actor_id, reached: 'stored', reason: '' }
    return { actor_id, reached: delivered.stage, reason: delivered.reason }
  })
}

/** The mark of a message; null when it is for nobody here. The reader is only counted when nobody else is asked. */
export function mark(all: Receipt[]): Mark | null {
  const others = all.filter((receipt) => receipt.actor_id !== YOU)
  const counted = others.length > 0 ? others : all
  const ranks = counted.map((receipt) => ORDER.indexOf(receipt.reached))
  const least = ORDER[Math.min(...ranks)]
  if (least === undefined) return null
  const read = counted.filter((receipt) => receipt.reached === 'read' || receipt.reached === 'answered').length
  const trouble = least === 'failed' || least === 'uncertain' || least === 'held'
  if (!trouble && read > 0 && read < counted.length) return { reached: 'read', some: `${read}/${counted.length}`, tone: '' }
  return { reached: least, some: '', tone: least === 'failed' ? 'bad' : trouble ? 'warn' : '' }
}

/** What the reader still owes for a message: an answer, an acknowledgement, or nothing. */
export function owed(status: MessageStatus): 'reply' | 'acknowledge' | null {
  const mine = status.obligation_status?.[YOU]
  if (mine?.reply_required === true && !mine.replied && mine.cancelled !== true) return 'reply'
  if (status.ack_status?.[YOU] === false) return 'acknowledge'
  return null
}

/** Steps of the track, as they come. */
export const TRACK = ['stored', 'handed', 'accepted', 'read', 'answered'] as const

/** Where on the track a receipt stands; what waits or is broken stands at the step that it waits for. */
export function step(reached: Reached): { at: number; stopped: boolean } {
  if (reached === 'held' || reached === 'failed') return { at: 1, stopped: true }
  if (reached === 'uncertain') return { at: 2, stopped: true }
  return { at: TRACK.indexOf(reached), stopped: false }
}
