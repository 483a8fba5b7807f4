// What waits in every group. How much it is is asked for all groups at once, and again after what happens in any; what it
// is, message by message, only while somebody looks at it.
import { create } from 'zustand'
import { useConnection } from '../connection/store'
import { useGroups } from '../rail/groups'
import type { ActorView, GroupRow, MessageStatus, WaitingGroup } from '../wire/contract'
import { isMessage, type Message } from '../wire/events'
import { actors as askActors, statuses as askStatuses, waitingGroups, windowOf } from '../wire/server'
import { socket } from '../wire/socket'
import { rowsOf, sorted, type WaitingRow } from './rows'

/** How far back a group is looked through for what did not arrive; what is owed is named by the server, whatever its age. */
const MESSAGES_MAX = 200
/** Events that come together are answered by one question. */
const GATHER_MS = 800

export interface GroupWaits {
  group: GroupRow
  messages: Message[]
  statuses: Record<string, MessageStatus>
  actors: ActorView[]
}

interface Waiting {
  /** How much waits, by group; null before the first answer. Groups in which nothing does are missing. */
  counts: Record<string, WaitingGroup> | null
  /** What waits, by group; a group is missing before its first answer. */
  groups: Record<string, GroupWaits>
  errors: Record<string, string>
  /** Rows that were acted on: gone until the ledger says otherwise. */
  done: ReadonlySet<string>
}

export const useWaiting = create<Waiting>(() => ({ counts: null, groups: {}, errors: {}, done: new Set() }))

/** Every row, in order, without what was acted on. Pure. */
export function allRows({ groups, done }: Pick<Waiting, 'groups' | 'done'>, now: number): WaitingRow[] {
  return sorted(Object.values(groups).flatMap((known) => rowsOf(known, now))).filter(({ key }) => !done.has(key))
}

/** How much is asked of the reader in a group, without what was just acted on. Pure. */
export function owedIn(count: WaitingGroup | undefined, done: ReadonlySet<string>): number {
  if (count === undefined) return 0
  return count.user_owes_total - count.user_owes.filter(({ event_id }) => done.has(`${event_id} you`)).length
}

/** The same in all groups. */
export const useOwed = (): number =>
  useWaiting(({ counts, done }) => Object.values(counts ?? {}).reduce((sum, count) => sum + owedIn(count, done), 0))

export const useCount = (group_id: string): { unread: number; owed: number } => {
  const unread = useWaiting(({ counts }) => counts?.[group_id]?.unread ?? 0)
  const owed = useWaiting(({ counts, done }) => owedIn(counts?.[group_id], done))
  return { unread, owed }
}

export function setDone(key: string, is: boolean): void {
  useWaiting.setState(({ done }) => {
    const next = new Set(done)
    if (is) next.add(key)
    else next.delete(key)
    return { done: next }
  })
}

async function loadCounts(): Promise<void> {
  // What waits for the owner is not told to whoever may only look.
  if (useConnection.getState().read_only) return
  try {
    const come = await waitingGroups()
    useWaiting.setState({ counts: Object.fromEntries(come.map((one) => [one.group_id, one])) })
  } catch {
    // The counts stay as they were; the next event, or the return of the connection, asks again.
  }
}

/** Messages by their ids, those that are there. */
async function byIds(group_id: string, ids: string[]): Promise<Message[]> {
  const found = await Promise.all(ids.map((event_id) => windowOf({ group_id, event_id, before: 0, after: 0 }).catch(() => null)))
  return found.flatMap((one) => one?.events ?? []).filter(isMessage)
}

/** Looks at a group anew. */
export async function lookAt(group: GroupRow): Promise<void> {
  const { group_id } = group
  try {
    const [{ events }, { actors }] = await Promise.all([windowOf({ group_id, before: MESSAGES_MAX, after: 0, kinds: ['chat.message'] }), askActors(group_id)])
    const recent = events.filter(isMessage)
    const here = new Set(recent.map(({ id }) => id))
    const count = useWaiting.getState().counts?.[group_id]
    const named = [...(count?.user_owes ?? []), ...(count?.actors_owe ?? []), ...(count?.held ?? [])].map(({ event_id }) => event_id)
    const older = await byIds(group_id, [...new Set(named)].filter((id) => !here.has(id)))
    const messages = [...older, ...recent].sort((a, b) => a.seq - b.seq)
    const come = messages.length === 0 ? [] : await askStatuses(group_id, messages.map(({ id }) => id))
    const waits = { group, messages, actors, statuses: Object.fromEntries(come.map((one) => [one.event_id, one])) }
    if (followed.has(group_id)) useWaiting.setState(({ groups, errors }) => ({ groups: { ...groups, [group_id]: waits }, errors: without(errors, group_id) }))
  } catch (error) {
    useWaiting.setState(({ errors }) => ({ errors: { ...errors, [group_id]: (error as Error).message } }))
  }
}

const without = <T>(record: Record<string, T>, key: string): Record<string, T> => Object.fromEntries(Object.entries(record).filter(([one]) => one !== key))

/** Groups that are followed, by how that ends. */
const followed = new Map<string, () => void>()
let changedGroups = new Set<string>()
let gathering: ReturnType<typeof setTimeout> | undefined
let watchers = 0

function changed(group_id: string): void {
  changedGroups.add(group_id)
  gathering ??= setTimeout(() => {
    gathering = undefined
    const some = changedGroups
    changedGroups = new Set()
    if (useConnection.getState().phase !== 'live') return
    void loadCounts().then(() => {
      if (watchers === 0) return
      for (const group of useGroups.getState().groups ?? []) if (some.has(group.group_id)) void lookAt(group)
    })
  }, GATHER_MS)
}

/** Follows the groups there are, and no others. */
function follow(rows: GroupRow[] | null): void {
  if (rows === null) return
  const here = new Set(rows.map(({ group_id }) => group_id))
  for (const [group_id, end] of followed) {
    if (here.has(group_id)) continue
    end()
    followed.delete(group_id)
    useWaiting.setState(({ groups, errors }) => ({ groups: without(groups, group_id), errors: without(errors, group_id) }))
  }
  for (const row of rows) {
    const { group_id } = row
    const known = useWaiting.getState().groups[group_id]
    if (known !== undefined && known.group.state !== row.state) useWaiting.setState(({ groups }) => ({ groups: { ...groups, [group_id]: { ...known, group: row } } }))
    if (followed.has(group_id)) continue
    const again = (): void => { changed(group_id) }
    followed.set(group_id, socket.follow(group_id, null, { event: again, following: again }))
    again()
  }
}

/** Begins to count. Call once. */
export function watchWaiting(): void {
  follow(useGroups.getState().groups)
  useGroups.subscribe(({ groups }) => { follow(groups) })
}

/** Asks every group again. */
export function lookAgain(): void {
  for (const group of useGroups.getState().groups ?? []) changed(group.group_id)
}

/** Looks at every message that waits, until it is ended. */
export function watchRows(): () => void {
  watchers += 1
  lookAgain()
  return () => { watchers -= 1 }
}
