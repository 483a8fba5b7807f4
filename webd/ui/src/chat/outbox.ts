// Messages that were written here and are not stored yet. They survive a reload, stay in order, and go out under the
// same client id however often they are tried, so that none is stored twice.
import { create } from 'zustand'
import { useConnection } from '../connection/store'
import { say } from '../words'
import type { Event } from '../wire/contract'
import { Refusal } from '../wire/http'
import { sendFiles } from '../wire/files'
import { send, type Outgoing } from '../wire/server'
import type { Unsent } from './unsent'

const KEPT = 'cccc.unsent'

/** What was kept; what was on its way when the page was left needs a person, because nobody knows. */
export function readOutbox(store: Storage): Unsent[] {
  try {
    const kept = JSON.parse(store.getItem(KEPT) ?? '[]') as Unsent[]
    return kept.map((message) =>
      message.state === 'sending' ? { ...message, state: 'failed', reason: say('unsent.reload') } : message,
    )
  } catch {
    return []
  }
}

interface Outbox {
  unsent: Unsent[]
  /** Which share of its files is on its way, from 0 to 1, by client id. */
  shares: Record<string, number>
}

export const useOutbox = create<Outbox>(() => ({ unsent: readOutbox(localStorage), shares: {} }))

/** Files of what is unsent, by client id. They do not survive a reload. */
const files = new Map<string, File[]>()

export const filesOf = (client_id: string): File[] => files.get(client_id) ?? []

function keep(unsent: Unsent[]): void {
  useOutbox.setState({ unsent })
  try {
    localStorage.setItem(KEPT, JSON.stringify(unsent))
  } catch {
    // It is on the page all the same; only a reload would lose it.
  }
}

/** Called with the event of each message that was stored; the stream may bring it sooner or later. */
export const arrivals = new Set<(event: Event) => void>()

const change = (client_id: string, to: Partial<Unsent>): void => {
  keep(useOutbox.getState().unsent.map((message) => (message.client_id === client_id ? { ...message, ...to } : message)))
}

/** The ledger has it. */
export function stored(client_id: string): void {
  const { unsent } = useOutbox.getState()
  files.delete(client_id)
  if (unsent.some((message) => message.client_id === client_id)) keep(unsent.filter((message) => message.client_id !== client_id))
}

export const discard = stored

const why = (error: unknown): string => {
  if (error instanceof Refusal && error.unanswered) return say('unsent.noanswer')
  return say('unsent.refused', { reason: (error as Error).message })
}

/** Sends what is in the outbox under its id, again or for the first time. */
export async function dispatch(client_id: string): Promise<void> {
  const message = useOutbox.getState().unsent.find((one) => one.client_id === client_id)
  if (message === undefined) return
  const mine = filesOf(client_id)
  if (message.files?.length && mine.length === 0) {
    change(client_id, { state: 'failed', reason: say('unsent.files') })
    return
  }
  change(client_id, { state: 'sending', reason: '' })
  const { group_id, text, to, priority, reply_required, reply_to } = message
  try {
    const outgoing = { group_id, client_id, text, to, priority, reply_required, reply_to }
    const event = await (mine.length === 0 ? send(outgoing) : sendFiles(outgoing, mine, (share) => {
      useOutbox.setState((state) => ({ shares: { ...state.shares, [client_id]: share } }))
    }))
    for (const take of arrivals) take(event)
    stored(client_id)
  } catch (error) {
    const away = error instanceof Refusal && error.code === 'daemon_unavailable'
    change(client_id, away ? { state: 'kept', reason: '' } : { state: 'failed', reason: why(error) })
  }
}

/** Puts a message into the outbox and sends it, or keeps it while nobody answers. */
export function post(outgoing: Outgoing, attached: File[] = []): void {
  if (attached.length > 0) files.set(outgoing.client_id, attached)
  const named = attached.map(({ name, size }) => ({ name, bytes: size }))
  const live = useConnection.getState().phase === 'live'
  keep([...useOutbox.getState().unsent, { ...outgoing, files: named, at: Date.now(), state: live ? 'sending' : 'kept', reason: '' }])
  if (live) void dispatch(outgoing.client_id)
}

/** The daemon is back: what was kept goes out, one after the other, in the order it was written. */
export async function flush(): Promise<void> {
  for (const message of useOutbox.getState().unsent.filter(({ state }) => state === 'kept')) await dispatch(message.client_id)
}
