// Asks for what a page shows when it is opened, when something happens that changes it, and when the daemon is back.
import { useEffect } from 'react'
import { onEvent } from '../chat/store'
import { onReturn } from '../connection/store'
import { useLedger } from '../settings/use-ledger'

/** Events that come together are answered by one question. */
const GATHER_MS = 200

/** `kinds`: the events of the group after which it is asked for again; pages of the home have no group and no events. */
export function useFresh(group_id: string | null, load: () => Promise<unknown>, kinds?: RegExp): void {
  useLedger(group_id)
  useEffect(() => {
    let gathering: ReturnType<typeof setTimeout> | undefined
    // What went wrong stands in the store of the page.
    const ask = (): void => {
      gathering = undefined
      load().catch(() => undefined)
    }
    ask()
    const ends = [
      onReturn(ask),
      onEvent((event) => {
        if (event.group_id === group_id && kinds?.test(event.kind)) gathering ??= setTimeout(ask, GATHER_MS)
      }),
    ]
    return () => {
      clearTimeout(gathering)
      for (const end of ends) end()
    }
  }, [group_id, load, kinds])
}
