// The dock: tabs, width, and one pane.
import { Suspense, useEffect, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { hrefOf, show, useRoute, type DockPane, type Place } from '../app/route'
import { IconButton } from '../parts/Button'
import { Icon } from '../parts/Icon'
import { say } from '../words'
import { PANES } from './panes'
import { Peek } from './Peek'
import { kept, keepWidth, WIDTH_MAX, WIDTH_MIN, within } from './width'
import './opening'
import './dock.css'

const STEP = 16

/** Gives the dock another width, by pointer or arrow keys. */
function Splitter() {
  const [width, setWidth] = useState(kept)
  useEffect(() => {
    document.documentElement.style.setProperty('--dock', `${width}px`)
    return () => { document.documentElement.style.removeProperty('--dock') }
  }, [width])
  const set = (wanted: number): void => {
    setWidth(within(wanted))
    keepWidth(within(wanted))
  }
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) set(window.innerWidth - event.clientX)
  }
  const press = ({ key, ...event }: KeyboardEvent<HTMLDivElement>): void => {
    const to = { ArrowLeft: width + STEP, ArrowRight: width - STEP, Home: WIDTH_MIN, End: WIDTH_MAX }[key]
    if (to === undefined) return
    event.preventDefault()
    set(to)
  }
  return (
    <div
      className="split" role="separator" tabIndex={0} aria-orientation="vertical" aria-label={say('dock.split')}
      aria-valuenow={width} aria-valuemin={WIDTH_MIN} aria-valuemax={WIDTH_MAX}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId) }}
      onPointerMove={drag} onKeyDown={press}
    />
  )
}

function Tabs({ place, open }: { place: Place; open: DockPane }) {
  return (
    <nav className="tabs" aria-label={say('dock.label')}>
      {Object.entries(PANES).map(([id, { word, icon, key }]) => key !== '' && (
        <a
          key={id} className="tab" href={hrefOf(place, { dock: id as DockPane })} aria-current={id === open ? 'page' : undefined}
          onClick={(event) => { event.preventDefault(); show({ dock: id as DockPane, thread: null }) }}
        >
          <Icon name={icon} size="s14" /><span>{say(word)}</span>
        </a>
      ))}
    </nav>
  )
}

export function Dock({ group_id }: { group_id: string }) {
  const { place, view } = useRoute()
  const open = view.dock
  const pane = open === null ? undefined : PANES[open]
  useEffect(() => {
    const width = { usual: '', wide: 'wide', full: 'max' }[view.width]
    document.body.dataset.dock = pane ? width : 'none'
    document.body.dataset.pane = pane ? 'dock' : 'center'
    return () => {
      document.body.dataset.dock = 'none'
      document.body.dataset.pane = 'center'
    }
  }, [pane, view.width])
  if (!pane || open === null) return null
  return (
    <aside className="dock" id="dock" aria-label={say(pane.word)}>
      {view.width === 'usual' && <Splitter />}
      <header className="bar">
        <Tabs place={place} open={open} />
        <span className="grow" />
        <IconButton
          icon={view.width === 'full' ? 'min' : 'max'} name={say(view.width === 'full' ? 'dock.usual' : 'dock.full')} small
          onClick={() => { show({ width: view.width === 'full' ? 'usual' : 'full' }) }}
        />
        <IconButton icon="x" name={say('dock.close')} small onClick={() => { show({ dock: null, thread: null, width: 'usual' }) }} />
      </header>
      <Suspense fallback={<div className="void" role="status"><p className="m3">{say('dock.loading')}</p></div>}>
        <pane.view key={`${group_id} ${open}`} group_id={group_id} />
      </Suspense>
      {view.width === 'full' && <Peek />}
    </aside>
  )
}
