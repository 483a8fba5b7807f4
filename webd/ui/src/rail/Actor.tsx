// One actor in the rail: how it is, and a menu of what can be done to it. What ends something asks in place.
import { useCallback, useRef, useState } from 'react'
import { go, hrefOf, type Place, type View } from '../app/route'
import { useConnection } from '../connection/store'
import { Chip } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { useOutside } from '../parts/use-outside'
import { write } from '../composer/store'
import { follow } from '../settings/follow'
import type { ActorView } from '../wire/contract'
import type { ActorVerb } from '../wire/server'
import { say, type Key } from '../words'
import { does, useActors } from './actors'
import { actorState } from './state'

const BUSY: Record<ActorVerb, Key> = { start: 'actor.starting.busy', stop: 'actor.stopping.busy', restart: 'actor.restarting.busy' }

interface MenuProps {
  actor: ActorView
  group_id: string
  word: string
  close: () => void
}

function Menu({ actor, group_id, word, close }: MenuProps) {
  const [asking, setAsking] = useState<'stop' | 'restart' | null>(null)
  const doing = useActors((state) => state.doing[actor.id])
  const refused = useActors((state) => state.refused[actor.id])
  const away = useConnection((state) => state.phase !== 'live')
  const name = actor.title || actor.id
  const page: Place = { at: 'actor', group_id, actor_id: actor.id }
  const chat: Place = { at: 'chat', group_id }
  const terminal: Partial<View> = { dock: 'terminals', term: [actor.id], thread: null }
  const act = (verb: ActorVerb): void => {
    setAsking(null)
    void does(verb, group_id, actor.id)
  }
  const writeTo = (): void => {
    write({ chosen: [actor.id] })
    close()
    document.getElementById('message')?.focus()
  }

  return (
    <div className="menu amenu" role="group" aria-label={say('actor.menu', { name, state: word })}>
      <p className="mh">{say('actor.menu', { name, state: word })}</p>
      {doing !== undefined && <p className="mi m2" role="status"><Icon name="s-starting" />{say(BUSY[doing])}</p>}
      {doing === undefined && asking !== null && (
        <div className="ask" role="alertdialog" aria-label={say(`actor.ask.${asking}`, { name, state: word })}>
          <p>{say(`actor.ask.${asking}`, { name, state: word })}</p>
          <div className="row">
            <button type="button" className="btn sm bad" onClick={() => { act(asking) }}>{say(`actor.yes.${asking}`)}</button>
            <button type="button" className="btn sm" autoFocus onClick={() => { setAsking(null) }}>{say('keep')}</button>
          </div>
        </div>
      )}
      {doing === undefined && asking === null && (
        <>
          <a className="mi" href={hrefOf(chat, terminal)} onClick={(event) => { event.preventDefault(); close(); go(chat, 'push', terminal) }}><Icon name="terminal" />{say('term.open')}</a>
          <button type="button" className="mi" onClick={writeTo}><Icon name="at" />{say('actor.write', { name })}</button>
          <a className="mi" href={hrefOf(page)} onClick={(event) => { follow(event, page) }}><Icon name="settings" />{say('actors.edit', { name })}</a>
          {!actor.running && <button type="button" className="mi" disabled={away} onClick={() => { act('start') }}><Icon name="play" />{say('actor.start', { name })}</button>}
          {actor.running && <button type="button" className="mi" disabled={away} onClick={() => { setAsking('restart') }}><Icon name="restart" />{say('actor.restart', { name })}</button>}
          {(actor.running || actor.enabled) && <button type="button" className="mi" disabled={away} onClick={() => { if (actor.running) setAsking('stop'); else act('stop') }}><Icon name="stop" />{say('actor.stop', { name })}</button>}
        </>
      )}
      {refused !== undefined && <p className="err" role="alert">{say('actor.error', { reason: refused })}</p>}
      {!actor.running && (actor.last_lines?.length ?? 0) > 0 && (
        <>
          <p className="mh">{say('actor.lastlines')}</p>
          <pre className="cblock" dir="auto">{actor.last_lines?.join('\n')}</pre>
        </>
      )}
    </div>
  )
}

export function Actor({ actor, group_id }: { actor: ActorView; group_id: string }) {
  const [open, setOpen] = useState(false)
  const ref = useRef<HTMLLIElement>(null)
  const close = useCallback(() => { setOpen(false) }, [])
  useOutside(ref, close, open)
  const stale = useConnection((state) => state.phase !== 'live')
  const doing = useActors((state) => state.doing[actor.id])
  const refused = useActors((state) => state.refused[actor.id])

  const shown = actorState(actor)
  const name = actor.title || actor.id
  const word = doing ? say(BUSY[doing]) : stale ? say('actor.was', { state: shown.word }) : shown.word
  const glyph = doing ? 's-starting' : stale ? 's-unknown' : shown.glyph
  const held = actor.waiting?.count ?? 0
  return (
    <li ref={ref} className="aline">
      <button
        type="button" className="actor" aria-expanded={open} aria-haspopup="true"
        title={`${name}, ${actor.runtime}: ${word}`} onClick={() => { setOpen(!open) }}
      >
        <span className="ab"><Chip id={actor.id} /><span className={`st gs ${stale ? '' : shown.tone}`}><Icon name={glyph} /></span></span>
        <span className="grow">
          <span className="l1">
            <span className="clip">{name}</span>
            {actor.role === 'foreman' && <><Icon name="flag" size="s12" /><span className="sr">{say('rail.leads')}</span></>}
          </span>
          <span className={`l2 clip ${refused ? 'tb' : ''}`}>{refused ? say('actor.error', { reason: refused }) : word}</span>
        </span>
        <span className="meta">{held > 0 && !stale && actor.waiting?.reason !== '' && <span className="tag warn" title={actor.waiting?.reason}>{say('rail.held', { n: held })}</span>}</span>
      </button>
      {open && <Menu actor={actor} group_id={group_id} word={word} close={close} />}
    </li>
  )
}
