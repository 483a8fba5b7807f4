// How much the processes of this home tell of themselves, and which version they are.
import { create } from 'zustand'
import { useGroups } from '../rail/groups'
import { call } from '../wire/http'
import { ping } from '../wire/server'

export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const

export interface Tells {
  developer_mode: boolean
  log_level: string
  scrollback_lines: number
}

export const useObservability = create<{ tells: Tells | null; version: string | null; error: string | null }>(() => ({ tells: null, version: null, error: null }))

export async function loadObservability(): Promise<Tells> {
  try {
    const { observability } = await call('observability_get', {})
    const tells = { developer_mode: observability.developer_mode, log_level: observability.log_level, scrollback_lines: observability.terminal_ui.scrollback_lines }
    useObservability.setState({ tells, error: null })
    return tells
  } catch (error) {
    useObservability.setState({ error: (error as Error).message })
    throw error
  }
}

const quietly = (): void => {
  loadObservability().catch(() => { /* The store has the reason. */ })
}

/** Asks for it, and follows it: every event of the home has the groups asked for anew. */
export function openObservability(): () => void {
  quietly()
  ping().then(({ version }) => { useObservability.setState({ version: version ?? null }) }).catch(() => { /* The connection bar says so. */ })
  return useGroups.subscribe((state, before) => { if (state.groups !== before.groups) quietly() })
}

export async function keepObservability({ scrollback_lines, ...patch }: Partial<Tells>): Promise<void> {
  await call('observability_update', { patch: { ...patch, ...(scrollback_lines === undefined ? {} : { terminal_ui: { scrollback_lines } }) } })
}
