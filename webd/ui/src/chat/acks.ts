// Acknowledgements: shown at once, said in a moment, so that they can be taken back until then; and what came of them.
import { create } from 'zustand'
import { later } from '../parts/toast'
import { acknowledge as ask } from '../wire/server'
import { say } from '../words'

interface Acks {
  /** Those that count as given, said or about to be. */
  given: Record<string, boolean>
  refused: Record<string, string>
}

export const useAcks = create<Acks>(() => ({ given: {}, refused: {} }))

const set = (event_id: string, given: boolean, refused: string): void => {
  useAcks.setState((state) => ({ given: { ...state.given, [event_id]: given }, refused: { ...state.refused, [event_id]: refused } }))
}

/** Acknowledges a message; when it is refused the mark comes back, and the row says why. */
export function acknowledge(group_id: string, event_id: string): void {
  set(event_id, true, '')
  later(say('toast.acked'), () => {
    ask(group_id, event_id).catch((error: unknown) => { set(event_id, false, (error as Error).message) })
  }, () => { set(event_id, false, '') })
}
