import { describe, expect, it, vi } from 'vitest'
import type { Event } from '../src/wire/contract'
import { ledgerStream, type Source } from '../src/wire/stream'

class FakeSource implements Source {
  readonly heard = new Map<string, (event: MessageEvent<string>) => void>()
  closed = false
  constructor(readonly url: string) {}
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.heard.set(type, listener)
  }
  close(): void {
    this.closed = true
  }
  say(type: string, data?: unknown): void {
    this.heard.get(type)?.({ data: JSON.stringify(data ?? {}) } as MessageEvent<string>)
  }
}

function opened(after: number) {
  const sources: FakeSource[] = []
  const seqs: number[] = []
  const states: string[] = []
  const listener = { event: (event: Event) => { seqs.push(event.seq) }, state: (state: string) => { states.push(state) } }
  const open = (url: string): Source => {
    const source = new FakeSource(url)
    sources.push(source)
    return source
  }
  const stream = ledgerStream('g 1', after, listener, { open, pause: () => 10 })
  return { sources, seqs, states, stream }
}

describe('the stream of a ledger', () => {
  it('goes on behind the last event after a break, and tells none twice', () => {
    vi.useFakeTimers()
    const { sources, seqs, states, stream } = opened(7)
    expect(sources[0]?.url).toBe('/api/v1/groups/g%201/ledger/stream?after_seq=7')
    sources[0]?.say('open')
    sources[0]?.say('ledger', { seq: 8 })
    sources[0]?.say('ledger', { seq: 9 })
    sources[0]?.say('error')
    expect(sources[0]?.closed).toBe(true)
    vi.advanceTimersByTime(10)
    expect(sources[1]?.url).toMatch(/after_seq=9$/)
    sources[1]?.say('ledger', { seq: 9 })
    sources[1]?.say('ledger', { seq: 10 })
    expect(seqs).toEqual([8, 9, 10])
    expect(states).toEqual(['open', 'broken'])
    stream.close()
    vi.useRealTimers()
  })

  it('tries at once when it is told to, and never after it was closed', () => {
    vi.useFakeTimers()
    const { sources, stream } = opened(0)
    sources[0]?.say('error')
    stream.retry()
    expect(sources).toHaveLength(2)
    stream.retry()
    expect(sources).toHaveLength(2)
    stream.close()
    sources[1]?.say('error')
    vi.advanceTimersByTime(1_000)
    expect(sources).toHaveLength(2)
    vi.useRealTimers()
  })
})
