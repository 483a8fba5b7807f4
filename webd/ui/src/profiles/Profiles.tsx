// Profiles: the list, and one of them with its secrets and who is linked to it.
import { useCallback, useEffect, useState } from 'react'
import { go, hrefOf, type Place } from '../app/route'
import { join, isVariable } from '../actors/command'
import { lookForPrograms, usePrograms, usualCommand } from '../actors/programs'
import { partOf, PROGRAM_NAMES, programPatch, ProgramRows, wordsOf, type ProgramFields } from '../actors/ProgramRows'
import { HowReached, WillRun } from '../actors/WillRun'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { Icon } from '../parts/Icon'
import { useGroups } from '../rail/groups'
import { follow } from '../settings/follow'
import { Ask } from '../settings/parts/Ask'
import { Body, HowSaving, Nothing } from '../settings/parts/Body'
import { Row } from '../settings/parts/Row'
import { Secrets } from '../settings/parts/Secrets'
import { useActs } from '../settings/parts/use-act'
import { useForm } from '../settings/parts/use-form'
import type { SettingsProps } from '../settings/pages'
import type { Profile } from '../wire/contract'
import { say } from '../words'
import { age } from '../words/time'
import { changeSecrets, copySecrets, deleteProfile, keepProfile, loadProfile, loadProfiles, useProfiles } from './store'
import '../actors/actors.css'

const placeOf = (item: string | null): Place => ({ at: 'settings', group_id: null, page: 'profiles', item })

function List() {
  const { profiles, error } = useProfiles()
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const [name, setName] = useState('')
  const programs = usePrograms((state) => state.programs)
  const [runtime, setRuntime] = useState('')
  const known = programs?.filter((one) => one.name !== 'custom') ?? []
  const chosen = runtime || known.find((one) => one.available)?.name || known[0]?.name || ''
  const make = (): void => {
    act('make', async () => {
      const kept = await keepProfile({ name: name.trim(), runtime: chosen }, 0)
      go(placeOf(kept.id))
    })
  }
  const side = <section className="sidesec"><h2>{say('profiles.side')}</h2><p className="help">{say('profiles.side.help')}</p></section>
  return (
    <Body title={say('settings.page.profiles')} lead={say('profiles.lead')} side={side}>
      {profiles === null && <Nothing what={say('profiles.loading')} error={error && say('profiles.error', { reason: error })} again={() => void loadProfiles()} />}
      {profiles?.length === 0 && <p className="note"><Icon name="info" /><span>{say('profiles.none')}</span></p>}
      {profiles !== null && profiles.length > 0 && (
        <ul className="card">
          {profiles.map((one) => (
            <li key={one.id} className="lrow tall">
              <Icon name="user" />
              <div className="grow">
                <div className="b5" dir="auto">{one.name}</div>
                <div className="help mono brk" dir="ltr">{join(one.command)}</div>
              </div>
              <span className="f12 m3">{say('profiles.used', { n: one.usage_count })}</span>
              <a className="btn sm" href={hrefOf(placeOf(one.id))} aria-label={say('profiles.open.which', { name: one.name })} onClick={(event) => { follow(event, placeOf(one.id)) }}>{say('profiles.open')}</a>
            </li>
          ))}
        </ul>
      )}
      <section>
        <h2>{say('profiles.new')}</h2>
        <form className="row wrap" onSubmit={(event) => { event.preventDefault(); if (name.trim() !== '' && !away && busy === null) make() }}>
          <input className="in grow secname" dir="auto" autoComplete="off" aria-label={say('profiles.name')} placeholder={say('profiles.name')} value={name} onChange={(event) => { setName(event.target.value) }} />
          <select className="in secname" aria-label={say('actors.runtime')} value={chosen} onChange={(event) => { setRuntime(event.target.value) }}>
            {known.map((one) => <option key={one.name} value={one.name}>{one.display_name}</option>)}
          </select>
          <button className="btn lg" disabled={name.trim() === '' || away || busy !== null}><Icon name="plus" size="s14" />{say(busy ? 'profiles.making' : 'profiles.make')}</button>
        </form>
        {failed && <p className="err" role="alert">{say('profiles.failed', { reason: failed.reason })}</p>}
      </section>
    </Body>
  )
}

interface Fields extends ProgramFields {
  name: string
}

const fieldsOf = (profile: Profile, usual: string[]): Fields => ({
  name: profile.name, runtime: profile.runtime, runner: profile.runner, submit: profile.submit,
  command: join(profile.command) === join(usual) ? '' : join(profile.command),
})

function Copy({ profile_id }: { profile_id: string }) {
  const profiles = useProfiles((state) => state.profiles)
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const [from, setFrom] = useState('')
  const others = profiles?.filter((one) => one.id !== profile_id) ?? []
  const source = others.find((one) => one.id === from)
  if (others.length === 0) return null
  return (
    <div className="row wrap acts">
      <select className="in secname" aria-label={say('profiles.copy')} value={from} onChange={(event) => { setFrom(event.target.value) }}>
        <option value="">{say('profiles.copy')}</option>
        {others.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
      </select>
      <Ask disabled={away || busy !== null || source === undefined} question={say('profiles.copy.ask', { name: source?.name ?? '' })} yes={say('profiles.copy.go')} act={() => { act('copy', () => copySecrets(profile_id, from)) }}>{say(busy ? 'secrets.busy' : 'profiles.copy.go')}</Ask>
      {failed && <p className="err" role="alert">{say('profiles.failed', { reason: failed.reason })}</p>}
    </div>
  )
}

function Form({ profile, keys }: { profile: Profile; keys: string[] }) {
  const usage = useProfiles((state) => state.open?.usage ?? [])
  const programs = usePrograms((state) => state.programs)
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const { id } = profile
  const load = useCallback(async () => {
    const newest = await loadProfile(id)
    return fieldsOf(newest, usualCommand(usePrograms.getState().programs, newest.runtime))
  }, [id])
  const save = useCallback(async ({ name, ...program }: Partial<Fields>) => {
    // The revision is that of the newest answer: what has changed since then is refused.
    const revision = useProfiles.getState().open?.profile.revision ?? profile.revision
    await keepProfile({ id, ...(name === undefined ? {} : { name }), ...programPatch(program) }, revision)
  }, [id, profile.revision])
  const form = useForm<Fields>({
    now: fieldsOf(profile, usualCommand(programs, profile.runtime)),
    name: (field) => say(field === 'name' ? 'profiles.name' : PROGRAM_NAMES[field]), load, save,
  })
  const headless = form.value('runner') === 'headless'
  const words = wordsOf({ runtime: form.value('runtime'), runner: form.value('runner'), command: form.value('command'), submit: form.value('submit') }, usualCommand(programs, form.value('runtime')))
  const remove = (): void => {
    act('delete', async () => {
      await deleteProfile(id, usage.length > 0)
      go(placeOf(null), 'replace')
    })
  }
  const side = (
    <>
      <WillRun words={words} headless={headless} folder={null} choice />
      <section className="sidesec">
        <h2>{say('profiles.usage')}</h2>
        {usage.length === 0 && <p className="help">{say('profiles.usage.none')}</p>}
        <ul className="part">
          {usage.map((one) => {
            const place: Place = { at: 'actor', group_id: one.group_id, actor_id: one.actor_id }
            return <li key={`${one.group_id}/${one.actor_id}`}><a className="lk" href={hrefOf(place)} onClick={(event) => { follow(event, place) }}>{one.actor_title || one.actor_id}</a> <span className="m3">{one.group_title}</span></li>
          })}
        </ul>
        <dl className="kv"><dt>{say('profiles.revision')}</dt><dd>{profile.revision}</dd><dt>{say('profiles.changed')}</dt><dd>{say('profiles.ago', { age: age(Date.now() - Date.parse(profile.updated_at)) })}</dd><dt>{say('groups.id')}</dt><dd className="mono">{id}</dd></dl>
      </section>
      <HowReached headless={headless} />
      <HowSaving />
    </>
  )
  return (
    <Body title={profile.name} lead={say('profiles.form.lead', { n: usage.length })} side={side} form={form}>
      <section>
        <h2>{say('actors.what')}</h2>
        <Row form={form} field="name" help={say('profiles.name.help')}>
          {(named) => <input className="in" dir="auto" value={form.value('name')} onChange={(event) => { form.set('name', event.target.value) }} {...named} />}
        </Row>
        <ProgramRows form={partOf(form)} />
      </section>
      <section>
        <h2>{say('profiles.secrets')}</h2>
        <p className="help">{say('profiles.secrets.help')}</p>
        <div className="acts"><Secrets keys={keys} fits={isVariable} set={(name, value) => changeSecrets(id, { set: { [name]: value } })} remove={(name) => changeSecrets(id, { unset: [name] })} /></div>
        <Copy profile_id={id} />
      </section>
      <section>
        <h2>{say('profiles.delete')}</h2>
        <p className="m2">{say('profiles.delete.help', { n: usage.length })}</p>
        {failed && <p className="err" role="alert">{say('profiles.failed', { reason: failed.reason })}</p>}
        <div className="row acts">
          <Ask className="btn bad" disabled={away || busy !== null} question={say('profiles.delete.ask', { name: profile.name, n: usage.length })} yes={say(usage.length > 0 ? 'profiles.delete.detach' : 'profiles.delete.go')} act={remove}>
            <Icon name="trash" size="s14" />{say(busy ? 'final.busy' : 'profiles.delete.which', { name: profile.name })}
          </Ask>
        </div>
      </section>
    </Body>
  )
}

function One({ profile_id }: { profile_id: string }) {
  const { open, open_error } = useProfiles()
  useEffect(() => {
    const ask = (): void => { loadProfile(profile_id).catch(() => { /* The store has the reason. */ }) }
    ask()
    return useGroups.subscribe((state, before) => { if (state.groups !== before.groups) ask() })
  }, [profile_id])
  if (open === null || open.profile.id !== profile_id) {
    return (
      <Body title={say('settings.page.profiles')}>
        <Nothing what={say('profiles.loading')} error={open_error && say('profiles.error', { reason: open_error })} again={() => { loadProfile(profile_id).catch(() => { /* The store has the reason. */ }) }} />
      </Body>
    )
  }
  return <Form key={profile_id} profile={open.profile} keys={open.keys} />
}

export function Profiles({ item }: SettingsProps) {
  useEffect(() => {
    void loadProfiles()
    void lookForPrograms()
  }, [])
  return item === null ? <List /> : <One profile_id={item} />
}
