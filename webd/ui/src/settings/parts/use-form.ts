// A form of a settings page: fields wait for Save, conflicts wait for a choice, and leaving waits for an answer.
import { useCallback, useEffect, useRef, useState } from 'react'
import { holdPlace } from '../../app/route'
import { changed, conflicts, drop, edit, keep, NO_EDITS, patchOf, type Edits, type FieldOf } from './form'

export interface FormOf<T extends object> {
  /** What is stored; null before the first answer. */
  now: T | null
  /** Fields that have changed, and those of them that somebody else has changed meanwhile. */
  changed: FieldOf<T>[]
  conflicts: FieldOf<T>[]
  saving: boolean
  error: string | null
  /** Whether leaving was tried: the bar asks. */
  leaving: boolean
  name: (field: FieldOf<T>) => string
  value: <F extends FieldOf<T>>(field: F) => T[F]
  set: <F extends FieldOf<T>>(field: F, value: T[F]) => void
  takeTheirs: (field: FieldOf<T>) => void
  keepMine: (field: FieldOf<T>) => void
  save: () => void
  discard: () => void
  stay: () => void
}

export interface Saved<T extends object> {
  now: T | null
  /** The name of a field, for the bar. */
  name: (field: FieldOf<T>) => string
  /** Asks for what is stored and gives it back, after it was put where `now` comes from. */
  load: () => Promise<T | null>
  /** Stores what has changed; refuses by throwing. */
  save: (patch: Partial<T>) => Promise<void>
}

/** A page whose subject changes gives its form's component a `key`, so that nothing typed moves over. */
export function useForm<T extends object>({ now, name, load, save }: Saved<T>): FormOf<T> {
  const [edits, setEdits] = useState<Edits<T>>(NO_EDITS)
  const [saving, setSaving] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [leave, setLeave] = useState<(() => void) | null>(null)
  const touched = now === null ? [] : changed(edits, now)
  const dirty = touched.length > 0
  const busy = useRef(false)

  useEffect(() => {
    if (!dirty) return
    const warn = (event: BeforeUnloadEvent): void => { event.preventDefault() }
    const release = holdPlace((then) => { setLeave(() => then) })
    window.addEventListener('beforeunload', warn)
    return () => {
      release()
      window.removeEventListener('beforeunload', warn)
    }
  }, [dirty])

  const store = useCallback(async (): Promise<boolean> => {
    if (busy.current) return false
    busy.current = true
    setSaving(true)
    setError(null)
    try {
      const newest = await load()
      if (newest === null) return false
      if (conflicts(edits, newest).length > 0) return false
      await save(patchOf(edits, newest))
      await load()
      setEdits(NO_EDITS)
      return true
    } catch (cause) {
      setError((cause as Error).message)
      return false
    } finally {
      busy.current = false
      setSaving(false)
    }
  }, [edits, load, save])

  const discard = (): void => {
    setEdits(NO_EDITS)
    setError(null)
    setLeave(null)
    leave?.()
  }

  return {
    now,
    changed: touched,
    conflicts: now === null ? [] : conflicts(edits, now),
    saving,
    error,
    leaving: leave !== null && dirty,
    name,
    value: (field) => {
      if (now === null) throw new Error(`${field} was asked for before anything is known`)
      return (field in edits.mine ? edits.mine[field] : now[field]) as T[typeof field]
    },
    set: (field, value) => { if (now !== null) setEdits((before) => edit(before, now, field, value)) },
    takeTheirs: (field) => { setEdits((before) => drop(before, field)) },
    keepMine: (field) => { if (now !== null) setEdits((before) => keep(before, now, field)) },
    save: () => {
      void store().then((stored) => {
        if (!stored) return
        setLeave(null)
        leave?.()
      })
    },
    discard,
    stay: () => { setLeave(null) },
  }
}
