// Drafts: what stands in a composer, kept in this browser, one for each group.

/** How long a draft is kept. */
export const DRAFT_MS_MAX = 14 * 86_400_000

export type Mode = 'normal' | 'attention' | 'reply'

/** What is answered, with enough of it to be shown before the chat is there. */
export interface Answering {
  event_id: string
  by: string
  asked: boolean
  text: string
}

export interface Draft {
  text: string
  chosen: string[] | null
  mode: Mode
  answers: Answering | null
}

export const EMPTY: Draft = { text: '', chosen: null, mode: 'normal', answers: null }

const PREFIX = 'cccc.draft.'

const isEmpty = (draft: Draft): boolean =>
  draft.text === '' && draft.chosen === null && draft.answers === null && draft.mode === 'normal'

/** The draft of a group; the empty one when there is none, or it is too old, or not ours. */
export function readDraft(group_id: string, store: Storage, now: number): Draft {
  const kept = store.getItem(PREFIX + group_id)
  if (kept === null) return EMPTY
  try {
    const { at, draft } = JSON.parse(kept) as { at: number; draft: Draft }
    if (now - at > DRAFT_MS_MAX || typeof draft.text !== 'string') {
      store.removeItem(PREFIX + group_id)
      return EMPTY
    }
    return { ...EMPTY, ...draft }
  } catch {
    return EMPTY
  }
}

/** Keeps a draft; one that says nothing is removed. False when the browser keeps nothing (full, or forbidden). */
export function keepDraft(group_id: string, draft: Draft, store: Storage, now: number): boolean {
  try {
    if (isEmpty(draft)) store.removeItem(PREFIX + group_id)
    else store.setItem(PREFIX + group_id, JSON.stringify({ at: now, draft }))
    return true
  } catch {
    return false
  }
}
