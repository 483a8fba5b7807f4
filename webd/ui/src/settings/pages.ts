// The pages of the settings: a row each, shown in this order, each a chunk of its own.
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { Key } from '../words'

/** What a page is about. Pages of the home have the group in which they were opened, or null. */
export interface SettingsProps {
  group_id: string | null
  /** One thing of the page, like a rule: the last part of its address. */
  item: string | null
}

export interface SettingsPage {
  id: string
  scope: 'group' | 'home'
  icon: string
  name: Key
  Page: LazyExoticComponent<ComponentType<SettingsProps>>
}

export const SETTINGS: SettingsPage[] = [
  { id: 'general', scope: 'group', icon: 'home', name: 'settings.page.group', Page: lazy(() => import('../groups/Group').then((m) => ({ default: m.Group }))) },
  { id: 'messaging', scope: 'group', icon: 'chat', name: 'msg.title', Page: lazy(() => import('../settings-more/Messaging').then((m) => ({ default: m.Messaging }))) },
  { id: 'automation', scope: 'group', icon: 'bolt', name: 'rules.title', Page: lazy(() => import('../rules/Automation').then((m) => ({ default: m.Automation }))) },
  { id: 'platforms', scope: 'group', icon: 'bridge', name: 'im.title', Page: lazy(() => import('../settings-more/Bridge').then((m) => ({ default: m.Bridge }))) },
  { id: 'folders', scope: 'group', icon: 'folder', name: 'settings.page.folders', Page: lazy(() => import('../groups/Folders').then((m) => ({ default: m.Folders }))) },
  { id: 'guidance', scope: 'group', icon: 'book', name: 'settings.page.guidance', Page: lazy(() => import('../groups/Guidance').then((m) => ({ default: m.Guidance }))) },
  { id: 'template', scope: 'group', icon: 'copy', name: 'settings.page.template', Page: lazy(() => import('../templates/Template').then((m) => ({ default: m.Template }))) },
  { id: 'delete', scope: 'group', icon: 'trash', name: 'settings.page.delete', Page: lazy(() => import('../groups/Delete').then((m) => ({ default: m.Delete }))) },
  { id: 'general', scope: 'home', icon: 'sun', name: 'settings.page.home', Page: lazy(() => import('./General').then((m) => ({ default: m.General }))) },
  { id: 'notifications', scope: 'home', icon: 'bell', name: 'push.title', Page: lazy(() => import('../push/Notifications').then((m) => ({ default: m.Notifications }))) },
  { id: 'profiles', scope: 'home', icon: 'user', name: 'settings.page.profiles', Page: lazy(() => import('../profiles/Profiles').then((m) => ({ default: m.Profiles }))) },
  { id: 'groups', scope: 'home', icon: 'context', name: 'settings.page.groups', Page: lazy(() => import('../groups/Registry').then((m) => ({ default: m.Registry }))) },
  { id: 'from-template', scope: 'home', icon: 'copy', name: 'settings.page.from_template', Page: lazy(() => import('../templates/FromTemplate').then((m) => ({ default: m.FromTemplate }))) },
  { id: 'remote', scope: 'home', icon: 'link', name: 'remote.title', Page: lazy(() => import('../settings-more/Remote').then((m) => ({ default: m.Remote }))) },
  { id: 'access', scope: 'home', icon: 'key', name: 'acc.title', Page: lazy(() => import('../settings-more/Access').then((m) => ({ default: m.Access }))) },
  { id: 'logs', scope: 'home', icon: 'activity', name: 'diag.title', Page: lazy(() => import('../settings-more/Diagnostics').then((m) => ({ default: m.Diagnostics }))) },
]

/** The page of an address; null where nobody knows it. Pure. */
export const pageOf = (rows: SettingsPage[], group_id: string | null, id: string): SettingsPage | null =>
  rows.find((row) => row.id === id && (row.scope === 'group') === (group_id !== null)) ?? null
