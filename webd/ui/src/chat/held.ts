// Why a message waits and what ends it: one row for each reason of the contract. Reasons of later versions are shown
// as they are.
import { say, type Key } from '../words'

const REASONS: Record<string, { why: Key; end: Key }> = {
  'no live session': { why: 'held.no live session', end: 'end.start' },
  'reads its inbox by itself': { why: 'held.inbox', end: 'end.inbox' },
  'group is paused': { why: 'held.paused', end: 'end.resume' },
  'starting': { why: 'held.starting', end: 'end.seconds' },
  'not ready for text': { why: 'held.notready', end: 'end.look' },
  'its program is at work': { why: 'held.busy', end: 'end.busy' },
  'a person is typing': { why: 'held.person', end: 'end.line' },
  'a draft stands in its composer': { why: 'held.draft', end: 'end.line' },
  'a draft has stood in its composer for a minute': { why: 'held.draft', end: 'end.line' },
  'a shell is in the foreground': { why: 'held.shell', end: 'end.look' },
  'shows something else than its composer': { why: 'held.elsewhere', end: 'end.look' },
  'waits for the minimum interval': { why: 'held.interval', end: 'end.seconds' },
  'has not read what was typed before': { why: 'held.stuck', end: 'end.stuck' },
  'terminal takes no input': { why: 'held.stuck', end: 'end.stuck' },
  'run folder cannot be written': { why: 'held.notes', end: 'end.notes' },
}

/** Reasons that somebody ends at the terminal. */
export const ENDS_AT_TERMINAL: ReadonlySet<string> = new Set([
  'not ready for text', 'a person is typing', 'a draft stands in its composer', 'a draft has stood in its composer for a minute',
  'a shell is in the foreground', 'shows something else than its composer', 'has not read what was typed before', 'terminal takes no input',
])

/** The reason in the reader's language. */
export function whyHeld(reason: string, name: string): string {
  const known = REASONS[reason]
  return known ? say(known.why, { name }) : reason
}

/** What ends it, or nothing for a reason of a later version. */
export function whatEnds(reason: string, name: string): string {
  const known = REASONS[reason]
  return known ? say(known.end, { name }) : ''
}
