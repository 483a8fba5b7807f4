// Reading events: the data of a kind, and the kinds the chat shows.
import type { Event, EventData } from './contract'

export type { ActorView, Event, EventData, GroupRow, MessageStatus, Stage } from './contract'

/** The data of an event, if it is of the kind. */
export function dataOf<K extends keyof EventData>(event: Event, kind: K): EventData[K] | null {
  return event.kind === kind ? (event.data as EventData[K]) : null
}

/** A message, with what the server needs not say filled in by the contract. */
export interface Message extends Event {
  data: EventData['chat.message']
}

export const isMessage = (event: Event): event is Message => event.kind === 'chat.message'

/** Kinds that are rows of the chat: messages, and what is told as a sentence. */
export const SHOWN = [
  'chat.message', 'system.notify', 'chat.reply_request.cancelled',
  'actor.add', 'actor.remove', 'actor.update', 'actor.start', 'actor.stop', 'actor.restart', 'x.cccc.session',
  'group.create', 'group.start', 'group.stop', 'group.set_state', 'group.update', 'group.settings_update', 'group.attach',
  'group.automation_update', 'x.cccc.rule',
]

/** Phases of a session that are told: the others say what `actor.start` has said. */
const TOLD_PHASES = new Set(['failed', 'exited', 'lost'])

/** Whether an event is a row of the chat. */
export function isShown(event: Event): boolean {
  if (!SHOWN.includes(event.kind)) return false
  const session = dataOf(event, 'x.cccc.session')
  return session === null || TOLD_PHASES.has(session.phase)
}

/** Kinds that change how far messages have come. */
export const MOVES_STATUS = new Set([
  'x.cccc.delivery', 'chat.read', 'chat.ack', 'chat.reply_request.cancelled', 'x.cccc.hand_over',
])

/** Kinds after which the actors of a group may be in another state. */
export const MOVES_ACTORS = /^(?:actor\.|group\.|x\.cccc\.(?:session|delivery|headless))/
