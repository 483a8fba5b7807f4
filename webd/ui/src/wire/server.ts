// What the page asks of the server, one function each. Lists that come in pages are put together here.
import type { ActorView, Event, GroupRow, MessageStatus, Ops, WaitingGroup } from './contract'
import { call, request } from './http'

/** Who speaks in this browser. */
export const YOU = 'user'

interface Page {
  has_more?: boolean
  next_cursor?: string | null
}

async function pages<A extends Page, T>(ask: (cursor: string) => Promise<A>, rows: (answer: A) => T[]): Promise<T[]> {
  const all: T[] = []
  let cursor = ''
  for (;;) {
    const answer = await ask(cursor)
    all.push(...rows(answer))
    if (!answer.has_more || !answer.next_cursor) return all
    cursor = answer.next_cursor
  }
}

/** Asks whether the daemon is there; with a token, also proves it once. */
export const ping = (token?: string): Promise<{ version?: string }> => request('/api/v1/ping', token ? { token } : {})

export async function groups(): Promise<GroupRow[]> {
  const all = await pages((cursor) => call('groups', { cursor }), (answer) => answer.groups)
  // A group that is touched between two pages comes twice.
  return [...new Map(all.map((row) => [row.group_id, row])).values()]
}

/** Actors of a group, and why nothing runs in it at all. */
export async function actors(group_id: string): Promise<{ actors: ActorView[]; trouble: string | null }> {
  let trouble: string | null = null
  const all = await pages(
    (cursor) => call('actor_list', { group_id, cursor }),
    (answer) => {
      trouble ??= answer.trouble ?? null
      return answer.actors
    },
  )
  return { actors: all, trouble }
}

/** How a group treats messages that name nobody. Settings that were never set are not in its document. */
export async function defaultSendTo(group_id: string): Promise<'foreman' | 'broadcast'> {
  const { group } = await call('group_show', { group_id })
  return group.settings.default_send_to === 'broadcast' ? 'broadcast' : 'foreman'
}

export const windowOf = (args: Ops['ledger_window']['args']): Promise<Ops['ledger_window']['answer']> =>
  call('ledger_window', args)

/** Most messages that one question about statuses may name. */
const STATUS_IDS_MAX = 500

export async function statuses(group_id: string, event_ids: string[]): Promise<MessageStatus[]> {
  const all: MessageStatus[] = []
  for (let from = 0; from < event_ids.length; from += STATUS_IDS_MAX) {
    const some = event_ids.slice(from, from + STATUS_IDS_MAX)
    all.push(...(await pages((cursor) => call('message_statuses', { group_id, event_ids: some, cursor }), (a) => a.statuses)))
  }
  return all
}

/** What is sent. The same `client_id` again is the same message: it cannot be stored twice. */
export interface Outgoing {
  group_id: string
  client_id: string
  text: string
  to: string[]
  priority: 'normal' | 'attention'
  reply_required: boolean
  reply_to: string | null
}

export async function send({ reply_to, ...message }: Outgoing): Promise<Event> {
  if (reply_to === null) return (await call('send', message)).event
  return (await call('reply', { ...message, reply_to })).event
}

export const acknowledge = (group_id: string, event_id: string): Promise<unknown> =>
  call('chat_ack', { group_id, event_id, actor_id: YOU })

export const inbox = (group_id: string): Promise<Ops['inbox_list']['answer']> =>
  call('inbox_list', { group_id, actor_id: YOU, kind_filter: 'chat', limit: 1 })

export const markRead = (group_id: string, event_id: string): Promise<unknown> =>
  call('inbox_mark_read', { group_id, actor_id: YOU, event_id, only_shown: true })

/** What waits in every group in which something does. */
export const waitingGroups = (): Promise<WaitingGroup[]> =>
  pages((cursor) => call('waiting_list', { cursor }), (answer) => answer.groups)

/** Starting waits for the program, ending for its end: longer than other requests may take. */
const ACTOR_MS_MAX = 60_000

/** What can be done to an actor. */
export type ActorVerb = 'start' | 'stop' | 'restart'

export const actor = (verb: ActorVerb, group_id: string, actor_id: string): Promise<unknown> =>
  call(`actor_${verb}`, { group_id, actor_id }, ACTOR_MS_MAX)

export const addActor = (args: Ops['actor_add']['args']): Promise<Ops['actor_add']['answer']> =>
  call('actor_add', args, ACTOR_MS_MAX)

export const attach = (path: string): Promise<Ops['attach']['answer']> => call('attach', { path, by: YOU } as Ops['attach']['args'])

/** A folder's folders. */
export interface Listing {
  path: string
  parent: string | null
  items: { name: string; path: string; is_dir: boolean }[]
}

export const folders = (path: string): Promise<Listing> => request(`/api/v1/fs/list?path=${encodeURIComponent(path)}`)

/** A program that can be an agent. */
export interface Runtime {
  name: string
  display_name: string
  /** Words of its usual command, or the whole line. */
  command: string[] | string
  available: boolean
  path?: string | null
}

export const runtimes = async (): Promise<Runtime[]> =>
  (await request<{ runtimes: Runtime[] }>('/api/v1/runtimes')).runtimes
