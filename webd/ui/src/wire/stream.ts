// Server-sent events with resume: after a break it goes on behind the last event that came, so nothing is missed and
// nothing comes twice.
import type { Event } from './contract'

/** First and longest pause before another try. */
export const RETRY_MS = 1_000
export const RETRY_MS_MAX = 30_000

/** What a stream needs of an `EventSource`; a test gives its own. */
export interface Source {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

/** What whoever opens a stream is told. */
export interface Listener<T> {
  event(event: T): void
  state(state: 'open' | 'broken'): void
}

interface Options {
  open?: (url: string) => Source
  /** Pause before try `n`, counted from 0. */
  pause?: (n: number) => number
}

const backoff = (n: number): number => Math.min(RETRY_MS * 2 ** n, RETRY_MS_MAX)

/** A stream that stays open until it is closed. */
export interface Stream {
  close(): void
  /** Tries at once, when it is broken. */
  retry(): void
}

function stream<T>(url: () => string, kind: string, take: (data: T) => void, listener: Listener<T>, options: Options): Stream {
  const open = options.open ?? ((at) => new EventSource(at, { withCredentials: true }))
  const pause = options.pause ?? backoff
  let source: Source | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let closed = false

  const connect = (): void => {
    timer = undefined
    const mine = open(url())
    source = mine
    mine.addEventListener('open', () => {
      failures = 0
      listener.state('open')
    })
    mine.addEventListener(kind, (message) => {
      take(JSON.parse(message.data) as T)
    })
    // Also the server's own `event: error`, after which it closes: both mean that events may be missing.
    mine.addEventListener('error', () => {
      if (closed || source !== mine) return
      mine.close()
      source = null
      listener.state('broken')
      timer = setTimeout(connect, pause(failures))
      failures += 1
    })
  }
  connect()

  return {
    close() {
      closed = true
      clearTimeout(timer)
      source?.close()
    },
    retry() {
      if (closed || source !== null) return
      clearTimeout(timer)
      connect()
    },
  }
}

/** The events of a group after `after_seq`, each once and in order. */
export function ledgerStream(group_id: string, after_seq: number, listener: Listener<Event>, options: Options = {}): Stream {
  let last = after_seq
  const url = (): string => `/api/v1/groups/${encodeURIComponent(group_id)}/ledger/stream?after_seq=${last}`
  const take = (event: Event): void => {
    if (event.seq <= last) return
    last = event.seq
    listener.event(event)
  }
  return stream<Event>(url, 'ledger', take, listener, options)
}

/** Something that happened in the home. */
export interface HomeEvent {
  kind: string
  data?: Record<string, unknown>
}

/** Events of the home; whoever misses some asks for the lists again when it is `open`. */
export function homeStream(listener: Listener<HomeEvent>, options: Options = {}): Stream {
  return stream<HomeEvent>(() => '/api/v1/events/stream', 'event', listener.event, listener, options)
}
