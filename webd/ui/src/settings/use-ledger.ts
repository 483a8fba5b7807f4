// Follows the ledger of the group whose pages are open: what changes in it has the lists asked for anew.
import { useEffect } from 'react'
import { openChat, useChat } from '../chat/store'
import { openActors } from '../rail/actors'

export function useLedger(group_id: string | null): void {
  useEffect(() => {
    if (group_id === null || group_id === '') return
    openActors(group_id)
    if (useChat.getState().group_id !== group_id) void openChat(group_id)
  }, [group_id])
}
