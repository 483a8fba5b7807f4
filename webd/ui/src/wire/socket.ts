// The one socket of the page: what happens, who else looks, and terminals. After a break it goes on behind the last event
// that came, so nothing is missed and nothing comes twice.
import type { Event } from './contract'
import { PROTOCOL, type HelloFrame, type OpError, type Said, type TermClosedFrame, type TermFrame, type Told } from './frames'

/** First and longest pause before another try. */
export const RETRY_MS = 1_000
export const RETRY_MS_MAX = 30_000
/** Nothing heard for so long: it is lost. The server says something every 15 s. */
export const SILENCE_MS_MAX = 40_000
/** How long it may take to open, and to answer when we make sure of it. */
export const PROBE_MS_MAX = 6_000
/** Events that come so soon after others are told together: a burst is drawn a few times, and not once for each of it. */
export const GATHER_MS = 50
/** The ledger of the home. */
export const HOME = 'home'

/** What the socket needs of a `WebSocket`; a test gives its own. */
export interface Line {
  binaryType: string
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: (() => void) | null
  send(data: string): void
  close(): void
}

/** What the bytes of a terminal are: what comes, what draws the screen, what was before. */
export type Carried = 'output' | 'screen' | 'earlier'
const CARRIED: (Carried | undefined)[] = ['output', 'screen', 'earlier']
const HEAD_BYTES = 5

/** What whoever opens a terminal is told. */
export interface TerminalListener {
  bytes(kind: Carried, bytes: Uint8Array): void
  is(frame: TermFrame): void
  away(error: OpError): void
  closed(frame: TermClosedFrame): void
  /** The socket broke: what is shown is what was. */
  lost(): void
  /** The socket is there again: whoever still wants the terminal opens it again. */
  back(): void
}

/** A terminal that is open on the socket. */
export interface Terminal {
  /** Opens it, and anew when it is open. */
  open(earlier_bytes: number): void
  keys(data: string): void
  size(cols: number, rows: number): void
  take(): void
  give(): void
  /** So many bytes were drawn since it was opened. */
  drawn(bytes: number): void
  close(): void
}

/** What whoever follows a ledger is told. */
export interface Follower {
  event(event: Event): void
  /** It is followed from here on, for the first time or after a break: what was asked before may be old. */
  following?(): void
  /** The ledger is another one than was known: what is shown is asked for anew. */
  anew?(): void
  /** It cannot be followed. */
  refused?(error: OpError): void
}

/** How the socket is, for those who watch the connection. */
export interface Watcher {
  /** Something came of which only the daemon can know. */
  heard(): void
  /** Open and greeted. */
  open(hello: HelloFrame): void
  broken(): void
  /** Another version serves than this page came from; nothing is loaded by itself. */
  newer(): void
}

interface Seat extends Follower {
  /** The last event it knows; null is whatever comes. */
  last: number | null
}

interface Ledger {
  seats: Set<Seat>
  /** The last event that came. */
  last: number | null
  /** From where it was asked for, while the answer is awaited: what comes before it belongs to an earlier question. */
  asked: number | null | undefined
  /** What has come and was not told yet, when something was told last, and what waits to tell it. */
  pending: Event[]
  toldAt: number
  telling: ReturnType<typeof setTimeout> | undefined
}

interface Options {
  open?: () => Line
  /** Between 0 and 1. */
  random?: () => number
}

const address = (): string => {
  const { protocol, host } = window.location
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws`
}

/** Pause before try `n`, counted from 0: pages that lost the same server do not come back in one moment. Pure. */
export const pauseBefore = (n: number, random: number): number =>
  Math.round(Math.min(RETRY_MS * 2 ** n, RETRY_MS_MAX) * (0.75 + random / 4))

export interface Socket {
  /** Begins; later it keeps itself open. */
  start(watcher: Watcher): void
  /** Tries at once when it is broken, and makes sure when it only seems to be open. */
  retry(): void
  /** Who this is, and which group it looks at. */
  look(name: string, group_id: string | null): void
  /** Each event of a ledger after the one that is known (null: from now on), once and in order; gives back how to end that. */
  follow(group_id: string, after_seq: number | null, follower: Follower): () => void
  terminal(group_id: string, actor_id: string, listener: TerminalListener): Terminal
  /** Calls `then` with who else looks at the group that is open. */
  onOthers(then: (group_id: string, others: string[]) => void): () => void
}

/** A socket that is opened when it is started. */
export function socketOf(options: Options = {}): Socket {
  const connect = options.open ?? (() => new WebSocket(address()) as unknown as Line)
  const random = options.random ?? Math.random
  let watcher: Watcher | null = null
  let line: Line | null = null
  let greeted = false
  let stopped = false
  let failures = 0
  let heardAt = 0
  let pausing: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined
  let version: string | null = null
  let looked: { name: string; group_id: string | null } | null = null
  let numbers = 0
  const ledgers = new Map<string, Ledger>()
  const terminals = new Map<number, TerminalListener>()
  const owners = new Set<TerminalListener>()
  const lookers = new Set<(group_id: string, others: string[]) => void>()

  const say = (said: Said): void => {
    if (greeted) line?.send(JSON.stringify(said))
  }

  const expect = (within_ms: number): void => {
    clearTimeout(silence)
    silence = setTimeout(lose, within_ms)
  }

  function lose(): void {
    const old = line
    if (old === null) return
    line = null
    clearTimeout(silence)
    old.onmessage = null
    old.onclose = null
    old.close()
    const was = greeted
    greeted = false
    terminals.clear()
    if (was) for (const owner of owners) owner.lost()
    if (stopped) return
    const pause = pauseBefore(failures, random())
    failures += 1
    pausing = setTimeout(begin, pause)
    watcher?.broken()
  }

  function begin(): void {
    clearTimeout(pausing)
    pausing = undefined
    const mine = connect()
    mine.binaryType = 'arraybuffer'
    mine.onmessage = ({ data }) => {
      if (line !== mine) return
      heardAt = Date.now()
      expect(SILENCE_MS_MAX)
      if (typeof data === 'string') told(JSON.parse(data) as Told)
      else carried(data as ArrayBuffer)
    }
    mine.onclose = () => { if (line === mine) lose() }
    line = mine
    expect(PROBE_MS_MAX)
  }

  const askFor = (group_id: string, ledger: Ledger): void => {
    ledger.asked = ledger.last
    say({ t: 'follow', group_id, after_seq: ledger.last })
  }

  function hello(frame: HelloFrame): void {
    if (frame.v !== PROTOCOL) {
      stopped = true
      lose()
      watcher?.newer()
      return
    }
    greeted = true
    failures = 0
    if (version !== null && version !== frame.version) watcher?.newer()
    version ??= frame.version
    if (looked) say({ t: 'look', v: PROTOCOL, ...looked })
    for (const [group_id, ledger] of ledgers) askFor(group_id, ledger)
    watcher?.open(frame)
    for (const owner of owners) owner.back()
  }

  function events(ledger: Ledger, come: Event[]): void {
    if (ledger.asked !== undefined) return
    watcher?.heard()
    for (const { seq } of come) ledger.last = Math.max(ledger.last ?? 0, seq)
    ledger.pending.push(...come)
    const wait = ledger.toldAt + GATHER_MS - Date.now()
    if (wait <= 0 || wait > GATHER_MS) tell(ledger)
    else ledger.telling ??= setTimeout(() => { tell(ledger) }, wait)
  }

  function tell(ledger: Ledger): void {
    clearTimeout(ledger.telling)
    ledger.telling = undefined
    const come = ledger.pending
    if (come.length === 0) return
    ledger.pending = []
    ledger.toldAt = Date.now()
    for (const seat of [...ledger.seats]) {
      for (const event of come) {
        if (seat.last !== null && event.seq <= seat.last) continue
        seat.last = event.seq
        // Whoever fails at one event is still told the next, and so is everybody else.
        try {
          seat.event(event)
        } catch (error) {
          reportError(error)
        }
      }
    }
  }

  function following(ledger: Ledger, seq: number): void {
    // An answer to an earlier question: ours is still to come.
    if (ledger.asked === undefined || (ledger.asked !== null && ledger.asked !== seq)) return
    tell(ledger)
    ledger.asked = undefined
    ledger.last = seq
    for (const seat of [...ledger.seats]) {
      seat.last ??= seq
      seat.following?.()
    }
  }

  function unfollowed(group_id: string, ledger: Ledger, error: OpError): void {
    if (error.code !== 'event_not_found') {
      for (const seat of [...ledger.seats]) seat.refused?.(error)
      return
    }
    ledger.pending = []
    ledger.last = null
    for (const seat of ledger.seats) seat.last = null
    askFor(group_id, ledger)
    for (const seat of [...ledger.seats]) seat.anew?.()
  }

  function told(frame: Told): void {
    if (frame.t === 'hello') {
      hello(frame)
      return
    }
    if (frame.t === 'term' || frame.t === 'term_away' || frame.t === 'term_closed') {
      const terminal = terminals.get(frame.id)
      if (frame.t === 'term') terminal?.is(frame)
      else if (frame.t === 'term_away') terminal?.away(frame.error)
      else {
        terminals.delete(frame.id)
        terminal?.closed(frame)
      }
      return
    }
    if (frame.t === 'presence') {
      for (const then of lookers) then(frame.group_id, frame.others)
      return
    }
    if (frame.t === 'refused') {
      console.warn('the server did not understand the page', frame.error)
      return
    }
    if (frame.t !== 'events' && frame.t !== 'following' && frame.t !== 'unfollowed') return
    const ledger = ledgers.get(frame.group_id)
    if (ledger === undefined) return
    if (frame.t === 'events') events(ledger, frame.events)
    else if (frame.t === 'following') following(ledger, frame.seq)
    else unfollowed(frame.group_id, ledger, frame.error)
  }

  function carried(frame: ArrayBuffer): void {
    if (frame.byteLength < HEAD_BYTES) return
    const head = new DataView(frame)
    const kind = CARRIED[head.getUint8(4)]
    if (kind) terminals.get(head.getUint32(0))?.bytes(kind, new Uint8Array(frame, HEAD_BYTES))
  }

  return {
    start(wanted) {
      watcher = wanted
      if (line === null && pausing === undefined && !stopped) begin()
    },
    retry() {
      if (watcher === null || stopped) return
      if (line === null) {
        failures = 0
        begin()
      } else if (greeted && Date.now() - heardAt >= PROBE_MS_MAX) {
        // A machine that slept has a line that only seems to be open. Any answer will do.
        say({ t: 'ask', id: 0, op: 'ping', args: {} })
        expect(PROBE_MS_MAX)
      }
    },
    look(name, group_id) {
      if (looked?.name === name && looked.group_id === group_id) return
      looked = { name, group_id }
      say({ t: 'look', v: PROTOCOL, ...looked })
    },
    follow(group_id, after_seq, follower) {
      const seat: Seat = { ...follower, last: after_seq }
      let ledger = ledgers.get(group_id)
      if (ledger === undefined) {
        ledger = { seats: new Set([seat]), last: after_seq, asked: undefined, pending: [], toldAt: 0, telling: undefined }
        ledgers.set(group_id, ledger)
        askFor(group_id, ledger)
      } else {
        // What has come is for those who were there.
        tell(ledger)
        ledger.seats.add(seat)
        // Whoever knows less than the others has what is between told again, and they do not.
        if (after_seq === null) seat.last = ledger.last
        else if (ledger.last === null || after_seq < ledger.last) {
          for (const other of ledger.seats) other.last ??= ledger.last
          ledger.last = after_seq
          askFor(group_id, ledger)
        }
      }
      const mine = ledger
      return () => {
        if (!mine.seats.delete(seat) || mine.seats.size > 0 || ledgers.get(group_id) !== mine) return
        ledgers.delete(group_id)
        say({ t: 'unfollow', group_id })
      }
    },
    terminal(group_id, actor_id, listener) {
      let id: number | null = null
      const isOpen = (): boolean => id !== null && terminals.has(id)
      const close = (): void => {
        if (id !== null && terminals.delete(id)) say({ t: 'term_close', id })
        id = null
      }
      owners.add(listener)
      return {
        open(earlier_bytes) {
          close()
          if (!greeted) return
          // A number of its own for each opening: what is still on the way for an earlier one is for nobody.
          numbers += 1
          id = numbers
          terminals.set(id, listener)
          say({ t: 'term_open', id, group_id, actor_id, earlier_bytes })
        },
        keys: (data) => { if (isOpen()) say({ t: 'term_keys', id: id ?? 0, data }) },
        size: (cols, rows) => { if (isOpen()) say({ t: 'term_size', id: id ?? 0, cols, rows }) },
        take: () => { if (isOpen()) say({ t: 'term_take', id: id ?? 0 }) },
        give: () => { if (isOpen()) say({ t: 'term_give', id: id ?? 0 }) },
        drawn: (bytes) => { if (isOpen()) say({ t: 'term_ack', id: id ?? 0, bytes }) },
        close() {
          close()
          owners.delete(listener)
        },
      }
    },
    onOthers(then) {
      lookers.add(then)
      return () => lookers.delete(then)
    },
  }
}

/** The socket of this page. */
export const socket = socketOf()

/** Calls `then` with every event of a group, or of the home (`home`), from now on; gives back how to end that. */
export const onEvents = (group_id: string, then: (event: Event) => void): (() => void) =>
  socket.follow(group_id, null, { event: then })
