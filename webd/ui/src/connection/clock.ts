// The time now, for ages that tick. One timer for all who look.
import { useSyncExternalStore } from 'react'

const TICK_MS = 1_000

/** How often the age of a message is drawn anew: it is shown in seconds at first. */
export const AGE_STEP_MS = 5_000
const lookers = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function look(looker: () => void): () => void {
  lookers.add(looker)
  now = Date.now()
  timer ??= setInterval(() => {
    now = Date.now()
    for (const one of lookers) one()
  }, TICK_MS)
  return () => {
    lookers.delete(looker)
    if (lookers.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Now, in steps of `every_ms`: whoever shows minutes is not drawn each second. */
export const useNow = (every_ms = TICK_MS): number =>
  useSyncExternalStore(look, () => Math.floor(now / every_ms) * every_ms)
