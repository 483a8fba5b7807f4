// The search as a pane: a field, filters, and what was found in one group or in all.
import { useEffect, useRef, type KeyboardEvent } from 'react'
import { go } from '../app/route'
import { showMessage } from '../dock/to-chat'
import { around } from '../palette/items'
import { Chip, useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { Matched } from '../parts/Matched'
import { useActors } from '../rail/actors'
import { useGroups } from '../rail/groups'
import { dataOf } from '../wire/events'
import { YOU } from '../wire/server'
import { say } from '../words'
import { dayName, exact, timeOf } from '../words/time'
import type { Found } from './ask'
import { saysSomething, search, searchOn, useSearch, type Query, type Since } from './store'
import './search.css'

const CHARS = 220
const SINCE: Since[] = ['any', 'day', 'week', 'month']
const KINDS: Query['kind'][] = ['all', 'chat', 'notify']

/** What a found event says. */
const textOf = ({ event }: Found): string => {
  const notice = dataOf(event, 'system.notify')
  return dataOf(event, 'chat.message')?.text ?? (notice === null ? '' : [notice.title, notice.message].filter(Boolean).join(': '))
}

function Hit({ hit, wanted, group, elsewhere }: { hit: Found; wanted: string; group: string; elsewhere: boolean }) {
  const name = useName()
  const { event, group_id } = hit
  const to = dataOf(event, 'chat.message')?.to ?? []
  const open = (): void => {
    if (elsewhere) go({ at: 'chat', group_id }, 'push', { at: event.id, dock: 'search' })
    else showMessage(event.id)
  }
  return (
    <li>
      <button type="button" className="srow" onClick={open}>
        <Chip id={event.by} size="s18" />
        <span className="shd"><b>{name(event.by)}</b>{to.length > 0 && <span className="clip">{say('search.to', { names: to.map(name).join(', ') })}</span>}<span className="grow" />{elsewhere && <span className="clip">{group}</span>}<time dateTime={event.ts} title={exact(event.ts)}>{dayName(event.ts, Date.now())} {timeOf(event.ts)}</time></span>
        <span className="stx" dir="auto"><Matched text={around(textOf(hit), wanted, CHARS)} wanted={wanted} /></span>
      </button>
    </li>
  )
}

export function Search({ group_id }: { group_id: string }) {
  const { query, found, more, state, error } = useSearch()
  const groups = useGroups((all) => all.groups)
  const actors = useActors((all) => all.actors)
  const name = useName()
  const field = useRef<HTMLInputElement>(null)
  const root = useRef<HTMLDivElement>(null)
  useEffect(() => { field.current?.focus() }, [])
  useEffect(() => { search({}) }, [group_id])
  const title = (id: string): string => groups?.find((one) => one.group_id === id)?.title ?? id
  const arrows = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by === undefined || event.target instanceof HTMLSelectElement) return
    const rows = [...(root.current?.querySelectorAll<HTMLElement>('.srow') ?? [])]
    const at = rows.indexOf(document.activeElement as HTMLElement) + by
    event.preventDefault()
    if (at < 0) field.current?.focus()
    else rows[at]?.focus()
  }
  const where = query.everywhere ? say('search.everywhere') : title(group_id)
  return (
    <div className="paneroot search" ref={root} onKeyDown={arrows}>
      <form className="sform" role="search" onSubmit={(event) => { event.preventDefault() }}>
        <div className="sfield"><Icon name="search" /><input ref={field} type="search" className="in" aria-label={say('search.label')} placeholder={say('search.label')} value={query.text} onChange={(event) => { search({ text: event.target.value }) }} /></div>
        <div className="row wrap">
          <div className="seg" role="group" aria-label={say('search.where')}>
            <button type="button" aria-pressed={!query.everywhere} onClick={() => { search({ everywhere: false }) }}>{title(group_id)}</button>
            <button type="button" aria-pressed={query.everywhere} onClick={() => { search({ everywhere: true }) }}>{say('search.everywhere')}</button>
          </div>
          <select className="btn sm" aria-label={say('search.kind')} value={query.kind} onChange={(event) => { search({ kind: event.target.value as Query['kind'] }) }}>
            {KINDS.map((kind) => <option key={kind} value={kind}>{say(`search.kind.${kind}`)}</option>)}
          </select>
          <select className="btn sm" aria-label={say('search.sender')} value={query.sender} onChange={(event) => { search({ sender: event.target.value }) }}>
            <option value="">{say('search.sender.any')}</option>
            {[YOU, ...(actors ?? []).map(({ id }) => id)].map((id) => <option key={id} value={id}>{say('search.sender.of', { name: name(id) })}</option>)}
          </select>
          <select className="btn sm" aria-label={say('search.recipient')} value={query.recipient} onChange={(event) => { search({ recipient: event.target.value }) }}>
            <option value="">{say('search.recipient.any')}</option>
            {[YOU, '@all', ...(actors ?? []).map(({ id }) => id)].map((id) => <option key={id} value={id}>{say('search.to', { names: name(id) })}</option>)}
          </select>
          <select className="btn sm" aria-label={say('search.since')} value={query.since} onChange={(event) => { search({ since: event.target.value as Since }) }}>
            {SINCE.map((since) => <option key={since} value={since}>{say(`search.since.${since}`)}</option>)}
          </select>
        </div>
      </form>
      <div className="scroll grow" role="region" tabIndex={-1} aria-label={say('search.results')} aria-busy={state === 'looking'}>
        <p className="sr" role="status">{state === 'found' && error === null ? say('search.count', { n: found.length }) : ''}</p>
        {error !== null && <p className="err snote" role="alert">{say('search.error', { reason: error })} <button type="button" className="lk" onClick={() => { search({}) }}>{say('thread.again')}</button></p>}
        {state === 'idle' && <p className="help snote">{say('search.help')}</p>}
        {state === 'looking' && found.length === 0 && <p className="help snote">{say('search.looking', { where })}</p>}
        {state === 'found' && error === null && found.length === 0 && saysSomething(query) && (
          <div className="void">
            <p className="m2">{say('search.none', { where })}</p>
            {!query.everywhere && <button type="button" className="btn" onClick={() => { search({ everywhere: true }) }}>{say('search.try')}</button>}
          </div>
        )}
        <ul>{found.map((hit) => <Hit key={`${hit.group_id} ${hit.event.id}`} hit={hit} wanted={query.text} group={title(hit.group_id)} elsewhere={hit.group_id !== group_id} />)}</ul>
        {more && <button type="button" className="btn smore" disabled={state === 'looking'} onClick={() => void searchOn()}>{say(state === 'looking' ? 'search.looking.more' : 'search.more')}</button>}
      </div>
    </div>
  )
}
