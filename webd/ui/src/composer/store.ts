// What stands in the composers: one of each group, and one of each thread that is open.
import { create } from 'zustand'
import { EMPTY, keepDraft, readDraft, type Draft } from './draft'
import { dropFiles } from './files'

/** Whether the browser keeps a draft: nothing to say yet, yes, or no. */
type Kept = 'quiet' | 'kept' | 'refused'

interface Composer {
  /** The group whose composer is the one of the page. */
  group_id: string | null
  /** Draft of the open group. */
  draft: Draft
  kept: Kept
  /** Drafts of threads, by their key. */
  threads: Record<string, { draft: Draft; kept: Kept }>
}

export const useComposer = create<Composer>(() => ({ group_id: null, draft: EMPTY, kept: 'quiet', threads: {} }))

/** Under what a draft is kept: that of a group, or of a thread in it. */
export const keyOf = (group_id: string, thread: string | null): string => (thread === null ? group_id : `${group_id}.${thread}`)

/** After this pause in typing the draft is said to be kept. */
const PAUSE_MS = 600
const pauses = new Map<string, ReturnType<typeof setTimeout>>()

export function openDraft(group_id: string): void {
  if (useComposer.getState().group_id === group_id) return
  useComposer.setState({ group_id, draft: readDraft(group_id, localStorage, Date.now()), kept: 'quiet' })
}

export function openThreadDraft(key: string): void {
  if (useComposer.getState().threads[key] !== undefined) return
  put(key, readDraft(key, localStorage, Date.now()), 'quiet')
}

export const draftOf = (key: string): Draft => {
  const { group_id, draft, threads } = useComposer.getState()
  return key === group_id ? draft : (threads[key]?.draft ?? EMPTY)
}

function put(key: string, draft: Draft, kept: Kept): void {
  if (key === useComposer.getState().group_id) useComposer.setState({ draft, kept })
  else useComposer.setState((state) => ({ threads: { ...state.threads, [key]: { draft, kept } } }))
}

/** Changes a draft: that of the open group, or of a thread. */
export function write(to: Partial<Draft>, of: string | null = useComposer.getState().group_id): void {
  if (of === null) return
  const next = { ...draftOf(of), ...to }
  const kept = keepDraft(of, next, localStorage, Date.now())
  put(of, next, kept ? 'quiet' : 'refused')
  clearTimeout(pauses.get(of))
  if (kept && next.text !== '') pauses.set(of, setTimeout(() => { put(of, draftOf(of), 'kept') }, PAUSE_MS))
}

export function clearDraft(of: string): void {
  write(EMPTY, of)
  dropFiles(of)
}
