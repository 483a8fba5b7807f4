// What this browser and others are told while no page is open.
import { useCallback, useEffect } from 'react'
import { useConnection } from '../connection/store'
import { Icon } from '../parts/Icon'
import { Body, Nothing } from '../settings/parts/Body'
import { Switch } from '../settings/parts/controls'
import { cannotAct } from '../settings/parts/may'
import { PlainRow } from '../settings/parts/Row'
import { useActs, type Acts } from '../settings/parts/use-act'
import { Sure } from '../settings-more/Sure'
import { dateOf } from '../settings-more/dates'
import type { Device } from '../wire/push'
import { say } from '../words'
import { loadPush, removeOther, setOwnTopics, testOwn, TOPICS, turnOff, turnOn, usePush } from './store'

const TEST = 'test'
const OWN = 'own'

function Trouble({ device }: { device: Device }) {
  if (device.trouble === '') return null
  return <p className="err" role="alert">{say('push.trouble', { reason: device.trouble })}</p>
}

function Own({ device, acts }: { device: Device | null; acts: Acts }) {
  const possible = usePush((state) => state.possible)
  const off = useConnection(cannotAct) || acts.busy !== null
  const wanted = device?.topics ?? []
  const failed = acts.failed?.what === OWN ? acts.failed.reason : null
  const toggle = (on: boolean): void => { acts.act(OWN, () => (on ? turnOn() : turnOff())) }
  return (
    <section>
      <h2>{say('push.here')}</h2>
      {possible !== 'yes' && <p className="note warn" role="note"><Icon name="info" /><span className="grow">{say(`push.not.${possible}`)}</span></p>}
      <PlainRow name={say('push.on')} help={say(acts.busy === OWN ? 'push.busy' : device ? 'push.on.is' : 'push.on.help')} error={failed}>
        {(named) => <Switch on={device !== null} set={toggle} disabled={off || (possible !== 'yes' && device === null)} {...named} />}
      </PlainRow>
      {device !== null && TOPICS.map((topic) => (
        <PlainRow key={topic} name={say(`push.topic.${topic}`)} help={say(`push.topic.${topic}.help`)}>
          {(named) => (
            <Switch
              on={wanted.includes(topic)} disabled={off}
              set={(on) => { acts.act(OWN, () => setOwnTopics(TOPICS.filter((one) => (one === topic ? on : wanted.includes(one))))) }} {...named}
            />
          )}
        </PlainRow>
      ))}
      {device !== null && (
        <div className="acts">
          <button type="button" className="btn" disabled={off} onClick={() => { acts.act(TEST, testOwn) }}>{say(acts.busy === TEST ? 'push.testing' : 'push.test')}</button>
          <p className="help" role="status">{acts.failed?.what === TEST ? '' : say('push.test.help')}</p>
          {acts.failed?.what === TEST && <p className="err" role="alert">{say('push.trouble', { reason: acts.failed.reason })}</p>}
          <Trouble device={device} />
        </div>
      )}
    </section>
  )
}

function Other({ device, acts }: { device: Device; acts: Acts }) {
  const told = device.topics.map((topic) => say(`push.topic.${topic}`))
  const since = say('push.since', { date: dateOf(Date.parse(device.created_at)) })
  return (
    <li className="lrow ichat">
      <Icon name="bell" />
      <div className="grow">
        <p className="b5" dir="auto">{device.name || device.service}</p>
        <p className="help">{[told.length > 0 ? told.join(', ') : say('push.nothing'), since].join(' · ')}</p>
        <Trouble device={device} />
        {acts.failed?.what === device.device_id && <p className="err" role="alert">{acts.failed.reason}</p>}
      </div>
      <Sure
        small word={say('push.remove')} ask={say('push.remove.ask', { name: device.name })} yes={say('push.remove')} doing={say('push.removing')}
        busy={acts.busy === device.device_id} act={() => { acts.act(device.device_id, () => removeOther(device.device_id)); return Promise.resolve() }}
      />
    </li>
  )
}

export function Notifications() {
  const { devices, error, own } = usePush()
  const read_only = useConnection((state) => state.read_only)
  const acts = useActs()
  const load = useCallback(() => { void loadPush() }, [])
  useEffect(() => { if (!read_only) load() }, [read_only, load])
  const side = (
    <section className="sidesec">
      <h2>{say('push.side')}</h2>
      <p className="help">{say('push.side.help')}</p>
    </section>
  )
  const others = (devices ?? []).filter(({ device_id }) => device_id !== own)
  return (
    <Body title={say('push.title')} lead={say('push.lead')} side={side}>
      {read_only && <p className="note" role="note"><Icon name="eye" /><span className="grow">{say('push.viewer')}</span></p>}
      {!read_only && (devices === null || error !== null) && <Nothing what={say('push.loading')} error={error} again={load} />}
      {devices !== null && <Own device={devices.find(({ device_id }) => device_id === own) ?? null} acts={acts} />}
      {others.length > 0 && (
        <section>
          <h2>{say('push.others')}</h2>
          <ul className="card">{others.map((device) => <Other key={device.device_id} device={device} acts={acts} />)}</ul>
        </section>
      )}
    </Body>
  )
}
