// Named tokens with which browsers sign in: who has one, with which rights. The types stand here until the contract has them.
import { create } from 'zustand'
import { Refusal, request } from '../wire/http'

export type Role = 'admin' | 'member' | 'viewer'
export const ROLES: readonly Role[] = ['admin', 'member', 'viewer']

export interface WebToken {
  name: string
  role: Role
  group_id?: string | null
  created_at?: string | null
  last_used_at?: string | null
}

interface Added {
  token: string
}

const ask = <T>(op: string, body: object): Promise<T> => request<T>(`/api/v1/call/${op}`, { method: 'POST', body })

interface Tokens {
  tokens: WebToken[] | null
  /** Whether the server has no such op. */
  unknown: boolean
  error: string | null
  busy: Record<string, boolean>
  refused: Record<string, string>
  /** The token that was made just now: it is shown once. */
  made: { name: string; token: string } | null
}

export const useTokens = create<Tokens>(() => ({ tokens: null, unknown: false, error: null, busy: {}, refused: {}, made: null }))

export async function loadTokens(): Promise<void> {
  try {
    const { tokens } = await ask<{ tokens: WebToken[] }>('web_token_list', {})
    useTokens.setState({ tokens, unknown: false, error: null })
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unknown_op') useTokens.setState({ unknown: true, error: null })
    else useTokens.setState({ error: (error as Error).message })
  }
}

async function act(id: string, work: () => Promise<void>): Promise<boolean> {
  useTokens.setState(({ busy, refused }) => ({ busy: { ...busy, [id]: true }, refused: { ...refused, [id]: '' } }))
  let reason = ''
  try {
    await work()
    await loadTokens()
  } catch (error) {
    reason = (error as Error).message
  }
  useTokens.setState(({ busy, refused }) => ({ busy: { ...busy, [id]: false }, refused: { ...refused, [id]: reason } }))
  return reason === ''
}

/** The key of the form that adds one, beside those of the tokens, which have names. */
export const ADDING = ''

export const addToken = (name: string, role: Role, group_id: string | null): Promise<boolean> =>
  act(ADDING, async () => {
    const { token } = await ask<Added>('web_token_add', { name, role, ...(group_id === null ? {} : { group_id }) })
    useTokens.setState({ made: { name, token } })
  })

export const revokeToken = (name: string): Promise<boolean> =>
  act(name, async () => {
    await ask('web_token_revoke', { name })
    useTokens.setState(({ made }) => ({ made: made?.name === name ? null : made }))
  })

export const forgetMade = (): void => { useTokens.setState({ made: null }) }
