// The terminals that are on the page: which have a session, which one was used last, and what is looked for.
import { create } from 'zustand'
import type { Session } from './session'

interface Terminals {
  /** By actor. */
  sessions: Record<string, Session>
  /** Whose terminal was used last. */
  last: string | null
  /** Where something is looked for: in one, in all, or nowhere. */
  searching: { actor_id: string | null } | null
  query: string
  /** `Ctrl .` was pressed: the next key is ours. */
  leading: boolean
}

export const useTerminals = create<Terminals>(() => ({ sessions: {}, last: null, searching: null, query: '', leading: false }))

export function joins(actor_id: string, session: Session): () => void {
  useTerminals.setState((state) => ({ sessions: { ...state.sessions, [actor_id]: session } }))
  return () => {
    useTerminals.setState((state) => ({
      sessions: Object.fromEntries(Object.entries(state.sessions).filter(([id, one]) => id !== actor_id || one !== session)),
    }))
  }
}

/** Opens the search of one terminal, or of all. */
export function searchIn(actor_id: string | null): void {
  useTerminals.setState({ searching: { actor_id } })
}

export function endSearch(): void {
  const { searching, sessions } = useTerminals.getState()
  for (const { search } of Object.values(sessions)) search.clearDecorations()
  useTerminals.setState({ searching: null })
  if (searching?.actor_id) sessions[searching.actor_id]?.focus()
}
