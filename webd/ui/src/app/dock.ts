// Opening and closing the dock as a whole: it comes back with the pane it had.
import { DOCKS, show, useRoute, type DockPane } from './route'

const KEPT = 'cccc.dock.'

const last = (group_id: string): DockPane => {
  const kept = localStorage.getItem(KEPT + group_id)
  return DOCKS.find((one) => one === kept && one !== 'thread') ?? 'terminals'
}

useRoute.subscribe(({ place, view }) => {
  if (place.at === 'chat' && view.dock !== null && view.dock !== 'thread') localStorage.setItem(KEPT + place.group_id, view.dock)
})

/** Shows the dock with the pane it had, or hides it. False where there is no dock. */
export function toggleDock(): boolean {
  const { place, view } = useRoute.getState()
  if (place.at !== 'chat') return false
  if (view.dock !== null) show({ dock: null, thread: null, width: 'usual' })
  else show({ dock: last(place.group_id) })
  return true
}

/** Gives the dock the whole width, or its usual one again. */
export function toggleWidth(): boolean {
  const { place, view } = useRoute.getState()
  if (place.at !== 'chat') return false
  if (view.dock === null) show({ dock: last(place.group_id), width: 'full' })
  else show({ width: view.width === 'full' ? 'usual' : 'full' })
  return true
}
