import { describe, expect, it } from 'vitest'
import { duration, offered } from '../src/settings-more/duration'
import { effective, follows } from '../src/settings-more/settings'

describe('what holds of a group', () => {
  // The same cases as the server's.
  it.each([
    [{}, 'default_send_to', 'foreman'],
    [{}, 'attention_ack_nudge_after_seconds', 600],
    [{ nudge_after_seconds: 10 }, 'unread_nudge_after_seconds', 30],
    [{ nudge_after_seconds: 10, unread_nudge_after_seconds: 5 }, 'unread_nudge_after_seconds', 5],
    [{ nudge_after_seconds: 0 }, 'reply_required_nudge_after_seconds', 0],
    [{ min_interval_seconds: -3 }, 'min_interval_seconds', 0],
    [{ keepalive_max_per_actor: 'x' }, 'keepalive_max_per_actor', 3],
    [{ default_send_to: 'nobody' }, 'default_send_to', 'foreman'],
    [{ terminal_transcript_notify_tail: false }, 'terminal_transcript_notify_tail', false],
  ] as const)('%j', (stored, key, value) => {
    expect(effective(stored)[key]).toBe(value)
  })
  it('is all of it', () => { expect(Object.keys(effective({}))).toHaveLength(19) })
  it('follows the usual time only where it was never set', () => {
    expect(follows({}, 'unread_nudge_after_seconds')).toBe(true)
    expect(follows({ unread_nudge_after_seconds: 0 }, 'unread_nudge_after_seconds')).toBe(false)
    expect(follows({}, 'min_interval_seconds')).toBe(false)
  })
})

describe('lengths of time', () => {
  it('are words', () => { expect([90, 900, 3600, 172_800].map(duration)).toEqual(['90 seconds', '15 minutes', '1 hour', '2 days']) })
  it('offer what is chosen, and nothing out of bounds', () => {
    expect(offered(7, 5, 60)).toEqual([5, 7, 10, 30, 60])
    expect(offered(0, 5, 10)).toEqual([5, 10])
  })
})
