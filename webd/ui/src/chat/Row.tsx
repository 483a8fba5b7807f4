// The rows of the chat: a message, one that is not stored yet, a sentence of the system, and the lines between.
import { memo, useState } from 'react'
import { AGE_STEP_MS, useNow } from '../connection/clock'
import { write } from '../composer/store'
import { show } from '../app/route'
import { Chip, useName } from '../parts/Chip'
import { shareOf, sizeOf } from '../parts/size'
import { Icon } from '../parts/Icon'
import { Kbd } from '../parts/Kbd'
import { useLongPress } from '../parts/use-long-press'
import { useActors } from '../rail/actors'
import type { Event, MessageStatus } from '../wire/contract'
import type { Message } from '../wire/events'
import { YOU } from '../wire/server'
import { say } from '../words'
import { age, dayName, exact, list, listParts, timeOf } from '../words/time'
import { addFiles } from '../composer/files'
import type { Thread } from '../thread/threads'
import { acknowledge, useAcks } from './acks'
import { answer, openThread } from './actions'
import { Attachments, saysFilesOnly } from './Attachments'
import { html } from './markdown'
import { discard, dispatch, filesOf, useOutbox } from './outbox'
import { owed } from './receipt'
import { ReceiptMark } from './Receipt'
import { modeOf, type Row as RowData } from './rows'
import { sentence } from './sentence'
import { openMenu, Tools } from './Tools'
import { useChat } from './store'
import type { Unsent } from './unsent'

const isYou = (one: string): boolean => one === YOU || one === '@user'

function To({ to }: { to: string[] }) {
  const name = useName()
  const all = to.length === 0 ? ['@all'] : to
  return (
    <span className="to">
      <Icon name="arrow" size="s12" /><span className="sr">{say('chat.to')}</span>
      <span className="clip">
        {listParts(all.map((one) => (isYou(one) ? say('you.to') : name(one)))).map(({ text, at }, place) =>
          at === null ? text : <b key={place} className={isYou(all[at] ?? '') ? 'me' : ''}>{text}</b>)}
      </span>
    </span>
  )
}

function Mode({ data }: { data: { priority: string; reply_required: boolean } }) {
  const mode = modeOf(data)
  if (mode === 'normal') return null
  return (
    <span className="tag warn">
      <Icon name={mode === 'reply' ? 'st-answered' : 'bell'} size="s12" />{say(mode === 'reply' ? 'chat.reply' : 'chat.attention')}
    </span>
  )
}

function Text({ text }: { text: string }) {
  const actors = useActors((state) => state.actors)
  return <div className="md" dir="auto" dangerouslySetInnerHTML={{ __html: html(text, actors ?? []) }} />
}

function Owed({ event, what }: { event: Message; what: 'reply' | 'acknowledge' }) {
  const now = useNow(AGE_STEP_MS)
  return (
    <div className="ob">
      <Icon name={what === 'reply' ? 'st-answered' : 'bell'} size="s14" />
      <b>{say(what === 'reply' ? 'chat.owed' : 'chat.asks')}</b>
      <span>{age(now - Date.parse(event.ts))}</span>
      {what === 'reply'
        ? <button type="button" className="btn sm" onClick={() => { answer(event) }}>{say('chat.do.reply')}<Kbd of="R" /></button>
        : <button type="button" className="btn sm" onClick={() => { acknowledge(event.group_id, event.id) }}>{say('chat.acknowledge')}<Kbd of="E" /></button>}
    </div>
  )
}

interface MessageProps {
  event: Message
  first: boolean
  target: boolean
  /** Where its thread begins, and what was said in it. */
  root: string
  thread?: Thread | undefined
  status: MessageStatus | undefined
  /** Whether it stands in a thread: then it says nothing of what it answers. */
  inThread?: boolean
}

/** Most chips on a thread line. */
const CHIPS_MAX = 3

function ThreadLine({ root, group_id, thread }: { root: string; group_id: string; thread: Thread }) {
  const name = useName()
  return (
    <div className="thrline">
      <button type="button" className="thr" title={say('chat.thread.open', { n: thread.replies, names: list(thread.by.map(name)) })} onClick={() => { openThread(root, group_id) }}>
        <span className="stack">{thread.by.slice(0, CHIPS_MAX).map((id) => <Chip key={id} id={id} size="s16" />)}</span>
        {say('chat.thread', { n: thread.replies })} <span className="m3">{say('chat.thread.last', { time: timeOf(thread.last_ts) })}</span>
      </button>
    </div>
  )
}

export const MessageRow = memo(function MessageRow({ event, first, target, root, thread, status, inThread = false }: MessageProps) {
  const name = useName()
  const refused = useAcks((state) => state.refused[event.id])
  const given = useAcks((state) => state.given[event.id] === true)
  const press = useLongPress(() => { openMenu(event.id) })
  const { data } = event
  const asked = status ? owed(status) : null
  const due = given && asked === 'acknowledge' ? null : asked
  const time = timeOf(event.ts)
  return (
    <article
      className={`msg ${first ? 'first' : ''} ${due ? 'owed' : ''} ${target ? 'lit' : ''}`} aria-label={say('chat.row', { name: name(event.by), time })}
      id={`${inThread ? 't' : 'm'}-${event.id}`} tabIndex={-1} {...press}
    >
      <div className="gut">{first ? <Chip id={event.by} /> : <time dateTime={event.ts} title={exact(event.ts)}>{time}</time>}</div>
      {first && (
        <div className="hd">
          <span className="nm">{name(event.by)}</span>
          <To to={data.dst_to ?? data.to} />
          <time dateTime={event.ts} title={exact(event.ts)}>{time}</time>
          {data.src_group_id && <span>{say('chat.elsewhere')}</span>}
          {due === null && <Mode data={data} />}
        </div>
      )}
      {due !== null && <Owed event={event} what={due} />}
      <div className="bd">
        {data.quote_text && !inThread && (
          <button type="button" className="qt" dir="auto" title={say('chat.answered')} onClick={() => { if (data.reply_to) show({ at: data.reply_to }) }}>
            <Icon name="st-answered" size="s12" /><span className="clip">{data.quote_text}</span>
          </button>
        )}
        {!saysFilesOnly(data) && <Text text={data.text} />}
        <Attachments group_id={event.group_id} files={data.attachments} />
      </div>
      <div className="rc"><ReceiptMark message={event} status={status} /></div>
      {thread && <ThreadLine root={event.id} group_id={event.group_id} thread={thread} />}
      {refused && <div className="sub tb" role="alert">{say('chat.failed', { reason: refused })}</div>}
      <Tools event={event} root={root} status={status} />
    </article>
  )
})

const UNSENT_GLYPH = { sending: 'st-sending', kept: 'st-sending', failed: 'st-failed' } as const

export function UnsentRow({ unsent, first }: { unsent: Unsent; first: boolean }) {
  const { client_id, state } = unsent
  const share = useOutbox((all) => all.shares[client_id])
  const time = timeOf(unsent.at)
  const word = state === 'failed' ? say('st.notsent') : state === 'kept' ? say('st.waits') : ''
  const edit = (): void => {
    const mode = modeOf(unsent)
    write({ text: unsent.text, chosen: unsent.to, mode })
    addFiles(unsent.group_id, filesOf(client_id))
    discard(client_id)
    document.getElementById('message')?.focus()
  }
  return (
    <article className={`msg ${first ? 'first' : ''} ${state === 'failed' ? 'bad' : ''}`} aria-label={say('chat.row', { name: say('you'), time })}>
      <div className="gut">{first ? <Chip id={YOU} /> : <time>{time}</time>}</div>
      {first && <div className="hd"><span className="nm">{say('you')}</span><To to={unsent.to} /><time>{time}</time><Mode data={unsent} /></div>}
      <div className="bd">
        {unsent.text !== '' && <Text text={unsent.text} />}
        {unsent.files && unsent.files.length > 0 && (
          <div className="files">
            {unsent.files.map((file, place) => <span key={place} className="file"><Icon name="file" size="s14" /><span className="clip">{file.name}</span><span className="m3">{sizeOf(file.bytes)}</span></span>)}
            {state === 'sending' && share !== undefined && <span className="f12 m3" role="status">{say('unsent.sent', { share: shareOf(share) })}</span>}
          </div>
        )}
      </div>
      <div className="rc">
        <span className={`rm ${state === 'failed' ? 'b' : state === 'kept' ? 'w' : ''}`} role="status">
          {word !== '' && <span className="wd">{word}</span>}<Icon name={UNSENT_GLYPH[state]} />
          {word === '' && <span className="sr">{say('st.sending')}</span>}
        </span>
      </div>
      {state === 'failed' && (
        <div className="sub" role="alert">
          <span className="tb">{unsent.reason}</span>
          <button type="button" className="lk b5" onClick={() => void dispatch(client_id)}>{say('unsent.again')}</button>
          <button type="button" className="lk b5" onClick={edit}>{say('unsent.edit')}</button>
          <button type="button" className="lk b5" onClick={() => { discard(client_id) }}>{say('unsent.discard')}</button>
        </div>
      )}
    </article>
  )
}

function SystemRow({ event }: { event: Event }) {
  const name = useName()
  const told = sentence(event, name)
  return (
    <div className="sys">
      <Icon name={told.icon} size="s14" />
      <span className={told.tone} dir="auto">{told.text} <time className="m3" dateTime={event.ts} title={exact(event.ts)}>{timeOf(event.ts)}</time></span>
    </div>
  )
}

export function Day({ ts, top = false }: { ts: string; top?: boolean }) {
  const [now] = useState(Date.now)
  return <div className={`day ${top ? 'top' : ''}`} aria-hidden={top || undefined}><span>{dayName(ts, now)}</span></div>
}

interface Props {
  row: RowData
  unfold: (id: string) => void
  target: string | null
  /** Roots and threads of what is loaded. */
  root: string
  thread: Thread | undefined
}

function ChatRow({ row, target, root, thread }: { row: RowData & { kind: 'message' }; target: string | null; root: string; thread: Thread | undefined }) {
  const status = useChat((state) => state.statuses[row.event.id])
  return <MessageRow event={row.event} first={row.first} target={row.event.id === target} root={root} thread={thread} status={status} />
}

export function Row({ row, unfold, target, root, thread }: Props) {
  switch (row.kind) {
    case 'begin': return <div className="sys"><Icon name="book" size="s14" /><span>{say('chat.begin')}</span></div>
    case 'day': return <Day ts={row.ts} />
    case 'unread': return <div className="unread">{say('chat.unread', { n: row.count, time: timeOf(row.since) })}</div>
    case 'message': return <ChatRow row={row} target={target} root={root} thread={thread} />
    case 'unsent': return <UnsentRow unsent={row.unsent} first={row.first} />
    case 'system': return <SystemRow event={row.event} />
    case 'fold': return (
      <div className="sys">
        <Icon name="activity" size="s14" />
        <span><button type="button" className="lk" onClick={() => { const [head] = row.events; if (head) unfold(head.id) }}>{say('chat.fold', { n: row.events.length })}</button></span>
      </div>
    )
  }
}
