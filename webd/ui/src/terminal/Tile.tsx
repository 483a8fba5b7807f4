// One place for a terminal: head with who it is and who types, the picture, and what is to be said of it.
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { useConnection } from '../connection/store'
import { Chip } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { IconButton } from '../parts/Button'
import { useOutside } from '../parts/use-outside'
import { loadActors, useActors } from '../rail/actors'
import { actorState } from '../rail/state'
import type { ActorView } from '../wire/contract'
import { say } from '../words'
import { Foot } from './Foot'
import { Headless } from './Headless'
import { Menu } from './Menu'
import { Off } from './Off'
import { Older } from './Older'
import { Screen } from './Screen'
import { Search } from './Search'
import type { Session, State } from './session'
import { searchIn, useTerminals } from './store'
import { pageWord } from '../connection/Others'

/** After a program has ended, it is looked whether it runs again: it may have been restarted. */
const AGAIN_MS = 1_200

const NOBODY = createStore<State | null>(() => null)

function Role({ state, live }: { state: State; live: boolean }) {
  const { phase, mine, holder } = state
  const badge = (icon: string, word: string, mark = '', more?: string): ReactNode => <span className={`role ${mark}`} title={more}><Icon name={icon} size="s12" />{word}</span>
  if (phase === 'opening') return null
  if (phase === 'closed') return badge('s-stopped', say('term.ended'))
  if (phase === 'away' || !live) return badge('clock', say('term.frozen'))
  if (mine) return badge('keyboard', say('term.drive'), 'drive')
  if (holder !== null) return badge('eye', say('term.watch.who', { who: pageWord(holder) }))
  return badge('eye', say('term.watch'))
}

const roleWord = (state: State | null): string => {
  if (state === null || state.phase === 'closed') return say('term.ended')
  if (state.phase !== 'live') return say('term.frozen')
  return state.mine ? say('term.drive') : state.holder === null ? say('term.watch') : say('term.watch.who', { who: pageWord(state.holder) })
}

function Keyboard({ session, state, live }: { session: Session; state: State; live: boolean }) {
  if (state.phase !== 'live' || !live) return null
  if (state.mine) return <button type="button" className="btn sm bare" title={say('term.give.name')} aria-label={say('term.give.name')} onClick={() => { session.give() }}>{say('term.give')}</button>
  const name = state.holder === null ? say('term.take.name') : say('term.take.from', { who: pageWord(state.holder) })
  return (
    <button type="button" className="btn sm" title={name} aria-label={`${say(state.holder === null ? 'term.take.free' : 'term.take')}: ${name}`} onClick={() => { session.take(); session.focus() }}>
      {say(state.holder === null ? 'term.take.free' : 'term.take')}
    </button>
  )
}

interface Props {
  actor: ActorView
  actors: ActorView[]
  group_id: string
  pick: (actor_id: string) => void
}

export function Tile({ actor, actors, group_id, pick }: Props) {
  const [session, setSession] = useState<Session | null>(null)
  const [menu, setMenu] = useState(false)
  const [older, setOlder] = useState(false)
  const [shown, setShown] = useState(actor.running)
  const state = useStore(session?.state ?? NOBODY) as State | null
  const live = useConnection((all) => all.phase === 'live')
  const searching = useTerminals((all) => all.searching?.actor_id === actor.id)
  const doing = useActors((all) => all.doing[actor.id])
  const head = useRef<HTMLDivElement>(null)
  const closeMenu = useCallback(() => { setMenu(false) }, [])
  useOutside(head, closeMenu, menu)
  const headless = actor.runner === 'headless'
  const name = actor.title || actor.id
  if (actor.running && !shown) setShown(true)

  // A program that was started again has a terminal of its own; what the old one showed stays until then.
  const closed = state?.phase === 'closed'
  useEffect(() => {
    if (session && actor.running) session.reopen()
  }, [session, actor.running, actor.pid])
  useEffect(() => {
    if (!closed) return
    const timer = setTimeout(() => {
      void loadActors(group_id).then(() => {
        if (useActors.getState().actors?.find(({ id }) => id === actor.id)?.running) session?.reopen()
      })
    }, AGAIN_MS)
    return () => { clearTimeout(timer) }
  }, [closed, session, group_id, actor.id])

  const word = actorState(actor).word
  const off = !headless && (!shown || (closed && state.error?.code === 'actor_not_running' && !state.drawn && !actor.running))
  const focused = state !== null && state.focused && state.mine
  return (
    <section className={`tile ${focused ? 'focus' : ''} ${state?.mine ? 'mine' : ''}`} data-actor={actor.id} tabIndex={-1} aria-label={say('term.region', { name, role: headless ? say('term.headless') : off ? say('term.off') : roleWord(state), key: 'Ctrl . Esc' })}>
      <div className="th" ref={head}>
        <span className="hide-p"><Chip id={actor.id} size="s18" /></span>
        <label className="xname hide-p">
          <span className="sr">{say('term.pick')}</span>
          <select value={actor.id} onChange={(event) => { pick(event.target.value) }}>
            {actors.map((one) => <option key={one.id} value={one.id}>{one.title || one.id}</option>)}
          </select>
        </label>
        <span className="m3 clip xtitle hide-p" dir="auto">{headless ? word : state?.title || actor.runtime}</span>
        <span className="grow" />
        {headless && <span className="role"><Icon name="plug" size="s12" />{say('term.headless')}</span>}
        {off && <span className="role"><Icon name="s-stopped" size="s12" />{say('term.off')}</span>}
        {!off && state && <Role state={state} live={live} />}
        {state?.mine && <span className="m3 clip only-p xgrid">{say('term.grid.phone', { ...state.grid })}</span>}
        {!off && state && session && <Keyboard session={session} state={state} live={live} />}
        {!off && session && <IconButton icon="search" name={`${say('term.search.in', { name })} (Ctrl Shift F)`} small size="s14" className="hide-p" onClick={() => { searchIn(actor.id) }} />}
        <IconButton icon="more" name={say('term.more', { name })} small aria-expanded={menu} onClick={() => { setMenu(!menu) }} />
        {menu && <Menu actor={actor} name={name} word={word} group_id={group_id} session={session} older={() => { setOlder(true) }} close={closeMenu} />}
      </div>
      {searching && session && <Search actor_id={actor.id} name={name} />}
      {older && <Older group_id={group_id} actor_id={actor.id} name={name} close={() => { setOlder(false); session?.focus() }} />}
      {headless && <Headless actor={actor} group_id={group_id} />}
      {off && <Off actor={actor} name={name} group_id={group_id} />}
      {!headless && shown && (
        <div className={`xbox ${off ? 'away' : ''}`}>
          <Screen group_id={group_id} actor_id={actor.id} name={name} label={say('term.region', { name, role: roleWord(state), key: 'Ctrl . Esc' })} then={setSession} />
          {state?.phase === 'opening' && <p className="xnote" role="status">{say('term.opening', { name })}</p>}
        </div>
      )}
      {doing !== undefined && !off && <div className="held info" role="status"><Icon name="s-starting" /><span className="grow">{say(({ start: 'actor.starting.busy', stop: 'actor.stopping.busy', restart: 'actor.restarting.busy' } as const)[doing])}</span></div>}
      {!headless && !off && session && state && <Foot actor={actor} name={name} group_id={group_id} session={session} state={state} />}
    </section>
  )
}
