// The page: connection bar above, rail and one place beside each other; or the login card alone.
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { Chat } from '../chat/Chat'
import { ConnectionBar } from '../connection/Bar'
import { useConnection } from '../connection/store'
import { Dock } from '../dock/Dock'
import { FirstRun } from '../first-run/FirstRun'
import { KeyboardMap } from '../keys/Map'
import { Toasts } from '../parts/Toasts'
import { usePalette } from '../palette/store'
import { Bottom } from '../rail/Bottom'
import { Rail } from '../rail/Rail'
import { useGroups } from '../rail/groups'
import { Login } from '../session/Login'
import { say } from '../words'
import { PAGES } from './pages'
import { go, lastGroup, useRoute } from './route'

const Palette = lazy(() => import('../palette/Palette').then((m) => ({ default: m.Palette })))

function Home() {
  const { groups, error } = useGroups()
  const phase = useConnection((state) => state.phase)
  useEffect(() => {
    if (groups === null) return
    const [first] = groups
    const last = groups.find(({ group_id }) => group_id === lastGroup()) ?? first
    go(last ? { at: 'chat', group_id: last.group_id } : { at: 'new' }, 'replace')
  }, [groups])
  const word = error !== null ? say('rail.error', { reason: error }) : phase === 'starting' ? say('conn.starting.long') : say('rail.loading')
  return (
    <main className="center" id="main" tabIndex={-1}>
      <header className="bar"><h1 className="gname">{say('app.name')}</h1></header>
      <div className="void" role="status"><p className="m3">{word}</p></div>
    </main>
  )
}

function Opening() {
  return <main className="center" id="main" tabIndex={-1}><div className="void" role="status"><p className="m3">{say('dock.loading')}</p></div></main>
}

function Centre({ openRail }: { openRail: () => void }) {
  const place = useRoute((state) => state.place)
  switch (place.at) {
    case 'home': return <Home />
    case 'new': return <FirstRun />
    case 'chat': return <Chat group_id={place.group_id} openRail={openRail} />
    case 'waiting':
    case 'add':
    case 'actor':
    case 'settings': {
      const Page = PAGES[place.at]
      return Page ? <Suspense fallback={<Opening />}><Page openRail={openRail} /></Suspense> : <Home />
    }
  }
}

export function App() {
  const locked = useConnection((state) => state.locked)
  const stale = useConnection((state) => state.phase === 'away' || state.phase === 'reconnecting')
  const place = useRoute((state) => state.place)
  const palette = usePalette((state) => state.open)
  const [rail, setRail] = useState(false)
  const openRail = useCallback(() => { setRail(true) }, [])
  const closeRail = useCallback(() => { setRail(false) }, [])
  useEffect(() => {
    document.body.toggleAttribute('data-stale', stale)
  }, [stale])
  if (locked) return <Login />
  return (
    <>
      <a className="skip" href="#main">{say('app.skip')}</a>
      <ConnectionBar />
      <div className={`shell ${rail ? 'railopen' : ''}`}>
        <Rail then={closeRail} />
        <Centre openRail={openRail} />
        {place.at === 'chat' && <Dock group_id={place.group_id} />}
        {rail && <button type="button" className="railscrim" aria-label={say('close')} onClick={closeRail} />}
      </div>
      <Bottom />
      {palette && <Suspense fallback={null}><Palette /></Suspense>}
      <KeyboardMap />
      <Toasts />
    </>
  )
}
