// The number before the title of the page, and the dot on its icon: how much waits for the reader.
import { owedIn, useWaiting } from '../waiting/store'

const COUNTED = /^\(\d+\) /

/** A title with the number before it; none when nothing waits. Pure. */
export const titled = (title: string, count: number): string => (count > 0 ? `(${count}) ` : '') + title.replace(COUNTED, '')

let count = 0

function draw(): void {
  const title = titled(document.title, count)
  // Only what differs is written: writing it is heard again.
  if (title !== document.title) document.title = title
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  const wanted = count > 0 ? '/favicon-dot.svg' : '/favicon.svg'
  const base = icon?.dataset.base ?? icon?.getAttribute('href')?.replace(/\/favicon[^/]*$/, '') ?? ''
  if (icon === null) return
  icon.dataset.base = base
  if (icon.getAttribute('href') !== base + wanted) icon.setAttribute('href', base + wanted)
}

/** Begins. Call once: whoever sets a title need not know of it. */
export function watchBadge(): void {
  const title = document.querySelector('title')
  if (title !== null) new MutationObserver(draw).observe(title, { childList: true })
  useWaiting.subscribe(({ counts, done }) => {
    const next = Object.values(counts ?? {}).reduce((sum, one) => sum + owedIn(one, done), 0)
    if (next === count) return
    count = next
    draw()
  })
}
