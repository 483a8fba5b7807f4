// One thread: its first message, what answers it, and a composer for whoever is in it.
import { useEffect, useRef, type KeyboardEvent } from 'react'
import { hrefOf, useRoute } from '../app/route'
import { closeThread as leave, short } from '../chat/actions'
import { MessageRow, UnsentRow } from '../chat/Row'
import { useOutbox } from '../chat/outbox'
import { Composer } from '../composer/Composer'
import { Drop } from '../composer/Files'
import { keyOf } from '../composer/store'
import { showMessage } from '../dock/to-chat'
import { IconButton } from '../parts/Button'
import { toast } from '../parts/toast'
import { say } from '../words'
import { closeThread, openThread, useThread } from './store'
import { peopleOf } from './threads'
import './thread.css'

interface BodyProps {
  group_id: string
  event_id: string
  /** Whether the cursor is put into the composer. */
  focus?: boolean
  /** Whoever asked for the answer that is written: then it answers `event_id` itself. */
  asked?: string | null
}

/** The messages and the composer of a thread, wherever it is shown. */
export function ThreadBody({ group_id, event_id, focus = false, asked = null }: BodyProps) {
  const { root, replies, statuses, error, cut } = useThread()
  const unsent = useOutbox((state) => state.unsent)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    void openThread(group_id, event_id)
    return closeThread
  }, [group_id, event_id])
  const known = root !== null
  useEffect(() => {
    if (known && focus) document.getElementById('thread-message')?.focus({ preventScroll: true })
  }, [known, focus])
  const count = replies.length
  useEffect(() => {
    const { current } = box
    if (current !== null) current.scrollTop = current.scrollHeight
  }, [count, known])
  if (error !== null) {
    return (
      <div className="void" role="alert">
        <p className="tb">{say('thread.error', { reason: error })}</p>
        <button type="button" className="btn" onClick={() => void openThread(group_id, event_id)}>{say('thread.again')}</button>
      </div>
    )
  }
  if (root === null) return <div className="void" role="status"><p className="m3">{say('thread.loading')}</p></div>
  const target = asked === null ? root.id : event_id
  const mine = unsent.filter((one) => one.group_id === group_id && one.reply_to === target)
  return (
    <Drop of={keyOf(group_id, target)}>
      <div className="scroll grow thread" ref={box} tabIndex={0} role="region" aria-label={say('thread.label')}>
        <div className="root"><MessageRow event={root} first target={false} root={root.id} status={statuses[root.id]} inThread /></div>
        <div className="day"><span className="m3 b5">{say('thread.replies', { n: replies.length })}</span></div>
        {replies.map((reply) => <MessageRow key={reply.id} event={reply} first target={false} root={root.id} status={statuses[reply.id]} inThread />)}
        {mine.map((one) => <UnsentRow key={one.client_id} unsent={one} first />)}
        {cut && <p className="help">{say('thread.cut')}</p>}
      </div>
      <Composer group_id={group_id} thread={{ event_id: target, people: peopleOf(root, replies), asked }} />
    </Drop>
  )
}

export function Thread({ group_id }: { group_id: string }) {
  const event_id = useRoute(({ view }) => view.thread)
  const root = useThread((state) => state.root)
  if (event_id === null) return null
  const shown = root?.id ?? event_id
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    // In the composer the first Escape leaves it, the next closes the thread.
    if (event.target instanceof HTMLTextAreaElement) return
    event.preventDefault()
    leave(shown)
  }
  const link = (): void => {
    void navigator.clipboard.writeText(`${location.origin}${hrefOf({ at: 'chat', group_id }, { thread: shown, dock: 'thread', at: null, task: null, term: [] })}`).then(() => { toast(say('toast.copied')) })
  }
  return (
    <div className="paneroot" onKeyDown={press}>
      <div className="subbar">
        <h2 className="gname" tabIndex={-1}>{say('thread.title')}</h2>
        <span className="m3 clip grow" dir="auto">{root === null ? '' : short(root.data.text)}</span>
        <IconButton icon="chat" size="s14" small name={say('thread.chat')} onClick={() => { showMessage(shown) }} />
        <IconButton icon="link" size="s14" small name={say('thread.link')} onClick={link} />
        <IconButton icon="left" size="s14" small name={say('thread.close')} onClick={() => { leave(shown) }} />
      </div>
      <ThreadBody key={event_id} group_id={group_id} event_id={event_id} focus />
    </div>
  )
}
