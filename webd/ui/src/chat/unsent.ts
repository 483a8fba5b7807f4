// What was written here and is not in the ledger yet.
import type { Outgoing } from '../wire/server'

/** `kept` waits for the daemon; `sending` is on its way; `failed` needs a person. */
export type UnsentState = 'kept' | 'sending' | 'failed'

export interface Unsent extends Outgoing {
  /** Its files by name; the bytes are in memory only. */
  files?: { name: string; bytes: number }[]
  /** When it was written, in milliseconds. */
  at: number
  state: UnsentState
  /** The reason as a sentence, when it failed. */
  reason: string
}
