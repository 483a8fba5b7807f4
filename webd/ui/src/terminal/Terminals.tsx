// The terminals of a group: one, two, four or six beside each other; on a phone one, with the keys it has not.
import { useEffect, useMemo, useState } from 'react'
import { go, pathOf, show, useRoute, type Place } from '../app/route'
import { Chip } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { Kbd } from '../parts/Kbd'
import { useActors } from '../rail/actors'
import { loadObservability } from '../settings/observability'
import { say } from '../words'
import { list } from '../words/time'
import { KeyRow } from './KeyRow'
import { useLeader } from './leader'
import { keep, kept, layoutFor, LAYOUTS, placed, shownOf, type Layout, type Places } from './places'
import { setSize, usePrefs } from './prefs'
import { Search } from './Search'
import { searchIn, useTerminals } from './store'
import { Tile } from './Tile'
import { useVisible } from './viewport'
import './terminal.css'

const SIZES = [10, 11, 12, 13, 14, 16, 18]

const ONE = '(max-width: 640px)'

function useOne(): boolean {
  const [one, setOne] = useState(() => window.matchMedia(ONE).matches)
  useEffect(() => {
    const query = window.matchMedia(ONE)
    const change = (): void => { setOne(query.matches) }
    query.addEventListener('change', change)
    return () => { query.removeEventListener('change', change) }
  }, [])
  return one
}

function Nobody({ group_id, asked }: { group_id: string; asked: boolean }) {
  const add: Place = { at: 'add', group_id }
  if (!asked) return <div className="void" role="status"><p className="m3">{say('term.loading')}</p></div>
  return (
    <div className="void">
      <p className="m2">{say('term.none')}</p>
      <a className="btn solid" href={pathOf(add)} onClick={(event) => { event.preventDefault(); go(add) }}>{say('term.none.add')}</a>
    </div>
  )
}

export function Terminals({ group_id }: { group_id: string }) {
  const named = useRoute((state) => state.view.term)
  const full = useRoute((state) => state.view.width === 'full')
  const actors = useActors((state) => (state.group_id === group_id ? state.actors : null))
  const { sessions, last, searching, leading } = useTerminals()
  const [places, setPlaces] = useState<Places>(() => kept(group_id))
  // How many lines are kept above is set for the home; it is known before the first terminal is made.
  const [ready, setReady] = useState(false)
  const one = useOne()
  const size = usePrefs((state) => state.size)
  useVisible()
  useEffect(() => { loadObservability().then(() => { setReady(true) }, () => { setReady(true) }) }, [])

  const layout: Layout = one ? 1 : layoutFor(Math.max(places.layout, Math.min(named.length, 6)))
  const all = useMemo(() => shownOf(layout, named, places.actors, actors ?? []), [layout, named, places.actors, actors])
  const key = (one ? all.slice(0, 1) : all).join(',')
  const shown = useMemo(() => (key === '' ? [] : key.split(',')), [key])
  useLeader(shown)

  const arrange = (next: Places): void => {
    keep(group_id, next)
    setPlaces(next)
  }
  const choose = (next: Layout): void => {
    arrange({ layout: next, actors: shownOf(next, [], shown, actors ?? []) })
    if (named.length > 0) show({ term: [] }, 'replace')
  }
  const pick = (at: number, actor_id: string): void => {
    const order = placed(shown, at, actor_id)
    arrange({ layout: one ? places.layout : layout, actors: [...order, ...places.actors.filter((id) => !order.includes(id))] })
    show({ term: order }, 'replace')
  }

  const name = (id: string): string => actors?.find((actor) => actor.id === id)?.title || id
  const used = last !== null && shown.includes(last) ? last : (shown[0] ?? null)
  const session = used === null ? undefined : sessions[used]
  if (actors === null || actors.length === 0) return <Nobody group_id={group_id} asked={actors !== null} />
  const digits = shown.length > 1 ? `1–${shown.length}` : '1'
  return (
    <div className="terms" tabIndex={-1}>
      {one
        ? (
          <nav className="chips" aria-label={say('term.chips')}>
            {actors.map((actor) => (
              <button key={actor.id} type="button" aria-current={actor.id === shown[0] ? 'true' : undefined} onClick={() => { pick(0, actor.id) }}>
                <Chip id={actor.id} size="s18" />{name(actor.id)}
                {(actor.waiting?.count ?? 0) > 0 && actor.waiting?.reason !== '' && <span className="tw"><Icon name="st-held" size="s14" /><span className="sr">{say('rail.held', { n: actor.waiting?.count ?? 0 })}</span></span>}
              </button>
            ))}
          </nav>
          )
        : (
          <div className="subbar">
            <div className="seg" role="group" aria-label={say('term.layout')}>
              {LAYOUTS.map((n) => (
                <button key={n} type="button" aria-pressed={n === layout} aria-label={say('term.layout.n', { n })} title={say('term.layout.n', { n })} onClick={() => { choose(n) }}><Icon name={`l${n}`} size="s14" /></button>
              ))}
            </div>
            {leading
              ? <span className="grow ta clip" role="status">{say('term.leading', { key: 'Ctrl .', keys: digits })}</span>
              : full
                ? <span className="grow m3 clip">{say('term.keys.a')} <Kbd of="Ctrl ." /> {say('term.keys.b')} <Kbd of="1" /> {shown.length > 1 && <>{say('term.keys.to')} <Kbd of={String(shown.length)} /></>} {say('term.keys.c')} <Kbd of="Esc" /> {say('term.keys.d')}</span>
                : <span className="grow m3 clip">{list(shown.map(name))}</span>}
            <label className="hide-m">
              <span className="sr">{say('term.size.label')}</span>
              <select className="btn sm bare pick" value={size} onChange={(event) => { setSize(Number(event.target.value)) }}>
                {[...new Set([...SIZES, size])].sort((a, b) => a - b).map((n) => <option key={n} value={n}>{say('term.size.short', { n })}</option>)}
              </select>
            </label>
            <button type="button" className="btn sm bare" aria-expanded={searching?.actor_id === null} onClick={() => { searchIn(null) }}><Icon name="search" size="s14" />{say('term.search.all')}</button>
          </div>
          )}
      {searching?.actor_id === null && <Search actor_id={null} />}
      {ready && (
        <div className={`grid g${one ? 1 : layout}`}>
          {shown.map((id, at) => {
            const actor = actors.find((found) => found.id === id)
            return actor && <Tile key={id} actor={actor} actors={actors} group_id={group_id} pick={(chosen) => { pick(at, chosen) }} />
          })}
        </div>
      )}
      {session && <KeyRow session={session} />}
    </div>
  )
}
