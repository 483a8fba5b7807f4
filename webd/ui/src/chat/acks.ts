// Acknowledgements on their way, and what came of them.
import { create } from 'zustand'
import { acknowledge as ask } from '../wire/server'

interface Acks {
  busy: Record<string, boolean>
  refused: Record<string, string>
}

export const useAcks = create<Acks>(() => ({ busy: {}, refused: {} }))

/** Acknowledges a message; its event comes by the stream and takes the mark away. */
export async function acknowledge(group_id: string, event_id: string): Promise<void> {
  useAcks.setState((state) => ({ busy: { ...state.busy, [event_id]: true }, refused: { ...state.refused, [event_id]: '' } }))
  let reason = ''
  try {
    await ask(group_id, event_id)
  } catch (error) {
    reason = (error as Error).message
  }
  useAcks.setState((state) => ({ busy: { ...state.busy, [event_id]: false }, refused: { ...state.refused, [event_id]: reason } }))
}
