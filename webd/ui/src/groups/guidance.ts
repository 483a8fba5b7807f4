// The two texts that a group's agents are given: the preamble, and the playbook that they look up.
import { create } from 'zustand'
import { onEvent } from '../chat/store'
import type { PromptKind, PromptSource } from '../wire/contract'
import { call } from '../wire/http'

export const KINDS = ['preamble', 'help'] as const satisfies readonly PromptKind[]

export type Texts = Record<PromptKind, string>

interface Guidance {
  group_id: string | null
  /** Null before the first answer. */
  texts: Texts | null
  sources: Record<PromptKind, PromptSource> | null
  error: string | null
}

export const useGuidance = create<Guidance>(() => ({ group_id: null, texts: null, sources: null, error: null }))

export async function loadGuidance(group_id: string): Promise<Texts> {
  const mine = (): boolean => useGuidance.getState().group_id === group_id
  try {
    const [preamble, help] = await Promise.all([call('group_prompt_get', { group_id, kind: 'preamble' }), call('group_prompt_get', { group_id, kind: 'help' })])
    const texts = { preamble: preamble.content, help: help.content }
    if (mine()) useGuidance.setState({ texts, sources: { preamble: preamble.source, help: help.source }, error: null })
    return texts
  } catch (error) {
    if (mine()) useGuidance.setState({ error: (error as Error).message })
    throw error
  }
}

const quietly = (group_id: string): void => {
  loadGuidance(group_id).catch(() => { /* The store has the reason. */ })
}

/** Asks for the texts and follows them; gives back how to end that. */
export function openGuidance(group_id: string): () => void {
  if (useGuidance.getState().group_id !== group_id) useGuidance.setState({ group_id, texts: null, sources: null, error: null })
  quietly(group_id)
  return onEvent((event) => {
    if (event.kind === 'x.cccc.prompt' && event.group_id === group_id) quietly(group_id)
  })
}

/** Gives the group texts of its own. */
export async function keepTexts(group_id: string, texts: Partial<Texts>): Promise<void> {
  for (const kind of KINDS) {
    const content = texts[kind]
    if (content !== undefined) await call('group_prompt_set', { group_id, kind, content })
  }
}

/** Brings the built-in text back. */
export async function resetText(group_id: string, kind: PromptKind): Promise<void> {
  await call('group_prompt_reset', { group_id, kind, confirm: kind })
  await loadGuidance(group_id)
}
