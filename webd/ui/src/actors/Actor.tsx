// The page of an actor: who it is, what runs, where, and how it goes on; beside it the command that will run.
import { useCallback, useEffect, useState } from 'react'
import type { PageProps } from '../app/pages'
import { go, hrefOf, useRoute, type Place } from '../app/route'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { useOpened } from '../groups/use-opened'
import { Chip } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { does, openActors, useActors } from '../rail/actors'
import { useGroups } from '../rail/groups'
import { actorState } from '../rail/state'
import { follow } from '../settings/follow'
import { Ask } from '../settings/parts/Ask'
import { Body, HowSaving, Nothing } from '../settings/parts/Body'
import { Segments, Select, type Choice } from '../settings/parts/controls'
import { Row } from '../settings/parts/Row'
import { Secrets } from '../settings/parts/Secrets'
import { useActs } from '../settings/parts/use-act'
import { useForm, type FormOf } from '../settings/parts/use-form'
import { useLedger } from '../settings/use-ledger'
import type { ActorView, Deliver, Restart, Resume } from '../wire/contract'
import type { ActorVerb } from '../wire/server'
import { say, type Key } from '../words'
import { isVariable } from './command'
import { fieldsOf, patchOf, type ActorFields } from './fields'
import { Linked } from './Linked'
import { lookForPrograms, usePrograms, usualCommand } from './programs'
import { partOf, PROGRAM_NAMES, ProgramRows, wordsOf } from './ProgramRows'
import { change, changePrivate, loadPrivate, newest, remove, usePrivate } from './store'
import { Told } from './Told'
import { Token } from './Token'
import { HowReached, WillRun } from './WillRun'
import '../settings/settings.css'
import './actors.css'

const NAMES: Record<keyof ActorFields, Key> = {
  ...PROGRAM_NAMES, title: 'actors.title', default_scope_key: 'actors.folder', env: 'actors.env',
  restart: 'actors.restart', deliver: 'actors.deliver', resume: 'actors.resume',
}
const BUSY: Record<ActorVerb, Key> = { start: 'actor.starting.busy', stop: 'actor.stopping.busy', restart: 'actor.restarting.busy' }

const choices = <V extends string>(values: readonly V[], prefix: 'actors.restart' | 'actors.deliver' | 'actors.resume'): Choice<V>[] =>
  values.map((value) => ({ value, name: say(`${prefix}.${value}` as Key) }))

/** How it is, and start, restart and stop, which act at once. */
function Now({ actor, group_id }: { actor: ActorView; group_id: string }) {
  const away = useConnection(cannotAct)
  const doing = useActors((state) => state.doing[actor.id])
  const name = actor.title || actor.id
  const shown = actorState(actor)
  const state = shown.word
  const refused = useActors((all) => all.refused[actor.id])
  const lines = actor.running ? [] : actor.last_lines ?? []
  const act = (verb: ActorVerb) => () => void does(verb, group_id, actor.id)
  const headless = actor.runner === 'headless'
  const verbs = !(headless ? actor.enabled : actor.running)
    ? <button type="button" className="btn" disabled={away} onClick={act('start')}><Icon name="play" size="s14" />{say('actors.start')}</button>
    : (
      <>
        {!headless && <Ask disabled={away} question={say('actor.ask.restart', { name, state })} yes={say('actor.yes.restart')} act={act('restart')}><Icon name="restart" size="s14" />{say('actor.yes.restart')}</Ask>}
        <Ask disabled={away} question={say('actor.ask.stop', { name, state })} yes={say('actor.yes.stop')} act={act('stop')}><Icon name="stop" size="s14" />{say('actor.yes.stop')}</Ask>
      </>
    )
  return (
    <section className="part">
      <div className="row wrap">
        <span className="state">
          <span className={`gs ${away ? '' : shown.tone}`}><Icon name={away ? 's-unknown' : shown.glyph} size="s14" /></span>{away ? say('actor.was', { state }) : state}
        </span>
        {doing !== undefined && <span className="help" role="status">{say(BUSY[doing])}</span>}
        {doing === undefined && verbs}
      </div>
      {refused !== undefined && <p className="err" role="alert">{say('actor.error', { reason: refused })}</p>}
      {lines.length > 0 && <><p className="help">{say('actor.lastlines')}</p><pre className="cblock" dir="auto" tabIndex={0} aria-label={say('actor.lastlines')}>{lines.join('\n')}</pre></>}
    </section>
  )
}

function Private({ actor, group_id }: { actor: ActorView; group_id: string }) {
  const { keys, error } = usePrivate()
  const { id } = actor
  useEffect(() => { void loadPrivate(group_id, id) }, [group_id, id])
  if (error !== null) return <Nothing what="" error={error} again={() => void loadPrivate(group_id, id)} />
  return (
    <Secrets
      keys={keys} fits={isVariable}
      set={(name, value) => changePrivate(group_id, id, { set: { [name]: value } })}
      remove={(name) => changePrivate(group_id, id, { unset: [name] })}
    />
  )
}

function Remove({ actor, group_id }: { actor: ActorView; group_id: string }) {
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const name = actor.title || actor.id
  const run = (): void => {
    act('remove', async () => {
      await remove(group_id, actor.id)
      go({ at: 'chat', group_id }, 'replace')
    })
  }
  return (
    <section>
      <h2>{say('actors.remove')}</h2>
      <p className="m2">{say('actors.remove.help')}</p>
      {failed && <p className="err" role="alert">{say('actor.error', { reason: failed.reason })}</p>}
      <div className="row acts">
        <Ask className="btn bad" disabled={away || busy !== null} question={say('actors.remove.ask', { name })} yes={say('actors.remove.go')} act={run}>
          <Icon name="trash" size="s14" />{say(busy ? 'actors.removing' : 'actors.remove.which', { name })}
        </Ask>
      </div>
    </section>
  )
}

function How({ form, headless }: { form: FormOf<ActorFields>; headless: boolean }) {
  return (
    <section>
      <h2>{say('actors.how')}</h2>
      {!headless && (
        <>
          <Row form={form} field="deliver" help={say(`actors.deliver.${form.value('deliver')}.help`)}>
            {(named) => <Select<Deliver> value={form.value('deliver')} choices={choices(['auto', 'typed', 'inbox'], 'actors.deliver')} set={(value) => { form.set('deliver', value) }} {...named} />}
          </Row>
          <Row form={form} field="restart" help={say(`actors.restart.${form.value('restart')}.help`)}>
            {(named) => <Select<Restart> value={form.value('restart')} choices={choices(['no', 'on-failure', 'always'], 'actors.restart')} set={(value) => { form.set('restart', value) }} {...named} />}
          </Row>
          <Row form={form} field="resume" help={say('actors.resume.help')}>
            {(named) => <Segments<Resume> value={form.value('resume')} choices={choices(['no', 'last'], 'actors.resume')} set={(value) => { form.set('resume', value) }} {...named} />}
          </Row>
        </>
      )}
    </section>
  )
}

function Form({ actor, group_id }: { actor: ActorView; group_id: string }) {
  const { group } = useOpened(group_id)
  const programs = usePrograms((state) => state.programs)
  const { id } = actor
  const usual = usualCommand(programs, actor.runtime)
  const linked = Boolean(actor.profile_id)
  const [trouble, setTrouble] = useState<string | null>(null)

  const load = useCallback(async () => {
    const row = await newest(group_id, id)
    return row && fieldsOf(row, usualCommand(usePrograms.getState().programs, row.runtime))
  }, [group_id, id])
  const save = useCallback(async (patch: Partial<ActorFields>) => {
    setTrouble(await change(group_id, id, patchOf(patch)))
  }, [group_id, id])
  const form = useForm<ActorFields>({ now: fieldsOf(actor, usual), name: (field) => say(NAMES[field]), load, save })

  const scopes = group?.scopes ?? []
  const active = scopes.find((one) => one.scope_key === group?.active_scope_key)
  const own = scopes.find((one) => one.scope_key === form.value('default_scope_key'))
  const folders = [
    { value: '', name: active ? say('actors.folder.active.which', { path: active.url }) : say('actors.folder.active') },
    ...scopes.map((one) => ({ value: one.scope_key, name: one.url })),
    ...(form.value('default_scope_key') !== '' && own === undefined ? [{ value: form.value('default_scope_key'), name: form.value('default_scope_key') }] : []),
  ]
  const program = partOf(form)
  const headless = form.value('runner') === 'headless'
  const words = wordsOf({ runtime: form.value('runtime'), runner: form.value('runner'), command: form.value('command'), submit: form.value('submit') }, usualCommand(programs, form.value('runtime')))
  const restartNeeded = actor.running && form.changed.some((field) => field !== 'title')

  const side = (
    <>
      <WillRun words={words} headless={headless} folder={own?.url ?? active?.url ?? null} choice={!linked} />
      <HowReached headless={headless} />
      <Told group_id={group_id} actor_id={id} />
      <HowSaving />
    </>
  )
  return (
    <Body title={actor.title || id} lead={say(actor.role === 'foreman' ? 'actors.lead.foreman' : 'actors.lead.peer')} side={side} form={form}>
      <Now actor={actor} group_id={group_id} />
      {trouble !== null && <div className="note bad" role="alert"><Icon name="alert" /><span className="grow">{say('actors.trouble', { reason: trouble })}</span></div>}
      {restartNeeded && <div className="note"><Icon name="info" /><span className="grow">{say('actors.nextstart')}</span></div>}
      <section>
        <h2>{say('actors.who')}</h2>
        <Row form={form} field="title" help={say('actors.title.help', { id })}>
          {(named) => <input className="in" dir="auto" placeholder={id} value={form.value('title')} onChange={(event) => { form.set('title', event.target.value) }} {...named} />}
        </Row>
        <Row form={form} field="default_scope_key" help={say('actors.folder.help')} wide show={(value) => folders.find((one) => one.value === value)?.name ?? value}>
          {(named) => <Select value={form.value('default_scope_key')} choices={folders} set={(value) => { form.set('default_scope_key', value) }} {...named} />}
        </Row>
      </section>
      <section>
        <h2>{say('actors.what')}</h2>
        <Linked actor={actor} group_id={group_id} dirty={form.changed.length > 0} />
        <ProgramRows form={program} disabled={linked} />
        {headless && !linked && <Token actor={actor} group_id={group_id} />}
      </section>
      {!headless && <How form={form} headless={headless} />}
      <section>
        <h2>{say('actors.env.title')}</h2>
        <Row form={form} field="env" help={say(linked ? 'actors.env.linked' : 'actors.env.help')} wide>
          {(named) => <textarea className="in mono" dir="ltr" rows={3} spellCheck={false} placeholder={say('actors.env.hint')} disabled={linked} value={form.value('env')} onChange={(event) => { form.set('env', event.target.value) }} {...named} />}
        </Row>
        {!linked && (
          <>
            <p className="lbl sublbl">{say('actors.private')}</p>
            <p className="help sublbl">{say('actors.private.help')}</p>
            <Private actor={actor} group_id={group_id} />
          </>
        )}
      </section>
      <Remove actor={actor} group_id={group_id} />
    </Body>
  )
}

export function Actor({ openRail }: PageProps) {
  const place = useRoute((state) => state.place)
  const { group_id = '', actor_id = '' } = place.at === 'actor' ? place : {}
  const { actors, error } = useActors()
  const title = useGroups((state) => state.groups?.find((one) => one.group_id === group_id)?.title ?? group_id)
  const actor = actors?.find((one) => one.id === actor_id)
  const name = actor?.title || actor_id
  const back: Place = { at: 'chat', group_id }
  useLedger(group_id)
  useEffect(() => {
    void lookForPrograms()
  }, [])
  useEffect(() => { document.title = `${name} · ${title} · ${say('app.name')}` }, [name, title])
  return (
    <main className="center" id="main" tabIndex={-1}>
      <header className="bar">
        <a className="ib" href={hrefOf(back)} aria-label={say('settings.back')} title={say('settings.back')} onClick={(event) => { follow(event, back) }}><Icon name="left" /></a>
        <Chip id={actor_id} />
        <p className="gname clip" dir="auto">{name}</p>
        <span className="state m3 clip" dir="auto">{title}</span>
        <span className="grow" />
        <button type="button" className="ib sm only-p" aria-label={say('rail.open')} title={say('rail.open')} onClick={openRail}><Icon name="down" size="s14" /></button>
      </header>
      <div className="page form">
        {actor === undefined && actors !== null && <div className="void"><p className="m2">{say('actors.gone', { name: actor_id, group: title })}</p></div>}
        {actor === undefined && actors === null && <div className="void"><Nothing what={say('actors.loading')} error={error && say('rail.actors.error', { reason: error })} again={() => { openActors(group_id) }} /></div>}
        {actor !== undefined && <Form key={`${group_id}/${actor_id}`} actor={actor} group_id={group_id} />}
      </div>
    </main>
  )
}
