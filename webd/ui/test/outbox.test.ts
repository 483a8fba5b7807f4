import { beforeEach, describe, expect, it, vi } from 'vitest'
import { discard, dispatch, flush, post, readOutbox, useOutbox } from '../src/chat/outbox'
import { useConnection } from '../src/connection/store'

const outgoing = (client_id: string) =>
  ({ group_id: 'g', client_id, text: client_id, to: ['a'], priority: 'normal' as const, reply_required: false, reply_to: null })

/** Answers in order what the server would; says what it was asked. */
function server(...answers: (object | Error)[]) {
  const asked: { client_id: string }[] = []
  vi.stubGlobal('fetch', (_: string, init: { body: string }) => {
    asked.push(JSON.parse(init.body) as { client_id: string })
    const answer = answers.shift() ?? new Error('nobody is asked any more')
    if (answer instanceof Error) return Promise.reject(answer)
    return Promise.resolve({ status: 200, json: () => Promise.resolve(answer) })
  })
  return asked
}
const stored = { ok: true, result: { event: { seq: 1, group_id: 'g' } } }
const refused = { ok: false, error: { code: 'invalid_recipient', message: 'nobody is called a' } }
const away = { ok: false, error: { code: 'daemon_unavailable', message: 'the daemon does not answer' } }
const states = () => useOutbox.getState().unsent.map(({ client_id, state }) => `${client_id} ${state}`)

describe('what is not stored yet', () => {
  beforeEach(() => {
    localStorage.clear()
    useOutbox.setState({ unsent: [] })
    useConnection.setState({ phase: 'live' })
  })

  it('goes out again under the same id after no answer came', async () => {
    const asked = server(new Error('broken'), stored)
    post(outgoing('c1'))
    await vi.waitFor(() => { expect(states()).toEqual(['c1 failed']) })
    await dispatch('c1')
    expect(states()).toEqual([])
    expect(asked.map(({ client_id }) => client_id)).toEqual(['c1', 'c1'])
  })

  it('keeps the server\'s own sentence beside what was refused, until it is discarded', async () => {
    server(refused)
    post(outgoing('c1'))
    await vi.waitFor(() => { expect(states()).toEqual(['c1 failed']) })
    expect(useOutbox.getState().unsent[0]?.reason).toContain('nobody is called a')
    discard('c1')
    expect(states()).toEqual([])
  })

  it('waits while the daemon is away, and goes out in order when it is back', async () => {
    const asked = server(away, stored, stored)
    useConnection.setState({ phase: 'away' })
    post(outgoing('c1'))
    post(outgoing('c2'))
    expect(states()).toEqual(['c1 kept', 'c2 kept'])
    await dispatch('c1')
    expect(states()).toEqual(['c1 kept', 'c2 kept'])
    await flush()
    expect(states()).toEqual([])
    expect(asked.map(({ client_id }) => client_id)).toEqual(['c1', 'c1', 'c2'])
  })

  it('survives a reload, where what was on its way asks a person', () => {
    server()
    localStorage.setItem('cccc.unsent', JSON.stringify([{ ...outgoing('c1'), at: 0, state: 'sending', reason: '' }, { ...outgoing('c2'), at: 0, state: 'kept', reason: '' }]))
    expect(readOutbox(localStorage).map(({ state }) => state)).toEqual(['failed', 'kept'])
  })
})
