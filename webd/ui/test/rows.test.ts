import { describe, expect, it } from 'vitest'
import { rows, type Row } from '../src/chat/rows'
import type { Unsent } from '../src/chat/unsent'
import type { Event } from '../src/wire/contract'

let seq = 0
const event = (kind: string, by: string, minute: number, data: unknown): Event => {
  seq += 1
  const ts = new Date(2026, 10, 24, 9, 0, 0).getTime() + minute * 60_000
  return { v: 1, seq, id: `e${seq}`, ts: new Date(ts).toISOString(), kind, group_id: 'g', scope_key: '', by, data }
}
const message = (by: string, to: string[], minute: number, more: Record<string, unknown> = {}): Event =>
  event('chat.message', by, minute, { text: 'x', to, priority: 'normal', reply_required: false, client_id: null, attachments: [], ...more })
const quiet = { read: null, unfolded: new Set<string>(), complete: false }
const firsts = (all: Row[]): boolean[] => all.flatMap((row) => ('first' in row ? [row.first] : []))

describe('rows of the chat', () => {
  it.each([
    ['same sender, same recipients, soon', message('a', ['b'], 0), message('a', ['b'], 4), false],
    ['another sender', message('a', ['b'], 0), message('c', ['b'], 1), true],
    ['other recipients must be seen', message('a', ['b'], 0), message('a', ['b', 'c'], 1), true],
    ['the order of recipients is nothing', message('a', ['c', 'b'], 0), message('a', ['b', 'c'], 1), false],
    ['another mode', message('a', ['b'], 0), message('a', ['b'], 1, { reply_required: true }), true],
    ['five minutes later', message('a', ['b'], 0), message('a', ['b'], 5), true],
  ])('begins a group or not: %s', (_, one, two, first) => {
    expect(firsts(rows([one, two], [], quiet))).toEqual([true, first])
  })

  it('breaks a group by a line between', () => {
    const all = rows([message('a', ['b'], 0), event('actor.stop', 'user', 1, { actor_id: 'b' }), message('a', ['b'], 2)], [], quiet)
    expect(firsts(all)).toEqual([true, true])
  })

  it('puts a day line before the first event of each day', () => {
    const all = rows([message('a', ['b'], 0), message('a', ['b'], 24 * 60)], [], quiet)
    expect(all.map(({ kind }) => kind)).toEqual(['day', 'message', 'day', 'message'])
  })

  it('sets the unread line before the first message of somebody else, and counts only those', () => {
    const read = message('a', ['user'], 0)
    const all = rows([read, message('user', ['a'], 1), message('a', ['user'], 2), message('user', ['a'], 3), message('b', ['user'], 4)], [], {
      ...quiet, read: { seq: read.seq, ts: read.ts },
    })
    const at = all.findIndex(({ kind }) => kind === 'unread')
    expect(all[at]).toMatchObject({ count: 2 })
    expect(all[at + 1]).toMatchObject({ kind: 'message', event: { by: 'a' } })
  })

  it('folds more than three system lines, until they are unfolded', () => {
    const four = [0, 1, 2, 3].map((minute) => event('actor.start', 'user', minute, { actor_id: 'a' }))
    expect(rows(four, [], quiet).map(({ kind }) => kind)).toEqual(['day', 'fold'])
    const open = { ...quiet, unfolded: new Set([four[0]?.id ?? '']) }
    expect(rows(four, [], open).map(({ kind }) => kind)).toEqual(['day', 'system', 'system', 'system', 'system'])
    expect(rows(four.slice(1), [], quiet)).toHaveLength(4)
  })

  it('says nothing of sessions that do what they should', () => {
    const session = (phase: string): Event => event('x.cccc.session', 'system', 0, { actor_id: 'a', phase })
    expect(rows([session('starting'), session('started'), session('exited')], [], quiet)).toHaveLength(2)
  })

  it('keeps what is unsent at the end, under a key that does not change when it is stored', () => {
    const unsent: Unsent = {
      group_id: 'g', client_id: 'c1', text: 'x', to: ['b'], priority: 'normal', reply_required: false, reply_to: null,
      at: Date.now(), state: 'failed', reason: '',
    }
    const before = rows([message('a', ['b'], 0)], [unsent], quiet).at(-1)
    const after = rows([message('a', ['b'], 0), message('user', ['b'], 1, { client_id: 'c1' })], [], quiet).at(-1)
    expect(before?.key).toBe('c1')
    expect(after?.key).toBe('c1')
  })
})
