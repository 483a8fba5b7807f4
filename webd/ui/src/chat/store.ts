// The chat of the open group: a stretch of its ledger from the end, live by the socket, and how far its messages came.
import { create } from 'zustand'
import type { Event, MessageStatus } from '../wire/contract'
import { dataOf, isMessage, MOVES_ACTORS, MOVES_STATUS, SHOWN } from '../wire/events'
import { inbox, markRead, statuses as askStatuses, windowOf, YOU } from '../wire/server'
import { socket } from '../wire/socket'
import { loadActors, loadSettings } from '../rail/actors'
import { loadGroups } from '../rail/groups'
import { merged, trimmed } from './log'
import { arrivals, stored } from './outbox'
import type { ReadTo } from './rows'

/** How many events are asked for at a time. */
const PAGE_EVENTS = 60
/** How many on each side of an event that is gone to. */
const AROUND_EVENTS = 40
/** Events that come together are answered by one question. */
const GATHER_MS = 150

interface Chat {
  group_id: string | null
  events: Event[]
  /** Null before the first answer. */
  head_seq: number | null
  has_more_before: boolean
  loading_before: boolean
  error: string | null
  error_before: string | null
  /** Whether newer ones lie behind the last event: then what comes is counted, and not shown. */
  has_more_after: boolean
  loading_after: boolean
  error_after: string | null
  /** Messages that came while newer ones were not shown. */
  missed: number
  /** How many messages were unread when the group was opened. */
  unread: number
  /** Why the message of a link cannot be shown. */
  error_jump: string | null
  statuses: Record<string, MessageStatus>
  /** Delivery records and the like that came while the group was open, for what is shown live. */
  moves: Event[]
  /** Where reading ended when the group was opened. */
  read: ReadTo | null
}

const CLOSED: Omit<Chat, 'group_id'> = {
  events: [], head_seq: null, has_more_before: false, loading_before: false, error: null, error_before: null,
  has_more_after: false, loading_after: false, error_after: null, missed: 0, unread: 0, error_jump: null,
  statuses: {}, moves: [], read: null,
}

export const useChat = create<Chat>(() => ({ group_id: null, ...CLOSED }))

/** Most records of movement kept for an open popover. */
const MOVES_MAX = 500

/** Ends that the ledger of the open group is followed. */
let unfollow: (() => void) | null = null
let opened = 0

/** Asks how far messages came, and keeps the answer. */
async function loadStatuses(group_id: string, event_ids: string[]): Promise<void> {
  if (event_ids.length === 0) return
  try {
    const come = await askStatuses(group_id, event_ids)
    if (useChat.getState().group_id !== group_id) return
    const byId = Object.fromEntries(come.map((status) => [status.event_id, status]))
    useChat.setState((state) => ({ statuses: { ...state.statuses, ...byId } }))
  } catch {
    // The marks stay as they were; the next event, or the return of the connection, asks again.
  }
}

const settled = (status: MessageStatus | undefined): boolean =>
  status !== undefined &&
  Object.values(status.obligation_status ?? {}).every((done) => done.replied || (done.read && !done.reply_required && status.ack_status === null))

let dirty = new Set<string>()
let gathering: ReturnType<typeof setTimeout> | undefined
let actorsChanged = false
let settingsChanged = false

/** Remembers what an event makes old, and asks for it in a moment. */
function gather(group_id: string, event: Event): void {
  const { events, statuses } = useChat.getState()
  if (isMessage(event)) {
    dirty.add(event.id)
    if (event.data.reply_to) dirty.add(event.data.reply_to)
  }
  if (event.kind === 'chat.read') {
    for (const one of events) if (isMessage(one) && one.seq < event.seq && !settled(statuses[one.id])) dirty.add(one.id)
  } else if (MOVES_STATUS.has(event.kind)) {
    const data = event.data as { event_id?: string; source_event_id?: string; event_ids?: string[] }
    for (const id of [data.event_id, data.source_event_id, ...(data.event_ids ?? [])]) if (id) dirty.add(id)
  }
  if (MOVES_ACTORS.test(event.kind)) actorsChanged = true
  if (event.kind === 'group.settings_update') settingsChanged = true
  gathering ??= setTimeout(() => {
    gathering = undefined
    if (useChat.getState().group_id !== group_id) return
    const known = new Set(useChat.getState().events.map(({ id }) => id))
    void loadStatuses(group_id, [...dirty].filter((id) => known.has(id)))
    dirty = new Set()
    if (actorsChanged) {
      void loadActors(group_id)
      void loadGroups()
    }
    if (settingsChanged) void loadSettings(group_id)
    actorsChanged = false
    settingsChanged = false
  }, GATHER_MS)
}

const followers = new Set<(event: Event) => void>()

/** Calls `then` with every event of the open group as it comes; gives back how to end that. */
export function onEvent(then: (event: Event) => void): () => void {
  followers.add(then)
  return () => followers.delete(then)
}

function come(group_id: string, event: Event): void {
  const state = useChat.getState()
  if (state.group_id !== group_id) return
  for (const then of followers) then(event)
  const next: Partial<Chat> = { head_seq: event.seq }
  if (state.has_more_after) {
    if (isMessage(event) && event.by !== YOU) next.missed = state.missed + 1
  } else if (SHOWN.includes(event.kind)) {
    const { events, cut } = trimmed(merged(state.events, [event]))
    next.events = events
    if (cut) next.has_more_before = true
  }
  if (MOVES_STATUS.has(event.kind)) next.moves = [...state.moves, event].slice(-MOVES_MAX)
  useChat.setState(next)
  const message = dataOf(event, 'chat.message')
  if (message?.client_id && event.by === YOU) stored(message.client_id)
  gather(group_id, event)
}

// The answer to a message may come before its event does: it takes its place at once, and no second one comes.
arrivals.add((event) => {
  const { group_id, events } = useChat.getState()
  if (event.group_id !== group_id) return
  // What one says oneself is at the end: there one goes.
  if (useChat.getState().has_more_after) {
    void toNewest()
    return
  }
  useChat.setState({ events: merged(events, [event]) })
  gather(group_id, event)
})

/** Opens a group from where reading ended, or from the end of its ledger; what is open already is only brought up to date. */
export async function openChat(group_id: string, how: 'unread' | 'newest' = 'unread'): Promise<void> {
  opened += 1
  const mine = opened
  unfollow?.()
  unfollow = null
  if (useChat.getState().group_id !== group_id) useChat.setState({ group_id, ...CLOSED })
  useChat.setState({ error: null })
  try {
    const [end, mailbox] = await Promise.all([
      windowOf({ group_id, before: PAGE_EVENTS, after: 0, kinds: SHOWN }),
      inbox(group_id).catch(() => null),
    ])
    if (mine !== opened) return
    const read = useChat.getState().read ?? (await readTo(group_id, end.events, mailbox?.cursor.event_id ?? '', mailbox?.cursor.ts ?? ''))
    if (mine !== opened) return
    for (const event of end.events) {
      const message = dataOf(event, 'chat.message')
      if (message?.client_id && event.by === YOU) stored(message.client_id)
    }
    const [first] = end.events
    // Somebody who has been away begins where reading ended, however long ago that was.
    const behind = how === 'unread' && mailbox !== null && mailbox.unread_total > 0 && read !== null && end.has_more_before && first !== undefined && first.seq > read.seq
    const shown = behind ? await windowOf({ group_id, event_id: mailbox.cursor.event_id, before: AROUND_EVENTS, after: AROUND_EVENTS, kinds: SHOWN }) : { ...end, has_more_after: false }
    if (mine !== opened) return
    useChat.setState({
      events: shown.events, head_seq: end.head_seq, has_more_before: shown.has_more_before, has_more_after: shown.has_more_after,
      missed: 0, unread: mailbox?.unread_total ?? 0, read, statuses: {},
    })
    void loadStatuses(group_id, shown.events.filter(isMessage).map(({ id }) => id))
    unfollow = socket.follow(group_id, end.head_seq, {
      event: (event) => {
        come(group_id, event)
      },
      // The ledger is another one, like that of a group which was reset.
      anew: () => {
        if (mine === opened) reopen(group_id)
      },
      refused: () => void loadGroups(),
    })
  } catch (error) {
    if (mine === opened) useChat.setState({ error: (error as Error).message })
  }
}

function reopen(group_id: string): void {
  useChat.setState(CLOSED)
  void openChat(group_id)
}

/** The sequence number that the cursor means, by the time it says: sequence and time both only grow. */
async function readTo(group_id: string, events: Event[], event_id: string, ts: string): Promise<ReadTo | null> {
  if (event_id === '') return null
  const here = events.find(({ id }) => id === event_id)
  if (here) return { seq: here.seq, ts: here.ts }
  const before = events.filter((event) => event.ts <= ts).at(-1)
  if (before) return { seq: before.seq, ts }
  try {
    const around = await windowOf({ group_id, event_id, before: 0, after: 0 })
    const [event] = around.events
    return event ? { seq: event.seq, ts: event.ts } : null
  } catch {
    return null
  }
}

/** Closes what is open. */
export function closeChat(): void {
  opened += 1
  unfollow?.()
  unfollow = null
  useChat.setState({ group_id: null, ...CLOSED })
}

/** The daemon answers again: events go on behind the last one by themselves, and everything else is asked anew. */
export function resumeChat(): void {
  const { group_id, head_seq, events, error } = useChat.getState()
  if (group_id === null) return
  if (head_seq === null || error !== null || unfollow === null) {
    void openChat(group_id)
    return
  }
  void loadStatuses(group_id, events.filter(isMessage).map(({ id }) => id))
  void loadActors(group_id)
}

/** Asks for what lies before the first event. */
export async function loadOlder(): Promise<void> {
  const { group_id, events, has_more_before, loading_before } = useChat.getState()
  const [first] = events
  if (group_id === null || first === undefined || !has_more_before || loading_before) return
  useChat.setState({ loading_before: true, error_before: null })
  try {
    const older = await windowOf({ group_id, event_id: first.id, before: PAGE_EVENTS, after: 0, kinds: SHOWN })
    if (useChat.getState().group_id !== group_id) return
    const fresh = older.events.filter((event) => event.seq < first.seq)
    useChat.setState((state) => ({
      events: merged(fresh, state.events), has_more_before: older.has_more_before, loading_before: false,
    }))
    void loadStatuses(group_id, fresh.filter(isMessage).map(({ id }) => id))
  } catch (error) {
    useChat.setState({ loading_before: false, error_before: (error as Error).message })
  }
}

/** Asks for what lies behind the last event that is shown. */
export async function loadNewer(): Promise<void> {
  const { group_id, events, has_more_after, loading_after } = useChat.getState()
  const last = events.at(-1)
  if (group_id === null || last === undefined || !has_more_after || loading_after) return
  useChat.setState({ loading_after: true, error_after: null })
  try {
    const newer = await windowOf({ group_id, event_id: last.id, before: 0, after: PAGE_EVENTS, kinds: SHOWN })
    if (useChat.getState().group_id !== group_id) return
    const fresh = newer.events.filter((event) => event.seq > last.seq)
    useChat.setState((state) => {
      // What came meanwhile is not in the answer: it is asked for once more.
      const more = newer.has_more_after || (state.head_seq ?? 0) > newer.head_seq
      return { events: merged(state.events, fresh), has_more_after: more, loading_after: false, missed: more ? state.missed : 0 }
    })
    void loadStatuses(group_id, fresh.filter(isMessage).map(({ id }) => id))
  } catch (error) {
    useChat.setState({ loading_after: false, error_after: (error as Error).message })
  }
}

/** Shows what lies around a message, of whatever age. False when it cannot be shown; the reason is kept. */
export async function jumpTo(event_id: string): Promise<boolean> {
  const { group_id, events } = useChat.getState()
  if (group_id === null) return false
  useChat.setState({ error_jump: null })
  if (events.some(({ id }) => id === event_id)) return true
  try {
    const around = await windowOf({ group_id, event_id, before: AROUND_EVENTS, after: AROUND_EVENTS, kinds: SHOWN })
    if (useChat.getState().group_id !== group_id) return false
    useChat.setState((state) => ({
      events: around.events, has_more_before: around.has_more_before, error_before: null,
      has_more_after: around.has_more_after || (state.head_seq ?? 0) > around.head_seq,
      missed: 0, statuses: {},
    }))
    void loadStatuses(group_id, around.events.filter(isMessage).map(({ id }) => id))
    return around.events.some(({ id }) => id === event_id)
  } catch (error) {
    useChat.setState({ error_jump: (error as Error).message })
    return false
  }
}

/** Back to the end of the ledger. */
export async function toNewest(): Promise<void> {
  const { group_id } = useChat.getState()
  if (group_id !== null) await openChat(group_id, 'newest')
}

let told = 0

/** Whether a message is for the person here. */
const isMine = (event: Event): boolean => {
  const to = dataOf(event, 'chat.message')?.to
  return to !== undefined && event.by !== YOU && (to.length === 0 || to.some((one) => one === YOU || one === '@user' || one === '@all'))
}

/** Says that everything up to an event was seen; earlier ones are never said again. */
export async function seen(group_id: string, upTo: number): Promise<void> {
  const { events, read } = useChat.getState()
  const last = events.filter((event) => event.seq <= upTo && isMine(event)).at(-1)
  if (last === undefined || last.seq <= Math.max(told, read?.seq ?? 0)) return
  told = last.seq
  try {
    await markRead(group_id, last.id)
  } catch {
    told = 0 // It is said again when the next message is seen.
  }
}

/** Forgets what was said to be read, for another group. */
export function unseen(): void {
  told = 0
}
