// The place of what waits: one list over all groups, and the row that is chosen beside it with a composer.
import { useEffect, useMemo, useRef, useState } from 'react'
import { go, lastGroup, useRoute } from '../app/route'
import type { PageProps } from '../app/pages'
import { AGE_STEP_MS, useNow } from '../connection/clock'
import { useKeys } from '../keys/keys'
import { IconButton } from '../parts/Button'
import { nameOf } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { Kbd } from '../parts/Kbd'
import { openActors } from '../rail/actors'
import { useGroups } from '../rail/groups'
import { ThreadBody } from '../thread/Thread'
import { say, type Key } from '../words'
import { act as does, look, verbsOf, type Verb } from './acts'
import { Row } from './Row'
import { HEADS, type Head, type WaitingRow } from './rows'
import { allRows, lookAgain, useWaiting, watchRows } from './store'
import './waiting.css'

const WORDS: Record<Head, { title: Key; none: Key; icon: string }> = {
  you: { title: 'wait.you', none: 'wait.you.none', icon: 'inbox' },
  owes: { title: 'wait.owes', none: 'wait.owes.none', icon: 'clock' },
  stuck: { title: 'wait.stuck', none: 'wait.stuck.none', icon: 'st-held' },
}

function Side({ row, close }: { row: WaitingRow; close: () => void }) {
  const waits = useWaiting((state) => state.groups[row.group_id])
  const { group_id } = row
  useEffect(() => { openActors(group_id) }, [group_id])
  const who = row.head === 'you' ? row.event.by : 'actor_id' in row ? row.actor_id : ''
  return (
    <aside className="dock" aria-label={say('wait.side')}>
      <header className="bar">
        <span className="only-1p"><IconButton icon="left" name={say('wait.back')} onClick={close} /></span>
        <h2 className="gname"><span className="clip">{row.head === 'you' ? say('wait.side.asks', { name: nameOf(who, waits?.actors ?? null) }) : nameOf(who, waits?.actors ?? null)}</span></h2>
        <span className="state m3 clip">{waits?.group.title}</span>
        <span className="grow" />
        <button type="button" className="btn sm bare" onClick={() => { look(row) }}>{say('wait.open')}<Kbd of="O" /></button>
      </header>
      {row.event !== null && <ThreadBody key={row.event.id} group_id={group_id} event_id={row.event.id} asked={row.head === 'you' ? row.event.by : null} />}
    </aside>
  )
}

export function Waiting({ openRail }: PageProps) {
  const { groups, errors, done } = useWaiting()
  const all = useGroups((state) => state.groups)
  const event_id = useRoute(({ place }) => (place.at === 'waiting' ? place.event_id : null))
  const now = useNow(AGE_STEP_MS)
  const [only, setOnly] = useState<string | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => allRows({ groups, done }, now).filter((row) => only === null || row.group_id === only), [groups, done, now, only])
  useEffect(watchRows, [])
  useEffect(() => { document.title = `${say('wait.title')} · ${say('app.name')}` }, [])

  const row = rows.find(({ key }) => key === chosen) ?? rows.find(({ event }) => event !== null && event.id === event_id) ?? rows[0]
  const beside = row !== undefined && row.event !== null
  const opened = event_id !== null && beside
  useEffect(() => {
    document.body.dataset.dock = beside ? '' : 'none'
    document.body.dataset.pane = opened ? 'dock' : 'center'
    return () => {
      document.body.dataset.dock = 'none'
      document.body.dataset.pane = 'center'
    }
  }, [beside, opened])

  const choose = (next: WaitingRow | undefined): void => {
    setChosen(next?.key ?? null)
    go({ at: 'waiting', event_id: next?.event?.id ?? null }, 'replace')
  }
  const focus = (key: string | undefined): void => {
    requestAnimationFrame(() => { list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key ?? '')}"]`)?.focus() })
  }
  const move = (step: 1 | -1) => (): boolean => {
    const next = rows[rows.findIndex(({ key }) => key === row?.key) + step]
    if (next === undefined) return false
    choose(next)
    focus(next.key)
    return true
  }
  const act = async (verb: Verb, on: WaitingRow): Promise<void> => {
    const at = rows.findIndex(({ key }) => key === on.key)
    const next = rows[at + 1] ?? rows[at - 1]
    if (!(await does(verb, on)) || next === undefined) return
    setChosen(next.key)
    if (opened) go({ at: 'waiting', event_id: next.event?.id ?? null }, 'replace')
    focus(next.key)
  }
  const key = (verb: Verb) => (): boolean => {
    if (row === undefined || !verbsOf(row).includes(verb)) return false
    void act(verb, row)
    return true
  }
  useKeys({
    next: move(1), before: move(-1),
    reply: key('reply'), acknowledge: key('acknowledge'), remind: key('remind'), withdraw: key('withdraw'), deliver: key('deliver'),
    look: () => { if (row) look(row) }, terminal: key('terminal'), resume: key('resume'),
  })

  const last = all?.find(({ group_id }) => group_id === lastGroup())
  const count = (head: Head): number => rows.filter((one) => one.head === head).length
  const loading = all === null || all.some(({ group_id }) => groups[group_id] === undefined && errors[group_id] === undefined)
  return (
    <>
      <main className="center" id="main" tabIndex={-1}>
        <header className="bar">
          <h1 className="gname">{say('wait.title')}</h1>
          <button type="button" className="ib sm only-p" aria-label={say('rail.open')} title={say('rail.open')} onClick={openRail}><Icon name="down" size="s14" /></button>
          {!loading && rows.length > 0 && <span className="state m3 clip">{say('wait.sum', { you: count('you'), owes: count('owes'), stuck: count('stuck') })}</span>}
          <span className="grow" />
          {last && (
            <div className="seg hide-p" role="group" aria-label={say('wait.shown')}>
              <button type="button" aria-pressed={only === null} onClick={() => { setOnly(null) }}>{say('wait.all')}</button>
              <button type="button" aria-pressed={only === last.group_id} onClick={() => { setOnly(last.group_id) }}>{last.title}</button>
            </div>
          )}
        </header>
        {Object.entries(errors).map(([group_id, reason]) => (
          <p key={group_id} className="err werr" role="alert">
            {say('wait.error', { group: all?.find((one) => one.group_id === group_id)?.title ?? group_id, reason })}
            <button type="button" className="lk" onClick={lookAgain}>{say('wait.again')}</button>
          </p>
        ))}
        {loading && rows.length === 0 && <div className="void" role="status"><p className="m3">{say('wait.loading')}</p></div>}
        {!loading && rows.length === 0 && <div className="void"><h2>{say('wait.none.title')}</h2><p className="m2">{say('wait.none.help')}</p></div>}
        {rows.length > 0 && (
          <div className="scroll grow" ref={list} role="region" aria-label={say('wait.label')}>
            {HEADS.map((head) => (
              <section key={head}>
                <h2 className="sec">
                  <span className={head === 'you' && count(head) > 0 ? 'tw' : 'm2'}><Icon name={WORDS[head].icon} size="s14" /></span>{say(WORDS[head].title)}
                  <span className={`num ${head === 'you' && count(head) > 0 ? 'warn' : ''}`}>{count(head)}</span>
                </h2>
                {count(head) === 0 && <p className="help wnone">{say(WORDS[head].none)}</p>}
                <div role="list">
                  {rows.filter((one) => one.head === head).map((one) => {
                    const waits = groups[one.group_id]
                    return waits && <Row key={one.key} row={one} waits={waits} chosen={one.key === row?.key} choose={() => { choose(one) }} act={(verb) => void act(verb, one)} />
                  })}
                </div>
              </section>
            ))}
            <p className="help wnone hide-p">{say('wait.help')}</p>
          </div>
        )}
      </main>
      {beside && <Side row={row} close={() => { choose(undefined) }} />}
    </>
  )
}
