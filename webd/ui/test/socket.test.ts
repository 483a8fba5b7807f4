import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Event } from '../src/wire/contract'
import type { Said, Told } from '../src/wire/frames'
import { GATHER_MS, pauseBefore, PROBE_MS_MAX, SILENCE_MS_MAX, socketOf, type Line } from '../src/wire/socket'

class FakeLine implements Line {
  binaryType = ''
  onmessage: Line['onmessage'] = null
  onclose: Line['onclose'] = null
  said: Said[] = []
  closed = false
  send(data: string): void {
    this.said.push(JSON.parse(data) as Said)
  }
  close(): void {
    this.closed = true
  }
  tell(told: Told): void {
    this.onmessage?.({ data: JSON.stringify(told) })
  }
  hello(version = '1.0', v = 1): void {
    this.tell({ t: 'hello', v, version, read_only: false })
  }
  events(...seqs: number[]): void {
    this.tell({ t: 'events', group_id: 'g', events: seqs.map((seq) => ({ seq }) as Event) })
  }
  bytes(id: number, kind: number, text: string): void {
    const frame = new Uint8Array([0, 0, 0, id, kind, ...new TextEncoder().encode(text)])
    this.onmessage?.({ data: frame.buffer })
  }
}

function opened() {
  const lines: FakeLine[] = []
  const open = (): Line => {
    const line = new FakeLine()
    lines.push(line)
    return line
  }
  const socket = socketOf({ open, random: () => 1 })
  const states: string[] = []
  const state = (word: string) => (): void => { states.push(word) }
  socket.start({ heard: state('heard'), open: state('open'), broken: state('broken'), newer: state('newer') })
  const line = (at = -1): FakeLine => lines.at(at) ?? new FakeLine()
  return { socket, lines, line, states }
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('the socket', () => {
  it('goes on behind the last event after a break, and tells none twice', () => {
    const { socket, line, states } = opened()
    const seqs: number[] = []
    socket.follow('g', 7, { event: ({ seq }) => { seqs.push(seq) } })
    line().hello()
    expect(line().said).toEqual([{ t: 'follow', group_id: 'g', after_seq: 7 }])
    line().tell({ t: 'following', group_id: 'g', seq: 7 })
    line().events(8, 9)
    line().onclose?.()
    vi.advanceTimersByTime(1_000)
    line().hello()
    expect(line().said).toEqual([{ t: 'follow', group_id: 'g', after_seq: 9 }])
    line().tell({ t: 'following', group_id: 'g', seq: 9 })
    line().events(9, 10)
    expect(seqs).toEqual([8, 9, 10])
    expect(states).toEqual(['open', 'heard', 'broken', 'open', 'heard'])
  })

  it('tells whoever knows less what is between, and the others nothing twice', () => {
    const { socket, line } = opened()
    const [first, second]: number[][] = [[], []]
    socket.follow('g', null, { event: ({ seq }) => { first?.push(seq) } })
    line().hello()
    line().tell({ t: 'following', group_id: 'g', seq: 4 })
    line().events(5)
    const end = socket.follow('g', 3, { event: ({ seq }) => { second?.push(seq) } })
    line().events(6) // Of the earlier question: it comes again.
    line().tell({ t: 'following', group_id: 'g', seq: 3 })
    line().events(4, 5, 6)
    vi.advanceTimersByTime(GATHER_MS)
    expect([first, second]).toEqual([[5, 6], [4, 5, 6]])
    end()
    line().events(7)
    vi.advanceTimersByTime(GATHER_MS)
    expect([first, second]).toEqual([[5, 6, 7], [4, 5, 6]])
  })

  it('tells a burst together, and the first of it at once', () => {
    const { socket, line } = opened()
    const told: number[][] = []
    let now: number[] = []
    socket.follow('g', 0, { event: ({ seq }) => { now.push(seq) } })
    line().hello()
    line().tell({ t: 'following', group_id: 'g', seq: 0 })
    const look = (): void => {
      told.push(now)
      now = []
    }
    line().events(1)
    look()
    for (let seq = 2; seq < 10; seq += 1) line().events(seq)
    look()
    vi.advanceTimersByTime(GATHER_MS)
    look()
    expect(told).toEqual([[1], [], [2, 3, 4, 5, 6, 7, 8, 9]])
    // Whoever comes meanwhile is told what came after it.
    line().events(10)
    const late: number[] = []
    socket.follow('g', null, { event: ({ seq }) => { late.push(seq) } })
    line().events(11)
    vi.advanceTimersByTime(GATHER_MS)
    expect([now, late]).toEqual([[10, 11], [11]])
  })

  it('tells everything to everybody, whoever fails at it', () => {
    const { socket, line } = opened()
    const failed = vi.fn()
    vi.stubGlobal('reportError', failed)
    const seqs: number[] = []
    socket.follow('g', 0, { event: ({ seq }) => { if (seq === 2) throw new Error('cannot be drawn') } })
    socket.follow('g', 0, { event: ({ seq }) => { seqs.push(seq) } })
    line().hello()
    line().tell({ t: 'following', group_id: 'g', seq: 0 })
    line().events(1, 2, 3)
    expect(seqs).toEqual([1, 2, 3])
    expect(failed).toHaveBeenCalledTimes(1)
    vi.unstubAllGlobals()
  })

  it('begins anew when the ledger is another one', () => {
    const { socket, line } = opened()
    const anew = vi.fn()
    const seqs: number[] = []
    socket.follow('g', 70, { event: ({ seq }) => { seqs.push(seq) }, anew })
    line().hello()
    line().tell({ t: 'unfollowed', group_id: 'g', error: { code: 'event_not_found', message: '', details: {} } })
    expect(anew).toHaveBeenCalledOnce()
    expect(line().said.at(-1)).toEqual({ t: 'follow', group_id: 'g', after_seq: null })
    line().tell({ t: 'following', group_id: 'g', seq: 2 })
    line().events(3)
    expect(seqs).toEqual([3])
  })

  it('is lost when nothing is heard, and tries again later and later', () => {
    const { lines, line, states } = opened()
    line().hello()
    vi.advanceTimersByTime(SILENCE_MS_MAX - 1)
    line().tell({ t: 'alive' })
    vi.advanceTimersByTime(SILENCE_MS_MAX - 1)
    expect(states).toEqual(['open'])
    vi.advanceTimersByTime(1)
    expect(states).toEqual(['open', 'broken'])
    expect(line().closed).toBe(true)
    for (const [at, pause] of [1_000, 2_000, 4_000].entries()) {
      vi.advanceTimersByTime(pause - 1)
      expect(lines).toHaveLength(at + 1)
      vi.advanceTimersByTime(1)
      expect(lines).toHaveLength(at + 2)
      line().onclose?.()
    }
    expect([pauseBefore(0, 0), pauseBefore(0, 1), pauseBefore(9, 1)]).toEqual([750, 1_000, 30_000])
  })

  it('tries at once when it is told to, and makes sure of a line that was quiet', () => {
    const { socket, lines, line } = opened()
    line().onclose?.()
    socket.retry()
    expect(lines).toHaveLength(2)
    line().hello()
    socket.retry()
    expect(line().said).toEqual([])
    vi.advanceTimersByTime(PROBE_MS_MAX)
    socket.retry()
    expect(line().said).toEqual([{ t: 'ask', id: 0, op: 'ping', args: {} }])
    vi.advanceTimersByTime(PROBE_MS_MAX)
    expect(line().closed).toBe(true)
  })

  it('says that another version serves, and goes on if it speaks the same protocol', () => {
    const { line, lines, states } = opened()
    line().hello('1.0')
    line().onclose?.()
    vi.advanceTimersByTime(1_000)
    line().hello('1.1')
    expect(states).toEqual(['open', 'broken', 'newer', 'open'])
    line().onclose?.()
    vi.advanceTimersByTime(1_000)
    line().hello('2.0', 2)
    expect(states.slice(4)).toEqual(['broken', 'newer'])
    vi.advanceTimersByTime(60_000)
    expect(lines).toHaveLength(3)
  })

  it('says who looks at what first, and whenever it changes', () => {
    const { socket, line } = opened()
    const told = vi.fn()
    socket.onOthers(told)
    socket.look('desk', 'g')
    socket.follow('g', null, { event: () => undefined })
    line().hello()
    socket.look('desk', 'g')
    socket.look('desk', null)
    expect(line().said.map(({ t }) => t)).toEqual(['look', 'follow', 'look'])
    line().tell({ t: 'presence', group_id: 'g', others: ['phone'] })
    expect(told).toHaveBeenCalledWith('g', ['phone'])
  })

  it('carries a terminal, which its owner opens again after a break', () => {
    const { socket, line } = opened()
    line().hello()
    const got: string[] = []
    const says = (word: string) => (): void => { got.push(word) }
    const terminal = socket.terminal('g', 'lead', {
      bytes: (kind, bytes) => { got.push(`${kind} ${new TextDecoder().decode(bytes)}`) },
      is: ({ cols, rows, mine }) => { got.push(`${cols}x${rows} ${mine}`) },
      away: says('away'), closed: says('closed'), lost: says('lost'), back: says('back'),
    })
    terminal.keys('too early')
    terminal.open(1024)
    line().tell({ t: 'term', id: 1, cols: 80, rows: 24, mine: false, holder: null })
    line().bytes(1, 2, 'before')
    line().bytes(1, 1, 'screen')
    line().bytes(1, 0, 'output')
    line().bytes(9, 0, 'of another')
    terminal.take()
    terminal.size(90, 30)
    terminal.keys('x')
    terminal.drawn(18)
    expect(line().said).toEqual([
      { t: 'term_open', id: 1, group_id: 'g', actor_id: 'lead', earlier_bytes: 1024 },
      { t: 'term_take', id: 1 }, { t: 'term_size', id: 1, cols: 90, rows: 30 },
      { t: 'term_keys', id: 1, data: 'x' }, { t: 'term_ack', id: 1, bytes: 18 },
    ])
    line().onclose?.()
    terminal.keys('for nobody')
    vi.advanceTimersByTime(1_000)
    line().hello()
    terminal.open(0)
    line().bytes(1, 0, 'of before')
    line().bytes(2, 1, 'again')
    line().tell({ t: 'term_closed', id: 2, error: null, code: 0, signal: null })
    expect(line().said).toEqual([{ t: 'term_open', id: 2, group_id: 'g', actor_id: 'lead', earlier_bytes: 0 }])
    expect(got).toEqual(['80x24 false', 'earlier before', 'screen screen', 'output output', 'lost', 'back', 'screen again', 'closed'])
  })
})
