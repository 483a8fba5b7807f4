// The records behind the receipts of one message: when each step happened, and what is known of it.
import { useEffect, useState } from 'react'
import type { Event } from '../wire/contract'
import { dataOf, type Message } from '../wire/events'
import { windowOf } from '../wire/server'
import { useChat } from './store'

/** How many records after a message are looked at. */
const RECORDS_MAX = 200
const KINDS = ['x.cccc.delivery', 'chat.read', 'chat.ack', 'chat.message']

/** What is known of the last step. */
export interface Evidence {
  ts: string
  bytes: number | null
  path: string
}

/** The newest record of a message and an actor. Pure. */
export function evidenceOf(records: Event[], message: Message, actor_id: string): Evidence | null {
  let ts = ''
  let bytes: number | null = null
  let path = ''
  let wasRead = false
  for (const record of records) {
    if (record.seq <= message.seq) continue
    const delivery = dataOf(record, 'x.cccc.delivery')
    if (delivery?.actor_id === actor_id && delivery.event_ids.includes(message.id)) {
      ts = record.ts
      if (typeof delivery.evidence.bytes === 'number') bytes = delivery.evidence.bytes
      if (delivery.path !== '') path = delivery.path
    }
    const read = dataOf(record, 'chat.read')
    const ack = dataOf(record, 'chat.ack')
    const answer = dataOf(record, 'chat.message')
    // A cursor that moves again later says nothing new about this message.
    const firstRead: boolean = read?.actor_id === actor_id && !wasRead
    const acked = ack?.actor_id === actor_id && ack.event_id === message.id
    const answered = answer?.reply_to === message.id && record.by === actor_id
    if (firstRead) wasRead = true
    if (firstRead || acked || answered) ts = record.ts
    if (answered) break
  }
  return ts === '' ? null : { ts, bytes, path }
}

/** The records, asked for once, and what comes while they are looked at. */
export function useEvidence(message: Message): { records: Event[] | null; error: string | null } {
  const [asked, setAsked] = useState<{ records: Event[] | null; error: string | null }>({ records: null, error: null })
  const moves = useChat((state) => state.moves)
  const { group_id, id } = message
  useEffect(() => {
    let here = true
    windowOf({ group_id, event_id: id, before: 0, after: RECORDS_MAX, kinds: KINDS })
      .then(({ events }) => { if (here) setAsked({ records: events, error: null }) })
      .catch((error: unknown) => { if (here) setAsked({ records: null, error: (error as Error).message }) })
    return () => { here = false }
  }, [group_id, id])
  if (asked.records === null) return asked
  const last = asked.records.at(-1)?.seq ?? message.seq
  return { records: [...asked.records, ...moves.filter((event) => event.seq > last)], error: null }
}
