// A new actor before it is there: what was chosen, and what that means to the op. Pure.
import type { Listing } from '../wire/contract'
import type { Ops } from '../wire/contract'
import type { Runtime } from '../wire/server'
import { asking, isRisky, split } from './command'

/** What carries the new actor: a program by its name, a command of one's own, nothing here, or a profile. */
export type Kind = { is: 'program'; runtime: string } | { is: 'command' } | { is: 'headless' } | { is: 'profile'; profile_id: string }

export interface NewActor {
  kind: Kind | null
  name: string
  /** A line, of a command of one's own. */
  command: string
  /** Whether it asks before it does something, where its program can be told not to. */
  asks: boolean
  secrets: Record<string, string>
}

export const NOBODY_YET: NewActor = { kind: null, name: '', command: '', asks: false, secrets: {} }

/** The usual command of what was chosen; none of what has no usual one. */
export function usualOf(kind: Kind | null, programs: Runtime[] | null, profiles: Listing[] | null): string[] {
  if (kind?.is === 'program') return [programs?.find((one) => one.name === kind.runtime)?.command ?? []].flat()
  if (kind?.is === 'profile') return profiles?.find((one) => one.id === kind.profile_id)?.command ?? []
  return []
}

/** The words that will run; null while a quote is open. */
export function commandOf(actor: NewActor, usual: string[]): string[] | null {
  if (actor.kind?.is === 'command') return split(actor.command)
  return actor.kind?.is === 'program' && actor.asks ? asking(usual) : usual
}

/** What keeps the actor from being added. */
export type Lack = 'kind' | 'command' | 'quote'

export function lackOf(actor: NewActor, usual: string[]): Lack | null {
  if (actor.kind === null) return 'kind'
  const words = commandOf(actor, usual)
  if (words === null) return 'quote'
  return actor.kind.is === 'command' && words.length === 0 ? 'command' : null
}

/** An id by the name, so that it is mentioned as it is called; empty has the server make one. */
export function idOf(name: string, taken: readonly string[]): string {
  const id = name.trim().toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
  // Names in other scripts and ids that are there already leave it to the server.
  return /[^\p{ASCII}]/u.test(name) || taken.includes(id) ? '' : id.slice(0, 32)
}

export function argsOf(group_id: string, actor: NewActor, usual: string[], taken: readonly string[], enabled: boolean): Ops['actor_add']['args'] {
  const { kind } = actor
  const args: Ops['actor_add']['args'] = { group_id, title: actor.name.trim(), actor_id: idOf(actor.name, taken), enabled }
  if (kind?.is === 'profile') return { ...args, profile_id: kind.profile_id }
  const secrets = Object.keys(actor.secrets).length > 0 ? { env_private: actor.secrets } : {}
  if (kind?.is === 'headless') return { ...args, runtime: 'custom', runner: 'headless', ...secrets }
  const words = commandOf(actor, usual) ?? []
  const own = kind?.is === 'command' || (actor.asks && isRisky(usual))
  return { ...args, runtime: kind?.is === 'program' ? kind.runtime : 'custom', ...(own ? { command: words } : {}), ...secrets }
}
