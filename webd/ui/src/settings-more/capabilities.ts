// Which ops the server knows: pages about ops of another version are left away.
import { create } from 'zustand'
import { onReturn } from '../connection/store'
import { call } from '../wire/http'

/** Null before the first answer. */
export const useCapabilities = create<{ can: Record<string, boolean> | null }>(() => ({ can: null }))

async function ask(): Promise<void> {
  try {
    const { capabilities } = await call('ping', {})
    useCapabilities.setState({ can: capabilities })
  } catch {
    // It is asked again when the daemon is back.
  }
}

let asked = false

/** Asks once, and whenever the daemon is back: it may be another version then. */
export function watchCapabilities(): void {
  if (asked) return
  asked = true
  onReturn(() => { void ask() })
  void ask()
}
