// Everything the palette can go to or do, from what the page knows.
import { go, show, useRoute, type DockPane, type Place } from '../app/route'
import { nextTheme } from '../app/theme'
import { resumeGroup } from '../chat/actions'
import { write } from '../composer/store'
import { PANES } from '../dock/panes'
import { toComposer } from '../dock/to-chat'
import { showMap } from '../keys/Map'
import { KEYS } from '../keys/table'
import { nameOf } from '../parts/Chip'
import { toast } from '../parts/toast'
import { does } from '../rail/actors'
import { actorState, groupState } from '../rail/state'
import { SETTINGS } from '../settings/pages'
import { showSearch } from '../search/store'
import { GLYPHS } from '../tasks/tasks'
import type { ActorView, GroupRow, TaskView } from '../wire/contract'
import { call } from '../wire/http'
import { say } from '../words'
import type { Item } from './items'

const keysOf = (id: string): string | undefined => KEYS.find((row) => row.id === id)?.keys

function inGroup(group_id: string, dock: DockPane, more: { task?: string; term?: string[] } = {}): void {
  if (useRoute.getState().place.at === 'chat') show({ dock, thread: null, ...more })
  else go({ at: 'chat', group_id }, 'push', { dock, ...more })
}

const place = (id: string, icon: string, title: string, to: Place, sub = '', keys?: string): Item =>
  ({ id, kind: 'place', icon, title, sub, ...(keys ? { keys } : {}), run: () => { go(to) } })

const failed = (error: unknown): void => { toast(say('toast.failed', { reason: (error as Error).message })) }

function ofActor(actor: ActorView, group_id: string): Item[] {
  const name = actor.title || actor.id
  const { word } = actorState(actor)
  const rows: Item[] = [
    { id: `term ${actor.id}`, kind: 'actor', icon: 'terminal', chip: actor.id, title: say('pal.terminal', { name }), sub: word, run: () => { inGroup(group_id, 'terminals', { term: [actor.id] }) } },
    { id: `write ${actor.id}`, kind: 'actor', icon: 'at', chip: actor.id, title: say('actor.write', { name }), sub: '', run: () => {
      if (useRoute.getState().place.at !== 'chat') go({ at: 'chat', group_id })
      write({ chosen: [actor.id] })
      toComposer()
    } },
    { id: `edit ${actor.id}`, kind: 'act', icon: 'settings', title: say('actors.edit', { name }), sub: '', run: () => { go({ at: 'actor', group_id, actor_id: actor.id }) } },
  ]
  if (actor.running) {
    rows.push(
      { id: `restart ${actor.id}`, kind: 'act', icon: 'restart', title: say('actor.restart', { name }), sub: word, asks: say('actor.ask.restart', { name, state: word }), run: () => does('restart', group_id, actor.id) },
      { id: `stop ${actor.id}`, kind: 'act', icon: 'stop', title: say('actor.stop', { name }), sub: word, asks: say('actor.ask.stop', { name, state: word }), run: () => does('stop', group_id, actor.id) },
    )
  } else rows.push({ id: `start ${actor.id}`, kind: 'act', icon: 'play', title: say('actor.start', { name }), sub: word, run: () => does('start', group_id, actor.id) })
  return rows
}

/** Settings of the group, then of the home. */
const settings = (group_id: string | null): Item[] => SETTINGS.filter(({ scope }) => scope === 'home' || group_id !== null).map((row) =>
  place(`settings ${row.scope} ${row.id}`, row.icon, say('pal.settings', { page: say(row.name) }), { at: 'settings', group_id: row.scope === 'group' ? group_id : null, page: row.id, item: null }))

export function itemsOf(known: { group: GroupRow | null; groups: GroupRow[]; actors: ActorView[]; tasks: TaskView[]; recent: string[] }): Item[] {
  const { group, groups, actors, tasks, recent } = known
  const group_id = group?.group_id ?? null
  const order = [...recent, ...groups.map((one) => one.group_id)]
  const byRecent = [...groups].sort((a, b) => order.indexOf(a.group_id) - order.indexOf(b.group_id))
  const panes: Item[] = group_id === null ? [] : Object.entries(PANES).filter(([, { key }]) => key !== '').map(([id, pane]) => ({
    id: `pane ${id}`, kind: 'place', icon: pane.icon, title: say(pane.word), sub: group?.title ?? '', keys: `G ${pane.key}`, run: () => { inGroup(group_id, id as DockPane) },
  }))
  const acts: Item[] = [
    { id: 'theme', kind: 'act', icon: 'sun', title: say('pal.theme'), sub: '', run: nextTheme },
    { id: 'map', kind: 'act', icon: 'keyboard', title: say('keys.title'), sub: '', keys: '?', run: () => { showMap() } },
    ...(group_id === null ? [] : [{ id: 'search', kind: 'act' as const, icon: 'search', title: say('pal.search', { group: group?.title ?? '' }), sub: '', keys: '/', run: () => { showSearch('', false) } }]),
  ]
  if (group !== null) {
    const paused = group.state === 'paused'
    acts.push({
      id: 'pause', kind: 'act', icon: paused ? 'play' : 'pause', title: say(paused ? 'pal.resume' : 'pal.pause', { group: group.title }), sub: groupState(group).word,
      run: () => { (paused ? resumeGroup(group.group_id) : call('group_set_state', { group_id: group.group_id, state: 'paused' })).catch(failed) },
    })
  }
  return [
    ...byRecent.map((one) => place(`group ${one.group_id}`, 'chat', one.title, { at: 'chat', group_id: one.group_id }, groupState(one).word)),
    place('waiting', 'inbox', say('wait.title'), { at: 'waiting', event_id: null }, '', keysOf('waiting')),
    ...panes,
    ...(group_id === null ? [] : actors.flatMap((actor) => ofActor(actor, group_id))),
    ...(group_id === null ? [] : tasks.map((task): Item => ({
      id: `task ${task.id}`, kind: 'task', icon: GLYPHS[task.status].icon, title: `${task.id} ${task.name}`, sub: task.assignee === null ? '' : nameOf(task.assignee, actors),
      run: () => { inGroup(group_id, 'tasks', { task: task.id }) },
    }))),
    ...acts,
    place('new', 'plus', say('rail.new'), { at: 'new' }),
    ...(group_id === null ? [] : [place('add', 'user', say('rail.add'), { at: 'add', group_id }, group?.title)]),
    ...settings(group_id),
  ]
}
