// A verb that acts at once: which one is at work, and why the last one did not work.
import { useCallback, useState } from 'react'

export interface Acts {
  /** The name of what is being done. */
  busy: string | null
  /** What was refused, by name. */
  failed: { what: string; reason: string } | null
  /** Does something under a name; one at a time. */
  act: (what: string, work: () => Promise<unknown>) => void
  clear: () => void
}

export function useActs(): Acts {
  const [busy, setBusy] = useState<string | null>(null)
  const [failed, setFailed] = useState<Acts['failed']>(null)
  const act = useCallback((what: string, work: () => Promise<unknown>) => {
    setBusy(what)
    setFailed(null)
    work()
      .catch((error: unknown) => { setFailed({ what, reason: (error as Error).message }) })
      .finally(() => { setBusy(null) })
  }, [])
  const clear = useCallback(() => { setFailed(null) }, [])
  return { busy, failed, act, clear }
}
