// All groups of the home, and those that it knows but cannot show.
import { useEffect, useState } from 'react'
import { pathOf, type Place } from '../app/route'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { Icon } from '../parts/Icon'
import { useGroups } from '../rail/groups'
import { Ask } from '../settings/parts/Ask'
import { Body, Nothing } from '../settings/parts/Body'
import { useActs } from '../settings/parts/use-act'
import { follow } from '../settings/follow'
import { say } from '../words'
import { forgetMissing, lookForGroups, useRegistry } from './registry'
import './groups.css'

export function Registry() {
  const { health, error } = useRegistry()
  const groups = useGroups((state) => state.groups)
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const [forgot, setForgot] = useState<number | null>(null)
  useEffect(() => { void lookForGroups() }, [])
  const missing = health?.missing_group_ids ?? []
  const corrupt = health?.corrupt_group_ids ?? []
  const fine = health !== null && missing.length === 0 && corrupt.length === 0
  const side = (
    <section className="sidesec">
      <h2>{say('groups.registry.side')}</h2>
      <p className="help">{say('groups.registry.side.help')}</p>
    </section>
  )
  return (
    <Body title={say('settings.page.groups')} lead={say('groups.registry.lead')} side={side}>
      <section>
        <h2>{say('groups.registry.health')}</h2>
        {health === null && <Nothing what={say('groups.registry.loading')} error={error && say('groups.registry.error', { reason: error })} again={() => void lookForGroups()} />}
        {fine && <p className="note good"><Icon name="st-accepted" />{say('groups.registry.fine', { n: health.scanned_groups })}</p>}
        {missing.length > 0 && (
          <div className="note warn">
            <Icon name="alert" />
            <div className="grow">
              <b className="b6">{say('groups.registry.missing', { n: missing.length })}</b>
              <p className="mono f12 brk">{missing.join(' ')}</p>
              <p className="help">{say('groups.registry.missing.help')}</p>
              {failed && <p className="err" role="alert">{say('groups.failed', { reason: failed.reason })}</p>}
              <Ask className="btn sm" disabled={away || busy !== null} question={say('groups.registry.ask', { n: missing.length })} yes={say('groups.registry.forget')} act={() => { act('forget', async () => { setForgot(await forgetMissing()) }) }}>
                {say(busy ? 'groups.busy' : 'groups.registry.forget')}
              </Ask>
            </div>
          </div>
        )}
        {corrupt.length > 0 && (
          <div className="note bad">
            <Icon name="alert" />
            <div className="grow">
              <b className="b6">{say('groups.registry.corrupt', { n: corrupt.length })}</b>
              <p className="mono f12 brk">{corrupt.join(' ')}</p>
              <p className="help">{say('groups.registry.corrupt.help')}</p>
            </div>
          </div>
        )}
        {forgot !== null && <p className="help" role="status">{say('groups.registry.forgot', { n: forgot })}</p>}
      </section>
      <section>
        <h2>{say('groups.registry.all')}</h2>
        <ul className="card">
          {groups?.map((group) => {
            const place: Place = { at: 'settings', group_id: group.group_id, page: 'general', item: null }
            return (
              <li key={group.group_id} className="lrow tall">
                <Icon name="home" />
                <div className="grow">
                  <div className="row wrap"><span className="b5" dir="auto">{group.title}</span>{group.registry_health !== 'ok' && <span className="tag bad">{say('rail.damaged')}</span>}</div>
                  <div className="help brk" dir="ltr">{group.path || say('groups.folders.none')}</div>
                </div>
                <a className="btn sm" href={pathOf(place)} aria-label={say('settings.open.group', { group: group.title })} onClick={(event) => { follow(event, place) }}>{say('settings.open')}</a>
              </li>
            )
          })}
          {groups?.length === 0 && <li className="lrow"><p className="help">{say('rail.none')}</p></li>}
        </ul>
      </section>
    </Body>
  )
}
