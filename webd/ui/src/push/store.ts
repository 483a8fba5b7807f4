// This browser among those that are told: switched on and off here, and kept as it was wanted when something has changed.
import { create } from 'zustand'
import type { PushTopic } from '../wire/contract'
import { addDevice, devices as ask, removeDevice, setTopics, testDevice, type Device } from '../wire/push'
import { language } from '../words'
import { facts, isFor, nameOf, possible, subscribe, subscription, type Possible } from './browser'

export const TOPICS: readonly PushTopic[] = ['message', 'owed', 'agent']

/** What this browser remembers of having been switched on. */
interface Kept {
  device_id: string
  endpoint: string
  lang: string
  topics: PushTopic[]
}

const KEPT = 'cccc.push'

function kept(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

const keep = (next: Kept | null): void => {
  if (next === null) localStorage.removeItem(KEPT)
  else localStorage.setItem(KEPT, JSON.stringify(next))
  usePush.setState({ own: next?.device_id ?? null })
}

interface Push {
  devices: Device[] | null
  error: string | null
  possible: Possible
  /** The device that is this browser. */
  own: string | null
}

export const usePush = create<Push>(() => ({ devices: null, error: null, possible: possible(facts()), own: kept()?.device_id ?? null }))

/** Asks who is told. */
export async function loadPush(): Promise<void> {
  try {
    const { devices } = await ask()
    usePush.setState({ devices, error: null, possible: possible(facts()) })
    // Somebody has taken this browser out, from here or elsewhere.
    if (!devices.some(({ device_id }) => device_id === kept()?.device_id)) keep(null)
  } catch (error) {
    usePush.setState({ error: (error as Error).message })
  }
}

async function tellFrom(key: string, topics: PushTopic[]): Promise<void> {
  const reached = await subscribe(key)
  const { device } = await addDevice(reached.toJSON(), { name: nameOf(navigator.userAgent), topics, lang: language() })
  keep({ device_id: device.device_id, endpoint: reached.endpoint, lang: language(), topics })
}

/** Has this browser told. The browser asks its person, so it is called for a click only. */
export async function turnOn(topics: PushTopic[] = [...TOPICS]): Promise<void> {
  try {
    const { key } = await ask()
    await tellFrom(key, topics)
  } finally {
    usePush.setState({ possible: possible(facts()) })
  }
  await loadPush()
}

/** Has it told nothing any more. */
export async function turnOff(): Promise<void> {
  const before = kept()
  if (before !== null) await removeDevice(before.device_id)
  await (await subscription())?.unsubscribe()
  keep(null)
  await loadPush()
}

export async function setOwnTopics(topics: PushTopic[]): Promise<void> {
  const before = kept()
  if (before === null) return
  await setTopics(before.device_id, { topics })
  keep({ ...before, topics })
  await loadPush()
}

export const testOwn = async (): Promise<void> => {
  const before = kept()
  if (before !== null) await testDevice(before.device_id)
}

export async function removeOther(device_id: string): Promise<void> {
  await removeDevice(device_id)
  await loadPush()
}

/**
 * Keeps this browser told as it was wanted: browsers change how they are reached, people change their language, and a home
 * that was restored may not know of it. Asks nobody anything; call when the page is open and somebody answers.
 */
export async function renew(): Promise<void> {
  const before = kept()
  if (before === null || possible(facts()) !== 'yes' || Notification.permission !== 'granted') return
  const { key, devices } = await ask()
  if (!devices.some(({ device_id }) => device_id === before.device_id)) {
    // Somebody has taken it out; what the browser keeps goes too.
    await (await subscription())?.unsubscribe()
    keep(null)
    return
  }
  const reached = await subscription()
  const is_current = reached !== null && reached.endpoint === before.endpoint && isFor(reached, key) && before.lang === language()
  if (is_current) return
  await tellFrom(key, before.topics)
  const now = kept()
  if (now !== null && now.device_id !== before.device_id) await removeDevice(before.device_id)
}
