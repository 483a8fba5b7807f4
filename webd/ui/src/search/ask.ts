// Looking for messages: in one group or in all, the newest first.
import type { Event, Ops } from '../wire/contract'
import { call } from '../wire/http'

export interface Found {
  group_id: string
  event: Event
}

/** Groups asked at a time. */
const AT_ONCE = 4

export type Wanted = Omit<Ops['ledger_search']['args'], 'group_id'>

export interface Page {
  found: Found[]
  /** Whether there is more, in any group. */
  more: boolean
  /** Where to go on, by group. */
  cursors: Record<string, string>
}

/** What is found in groups, put together by time. `cursors` goes on behind an earlier answer, in those groups only. */
export async function foundIn(group_ids: string[], wanted: Wanted, cursors: Record<string, string> | null = null): Promise<Page> {
  const asked = cursors === null ? group_ids : group_ids.filter((id) => cursors[id] !== undefined)
  const page: Page = { found: [], more: false, cursors: {} }
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const some = asked.slice(from, from + AT_ONCE)
    const answers = await Promise.all(some.map((group_id) => call('ledger_search', { ...wanted, group_id, ...(cursors?.[group_id] ? { before: cursors[group_id] } : {}) })))
    answers.forEach((answer, at) => {
      const group_id = some[at] ?? ''
      page.found.push(...answer.events.map((event) => ({ group_id, event })))
      if (!answer.has_more || !answer.cursor) return
      page.more = true
      page.cursors[group_id] = answer.cursor
    })
  }
  page.found.sort((a, b) => (a.event.ts < b.event.ts ? 1 : a.event.ts > b.event.ts ? -1 : 0))
  return page
}
