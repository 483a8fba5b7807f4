// `Ctrl .` in a terminal: then 1 to 6 choose one, Escape leaves, and any other key does what it does elsewhere.
import { useEffect } from 'react'
import { useTerminals } from './store'

/** Keys that only change others. */
const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'CapsLock'])

/** Where the focus goes when a terminal is left. */
function leave(): void {
  document.querySelector<HTMLElement>('.terms')?.focus()
}

const isLeader = (event: KeyboardEvent): boolean => event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey && event.key === '.'

/** Listens while terminals are on the page. `shown` are the actors in the order of their places. */
export function useLeader(shown: string[]): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { leading, sessions } = useTerminals.getState()
      const inside = event.target instanceof Element && event.target.closest('.terms') !== null
      if (!leading) {
        if (!isLeader(event)) return
        if (inside) {
          event.preventDefault()
          event.stopPropagation()
        }
        useTerminals.setState({ leading: true })
        return
      }
      if (MODIFIERS.has(event.key)) return
      useTerminals.setState({ leading: false })
      const at = /^[1-6]$/.test(event.key) ? shown[Number(event.key) - 1] : undefined
      if (at === undefined && !inside) return
      event.preventDefault()
      event.stopPropagation()
      if (at !== undefined) {
        const session = sessions[at]
        if (session) session.focus()
        else document.querySelector<HTMLElement>(`.tile[data-actor="${CSS.escape(at)}"]`)?.focus()
        return
      }
      leave()
      if (event.key === 'Escape') return
      // Whoever listens elsewhere gets both keys as from there.
      const again = (init: KeyboardEventInit): void => { document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })) }
      again({ key: '.', code: 'Period', ctrlKey: true })
      again({ key: event.key, code: event.code, shiftKey: event.shiftKey })
    }
    window.addEventListener('keydown', press, true)
    return () => {
      window.removeEventListener('keydown', press, true)
      useTerminals.setState({ leading: false })
    }
  }, [shown])
}
