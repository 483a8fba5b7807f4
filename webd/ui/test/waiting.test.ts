// What waits: who is meant, what is stuck, and in which order.
import { describe, expect, it } from 'vitest'
import { verbsOf } from '../src/waiting/acts'
import { rowsOf, sorted, STUCK_MS } from '../src/waiting/rows'
import type { ActorView, GroupRow, MessageStatus } from '../src/wire/contract'
import type { Message } from '../src/wire/events'

const AT = Date.parse('2026-01-01T10:00:00Z')
const group = (state = 'active'): GroupRow => ({ group_id: 'g', title: 'shop', state }) as unknown as GroupRow
const said = (id: string, by: string, minutes = 0): Message => ({ id, by, group_id: 'g', ts: new Date(AT + minutes * 60_000).toISOString(), kind: 'chat.message', data: { text: id } }) as unknown as Message
const status = (event_id: string, more: Partial<MessageStatus>): MessageStatus => ({ event_id, ack_status: null, obligation_status: null, read_status: {}, delivery: {}, ...more })
const owes = (more: object = {}) => ({ read: false, acked: false, replied: false, reply_required: true, ...more })
const rows = (messages: Message[], statuses: MessageStatus[], actors: ActorView[] = [], state = 'active', later_ms = STUCK_MS) =>
  rowsOf({ group: group(state), messages, statuses: Object.fromEntries(statuses.map((one) => [one.event_id, one])), actors }, AT + later_ms)
const heads = (found: ReturnType<typeof rows>): string[] => found.map((row) => `${row.head} ${row.key}`)

describe('what waits', () => {
  it.each([
    // what is known of a message, the rows of it, what is meant
    [{ obligation_status: { user: owes() } }, ['you m you'], 'a reply that is asked of the reader'],
    [{ obligation_status: { user: owes({ replied: true }) } }, [], 'one that was given'],
    [{ obligation_status: { user: owes({ cancelled: true }) } }, [], 'one that was taken back'],
    [{ ack_status: { user: false } }, ['you m you'], 'an acknowledgement'],
    [{ obligation_status: { a: owes() } }, ['owes m a'], 'a reply that an agent owes'],
    [{ obligation_status: { a: owes() }, delivery: { a: { stage: 'uncertain', reason: '' } } }, ['owes m a'], 'owed and uncertain is one row'],
    [{ read_status: { a: false }, delivery: { a: { stage: 'held', reason: 'a person is typing' } } }, ['stuck m a'], 'held for a minute'],
    [{ read_status: { a: false }, delivery: { a: { stage: 'held', reason: 'starting' } } }, [], 'held for what ends by itself'],
    [{ read_status: { a: true }, delivery: { a: { stage: 'uncertain', reason: '' } } }, [], 'uncertain, but it has read it'],
    [{ read_status: { a: false }, delivery: { a: { stage: 'failed', reason: 'x' } } }, ['stuck m a'], 'failed'],
  ] as [Partial<MessageStatus>, string[], string][])('%j is %j (%s)', (more, wanted) => {
    expect(heads(rows([said('m', 'b')], [status('m', more)]))).toEqual(wanted)
  })

  it('makes one row of what is held for one actor for one reason', () => {
    const held = (id: string) => status(id, { read_status: { a: false }, delivery: { a: { stage: 'held', reason: 'a person is typing' } } })
    const found = rows([said('m', 'b'), said('n', 'b')], [held('m'), held('n')])
    expect(found.map((row) => ('count' in row ? `${row.key} ${row.count}` : ''))).toEqual(['m a 2'])
  })

  it('is not stuck before a minute is over', () => {
    const held = status('m', { read_status: { a: false }, delivery: { a: { stage: 'held', reason: 'a person is typing' } } })
    expect(rows([said('m', 'b')], [held], [], 'active', STUCK_MS - 1)).toEqual([])
  })

  it('counts what a paused group holds as one row, and a dialog as one', () => {
    const actors = [{ id: 'a', waiting: { count: 3, reason: '' } }, { id: 'b', waiting: { count: 1, reason: '' }, running: true, terminal_state: 'asks a person' }] as unknown as ActorView[]
    expect(heads(rows([], [], actors, 'paused'))).toEqual(['stuck g asks b', 'stuck g paused'])
  })

  it('stands in the order of who waits, decisions first, the oldest first', () => {
    const messages = [said('old-ack', 'b', -9), said('owes', 'user', -8), said('new', 'b', -1), said('old', 'b', -5)]
    const found = rows(messages, [
      status('old-ack', { ack_status: { user: false } }), status('owes', { obligation_status: { a: owes() } }),
      status('new', { obligation_status: { user: owes() } }), status('old', { obligation_status: { user: owes() } }),
    ])
    expect(sorted(found).map(({ event }) => event?.id)).toEqual(['old', 'new', 'old-ack', 'owes'])
  })

  it('offers what fits: to withdraw only what the reader has asked', () => {
    const of = (by: string) => rows([said('m', by)], [status('m', { obligation_status: { a: owes() } })]).map(verbsOf)
    expect(of('user')).toEqual([['remind', 'withdraw', 'look']])
    expect(of('b')).toEqual([['remind', 'look']])
  })
})
