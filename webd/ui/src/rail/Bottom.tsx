// The bar at the bottom of a phone: five places, and behind the last one everything else.
import { useCallback, useRef, useState } from 'react'
import { go, hrefOf, lastGroup, useRoute, type DockPane, type Place } from '../app/route'
import { useConnection } from '../connection/store'
import { openPalette } from '../palette/store'
import { Icon } from '../parts/Icon'
import { useOutside } from '../parts/use-outside'
import { follow } from '../settings/follow'
import { useCount, useOwed } from '../waiting/store'
import { say, type Key } from '../words'
import './bottom.css'

interface To {
  id: string
  icon: string
  word: Key
  place: Place
  dock: DockPane | null
}

function Item({ to, now, num, tone, onClick }: { to: To; now: boolean; num?: number; tone?: string; onClick?: () => void }) {
  const view = { dock: to.dock, thread: null, at: null, width: 'usual' as const }
  return (
    <a
      href={hrefOf(to.place, view)} aria-current={now ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        onClick?.()
        go(to.place, 'push', view)
      }}
    >
      <Icon name={to.icon} /><span>{say(to.word)}</span>{num !== undefined && num > 0 && <span className={`num ${tone ?? ''}`}>{num}</span>}
    </a>
  )
}

function More({ group_id, close }: { group_id: string | null; close: () => void }) {
  const ref = useRef<HTMLDivElement>(null)
  useOutside(ref, close)
  const chat: Place = group_id === null ? { at: 'home' } : { at: 'chat', group_id }
  const panes: To[] = group_id === null ? [] : [
    { id: 'context', icon: 'context', word: 'ctx.tab', place: chat, dock: 'context' },
    { id: 'activity', icon: 'activity', word: 'act.tab', place: chat, dock: 'activity' },
  ]
  const settings: Place = { at: 'settings', group_id, page: 'general', item: null }
  return (
    <div className="sheetbox more">
      <div className="menu tmenu" ref={ref} role="group" aria-label={say('bottom.more')}>
        {panes.map((to) => (
          <a key={to.id} className="mi" href={hrefOf(to.place, { dock: to.dock })} onClick={(event) => { event.preventDefault(); close(); go(to.place, 'push', { dock: to.dock, thread: null }) }}><Icon name={to.icon} />{say(to.word)}</a>
        ))}
        <button type="button" className="mi" onClick={() => { close(); openPalette('') }}><Icon name="search" />{say('pal.title')}</button>
        <a className="mi" href={hrefOf(settings)} onClick={(event) => { close(); follow(event, settings) }}><Icon name="settings" />{say('settings.open')}</a>
      </div>
    </div>
  )
}

export function Bottom() {
  const { place, view } = useRoute()
  const [more, setMore] = useState(false)
  const close = useCallback(() => { setMore(false) }, [])
  const group_id = ('group_id' in place ? place.group_id : null) ?? lastGroup()
  const owed = useOwed()
  const read_only = useConnection((state) => state.read_only)
  const { unread } = useCount(group_id ?? '')
  const chat: Place = group_id === null ? { at: 'home' } : { at: 'chat', group_id }
  const inChat = place.at === 'chat'
  return (
    <nav className="bottom" aria-label={say('bottom.label')}>
      <Item to={{ id: 'chat', icon: 'chat', word: 'bottom.chat', place: chat, dock: null }} now={inChat && (view.dock === null || view.dock === 'thread')} num={unread} tone="acc" />
      <Item to={{ id: 'terminals', icon: 'terminal', word: 'term.tab', place: chat, dock: 'terminals' }} now={inChat && view.dock === 'terminals'} />
      {!read_only && <Item to={{ id: 'waiting', icon: 'inbox', word: 'wait.title', place: { at: 'waiting', event_id: null }, dock: null }} now={place.at === 'waiting'} num={owed} tone="warn" />}
      <Item to={{ id: 'tasks', icon: 'tasks', word: 'task.tab', place: chat, dock: 'tasks' }} now={inChat && view.dock === 'tasks'} />
      <button type="button" aria-expanded={more} aria-haspopup="true" onClick={() => { setMore(!more) }}><Icon name="more" /><span>{say('bottom.more')}</span></button>
      {more && <More group_id={group_id} close={close} />}
    </nav>
  )
}
