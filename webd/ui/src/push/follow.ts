// What every page does about notifications, whether or not somebody looks at their settings: it goes where a click on one
// leads, and has this browser told as it was wanted.
import { go, placeOf, viewOf } from '../app/route'
import { onReturn } from '../connection/store'
import type { Asked } from './worker'

/** Call once. */
export function watchPush(): void {
  if (!('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('message', (event: MessageEvent<Partial<Asked>>) => {
    const asked = event.data.go
    if (typeof asked !== 'string') return
    const url = new URL(asked, location.origin)
    if (url.origin === location.origin) go(placeOf(url.pathname), 'push', viewOf(url.search))
  })
  let done = false
  onReturn(() => {
    if (done || localStorage.getItem('cccc.push') === null) return
    done = true
    // It is tried again when the page is opened the next time.
    void import('./store').then(({ renew }) => renew()).catch(() => undefined)
  })
}
