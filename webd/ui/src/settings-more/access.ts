// As whom this browser is heard, and whether actors must prove who they are.
import { create } from 'zustand'
import type { Ops } from '../wire/contract'
import { call } from '../wire/http'

export interface Proof {
  strict: boolean
}

interface Access {
  proof: Proof | null
  me: Ops['whoami']['answer'] | null
  error: string | null
}

export const useAccess = create<Access>(() => ({ proof: null, me: null, error: null }))

export async function loadAccess(): Promise<Proof | null> {
  try {
    const [proof, me] = await Promise.all([call('principals_get', {}), call('whoami', {})])
    useAccess.setState({ proof, me, error: null })
    return proof
  } catch (error) {
    useAccess.setState({ error: (error as Error).message })
    throw error
  }
}

export async function saveProof(patch: Partial<Proof>): Promise<void> {
  if (patch.strict !== undefined) await call('principals_set', { strict: patch.strict })
}
