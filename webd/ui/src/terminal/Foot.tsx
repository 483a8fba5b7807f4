// What is to be said of a terminal, below its picture: the terminal itself is never written into.
import { useState, type ReactNode } from 'react'
import { useNow } from '../connection/clock'
import { useConnection } from '../connection/store'
import { whatEnds, whyHeld } from '../chat/held'
import { showMessage } from '../dock/to-chat'
import { Icon } from '../parts/Icon'
import { Kbd } from '../parts/Kbd'
import { does, useActors } from '../rail/actors'
import type { ActorView } from '../wire/contract'
import { say } from '../words'
import { age } from '../words/time'
import { release } from './ask'
import { LINES, useHeld } from './held'
import type { Session, State } from './session'
import { pageWord } from '../connection/Others'

const LAST_LINES = 5

/** A word at the beginning of a sentence. */
const begins = (word: string): string => word.charAt(0).toLocaleUpperCase() + word.slice(1)

function Bar({ tone = 'warn', icon, children, acts, alert = false }: { tone?: 'warn' | 'bad' | 'info'; icon: string; children: ReactNode; acts?: ReactNode; alert?: boolean }) {
  return (
    <div className={`held ${tone}`} role={alert ? 'alert' : 'status'}>
      <Icon name={icon} />
      <span className="grow">{children}</span>
      {acts && <span className="acts">{acts}</span>}
    </div>
  )
}

function endWord(ended: State['ended']): string {
  const { code = null, signal = null } = ended ?? {}
  if (signal !== null) return say('term.end.signal', { signal })
  return code === null ? say('term.end') : say('term.end.code', { code })
}

function Away({ since }: { since: number }) {
  const now = useNow()
  return <Bar icon="unplug">{say('term.away', { age: age(now - since) })}</Bar>
}

function Ended({ actor, name, group_id, session, state }: { actor: ActorView; name: string; group_id: string; session: Session; state: State }) {
  const [open, setOpen] = useState(false)
  const doing = useActors((all) => all.doing[actor.id])
  const refused = useActors((all) => all.refused[actor.id])
  const live = useConnection((all) => all.phase === 'live')
  const { ended, error } = state
  const word = error !== null && error.code !== 'actor_not_running'
    ? say('term.refused', { name, reason: error.message })
    : endWord(ended)
  const lines = open ? session.last(LAST_LINES) : []
  const acts = (
    <>
      <button type="button" className="btn sm hide-p" aria-expanded={open} onClick={() => { setOpen(!open) }}>{say('term.end.last')}</button>
      {error !== null && error.code !== 'actor_not_running'
        ? <button type="button" className="btn sm" onClick={() => { session.reopen() }}>{say('term.again')}</button>
        : <button type="button" className="btn sm" disabled={!live || doing !== undefined} onClick={() => void does('start', group_id, actor.id)}><Icon name="play" size="s12" />{say(doing ? 'actor.starting.busy' : 'term.start.again')}</button>}
    </>
  )
  return (
    <>
      {open && <pre className="xlast" dir="auto">{lines.join('\n')}</pre>}
      <Bar tone="bad" icon="s-crashed" alert acts={acts}><b className="b6">{word}</b>{refused !== undefined && <span className="tb"> {say('actor.error', { reason: refused })}</span>}</Bar>
    </>
  )
}

function Held({ actor, name, group_id, session, state }: { actor: ActorView; name: string; group_id: string; session: Session; state: State }) {
  const held = useHeld(actor)
  const now = useNow()
  const [said, setSaid] = useState<string | null>(null)
  if (held === null) return null
  const mayType = state.phase === 'live' && (state.mine || state.holder === null)
  const ends = whatEnds(held.reason, name)
  const isLine = LINES.has(held.reason)
  const handOver = async (): Promise<void> => {
    setSaid(null)
    try {
      const { released } = await release(group_id, actor.id)
      if (!released) setSaid(say('term.held.still'))
    } catch (error) {
      setSaid(say('term.held.refused', { reason: (error as Error).message }))
    }
  }
  const acts = (
    <>
      {isLine && mayType && <button type="button" className="btn sm" onClick={() => { session.type('\x15'); session.focus() }}>{say('term.held.clear')} <Kbd of="Ctrl U" /></button>}
      {isLine && <button type="button" className="btn sm hide-p" title={say('term.held.release.name')} aria-label={say('term.held.release.name')} onClick={() => void handOver()}>{say('term.held.release')}</button>}
      {held.event_id !== null && <button type="button" className="btn sm bare" onClick={() => { showMessage(held.event_id ?? '') }}>{say('term.held.show')}</button>}
    </>
  )
  return (
    <Bar icon="st-held" acts={acts}>
      <b className="b6">{held.since === null ? say('term.held', { n: held.count }) : say('term.held.since', { n: held.count, age: age(now - Date.parse(held.since)) })}:</b>{' '}
      {say('term.held.why', { why: whyHeld(held.reason, name) })} {ends !== say('end.look', { name }) && <span className="hide-p">{ends}</span>}
      {said !== null && <span className="tb" role="alert"> {said}</span>}
    </Bar>
  )
}

/** The most pressing thing first, and what is held below it. */
function Pressing({ actor, name, group_id, session, state }: { actor: ActorView; name: string; group_id: string; session: Session; state: State }) {
  const { pasting, asking, phase, away_since, lost_to, holder, hint } = state
  if (pasting !== null) {
    return (
      <Bar icon="info" alert acts={
        <>
          <button type="button" className="btn sm solid" autoFocus onClick={() => { session.paste(true) }}>{say('term.paste.yes')}</button>
          <button type="button" className="btn sm" onClick={() => { session.paste(false) }}>{say('term.paste.no')}</button>
        </>
      }
      >{say('term.paste', { n: pasting.lines })}
      </Bar>
    )
  }
  if (asking !== null) {
    return (
      <Bar icon="phone" alert acts={
        <>
          <button type="button" className="btn sm solid" onClick={() => { session.take('size'); session.focus() }}>{say('term.fit.yes')}</button>
          <button type="button" className="btn sm" onClick={() => { session.take('keep'); session.focus() }}>{say('term.fit.keep')}</button>
          <button type="button" className="btn sm bare" onClick={() => { session.state.setState({ asking: null }) }}>{say('term.fit.no')}</button>
        </>
      }
      >{holder === null ? say('term.fit', { ...asking }) : say('term.fit.who', { ...asking, who: begins(pageWord(holder)) })}
      </Bar>
    )
  }
  if (phase === 'closed') return <Ended actor={actor} name={name} group_id={group_id} session={session} state={state} />
  if (phase === 'away' && away_since !== null) return <Away since={away_since} />
  if (lost_to !== null) {
    return (
      <Bar icon="eye" alert acts={
        <>
          <button type="button" className="btn sm" onClick={() => { session.take(); session.focus() }}>{say('term.lost.back')}</button>
          <button type="button" className="btn sm bare" onClick={() => { session.state.setState({ lost_to: null }) }}>{say('term.lost.ok')}</button>
        </>
      }
      >{say('term.lost', { who: pageWord(lost_to) })}
      </Bar>
    )
  }
  if (state.refused > 0 && holder !== null && !state.mine) return <Bar icon="keyboard" alert>{say('term.busy', { who: begins(pageWord(holder)) })}</Bar>
  if (hint === 'link') return <Bar tone="info" icon="link">{say('term.link')}</Bar>
  if (actor.terminal_state === 'asks a person') return <Bar icon="s-asks"><b className="b6">{say('term.asks', { name })}</b> {say('term.asks.help')}</Bar>
  return null
}

export function Foot(props: { actor: ActorView; name: string; group_id: string; session: Session; state: State }) {
  return (
    <>
      <Pressing {...props} />
      <Held {...props} />
    </>
  )
}
