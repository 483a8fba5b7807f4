// The keys that a phone has not: they go to the terminal that was used last, and leave the focus where it is.
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { say } from '../words'
import { ROW, type RowKey } from './keys'
import type { Session } from './session'

const LONG_MS = 400
const REPEAT_MS = 70

export function KeyRow({ session }: { session: Session }) {
  const ctrl = useStore(session.state, (state) => state.ctrl)
  const mayType = useStore(session.state, (state) => state.phase === 'live' && (state.mine || state.holder === null))
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const end = (): void => { clearTimeout(timer.current) }
  useEffect(() => end, [])
  const hold = (key: RowKey): void => {
    end()
    const again = (): void => {
      session.press(key.id)
      timer.current = setTimeout(again, REPEAT_MS)
    }
    if (key.repeats) timer.current = setTimeout(again, LONG_MS)
  }
  return (
    <div className="keyrow" role="toolbar" aria-label={say('term.row')}>
      {ROW.map((key) => (
        <button
          key={key.id} type="button" disabled={!mayType} aria-label={say(`term.key.${key.id}`)} aria-pressed={key.id === 'ctrl' ? ctrl : undefined}
          // The keyboard of the phone stays open: the focus is not taken.
          onPointerDown={(event) => { event.preventDefault(); hold(key) }} onPointerUp={end} onPointerCancel={end} onPointerLeave={end}
          onContextMenu={(event) => { event.preventDefault() }}
          onClick={() => { session.press(key.id) }}
        >
          {key.face}
        </button>
      ))}
    </div>
  )
}
