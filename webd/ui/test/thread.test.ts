// Threads: what belongs to which, by what it answers.
import { describe, expect, it } from 'vitest'
import { peopleOf, repliesOf, roots, threads } from '../src/thread/threads'
import type { Message } from '../src/wire/events'

let seq = 0
const said = (id: string, by: string, reply_to: string | null = null, to: string[] = []): Message => {
  seq += 1
  return { id, seq, ts: `2026-01-01T00:00:0${seq % 10}Z`, kind: 'chat.message', by, group_id: 'g', data: { reply_to, to, text: id } } as unknown as Message
}

const all = [said('a', 'foreman', null, ['user', '@peers']), said('b', 'x', 'a'), said('c', 'y', 'b'), said('d', 'x'), said('e', 'x', 'c'), said('f', 'z', 'unloaded')]

describe('a thread', () => {
  it('is everything that leads back to its first message', () => {
    expect(repliesOf('a', all).map(({ id }) => id)).toEqual(['b', 'c', 'e'])
    expect(roots(all).get('f')).toBe('unloaded')
  })
  it('is told under its first message by how many, and by whom', () => {
    expect(threads(all).get('a')).toEqual({ replies: 3, by: ['x', 'y'], last_ts: all[4]?.ts })
    expect(threads(all).has('d')).toBe(false)
  })
  it('has in it whoever said something, and whom it was for; words for several and the reader are nobody', () => {
    expect(peopleOf(all[0] as Message, repliesOf('a', all))).toEqual(['foreman', 'x', 'y'])
  })
})
