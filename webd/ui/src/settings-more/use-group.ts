// Asks for what a page shows when it is opened, when the group changes, and when the daemon answers again.
import { useEffect } from 'react'
import { onReturn } from '../connection/store'
import { useGroups } from '../rail/groups'

/** The events of the home bring the list of groups up to date; a group in it that has changed is asked for again. */
export function useFresh(group_id: string | null, load: () => Promise<unknown>): void {
  const changed = useGroups((state) => state.groups?.find((one) => one.group_id === group_id)?.updated_at ?? '')
  useEffect(() => {
    // What went wrong stands in the store of the page.
    const ask = (): void => { load().catch(() => undefined) }
    ask()
    return onReturn(ask)
  }, [load, changed])
}
