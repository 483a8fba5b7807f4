// What runs in a browser while no page is open: it shows what is told, and leads to it. It keeps nothing and answers no
// request, so there is never an older page than the server's.
import { read, shown } from './notice'

/** What a page is asked for. */
export interface Asked {
  go: string
}

// The types of workers and those of pages cannot be had together; this is what is used of them.
interface Client {
  url: string
  focused: boolean
  focus: () => Promise<Client>
  postMessage: (asked: Asked) => void
}

interface Lasting extends Event {
  waitUntil: (work: Promise<unknown>) => void
}

export interface Worker {
  registration: { showNotification: (title: string, options: NotificationOptions & { renotify?: boolean }) => Promise<void> }
  clients: {
    matchAll: (options: { type: 'window'; includeUncontrolled: boolean }) => Promise<Client[]>
    openWindow: (address: string) => Promise<unknown>
  }
  navigator: { language: string }
  skipWaiting: () => Promise<void>
  addEventListener: (kind: string, listener: (event: never) => void) => void
}

const OF_PAGES = { type: 'window', includeUncontrolled: true } as const
const ICON = '/ui/icon-192.png'

/** Shows what came: without a sound while somebody looks at the page, who sees it there. */
export async function show(worker: Worker, text: string): Promise<void> {
  const { title, body, tag, address } = shown(read(text), worker.navigator.language.slice(0, 2))
  const is_looked_at = (await worker.clients.matchAll(OF_PAGES)).some((client) => client.focused)
  const aloud = is_looked_at ? { silent: true } : { renotify: true }
  await worker.registration.showNotification(title, { body, tag, icon: ICON, badge: ICON, data: address, ...aloud })
}

/** Leads to an address: in a page that is open, if there is one. */
export async function open(worker: Worker, address: string): Promise<void> {
  const pages = await worker.clients.matchAll(OF_PAGES)
  const page = pages.find((client) => new URL(client.url).pathname.startsWith('/ui/'))
  if (page === undefined) {
    await worker.clients.openWindow(address)
    return
  }
  page.postMessage({ go: address })
  await page.focus()
}

/** Has a worker listen. */
export function begin(worker: Worker): void {
  // A newer worker does the same better; no page depends on the older one.
  worker.addEventListener('install', () => { void worker.skipWaiting() })
  worker.addEventListener('push', (event: Lasting & { data: { text: () => string } | null }) => {
    event.waitUntil(show(worker, event.data?.text() ?? ''))
  })
  worker.addEventListener('notificationclick', (event: Lasting & { notification: { close: () => void; data: string } }) => {
    event.notification.close()
    event.waitUntil(open(worker, event.notification.data))
  })
}

if (typeof window === 'undefined' && 'registration' in globalThis) begin(globalThis as unknown as Worker)
