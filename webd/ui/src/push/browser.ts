// What this browser can be told, and how it is asked for it.

/** Whether a browser can be told, and if not, why. */
export type Possible = 'yes' | 'insecure' | 'install' | 'unsupported' | 'denied'

export interface Facts {
  /** `https`, or this machine. */
  secure: boolean
  able: boolean
  /** An iPhone or iPad whose page is not on the home screen. */
  uninstalled: boolean
  permission: NotificationPermission | null
}

/** Why not, by what a person can do about it. Pure. */
export function possible({ secure, able, uninstalled, permission }: Facts): Possible {
  if (!secure) return 'insecure'
  if (uninstalled) return 'install'
  if (!able || permission === null) return 'unsupported'
  return permission === 'denied' ? 'denied' : 'yes'
}

/** As this browser is now. */
export function facts(): Facts {
  const able = 'serviceWorker' in navigator && 'PushManager' in window
  return {
    secure: window.isSecureContext,
    able,
    uninstalled: !able && 'standalone' in navigator && (navigator as { standalone?: boolean }).standalone === false,
    permission: 'Notification' in window ? Notification.permission : null,
  }
}

const WORKER = '/ui/push.js'

async function registration(): Promise<ServiceWorkerRegistration> {
  await navigator.serviceWorker.register(WORKER, { scope: '/ui/' })
  return navigator.serviceWorker.ready
}

/** How this browser is reached now; null when it is not. */
export async function subscription(): Promise<PushSubscription | null> {
  const registered = await navigator.serviceWorker.getRegistration('/ui/')
  return registered === undefined ? null : registered.pushManager.getSubscription()
}

/** Bytes of a key as it is written in addresses. */
export function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

/** Whether a subscription lets in whoever has this key. Pure but for the browser's own buffer. */
export function isFor(subscription: PushSubscription, key: string): boolean {
  const own = subscription.options.applicationServerKey
  if (own === null) return false
  const bytes = new Uint8Array(own)
  const wanted = bytesOf(key)
  return bytes.length === wanted.length && bytes.every((byte, at) => byte === wanted[at])
}

/** Has the browser let us in, and asks its person if need be. */
export async function subscribe(key: string): Promise<PushSubscription> {
  const registered = await registration()
  const before = await registered.pushManager.getSubscription()
  if (before !== null && isFor(before, key)) return before
  // It lets somebody in who has another key, like an older home at this address.
  await before?.unsubscribe()
  return registered.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) })
}

const SYSTEMS = [
  [/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/CrOS/, 'ChromeOS'], [/Mac OS X/, 'Mac'], [/Windows/, 'Windows'], [/Linux/, 'Linux'],
] as const
const BROWSERS = [[/Firefox|FxiOS/, 'Firefox'], [/Edg/, 'Edge'], [/OPR/, 'Opera'], [/Chrome|CriOS/, 'Chrome'], [/Safari/, 'Safari']] as const

/** What a browser is called where it is told among others, as its own words have it. Pure. */
export function nameOf(agent: string): string {
  const found = [BROWSERS, SYSTEMS].map((table) => table.find(([mark]) => mark.test(agent))?.[1])
  return found.filter(Boolean).join(', ') || 'Browser'
}
