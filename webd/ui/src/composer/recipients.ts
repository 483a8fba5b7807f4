// Who gets a message and why, decided before it is sent. What is shown is what is sent: the list is never left empty
// for the server to fill in, so nothing becomes a broadcast by accident. Pure.
import { YOU } from '../wire/server'

export interface Person {
  id: string
  title: string
  enabled: boolean
  role: 'foreman' | 'peer'
  running: boolean
}

/** Words that name several. */
export const BROADCASTS = ['@all', '@peers', '@foreman'] as const
export type Broadcast = (typeof BROADCASTS)[number]

export const isBroadcast = (to: string): to is Broadcast => (BROADCASTS as readonly string[]).includes(to)

export type Reason =
  | { because: 'foreman' | 'broadcast' | 'nobody' | 'loading' | 'people' }
  | { because: 'mention' | 'chosen'; n: number }
  | { because: 'asked' | 'thread'; by: string }

export interface Recipients {
  to: string[]
  reason: Reason
}

/** What a composer holds that says who gets it. */
export interface Addressed {
  text: string
  /** Chosen by hand; null as long as nothing was. */
  chosen: string[] | null
  /** What is answered: who said it, and whether they asked for a reply. */
  answers: { by: string; asked: boolean } | null
  /** Who is in the thread that is written to. */
  thread?: string[]
  /** Whoever asked for what is written. */
  asked?: string | null
}

const MENTION = /(^|[\s(（「])@([\p{L}\p{N}_][\p{L}\p{N}_.-]*)/gu

/** The name without a full stop that ends the sentence. */
const trimmed = (name: string): string => name.replace(/[.-]+$/, '')

/** Whom a name means: an id first, then a title, whatever the case. */
export function meant(name: string, people: Person[]): string | null {
  const wanted = name.toLowerCase()
  if (isBroadcast(`@${wanted}`)) return `@${wanted}`
  if (wanted === YOU) return YOU
  const person = people.find(({ id }) => id.toLowerCase() === wanted) ?? people.find(({ title }) => title.toLowerCase() === wanted)
  return person?.id ?? null
}

/** Names that a text mentions, known or not, each once. */
export function mentions(text: string, people: Person[]): { known: string[]; unknown: string[] } {
  const known = new Set<string>()
  const unknown = new Set<string>()
  // What stands in code is no mention.
  const prose = text.replace(/```[\s\S]*?(?:```|$)/g, ' ').replace(/`[^`\n]*`/g, ' ')
  for (const [, , name = ''] of prose.matchAll(MENTION)) {
    const id = meant(name, people) ?? meant(trimmed(name), people)
    if (id === null) unknown.add(trimmed(name))
    else known.add(id)
  }
  return { known: [...known], unknown: [...unknown] }
}

/**
 * Recipients and the reason. By hand comes first, then mentions, then whoever is answered, then who is in
 * the thread, then the group's default.
 * `people` is null while nobody knows who is here: then nobody gets it yet.
 */
export function recipients(said: Addressed, people: Person[] | null, fallback: 'foreman' | 'broadcast'): Recipients {
  if (people === null) return { to: [], reason: { because: 'loading' } }
  if (said.chosen !== null) {
    if (said.chosen.length === 0) return { to: [], reason: { because: 'nobody' } }
    return { to: said.chosen, reason: { because: 'chosen', n: said.chosen.length } }
  }
  const { known } = mentions(said.text, people)
  if (known.length > 0) return { to: known, reason: { because: 'mention', n: known.length } }
  if (said.answers !== null && said.answers.by !== YOU) {
    const { by, asked } = said.answers
    if (people.some(({ id }) => id === by)) return { to: [by], reason: { because: asked ? 'asked' : 'thread', by } }
  }
  const { asked } = said
  if (asked && people.some(({ id }) => id === asked)) return { to: [asked], reason: { because: 'asked', by: asked } }
  const there = said.thread?.filter((id) => people.some((person) => person.id === id)) ?? []
  if (there.length > 0) return { to: there, reason: { because: 'people' } }
  if (fallback === 'broadcast' && people.some(({ enabled }) => enabled)) return { to: ['@all'], reason: { because: 'broadcast' } }
  const foreman = people.find(({ role, enabled }) => enabled && role === 'foreman')
  if (foreman === undefined) return { to: [], reason: { because: 'nobody' } }
  return { to: [foreman.id], reason: { because: 'foreman' } }
}
