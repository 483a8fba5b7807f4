// The page of a group: what it is called and about, whether messages are delivered, and whether its agents run.
import { useCallback, useEffect, useState } from 'react'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { Icon } from '../parts/Icon'
import { useGroups } from '../rail/groups'
import { Ask } from '../settings/parts/Ask'
import { Body, HowSaving, Nothing } from '../settings/parts/Body'
import { Segments } from '../settings/parts/controls'
import { PlainRow, Row } from '../settings/parts/Row'
import { useActs } from '../settings/parts/use-act'
import { useForm } from '../settings/parts/use-form'
import type { SettingsProps } from '../settings/pages'
import type { Group as Document } from '../wire/contract'
import { say } from '../words'
import { exact } from '../words/time'
import { loadGroup, loadMeant, mean, openGroup, rename, setState, startGroup, stopGroup, useMeant } from './store'
import { useOpened } from './use-opened'
import './groups.css'

interface Fields {
  title: string
  topic: string
}

const NAMES = { title: 'groups.title', topic: 'groups.topic' } as const
const STATES = ['active', 'idle', 'paused'] as const

const fieldsOf = (group: Document): Fields => ({ title: group.title, topic: group.topic })

function State({ group }: { group: Document }) {
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const wanted = STATES.find((one) => one === busy)
  return (
    <PlainRow name={say('groups.state')} help={say(`groups.state.${wanted ?? group.state}`)} error={failed && say('groups.failed', { reason: failed.reason })}>
      {(named) => (
        <>
          {busy !== null && <span className="help" role="status">{say('groups.busy')}</span>}
          <Segments
            value={group.state} choices={STATES.map((value) => ({ value, name: say(`group.${value}`) }))} disabled={away || busy !== null}
            set={(state) => { if (state !== group.state) act(state, () => setState(group.group_id, state)) }} {...named}
          />
        </>
      )}
    </PlainRow>
  )
}

function Run({ group }: { group: Document }) {
  const away = useConnection(cannotAct)
  const alive = useGroups((state) => state.groups?.find((one) => one.group_id === group.group_id)?.running ?? group.running)
  const { busy, failed, act } = useActs()
  const [troubles, setTroubles] = useState<[string, string][]>([])
  const n = group.actors.length
  const start = (): void => {
    act('start', async () => { setTroubles(await startGroup(group.group_id)) })
  }
  const stop = (): void => {
    setTroubles([])
    act('stop', () => stopGroup(group.group_id))
  }
  const name = (id: string): string => group.actors.find((one) => one.id === id)?.title || id
  return (
    <PlainRow
      name={say('groups.run')} help={say(alive ? 'groups.run.on' : 'groups.run.off', { n })} error={failed && say('groups.failed', { reason: failed.reason })}
      below={troubles.length > 0 && (
        <div className="note bad setmore" role="alert"><ul className="grow">{troubles.map(([id, reason]) => <li key={id}><b className="b6">{name(id)}</b> <span>{reason}</span></li>)}</ul></div>
      )}
    >
      {() => (
        <>
          <button type="button" className="btn" disabled={away || busy !== null || n === 0} onClick={start}><Icon name="play" size="s14" />{say(busy === 'start' ? 'groups.starting' : 'groups.start')}</button>
          <Ask disabled={away || busy !== null || n === 0} question={say('groups.stop.ask', { n })} yes={say('groups.stop')} act={stop}>
            <Icon name="stop" size="s14" />{say(busy === 'stop' ? 'groups.stopping' : 'groups.stop')}
          </Ask>
        </>
      )}
    </PlainRow>
  )
}

/** Whether commands outside of any folder mean this group. */
function Meant({ group_id }: { group_id: string }) {
  const meant = useMeant((state) => state.group_id)
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  useEffect(() => { loadMeant().catch(() => { /* The button stays off until it is known. */ }) }, [group_id])
  return (
    <PlainRow name={say('groups.meant')} help={say(meant === group_id ? 'groups.meant.yes' : 'groups.meant.no')} error={failed && say('groups.failed', { reason: failed.reason })}>
      {() => (meant === group_id
        ? <span className="tag good">{say('groups.meant.this')}</span>
        : <button type="button" className="btn" disabled={away || busy !== null || meant === null} onClick={() => { act('mean', () => mean(group_id)) }}>{say('groups.meant.go')}</button>)}
    </PlainRow>
  )
}

function Form({ group_id }: { group_id: string }) {
  const { group, error } = useOpened(group_id)
  const load = useCallback(async () => {
    const newest = await loadGroup(group_id)
    return newest && fieldsOf(newest)
  }, [group_id])
  const save = useCallback(async (patch: Partial<Fields>) => { await rename(group_id, patch) }, [group_id])
  const form = useForm<Fields>({ now: group && fieldsOf(group), name: (field) => say(NAMES[field]), load, save })
  const side = (
    <>
      <HowSaving />
      <section className="sidesec">
        <h2>{say('groups.about')}</h2>
        <dl className="kv">
          <dt>{say('groups.id')}</dt><dd className="mono">{group_id}</dd>
          {group && <><dt>{say('groups.created')}</dt><dd>{exact(group.created_at)}</dd></>}
          {group && <><dt>{say('groups.actors')}</dt><dd>{group.actors.length}</dd></>}
        </dl>
      </section>
    </>
  )
  return (
    <Body title={say('settings.page.group')} lead={say('groups.lead')} side={side} form={form}>
      {group === null && <Nothing what={say('groups.loading')} error={error && say('groups.error', { reason: error })} again={() => { openGroup(group_id)() }} />}
      {group !== null && (
        <>
          {group.damaged !== null && group.damaged !== undefined && <div className="note bad" role="alert"><Icon name="alert" /><span className="grow">{say('groups.damaged', { reason: group.damaged })}</span></div>}
          <section>
            <h2>{say('groups.what')}</h2>
            <Row form={form} field="title" help={say('groups.title.help')}>
              {(named) => <input className="in" dir="auto" value={form.value('title')} onChange={(event) => { form.set('title', event.target.value) }} {...named} />}
            </Row>
            <Row form={form} field="topic" help={say('groups.topic.help')} wide>
              {(named) => <textarea className="in" dir="auto" rows={3} value={form.value('topic')} onChange={(event) => { form.set('topic', event.target.value) }} {...named} />}
            </Row>
          </section>
          <section>
            <h2>{say('groups.now')}</h2>
            <State group={group} />
            <Run group={group} />
            <Meant group_id={group_id} />
          </section>
        </>
      )}
    </Body>
  )
}

export function Group({ group_id }: SettingsProps) {
  return group_id === null ? null : <Form group_id={group_id} />
}
