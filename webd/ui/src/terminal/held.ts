// What is held before a terminal: how many messages, why, since when, and the oldest of them.
import type { ActorView, Event, MessageStatus } from '../wire/contract'
import { useChat } from '../chat/store'

export interface Held {
  count: number
  reason: string
  /** Of the oldest, where the chat knows all of them. */
  since: string | null
  event_id: string | null
}

/** Reasons that a line in the terminal is, which keys can clear. */
export const LINES = new Set(['a person is typing', 'a draft stands in its composer', 'a draft has stood in its composer for a minute'])

/** Null when nothing is held, or for no reason that anybody could end. Pure. */
export function heldOf(actor: ActorView, events: Event[], statuses: Record<string, MessageStatus>): Held | null {
  const { waiting } = actor
  if (!waiting || waiting.count === 0 || waiting.reason === '') return null
  const held = events.filter(({ id }) => {
    const delivered = statuses[id]?.delivery[actor.id]
    return delivered?.stage === 'held' && delivered.reason !== ''
  })
  const [first] = held
  // An older one that the chat does not show may wait for longer.
  const since = held.length >= waiting.count ? (first?.ts ?? null) : null
  return { count: waiting.count, reason: waiting.reason, since, event_id: first?.id ?? null }
}

export function useHeld(actor: ActorView): Held | null {
  const events = useChat((state) => state.events)
  const statuses = useChat((state) => state.statuses)
  return heldOf(actor, events, statuses)
}
