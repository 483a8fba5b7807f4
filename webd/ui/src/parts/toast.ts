// Results of acts whose place is not visible, and acts that can be taken back for a moment before they are done.
import { create } from 'zustand'

/** How long a toast stays, and an act can be taken back. */
export const TOAST_MS = 8_000
/** Most toasts at a time. */
const TOASTS_MAX = 2

export interface Toast {
  id: number
  text: string
  /** Takes the act back; null when there is nothing to take back. */
  undo: (() => void) | null
}

export const useToasts = create<{ toasts: Toast[] }>(() => ({ toasts: [] }))

let last = 0

const remove = (id: number): void => { useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) })) }

export function toast(text: string, undo: (() => void) | null = null): number {
  last += 1
  const id = last
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { id, text, undo }].slice(-TOASTS_MAX) }))
  setTimeout(() => { remove(id) }, TOAST_MS)
  return id
}

/** Acts that wait for their moment. */
const waiting = new Map<number, () => void>()

/** Does something in a moment, and lets it be taken back until then. What the page is left with is done at once. */
export function later(text: string, act: () => void, undo: () => void): void {
  const timer = setTimeout(run, TOAST_MS)
  const id = toast(text, () => {
    clearTimeout(timer)
    waiting.delete(id)
    undo()
  })
  function run(): void {
    clearTimeout(timer)
    if (!waiting.delete(id)) return
    remove(id)
    act()
  }
  waiting.set(id, run)
}

/** Takes the last act back; false when there is none. */
export function undoLast(): boolean {
  const found = useToasts.getState().toasts.filter(({ undo }) => undo !== null).at(-1)
  if (found === undefined) return false
  remove(found.id)
  found.undo?.()
  return true
}

window.addEventListener('pagehide', () => {
  for (const run of [...waiting.values()]) run()
})
