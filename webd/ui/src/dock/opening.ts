// A pane that is opened takes the focus, so that its keys work at once; one that stands there when the page is loaded does not.
import { useEffect, type RefObject } from 'react'
import { useRoute } from '../app/route'

let opened = false

useRoute.subscribe((now, before) => {
  if (now.view.dock !== before.view.dock) opened = now.view.dock !== null
})

/** Focuses the first region of a pane when the pane was opened just now. */
export function useOpening(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (opened) root.current?.querySelector<HTMLElement>('[role="region"]')?.focus()
    opened = false
  }, [root])
}
