// From a pane to the chat: where there is room for one of them only, the pane makes way.
import { show } from '../app/route'

const isHidden = (): boolean => {
  const chat = document.querySelector<HTMLElement>('.center')
  return chat === null || chat.offsetParent === null
}

/** Shows a message in the chat. */
export function showMessage(event_id: string): void {
  show(isHidden() ? { at: event_id, dock: null, width: 'usual' } : { at: event_id })
}

/** Puts the cursor into the composer. */
export function toComposer(): void {
  if (isHidden()) show({ dock: null, width: 'usual' })
  requestAnimationFrame(() => document.getElementById('message')?.focus())
}
