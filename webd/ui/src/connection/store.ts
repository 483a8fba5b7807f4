// Whether the server and its daemon answer, since when not, and when it is tried again.
import { create } from 'zustand'
import { watch, type Outcome } from '../wire/http'
import { ping } from '../wire/server'

/** `reconnecting`: no answer for a moment. `away`: the daemon does not answer. */
export type Phase = 'starting' | 'live' | 'reconnecting' | 'away'

/** Without an answer for longer than this, it is said to be away. */
export const AWAY_AFTER_MS = 10_000
const RETRY_MS = 1_000
const RETRY_MS_MAX = 30_000
/** How often a quiet page that is seen makes sure. */
const HEARTBEAT_MS = 15_000

interface Connection {
  phase: Phase
  /** Last time that something came; what is shown is of then. */
  heard_at: number
  /** Since when nothing comes; null while all is well. */
  lost_at: number | null
  next_try_at: number | null
  /** Whether the server wants a token. */
  locked: boolean
  /** Requests are answered, and what happens does not come. */
  deaf: boolean
  /** Another version serves than the one this page came from. */
  newer: boolean
  /** Nothing may be changed from here. */
  read_only: boolean
  /** Who else looks at the group that is open. */
  others: { group_id: string; names: string[] } | null
}

export const useConnection = create<Connection>(() => ({
  phase: 'starting',
  heard_at: Date.now(),
  lost_at: null,
  next_try_at: null,
  locked: false,
  deaf: false,
  newer: false,
  read_only: false,
  others: null,
}))

const returned = new Set<() => void>()

/** Calls `then` whenever it answers again after it did not. */
export function onReturn(then: () => void): () => void {
  returned.add(then)
  return () => returned.delete(then)
}

/** The phase that follows an outcome. Pure. */
export function after(state: Pick<Connection, 'phase' | 'lost_at'>, outcome: Outcome, now: number): Partial<Connection> {
  switch (outcome) {
    case 'answered':
      return { phase: 'live', heard_at: now, lost_at: null, next_try_at: null, locked: false }
    case 'unauthorized':
      return { phase: 'live', heard_at: now, lost_at: null, next_try_at: null, locked: true }
    case 'daemon_away':
      return { phase: 'away', lost_at: state.lost_at ?? now }
    case 'no_answer': {
      const lost_at = state.lost_at ?? now
      const phase = state.phase === 'away' || now - lost_at >= AWAY_AFTER_MS ? 'away' : 'reconnecting'
      return { phase, lost_at }
    }
  }
}

let timer: ReturnType<typeof setTimeout> | undefined
let tries = 0

/** Something came by a stream: that is an answer, too. */
export const heard = (): void => {
  take('answered')
}

/** A stream broke: find out at once whether it was the stream only. */
export const suspect = (): void => {
  if (useConnection.getState().phase === 'live') void tryNow()
}

export async function tryNow(token?: string): Promise<boolean> {
  clearTimeout(timer)
  timer = undefined
  try {
    await ping(token)
    return true
  } catch {
    return false // Whoever watches requests has heard of it.
  }
}

/** Takes note of how a request ended, and plans the next try. Between tries it becomes away by the clock. */
function take(outcome: Outcome): void {
  const before = useConnection.getState()
  const next = after(before, outcome, Date.now())
  useConnection.setState(next)

  if (outcome === 'answered' || outcome === 'unauthorized') {
    clearTimeout(timer)
    timer = undefined
    tries = 0
    if (outcome === 'answered' && (before.phase !== 'live' || before.locked)) for (const then of returned) then()
    return
  }
  if (before.lost_at === null) {
    const lost_at = next.lost_at ?? Date.now()
    setTimeout(() => {
      if (useConnection.getState().lost_at === lost_at) useConnection.setState({ phase: 'away' })
    }, AWAY_AFTER_MS)
  }
  if (timer !== undefined) return
  const pause = Math.min(RETRY_MS * 2 ** tries, RETRY_MS_MAX)
  tries += 1
  useConnection.setState({ next_try_at: Date.now() + pause })
  timer = setTimeout(() => void tryNow(), pause)
}

/** Begins to watch. Call once. */
export function watchConnection(): void {
  watch(take)
  setInterval(() => {
    const { phase, heard_at, locked } = useConnection.getState()
    if (!locked && phase === 'live' && document.visibilityState === 'visible' && Date.now() - heard_at >= HEARTBEAT_MS) void tryNow()
  }, HEARTBEAT_MS)
  window.addEventListener('online', () => void tryNow())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void tryNow()
  })
}
