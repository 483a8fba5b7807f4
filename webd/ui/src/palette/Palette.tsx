// The palette: one field over places, acts, actors, tasks and messages.
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { go, lastGroup, useRoute } from '../app/route'
import { Keys } from '../keys/Map'
import { Chip, useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { useActors } from '../rail/actors'
import { useGroups } from '../rail/groups'
import { showSearch } from '../search/store'
import { dataOf } from '../wire/events'
import { say } from '../words'
import { timeOf } from '../words/time'
import { endEarly } from './early'
import { around, matching, SHOWN_MAX, type Hit } from './items'
import { itemsOf } from './sources'
import { closePalette, HITS_MAX, messageText, openIn, recentGroups, setEverywhere, type as typed, usePalette } from './store'
import './palette.css'

const CHARS = 90

function Title({ hit }: { hit: Hit }) {
  const match = new Set(hit.match)
  return <>{Array.from(hit.title, (letter, at) => (match.has(at) ? <mark key={at}>{letter}</mark> : letter))}</>
}

interface Section {
  word: string
  hits: Hit[]
}

function Box() {
  const { text, everywhere, group_id, hits, more, looking, error, tasks } = usePalette()
  const groups = useGroups((state) => state.groups)
  const actors = useActors((state) => (state.group_id === group_id ? state.actors : null))
  const place = useRoute((state) => state.place)
  const name = useName()
  const [at, setAt] = useState(0)
  const [asking, setAsking] = useState<Hit | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    box.current?.showModal()
    endEarly()
    const field = box.current?.querySelector('input')
    field?.setSelectionRange(field.value.length, field.value.length)
    openIn(('group_id' in place ? place.group_id : null) ?? lastGroup())
  // The place is that of the opening: going somewhere closes it.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  const group = groups?.find((one) => one.group_id === group_id) ?? null
  const items = useMemo(() => itemsOf({ group, groups: groups ?? [], actors: actors ?? [], tasks, recent: recentGroups() }), [group, groups, actors, tasks])
  const wanted = messageText(text)
  const sections = useMemo((): Section[] => {
    const found = matching(text, items)
    const goes = found.filter(({ kind }) => kind !== 'act').slice(0, SHOWN_MAX)
    const does = found.filter(({ kind }) => kind === 'act').slice(0, SHOWN_MAX)
    const messages: Hit[] = hits.slice(0, HITS_MAX).map(({ event, group_id: of }) => {
      const to = dataOf(event, 'chat.message')?.to ?? []
      const notice = dataOf(event, 'system.notify')
      const title = around(dataOf(event, 'chat.message')?.text ?? notice?.message ?? '', wanted, CHARS)
      const first = title.toLowerCase().indexOf(wanted.toLowerCase())
      return {
        id: `message ${event.id}`, kind: 'message', icon: 'chat', chip: event.by, title, sub: say('pal.to', { names: to.map(name).join(', '), time: timeOf(event.ts) }),
        match: first < 0 ? [] : Array.from(wanted, (_, offset) => first + offset),
        run: () => { go({ at: 'chat', group_id: of }, 'push', { at: event.id }) },
      }
    })
    if (hits.length > HITS_MAX) {
      messages.push({ id: 'all', kind: 'message', icon: 'search', title: more ? say('pal.all.more', { text: wanted }) : say('pal.all', { n: hits.length, text: wanted }), sub: '', keys: 'Ctrl ↵', match: [], run: () => { showSearch(wanted, everywhere) } })
    }
    return [
      { word: say(text.trim() === '' ? 'pal.recent' : 'pal.go'), hits: goes },
      { word: say('pal.do'), hits: does },
      { word: more || hits.length === 0 ? say('pal.messages') : say('pal.messages.n', { n: hits.length }), hits: messages },
    ].filter((section) => section.hits.length > 0)
  }, [text, items, hits, more, wanted, everywhere, name])
  const all = sections.flatMap((section) => section.hits)
  const chosen = Math.min(at, all.length - 1)
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }) }, [chosen])

  const run = (hit: Hit | undefined, sure = false): void => {
    if (hit === undefined) return
    if (hit.asks !== undefined && !sure) {
      setAsking(hit)
      return
    }
    closePalette(false)
    void hit.run(false)
  }
  const key = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by !== undefined && all.length > 0) {
      event.preventDefault()
      setAt((chosen + by + all.length) % all.length)
    } else if (event.key === 'Tab' && group !== null) {
      event.preventDefault()
      setEverywhere(!everywhere)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if ((event.ctrlKey || event.metaKey) && wanted !== '') {
        closePalette(false)
        showSearch(wanted, everywhere)
      } else run(all[chosen])
    } else if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      if (asking !== null) setAsking(null)
      else closePalette()
    }
  }
  let count = -1
  return (
    <dialog ref={box} className="pal" aria-modal="true" aria-label={say('pal.title')} onKeyDown={key} onClose={() => { closePalette() }} onClick={(event) => { if (event.target === event.currentTarget) closePalette() }}>
      <div className="q">
        <Icon name="search" />
        <input
          autoFocus aria-label={say('pal.title')} placeholder={say('pal.title')} role="combobox" aria-expanded="true" aria-controls="pal-list" aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `pal-${chosen}` : undefined} value={text} onChange={(event) => { typed(event.target.value); setAt(0); setAsking(null) }}
        />
        <span className="tag clip">{everywhere || group === null ? say('pal.allgroups') : group.title}</span>
        {group !== null && <button type="button" className="f12 m3 hide-p" tabIndex={-1} onClick={() => { setEverywhere(!everywhere) }}>{say(everywhere ? 'pal.here' : 'pal.everywhere')}</button>}
      </div>
      {asking !== null && (
        <div className="ask" role="alertdialog" aria-label={asking.asks}>
          <p>{asking.asks}</p>
          <div className="row"><button type="button" className="btn sm bad" onClick={() => { run(asking, true) }}>{say('pal.yes')}</button><button type="button" className="btn sm" autoFocus onClick={() => { setAsking(null) }}>{say('keep')}</button></div>
        </div>
      )}
      {asking === null && (
        <div className="lst scroll" id="pal-list" ref={list} role="listbox" aria-label={say('pal.results')}>
          {sections.map((section) => (
            <div key={section.word} role="group" aria-label={section.word}>
              <div className="mh" role="presentation">{section.word}</div>
              {section.hits.map((hit) => {
                count += 1
                const mine = count
                return (
                  <div key={hit.id} id={`pal-${mine}`} className="mi" role="option" aria-selected={mine === chosen} onClick={() => { run(hit) }} onPointerMove={() => { if (mine !== chosen) setAt(mine) }}>
                    <span className="ld m3">{hit.chip ? <Chip id={hit.chip} size="s18" /> : <Icon name={hit.icon} />}</span>
                    <span className="clip" dir="auto"><Title hit={hit} /></span>
                    <span className="m3 f12 clip grow">{hit.sub}</span>
                    {hit.keys && <span className="hide-p"><Keys of={hit.keys} /></span>}
                  </div>
                )
              })}
            </div>
          ))}
          {looking && <p className="help palnote" role="status">{say('pal.looking')}</p>}
          {error !== null && <p className="err palnote" role="alert">{say('pal.error', { reason: error })}</p>}
          {!looking && error === null && all.length === 0 && text.trim().length > 1 && <p className="help palnote" role="status">{say('pal.none', { text: text.trim(), where: everywhere || group === null ? say('pal.allgroups') : group.title })}</p>}
        </div>
      )}
      <div className="ft hide-p">
        <span><Keys of="↑ ↓" /> {say('pal.choose')}</span><span><Keys of="↵" /> {say('pal.open')}</span><span><Keys of="Ctrl ↵" /> {say('pal.beside')}</span>
        <span className="grow" /><span><Keys of="> @ # /" /> {say('pal.prefixes')}</span>
      </div>
    </dialog>
  )
}

export function Palette() {
  const open = usePalette((state) => state.open)
  return open ? <Box /> : null
}
