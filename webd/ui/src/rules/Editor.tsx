// One rule: its sentence, the text as it will be read, what became of it, and when it fires. It is saved alone.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { go, hrefOf } from '../app/route'
import { Icon } from '../parts/Icon'
import { useActors } from '../rail/actors'
import { useGroups } from '../rail/groups'
import { Body, HowSaving } from '../settings/parts/Body'
import { Segments, Switch } from '../settings/parts/controls'
import type { FieldOf } from '../settings/parts/form'
import { useForm, type FormOf } from '../settings/parts/use-form'
import type { Rule } from '../wire/contract'
import { say } from '../words'
import { list } from '../words/time'
import { Next, Others } from './Beside'
import { draftOf, NEW, problem, ruleOf, type Draft } from './draft'
import { pieces } from './fill'
import { History } from './History'
import { Late, placeOf } from './List'
import { nextTimes } from './schedule'
import { HERE, Sentence } from './Sentence'
import { moment, wordOf, type Slot } from './sentence'
import { enable, loadRules, remove, saveRule, useRules, type RulesAnswer } from './store'

type Form = FormOf<Draft>

/** The part of the sentence in which a field stands. */
const SLOT_OF: Partial<Record<keyof Draft, Slot>> = {
  to: 'to', snippet: 'text', priority: 'priority', ack: 'ack', state: 'state', operation: 'operation', targets: 'targets',
}

const fieldName = (field: FieldOf<Draft>): string => say(`rules.field.${field}`)

function Conflicts({ form }: { form: Form }) {
  const actors = useActors((state) => state.actors)
  const { now } = form
  if (now === null || form.conflicts.length === 0) return null
  const mine = draftIn(form)
  const show = (field: FieldOf<Draft>, draft: Draft): string => {
    const slot = SLOT_OF[field]
    if (slot !== undefined) return wordOf(slot, draft, actors)
    if (field === 'trigger') return JSON.stringify(draft.trigger)
    return String(draft[field]) || say('save.empty')
  }
  return (
    <div className="note warn" role="alert">
      <div className="grow rboths">
        {form.conflicts.map((field) => (
          <div key={field}>
            <p className="b5">{fieldName(field)}: {say('save.both')}</p>
            <dl className="kv">
              <dt>{say('save.theirs')}</dt><dd dir="auto">{show(field, now)}</dd>
              <dt>{say('save.mine')}</dt><dd dir="auto">{show(field, mine)}</dd>
            </dl>
            <div className="row wrap">
              <button type="button" className="btn sm" onClick={() => { form.keepMine(field) }}>{say('save.keep')}</button>
              <button type="button" className="btn sm" onClick={() => { form.takeTheirs(field) }}>{say('save.take')}</button>
            </div>
          </div>
        ))}
      </div>
    </div>
  )
}

/** The draft of a form. */
function draftIn(form: Form): Draft {
  return Object.fromEntries((Object.keys(NEW) as FieldOf<Draft>[]).map((field) => [field, form.value(field)])) as unknown as Draft
}

function Text({ form, draft, state, group_id }: { form: Form; draft: Draft; state: RulesAnswer; group_id: string }) {
  const actors = useActors((one) => one.actors)
  const title = useGroups((one) => one.groups?.find((group) => group.group_id === group_id)?.title ?? group_id)
  const [next] = nextTimes(draft.trigger, Date.now(), null, 1)
  const values: Record<string, string> = {
    group_title: title,
    actor_names: list((actors ?? []).map((actor) => actor.title || actor.id)),
    ...(next === undefined ? {} : { scheduled_at: moment(next, draft.trigger.kind === 'cron' ? draft.trigger.timezone : HERE) }),
    ...(draft.trigger.kind === 'interval' ? { interval_minutes: String(Math.round(draft.trigger.every_seconds / 60)) } : {}),
  }
  const known = Object.fromEntries(Object.entries(values).filter(([name]) => state.supported_vars.includes(name)))
  const snippet = draft.snippet === null ? undefined : state.ruleset.snippets[draft.snippet]
  const read = pieces(snippet ?? draft.message, known)
  const unknown = [...new Set(read.filter((one) => !one.known).map((one) => one.text))]
  const own = draft.snippet === null
  return (
    <section className="rtext">
      <div className="row wrap rhead"><h2>{say('rules.text')}</h2><span className="grow" />
        {!own && <a className="btn sm bare" href={hrefOf(placeOf(group_id, null))} onClick={(event) => { event.preventDefault(); go(placeOf(group_id, null)) }}><Icon name="pencil" size="s14" />{say('rules.text.edit')}</a>}
      </div>
      <label className="field">
        <span className="help">{say('rules.text.title')}</span>
        <input className="in" dir="auto" value={draft.title} onChange={(event) => { form.set('title', event.target.value) }} />
      </label>
      {own && <textarea className="in" dir="auto" rows={4} aria-label={say('rules.text.own')} placeholder={say('rules.text.hint')} value={draft.message} onChange={(event) => { form.set('message', event.target.value) }} />}
      {!own && snippet === undefined && <p className="err" role="alert">{say('rules.problem.snippet')}</p>}
      {read.length > 0 && (
        <div className="card rread" dir="auto">
          {read.map((one, at) => (one.name === null ? <span key={at}>{one.text}</span> : one.known ? <b key={at} className="b6">{one.text}</b> : <span key={at} className="tw">{one.text}</span>))}
        </div>
      )}
      {unknown.length > 0 && <p className="help tw">{say('rules.text.unknown', { names: list(unknown) })}</p>}
      <p className="help rvars">{say('rules.vars')} {state.supported_vars.map((one) => <code key={one} dir="ltr">{`{{${one}}}`}</code>)}</p>
    </section>
  )
}

function Remove({ group_id, rule_id }: { group_id: string; rule_id: string }) {
  const [asks, setAsks] = useState(false)
  const busy = useRules((one) => one.busy[rule_id] ?? false)
  const doIt = async (): Promise<void> => {
    if (await remove(group_id, rule_id)) go(placeOf(group_id, null), 'replace')
    else setAsks(false)
  }
  if (!asks) return <button type="button" className="btn sm bare" onClick={() => { setAsks(true) }}><Icon name="trash" size="s14" />{say('rules.remove')}</button>
  return (
    <span className="row wrap" role="group" aria-label={say('rules.remove.ask', { name: rule_id })}>
      <span>{say('rules.remove.ask', { name: rule_id })}</span>
      <button type="button" className="btn sm bad" disabled={busy} onClick={() => { void doIt() }}>{say(busy ? 'rules.remove.busy' : 'rules.remove')}</button>
      <button type="button" className="btn sm" autoFocus onClick={() => { setAsks(false) }}>{say('keep')}</button>
    </span>
  )
}

function Head({ group_id, rule, children }: { group_id: string; rule: Rule | null; children?: ReactNode }) {
  const back = placeOf(group_id, null)
  return (
    <div className="row wrap rtop">
      <a className="ib" href={hrefOf(back)} aria-label={say('rules.all')} title={say('rules.all')} onClick={(event) => { event.preventDefault(); go(back) }}><Icon name="left" /></a>
      <p className="m2 grow">{rule === null ? say('rules.new.lead') : say('rules.alone')}</p>
      {children}
    </div>
  )
}

function Missing({ group_id, rule_id }: { group_id: string; rule_id: string }) {
  return <Body title={say('rules.title')}><Head group_id={group_id} rule={null} /><p className="m2" role="status">{say('rules.missing', { name: rule_id })}</p></Body>
}

export function Editor({ group_id, state, rule_id }: { group_id: string; state: RulesAnswer; rule_id: string | null }) {
  const rule = state.ruleset.rules.find(({ id }) => id === rule_id) ?? null
  // A rule that somebody removes while it is open stays as it was: what was typed here is not lost.
  const [seen, setSeen] = useState(rule)
  if (rule !== null && rule !== seen) setSeen(rule)
  if (rule_id !== null && seen === null) return <Missing group_id={group_id} rule_id={rule_id} />
  return <RuleForm group_id={group_id} state={state} rule={seen} gone={rule_id !== null && rule === null} />
}

/** A new rule begins on working days, by the clock of whoever writes it. */
const BEGIN: Draft = { ...NEW, trigger: { kind: 'cron', cron: '0 9 * * 1-5', timezone: HERE } }

function RuleForm({ group_id, state, rule, gone }: { group_id: string; state: RulesAnswer; rule: Rule | null; gone: boolean }) {
  const { rules, snippets } = state.ruleset
  const names = Object.keys(snippets).sort()
  const others = rules.filter((one) => one !== rule).map(({ id }) => id)
  const busy = useRules((one) => (rule === null ? false : (one.busy[rule.id] ?? false)))
  const refused = useRules((one) => (rule === null ? '' : (one.refused[rule.id] ?? '')))
  const made = useRef<string | null>(null)
  const now = rule === null ? BEGIN : draftOf(rule)
  const form: Form = useForm<Draft>({
    now, name: fieldName,
    load: async () => {
      const answer = await loadRules(group_id)
      const newest = answer?.ruleset.rules.find(({ id }) => id === rule?.id)
      return answer === null ? null : newest ? draftOf(newest) : now
    },
    save: async (patch) => {
      const draft = { ...now, ...patch }
      const wrong = problem(draft, others, names)
      if (wrong !== null) throw new Error(say(`rules.problem.${wrong}`))
      const newest = useRules.getState().state?.ruleset.rules.find(({ id }) => id === rule?.id)
      await saveRule(group_id, ruleOf(draft, newest ?? rule), newest === undefined)
      if (rule === null) made.current = draft.id.trim()
    },
  })
  const draft = draftIn(form)
  const clean = form.changed.length === 0
  useEffect(() => {
    if (clean && made.current !== null) go(placeOf(group_id, made.current), 'replace')
  }, [clean, group_id])

  const change = (patch: Partial<Draft>): void => {
    for (const [field, value] of Object.entries(patch)) form.set(field as FieldOf<Draft>, value as never)
  }
  const wrong = clean ? null : problem(draft, others, names)
  const status = rule === null ? undefined : state.status[rule.id]
  const next = Date.parse(status?.next_fire_at ?? '')
  const known = rule !== null && JSON.stringify(rule.trigger) === JSON.stringify(draft.trigger) && !Number.isNaN(next)
  const past = draft.trigger.kind === 'at' && Date.parse(draft.trigger.at) < Date.now() && status?.completed !== true
  return (
    <Body
      title={rule === null ? say('rules.new') : rule.id} form={form}
      side={<><Next draft={draft} enabled={rule?.enabled ?? true} next={known ? next : null} /><Others group_id={group_id} state={state} but={rule?.id ?? ''} /><HowSaving /></>}
    >
      <Head group_id={group_id} rule={rule}>
        {rule !== null && !gone && <Remove group_id={group_id} rule_id={rule.id} />}
        {rule !== null && !gone && <><span className="m2">{say(rule.enabled ? 'dur.on' : 'dur.off')}</span><Switch on={rule.enabled} disabled={busy} aria-label={say('rules.switch', { name: rule.id })} set={(on) => { void enable(group_id, rule.id, on) }} /></>}
      </Head>
      {refused !== '' && <p className="err" role="alert">{refused}</p>}
      {gone && <div className="note warn" role="alert"><Icon name="alert" /><div>{say('rules.gone')}</div></div>}
      <Late state={state} />
      {rule === null && (
        <label className="field"><span className="lbl">{say('rules.field.id')}</span>
          <input className="in rname" value={draft.id} autoFocus onChange={(event) => { form.set('id', event.target.value) }} /><span className="help">{say('rules.id.help')}</span>
        </label>
      )}
      <Conflicts form={form} />
      <section className="card rcard">
        <div className="rkind">
          <Segments
            aria-label={say('rules.field.kind')} value={draft.kind}
            choices={[{ value: 'notify', name: say('rules.kind.notify') }, { value: 'group_state', name: say('rules.kind.group_state') }, { value: 'actor_control', name: say('rules.kind.actor_control') }]}
            set={(kind) => { change(kind === 'notify' || draft.trigger.kind === 'at' ? { kind } : { kind, trigger: { kind: 'at', at: new Date(Math.ceil((Date.now() + 3_600_000) / 3_600_000) * 3_600_000).toISOString() } }) }}
          />
        </div>
        <Sentence draft={draft} snippets={names} change={change} />
        <p className="help rfoot">{draft.kind === 'notify' ? say(`rules.priority.${draft.priority}.help`) : say('rules.once.only')}</p>
      </section>
      {wrong !== null && <p className="err" role="status">{say(`rules.problem.${wrong}`)}</p>}
      {past && <p className="help tw" role="status">{say('rules.at.past')}</p>}
      <div className="rmid"><Next draft={draft} enabled={rule?.enabled ?? true} next={known ? next : null} /></div>
      {draft.kind === 'notify' && <Text form={form} draft={draft} state={state} group_id={group_id} />}
      {rule !== null && <History rule_id={rule.id} />}
    </Body>
  )
}
