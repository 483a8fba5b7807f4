// The mark of a message, and behind it who has it: one recipient after the other with its steps.
import { useCallback, useRef, useState } from 'react'
import { AGE_STEP_MS, useNow } from '../connection/clock'
import { Chip, useName } from '../parts/Chip'
import { IconButton } from '../parts/Button'
import { Icon } from '../parts/Icon'
import { useOutside } from '../parts/use-outside'
import { does, useActors } from '../rail/actors'
import type { MessageStatus } from '../wire/contract'
import type { Message } from '../wire/events'
import { YOU } from '../wire/server'
import { say } from '../words'
import { age, timeOf } from '../words/time'
import { evidenceOf, useEvidence, type Evidence } from './evidence'
import { deliverAgain, openTerminal, resumeGroup } from './actions'
import { ENDS_AT_TERMINAL, whatEnds, whyHeld } from './held'
import { mark, receipts, step, TRACK, type Receipt } from './receipt'


function Track({ receipt }: { receipt: Receipt }) {
  const { at, stopped } = step(receipt.reached)
  return (
    <ol className="track">
      {TRACK.map((name, index) => {
        const here = index === at
        const shown = here && stopped ? say(`st.${receipt.reached}`) : say(`st.${name}`)
        const state = here && stopped ? 'stop' : index <= at ? (here ? 'on now' : 'on') : ''
        return <li key={name} className={state} aria-current={here ? 'step' : undefined}>{shown}</li>
      })}
    </ol>
  )
}

function Why({ receipt, name, evidence }: { receipt: Receipt; name: string; evidence: Evidence | null }) {
  const headless = useActors((state) =>
    state.actors?.some((actor) => actor.id === receipt.actor_id && (actor.runner === 'headless' || actor.deliver === 'inbox')))
  const how = evidence?.bytes ? ` ${say('say.bytes', { bytes: evidence.bytes, path: evidence.path })}` : ''
  switch (receipt.reached) {
    case 'held':
      return <p className="why"><b className="tw b6">{say('say.held', { reason: whyHeld(receipt.reason, name) })}</b> {whatEnds(receipt.reason, name)}</p>
    case 'failed':
      return <p className="why tb">{say('say.failed', { reason: receipt.reason })}</p>
    case 'uncertain':
      return <p className="why tw">{say('say.uncertain')}{how}</p>
    case 'stored':
      return <p className="why">{say(headless ? 'say.stored.headless' : 'say.stored')}</p>
    case 'read':
      return <p className="why">{say(receipt.actor_id === YOU ? 'say.read.you' : 'say.read')}{how}</p>
    default:
      return <p className="why">{say(`say.${receipt.reached}`)}{how}</p>
  }
}

/** What ends it, as a button: one for each reason that a person can end. */
function End({ message, receipt, name }: { message: Message; receipt: Receipt; name: string }) {
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState('')
  const { group_id, id } = message
  const act = (what: Promise<unknown>): void => {
    setBusy(true)
    setRefused('')
    what.catch((error: unknown) => { setRefused((error as Error).message) }).finally(() => { setBusy(false) })
  }
  const again = receipt.reached === 'uncertain' || receipt.reached === 'failed'
  const looks = receipt.reached === 'uncertain' || (receipt.reached === 'held' && ENDS_AT_TERMINAL.has(receipt.reason))
  const starts = receipt.reached === 'held' && receipt.reason === 'no live session'
  const resumes = receipt.reached === 'held' && receipt.reason === 'group is paused'
  if (!again && !looks && !starts && !resumes) return null
  return (
    <div className="ends row wrap">
      {starts && <button type="button" className="btn sm" disabled={busy} onClick={() => { act(does('start', group_id, receipt.actor_id)) }}>{say(busy ? 'chat.doing' : 'chat.do.start', { name })}</button>}
      {resumes && <button type="button" className="btn sm" disabled={busy} onClick={() => { act(resumeGroup(group_id)) }}>{say(busy ? 'chat.doing' : 'chat.do.resume')}</button>}
      {looks && <button type="button" className="btn sm" onClick={() => { openTerminal(receipt.actor_id, group_id) }}>{say('chat.do.terminal')}</button>}
      {again && <button type="button" className="btn sm" disabled={busy} onClick={() => { act(deliverAgain(group_id, id, [receipt.actor_id])) }}>{say(busy ? 'chat.doing' : 'chat.do.deliver')}</button>}
      {refused !== '' && <span className="err" role="alert">{say('chat.failed', { reason: refused })}</span>}
    </div>
  )
}

const TONES: Partial<Record<Receipt['reached'], string>> = { held: 'tw', uncertain: 'tw', failed: 'tb' }

function Popover({ message, all, close }: { message: Message; all: Receipt[]; close: () => void }) {
  const { records, error } = useEvidence(message)
  const [copied, setCopied] = useState(false)
  const name = useName()
  return (
    <div className="pop" role="dialog" aria-label={say('who.title')}>
      <header>
        <b className="b6">{say('who.title')}</b>
        <span className="f12 m3 grow">{say('who.summary', { n: all.length, time: timeOf(message.ts, true) })}</span>
        <IconButton icon="x" name={say('close')} small onClick={close} autoFocus />
      </header>
      <div className="scroll recs">
        {all.length === 0 && <p className="rec why">{say('who.nobody')}</p>}
        {error !== null && <p className="err rec" role="alert">{say('who.error', { reason: error })}</p>}
        {all.map((receipt) => {
          const evidence = records === null ? null : evidenceOf(records, message, receipt.actor_id)
          return (
            <section className="rec" key={receipt.actor_id}>
              <Chip id={receipt.actor_id} />
              <span className="nm clip">{name(receipt.actor_id)}</span>
              <span className={`stg ${TONES[receipt.reached] ?? ''}`}>
                <Icon name={`st-${receipt.reached}`} size="s14" />{say(`st.${receipt.reached}`)}
                {evidence && <time className="m3">{timeOf(evidence.ts, true)}</time>}
              </span>
              <Track receipt={receipt} />
              <Why receipt={receipt} name={name(receipt.actor_id)} evidence={evidence} />
              <End message={message} receipt={receipt} name={name(receipt.actor_id)} />
            </section>
          )
        })}
      </div>
      <footer>
        <span className="grow clip mono">{say('who.event', { id: message.id })}</span>
        <button type="button" className="lk" onClick={() => void navigator.clipboard.writeText(message.id).then(() => { setCopied(true) })}>
          {say(copied ? 'copied' : 'copy.id')}
        </button>
      </footer>
    </div>
  )
}

export function ReceiptMark({ message, status }: { message: Message; status: MessageStatus | undefined }) {
  const [open, setOpen] = useState<'' | 'above' | 'below'>('')
  const ref = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const close = useCallback(() => {
    setOpen('')
    button.current?.focus()
  }, [])
  useOutside(ref, close, open !== '')
  const now = useNow(AGE_STEP_MS)
  if (status === undefined) return null
  const all = receipts(status)
  const shown = mark(all)
  if (shown === null) return null

  const word = shown.reached === 'held' ? say('st.held.age', { age: age(now - Date.parse(message.ts)) }) : say(`st.${shown.reached}`)
  const visible = shown.tone !== '' ? word : shown.some
  const press = (): void => {
    const top = button.current?.getBoundingClientRect().top ?? 0
    setOpen(open !== '' ? '' : top > window.innerHeight / 2 ? 'above' : 'below')
  }
  return (
    <div className={`rbox ${open}`} ref={ref}>
      <button
        type="button" ref={button} className={`rm ${shown.tone === 'warn' ? 'w' : shown.tone === 'bad' ? 'b' : ''}`}
        aria-expanded={open !== ''} aria-haspopup="dialog" aria-label={say('who.button', { word: `${visible} ${visible === word ? '' : word}`.trim() })}
        title={say('who.title')} onClick={press}
      >
        {visible !== '' && <span className="wd">{visible}</span>}
        <Icon name={`st-${shown.reached}`} />
      </button>
      {open !== '' && <Popover message={message} all={all} close={close} />}
    </div>
  )
}
