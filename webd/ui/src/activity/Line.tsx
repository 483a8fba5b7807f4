// One line of the ledger: its sentence with evidence, and its fields when it is opened.
import { memo, useState } from 'react'
import { hrefOf } from '../app/route'
import { showMessage } from '../dock/to-chat'
import { Icon } from '../parts/Icon'
import type { Event } from '../wire/contract'
import { isMessage } from '../wire/events'
import { say } from '../words'
import { exact, timeOf } from '../words/time'
import { fields, pieces, told } from './told'

interface Props {
  event: Event
  name: (id: string) => string
  open: boolean
  stop: boolean
  press: (event: Event) => void
  focus: (event: Event) => void
}

function Details({ event }: { event: Event }) {
  const [copied, setCopied] = useState<'' | 'yes' | 'no'>('')
  const copy = (): void => {
    // Without a secure address a browser has no clipboard: the id can be marked by hand.
    const done = (navigator.clipboard as Clipboard | undefined)?.writeText(event.id) ?? Promise.reject(new Error())
    done.then(() => { setCopied('yes') }, () => { setCopied('no') })
  }
  const { data, ...head } = event
  return (
    <div className="adetail" id={`line-${event.id}`}>
      <div className="row wrap">
        <span className="mono f12 aid">{event.id}</span>
        <button type="button" className="btn sm" onClick={copy}><Icon name="copy" size="s12" />{say('act.copy')}</button>
        {isMessage(event) && <a className="btn sm" href={hrefOf({ at: 'chat', group_id: event.group_id }, { at: event.id })} onClick={(press) => { press.preventDefault(); showMessage(event.id) }}>{say('act.show')}</a>}
        <span className="help" role="status">{copied === 'yes' ? say('act.copied') : copied === 'no' ? say('act.copy.no') : ''}</span>
      </div>
      <dl className="kv">
        <dt>{say('act.f.when')}</dt><dd>{exact(event.ts)}</dd>
        {fields({ kind: head.kind, by: head.by, seq: head.seq, ts: head.ts, scope_key: head.scope_key || null }).map(([key, value]) => <Field key={key} name={key} value={value} />)}
        {fields(data, 'data').map(([key, value]) => <Field key={key} name={key} value={value} />)}
      </dl>
    </div>
  )
}

const Field = ({ name, value }: { name: string; value: string }) => <><dt className="mono">{name}</dt><dd className="mono" dir="auto">{value}</dd></>

export const Line = memo(function Line({ event, name, open, stop, press, focus }: Props) {
  const line = told(event, name)
  return (
    <>
      <button
        type="button" className={`arow ${open ? 'open' : ''}`} aria-expanded={open} aria-controls={open ? `line-${event.id}` : undefined} data-seq={event.seq} tabIndex={stop ? 0 : -1}
        onClick={() => { press(event) }} onFocus={() => { focus(event) }}
      >
        <time dateTime={event.ts} title={exact(event.ts)}>{timeOf(event.ts, true)}</time>
        <span className={line.tone || 'm2'}><Icon name={line.icon} /></span>
        <span className="atext">
          <span dir="auto">{pieces(line.text, line.who).map(({ text, strong }, at) => (strong ? <b key={at} className="b6">{text}</b> : text))}</span>
          {line.evidence !== '' && <span className="ev" dir="auto">{line.evidence}</span>}
        </span>
      </button>
      {line.lines.length > 0 && <pre className="alines" tabIndex={0} aria-label={say('act.lines')}>{line.lines.join('\n')}</pre>}
      {open && <Details event={event} />}
    </>
  )
})
