// What the keys do that work anywhere.
import { toggleDock, toggleWidth } from '../app/dock'
import { go, lastGroup, show, useRoute, type DockPane } from '../app/route'
import type { Mode } from '../composer/draft'
import { keyOf, draftOf, useComposer, write } from '../composer/store'
import { toComposer } from '../dock/to-chat'
import { openPalette } from '../palette/store'
import { undoLast } from '../parts/toast'
import { useGroups } from '../rail/groups'
import { useThread } from '../thread/store'
import { useWaiting } from '../waiting/store'
import { onKey, watchKeys } from './keys'
import { showMap, useMap } from './Map'

/** The group that is open, or was last. */
const groupNow = (): string | null => {
  const { place } = useRoute.getState()
  return ('group_id' in place ? place.group_id : null) ?? lastGroup()
}

function pane(dock: DockPane): boolean {
  const group_id = groupNow()
  if (group_id === null) return false
  if (useRoute.getState().place.at === 'chat') show({ dock, thread: null })
  else go({ at: 'chat', group_id }, 'push', { dock })
  return true
}

/** The group so many rows further in the rail; none beyond its ends. */
function step(by: 1 | -1): boolean {
  const groups = useGroups.getState().groups ?? []
  const next = groups[groups.findIndex(({ group_id }) => group_id === groupNow()) + by]
  if (next === undefined) return false
  go({ at: 'chat', group_id: next.group_id })
  return true
}

function nextUnread(): boolean {
  const groups = useGroups.getState().groups ?? []
  const { counts } = useWaiting.getState()
  const at = groups.findIndex(({ group_id }) => group_id === groupNow())
  const found = [...groups.slice(at + 1), ...groups.slice(0, Math.max(0, at))].find(({ group_id }) => (counts?.[group_id]?.unread ?? 0) > 0)
  if (found === undefined) return false
  go({ at: 'chat', group_id: found.group_id })
  return true
}

const MODES: Mode[] = ['normal', 'attention', 'reply']

function nextMode(): boolean {
  const { group_id } = useComposer.getState()
  const root = useThread.getState().root
  const inThread = document.activeElement?.id === 'thread-message' && root !== null
  const of = inThread ? keyOf(root.group_id, root.id) : group_id
  if (of === null) return false
  write({ mode: MODES[(MODES.indexOf(draftOf(of).mode) + 1) % MODES.length] ?? 'normal' }, of)
  return true
}

/** Begins to listen. Call once. */
export function watchGlobalKeys(): void {
  onKey('palette', () => { openPalette('') })
  onKey('search', () => { openPalette('/') })
  onKey('map', () => { showMap(!useMap.getState().open) })
  onKey('group.above', () => step(-1))
  onKey('group.below', () => step(1))
  onKey('group.unread', nextUnread)
  onKey('waiting', () => { go({ at: 'waiting', event_id: null }) })
  onKey('undo', undoLast)
  onKey('dock', toggleDock)
  onKey('dock.full', toggleWidth)
  onKey('dock.terminals', () => pane('terminals'))
  onKey('dock.tasks', () => pane('tasks'))
  onKey('dock.context', () => pane('context'))
  onKey('dock.activity', () => pane('activity'))
  onKey('mode', nextMode)
  onKey('write', () => {
    const { place } = useRoute.getState()
    if (place.at === 'waiting') document.getElementById('thread-message')?.focus()
    else if (place.at === 'chat') toComposer()
    else return false
    return true
  })
  watchKeys()
}
