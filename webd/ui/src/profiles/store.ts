// Profiles: configurations that actors in any group may be linked to. Their secrets are only ever written.
import { create } from 'zustand'
import type { Listing, Profile, Usage } from '../wire/contract'
import { call } from '../wire/http'

interface Profiles {
  /** Null before the first answer. */
  profiles: Listing[] | null
  error: string | null
  /** The one that is open, who is linked to it, and the names of its secrets. */
  open: { profile: Profile; usage: Usage[]; keys: string[] } | null
  open_error: string | null
}

export const useProfiles = create<Profiles>(() => ({ profiles: null, error: null, open: null, open_error: null }))

export async function loadProfiles(): Promise<void> {
  try {
    const profiles: Listing[] = []
    let cursor = ''
    for (;;) {
      const answer = await call('actor_profile_list', { cursor })
      profiles.push(...answer.profiles)
      if (!answer.has_more || !answer.next_cursor) break
      cursor = answer.next_cursor
    }
    useProfiles.setState({ profiles, error: null })
  } catch (error) {
    useProfiles.setState({ error: (error as Error).message })
  }
}

/** Opens a profile, and gives it as it is stored. */
export async function loadProfile(profile_id: string): Promise<Profile> {
  if (useProfiles.getState().open?.profile.id !== profile_id) useProfiles.setState({ open: null, open_error: null })
  try {
    const [answer, secrets] = await Promise.all([call('actor_profile_get', { profile_id }), call('actor_profile_secret_keys', { profile_id })])
    const usage = [...answer.usage]
    let page = answer
    while (page.has_more && page.next_cursor) {
      page = await call('actor_profile_get', { profile_id, cursor: page.next_cursor })
      usage.push(...page.usage)
    }
    useProfiles.setState({ open: { profile: answer.profile, usage, keys: secrets.keys }, open_error: null })
    return answer.profile
  } catch (error) {
    useProfiles.setState({ open_error: (error as Error).message })
    throw error
  }
}

/** Makes a profile, or changes the one whose revision was seen. */
export async function keepProfile(profile: Record<string, unknown>, expected_revision: number): Promise<Profile> {
  const { profile: kept } = await call('actor_profile_upsert', { profile, expected_revision })
  await loadProfiles()
  return kept
}

export async function deleteProfile(profile_id: string, force_detach: boolean): Promise<void> {
  await call('actor_profile_delete', { profile_id, force_detach })
  useProfiles.setState({ open: null })
  await loadProfiles()
}

export async function changeSecrets(profile_id: string, change: { set?: Record<string, string>; unset?: string[] }): Promise<void> {
  const { keys } = await call('actor_profile_secret_update', { profile_id, ...change })
  useProfiles.setState(({ open }) => (open?.profile.id === profile_id ? { open: { ...open, keys } } : {}))
}

/** Makes a profile out of an actor, its environment as secrets, and gives its id. */
export async function profileOf(group_id: string, actor: { id: string; title: string; runtime: string; runner: string; command: string[]; submit: string }): Promise<string> {
  const { id: actor_id, title, runtime, runner, command, submit } = actor
  const kept = await keepProfile({ name: title || actor_id, runtime, runner, command, submit }, 0)
  await call('actor_profile_secret_copy_from_actor', { profile_id: kept.id, group_id, actor_id })
  return kept.id
}

/** Replaces the secrets of a profile by those of another one. */
export async function copySecrets(profile_id: string, source_profile_id: string): Promise<void> {
  const { keys } = await call('actor_profile_secret_copy_from_profile', { profile_id, source_profile_id })
  useProfiles.setState(({ open }) => (open?.profile.id === profile_id ? { open: { ...open, keys } } : {}))
}
