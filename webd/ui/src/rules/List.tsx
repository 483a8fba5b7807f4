// The rules of a group as sentences: when each is due next, what became of it, and a switch.
import { useState, type MouseEvent } from 'react'
import { useNow } from '../connection/clock'
import { go, hrefOf, type Place } from '../app/route'
import { Icon } from '../parts/Icon'
import { useActors } from '../rail/actors'
import { nameOf } from '../parts/Chip'
import { Body, HowSaving, Nothing } from '../settings/parts/Body'
import { Switch } from '../settings/parts/controls'
import { useForm, type FormOf } from '../settings/parts/use-form'
import type { Rule } from '../wire/contract'
import { say } from '../words'
import { age } from '../words/time'
import { NEW_RULE } from './Automation'
import { draftOf } from './draft'
import { moment, summary } from './sentence'
import { Snippets, type Texts } from './Snippets'
import { clear, enable, late, loadRules, overdue, reset, saveSnippets, useRules, type RulesAnswer } from './store'

export const placeOf = (group_id: string, item: string | null): Place => ({ at: 'settings', group_id, page: 'automation', item })

/** A link that stays a link for the middle button and the like. */
function follow(event: MouseEvent, place: Place): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  go(place)
}

function NextTime({ state, rule }: { state: RulesAnswer; rule: Rule }) {
  const now = useNow(10_000)
  const status = state.status[rule.id]
  const due = overdue(state, rule.id)
  if (status?.completed) return <span className="m3">{say('rules.done.at', { time: moment(Date.parse(status.completed_at)) })}</span>
  if (!rule.enabled) return <span className="m3">{say('dur.off')}</span>
  if (due !== null) return <span className="tw">{say('rules.late', { time: moment(due) })}</span>
  const next = Date.parse(status?.next_fire_at ?? '')
  if (Number.isNaN(next)) return <span className="m3">{say('rules.never')}</span>
  return <span className="m2">{next <= now ? say('rules.next.now') : say('rules.next.at', { time: moment(next), age: age(next - now) })}</span>
}

function RuleRow({ group_id, state, rule }: { group_id: string; state: RulesAnswer; rule: Rule }) {
  const actors = useActors((one) => one.actors)
  const busy = useRules((one) => one.busy[rule.id] ?? false)
  const refused = useRules((one) => one.refused[rule.id] ?? '')
  const status = state.status[rule.id]
  const place = placeOf(group_id, rule.id)
  const failed = status !== undefined && status.last_error !== ''
  return (
    <li className="rrow">
      <span className={`gs ${failed ? 'er' : rule.enabled ? 'on' : ''}`}><Icon name={failed ? 's-crashed' : status?.completed ? 't-done' : rule.enabled ? 's-ready' : 's-stopped'} size="s14" /></span>
      <div className="grow">
        <a className="rlink" href={hrefOf(place)} onClick={(event) => { follow(event, place) }}><span className="b6" dir="auto">{rule.id}</span></a>
        {rule.scope === 'personal' && <span className="tag">{say('rules.personal', { name: nameOf(rule.owner_actor_id ?? '', actors) })}</span>}
        <p className="m2">{summary(draftOf(rule), actors)}</p>
        <p className="f12"><NextTime state={state} rule={rule} />{status?.last_fired_at ? <span className="m3"> · {say('rules.last', { time: moment(Date.parse(status.last_fired_at)) })}</span> : null}</p>
        {failed && <p className="err">{say('rules.failed', { time: moment(Date.parse(status.last_error_at)), reason: status.last_error })}</p>}
        {refused !== '' && <p className="err" role="alert">{refused}</p>}
      </div>
      {status?.completed !== true && <Switch on={rule.enabled} aria-label={say('rules.switch', { name: rule.id })} disabled={busy} set={(on) => { void enable(group_id, rule.id, on) }} />}
    </li>
  )
}

function Done({ group_id, state, rules }: { group_id: string; state: RulesAnswer; rules: Rule[] }) {
  const [shown, setShown] = useState(false)
  const refused = useRules((one) => one.refused[''] ?? '')
  if (rules.length === 0) return null
  return (
    <section>
      <div className="row wrap">
        <h2>{say('rules.done', { n: rules.length })}</h2><span className="grow" />
        <button type="button" className="btn sm bare" aria-expanded={shown} onClick={() => { setShown(!shown) }}>{say(shown ? 'rules.done.hide' : 'rules.done.show')}</button>
        <button type="button" className="btn sm" onClick={() => { void clear(group_id, rules.map(({ id }) => id)) }}>{say('rules.done.clear')}</button>
      </div>
      {refused !== '' && <p className="err" role="alert">{refused}</p>}
      {shown && <ul className="card">{rules.map((rule) => <RuleRow key={rule.id} group_id={group_id} state={state} rule={rule} />)}</ul>}
    </section>
  )
}

/** Asks in place, and says what it would take away. */
function Reset({ group_id, n }: { group_id: string; n: number }) {
  const [asks, setAsks] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const doIt = async (): Promise<void> => {
    setError(await reset(group_id))
    setAsks(false)
  }
  return (
    <section className="sidesec">
      <h2>{say('rules.reset')}</h2>
      <p className="help">{asks ? say('rules.reset.ask', { n }) : say('rules.reset.help')}</p>
      {error !== null && <p className="err" role="alert">{error}</p>}
      <div className="row wrap">
        {!asks && <button type="button" className="btn sm" onClick={() => { setAsks(true) }}>{say('rules.reset')}</button>}
        {asks && <button type="button" className="btn sm bad" onClick={() => { void doIt() }}>{say('rules.reset.yes')}</button>}
        {asks && <button type="button" className="btn sm" autoFocus onClick={() => { setAsks(false) }}>{say('rules.reset.no')}</button>}
      </div>
    </section>
  )
}

/** What a group without a clock looks like: a rule was due, and nothing has fired it. */
export function Late({ state }: { state: RulesAnswer }) {
  const n = late(state).length
  if (n === 0) return null
  return <div className="note warn" role="status"><Icon name="alert" /><div>{say('rules.clockless', { n })}</div></div>
}

export function List({ group_id, state, error, again }: { group_id: string; state: RulesAnswer; error: string | null; again: () => void }) {
  const { rules, snippets } = state.ruleset
  const done = rules.filter(({ id }) => state.status[id]?.completed)
  const open = rules.filter((rule) => !done.includes(rule))
  const load = async (): Promise<Texts | null> => {
    const answer = await loadRules(group_id)
    return answer === null ? null : { texts: answer.ruleset.snippets }
  }
  const form: FormOf<Texts> = useForm<Texts>({ now: { texts: snippets }, name: () => say('rules.snippets'), load, save: (patch) => saveSnippets(group_id, patch.texts ?? snippets) })
  return (
    <Body
      title={say('rules.title')} lead={say('rules.lead')} form={form}
      side={<><HowSaving /><section className="sidesec"><h2>{say('rules.side')}</h2><p className="help">{say('rules.side.help')}</p></section><Reset group_id={group_id} n={rules.length} /></>}
    >
      {error !== null && <Nothing what="" error={error} again={again} />}
      <Late state={state} />
      <section>
        <div className="row wrap rhead"><h2>{say('rules.rules')}</h2><span className="grow" /><button type="button" className="btn sm" onClick={() => { go(placeOf(group_id, NEW_RULE)) }}><Icon name="plus" size="s12" />{say('rules.new')}</button></div>
        {open.length === 0
          ? <p className="help">{say('rules.none')}</p>
          : <ul className="card">{open.map((rule) => <RuleRow key={rule.id} group_id={group_id} state={state} rule={rule} />)}</ul>}
      </section>
      <Done group_id={group_id} state={state} rules={done} />
      <Snippets form={form} rules={rules} vars={state.supported_vars} />
    </Body>
  )
}
