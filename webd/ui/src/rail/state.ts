// How an actor or a group is: one glyph, one tone, one word each. Pure tables.
import type { ActorView, GroupRow } from '../wire/contract'
import { say, type Key } from '../words'

export interface Shown {
  glyph: string
  tone: '' | 'on' | 'pz' | 'wk' | 'er'
  word: string
}

const TERMINAL: Record<NonNullable<ActorView['terminal_state']>, { glyph: string; tone: Shown['tone']; word: Key }> = {
  'ready': { glyph: 's-ready', tone: 'on', word: 'actor.ready' },
  'busy': { glyph: 's-working', tone: 'wk', word: 'actor.working' },
  'asks a person': { glyph: 's-asks', tone: 'pz', word: 'actor.asks' },
  'draft': { glyph: 's-ready', tone: 'on', word: 'actor.draft' },
  'starting': { glyph: 's-starting', tone: '', word: 'actor.starting' },
  'not ready': { glyph: 's-ready', tone: '', word: 'actor.notready' },
  'ended': { glyph: 's-stopped', tone: '', word: 'actor.stopped' },
}

export function actorState(actor: ActorView): Shown {
  if (actor.runner === 'headless' && actor.enabled) return { glyph: 'i-plug', tone: 'on', word: say('actor.headless') }
  if (!actor.running) {
    if (actor.enabled && actor.last_exit) return { glyph: 's-crashed', tone: 'er', word: say('actor.crashed', { reason: actor.last_exit }) }
    return { glyph: 's-stopped', tone: '', word: say('actor.stopped') }
  }
  const known = actor.terminal_state ? TERMINAL[actor.terminal_state] : undefined
  if (known === undefined || actor.terminal_state === 'ended') return { glyph: 's-unknown', tone: '', word: say('actor.unknown') }
  return { glyph: known.glyph, tone: known.tone, word: say(known.word) }
}

const GROUP: Record<GroupRow['state'], { glyph: string; tone: Shown['tone']; word: Key }> = {
  active: { glyph: 's-ready', tone: 'on', word: 'group.active' },
  idle: { glyph: 's-idle', tone: '', word: 'group.idle' },
  paused: { glyph: 's-paused', tone: 'pz', word: 'group.paused' },
}

export function groupState(group: GroupRow): Shown {
  if (group.registry_health !== 'ok') return { glyph: 's-crashed', tone: 'er', word: say('rail.damaged') }
  if (!group.running && group.state !== 'paused') return { glyph: 's-stopped', tone: '', word: say('group.stopped') }
  const known = GROUP[group.state]
  return { glyph: known.glyph, tone: known.tone, word: say(known.word) }
}
