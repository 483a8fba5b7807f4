// What can be done with a terminal besides typing. What ends something asks in place.
import { useState } from 'react'
import { hrefOf, type Place } from '../app/route'
import { useConnection } from '../connection/store'
import { Icon } from '../parts/Icon'
import { IconButton } from '../parts/Button'
import { does, useActors } from '../rail/actors'
import { download } from '../settings/parts/download'
import { follow } from '../settings/follow'
import type { ActorView } from '../wire/contract'
import type { ActorVerb } from '../wire/server'
import { say } from '../words'
import { copy } from './copy'
import { setReader, setSize, SIZE_MAX, SIZE_MIN, usePrefs } from './prefs'
import type { Session } from './session'
import { searchIn } from './store'

interface Props {
  actor: ActorView
  name: string
  word: string
  group_id: string
  session: Session | null
  older: () => void
  close: () => void
}

export function Menu({ actor, name, word, group_id, session, older, close }: Props) {
  const [asking, setAsking] = useState<'stop' | 'restart' | null>(null)
  const [copied, setCopied] = useState<boolean | null>(null)
  const doing = useActors((state) => state.doing[actor.id])
  const refused = useActors((state) => state.refused[actor.id])
  const away = useConnection((state) => state.phase !== 'live')
  const { size, reader } = usePrefs()
  const page: Place = { at: 'actor', group_id, actor_id: actor.id }
  const act = (verb: ActorVerb): void => {
    setAsking(null)
    close()
    void does(verb, group_id, actor.id)
  }
  if (asking !== null) {
    return (
      <div className="menu xmenu" role="group" aria-label={say('term.more', { name })}>
        <div className="ask" role="alertdialog" aria-label={say(`actor.ask.${asking}`, { name, state: word })}>
          <p>{say(`actor.ask.${asking}`, { name, state: word })}</p>
          <div className="row">
            <button type="button" className="btn sm bad" onClick={() => { act(asking) }}>{say(`actor.yes.${asking}`)}</button>
            <button type="button" className="btn sm" autoFocus onClick={() => { setAsking(null) }}>{say('keep')}</button>
          </div>
        </div>
      </div>
    )
  }
  return (
    <div className="menu xmenu" role="group" aria-label={say('term.more', { name })}>
      {session && (
        <>
          <button type="button" className="mi" autoFocus onClick={() => { copy(session.text()).then(setCopied, () => { setCopied(false) }) }}><Icon name="copy" />{say(copied === true ? 'term.copied' : 'term.copy')}</button>
          {copied === false && <p className="err pad" role="alert">{say('term.copied.no')}</p>}
          <button type="button" className="mi" onClick={() => { download(`${actor.id}.txt`, session.text(), 'text/plain'); close() }}><Icon name="download" />{say('term.save')}</button>
          <button type="button" className="mi" onClick={() => { searchIn(actor.id); close() }}><Icon name="search" />{say('term.search.in', { name })}</button>
          {actor.running && <button type="button" className="mi" onClick={() => { older(); close() }}><Icon name="clock" />{say('term.older')}</button>}
          <div className="mi">
            <span className="grow">{say('term.size', { n: size })}</span>
            <IconButton icon="minus" name={say('term.size.less')} small disabled={size <= SIZE_MIN} onClick={() => { setSize(Math.ceil(size) - 1) }} />
            <IconButton icon="plus" name={say('term.size.more')} small disabled={size >= SIZE_MAX} onClick={() => { setSize(Math.floor(size) + 1) }} />
          </div>
          <button type="button" className="mi" role="switch" aria-checked={reader} onClick={() => { setReader(!reader) }}><span className="grow">{say('term.reader')}</span><span className="sw" aria-checked={reader} /></button>
        </>
      )}
      <a className="mi" href={hrefOf(page)} onClick={(event) => { follow(event, page) }}><Icon name="settings" />{say('term.page', { name })}</a>
      {actor.runner !== 'headless' && !actor.running && <button type="button" className="mi" disabled={away || doing !== undefined} onClick={() => { act('start') }}><Icon name="play" />{say('actor.start', { name })}</button>}
      {actor.running && actor.runner !== 'headless' && <button type="button" className="mi" disabled={away || doing !== undefined} onClick={() => { setAsking('restart') }}><Icon name="restart" />{say('actor.restart', { name })}</button>}
      {actor.running && actor.runner !== 'headless' && <button type="button" className="mi" disabled={away || doing !== undefined} onClick={() => { setAsking('stop') }}><Icon name="stop" />{say('actor.stop', { name })}</button>}
      {refused !== undefined && <p className="err pad" role="alert">{say('actor.error', { reason: refused })}</p>}
    </div>
  )
}
