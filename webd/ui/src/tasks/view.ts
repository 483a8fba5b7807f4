// How the tasks are looked at: list or board, and which of them; kept while the page is open.
import { create } from 'zustand'
import { show, useRoute } from '../app/route'
import { ALL, type Filter } from './tasks'

export const useTaskView = create<{ board: boolean; filter: Filter }>(() => ({ board: false, filter: ALL }))

export const setFilter = (change: Partial<Filter>): void => {
  useTaskView.setState(({ filter }) => ({ filter: { ...filter, ...change } }))
}

/** Columns want room: the dock grows for them, and gives it back. */
export function setBoard(board: boolean): void {
  useTaskView.setState({ board })
  const { width } = useRoute.getState().view
  if (board && width === 'usual') show({ width: 'wide' }, 'replace')
  if (!board && width === 'wide') show({ width: 'usual' }, 'replace')
}

export const openTask = (task: string | null): void => { show({ task }, 'replace') }
