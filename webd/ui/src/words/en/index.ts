// English, and the keys that every other language has too. One file a feature. Short sentences, present tense.
import { chat } from './chat'
import { composer } from './composer'
import { connection } from './connection'
import { dock } from './dock'
import { terminal } from './terminal'
import { first_run } from './first_run'
import { shell } from './shell'
import { settings } from './settings'
import { groups } from './groups'
import { messaging } from './messaging'
import { rules } from './rules'
import { actors } from './actors'
import { tasks } from './tasks'
import { context } from './context'
import { bridge } from './bridge'
import { profiles } from './profiles'
import { templates } from './templates'
import { machine } from './machine'
import { activity } from './activity'
import { keys } from './keys'
import { thread } from './thread'
import { waiting } from './waiting'
import { search } from './search'
import { palette } from './palette'
import { push } from './push'

export const en = {
  ...chat,
  ...composer,
  ...connection,
  ...dock,
  ...terminal,
  ...first_run,
  ...shell,
  ...settings,
  ...groups,
  ...messaging,
  ...rules,
  ...actors,
  ...tasks,
  ...context,
  ...bridge,
  ...profiles,
  ...templates,
  ...machine,
  ...activity,
  ...keys,
  ...thread,
  ...waiting,
  ...search,
  ...palette,
  ...push,
} as const

/** A key of the tables. */
export type Key = keyof typeof en
export type Table = Record<Key, string>
