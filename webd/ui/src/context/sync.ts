// What the panes about shared work ask of the server: the context, the tasks, changes to both, and who made them.
import type { BatchOpAsked, Event, LedgerSearchAnswer, Ops, Task, TaskView } from '../wire/contract'
import { call } from '../wire/http'
import { dataOf } from '../wire/events'
import { windowOf, YOU } from '../wire/server'

export type Op = BatchOpAsked
export type Context = Ops['context_get']['answer']

/** How many changes are asked for at a time, and how often, to find authors and times. */
const CHANGES_PAGE = 200
const PAGES_MAX = 5
/** How many messages about one thing are looked for. */
const MESSAGES_MAX = 50

export const contextOf = (group_id: string): Promise<Context> => call('context_get', { group_id })

export const tasksOf = async (group_id: string): Promise<TaskView[]> => (await call('task_list', { group_id })).tasks ?? []

/** Changes the context as the person here: all of the operations, or none. */
export const sync = (group_id: string, ops: Op[], if_version?: string): Promise<Ops['context_sync']['answer']> =>
  call('context_sync', { group_id, ops, by: YOU, ...(if_version === undefined ? {} : { if_version }) } as Ops['context_sync']['args'])

/** Whether a change is of something that has an author: what actors say of themselves comes often, and says by itself whose it is. */
export const isAuthored = (event: Event): boolean =>
  Object.keys(dataOf(event, 'context.sync')?.patch ?? {}).some((part) => part !== 'presence' && part !== 'agent_states')

/** The newest changes that have an author, oldest first. */
export async function changesOf(group_id: string): Promise<Event[]> {
  let found: Event[] = []
  let event_id = ''
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { events, has_more_before } = await windowOf({ group_id, before: CHANGES_PAGE, after: 0, kinds: ['context.sync'], ...(event_id === '' ? {} : { event_id }) })
    const older = events.filter(({ id }) => id !== event_id)
    found = [...older.filter(isAuthored), ...found]
    const [first] = events
    if (!has_more_before || first === undefined || first.id === event_id) break
    event_id = first.id
  }
  return found
}

/** Messages that name something, oldest first. */
export const messagesAbout = (group_id: string, text: string): Promise<LedgerSearchAnswer> =>
  call('ledger_search', { group_id, text, kind: 'chat', limit: MESSAGES_MAX })

export type { Event, Task, TaskView }
