// Groups that the home knows and cannot show: their folder is gone, or their record cannot be read.
import { create } from 'zustand'
import { loadGroups } from '../rail/groups'
import { call } from '../wire/http'
import type { Ops } from '../wire/contract'

type Health = Ops['registry_reconcile']['answer']

export const useRegistry = create<{ health: Health | null; error: string | null }>(() => ({ health: null, error: null }))

/** Looks, and changes nothing. */
export async function lookForGroups(): Promise<void> {
  try {
    useRegistry.setState({ health: await call('registry_reconcile', { remove_missing: false }), error: null })
  } catch (error) {
    useRegistry.setState({ error: (error as Error).message })
  }
}

/** Has the home forget groups whose folder is gone; gives how many that were. */
export async function forgetMissing(): Promise<number> {
  const { removed_group_ids } = await call('registry_reconcile', { remove_missing: true })
  await Promise.all([lookForGroups(), loadGroups()])
  return removed_group_ids.length
}
