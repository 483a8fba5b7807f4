// Where the page is: the path is the place, and it survives reload, back and forward.
import { create } from 'zustand'

const BASE = '/ui/'
const LAST = 'cccc.last-group'

export type Place =
  | { at: 'home' }
  | { at: 'new' }
  | { at: 'chat'; group_id: string }
  | { at: 'add'; group_id: string }

/** The place that a path means; what nobody knows is home. Pure. */
export function placeOf(path: string): Place {
  const [first, group, third, fourth] = path.replace(BASE, '').split('/').map(decodeURIComponent)
  if (first === 'new') return { at: 'new' }
  if (first === 'g' && group && third === 'actors' && fourth === 'new') return { at: 'add', group_id: group }
  if (first === 'g' && group) return { at: 'chat', group_id: group }
  return { at: 'home' }
}

export function pathOf(place: Place): string {
  switch (place.at) {
    case 'home': return BASE
    case 'new': return `${BASE}new`
    case 'chat': return `${BASE}g/${encodeURIComponent(place.group_id)}`
    case 'add': return `${BASE}g/${encodeURIComponent(place.group_id)}/actors/new`
  }
}

export const useRoute = create<{ place: Place }>(() => ({ place: placeOf(location.pathname) }))

function remember(place: Place): void {
  if (place.at === 'chat') localStorage.setItem(LAST, place.group_id)
}

export function go(place: Place, how: 'push' | 'replace' = 'push'): void {
  const path = pathOf(place)
  if (how === 'push') history.pushState(null, '', path)
  else history.replaceState(null, '', path)
  remember(place)
  useRoute.setState({ place })
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
    remember(place)
    useRoute.setState({ place })
  })
}
