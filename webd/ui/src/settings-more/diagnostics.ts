// What can be told of the daemon itself: who answers, what it logs, and what developers want to know.
import { create } from 'zustand'
import type { Ops } from '../wire/contract'
import { loadObservability } from '../settings/observability'
import { call } from '../wire/http'

export type Snapshot = Ops['debug_snapshot']['answer']
export type Ping = Ops['ping']['answer']
export type Tail = Ops['debug_tail_logs']['answer']

/** Processes that log. */
export const COMPONENTS = ['supervisor', 'ledgerd', 'ptyd', 'door', 'webd', 'mcpd', 'bridged', 'cronctl'] as const
export type Component = (typeof COMPONENTS)[number]
export const LINES = [50, 200, 1000, 2000] as const

interface Diagnostics {
  ping: Ping | null
  /** How long the last answer took, and how far the two clocks are apart, in milliseconds. */
  took_ms: number
  apart_ms: number
  error: string | null
  snapshot: Snapshot | null
  snapshot_error: string | null
  tail: Tail | null
  tail_error: string | null
  reading: boolean
  clearing: boolean
}

export const useDiagnostics = create<Diagnostics>(() => ({
  ping: null, took_ms: 0, apart_ms: 0, error: null, snapshot: null, snapshot_error: null, tail: null, tail_error: null, reading: false, clearing: false,
}))

/** How far a clock is behind ours: it was read in the middle of the question. Pure. */
export const apart = (theirs: string, asked: number, answered: number): number => Math.round((asked + answered) / 2 - Date.parse(theirs))

export async function loadDiagnostics(): Promise<void> {
  try {
    const asked = Date.now()
    const ping = await call('ping', {})
    const answered = Date.now()
    await loadObservability()
    useDiagnostics.setState({ ping, took_ms: answered - asked, apart_ms: apart(ping.ts, asked, answered), error: null })
  } catch (error) {
    useDiagnostics.setState({ error: (error as Error).message })
  }
}

export async function loadSnapshot(group_id: string | null): Promise<void> {
  try {
    useDiagnostics.setState({ snapshot: await call('debug_snapshot', { group_id: group_id ?? '' }), snapshot_error: null })
  } catch (error) {
    useDiagnostics.setState({ snapshot: null, snapshot_error: (error as Error).message })
  }
}

/** The bridge is asked for by group; the others are of the home. */
const of = (component: Component, group_id: string | null): string => (component === 'bridged' ? (group_id ?? '') : '')

export async function readLog(component: Component, lines: number, group_id: string | null): Promise<void> {
  useDiagnostics.setState({ reading: true })
  try {
    const tail = await call('debug_tail_logs', { component, lines, group_id: of(component, group_id) })
    useDiagnostics.setState({ tail, tail_error: null, reading: false })
  } catch (error) {
    useDiagnostics.setState({ tail: null, tail_error: (error as Error).message, reading: false })
  }
}

export async function clearLog(component: Component, group_id: string | null): Promise<void> {
  useDiagnostics.setState({ clearing: true })
  try {
    await call('debug_clear_logs', { component, group_id: of(component, group_id) })
    useDiagnostics.setState((state) => ({ clearing: false, tail: state.tail && { ...state.tail, lines: [] }, tail_error: null }))
  } catch (error) {
    useDiagnostics.setState({ clearing: false, tail_error: (error as Error).message })
  }
}
