// A line that offers notifications, once: when the first answer is owed in a browser that could be told and is not.
import { useState } from 'react'
import { go } from '../app/route'
import { useConnection } from '../connection/store'
import { Icon } from '../parts/Icon'
import { say } from '../words'
import { facts, possible } from './browser'

const SEEN = 'cccc.push.offered'

/** Whether it is worth a line. Pure. */
export const isOffered = (owed: number, seen: boolean, can: string, permission: NotificationPermission | null): boolean =>
  owed > 0 && !seen && can === 'yes' && permission === 'default'

export function Offer({ owed }: { owed: number }) {
  const read_only = useConnection((state) => state.read_only)
  const [seen, setSeen] = useState(() => localStorage.getItem(SEEN) !== null)
  const now = facts()
  if (read_only || !isOffered(owed, seen, possible(now), now.permission)) return null
  const done = (): void => {
    localStorage.setItem(SEEN, '1')
    setSeen(true)
  }
  const open = (): void => {
    done()
    go({ at: 'settings', group_id: null, page: 'notifications', item: null })
  }
  return (
    <div className="note offer" role="note">
      <Icon name="bell" />
      <span className="grow">{say('push.offer')}</span>
      <button type="button" className="btn sm" onClick={open}>{say('push.offer.yes')}</button>
      <button type="button" className="btn sm" onClick={done}>{say('push.offer.no')}</button>
    </div>
  )
}
