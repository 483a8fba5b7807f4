// The thread that is looked at: its first message, what answers it, and how far each has come. Live.
import { create } from 'zustand'
import type { Event, MessageStatus } from '../wire/contract'
import { isMessage, MOVES_STATUS, type Message } from '../wire/events'
import { statuses as ask, windowOf } from '../wire/server'
import { onEvents } from '../wire/socket'
import { repliesOf } from './threads'

/** Messages after the first one that are looked through for answers, and how many at a time. */
const LOOKED_MAX = 2_000
const PAGE = 200
/** Steps up from an answer to where its thread begins. */
const STEPS_MAX = 50
/** Events that come together are answered by one question. */
const GATHER_MS = 200

interface OpenThread {
  key: string
  root: Message | null
  replies: Message[]
  statuses: Record<string, MessageStatus>
  error: string | null
  /** Whether later answers may be missing. */
  cut: boolean
}

const CLOSED: OpenThread = { key: '', root: null, replies: [], statuses: {}, error: null, cut: false }

export const useThread = create<OpenThread>(() => CLOSED)

let all: Event[] = []
let end: (() => void) | null = null
let gathering: ReturnType<typeof setTimeout> | undefined

async function rootOf(group_id: string, event_id: string): Promise<Message | null> {
  let id = event_id
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const { events } = await windowOf({ group_id, event_id: id, before: 0, after: 0 })
    const message = events.find((event) => event.id === id)
    if (message === undefined || !isMessage(message)) return null
    if (message.data.reply_to === null) return message
    id = message.data.reply_to
  }
  return null
}

async function loadStatuses(group_id: string, key: string): Promise<void> {
  const { root, replies } = useThread.getState()
  if (root === null) return
  try {
    const come = await ask(group_id, [root, ...replies].map(({ id }) => id))
    if (useThread.getState().key === key) useThread.setState({ statuses: Object.fromEntries(come.map((one) => [one.event_id, one])) })
  } catch {
    // The marks stay as they were; the next event asks again.
  }
}

/** Opens a thread by any message of it. */
export async function openThread(group_id: string, event_id: string): Promise<void> {
  const key = `${group_id} ${event_id}`
  closeThread()
  useThread.setState({ ...CLOSED, key })
  const mine = (): boolean => useThread.getState().key === key
  const early: Event[] = []
  let loaded = false
  const take = (event: Event): void => {
    if (!mine()) return
    if (!loaded) {
      early.push(event)
      return
    }
    const { root } = useThread.getState()
    if (isMessage(event) && root !== null && !all.some(({ id }) => id === event.id)) {
      all = [...all, event]
      useThread.setState({ replies: repliesOf(root.id, all) })
    }
    if (!isMessage(event) && !MOVES_STATUS.has(event.kind)) return
    gathering ??= setTimeout(() => {
      gathering = undefined
      void loadStatuses(group_id, key)
    }, GATHER_MS)
  }
  end = onEvents(group_id, take)
  try {
    const root = await rootOf(group_id, event_id)
    if (!mine()) return
    if (root === null) throw new Error(event_id)
    const found: Event[] = [root]
    let more = true
    while (more && found.length < LOOKED_MAX) {
      const last = found.at(-1) ?? root
      const page = await windowOf({ group_id, event_id: last.id, before: 0, after: PAGE, kinds: ['chat.message'] })
      if (!mine()) return
      const fresh = page.events.filter((event) => event.seq > last.seq)
      found.push(...fresh)
      more = page.has_more_after && fresh.length > 0
    }
    all = found
    useThread.setState({ root, replies: repliesOf(root.id, all), cut: more })
    loaded = true
    for (const event of early) take(event)
    await loadStatuses(group_id, key)
  } catch (error) {
    if (mine()) useThread.setState({ error: (error as Error).message })
  }
}

export function closeThread(): void {
  end?.()
  end = null
  all = []
  clearTimeout(gathering)
  gathering = undefined
  useThread.setState(CLOSED)
}
