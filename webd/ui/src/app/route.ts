// Where the page is: the path is the place, the query is what stands beside it, and both survive reload, back and forward.
import { create } from 'zustand'

const BASE = '/ui/'
const LAST = 'cccc.last-group'

/** What the centre shows. */
export type Place =
  | { at: 'home' }
  | { at: 'new' }
  | { at: 'waiting'; event_id: string | null }
  | { at: 'chat'; group_id: string }
  | { at: 'add'; group_id: string }
  | { at: 'actor'; group_id: string; actor_id: string }
  /** Settings of a group, or of the home where `group_id` is null; `item` is one thing of a page, like a rule. */
  | { at: 'settings'; group_id: string | null; page: string; item: string | null }

/** What can stand in the dock. */
export const DOCKS = ['thread', 'search', 'terminals', 'tasks', 'context', 'activity'] as const
export type DockPane = (typeof DOCKS)[number]

/** What stands beside the place, and where in it to look. */
export interface View {
  dock: DockPane | null
  width: 'usual' | 'wide' | 'full'
  /** Message to jump to. */
  at: string | null
  /** Root of the thread in the dock. */
  thread: string | null
  task: string | null
  /** Actors whose terminals are shown, in order; none are those that were last. */
  term: string[]
}

export const NO_VIEW: View = { dock: null, width: 'usual', at: null, thread: null, task: null, term: [] }

/** The place that a path means; what nobody knows is home. Pure. */
export function placeOf(path: string): Place {
  const [first, second, third, fourth, fifth] = path.replace(BASE, '').split('/').map(decodeURIComponent)
  if (first === 'new') return { at: 'new' }
  if (first === 'waiting') return { at: 'waiting', event_id: second || null }
  if (first === 'settings') return { at: 'settings', group_id: null, page: second || 'general', item: third || null }
  if (first !== 'g' || !second) return { at: 'home' }
  const group_id = second
  if (third === 'actors' && fourth === 'new') return { at: 'add', group_id }
  if (third === 'actors' && fourth) return { at: 'actor', group_id, actor_id: fourth }
  if (third === 'settings') return { at: 'settings', group_id, page: fourth || 'general', item: fifth || null }
  return { at: 'chat', group_id }
}

export function pathOf(place: Place): string {
  const path = (...parts: (string | null)[]): string =>
    BASE + parts.filter((part) => part !== null).map(encodeURIComponent).join('/')
  switch (place.at) {
    case 'home': return BASE
    case 'new': return path('new')
    case 'waiting': return path('waiting', place.event_id)
    case 'chat': return path('g', place.group_id)
    case 'add': return path('g', place.group_id, 'actors', 'new')
    case 'actor': return path('g', place.group_id, 'actors', place.actor_id)
    case 'settings':
      return place.group_id === null
        ? path('settings', place.page, place.item)
        : path('g', place.group_id, 'settings', place.page, place.item)
  }
}

/** What a query means; what nobody knows is left away. Pure. */
export function viewOf(search: string): View {
  const query = new URLSearchParams(search)
  const thread = query.get('thread')
  const named = DOCKS.find((one) => one === query.get('dock'))
  return {
    dock: named ?? (thread ? 'thread' : null),
    width: query.has('full') ? 'full' : query.has('wide') ? 'wide' : 'usual',
    at: query.get('at'),
    thread,
    task: query.get('task'),
    term: (query.get('term') ?? '').split(',').filter(Boolean),
  }
}

export function queryOf(view: View): string {
  const words: string[] = []
  const add = (name: string, value: string | null): void => {
    if (value) words.push(`${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`)
  }
  if (view.dock !== 'thread') add('dock', view.dock)
  add('at', view.at)
  add('thread', view.thread)
  add('task', view.task)
  add('term', view.term.join(','))
  if (view.width !== 'usual') words.push(view.width)
  return words.length > 0 ? `?${words.join('&')}` : ''
}

export const useRoute = create<{ place: Place; view: View }>(() => ({
  place: placeOf(location.pathname),
  view: viewOf(location.search),
}))

function remember(place: Place): void {
  const group_id = groupOf(place)
  if (group_id !== null) localStorage.setItem(LAST, group_id)
}

const groupOf = (place: Place): string | null => ('group_id' in place ? place.group_id : null)

/** The address of a place, with what would stand beside it. */
export function hrefOf(place: Place, view: Partial<View> = {}): string {
  return pathOf(place) + queryOf(viewAt(place, view))
}

/** What stands beside a place when it is gone to: the dock stays within a group, jumps and threads do not. */
function viewAt(place: Place, view: Partial<View>): View {
  const now = useRoute.getState()
  const stays = groupOf(place) !== null && groupOf(place) === groupOf(now.place) && now.view.dock !== 'thread'
  const kept = stays ? { dock: now.view.dock, width: now.view.width, term: now.view.term, task: now.view.task } : {}
  return { ...NO_VIEW, ...kept, ...view }
}

/** Who keeps the place from being left, and is told how to leave it. */
let holder: ((then: () => void) => void) | null = null

/** Keeps the place from being left until it is given free: every try tells `ask` how to go on with it. */
export function holdPlace(ask: (then: () => void) => void): () => void {
  holder = ask
  return () => {
    if (holder === ask) holder = null
  }
}

/** Whether somebody keeps the place; if so, they are told how to leave it. */
function held(place: Place, leave: () => void): boolean {
  if (holder === null || pathOf(place) === pathOf(useRoute.getState().place)) return false
  holder(() => {
    holder = null
    leave()
  })
  return true
}

export function go(place: Place, how: 'push' | 'replace' = 'push', view: Partial<View> = {}): void {
  if (held(place, () => { go(place, how, view) })) return
  const beside = viewAt(place, view)
  const address = pathOf(place) + queryOf(beside)
  if (how === 'push') history.pushState(null, '', address)
  else history.replaceState(null, '', address)
  remember(place)
  useRoute.setState({ place, view: beside })
}

/** Changes what stands beside the place that is open. */
export function show(view: Partial<View>, how: 'push' | 'replace' = 'push'): void {
  const { place, view: now } = useRoute.getState()
  go(place, how, { ...now, ...view })
}

/** The group that was open last in this browser. */
export const lastGroup = (): string | null => localStorage.getItem(LAST)

/** Takes the token out of the address, where it must not stay, and gives it back. */
export function takeToken(): string | null {
  const url = new URL(location.href)
  const token = url.searchParams.get('token')
  if (token === null) return null
  url.searchParams.delete('token')
  history.replaceState(null, '', url.pathname + url.search + url.hash)
  return token
}

/** Follows back and forward. Call once. */
export function followHistory(): void {
  window.addEventListener('popstate', () => {
    const place = placeOf(location.pathname)
    const view = viewOf(location.search)
    if (held(place, () => { go(place, 'push', view) })) {
      const now = useRoute.getState()
      history.pushState(null, '', pathOf(now.place) + queryOf(now.view))
      return
    }
    remember(place)
    useRoute.setState({ place, view })
  })
}
