// An actor without a terminal: what it has asked for and said last.
import { useEffect, useState } from 'react'
import { told } from '../activity/told'
import { onEvent } from '../chat/store'
import { onReturn } from '../connection/store'
import { useName } from '../parts/Chip'
import type { ActorView, Event } from '../wire/contract'
import { say } from '../words'
import { timeOf } from '../words/time'
import { latestOf } from './ask'

const LATEST = 12

export function Headless({ actor, group_id }: { actor: ActorView; group_id: string }) {
  const [events, setEvents] = useState<Event[] | null>(null)
  const [error, setError] = useState<string | null>(null)
  const name = useName()
  useEffect(() => {
    let gone = false
    const ask = (): void => {
      latestOf(group_id, actor.id, LATEST).then(
        (come) => { if (!gone) { setEvents(come); setError(null) } },
        (reason: unknown) => { if (!gone) setError((reason as Error).message) },
      )
    }
    ask()
    const ends = [
      onReturn(ask),
      onEvent((event) => {
        if (event.by === actor.id || (event.data as { actor_id?: string } | null)?.actor_id === actor.id) setEvents((known) => [event, ...(known ?? [])].slice(0, LATEST))
      }),
    ]
    return () => {
      gone = true
      for (const end of ends) end()
    }
  }, [group_id, actor.id])
  const waits = actor.waiting?.count ?? 0
  return (
    <div className="headless scroll" tabIndex={0} role="region" aria-label={say('term.headless.last')}>
      <p>{say('term.headless.help')} {waits > 0 && <b className="b6 tw">{say('term.headless.waits', { n: waits })}</b>}</p>
      {error !== null && <p className="err" role="alert">{say('term.headless.error', { reason: error })}</p>}
      {events?.length === 0 && <p className="m3">{say('term.headless.none')}</p>}
      {events !== null && events.length > 0 && (
        <table aria-label={say('term.headless.last')}>
          <tbody>
            {events.map((event) => {
              const line = told(event, name)
              return <tr key={event.id}><td className="m3">{timeOf(event.ts, true)}</td><td dir="auto">{line.text}</td><td className="m3 clip" dir="auto">{line.evidence}</td></tr>
            })}
          </tbody>
        </table>
      )}
    </div>
  )
}
