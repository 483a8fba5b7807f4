// The group whose settings are open: its document, and what can be done to it.
import { create } from 'zustand'
import { useGroups, loadGroups } from '../rail/groups'
import type { Group, GroupState, Scope } from '../wire/contract'
import { call } from '../wire/http'
import { YOU } from '../wire/server'

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

/** The server takes these as said by the command line where nobody is named. */
const asYou = <A extends object>(args: A): A => ({ ...args, by: YOU })

export const attachFolder = (group_id: string, path: string): Promise<unknown> =>
  then(group_id, call('attach', asYou({ group_id, path })))

export const detachFolder = (group_id: string, scope_key: string): Promise<unknown> =>
  then(group_id, call('group_detach_scope', { group_id, scope_key }))

/** Makes a folder the one in which agents work that name none. */
export const activate = (group_id: string, scope: Scope): Promise<unknown> =>
  then(group_id, call('group_use', asYou({ group_id, path: scope.url, scope })))

/** What would be gone with a group. */
export interface Counts {
  actors: number
  /** Entries of its record. */
  entries: number
  tasks: number
  rules: number
}

export async function countsOf(group: Group): Promise<Counts> {
  const { group_id } = group
  const [heads, { tasks }, automation] = await Promise.all([
    call('ledger_heads', {}), call('task_list', { group_id }), call('group_automation_state', { group_id }),
  ])
  const head = heads.heads.find(([ledger]) => ledger === group_id)
  return { actors: group.actors.length, entries: Number(head?.[1] ?? 0), tasks: tasks?.length ?? 0, rules: automation.ruleset.rules.length }
}

/** The whole record of a group, one line of JSON an event. */
export async function recordOf(group_id: string): Promise<string[]> {
  const lines: string[] = []
  let after_seq = 0
  for (;;) {
    const answer = await call('ledger_range', { group_id, after_seq })
    for (const event of answer.events) lines.push(`${JSON.stringify(event)}\n`)
    if (answer.through_seq >= answer.head_seq || answer.through_seq <= after_seq) return lines
    after_seq = answer.through_seq
  }
}

export async function deleteGroup(group_id: string): Promise<void> {
  await call('group_delete', { group_id }, RUN_MS_MAX)
  await loadGroups()
}

/** Replaces a group by a clean one, and gives its id. */
export async function resetGroup(group_id: string): Promise<string> {
  const { new_group_id } = await call('group_reset', { group_id, confirm: group_id }, RUN_MS_MAX)
  await loadGroups()
  return new_group_id
}

/** The group that commands mean which name none; null before the answer. */
export const useMeant = create<{ group_id: string | null }>(() => ({ group_id: null }))

export async function loadMeant(): Promise<void> {
  const { active_group_id } = await call('active_get', {})
  useMeant.setState({ group_id: active_group_id })
}

/** Has commands that name no group mean this one. */
export async function mean(group_id: string): Promise<void> {
  const { active_group_id } = await call('active_set', { group_id })
  useMeant.setState({ group_id: active_group_id })
}
