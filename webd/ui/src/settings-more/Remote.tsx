// Access from other machines: what has come of it, how it is set, and the token that visitors need.
import { useCallback, useState, type FormEvent } from 'react'
import { Icon } from '../parts/Icon'
import { Body, HowSaving, Nothing } from '../settings/parts/Body'
import { Select, Switch } from '../settings/parts/controls'
import { Row } from '../settings/parts/Row'
import { useForm } from '../settings/parts/use-form'
import type { RemoteAccess, RemoteStatus, ValueSource } from '../wire/contract'
import { say } from '../words'
import { Copy } from './Copy'
import { clearToken, isElsewhere, keepToken, loadRemote, makeToken, remoteOf, saveRemote, start, stop, useRemote, type Remote as Settings } from './remote'
import { Sure } from './Sure'
import { useFresh } from './use-group'
import './more.css'

/** What stands in an empty field: the defaults. */
const EXAMPLE = { url: 'https://', host: '127.0.0.1', port: '8848' }

const TONE: Record<RemoteStatus, string> = { stopped: '', running: 'good', not_installed: 'warn', misconfigured: 'bad', not_authenticated: 'warn', error: 'bad' }

function Status({ is }: { is: RemoteAccess }) {
  const { busy, refused } = useRemote()
  const verb = is.enabled ? 'stop' : 'start'
  return (
    <section className="card">
      <header>
        <Icon name="link" /><b className="b6">{say('remote.access')}</b><span className={`tag ${TONE[is.status]}`}>{say(`remote.s.${is.status}`)}</span><span className="grow" />
        <button type="button" className="btn sm" disabled={busy !== ''} onClick={() => { void (is.enabled ? stop() : start()) }}>
          <Icon name={is.enabled ? 'stop' : 'play'} size="s12" />{say(busy === verb ? `remote.${verb}.busy` : `remote.${verb}`)}
        </button>
      </header>
      {refused[verb] !== undefined && <p className="err ipad" role="alert">{refused[verb]}</p>}
      {is.endpoint !== null && <div className="lrow"><span className="lbl iname">{say('remote.endpoint')}</span><code className="grow" dir="ltr">{is.endpoint}</code><Copy text={is.endpoint} /></div>}
      {is.next_steps.length > 0 && (
        <div className="lrow itop"><span className="tw"><Icon name="alert" size="s14" /></span>
          <div className="grow"><p className="b5">{say('remote.steps')}</p><ul className="help dots">{is.next_steps.map((step) => <li key={step} lang="en">{step}</li>)}</ul></div>
        </div>
      )}
      {isElsewhere(is, location.origin) && <div className="lrow itop"><span className="m3"><Icon name="info" size="s14" /></span><p className="help grow">{say('remote.elsewhere', { here: location.origin, port: is.diagnostics.web_port })}</p></div>}
    </section>
  )
}

function Token({ is }: { is: RemoteAccess }) {
  const { busy, refused } = useRemote()
  const [open, setOpen] = useState(false)
  const [value, setValue] = useState('')
  const [seen, setSeen] = useState(false)
  const has = is.diagnostics.web_token_present
  const reason = refused.token ?? refused.clear
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (value.trim() === '' || !(await keepToken(value.trim()))) return
    setOpen(false)
    setValue('')
    setSeen(false)
  }
  return (
    <section>
      <h2>{say('remote.token')}</h2>
      <div className="card">
        <div className="lrow icred">
          <Icon name={has ? 'lock' : 'alert'} size="s14" />
          <span className={`grow ${has ? 'm2' : 'tw'}`}>{say(has ? 'remote.token.set' : 'remote.token.none')}</span>
          {!open && <button type="button" className="btn sm" onClick={() => { setOpen(true) }}>{say(has ? 'im.replace' : 'im.set')}</button>}
          {!open && has && <Sure small word={say('im.remove')} ask={say('remote.token.ask')} yes={say('im.remove')} doing={say('im.removing')} busy={busy === 'clear'} act={clearToken} />}
          {open && (
            <form className="ikeep" onSubmit={(event) => { void submit(event) }}>
              <input className="in mono" autoFocus dir="ltr" type={seen ? 'text' : 'password'} autoComplete="new-password" aria-label={say('remote.token')} value={value} onChange={(event) => { setValue(event.target.value) }} />
              <button type="button" className="btn" onClick={() => { setValue(makeToken()); setSeen(true) }}>{say('remote.token.make')}</button>
              {seen && <Copy text={value} />}
              <button type="submit" className="btn solid" disabled={busy !== '' || value.trim() === ''}>{say(busy === 'token' ? 'im.keeping' : 'im.keep')}</button>
              <button type="button" className="btn" onClick={() => { setOpen(false); setValue(''); setSeen(false) }}>{say('im.cancel')}</button>
              <p className="help">{say(seen ? 'remote.token.copy' : 'remote.token.help')}</p>
            </form>
          )}
          {reason !== undefined && <p className="err" role="alert">{reason}</p>}
        </div>
      </div>
    </section>
  )
}

const sourced = (source: ValueSource): string => say(`remote.source.${source}`)

function Facts({ is }: { is: RemoteAccess }) {
  const d = is.diagnostics
  return (
    <section>
      <h2>{say('remote.facts')}</h2>
      <dl className="kv facts">
        <dt>{say('remote.listens')}</dt><dd dir="auto">{d.web_host}:{d.web_port} <span className="m3">{sourced(d.web_host_source)}</span></dd>
        <dt>{say('remote.reach')}</dt><dd>{say(d.web_bind_reachable ? 'remote.reach.all' : 'remote.reach.here')}</dd>
        <dt>{say('remote.public')}</dt><dd dir="auto">{d.web_public_url || say('remote.public.none')}</dd>
        <dt>{say('remote.page')}</dt><dd dir="ltr">{location.origin}</dd>
      </dl>
    </section>
  )
}

function Side() {
  return (
    <>
      <section className="sidesec"><h2>{say('remote.ways')}</h2><p className="help">{say('remote.ways.help')}</p></section>
      {(['ssh', 'tailscale', 'cloudflare'] as const).map((way) => (
        <section key={way} className="sidesec"><h2>{say(`remote.way.${way}`)}</h2><div className="cmd" dir="ltr">{say(`remote.way.${way}.cmd`, { port: location.port || '8848' })}</div><p className="help">{say(`remote.way.${way}.help`)}</p></section>
      ))}
      <HowSaving />
    </>
  )
}

const fieldName = (field: keyof Settings): string => say(`remote.f.${field}`)

export function Remote() {
  const { is, error } = useRemote()
  const load = useCallback(() => loadRemote(), [])
  useFresh(null, load)
  const form = useForm<Settings>({ now: is === null ? null : remoteOf(is), name: fieldName, load, save: saveRemote })
  const again = (): void => { load().catch(() => undefined) }
  if (is === null) return <Body title={say('remote.title')} lead={say('remote.lead')}><Nothing what={say('remote.loading')} error={error} again={again} /></Body>
  const help = (field: keyof Settings): string => say(`remote.f.${field}.help`)
  const port = form.value('web_port')
  const bad = port.trim() !== '' && !(/^\d{1,5}$/.test(port.trim()) && Number(port) <= 65_535)
  return (
    <Body title={say('remote.title')} lead={say('remote.lead')} side={<Side />} form={form}>
      {error !== null && <Nothing what="" error={error} again={again} />}
      <Status is={is} />
      <Token is={is} />
      <section>
        <h2>{say('remote.how')}</h2>
        <Row form={form} field="provider" help={help('provider')} show={(one) => say(`remote.p.${one}`)}>
          {(named) => <Select {...named} value={form.value('provider')} choices={(['off', 'manual', 'tailscale'] as const).map((value) => ({ value, name: say(`remote.p.${value}`) }))} set={(value) => { form.set('provider', value) }} />}
        </Row>
        <Row form={form} field="enforce_web_token" help={help('enforce_web_token')} show={(on) => say(on ? 'dur.on' : 'dur.off')}>
          {(named) => <><span className="m3">{say(form.value('enforce_web_token') ? 'dur.on' : 'dur.off')}</span><Switch {...named} on={form.value('enforce_web_token')} set={(on) => { form.set('enforce_web_token', on) }} /></>}
        </Row>
        <Row form={form} field="web_public_url" help={help('web_public_url')} wide>
          {(named) => <input {...named} className="in mono" dir="ltr" inputMode="url" placeholder={EXAMPLE.url} value={form.value('web_public_url')} onChange={(event) => { form.set('web_public_url', event.target.value) }} />}
        </Row>
        <Row form={form} field="web_host" help={help('web_host')}>
          {(named) => <input {...named} className="in mono" dir="ltr" placeholder={EXAMPLE.host} value={form.value('web_host')} onChange={(event) => { form.set('web_host', event.target.value) }} />}
        </Row>
        <Row form={form} field="web_port" help={help('web_port')} error={bad ? say('remote.port.bad') : null}>
          {(named) => <input {...named} className={`in mono ${bad ? 'bad' : ''}`} dir="ltr" inputMode="numeric" placeholder={EXAMPLE.port} aria-invalid={bad} value={port} onChange={(event) => { form.set('web_port', event.target.value) }} />}
        </Row>
      </section>
      <Facts is={is} />
    </Body>
  )
}
