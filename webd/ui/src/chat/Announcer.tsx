// What a screen reader is told of new messages: in words when they are to the reader, otherwise counted, not too often.
import { useEffect, useRef, useState } from 'react'
import { useName } from '../parts/Chip'
import { isMessage } from '../wire/events'
import { YOU } from '../wire/server'
import { say } from '../words'
import { useChat } from './store'

/** Counted messages are told at most this often. */
const TELL_MS = 5_000
const TOLD_CHARS = 200

export function Announcer() {
  const { events, group_id } = useChat()
  const name = useName()
  const [told, setTold] = useState('')
  const state = useRef({ group_id, seq: 0, waiting: 0, at: 0 })

  useEffect(() => {
    const last = events.at(-1)?.seq ?? 0
    const { current } = state
    if (current.group_id !== group_id || current.seq === 0) {
      state.current = { group_id, seq: last, waiting: 0, at: 0 }
      return
    }
    const fresh = events.filter((event) => event.seq > current.seq && event.by !== YOU).filter(isMessage)
    current.seq = last
    const mine = fresh.filter((event) => event.data.to.some((one) => one === YOU || one === '@user')).at(-1)
    if (mine) {
      setTold(say('chat.announce', { name: name(mine.by), text: mine.data.text.slice(0, TOLD_CHARS) }))
      return
    }
    current.waiting += fresh.length
    if (current.waiting === 0 || Date.now() - current.at < TELL_MS) return
    setTold(say('chat.announce.n', { n: current.waiting }))
    current.waiting = 0
    current.at = Date.now()
  }, [events, group_id, name])
  return <p className="sr" role="status" aria-live="polite">{told}</p>
}
