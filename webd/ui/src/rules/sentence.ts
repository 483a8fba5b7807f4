// A rule as one sentence: what stands fast, and the words that can be chosen, in the order of the language.
import { nameOf } from '../parts/Chip'
import { language, say } from '../words'
import { list } from '../words/time'
import { duration } from '../settings-more/duration'
import type { Draft } from './draft'
import { whenOf, type Days, type When } from './when'

/** What can be chosen in a sentence. */
export const SLOTS = ['every', 'days', 'cron', 'once', 'time', 'zone', 'at', 'to', 'text', 'priority', 'ack', 'state', 'operation', 'targets'] as const
export type Slot = (typeof SLOTS)[number]

export type Part = { text: string } | { slot: Slot }

/** Splits a message at its placeholders. Pure. */
export function partsOf(message: string): Part[] {
  return message.split(/(\{\w+\})/).filter((text) => text !== '').map((text) => {
    const slot = SLOTS.find((one) => text === `{${one}}`)
    return slot === undefined ? { text } : { slot }
  })
}

/** The sentence of a rule, with the sentence of its time in it. */
export const sentenceOf = (draft: Draft): Part[] =>
  partsOf(say(`rules.s.${draft.kind}`).replace('{when}', say(`rules.when.${whenOf(draft.trigger).kind}`)))

/** 1 January 2023 was a Sunday. */
const weekdayName = (day: number): string =>
  new Intl.DateTimeFormat(language(), { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + day))

export function daysWord(days: Days): string {
  if (days === 'day' || days === 'weekday') return say(`rules.days.${days}`)
  const [kind, number = '0'] = days.split('-')
  return kind === 'week' ? say('rules.days.week', { day: weekdayName(Number(number)) }) : say('rules.days.month', { n: Number(number) })
}

/** A time of a rule: `Wed 25 Nov, 09:00`, by the clock of a zone; with the year where it is another one. */
export function moment(at: number, zone?: string): string {
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' as const }
  return new Intl.DateTimeFormat(language(), {
    weekday: 'short', day: 'numeric', month: 'short', ...year, hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(zone ? { timeZone: zone } : {}),
  }).format(at)
}

/** A day of a rule: `Sun 28 Mar 2027`. */
export const dayOf = (at: number, zone: string): string =>
  new Intl.DateTimeFormat(language(), { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: zone }).format(at)

const atWord = (at: string): string => (Number.isNaN(Date.parse(at)) ? say('rules.at.none') : moment(Date.parse(at)))

type People = { id: string; title: string }[] | null

export const peopleWord = (ids: string[], actors: People): string =>
  ids.length === 0 ? say('rules.everybody') : list(ids.map((id) => nameOf(id, actors)))

function whenWord(slot: Slot, when: When): string {
  if (slot === 'every' && when.kind === 'interval') return duration(when.every_seconds)
  if (slot === 'days' && when.kind === 'days') return daysWord(when.days)
  if (slot === 'time' && when.kind === 'days') return when.time
  if (slot === 'cron' && when.kind === 'calendar') return when.cron
  if (slot === 'zone' && (when.kind === 'days' || when.kind === 'calendar')) return when.timezone
  if (slot === 'at' && when.kind === 'once') return atWord(when.at)
  return say('rules.once')
}

/** The word that a slot has. */
export function wordOf(slot: Slot, draft: Draft, actors: People): string {
  switch (slot) {
    case 'to': return peopleWord(draft.to, actors)
    case 'targets': return draft.targets.length === 0 ? say('rules.nobody') : peopleWord(draft.targets, actors)
    case 'text': return draft.snippet === null ? say('rules.text.own') : say('rules.text.snippet', { name: draft.snippet })
    case 'priority': return say(`rules.priority.${draft.priority}`)
    case 'ack': return say(draft.ack ? 'rules.ack.yes' : 'rules.ack.no')
    case 'state': return say(`rules.state.${draft.state}`)
    case 'operation': return say(`rules.operation.${draft.operation}`)
    default: return whenWord(slot, whenOf(draft.trigger))
  }
}

/** The whole sentence without buttons, for lists. */
export const summary = (draft: Draft, actors: People): string =>
  sentenceOf(draft).map((part) => ('text' in part ? part.text : wordOf(part.slot, draft, actors))).join('')

/** Only its time, for where there is little room. */
export const whenSummary = (draft: Draft, actors: People): string =>
  partsOf(say(`rules.when.${whenOf(draft.trigger).kind}`)).map((part) => ('text' in part ? part.text : wordOf(part.slot, draft, actors))).join('')
