// The search of messages: what is looked for, and what was found. What is typed is looked for at once.
import { create } from 'zustand'
import { go, lastGroup, show, useRoute } from '../app/route'
import { useGroups } from '../rail/groups'
import { foundIn, type Found, type Wanted } from './ask'

export type Since = 'any' | 'day' | 'week' | 'month'

export interface Query {
  text: string
  everywhere: boolean
  kind: 'all' | 'chat' | 'notify'
  sender: string
  recipient: string
  since: Since
}

interface Searching {
  query: Query
  found: Found[]
  cursors: Record<string, string> | null
  more: boolean
  state: 'idle' | 'looking' | 'found'
  error: string | null
}

const NOTHING: Query = { text: '', everywhere: false, kind: 'all', sender: '', recipient: '', since: 'any' }
/** Pause in typing after which it is looked for. */
const PAUSE_MS = 120
const LIMIT = 50
const DAY_MS = 86_400_000
const DAYS: Record<Since, number | null> = { any: null, day: 1, week: 7, month: 30 }

export const useSearch = create<Searching>(() => ({ query: NOTHING, found: [], cursors: null, more: false, state: 'idle', error: null }))

/** Whether a query says what to look for. Pure. */
export const saysSomething = ({ text, sender, recipient, kind, since }: Query): boolean =>
  text.trim() !== '' || sender !== '' || recipient !== '' || kind !== 'all' || since !== 'any'

/** What the server is asked. Pure. */
export function wantedOf({ text, kind, sender, recipient, since }: Query, now: number): Wanted {
  const days = DAYS[since]
  return {
    text: text.trim(), kind, limit: LIMIT,
    ...(sender === '' ? {} : { sender }), ...(recipient === '' ? {} : { recipient }),
    ...(days === null ? {} : { since: new Date(now - days * DAY_MS).toISOString() }),
  }
}

let pause: ReturnType<typeof setTimeout> | undefined
let asked = 0

const groupsOf = (query: Query): string[] => {
  const { place } = useRoute.getState()
  const open = 'group_id' in place ? place.group_id : null
  return query.everywhere || open === null ? (useGroups.getState().groups ?? []).map((one) => one.group_id) : [open]
}

async function ask(on: boolean): Promise<void> {
  const { query, cursors, found } = useSearch.getState()
  asked += 1
  const mine = asked
  useSearch.setState({ state: 'looking', error: null })
  try {
    const page = await foundIn(groupsOf(query), wantedOf(query, Date.now()), on ? (cursors ?? {}) : null)
    if (mine === asked) useSearch.setState({ found: on ? [...found, ...page.found] : page.found, cursors: page.cursors, more: page.more, state: 'found' })
  } catch (error) {
    if (mine === asked) useSearch.setState({ state: 'found', error: (error as Error).message })
  }
}

export function search(change: Partial<Query>): void {
  const query = { ...useSearch.getState().query, ...change }
  useSearch.setState({ query })
  clearTimeout(pause)
  if (!saysSomething(query)) {
    asked += 1
    useSearch.setState({ found: [], more: false, cursors: null, state: 'idle', error: null })
    return
  }
  pause = setTimeout(() => void ask(false), PAUSE_MS)
}

export const searchOn = (): Promise<void> => ask(true)

/** Opens the search beside the chat. */
export function showSearch(text: string, everywhere: boolean): void {
  const { place } = useRoute.getState()
  if (place.at === 'chat') show({ dock: 'search', thread: null })
  else {
    const group_id = ('group_id' in place ? place.group_id : null) ?? lastGroup() ?? useGroups.getState().groups?.[0]?.group_id
    if (group_id === undefined) return
    go({ at: 'chat', group_id }, 'push', { dock: 'search' })
  }
  search({ text, everywhere })
}
