import { describe, expect, it } from 'vitest'
import { fitting, scaled } from '../src/terminal/fit'
import { heldOf } from '../src/terminal/held'
import { unshown } from '../src/terminal/join'
import { sent, withCtrl } from '../src/terminal/keys'
import { isAsked, linesOf } from '../src/terminal/paste'
import { layoutFor, placed, shownOf } from '../src/terminal/places'
import { isReport } from '../src/terminal/report'
import type { ActorView, Event, MessageStatus } from '../src/wire/contract'

describe('the size of a terminal', () => {
  it.each([
    // room          cell        cols × rows: whole ones, beside the scrollbar
    [[814, 405], [8, 20], [100, 20]],
    [[813, 399], [8, 20], [99, 19]],
    [[20, 10], [8, 20], [10, 2]],
    [[0, 400], [8, 20], null],
    [[800, 400], [0, 0], null],
  ])('%j with cells of %j', ([width = 0, height = 0], [w = 0, h = 0], grid) => {
    const [cols, rows] = grid ?? []
    expect(fitting({ width, height }, { width: w, height: h })).toEqual(grid && { cols, rows })
  })
  it('shows all of a picture while that can be read, and moves about in it otherwise', () => {
    const picture = { width: 960, height: 400 }
    expect(scaled({ width: 1_000, height: 500 }, picture, 12, 12)).toBe(12)
    expect(scaled({ width: 814, height: 500 }, picture, 12, 12)).toBe(10)
    expect(scaled({ width: 974, height: 350 }, picture, 12, 12)).toBe(10.5)
    expect(scaled({ width: 390, height: 600 }, picture, 12, 11.5)).toBe(11.5)
    expect(scaled({ width: 0, height: 0 }, picture, 12, 12)).toBe(12)
  })
})

describe('what a terminal says by itself', () => {
  it.each(['\x1b[I', '\x1b[O', '\x1b[12;40R', '\x1b[0n', '\x1b[?62;22c', '\x1b[>0;276;0c', '\x1b[?2026;2$y', '\x1b[<0;3;4M', '\x1b[M !!', '\x1b]11;rgb:fb/fb/fa\x1b\\', '\x1b]10;rgb:0/0/0\x07\x1b[0n', '\x1bP1$r0m\x1b\\', '\x1b[8;24;80t'])('%j is no key', (data) => {
    expect(isReport(data)).toBe(true)
  })
  it.each(['a', '\x1b', '\x1b[A', '\x1bOA', '\x1b[1;5C', '\x1b[3~', '\r', '\x1b[200~text\x1b[201~', '\x1b[Z', ''])('%j is a key', (data) => {
    expect(isReport(data)).toBe(false)
  })
})

describe('text that is pasted', () => {
  it.each([['a', 1, false], ['a\n', 1, true], ['a\nb', 2, true], ['a\r\nb\r\n', 2, true], ['a\n\nb\n', 3, true]])('%j', (text, lines, asked) => {
    expect(linesOf(text)).toBe(lines)
    expect(isAsked(text)).toBe(asked)
  })
})

describe('the keys of a phone', () => {
  it('are sent as the program wants them', () => {
    expect([sent('up', false), sent('up', true), sent('interrupt', false), sent('esc', true)]).toEqual(['\x1b[A', '\x1bOA', '\x03', '\x1b'])
    expect(['c', 'C', '[', ' ', 'ab', 'é', '1'].map(withCtrl)).toEqual(['\x03', '\x03', '\x1b', '\x00', 'ab', 'é', '1'])
  })
})

describe('the places of terminals', () => {
  const actors = [{ id: 'bot', runner: 'headless' }, { id: 'a', runner: 'pty' }, { id: 'b', runner: 'pty' }, { id: 'c', runner: 'pty' }]
  it('are those of the address, then the last ones, then the next actors', () => {
    expect(shownOf(2, [], [], actors)).toEqual(['a', 'b'])
    expect(shownOf(4, ['c'], ['gone', 'b'], actors)).toEqual(['c', 'b', 'a', 'bot'])
    expect(shownOf(1, ['a', 'b'], [], actors)).toEqual(['a', 'b'])
    expect([1, 2, 3, 5, 9].map(layoutFor)).toEqual([1, 2, 4, 6, 6])
  })
  it('change with one another', () => {
    expect(placed(['a', 'b'], 0, 'b')).toEqual(['b', 'a'])
    expect(placed(['a', 'b'], 1, 'c')).toEqual(['a', 'c'])
  })
})

describe('earlier output and the screen', () => {
  it.each([
    [['1', '2', '3', '$'], ['3', '$'], 2],
    [['1', '2', '$'], ['1', '2', '$'], 0],
    [['1', '2'], ['2', '3', '$'], 1],
    [['$', '$', '$'], ['$', '$'], 1],
    [['1', '2'], ['another'], 0],
    [[], ['$'], 0],
  ])('%j above %j', (earlier, screen, lines) => {
    expect(unshown(earlier, screen)).toBe(lines)
  })
})

describe('what is held before a terminal', () => {
  const actor = (waiting: ActorView['waiting']) => ({ id: 'a', waiting }) as ActorView
  const events = [{ id: '1', ts: 't1' }, { id: '2', ts: 't2' }] as Event[]
  const statuses = { 2: { delivery: { a: { stage: 'held', reason: 'a person is typing' } } } } as unknown as Record<string, MessageStatus>
  it('counts from the oldest that waits for a reason', () => {
    expect(heldOf(actor({ count: 1, reason: 'a person is typing' }), events, statuses)).toEqual({ count: 1, reason: 'a person is typing', since: 't2', event_id: '2' })
    expect(heldOf(actor({ count: 2, reason: 'a person is typing' }), events, statuses)).toMatchObject({ since: null, event_id: '2' })
    expect(heldOf(actor({ count: 1, reason: '' }), events, statuses)).toBeNull()
    expect(heldOf(actor(null), events, statuses)).toBeNull()
    expect(heldOf(actor({ count: 2, reason: 'group is paused' }), events, {})).toMatchObject({ since: null, event_id: null })
  })
})
