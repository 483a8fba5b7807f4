// The actors of the open group, how they are, and what is being done to them.
import { create } from 'zustand'
import type { ActorView } from '../wire/contract'
import { actor as ask, actors as list, defaultSendTo, type ActorVerb } from '../wire/server'
import { loadGroups } from './groups'

interface Actors {
  group_id: string | null
  /** Null before the first answer. */
  actors: ActorView[] | null
  trouble: string | null
  error: string | null
  default_send_to: 'foreman' | 'broadcast'
  /** What is being done to an actor now. */
  doing: Record<string, ActorVerb>
  /** Why the last thing that was done to an actor did not work. */
  refused: Record<string, string>
}

const NOBODY: Omit<Actors, 'group_id'> = {
  actors: null, trouble: null, error: null, default_send_to: 'foreman', doing: {}, refused: {},
}

export const useActors = create<Actors>(() => ({ group_id: null, ...NOBODY }))

const isOpen = (group_id: string): boolean => useActors.getState().group_id === group_id

export async function loadActors(group_id: string): Promise<void> {
  try {
    const { actors, trouble } = await list(group_id)
    if (isOpen(group_id)) useActors.setState({ actors, trouble, error: null })
  } catch (error) {
    if (isOpen(group_id)) useActors.setState({ error: (error as Error).message })
  }
}

export async function loadSettings(group_id: string): Promise<void> {
  try {
    const default_send_to = await defaultSendTo(group_id)
    if (isOpen(group_id)) useActors.setState({ default_send_to })
  } catch {
    // The foreman stays the default: the smaller of the two.
  }
}

export function openActors(group_id: string): void {
  if (!isOpen(group_id)) useActors.setState({ group_id, ...NOBODY })
  void loadActors(group_id)
  void loadSettings(group_id)
}

const without = <T>(record: Record<string, T>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([one]) => one !== key))

/** Starts, ends or restarts an actor, and says what came of it. */
export async function does(verb: ActorVerb, group_id: string, actor_id: string): Promise<void> {
  const refused = without(useActors.getState().refused, actor_id)
  useActors.setState((state) => ({ doing: { ...state.doing, [actor_id]: verb }, refused }))
  let reason: string | null = null
  try {
    await ask(verb, group_id, actor_id)
  } catch (error) {
    reason = (error as Error).message
  }
  await loadActors(group_id)
  void loadGroups()
  if (!isOpen(group_id)) return
  useActors.setState((state) => {
    const doing = without(state.doing, actor_id)
    return { doing, refused: reason === null ? state.refused : { ...state.refused, [actor_id]: reason } }
  })
}
