// The ledger of a group as sentences, newest first. It stands still while somebody reads, and says how much is new.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useConnection } from '../connection/store'
import { useNow } from '../connection/clock'
import { useOpening } from '../dock/opening'
import { nameOf } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { useActors } from '../rail/actors'
import type { Event } from '../wire/contract'
import { YOU } from '../wire/server'
import { say } from '../words'
import { dayKey, dayName } from '../words/time'
import { involves, SORTS, type Sort } from './filters'
import { Line } from './Line'
import { again, loadBefore, openActivity, setSort, useActivity } from './store'
import './activity.css'

const LINE_PX = 50
/** Closer to the end than this asks for older lines. */
const END_PX = 600
/** Farther from the top than this, somebody reads. */
const TOP_PX = 8
/** With a filter that lets few through, so many lines are looked for by itself. */
const ENOUGH = 30
/** And in so many events at most, until it is asked for. */
const LOOKED_MAX = 1_000
const DAY_STEP_MS = 60_000

const nobody = (): number => LINE_PX

export function Activity({ group_id }: { group_id: string }) {
  useEffect(() => openActivity(group_id), [group_id])
  const { sort, events, has_more_before, loading_before, error, error_before } = useActivity()
  const actors = useActors((state) => state.actors)
  const name = useCallback((id: string) => nameOf(id, actors), [actors])
  const away = useConnection((state) => state.phase !== 'live')
  const now = useNow(DAY_STEP_MS)
  const [who, setWho] = useState('')
  const [open, setOpen] = useState<string | null>(null)
  const [at, setAt] = useState<number | null>(null)
  const [paused, setPaused] = useState(false)
  /** Up to where it stands still. */
  const [hold, setHold] = useState<number | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const root = useRef<HTMLDivElement>(null)
  useOpening(root)

  const of = useMemo(() => (events ?? []).filter((event) => who === '' || involves(event, who)).reverse(), [events, who])
  const lines = useMemo(() => (hold === null ? of : of.filter(({ seq }) => seq <= hold)), [of, hold])
  const fresh = of.length - lines.length
  const newest = events?.at(-1)?.seq ?? 0

  const stands = paused || open !== null
  const look = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    const reads = stands || box.scrollTop > TOP_PX
    setHold((before) => (reads ? before ?? newest : null))
    if (box.scrollHeight - box.scrollTop - box.clientHeight < END_PX && error_before === null) void loadBefore()
  }, [stands, newest, error_before])
  // Standing still begins where the last line is that was seen.
  const shownTo = useRef(0)
  useEffect(() => { if (hold === null) shownTo.current = newest }, [hold, newest])
  useEffect(() => {
    if (stands) setHold((before) => before ?? shownTo.current)
    else if ((scroller.current?.scrollTop ?? 0) <= TOP_PX) setHold(null)
  }, [stands])
  useEffect(() => {
    if (lines.length < ENOUGH && (events?.length ?? 0) < LOOKED_MAX && has_more_before && error_before === null) void loadBefore()
  }, [lines.length, events?.length, has_more_before, error_before])

  const virtual = useVirtualizer({
    count: lines.length, getScrollElement: () => scroller.current, estimateSize: nobody, getItemKey: (index) => lines[index]?.id ?? index, overscan: 10,
  })
  const stop = lines.some(({ seq }) => seq === at) ? at : lines[0]?.seq

  const press = useCallback((event: Event) => { setOpen((before) => (before === event.id ? null : event.id)) }, [])
  const focus = useCallback((event: Event) => { setAt(event.seq) }, [])
  const goTo = (index: number): void => {
    const line = lines[index]
    if (line === undefined) return
    virtual.scrollToIndex(index)
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-seq="${line.seq}"]`)?.focus())
  }
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest('select, input, pre') !== null) return
    const index = lines.findIndex(({ seq }) => seq === at)
    const to = { j: index + 1, ArrowDown: index + 1, k: index - 1, ArrowUp: index - 1, Home: 0 }[event.key]
    if (to !== undefined) goTo(to)
    else if (event.key === 'Escape' && open !== null) setOpen(null)
    else if (event.key === 'p' && !event.shiftKey) setPaused(!paused)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const toNewest = (): void => {
    setPaused(false)
    setOpen(null)
    setHold(null)
    scroller.current?.scrollTo({ top: 0 })
  }
  const askAgain = <button type="button" className="btn sm" onClick={again}>{say('act.again')}</button>
  return (
    <div className="paneroot activity" ref={root} onKeyDown={key}>
      <div className="subbar">
        <span className="seg" role="group" aria-label={say('act.sorts')}>
          {(Object.keys(SORTS) as Sort[]).map((one) => <button key={one} type="button" aria-pressed={sort === one} onClick={() => { setOpen(null); setSort(one) }}>{say(`act.sort.${one}`)}</button>)}
        </span>
        <span className="grow" />
        <select className="btn sm bare pick" aria-label={say('act.who')} value={who} onChange={({ target }) => { setOpen(null); setWho(target.value) }}>
          <option value="">{say('act.who.all')}</option>
          {[YOU, ...(actors ?? []).map(({ id }) => id), 'system'].map((id) => <option key={id} value={id}>{name(id)}</option>)}
        </select>
        <button type="button" className="btn sm bare" aria-pressed={paused} onClick={() => { setPaused(!paused) }}><Icon name={paused ? 'play' : 'pause'} size="s12" />{say(paused ? 'act.go' : 'act.pause')}</button>
      </div>
      {error !== null && events !== null && <p className="err panestale" role="alert">{say(away ? 'act.away' : 'act.stale', { reason: error })} {askAgain}</p>}
      <div className="abox">
        {fresh > 0 && <button type="button" className="btn sm afresh" onClick={toNewest}>{say('act.new', { n: fresh })}</button>}
        <div className="scroll alog" ref={scroller} role="region" aria-label={say('act.label')} tabIndex={-1} onScroll={look}>
          {events === null && error === null && <div className="void" role="status"><p className="m3">{say('act.loading')}</p></div>}
          {events === null && error !== null && <div className="void" role="alert"><p className="tb">{say('act.error', { reason: error })}</p>{askAgain}</div>}
          {events !== null && lines.length === 0 && !has_more_before && <div className="void"><p className="m2">{say('act.none')}</p>{(sort !== 'all' || who !== '') && <button type="button" className="btn" onClick={() => { setWho(''); setSort('all') }}>{say('act.none.all')}</button>}</div>}
          <div className="vlist" role="feed" aria-busy={loading_before} aria-label={say('act.label')} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {virtual.getVirtualItems().map((item) => {
              const event = lines[item.index]
              if (event === undefined) return null
              const before = lines[item.index - 1]
              const first = before === undefined || dayKey(before.ts) !== dayKey(event.ts)
              return (
                <article key={item.key} className="vrow" data-index={item.index} ref={virtual.measureElement} style={{ top: item.start }} aria-posinset={item.index + 1} aria-setsize={has_more_before ? -1 : lines.length}>
                  {first && <h2 className="aday">{dayName(event.ts, now)}</h2>}
                  <Line event={event} name={name} open={open === event.id} stop={event.seq === stop} press={press} focus={focus} />
                </article>
              )
            })}
          </div>
          {events !== null && (
            <div className="help afoot">
              <span>{say('act.law')}</span>
              {error_before !== null && <span className="tb" role="alert">{say('act.error', { reason: error_before })}</span>}
              {loading_before ? <span role="status">{say('act.older.loading')}</span> : has_more_before ? <button type="button" className="lk" onClick={() => void loadBefore()}>{say('act.older')}</button> : <span>{say('act.begin')}</span>}
            </div>
          )}
        </div>
      </div>
    </div>
  )
}
