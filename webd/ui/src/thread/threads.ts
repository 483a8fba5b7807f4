// Threads: messages that answer one another, found by what they answer. Pure.
import { isMessage, type Event, type Message } from '../wire/events'

/** What is said under the first message of a thread. */
export interface Thread {
  replies: number
  /** Who answered, the last ones first. */
  by: string[]
  last_ts: string
}

/** The message that each one leads back to, as far as messages are known. */
export function roots(messages: Message[]): Map<string, string> {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const found = new Map<string, string>()
  for (const message of messages) {
    // What is answered lies before: its root is known by then.
    const { reply_to } = message.data
    const parent = reply_to === null ? undefined : byId.get(reply_to)
    found.set(message.id, parent === undefined ? (reply_to ?? message.id) : (found.get(parent.id) ?? parent.id))
  }
  return found
}

/** Threads by the id of their first message. */
export function threads(events: Event[]): Map<string, Thread> {
  const messages = events.filter(isMessage)
  const found = roots(messages)
  const all = new Map<string, Thread>()
  for (const message of messages) {
    const root = found.get(message.id)
    if (root === undefined || root === message.id) continue
    const thread = all.get(root) ?? { replies: 0, by: [], last_ts: '' }
    all.set(root, { replies: thread.replies + 1, by: [message.by, ...thread.by.filter((one) => one !== message.by)], last_ts: message.ts })
  }
  return all
}

/** The replies of a thread, in order. */
export function repliesOf(root: string, events: Event[]): Message[] {
  const messages = events.filter(isMessage)
  const found = roots(messages)
  return messages.filter(({ id }) => id !== root && found.get(id) === root)
}

/** Who is in a thread: who said something in it, and whom its first message was for. */
export function peopleOf(root: Message, replies: Message[]): string[] {
  return [...new Set([root, ...replies].flatMap((message) => [message.by, ...message.data.to]))].filter((id) => !id.startsWith('@') && id !== 'user' && id !== 'system')
}
