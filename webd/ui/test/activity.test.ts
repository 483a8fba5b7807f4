// Promises about the ledger as sentences: every kind of the contract has one, and nothing in an event breaks a line.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { involves, inSort, SORTS } from '../src/activity/filters'
import { fields, KINDS_KNOWN, pieces, told } from '../src/activity/told'
import type { Event } from '../src/wire/contract'

const event = (kind: string, data: unknown, by = 'foreman'): Event =>
  ({ v: 1, seq: 1, id: 'e1', ts: '2025-01-01T00:00:00Z', kind, group_id: 'g', scope_key: '', by, data })
const name = (id: string): string => (id === 'user' ? 'You' : id.toUpperCase())

describe('a sentence', () => {
  it('is there for every kind of the contract', () => {
    const contract = readFileSync(join(import.meta.dirname, '../src/wire/contract.ts'), 'utf8')
    const kinds = [...(/export interface EventData \{([\s\S]*?)\n\}/.exec(contract)?.[1] ?? '').matchAll(/"([^"]+)":/g)].map(([, kind]) => kind)
    expect([...KINDS_KNOWN].sort()).toEqual(kinds.sort())
  })
  it.each([
    ['chat.message', { text: 'a\nb', to: ['user'], attachments: [], reply_to: null, src_group_id: null, dst_group_id: null, reply_required: true, priority: 'normal' }, 'FOREMAN requires a reply from you', 'a b', 'tw'],
    ['chat.message', { text: 'a', to: [], attachments: [{}], reply_to: null, src_group_id: null, dst_group_id: null, reply_required: false, priority: 'normal' }, 'FOREMAN wrote to @ALL', 'a · 1 file', ''],
    ['x.cccc.delivery', { actor_id: 'tester', event_ids: ['a'], stage: 'held', reason: 'a person is typing', path: '', evidence: {} }, 'TESTER: 1 message is held', 'a person is typing in its terminal', 'tw'],
    ['x.cccc.delivery', { actor_id: 'tester', event_ids: ['a', 'b'], stage: 'handed', reason: '', path: 'paste', evidence: { bytes: 41 } }, 'TESTER was handed 2 messages', 'paste · 41 bytes', ''],
    ['x.cccc.session', { actor_id: 'tester', phase: 'started', pid: 7, detail: '', exit_code: null, signal: null }, 'TESTER started', 'process 7', ''],
    ['x.cccc.session', { actor_id: 'tester', phase: 'exited', pid: null, detail: '', exit_code: 1, signal: null, last_lines: ['fatal'] }, 'TESTER ended by itself with code 1', '', 'tb'],
    ['context.sync', { changes: [{ index: 0, op: 'vision.update', detail: 'updated the vision' }], patch: {}, version: '' }, 'FOREMAN changed what the group shares', 'updated the vision', ''],
    ['x.cccc.from_later', {}, 'FOREMAN: x.cccc.from_later', '', ''],
    ['x.cccc.delivery', null, 'FOREMAN: x.cccc.delivery', '', ''],
  ])('of %s', (kind, data, text, evidence, tone) => {
    const line = told(event(kind, data), name)
    expect({ text: line.text, evidence: line.evidence, tone: line.tone }).toEqual({ text, evidence, tone })
  })
  it('sets off a name once', () => {
    expect(pieces('TESTER and TESTER', ['TESTER'])).toEqual([{ text: 'TESTER', strong: true }, { text: ' and TESTER', strong: false }])
    expect(pieces('nobody', ['', 'X'])).toEqual([{ text: 'nobody', strong: false }])
  })
})

describe('the fields of an event', () => {
  it('have their place in their name', () => {
    expect(fields({ a: { b: [1, null], c: [] }, d: {} })).toEqual([['a.b.0', '1'], ['a.b.1', '–'], ['a.c', '[]'], ['d', '{}']])
  })
})

describe('filters', () => {
  it('know kinds of the contract only', () => {
    for (const kind of Object.values(SORTS).flat()) expect(KINDS_KNOWN).toContain(kind)
  })
  it('let everything of their kind through', () => {
    expect(inSort(event('x.cccc.from_later', {}), 'all')).toBe(true)
    expect(inSort(event('chat.message', {}), 'rules')).toBe(false)
  })
  it.each([
    [event('actor.start', { actor_id: 'a' }, 'user'), 'a', true],
    [event('actor.start', { actor_id: 'a' }, 'user'), 'user', true],
    [event('chat.message', { to: ['a'] }), 'a', true],
    [event('actor.add', { actor: { id: 'a' } }), 'a', true],
    [event('chat.message', { to: ['b'] }), 'a', false],
    [event('x', null), 'a', false],
  ])('%#: see who had a part in it', (one, id, wanted) => {
    expect(involves(one, id)).toBe(wanted)
  })
})
