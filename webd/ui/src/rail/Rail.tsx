// The rail: groups, the actors of the open one, the state of the connection, colours and language.
import type { MouseEvent } from 'react'
import { go, pathOf, useRoute, type Place } from '../app/route'
import { nextTheme, useTheme } from '../app/theme'
import { ConnectionWord } from '../connection/Bar'
import { useConnection } from '../connection/store'
import { Keys, showMap } from '../keys/Map'
import { openPalette } from '../palette/store'
import { IconButton } from '../parts/Button'
import { initials } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import type { GroupRow } from '../wire/contract'
import { LANGUAGES, language, say, speak, type Language } from '../words'
import { Actor } from './Actor'
import { useActors } from './actors'
import { useGroups } from './groups'
import { useCount, useOwed } from '../waiting/store'
import { groupState } from './state'
import './rail.css'

/** A link that stays a link for the middle button and the like. */
function follow(event: MouseEvent, place: Place, then: () => void): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  go(place)
  then()
}

function Group({ group, open, then }: { group: GroupRow; open: boolean; then: () => void }) {
  const stale = useConnection((state) => state.phase !== 'live')
  const place: Place = { at: 'chat', group_id: group.group_id }
  const shown = groupState(group)
  const { unread, owed } = useCount(group.group_id)
  const counts = [unread > 0 ? say('rail.unread', { n: unread }) : '', owed > 0 ? say('rail.owed', { n: owed }) : ''].filter(Boolean).join(', ')
  return (
    <li>
      <a
        className={`nav ${unread > 0 && !open ? 'new' : ''}`} href={pathOf(place)} aria-current={open ? 'page' : undefined}
        title={[`${group.title}: ${shown.word}`, counts].filter(Boolean).join(', ')} {...(owed > 0 ? { 'data-n': owed, 'data-w': '' } : unread > 0 ? { 'data-n': unread } : {})}
        onClick={(event) => { follow(event, place, then) }}
      >
        <span className="ini" aria-hidden="true">{initials(group.title)}</span>
        <span className={`gs ${stale ? '' : shown.tone}`}><Icon name={stale ? 's-unknown' : shown.glyph} size="s14" /></span>
        <span className="sr">{shown.word}</span>
        <span className="grow" dir="auto">{group.title}</span>
        {counts !== '' && <span className="sr">{counts}</span>}
        {owed > 0 && <span className="owed" aria-hidden="true"><Icon name="st-answered" size="s12" />{owed}</span>}
        {unread > 0 && <span className="num acc" aria-hidden="true">{unread}</span>}
      </a>
    </li>
  )
}

function WaitingLink({ open, then }: { open: boolean; then: () => void }) {
  const owed = useOwed()
  const place: Place = { at: 'waiting', event_id: null }
  return (
    <a
      className="nav wnav" href={pathOf(place)} aria-current={open ? 'page' : undefined} title={say('wait.nav', { n: owed })}
      {...(owed > 0 ? { 'data-n': owed, 'data-w': '' } : {})} onClick={(event) => { follow(event, place, then) }}
    >
      <Icon name="inbox" /><span className="grow">{say('wait.title')}</span>{owed > 0 && <> <span className="num warn">{owed}</span></>}
    </a>
  )
}

function Actors({ title, then }: { title: string; then: () => void }) {
  const { group_id, actors, error, trouble } = useActors()
  if (group_id === null) return null
  const add: Place = { at: 'add', group_id }
  return (
    <>
      <div className="rail-sec">
        <span>{say('rail.actors', { group: title })}</span>
        <a className="ib sm" href={pathOf(add)} aria-label={say('rail.add')} title={say('rail.add')} onClick={(event) => { follow(event, add, then) }}>
          <Icon name="plus" size="s14" />
        </a>
      </div>
      {error !== null && <p className="err hide rnote" role="alert">{say('rail.actors.error', { reason: error })}</p>}
      {trouble !== null && <p className="err hide rnote" role="alert">{trouble}</p>}
      {actors?.length === 0 && <p className="help hide rnote">{say('rail.actors.none')}</p>}
      <ul>{actors?.map((actor) => <Actor key={actor.id} actor={actor} group_id={group_id} />)}</ul>
    </>
  )
}

export function Rail({ then }: { then: () => void }) {
  const { groups, error } = useGroups()
  const place = useRoute((state) => state.place)
  const theme = useTheme((state) => state.theme)
  const read_only = useConnection((state) => state.read_only)
  const open = 'group_id' in place ? place.group_id : null
  const settings: Place = { at: 'settings', group_id: open, page: 'general', item: null }
  const current = groups?.find(({ group_id }) => group_id === open)
  return (
    <nav className="rail" id="rail" aria-label={say('rail.label')}>
      <div className="bar">
        <a className="brand grow" href={pathOf({ at: 'home' })} aria-label={say('app.name')} onClick={(event) => { follow(event, { at: 'home' }, then) }}>
          <Icon name="logo" size="s20" /><span className="t" aria-hidden="true">{say('app.name')}</span>
        </a>
        <a className="ib" href={pathOf({ at: 'new' })} aria-label={say('rail.new')} title={say('rail.new')} onClick={(event) => { follow(event, { at: 'new' }, then) }}>
          <Icon name="plus" />
        </a>
      </div>
      <button type="button" className="find" title={say('rail.find')} onClick={() => { then(); openPalette('') }}>
        <Icon name="search" size="s14" /><span>{say('rail.find')}</span><Keys of="Ctrl K" />
      </button>
      <div className="scroll grow">
        {groups === null && error === null && <p className="help hide rnote">{say('rail.loading')}</p>}
        {error !== null && groups === null && <p className="err hide rnote" role="alert">{say('rail.error', { reason: error })}</p>}
        {groups?.length === 0 && <p className="help hide rnote">{say('rail.none')}</p>}
        {groups !== null && groups.length > 0 && (
          <>
            {!read_only && <WaitingLink open={place.at === 'waiting'} then={then} />}
            <div className="rail-sec">
              <span>{say('rail.groups')}</span>
              <a className="ib sm only-mid" href={pathOf({ at: 'new' })} aria-label={say('rail.new')} title={say('rail.new')} onClick={(event) => { follow(event, { at: 'new' }, then) }}>
                <Icon name="plus" size="s14" />
              </a>
            </div>
            <ul>{groups.map((group) => <Group key={group.group_id} group={group} open={group.group_id === open} then={then} />)}</ul>
          </>
        )}
        {current && <Actors title={current.title} then={then} />}
      </div>
      <div className="rail-foot">
        <ConnectionWord />
        <select className="lang" aria-label={say('language')} title={say('language')} value={language()} onChange={(event) => { speak(event.target.value as Language) }}>
          {Object.entries(LANGUAGES).map(([id, name]) => <option key={id} value={id}>{name}</option>)}
        </select>
        <a className="ib sm" href={pathOf(settings)} aria-label={say('settings.open')} title={say('settings.open')} onClick={(event) => { follow(event, settings, then) }}><Icon name="settings" /></a>
        <IconButton icon="keyboard" name={say('keys.title')} small className="hide-p" onClick={() => { showMap() }} />
        <IconButton icon={theme === 'dark' ? 'moon' : theme === 'light' ? 'sun' : 'i-phone'} name={say(`theme.${theme}`)} small onClick={nextTheme} />
      </div>
    </nav>
  )
}
