// What stands in the composer of the open group.
import { create } from 'zustand'
import { EMPTY, keepDraft, readDraft, type Draft } from './draft'

interface Composer {
  group_id: string | null
  draft: Draft
  /** Whether the browser keeps it: nothing to say yet, yes, or no. */
  kept: 'quiet' | 'kept' | 'refused'
}

export const useComposer = create<Composer>(() => ({ group_id: null, draft: EMPTY, kept: 'quiet' }))

/** After this pause in typing the draft is said to be kept. */
const PAUSE_MS = 600
let pause: ReturnType<typeof setTimeout> | undefined

export function openDraft(group_id: string): void {
  if (useComposer.getState().group_id === group_id) return
  useComposer.setState({ group_id, draft: readDraft(group_id, localStorage, Date.now()), kept: 'quiet' })
}

export function write(to: Partial<Draft>): void {
  const { group_id, draft } = useComposer.getState()
  if (group_id === null) return
  const next = { ...draft, ...to }
  const kept = keepDraft(group_id, next, localStorage, Date.now())
  useComposer.setState({ draft: next, kept: kept ? 'quiet' : 'refused' })
  clearTimeout(pause)
  if (kept && next.text !== '') pause = setTimeout(() => { useComposer.setState({ kept: 'kept' }) }, PAUSE_MS)
}

export const clearDraft = (): void => {
  write(EMPTY)
}
