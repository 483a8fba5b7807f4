// The messaging settings of the open group: what is stored, asked anew when the group has changed.
import { create } from 'zustand'
import { call } from '../wire/http'
import { effective, type Settings } from './settings'

interface Messaging {
  group_id: string | null
  /** What was set; null before the first answer. */
  stored: Record<string, unknown> | null
  now: Settings | null
  error: string | null
}

export const useMessaging = create<Messaging>(() => ({ group_id: null, stored: null, now: null, error: null }))

export async function loadMessaging(group_id: string): Promise<Settings | null> {
  if (useMessaging.getState().group_id !== group_id) useMessaging.setState({ group_id, stored: null, now: null, error: null })
  try {
    const { settings, set } = await call('group_settings_get', { group_id })
    if (useMessaging.getState().group_id !== group_id) return null
    const stored = Object.fromEntries(set.map((key) => [key, settings[key]]))
    const now = effective(settings)
    useMessaging.setState({ stored, now, error: null })
    return now
  } catch (error) {
    if (useMessaging.getState().group_id === group_id) useMessaging.setState({ error: (error as Error).message })
    throw error
  }
}

export async function saveMessaging(group_id: string, patch: Partial<Settings>): Promise<void> {
  await call('group_settings_update', { group_id, patch })
}
