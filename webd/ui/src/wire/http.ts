// Requests to the server: one envelope, one kind of error, and who hears of each outcome.
import type { Ops } from './contract'

/** Why a request has no result. `code` is the contract's, or one of ours for what never reached it. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message)
    this.name = 'Refusal'
  }

  /** Whether nobody knows if the request was carried out: the answer did not come. */
  get unanswered(): boolean {
    return this.code === 'no_answer'
  }
}

/** How a request ended, for those who watch the connection. */
export type Outcome = 'answered' | 'unauthorized' | 'daemon_away' | 'no_answer'

const watchers = new Set<(outcome: Outcome) => void>()

/** Calls `watcher` after every request; gives back how to end that. */
export function watch(watcher: (outcome: Outcome) => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** Tells them of a request that did not go through `request`. */
export const tell = (outcome: Outcome): void => {
  for (const watcher of watchers) watcher(outcome)
}

/** How long a request may take before it counts as unanswered. */
export const ANSWER_MS_MAX = 8_000

/** What the server puts around every answer. */
export interface Envelope<T> {
  ok: boolean
  result?: T
  error?: { code?: string; message?: string } | null
}

interface Asking {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  /** Proves whoever asks, once; the server answers with a cookie that counts from then on. */
  token?: string
  timeout_ms?: number
}

/**
 * Asks the server and gives the result of its envelope.
 *
 * @throws {Refusal} with the server's code and sentence, or `no_answer`.
 */
export async function request<T>(path: string, asking: Asking = {}): Promise<T> {
  const headers: Record<string, string> = {}
  if (asking.body !== undefined) headers['Content-Type'] = 'application/json'
  if (asking.token) headers.Authorization = `Bearer ${asking.token}`

  let response: Response
  let envelope: Envelope<T>
  try {
    response = await fetch(path, {
      method: asking.method ?? 'GET',
      headers,
      body: asking.body === undefined ? null : JSON.stringify(asking.body),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(asking.timeout_ms ?? ANSWER_MS_MAX),
    })
    envelope = (await response.json()) as Envelope<T>
  } catch (cause) {
    tell('no_answer')
    throw new Refusal('no_answer', cause instanceof Error ? cause.message : String(cause), 0)
  }

  return opened(envelope, response.status)
}

/** What is in an envelope; tells those who watch. */
export function opened<T>(envelope: Envelope<T>, status: number): T {
  if (envelope.ok && envelope.result !== undefined) {
    tell('answered')
    return envelope.result
  }
  const code = envelope.error?.code ?? 'internal_error'
  if (status === 401 || code === 'unauthorized') tell('unauthorized')
  else if (code === 'daemon_unavailable') tell('daemon_away')
  else tell('answered')
  throw new Refusal(code, envelope.error?.message ?? code, status)
}

/** Asks for one op of the contract by its name. */
export function call<Op extends keyof Ops>(op: Op, args: Ops[Op]['args'], timeout_ms?: number): Promise<Ops[Op]['answer']> {
  const asking: Asking = { method: 'POST', body: args }
  if (timeout_ms !== undefined) asking.timeout_ms = timeout_ms
  return request(`/api/v1/call/${op}`, asking)
}
