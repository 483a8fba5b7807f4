// What the panes about shared work ask of the server: the context, the tasks, changes to both, and who made them.
import type { BatchOpAsked, Event, LedgerSearchAnswer, Ops, Task, TaskView } from '../wire/contract'
import { call } from '../wire/http'
import { windowOf, YOU } from '../wire/server'

export type Op = BatchOpAsked
export type Context = Ops['context_get']['answer']

/** How many changes are looked at for authors and times. */
const CHANGES_MAX = 200
/** How many messages about one thing are looked for. */
const MESSAGES_MAX = 50

export const contextOf = (group_id: string): Promise<Context> => call('context_get', { group_id })

export const tasksOf = async (group_id: string): Promise<TaskView[]> => (await call('task_list', { group_id })).tasks ?? []

/** Changes the context as the person here: all of the operations, or none. */
export const sync = (group_id: string, ops: Op[], if_version?: string): Promise<Ops['context_sync']['answer']> =>
  call('context_sync', { group_id, ops, by: YOU, ...(if_version === undefined ? {} : { if_version }) } as Ops['context_sync']['args'])

/** The newest changes, oldest first. */
export const changesOf = async (group_id: string): Promise<Event[]> =>
  (await windowOf({ group_id, before: CHANGES_MAX, after: 0, kinds: ['context.sync'] })).events

/** Messages that name something, oldest first. */
export const messagesAbout = (group_id: string, text: string): Promise<LedgerSearchAnswer> =>
  call('ledger_search', { group_id, text, kind: 'chat', limit: MESSAGES_MAX })

export type { Event, Task, TaskView }
