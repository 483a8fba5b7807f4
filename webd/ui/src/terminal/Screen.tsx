// The picture of a terminal: it makes the session, and gives it a place.
import { useEffect, useRef, useState } from 'react'
import { useObservability } from '../settings/observability'
import { say } from '../words'
import { copy } from './copy'
import { sessionOf, type Session } from './session'
import { joins, searchIn, useTerminals } from './store'
import '@xterm/xterm/css/xterm.css'

const SCROLLBACK_LINES = 10_000

/** Keys that are ours although a terminal has the focus; every other one is the program's. */
function shortcutOf(actor_id: string, session: () => Session | null) {
  return (event: KeyboardEvent): boolean => {
    const control = event.ctrlKey && !event.altKey && !event.metaKey
    if (control && event.key === '.') return true
    if (event.type !== 'keydown' || !control) return false
    const terminal = session()?.terminal
    const letter = event.key.toLowerCase()
    const ours = (act: () => void): true => {
      event.preventDefault()
      act()
      return true
    }
    if (event.shiftKey && letter === 'f') return ours(() => { searchIn(actor_id) })
    const selected = terminal?.hasSelection() === true
    if (letter === 'c' && (event.shiftKey || selected)) {
      return ours(() => {
        if (!selected) return
        void copy(terminal.getSelection())
        terminal.clearSelection()
      })
    }
    return false
  }
}

export function Screen({ group_id, actor_id, name, label, then }: { group_id: string; actor_id: string; name: string; label: string; then: (session: Session | null) => void }) {
  const room = useRef<HTMLDivElement>(null)
  const host = useRef<HTMLDivElement>(null)
  const [session, setSession] = useState<Session | null>(null)
  useEffect(() => {
    if (room.current === null || host.current === null) return
    const lines = useObservability.getState().tells?.scrollback_lines ?? SCROLLBACK_LINES
    const made: Session = sessionOf(group_id, actor_id, lines, shortcutOf(actor_id, () => made))
    made.attach(host.current, room.current)
    const leaves = joins(actor_id, made)
    setSession(made)
    then(made)
    return () => {
      leaves()
      made.dispose()
      setSession(null)
      then(null)
    }
  }, [group_id, actor_id, then])
  // The emulator has the focus in a field of its own: its name says where one is and how to leave.
  useEffect(() => { session?.terminal.textarea?.setAttribute('aria-label', label) }, [session, label])
  return (
    <div
      ref={room} className="xt" role="region" aria-label={say('term.screen', { name })}
      onFocus={() => { useTerminals.setState({ last: actor_id }) }}
      onPointerUp={() => { if (window.getSelection()?.isCollapsed !== false) session?.focus() }}
    >
      <div ref={host} className="xhost" />
    </div>
  )
}
