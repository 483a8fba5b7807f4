// What can stand in the dock: one row a pane, each a chunk of its own that is loaded when it is first opened.
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { DockPane } from '../app/route'
import type { Key } from '../words'

export interface Pane {
  /** Word of its tab. */
  word: Key
  icon: string
  /** Letter that opens it after G; one without has no tab. */
  key: string
  view: LazyExoticComponent<ComponentType<{ group_id: string }>>
}

/** Rows in the order of the tabs. A thread is opened from a message, the search from its field. */
export const PANES: Partial<Record<DockPane, Pane>> = {
  terminals: { word: 'term.tab', icon: 'terminal', key: 'T', view: lazy(() => import('../terminal/Terminals').then((m) => ({ default: m.Terminals }))) },
  tasks: { word: 'task.tab', icon: 'tasks', key: 'K', view: lazy(() => import('../tasks/Tasks').then((m) => ({ default: m.Tasks }))) },
  context: { word: 'ctx.tab', icon: 'context', key: 'C', view: lazy(() => import('../context/Context').then((m) => ({ default: m.Context }))) },
  thread: { word: 'thread.title', icon: 'thread', key: '', view: lazy(() => import('../thread/Thread').then((m) => ({ default: m.Thread }))) },
  search: { word: 'search.title', icon: 'search', key: '', view: lazy(() => import('../search/Search').then((m) => ({ default: m.Search }))) },
  activity: { word: 'act.tab', icon: 'activity', key: 'A', view: lazy(() => import('../activity/Activity').then((m) => ({ default: m.Activity }))) },
}
