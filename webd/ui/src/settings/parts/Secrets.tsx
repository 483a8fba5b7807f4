// Secrets that can be set, replaced and removed, and are never shown again: names only. Each act is done at once.
import { useState } from 'react'
import { useConnection } from '../../connection/store'
import { cannotAct } from './may'
import { Icon } from '../../parts/Icon'
import { say } from '../../words'
import { Ask } from './Ask'
import { useActs } from './use-act'

interface Props {
  /** Null before the first answer. */
  keys: string[] | null
  set: (name: string, value: string) => Promise<unknown>
  remove: (name: string) => Promise<unknown>
  /** Whether a name may be one. */
  fits: (name: string) => boolean
}

function Value({ name, save, close }: { name: string; save: (value: string) => void; close: () => void }) {
  const [value, setValue] = useState('')
  return (
    <form className="row wrap grow" onSubmit={(event) => { event.preventDefault(); if (value !== '') save(value) }}>
      <input className="in grow" type="password" autoComplete="new-password" autoFocus aria-label={say('secrets.value', { name })} placeholder={say('secrets.value.hint')} value={value} onChange={(event) => { setValue(event.target.value) }} />
      <button className="btn" disabled={value === ''}>{say('secrets.keep')}</button>
      <button type="button" className="btn bare" onClick={close}>{say('secrets.cancel')}</button>
    </form>
  )
}

export function Secrets({ keys, set, remove, fits }: Props) {
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const [replacing, setReplacing] = useState<string | null>(null)
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const wrong = name !== '' && !fits(name)
  const off = away || busy !== null
  const add = (): void => {
    act(name, async () => {
      await set(name, value)
      setName('')
      setValue('')
    })
  }
  if (keys === null) return <p className="help" role="status">{say('secrets.loading')}</p>
  return (
    <div className="card">
      {keys.map((key) => (
        <div key={key} className="lrow tall">
          <Icon name="key" />
          <code className="grow brk">{key}</code>
          {replacing === key ? <Value name={key} close={() => { setReplacing(null) }} save={(next) => { setReplacing(null); act(key, () => set(key, next)) }} /> : (
            <>
              <span className="f12 m3">{say(busy === key ? 'secrets.busy' : 'secrets.stored')}</span>
              <button type="button" className="btn sm" disabled={off} aria-label={say('secrets.replace.which', { name: key })} onClick={() => { setReplacing(key) }}>{say('secrets.replace')}</button>
              <Ask className="btn sm" disabled={off} question={say('secrets.ask', { name: key })} yes={say('secrets.remove')} aria-label={say('secrets.remove.which', { name: key })} act={() => { act(key, () => remove(key)) }}>{say('secrets.remove')}</Ask>
            </>
          )}
        </div>
      ))}
      {keys.length === 0 && <p className="lrow help">{say('secrets.none')}</p>}
      <form className="lrow tall" onSubmit={(event) => { event.preventDefault(); if (name !== '' && !wrong && value !== '' && !off) add() }}>
        <Icon name="plus" />
        <input className={`in mono secname ${wrong ? 'bad' : ''}`} aria-label={say('secrets.name')} aria-invalid={wrong} placeholder={say('secrets.name.hint')} autoComplete="off" spellCheck={false} value={name} onChange={(event) => { setName(event.target.value) }} />
        <input className="in grow secvalue" type="password" autoComplete="new-password" aria-label={say('secrets.value', { name })} placeholder={say('secrets.value.hint')} value={value} onChange={(event) => { setValue(event.target.value) }} />
        <button className="btn" disabled={off || name === '' || value === '' || wrong}>{say(busy !== null && busy === name ? 'secrets.busy' : 'secrets.keep')}</button>
      </form>
      {wrong && <p className="err pad">{say('secrets.name.wrong')}</p>}
      {failed && <p className="err pad" role="alert">{say('secrets.failed', { name: failed.what, reason: failed.reason })}</p>}
    </div>
  )
}
