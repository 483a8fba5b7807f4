// What the page asks about browsers that are told while no page is open. They have addresses of their own and no op: how a
// browser is reached is for the server alone.
import type { PushTopic } from './contract'
import { request } from './http'

export interface Device {
  device_id: string
  name: string
  topics: PushTopic[]
  /** The host that passes on what is told. */
  service: string
  created_at: string
  /** Why the last thing was not told; `""` when it was. */
  trouble: string
}

export interface Wanted {
  name: string
  topics: PushTopic[]
  lang: string
}

const PLACE = '/api/v1/push'
const at = (device_id: string): string => `${PLACE}/devices/${encodeURIComponent(device_id)}`

/** A service may be asked three times, with pauses. */
const TEST_MS_MAX = 60_000

export const devices = (): Promise<{ key: string; devices: Device[] }> => request(PLACE)

export const addDevice = (subscription: PushSubscriptionJSON, wanted: Wanted): Promise<{ device: Device }> =>
  request(`${PLACE}/devices`, { method: 'POST', body: { endpoint: subscription.endpoint, keys: subscription.keys, ...wanted } })

export const setTopics = (device_id: string, wanted: Partial<Wanted>): Promise<{ device: Device }> =>
  request(`${at(device_id)}/topics`, { method: 'POST', body: wanted })

export const testDevice = (device_id: string): Promise<unknown> =>
  request(`${at(device_id)}/test`, { method: 'POST', body: {}, timeout_ms: TEST_MS_MAX })

export const removeDevice = (device_id: string): Promise<unknown> => request(at(device_id), { method: 'DELETE' })
