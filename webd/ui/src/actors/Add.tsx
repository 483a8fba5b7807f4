// Adding an actor: which program, who it is, what it may do without asking, what only it may know.
import { useEffect, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { PageProps } from '../app/pages'
import { go, hrefOf, useRoute, type Place } from '../app/route'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { useOpened } from '../groups/use-opened'
import { initials } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { loadProfiles, useProfiles } from '../profiles/store'
import { loadActors, useActors } from '../rail/actors'
import { useGroups } from '../rail/groups'
import { follow } from '../settings/follow'
import { Body, Nothing } from '../settings/parts/Body'
import { CopyButton } from '../settings/parts/Copy'
import { useActs } from '../settings/parts/use-act'
import { useLedger } from '../settings/use-ledger'
import { addActor } from '../wire/server'
import { say } from '../words'
import { list } from '../words/time'
import { argsOf, commandOf, idOf, lackOf, NOBODY_YET, usualOf, type Kind, type NewActor } from './adding'
import { isRisky, isVariable, join } from './command'
import { lookForPrograms, usePrograms } from './programs'
import { HowReached, WillRun } from './WillRun'
import '../settings/settings.css'
import './actors.css'

interface OptionProps {
  on: boolean
  choose: () => void
  name: string
  right?: string
  children: ReactNode
  /** Whether Tab comes here while nothing is chosen. */
  first?: boolean
}

function Option({ on, choose, name, right = '', children, first = false }: OptionProps) {
  return (
    <button type="button" className="opt" role="radio" aria-checked={on} tabIndex={on || first ? 0 : -1} onClick={choose}>
      <span className="radio" /><span className="b5">{name}</span><span className="f12 m3">{right}</span><span className="d">{children}</span>
    </button>
  )
}

/** Arrows move among radios, and choose. */
function arrows(event: KeyboardEvent<HTMLDivElement>): void {
  const step = event.key === 'ArrowDown' || event.key === 'ArrowRight' ? 1 : event.key === 'ArrowUp' || event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  const radios = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="radio"]')]
  const at = radios.findIndex((one) => one === document.activeElement)
  if (at < 0) return
  event.preventDefault()
  const next = radios[(at + step + radios.length) % radios.length]
  next?.focus()
  next?.click()
}

interface Part {
  actor: NewActor
  set: (change: Partial<NewActor>) => void
}

const same = (a: Kind | null, b: Kind): boolean => JSON.stringify(a) === JSON.stringify(b)

function Which({ actor, set }: Part) {
  const { programs, error } = usePrograms()
  const profiles = useProfiles((state) => state.profiles)
  const known = programs?.filter((one) => one.name !== 'custom') ?? []
  const found = known.filter((one) => one.available)
  const missing = known.filter((one) => !one.available)
  const kinds: { kind: Kind; name: string; right: string; text: string }[] = [
    ...found.map((one) => ({
      kind: { is: 'program', runtime: one.name } as const, name: one.display_name, right: '', text: say('first.agents.at', { path: one.path ?? '' }),
    })),
    ...(profiles ?? []).map((one) => ({
      kind: { is: 'profile', profile_id: one.id } as const, name: one.name, right: say('add.profile'), text: say('add.profile.help', { command: join(one.command) }),
    })),
    { kind: { is: 'command' }, name: say('add.other'), right: '', text: say('add.other.help') },
    { kind: { is: 'headless' }, name: say('add.headless'), right: '', text: say('add.headless.help') },
  ]
  return (
    <section>
      <h2 id="which">{say('add.which')}</h2>
      {programs === null && <Nothing what={say('first.agents.loading')} error={error && say('first.agents.error', { reason: error })} again={() => void lookForPrograms()} />}
      <div className="card" role="radiogroup" aria-labelledby="which" onKeyDown={arrows}>
        {kinds.map(({ kind, name, right, text }, at) => (
          <Option key={JSON.stringify(kind)} on={same(actor.kind, kind)} first={actor.kind === null && at === 0} name={name} right={right} choose={() => { set({ kind }) }}>{text}</Option>
        ))}
      </div>
      {actor.kind?.is === 'command' && (
        <div className="field subfield">
          <label htmlFor="command">{say('actors.command')}</label>
          <input id="command" className="in mono" dir="ltr" spellCheck={false} autoComplete="off" autoFocus placeholder={say('add.command.hint')} value={actor.command} onChange={(event) => { set({ command: event.target.value }) }} />
          <span className="help">{say('add.command.help')}</span>
        </div>
      )}
      {programs !== null && (
        <p className="help subfield">
          {missing.length > 0 && <>{say('add.missing', { names: list(missing.map((one) => one.display_name)) })} </>}
          <button type="button" className="lk" onClick={() => void lookForPrograms()}>{say('add.again')}</button>
        </p>
      )}
    </section>
  )
}

function Asks({ actor, set }: Part) {
  return (
    <section>
      <h2 id="asks">{say('actors.asks')}</h2>
      <div className="card" role="radiogroup" aria-labelledby="asks" onKeyDown={arrows}>
        <Option on={actor.asks} name={say('actors.asks.yes')} choose={() => { set({ asks: true }) }}>{say('actors.asks.yes.help')}</Option>
        <Option on={!actor.asks} name={say('add.asks.no')} choose={() => { set({ asks: false }) }}>{say('actors.asks.no.help')}</Option>
      </div>
    </section>
  )
}

/** Secrets that are kept on the page until the actor is added. */
function Knows({ actor, set }: Part) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const wrong = name !== '' && !isVariable(name)
  const keep = (): void => {
    set({ secrets: { ...actor.secrets, [name]: value } })
    setName('')
    setValue('')
  }
  const drop = (key: string): void => {
    set({ secrets: Object.fromEntries(Object.entries(actor.secrets).filter(([one]) => one !== key)) })
  }
  return (
    <section>
      <h2>{say('actors.private')}</h2>
      <div className="card">
        {Object.keys(actor.secrets).map((key) => (
          <div key={key} className="lrow">
            <Icon name="key" /><code className="grow brk">{key}</code><span className="f12 m3">{say('add.secret.waits')}</span>
            <button type="button" className="btn sm" aria-label={say('secrets.remove.which', { name: key })} onClick={() => { drop(key) }}>{say('secrets.remove')}</button>
          </div>
        ))}
        <form className="lrow tall" onSubmit={(event) => { event.preventDefault(); if (name !== '' && !wrong && value !== '') keep() }}>
          <Icon name="plus" />
          <input className={`in mono secname ${wrong ? 'bad' : ''}`} aria-label={say('secrets.name')} aria-invalid={wrong} placeholder={say('secrets.name.hint')} autoComplete="off" spellCheck={false} value={name} onChange={(event) => { setName(event.target.value) }} />
          <input className="in grow" type="password" autoComplete="new-password" aria-label={say('secrets.value', { name })} placeholder={say('secrets.value.hint')} value={value} onChange={(event) => { setValue(event.target.value) }} />
          <button className="btn" disabled={name === '' || wrong || value === ''}>{say('add.secret.keep')}</button>
        </form>
        {wrong && <p className="err pad">{say('secrets.name.wrong')}</p>}
      </div>
    </section>
  )
}

/** The same as a command line. */
function byHand(actor: NewActor, id: string, words: string[] | null): string {
  const { kind } = actor
  const line = ['cccc', 'actor', 'add', id || '…']
  if (actor.name.trim() !== '' && actor.name.trim() !== id) line.push('--title', actor.name.trim())
  if (kind?.is === 'program') line.push('--runtime', kind.runtime)
  if (kind?.is === 'profile') line.push('--profile', kind.profile_id)
  if (kind?.is === 'command' || kind?.is === 'headless') line.push('--runtime', 'custom')
  if (kind?.is === 'headless') line.push('--runner', 'headless')
  if ((kind?.is === 'command' || (kind?.is === 'program' && actor.asks)) && words !== null) line.push('--command', join(words))
  return line.map((word) => (word === '…' ? word : join([word]))).join(' ')
}

function Form({ group_id }: { group_id: string }) {
  const [actor, setActor] = useState<NewActor>(NOBODY_YET)
  const { group } = useOpened(group_id)
  const actors = useActors((state) => state.actors)
  const programs = usePrograms((state) => state.programs)
  const profiles = useProfiles((state) => state.profiles)
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  /** One that is there, and does not run. */
  const [idle, setIdle] = useState<{ id: string; reason: string } | null>(null)

  const set = (change: Partial<NewActor>): void => { setActor((before) => ({ ...before, ...change })) }
  const usual = usualOf(actor.kind, programs, profiles)
  const words = commandOf(actor, usual)
  const lack = lackOf(actor, usual)
  const taken = (actors ?? []).map((one) => one.id)
  const id = idOf(actor.name, taken)
  const foreman = actors?.find((one) => one.role === 'foreman')
  const headless = actor.kind?.is === 'headless'
  const folder = group?.scopes.find((one) => one.scope_key === group.active_scope_key)?.url ?? null
  const ready = lack === null && !away && busy === null && idle === null
  const chosen = actor.kind === null ? '' : actor.kind.is === 'program' ? programs?.find((one) => actor.kind?.is === 'program' && one.name === actor.kind.runtime)?.display_name ?? ''
    : actor.kind.is === 'profile' ? profiles?.find((one) => actor.kind?.is === 'profile' && one.id === actor.kind.profile_id)?.name ?? '' : say(actor.kind.is === 'headless' ? 'add.headless' : 'add.other')
  const name = actor.name.trim() || chosen

  const add = (enabled: boolean): void => {
    if (!ready) return
    act(enabled ? 'start' : 'add', async () => {
      const answer = await addActor(argsOf(group_id, actor, usual, taken, enabled))
      void loadActors(group_id)
      if (answer.start_error) setIdle({ id: answer.actor.id, reason: answer.start_error })
      else if (headless || !enabled) go({ at: 'actor', group_id, actor_id: answer.actor.id }, 'replace')
      else go({ at: 'chat', group_id }, 'replace')
    })
  }
  const key = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) add(true)
  }

  const side = (
    <>
      {actor.kind !== null && <WillRun words={words} headless={headless} folder={folder} choice={actor.kind.is === 'program'} />}
      <HowReached headless={headless} />
      {actor.kind !== null && <section className="sidesec"><h2>{say('first.hand')}</h2><pre className="cmd" dir="ltr">{byHand(actor, id, words)}</pre><CopyButton text={byHand(actor, id, words)} name={say('settings.copy')} /></section>}
    </>
  )
  const bar = (
    <div className="savebar" role="region" aria-label={say('add.label')}>
      {actor.kind !== null && <span className="ac s18" aria-hidden="true">{initials(name)}</span>}
      <span className="savewhat">
        {actor.kind === null ? <span className="m2">{say('add.first')}</span> : <><b className="b6" dir="auto">{name}</b> <span className="m2">{chosen !== name && chosen}</span></>}
        {lack !== null && lack !== 'kind' && <span className="help"> {say(lack === 'quote' ? 'actors.command.quote' : 'add.lack.command')}</span>}
        {failed && <span className="err" role="alert">{say('actor.error', { reason: failed.reason })}</span>}
      </span>
      <span className="grow" />
      <button type="button" className="btn" disabled={!ready} onClick={() => { add(false) }}>{say(busy === 'add' ? 'add.adding' : 'add.only')}</button>
      <button type="button" className="btn solid" disabled={!ready} onClick={() => { add(true) }}>{say(busy === 'start' ? 'add.adding' : headless ? 'add.go' : 'first.go.add')} <kbd aria-hidden="true" className="hide-p">{say('add.key')}</kbd></button>
    </div>
  )
  const page: Place | null = idle && { at: 'actor', group_id, actor_id: idle.id }
  return (
    <div className="page form" onKeyDown={key}>
      <Body title={say('rail.add')} lead={say('add.lead')} side={side} bar={bar}>
        {idle !== null && page !== null && (
          <div className="note bad" role="alert">
            <Icon name="alert" />
            <div className="grow"><b className="b6">{say('first.what.start', { name: idle.id, reason: idle.reason })}</b></div>
            <a className="btn sm" href={hrefOf(page)} onClick={(event) => { follow(event, page) }}>{say('actors.edit', { name: idle.id })}</a>
          </div>
        )}
        <Which actor={actor} set={set} />
        <section>
          <h2>{say('actors.who')}</h2>
          <div className="field">
            <label htmlFor="name">{say('actors.title')}</label>
            <input id="name" className="in" dir="auto" autoComplete="off" placeholder={chosen} value={actor.name} onChange={(event) => { set({ name: event.target.value }) }} />
            <span className="help">{id ? say('add.mention', { id }) : say('add.mention.none')}</span>
          </div>
          <p className="help subfield">{foreman ? say('add.role.peer', { name: foreman.title || foreman.id }) : say('add.role.foreman')}</p>
        </section>
        {actor.kind?.is === 'program' && isRisky(usual) && <Asks actor={actor} set={set} />}
        {actor.kind !== null && actor.kind.is !== 'profile' && !headless && <Knows actor={actor} set={set} />}
      </Body>
    </div>
  )
}

export function Add({ openRail }: PageProps) {
  const place = useRoute((state) => state.place)
  const group_id = place.at === 'add' ? place.group_id : ''
  const title = useGroups((state) => state.groups?.find((one) => one.group_id === group_id)?.title ?? group_id)
  const back: Place = { at: 'chat', group_id }
  useLedger(group_id)
  useEffect(() => {
    void lookForPrograms()
    void loadProfiles()
  }, [])
  useEffect(() => { document.title = `${say('rail.add')} · ${title} · ${say('app.name')}` }, [title])
  return (
    <main className="center" id="main" tabIndex={-1}>
      <header className="bar">
        <a className="ib" href={hrefOf(back)} aria-label={say('settings.back')} title={say('settings.back')} onClick={(event) => { follow(event, back) }}><Icon name="left" /></a>
        <p className="gname">{say('rail.add')}</p>
        <span className="state m3 clip" dir="auto">{title}</span>
        <span className="grow" />
        <button type="button" className="ib sm only-p" aria-label={say('rail.open')} title={say('rail.open')} onClick={openRail}><Icon name="down" size="s14" /></button>
      </header>
      <Form key={group_id} group_id={group_id} />
    </main>
  )
}
