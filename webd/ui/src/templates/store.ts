// Templates: a group's set-up as one text, without environments and secrets.
import { loadGroups } from '../rail/groups'
import type { Ops } from '../wire/contract'
import { call } from '../wire/http'
import { YOU } from '../wire/server'

export type Preview = Ops['group_template_preview']['answer']
export type Applied = Ops['group_template_import_replace']['answer']

/** Applying one stops every agent of the group first. */
const APPLY_MS_MAX = 120_000

export const exportTemplate = (group_id: string): Promise<Ops['group_template_export']['answer']> =>
  call('group_template_export', { group_id })

/** What is in a template, and what it would change in a group; changes nothing. */
export const previewTemplate = (group_id: string, template: string): Promise<Preview> =>
  call('group_template_preview', { group_id, template })

/** Makes a group what a template says: all of it, or nothing. */
export async function applyTemplate(group_id: string, template: string): Promise<Applied> {
  const applied = await call('group_template_import_replace', { group_id, template, confirm: group_id }, APPLY_MS_MAX)
  await loadGroups()
  return applied
}

/** Makes a group of a folder that has none; gives its id. */
export async function createFromTemplate(path: string, template: string, title: string): Promise<string> {
  // Without a speaker the server takes the command line for one.
  const args = { path, template, title, by: YOU } as Ops['group_create_from_template']['args']
  const { group_id } = await call('group_create_from_template', args, APPLY_MS_MAX)
  await loadGroups()
  return group_id
}
