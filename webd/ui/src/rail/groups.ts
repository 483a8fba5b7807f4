// The groups of the home.
import { create } from 'zustand'
import type { GroupRow } from '../wire/contract'
import { groups as ask } from '../wire/server'

interface Groups {
  /** Null before the first answer. */
  groups: GroupRow[] | null
  error: string | null
}

export const useGroups = create<Groups>(() => ({ groups: null, error: null }))

/** By age, so that no message moves a row. */
const inOrder = (rows: GroupRow[]): GroupRow[] =>
  [...rows].sort((a, b) => (a.created_at === b.created_at ? 0 : a.created_at < b.created_at ? -1 : 1))

export async function loadGroups(): Promise<void> {
  try {
    useGroups.setState({ groups: inOrder(await ask()), error: null })
  } catch (error) {
    useGroups.setState({ error: (error as Error).message })
  }
}
