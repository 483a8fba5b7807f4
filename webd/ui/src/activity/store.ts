// A stretch of the ledger of the open group from its end, live, that grows into the past by pages.
import { create } from 'zustand'
import { merged } from '../chat/log'
import { onEvent } from '../chat/store'
import { onReturn } from '../connection/store'
import type { Event } from '../wire/contract'
import { windowOf } from '../wire/server'
import { inSort, SORTS, type Sort } from './filters'

const PAGE_EVENTS = 100
/** Most events that are kept; beyond them the oldest go, and are asked for again. */
const EVENTS_MAX = 10_000

interface Activity {
  group_id: string | null
  sort: Sort
  /** Oldest first; null before the first answer. */
  events: Event[] | null
  has_more_before: boolean
  loading_before: boolean
  error: string | null
  error_before: string | null
}

const NOTHING = { events: null, has_more_before: false, loading_before: false, error: null, error_before: null }

export const useActivity = create<Activity>(() => ({ group_id: null, sort: 'all', ...NOTHING }))

const kindsOf = (sort: Sort): string[] => [...SORTS[sort]]

let asked = 0

async function load(): Promise<void> {
  const { group_id, sort } = useActivity.getState()
  if (group_id === null) return
  asked += 1
  const mine = asked
  try {
    const end = await windowOf({ group_id, before: PAGE_EVENTS, after: 0, kinds: kindsOf(sort) })
    if (mine !== asked) return
    const last = end.events.at(-1)?.seq ?? 0
    useActivity.setState((state) => ({
      events: merged(end.events, (state.events ?? []).filter(({ seq }) => seq > last)), has_more_before: end.has_more_before, error: null,
    }))
  } catch (error) {
    if (mine === asked) useActivity.setState({ error: (error as Error).message })
  }
}

export const again = (): void => { void load() }

/** Looks at another sort of events. */
export function setSort(sort: Sort): void {
  useActivity.setState({ sort, ...NOTHING })
  void load()
}

/** Opens a group and follows it; gives back how to end that. */
export function openActivity(group_id: string): () => void {
  if (useActivity.getState().group_id !== group_id) useActivity.setState({ group_id, ...NOTHING })
  void load()
  const ends = [
    // What came while nobody was here is not told again: it begins anew from the end.
    onReturn(() => { void load() }),
    onEvent((event) => {
      const state = useActivity.getState()
      if (event.group_id !== state.group_id || !inSort(event, state.sort)) return
      const events = merged(state.events ?? [], [event])
      useActivity.setState(events.length > EVENTS_MAX ? { events: events.slice(-EVENTS_MAX), has_more_before: true } : { events })
    }),
  ]
  return () => { for (const end of ends) end() }
}

/** Asks for what lies before the first line. */
export async function loadBefore(): Promise<void> {
  const { group_id, sort, events, has_more_before, loading_before } = useActivity.getState()
  const first = events?.[0]
  if (group_id === null || first === undefined || !has_more_before || loading_before || (events?.length ?? 0) >= EVENTS_MAX) return
  useActivity.setState({ loading_before: true, error_before: null })
  const isOld = (): boolean => useActivity.getState().group_id !== group_id || useActivity.getState().sort !== sort
  try {
    const older = await windowOf({ group_id, event_id: first.id, before: PAGE_EVENTS, after: 0, kinds: kindsOf(sort) })
    if (isOld()) return
    useActivity.setState((state) => ({
      events: merged(older.events.filter(({ seq }) => seq < first.seq), state.events ?? []), has_more_before: older.has_more_before, loading_before: false,
    }))
  } catch (error) {
    if (!isOld()) useActivity.setState({ loading_before: false, error_before: (error as Error).message })
  }
}
