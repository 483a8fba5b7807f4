// Who may sign in to this page from a browser: a named token each, shown once, with what it may do. Nothing where the server has none.
import { useEffect, useState, type FormEvent } from 'react'
import { Icon } from '../parts/Icon'
import { useGroups } from '../rail/groups'
import { Nothing } from '../settings/parts/Body'
import { Select } from '../settings/parts/controls'
import { say } from '../words'
import { Copy } from './Copy'
import { dateOf } from './dates'
import { Sure } from './Sure'
import type { WebToken } from '../wire/contract'
import { addToken, ADDING, forgetMade, loadTokens, revokeToken, ROLES, useTokens, type Role } from './tokens'

const ALL = ''

function Made() {
  const made = useTokens((state) => state.made)
  useEffect(() => forgetMade, [])
  if (made === null) return null
  const link = `${location.origin}/ui/?token=${encodeURIComponent(made.token)}`
  return (
    <section className="note good made" role="status">
      <Icon name="key" />
      <div className="grow">
        <p className="b5">{say('tok.made', { name: made.name })}</p>
        <p><code dir="ltr">{made.token}</code></p>
        <div className="row wrap"><Copy text={made.token} word={say('tok.copy')} /><Copy text={link} word={say('tok.copy.link')} /><button type="button" className="btn sm" onClick={forgetMade}>{say('tok.hide')}</button></div>
      </div>
    </section>
  )
}

function TokenRow({ token }: { token: WebToken }) {
  const busy = useTokens((state) => state.busy[token.token_id] ?? false)
  const refused = useTokens((state) => state.refused[token.token_id] ?? '')
  const groups = useGroups((state) => state.groups)
  const where = token.group_id ? (groups?.find((one) => one.group_id === token.group_id)?.title ?? token.group_id) : say('tok.everywhere')
  const until = token.expires_at ? say('tok.until', { date: dateOf(Date.parse(token.expires_at)) }) : ''
  const when = token.created_at ? say('tok.since', { date: dateOf(Date.parse(token.created_at)) }) : ''
  return (
    <li className="lrow ichat">
      <Icon name="key" />
      <div className="grow"><p className="b5" dir="auto">{token.name}</p><p className="help">{[say(`tok.role.${token.role}`), where, when, until].filter(Boolean).join(' · ')}</p>{refused !== '' && <p className="err" role="alert">{refused}</p>}</div>
      <Sure small word={say('im.revoke')} ask={say('tok.revoke.ask', { name: token.name })} yes={say('im.revoke')} doing={say('im.revoking')} busy={busy} act={() => revokeToken(token.token_id)} />
    </li>
  )
}

function Add() {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [group, setGroup] = useState(ALL)
  const busy = useTokens((state) => state.busy[ADDING] ?? false)
  const refused = useTokens((state) => state.refused[ADDING] ?? '')
  const groups = useGroups((state) => state.groups) ?? []
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (name.trim() !== '' && (await addToken(name.trim(), role, role === 'admin' || group === ALL ? null : group))) setName('')
  }
  return (
    <section>
      <h2>{say('tok.add')}</h2>
      <form className="tokadd" onSubmit={(event) => { void submit(event) }}>
        <label className="field"><span className="lbl">{say('tok.name')}</span><input className="in" value={name} onChange={(event) => { setName(event.target.value) }} /><span className="help">{say('tok.name.help')}</span></label>
        <div className="field"><span className="lbl" id="tok-role">{say('tok.role')}</span><Select aria-labelledby="tok-role" value={role} choices={ROLES.map((value) => ({ value, name: say(`tok.role.${value}`) }))} set={setRole} /><span className="help">{say(`tok.role.${role}.help`)}</span></div>
        {role !== 'admin' && <div className="field"><span className="lbl" id="tok-group">{say('tok.group')}</span><Select aria-labelledby="tok-group" value={group} choices={[{ value: ALL, name: say('tok.everywhere') }, ...groups.map((one) => ({ value: one.group_id, name: one.title }))]} set={setGroup} /></div>}
        {refused !== '' && <p className="err" role="alert">{refused}</p>}
        <button type="submit" className="btn solid" disabled={busy || name.trim() === ''}>{say(busy ? 'tok.adding' : 'tok.make')}</button>
      </form>
    </section>
  )
}

export function Tokens() {
  const { tokens, error } = useTokens()
  return (
    <>
      {(tokens === null || error !== null) && <Nothing what={say('tok.loading')} error={error} again={() => { void loadTokens() }} />}
      <Made />
      {tokens !== null && (
        <section>
          <h2>{say('tok.title')}</h2>
          {tokens.length === 0 ? <p className="help">{say('tok.none')}</p> : <ul className="card">{tokens.map((token) => <TokenRow key={token.token_id} token={token} />)}</ul>}
        </section>
      )}
      {tokens !== null && <Add />}
    </>
  )
}
