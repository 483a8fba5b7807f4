// The group whose settings are open: its document, and what can be done to it.
import { create } from 'zustand'
import { useGroups, loadGroups } from '../rail/groups'
import type { Group, GroupState } from '../wire/contract'
import { call } from '../wire/http'

export interface Opened {
  group_id: string | null
  /** Null before the first answer. */
  group: Group | null
  error: string | null
}

export const useGroup = create<Opened>(() => ({ group_id: null, group: null, error: null }))

/** Asks for the whole document: directories and actors may come in pages. */
async function documentOf(group_id: string): Promise<Group> {
  let answer = await call('group_show', { group_id })
  const { group } = answer
  while (answer.has_more && answer.next_cursor) {
    answer = await call('group_show', { group_id, cursor: answer.next_cursor })
    group.scopes.push(...answer.group.scopes)
    group.actors.push(...answer.group.actors)
  }
  return group
}

export async function loadGroup(group_id: string): Promise<Group | null> {
  try {
    const group = await documentOf(group_id)
    if (useGroup.getState().group_id === group_id) useGroup.setState({ group, error: null })
    return group
  } catch (error) {
    if (useGroup.getState().group_id === group_id) useGroup.setState({ error: (error as Error).message })
    throw error
  }
}

const quietly = (group_id: string): void => {
  loadGroup(group_id).catch(() => { /* The store has the reason. */ })
}

/** Opens a group, and follows it: the list is asked for after every event of the home. Gives back how to end that. */
export function openGroup(group_id: string): () => void {
  if (useGroup.getState().group_id !== group_id) useGroup.setState({ group_id, group: null, error: null })
  quietly(group_id)
  return useGroups.subscribe((state, before) => {
    if (state.groups !== before.groups) quietly(group_id)
  })
}

/** Starting waits for every program. */
const RUN_MS_MAX = 120_000

/** Does something to the group and asks for what became of it. */
async function then<T>(group_id: string, doing: Promise<T>): Promise<T> {
  const answer = await doing
  await Promise.all([loadGroup(group_id), loadGroups()])
  return answer
}

export const rename = (group_id: string, patch: Partial<{ title: string; topic: string }>): Promise<unknown> =>
  then(group_id, call('group_update', { group_id, patch }))

export const setState = (group_id: string, state: GroupState): Promise<unknown> =>
  then(group_id, call('group_set_state', { group_id, state }))

/** Gives the actors that did not start, each with the reason. */
export const startGroup = async (group_id: string): Promise<[string, string][]> =>
  Object.entries((await then(group_id, call('group_start', { group_id }, RUN_MS_MAX))).failed ?? {}).map(([id, why]) => [id, String(why)])

export const stopGroup = (group_id: string): Promise<unknown> =>
  then(group_id, call('group_stop', { group_id }, RUN_MS_MAX))
