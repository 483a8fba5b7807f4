// The connection bar: above everything, in the flow, only there when something is to be said.
import { useState } from 'react'
import { Icon } from '../parts/Icon'
import { say } from '../words'
import { age, timeOf } from '../words/time'
import { useNow } from './clock'
import { watchSocket } from './socket'
import { tryNow, useConnection } from './store'

/** A break shorter than this is not said. */
const QUIET_MS = 1_000
const COMMAND = 'cccc daemon start'

function Next() {
  const next = useConnection((state) => state.next_try_at)
  const now = useNow()
  if (next === null || next <= now) return <span className="m2">{say('conn.now')}</span>
  return <span className="m2">{say('conn.next', { age: age(next - now) })}</span>
}

/** Another version serves: the page goes on as it is until somebody wants the new one. */
function Newer() {
  return (
    <div className="conn info" role="status">
      <Icon name="info" />
      <span className="grow"><b className="b6">{say('conn.newer')}</b></span>
      <button type="button" className="btn sm" onClick={() => { window.location.reload() }}>{say('conn.reload')}</button>
    </div>
  )
}

/** Requests are answered, but nothing is told: a proxy that lets no socket through, for instance. */
function Deaf() {
  return (
    <div className="conn warn" role="status">
      <Icon name="unplug" />
      <span className="grow"><b className="b6">{say('conn.deaf')}</b> {say('conn.deaf.help')}</span>
      <button type="button" className="btn sm" onClick={watchSocket}>{say('conn.try')}</button>
    </div>
  )
}

export function ConnectionBar() {
  const { phase, heard_at, lost_at, newer, deaf } = useConnection()
  const now = useNow()
  const [copied, setCopied] = useState(false)
  if (phase === 'live' && newer) return <Newer />
  if (phase === 'live' && deaf) return <Deaf />
  if (phase === 'live' || phase === 'starting' || lost_at === null || now - lost_at < QUIET_MS) return null

  const away = phase === 'away'
  const shown = say('conn.shown', { time: timeOf(heard_at, true), age: age(now - heard_at) })
  return (
    <div className={`conn ${away ? 'bad' : 'warn'}`} role={away ? 'alert' : 'status'}>
      <Icon name="unplug" />
      <span className="grow">
        <b className="b6">{say(away ? 'conn.away.bar' : 'conn.reconnecting.bar')}</b> {shown}{' '}
        {away && <span className="hide-p">{say('conn.goon')}</span>}
      </span>
      <span aria-hidden="true"><Next /></span>
      <button type="button" className="btn sm" onClick={() => void tryNow()}>{say('conn.try')}</button>
      {away && (
        <button
          type="button"
          className="btn sm hide-p"
          onClick={() => void navigator.clipboard.writeText(COMMAND).then(() => { setCopied(true) })}
        >
          <Icon name="copy" size="s12" />
          {say(copied ? 'copied' : 'conn.command')}
        </button>
      )}
    </div>
  )
}

/** The state of the connection in one word, for the foot of the rail. */
export function ConnectionWord() {
  const phase = useConnection((state) => state.phase)
  if (phase === 'live') return <span className="live grow"><span className="gs on"><Icon name="s-ready" size="s12" /></span><span>{say('conn.live')}</span></span>
  const [icon, tone] = phase === 'away' ? ['unplug', 'tb'] : ['s-starting', 'tw']
  return (
    <span className={`live grow ${tone}`}>
      <Icon name={icon ?? ''} size="s14" />
      <span>{say(phase === 'away' ? 'conn.away' : phase === 'starting' ? 'conn.starting' : 'conn.reconnecting')}</span>
    </span>
  )
}
