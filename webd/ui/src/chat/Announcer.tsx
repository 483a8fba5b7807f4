// What a screen reader is told: new messages in words when they are to the reader, otherwise counted, not too often; what
// is asked of the reader at once; and of the reader's own messages only what goes wrong with them.
import { useEffect, useRef, useState } from 'react'
import { useName } from '../parts/Chip'
import type { MessageStatus } from '../wire/contract'
import { isMessage, type Message } from '../wire/events'
import { YOU } from '../wire/server'
import { say } from '../words'
import { receipts } from './receipt'
import { useChat } from './store'

/** Counted messages are told at most this often. */
const TELL_MS = 5_000
const TOLD_CHARS = 200

const isToYou = (event: Message): boolean => event.data.to.some((one) => one === YOU || one === '@user')
const asks = (event: Message): boolean => isToYou(event) && (event.data.reply_required || event.data.priority === 'attention')

/** What went wrong with a message of the reader, by recipient: `tester held`. Pure. */
export function troubles(status: MessageStatus): { actor_id: string; reached: 'held' | 'uncertain' | 'failed' }[] {
  return receipts(status).flatMap(({ actor_id, reached }) => (actor_id !== YOU && (reached === 'held' || reached === 'uncertain' || reached === 'failed') ? [{ actor_id, reached }] : []))
}

export function Announcer() {
  const { events, group_id, statuses } = useChat()
  const name = useName()
  const [told, setTold] = useState('')
  const [urgent, setUrgent] = useState('')
  const state = useRef({ group_id, seq: 0, waiting: 0, at: 0 })
  const known = useRef<{ group_id: string | null; troubles: Set<string> | null }>({ group_id, troubles: null })

  useEffect(() => {
    const last = events.at(-1)?.seq ?? 0
    const { current } = state
    if (current.group_id !== group_id || current.seq === 0) {
      state.current = { group_id, seq: last, waiting: 0, at: 0 }
      return
    }
    const fresh = events.filter((event) => event.seq > current.seq && event.by !== YOU).filter(isMessage)
    current.seq = Math.max(current.seq, last)
    const mine = fresh.filter(isToYou).at(-1)
    if (mine) {
      const words = say('chat.announce', { name: name(mine.by), text: mine.data.text.slice(0, TOLD_CHARS) })
      if (asks(mine)) setUrgent(`${words} ${say(mine.data.reply_required ? 'chat.owed' : 'chat.asks')}`)
      else setTold(words)
      return
    }
    current.waiting += fresh.length
    if (current.waiting === 0 || Date.now() - current.at < TELL_MS) return
    setTold(say('chat.announce.n', { n: current.waiting }))
    current.waiting = 0
    current.at = Date.now()
  }, [events, group_id, name])

  useEffect(() => {
    const own = events.filter((event) => event.by === YOU && statuses[event.id] !== undefined)
    const now = own.flatMap((event) => {
      const status = statuses[event.id]
      return status === undefined ? [] : troubles(status).map((one) => ({ ...one, key: `${event.id} ${one.actor_id} ${one.reached}` }))
    })
    const { current } = known
    // What was so when the group was opened is not news.
    if (current.group_id !== group_id || current.troubles === null) {
      known.current = { group_id, troubles: own.length === 0 ? null : new Set(now.map(({ key }) => key)) }
      return
    }
    const news = now.filter(({ key }) => !current.troubles?.has(key)).at(-1)
    for (const { key } of now) current.troubles.add(key)
    if (news) setTold(say('chat.announce.trouble', { name: name(news.actor_id), stage: say(`st.${news.reached}`) }))
  }, [events, statuses, group_id, name])
  return (
    <>
      <p className="sr" role="status" aria-live="polite">{told}</p>
      <p className="sr" role="alert" aria-live="assertive">{urgent}</p>
    </>
  )
}
