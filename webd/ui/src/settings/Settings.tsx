// The settings: the list of pages, and the one that is open. Pages are rows of `pages.ts`.
import { Suspense, useEffect } from 'react'
import type { PageProps } from '../app/pages'
import { go, hrefOf, lastGroup, pathOf, useRoute, type Place } from '../app/route'
import { Icon } from '../parts/Icon'
import { useGroups } from '../rail/groups'
import { say } from '../words'
import { follow } from './follow'
import { pageOf, SETTINGS, type SettingsPage } from './pages'
import { useLedger } from './use-ledger'
import './settings.css'

const placeOf = (row: SettingsPage, group_id: string | null): Place =>
  ({ at: 'settings', group_id: row.scope === 'group' ? group_id : null, page: row.id, item: null })

interface ListProps {
  open: SettingsPage | null
  group_id: string | null
  title: string
}

function Pages({ open, group_id, title }: ListProps) {
  const link = (row: SettingsPage) => {
    const place = placeOf(row, group_id)
    return (
      <a key={row.scope + row.id} className="nav" href={hrefOf(place)} aria-current={row === open ? 'page' : undefined} onClick={(event) => { follow(event, place) }}>
        <Icon name={row.icon} /><span className="grow">{say(row.name)}</span>
      </a>
    )
  }
  return (
    <nav className="snav scroll" aria-label={say('settings.pages')}>
      {group_id !== null && <><div className="rail-sec"><span dir="auto" className="clip">{title}</span></div>{SETTINGS.filter((row) => row.scope === 'group').map(link)}</>}
      <div className="rail-sec">{say('settings.home')}</div>
      {SETTINGS.filter((row) => row.scope === 'home').map(link)}
    </nav>
  )
}

/** The same list where there is no room for it. */
function PagesMenu({ open, group_id, title }: ListProps) {
  const options = (scope: SettingsPage['scope']) => SETTINGS.map((row, at) => (row.scope === scope ? <option key={scope + row.id} value={at}>{say(row.name)}</option> : null))
  return (
    <div className="smenu only-p">
      <select
        className="in" aria-label={say('settings.pages')} value={open ? SETTINGS.indexOf(open) : ''}
        onChange={(event) => {
          const row = SETTINGS[Number(event.target.value)]
          if (row) go(placeOf(row, group_id))
        }}
      >
        {group_id !== null && <optgroup label={title}>{options('group')}</optgroup>}
        <optgroup label={say('settings.home')}>{options('home')}</optgroup>
      </select>
    </div>
  )
}

export function Settings({ openRail }: PageProps) {
  const place = useRoute((state) => state.place)
  const groups = useGroups((state) => state.groups)
  const { group_id = null, page = 'general', item = null } = place.at === 'settings' ? place : {}
  const row = pageOf(SETTINGS, group_id, page)
  // The pages of the group that was open stay within reach in those of the home.
  const near = group_id ?? (groups?.find((one) => one.group_id === lastGroup()) ?? groups?.[0])?.group_id ?? null
  const title = groups?.find((one) => one.group_id === near)?.title ?? near ?? ''
  const gone = group_id !== null && groups !== null && !groups.some((one) => one.group_id === group_id)
  const back: Place = near === null ? { at: 'home' } : { at: 'chat', group_id: near }
  const heading = say('settings.title')
  useLedger(group_id)
  useEffect(() => {
    document.title = [...(row ? [say(row.name)] : []), heading, say('app.name')].join(' · ')
  }, [row, heading])
  return (
    <main className="center" id="main" tabIndex={-1}>
      <header className="bar">
        <a className="ib" href={pathOf(back)} aria-label={say('settings.back')} title={say('settings.back')} onClick={(event) => { follow(event, back) }}><Icon name="left" /></a>
        <p className="gname">{heading}</p>
        <span className="state m3 clip" dir="auto">{group_id === null ? say('settings.home') : title}</span>
        <span className="grow" />
        <button type="button" className="ib sm only-p" aria-label={say('rail.open')} title={say('rail.open')} onClick={openRail}><Icon name="down" size="s14" /></button>
      </header>
      <div className="page nav3 settings">
        <Pages open={row} group_id={near} title={title} />
        <PagesMenu open={row} group_id={near} title={title} />
        {gone && <div className="void"><p className="m2">{say('group.missing', { group: group_id })}</p></div>}
        {!gone && row === null && <div className="void"><p className="m2">{say('settings.nopage', { page })}</p></div>}
        {!gone && row !== null && (
          <Suspense fallback={<div className="void" role="status"><p className="m3">{say('dock.loading')}</p></div>}>
            <row.Page key={group_id ?? ''} group_id={group_id} item={item} />
          </Suspense>
        )}
      </div>
    </main>
  )
}
