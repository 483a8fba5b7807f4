// The profile of an actor: link it to one, take a copy and go on alone, or make one of it.
import { useEffect, useState } from 'react'
import { hrefOf, type Place } from '../app/route'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { loadProfiles, profileOf, useProfiles } from '../profiles/store'
import { follow } from '../settings/follow'
import { Ask } from '../settings/parts/Ask'
import { Select } from '../settings/parts/controls'
import { PlainRow } from '../settings/parts/Row'
import { useActs } from '../settings/parts/use-act'
import type { ActorView } from '../wire/contract'
import { say } from '../words'
import { link, unlink } from './store'

interface Props {
  actor: ActorView
  group_id: string
  /** Whether fields wait for Save: linking would overtake them. */
  dirty: boolean
}

export function Linked({ actor, group_id, dirty }: Props) {
  const profiles = useProfiles((state) => state.profiles)
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const [wanted, setWanted] = useState('')
  useEffect(() => { void loadProfiles() }, [])
  const off = away || busy !== null || dirty
  const mine = profiles?.find((one) => one.id === actor.profile_id)
  const place: Place | null = actor.profile_id ? { at: 'settings', group_id: null, page: 'profiles', item: actor.profile_id } : null
  const error = failed && say('actor.error', { reason: failed.reason })
  if (place !== null) {
    const behind = mine !== undefined && actor.profile_revision_applied !== mine.revision
    return (
      <PlainRow name={say('actors.profile')} help={say(behind ? 'actors.profile.behind' : 'actors.profile.linked')} error={error}>
        {() => (
          <>
            <a className="lk" href={hrefOf(place)} onClick={(event) => { follow(event, place) }}>{mine?.name ?? actor.profile_id}</a>
            <Ask className="btn sm" disabled={off} question={say('actors.profile.ask')} yes={say('actors.profile.copy')} act={() => { act('unlink', () => unlink(group_id, actor.id)) }}>{say('actors.profile.unlink')}</Ask>
          </>
        )}
      </PlainRow>
    )
  }
  const choices = [{ value: '', name: say('actors.profile.none') }, ...(profiles ?? []).map((one) => ({ value: one.id, name: one.name }))]
  return (
    <PlainRow name={say('actors.profile')} help={say(dirty ? 'actors.profile.first' : 'actors.profile.help')} error={error} wide>
      {(named) => (
        <div className="row wrap">
          <div className="grow"><Select value={wanted} choices={choices} disabled={off} set={setWanted} {...named} /></div>
          <button type="button" className="btn" disabled={off || wanted === ''} onClick={() => { act('link', () => link(group_id, actor.id, wanted)) }}>{say('actors.profile.link')}</button>
          <button type="button" className="btn" disabled={off || actor.runner === 'headless'} onClick={() => { act('make', async () => link(group_id, actor.id, await profileOf(group_id, actor))) }}>{say(busy === 'make' ? 'actors.profile.making' : 'actors.profile.make')}</button>
        </div>
      )}
    </PlainRow>
  )
}
