// What is being edited in place and not saved: kept while the page is open, whatever pane stands in front of it.
import { useEffect, useRef } from 'react'
import { create } from 'zustand'
import { changed, conflicts, drop, edit, keep, NO_EDITS, patchOf, type Edits, type FieldOf } from '../settings/parts/form'

type Any = Record<string, unknown>

const useDrafts = create<Record<string, Edits<Any> | undefined>>(() => ({}))

/** Begins to edit something; what was typed before stays. */
export const beginDraft = (key: string): void => {
  useDrafts.setState((all) => ({ [key]: all[key] ?? NO_EDITS }))
}

/** Ends editing, and forgets what was typed. */
export const endDraft = (key: string): void => {
  useDrafts.setState({ [key]: undefined })
}

/** Whether something is being edited. */
export const useDrafting = (key: string): boolean => useDrafts((all) => all[key] !== undefined)

/** When editing ends, what had the focus is gone: it goes back to where editing began. */
export function useFocusBack(editing: boolean, to: () => HTMLElement | null | undefined): void {
  const was = useRef(editing)
  useEffect(() => {
    if (was.current && !editing && document.activeElement === document.body) to()?.focus()
    was.current = editing
  })
}

export interface DraftOf<T extends object> {
  changed: FieldOf<T>[]
  conflicts: FieldOf<T>[]
  /** What is stored now. */
  now: T
  value: <F extends FieldOf<T>>(field: F) => T[F]
  set: <F extends FieldOf<T>>(field: F, value: T[F]) => void
  keepMine: (field: FieldOf<T>) => void
  takeTheirs: (field: FieldOf<T>) => void
  /** What is to be saved, and whether others have changed it against `newest`. */
  patch: () => Partial<T>
  clashes: (newest: T) => boolean
}

export function useDraft<T extends object>(key: string, now: T): DraftOf<T> {
  const edits = useDrafts((all) => (all[key] ?? NO_EDITS) as Edits<T>)
  const touched = changed(edits, now)
  const dirty = touched.length > 0
  useEffect(() => {
    if (!dirty) return
    const warn = (event: BeforeUnloadEvent): void => { event.preventDefault() }
    window.addEventListener('beforeunload', warn)
    return () => { window.removeEventListener('beforeunload', warn) }
  }, [dirty])
  const become = (next: (before: Edits<T>) => Edits<T>): void => {
    useDrafts.setState((all) => ({ [key]: next((all[key] ?? NO_EDITS) as Edits<T>) as Edits<Any> }))
  }
  return {
    changed: touched,
    conflicts: conflicts(edits, now),
    now,
    value: (field) => (field in edits.mine ? edits.mine[field] : now[field]) as T[typeof field],
    set: (field, value) => { become((before) => edit(before, now, field, value)) },
    keepMine: (field) => { become((before) => keep(before, now, field)) },
    takeTheirs: (field) => { become((before) => drop(before, field)) },
    patch: () => patchOf(edits, now),
    clashes: (newest) => conflicts(edits, newest).length > 0,
  }
}
