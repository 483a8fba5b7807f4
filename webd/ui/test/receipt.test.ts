import { describe, expect, it } from 'vitest'
import { mark, owed, receipts } from '../src/chat/receipt'
import type { MessageStatus } from '../src/wire/contract'

const done = (more: Record<string, boolean> = {}) => ({ read: false, acked: false, replied: false, reply_required: false, ...more })
const status = (more: Partial<MessageStatus>): MessageStatus =>
  ({ event_id: 'e', read_status: {}, ack_status: null, obligation_status: {}, delivery: {}, ...more })

describe('the mark of a message', () => {
  it.each([
    ['nothing known', status({ read_status: { a: false } }), { reached: 'stored', some: '', tone: '' }],
    ['about to be handed over', status({ read_status: { a: false }, delivery: { a: { stage: 'held', reason: '' } } }), { reached: 'stored', some: '', tone: '' }],
    ['the one who is least far counts', status({ read_status: { a: true, b: false }, delivery: { b: { stage: 'held', reason: 'a person is typing' } } }), { reached: 'held', some: '', tone: 'warn' }],
    ['some have read', status({ read_status: { a: true, b: false } }), { reached: 'read', some: '1/2', tone: '' }],
    ['all have read', status({ read_status: { a: true, b: true } }), { reached: 'read', some: '', tone: '' }],
    ['failed', status({ read_status: { a: false }, delivery: { a: { stage: 'failed', reason: 'x' } } }), { reached: 'failed', some: '', tone: 'bad' }],
    ['the reader does not hold it back', status({ read_status: { a: true }, obligation_status: { user: done() } }), { reached: 'read', some: '', tone: '' }],
    ['answered', status({ read_status: { a: true }, obligation_status: { a: done({ replied: true }) } }), { reached: 'answered', some: '', tone: '' }],
  ])('%s', (_, from, wanted) => {
    expect(mark(receipts(from))).toEqual(wanted)
  })
  it('is none for a message to nobody here', () => {
    expect(mark(receipts(status({})))).toBeNull()
  })
  it('takes reading as no acknowledgement where none is asked for', () => {
    const [one] = receipts(status({ read_status: { a: true }, obligation_status: { a: done({ read: true, acked: true }) } }))
    expect(one?.reached).toBe('read')
  })
})

describe('what the reader owes', () => {
  it.each([
    ['a reply', status({ obligation_status: { user: done({ reply_required: true }) } }), 'reply'],
    ['nothing once it is given', status({ obligation_status: { user: done({ reply_required: true, replied: true }) } }), null],
    ['nothing once it was taken back', status({ obligation_status: { user: done({ reply_required: true, cancelled: true }) } }), null],
    ['an acknowledgement', status({ ack_status: { user: false } }), 'acknowledge'],
    ['nothing for others', status({ ack_status: { a: false } }), null],
  ])('%s', (_, from, wanted) => {
    expect(owed(from)).toBe(wanted)
  })
})
