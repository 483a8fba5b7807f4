// Named tokens with which browsers sign in: who has one, with which rights.
import { create } from 'zustand'
import type { WebRole, WebToken } from '../wire/contract'
import { call } from '../wire/http'

export type Role = WebRole
export const ROLES: readonly Role[] = ['admin', 'member', 'viewer']

interface Tokens {
  tokens: WebToken[] | null
  error: string | null
  busy: Record<string, boolean>
  refused: Record<string, string>
  /** The token that was made just now: it is shown once. */
  made: { token_id: string; name: string; token: string } | null
}

export const useTokens = create<Tokens>(() => ({ tokens: null, error: null, busy: {}, refused: {}, made: null }))

export async function loadTokens(): Promise<void> {
  try {
    const { web_tokens } = await call('web_token_list', {})
    useTokens.setState({ tokens: web_tokens, error: null })
  } catch (error) {
    useTokens.setState({ error: (error as Error).message })
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

/** The key of the form that adds one, beside those of the tokens. */
export const ADDING = ''

export const addToken = (name: string, role: Role, group_id: string | null): Promise<boolean> =>
  act(ADDING, async () => {
    const { token, web_token } = await call('web_token_add', { name, role, group_id })
    useTokens.setState({ made: { token_id: web_token.token_id, name, token } })
  })

export const revokeToken = (token_id: string): Promise<boolean> =>
  act(token_id, async () => {
    await call('web_token_revoke', { token_id })
    useTokens.setState(({ made }) => ({ made: made?.token_id === token_id ? null : made }))
  })

export const forgetMade = (): void => { useTokens.setState({ made: null }) }
