// What a group shares, live: the context, the tasks, and their changes. Both panes look at it; edits show before they are stored.
import { create } from 'zustand'
import { onEvent } from '../chat/store'
import { onReturn } from '../connection/store'
import { Refusal } from '../wire/http'
import { applied } from '../tasks/tasks'
import { changesOf, contextOf, isAuthored, sync, tasksOf, type Context, type Event, type Op, type TaskView } from './sync'

/** Changes that come together are answered by one question. */
const GATHER_MS = 200
/** How often a change is tried again because something else changed meanwhile. */
const TRIES_MAX = 3
/** How many changes are kept for authors and times. */
const CHANGES_MAX = 1_000

/** An operation that is shown but not stored yet. */
interface Pending {
  n: number
  task_id: string
  op: Op
}

interface Shared {
  group_id: string | null
  context: Context | null
  tasks: TaskView[] | null
  changes: Event[]
  error: string | null
  pending: Pending[]
  /** Why the last change of a task was refused, by its id. */
  refused: Record<string, string>
}

const NOTHING: Omit<Shared, 'group_id'> = { context: null, tasks: null, changes: [], error: null, pending: [], refused: {} }

export const useShared = create<Shared>(() => ({ group_id: null, ...NOTHING }))

const isOpen = (group_id: string): boolean => useShared.getState().group_id === group_id

let asked = 0

/** Asks for everything anew. */
export async function loadShared(group_id: string): Promise<void> {
  asked += 1
  const mine = asked
  try {
    const [context, tasks] = await Promise.all([contextOf(group_id), tasksOf(group_id)])
    if (isOpen(group_id) && mine === asked) useShared.setState({ context, tasks, error: null })
  } catch (error) {
    if (isOpen(group_id) && mine === asked) useShared.setState({ error: (error as Error).message })
  }
}

async function loadChanges(group_id: string): Promise<void> {
  try {
    const known = await changesOf(group_id)
    if (!isOpen(group_id)) return
    const last = known.at(-1)?.seq ?? 0
    useShared.setState((state) => ({ changes: [...known, ...state.changes.filter(({ seq }) => seq > last)] }))
  } catch {
    // Parts stand without their authors; the next opening asks again.
  }
}

/** Opens a group and follows it; gives back how to end that. */
export function openShared(group_id: string): () => void {
  if (!isOpen(group_id)) useShared.setState({ group_id, ...NOTHING })
  const all = (): void => {
    void loadShared(group_id)
    void loadChanges(group_id)
  }
  all()
  let timer: ReturnType<typeof setTimeout> | undefined
  const ends = [
    onReturn(all),
    onEvent((event) => {
      if (event.group_id !== group_id || event.kind !== 'context.sync') return
      if (isAuthored(event)) useShared.setState((state) => ({ changes: [...state.changes, event].slice(-CHANGES_MAX) }))
      timer ??= setTimeout(() => {
        timer = undefined
        void loadShared(group_id)
      }, GATHER_MS)
    }),
  ]
  return () => {
    clearTimeout(timer)
    for (const end of ends) end()
  }
}

let count = 0

/** Changes a task: shown at once, taken back with the reason where it is refused. */
export async function changeTask(group_id: string, task_id: string, op: Op): Promise<boolean> {
  count += 1
  const n = count
  useShared.setState((state) => ({ pending: [...state.pending, { n, task_id, op }], refused: { ...state.refused, [task_id]: '' } }))
  let reason = ''
  try {
    await sync(group_id, [op])
    await loadShared(group_id)
  } catch (error) {
    reason = (error as Error).message
  }
  if (!isOpen(group_id)) return reason === ''
  useShared.setState((state) => ({
    pending: state.pending.filter((one) => one.n !== n), refused: { ...state.refused, [task_id]: reason },
  }))
  return reason === ''
}

/** Forgets why the last change of a task was refused. */
export const forgive = (task_id: string): void => {
  useShared.setState((state) => ({ refused: { ...state.refused, [task_id]: '' } }))
}

/**
 * Changes the context once it is stored, if `still` says so of the newest one.
 *
 * Every change of anything gives the context another version: what others changed elsewhere in it is no conflict.
 *
 * @returns false where `still` did not say so; the newest context is then in the store.
 */
export async function changeShared(group_id: string, ops: Op[], still: (context: Context, tasks: TaskView[]) => boolean = () => true): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    // The version is asked for before the tasks: a change between the two is refused by it.
    const context = await contextOf(group_id)
    const tasks = await tasksOf(group_id)
    if (isOpen(group_id)) useShared.setState({ context, tasks })
    if (!still(context, tasks)) return false
    try {
      await sync(group_id, ops, context.version)
      await loadShared(group_id)
      return true
    } catch (error) {
      if (tries >= TRIES_MAX || !(error instanceof Refusal) || error.code !== 'version_conflict') throw error
    }
  }
}

/** The tasks with what is not stored yet. Pure. */
export const withPending = (tasks: TaskView[], pending: Pending[]): TaskView[] =>
  pending.length === 0 ? tasks : pending.reduce((all, { task_id, op }) => all.flatMap((task) => (task.id === task_id ? applied(task, op) ?? [] : task)), tasks)

const NO_MILESTONES: Context['milestones'] = []

export const useMilestones = (): Context['milestones'] => useShared((state) => state.context?.milestones ?? NO_MILESTONES)
