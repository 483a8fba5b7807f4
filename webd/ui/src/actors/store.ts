// What the page of an actor asks for beside its row: names of its private environment, and profiles; and what it changes.
import { create } from 'zustand'
import { useActors, loadActors } from '../rail/actors'
import { loadGroups } from '../rail/groups'
import type { ActorView, Ops } from '../wire/contract'
import { call } from '../wire/http'
import { say } from '../words'

interface Private {
  /** Which actor these names are of. */
  of: string | null
  keys: string[] | null
  error: string | null
}

export const usePrivate = create<Private>(() => ({ of: null, keys: null, error: null }))

const nameOf = (group_id: string, actor_id: string): string => `${group_id}/${actor_id}`

export async function loadPrivate(group_id: string, actor_id: string): Promise<void> {
  const of = nameOf(group_id, actor_id)
  if (usePrivate.getState().of !== of) usePrivate.setState({ of, keys: null, error: null })
  try {
    const { keys } = await call('actor_env_private_keys', { group_id, actor_id })
    if (usePrivate.getState().of === of) usePrivate.setState({ keys, error: null })
  } catch (error) {
    if (usePrivate.getState().of === of) usePrivate.setState({ error: (error as Error).message })
  }
}

export async function changePrivate(group_id: string, actor_id: string, change: { set?: Record<string, string>; unset?: string[] }): Promise<void> {
  const { keys } = await call('actor_env_private_update', { group_id, actor_id, ...change })
  if (usePrivate.getState().of === nameOf(group_id, actor_id)) usePrivate.setState({ keys })
}

/** The newest row of an actor; null if it is gone. */
export async function newest(group_id: string, actor_id: string): Promise<ActorView | null> {
  await loadActors(group_id)
  const { actors, error } = useActors.getState()
  if (error !== null) throw new Error(error)
  return actors?.find((one) => one.id === actor_id) ?? null
}

/** Changing an actor may start it: that waits for the program. */
const CHANGE_MS_MAX = 60_000

type Update = Ops['actor_update']['args']

async function update(args: Update): Promise<string | null> {
  const { start_error } = await call('actor_update', args, CHANGE_MS_MAX)
  if (args.group_id !== undefined) await loadActors(args.group_id)
  return start_error ?? null
}

/** Changes an actor; gives why it does not run although it should. */
export const change = (group_id: string, actor_id: string, patch: Record<string, unknown>): Promise<string | null> =>
  update({ group_id, actor_id, patch })

export const link = (group_id: string, actor_id: string, profile_id: string): Promise<string | null> =>
  update({ group_id, actor_id, profile_id })

/** Gives the actor a copy of its profile, and unlinks it. */
export const unlink = (group_id: string, actor_id: string): Promise<string | null> =>
  update({ group_id, actor_id, profile_action: 'convert_to_custom' })

export async function remove(group_id: string, actor_id: string): Promise<void> {
  await call('actor_remove', { group_id, actor_id }, CHANGE_MS_MAX)
  await Promise.all([loadActors(group_id), loadGroups()])
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * Makes a token for a headless actor in place of the one before. Only its hash leaves this page.
 *
 * @throws where the address is not secure: there a browser makes no hashes.
 */
export async function newToken(group_id: string, actor_id: string): Promise<string> {
  if (!window.isSecureContext) throw new Error(say('actors.token.insecure', { id: actor_id }))
  const token = hex(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  await call('actor_token_set', { group_id, actor_id, token_sha256: hex(new Uint8Array(digest)) })
  return token
}

/** What an actor is told before its first message. */
export const preamble = async (group_id: string, actor_id: string): Promise<string> =>
  (await call('actor_preamble_get', { group_id, actor_id })).prompt
