// Logs and health: who answers, whether all is well, and the logs.
import { useCallback, useEffect, useState } from 'react'
import { lastGroup } from '../app/route'
import { useConnection } from '../connection/store'
import { Icon } from '../parts/Icon'
import { useGroups } from '../rail/groups'
import { keepObservability, useObservability } from '../settings/observability'
import { Body, Nothing } from '../settings/parts/Body'
import { Select } from '../settings/parts/controls'
import { say } from '../words'
import { age, exact } from '../words/time'
import { Copy } from './Copy'
import { clearLog, COMPONENTS, LINES, loadDiagnostics, loadSnapshot, readLog, useDiagnostics, type Component, type Ping } from './diagnostics'
import { Sure } from './Sure'
import { useFresh } from './use-group'
import './more.css'

/** Clocks that are further apart than this make ages wrong. */
const APART_MS_MAX = 5_000
const SLOW_MS = 500

function Fact({ good, name, children }: { good: boolean; name: string; children: string }) {
  return <li className="lrow"><span className={good ? 'tg' : 'tw'}><Icon name={good ? 'st-accepted' : 'alert'} size="s14" /></span><span className="lbl iname">{name}</span><span className="grow">{children}</span></li>
}

function Health({ ping }: { ping: Ping }) {
  const { took_ms, apart_ms } = useDiagnostics()
  const phase = useConnection((state) => state.phase)
  const groups = useGroups((state) => state.groups) ?? []
  const sick = groups.filter((one) => one.registry_health !== 'ok')
  const missing = Object.entries(ping.capabilities).filter(([, can]) => !can).map(([name]) => name)
  return (
    <section>
      <h2>{say('diag.health')}</h2>
      <ul className="card facts">
        <Fact good={phase === 'live'} name={say('diag.daemon')}>{say('diag.daemon.is', { version: ping.version, pid: ping.pid, n: ping.epoch })}</Fact>
        <Fact good={took_ms < SLOW_MS} name={say('diag.answer')}>{say('diag.answer.is', { ms: took_ms })}</Fact>
        <Fact good={Math.abs(apart_ms) < APART_MS_MAX} name={say('diag.clocks')}>{Math.abs(apart_ms) < APART_MS_MAX ? say('diag.clocks.same') : say('diag.clocks.apart', { age: age(Math.abs(apart_ms)) })}</Fact>
        <Fact good={sick.length === 0} name={say('diag.groups')}>{sick.length === 0 ? say('diag.groups.good', { n: groups.length }) : say('diag.groups.sick', { n: sick.length, names: sick.map((one) => one.title).join(', ') })}</Fact>
        <Fact good name={say('diag.wire')}>{say('diag.wire.is', { v: ping.ipc_v, n: Object.keys(ping.capabilities).length - missing.length })}</Fact>
      </ul>
    </section>
  )
}

function Snapshot({ group_id, choose }: { group_id: string | null; choose: (group_id: string) => void }) {
  const groups = useGroups((state) => state.groups) ?? []
  const { snapshot, snapshot_error } = useDiagnostics()
  const load = useCallback(() => { void loadSnapshot(group_id) }, [group_id])
  useEffect(load, [load])
  const waiting = snapshot?.delivery?.actors ?? {}
  return (
    <section>
      <div className="row wrap rhead"><h2>{say('diag.snapshot')}</h2><span className="grow" />
        <span className="dtools"><Select aria-label={say('diag.group')} value={group_id ?? ''} choices={[{ value: '', name: say('diag.snapshot.home') }, ...groups.map((one) => ({ value: one.group_id, name: one.title }))]} set={choose} /></span>
        <button type="button" className="btn sm" onClick={load}><Icon name="restart" size="s14" />{say('diag.again')}</button>{snapshot !== null && <Copy text={JSON.stringify(snapshot, null, 2)} word={say('diag.snapshot.copy')} />}</div>
      {snapshot_error !== null && <p className="err" role="alert">{snapshot_error}</p>}
      {snapshot !== null && (
        <>
          <p className="help">{say('diag.snapshot.of', { time: exact(snapshot.daemon.ts), group: snapshot.group?.title ?? say('diag.snapshot.none') })}</p>
          {snapshot.actors && snapshot.actors.length > 0 && <div className="scroll">
            <table className="dtable">
              <thead><tr>{(['actor', 'role', 'runtime', 'runs', 'unread', 'waits'] as const).map((one) => <th key={one} scope="col">{say(`diag.t.${one}`)}</th>)}</tr></thead>
              <tbody>
                {snapshot.actors.map((actor) => (
                  <tr key={actor.id}>
                    <th scope="row">{actor.id}</th><td>{say(`diag.role.${actor.role}`)}</td><td>{actor.runtime}</td><td>{say(actor.running ? 'diag.yes' : actor.enabled ? 'diag.should' : 'diag.no')}</td>
                    <td>{actor.unread_count}</td><td>{waiting[actor.id]?.pending ?? 0} {waiting[actor.id]?.reason ?? ''}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>}
          {snapshot.actors?.length === 0 && <p className="help">{say('diag.snapshot.nobody')}</p>}
        </>
      )}
    </section>
  )
}

function Logs({ group_id }: { group_id: string | null }) {
  const { tail, tail_error, reading, clearing } = useDiagnostics()
  const [component, setComponent] = useState<Component>('ledgerd')
  const [lines, setLines] = useState(200)
  const [query, setQuery] = useState('')
  const read = useCallback(() => { void readLog(component, lines, group_id) }, [component, lines, group_id])
  useEffect(read, [read])
  const shown = (tail?.lines ?? []).filter((line) => line.toLowerCase().includes(query.toLowerCase()))
  const name = (one: Component): string => say(`diag.c.${one}`)
  return (
    <section>
      <h2>{say('diag.logs')}</h2>
      <div className="row wrap dtools">
        <Select aria-label={say('diag.component')} value={component} choices={COMPONENTS.map((value) => ({ value, name: name(value) }))} set={setComponent} />
        <Select aria-label={say('diag.lines')} value={String(lines)} choices={LINES.map((n) => ({ value: String(n), name: say('msg.lines', { n }) }))} set={(n) => { setLines(Number(n)) }} />
        <input className="in" type="search" aria-label={say('diag.find')} placeholder={say('diag.find')} value={query} onChange={(event) => { setQuery(event.target.value) }} />
        <button type="button" className="btn" disabled={reading} onClick={read}>{say(reading ? 'diag.reading' : 'diag.again')}</button>
      </div>
      {tail_error !== null && <p className="err" role="alert">{tail_error}</p>}
      {tail !== null && (
        <>
          <pre className="cblock dlog" dir="ltr" tabIndex={0} aria-label={say('diag.logs.of', { name: name(component) })}>{shown.join('\n')}</pre>
          {shown.length === 0 && <p className="help" role="status">{tail.lines.length === 0 ? say('diag.logs.none') : say('diag.logs.nohit', { query, n: tail.lines.length })}</p>}
          <div className="row wrap"><code className="clip" dir="ltr">{tail.path}</code><span className="grow" /><Copy text={shown.join('\n')} word={say('diag.logs.copy', { n: shown.length })} />
            <Sure small word={say('diag.clear')} ask={say('diag.clear.ask', { name: name(component) })} yes={say('diag.clear')} doing={say('diag.clearing')} busy={clearing} act={() => clearLog(component, group_id)} />
          </div>
        </>
      )}
    </section>
  )
}

/** Without developer mode there are no logs: it can be switched on here. */
function Off() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const on = (): void => {
    setBusy(true)
    setError(null)
    keepObservability({ developer_mode: true }).then(loadDiagnostics).catch((cause: unknown) => { setError((cause as Error).message) }).finally(() => { setBusy(false) })
  }
  return (
    <section>
      <h2>{say('diag.logs')}</h2>
      <p className="help">{say('diag.logs.off')}</p>
      <p className="rnew"><button type="button" className="btn" disabled={busy} onClick={on}>{say('diag.logs.on')}</button></p>
      {error !== null && <p className="err" role="alert">{error}</p>}
    </section>
  )
}

export function Diagnostics() {
  const { ping, error } = useDiagnostics()
  const developer = useObservability((state) => state.tells?.developer_mode ?? null)
  const load = useCallback(() => loadDiagnostics(), [])
  useFresh(null, load)
  const [chosen, choose] = useState<string | null>(null)
  const group_id = (chosen ?? lastGroup() ?? '') || null
  return (
    <Body
      title={say('diag.title')} lead={say('diag.lead')}
      side={<section className="sidesec"><h2>{say('diag.shell')}</h2><div className="cmd" dir="ltr">{say('diag.shell.cmd')}</div><p className="help">{say('diag.shell.help')}</p></section>}
    >
      {(ping === null || error !== null) && <Nothing what={say('diag.loading')} error={error} again={() => { void load() }} />}
      {ping !== null && <Health ping={ping} />}
      {developer === true && <><Snapshot group_id={group_id} choose={choose} /><Logs group_id={group_id} /></>}
      {developer === false && <Off />}
    </Body>
  )
}
