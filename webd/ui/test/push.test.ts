// What browsers are told: what they show of it, whether they can be told at all, and what the worker does.
import { describe, expect, it, vi } from 'vitest'
import { bytesOf, nameOf, possible, type Facts } from '../src/push/browser'
import { read, shown, type Told } from '../src/push/notice'
import { isOffered } from '../src/push/Offer'
import { begin, open, show, type Worker } from '../src/push/worker'

const TOLD: Told = { kind: 'owed', lang: 'en', group_id: 'g_1', group_title: 'Kitchen', by: 'Cook', text: 'How much salt?', event_id: 'e 1', more: 0 }

describe('a notification', () => {
  it('says who wants what, and leads there', () => {
    expect(shown(TOLD, 'en')).toEqual({ title: 'Cook waits for your answer · Kitchen', body: 'How much salt?', tag: 'owed g_1', address: '/ui/g/g_1?at=e%201' })
    expect(shown({ ...TOLD, kind: 'message', more: 2 }, 'en')).toMatchObject({ title: 'Cook · Kitchen', body: 'How much salt?\nand 2 more' })
    expect(shown({ ...TOLD, kind: 'agent', lang: 'ja' }, 'en').title).toBe('Cook の対応が必要です · Kitchen')
    expect(shown({ ...TOLD, kind: 'test', by: '', group_id: '', group_title: '' }, 'en')).toMatchObject({ title: 'cccc', address: '/ui/' })
  })

  it('is shown also for what cannot be read', () => {
    for (const text of ['', 'soup', '{}', '[1]', 'null', '{"kind": 3}']) expect(shown(read(text), 'zh').body).toBe('有新情况，打开页面查看。')
    expect(read(JSON.stringify({ kind: 'message' }))).toMatchObject({ more: 0, by: '' })
  })
})

describe('a browser', () => {
  const able: Facts = { secure: true, able: true, uninstalled: false, permission: 'default' }

  it('can be told, or says why not', () => {
    expect(possible(able)).toBe('yes')
    expect(possible({ ...able, permission: 'granted' })).toBe('yes')
    expect(possible({ ...able, permission: 'denied' })).toBe('denied')
    expect(possible({ ...able, secure: false })).toBe('insecure')
    expect(possible({ ...able, able: false })).toBe('unsupported')
    expect(possible({ ...able, permission: null })).toBe('unsupported')
    expect(possible({ ...able, able: false, uninstalled: true, permission: null })).toBe('install')
  })

  it('has a name', () => {
    expect(nameOf('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36')).toBe('Chrome, Linux')
    expect(nameOf('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile/15E148 Safari/604.1')).toBe('Safari, iPhone')
    expect(nameOf('Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/150.0')).toBe('Firefox, Windows')
    expect(nameOf('curl')).toBe('Browser')
  })

  it('is given the key as bytes', () => {
    expect([...bytesOf('-_8A')]).toEqual([0xfb, 0xff, 0x00])
  })

  it('is offered it once, when somebody waits', () => {
    expect(isOffered(1, false, 'yes', 'default')).toBe(true)
    expect(isOffered(0, false, 'yes', 'default')).toBe(false)
    expect(isOffered(1, true, 'yes', 'default')).toBe(false)
    expect(isOffered(1, false, 'denied', 'denied')).toBe(false)
    expect(isOffered(1, false, 'yes', 'granted')).toBe(false)
  })
})

function worker(pages: { url: string; focused: boolean }[]) {
  const listeners: Record<string, (event: never) => void> = {}
  const clients = pages.map((page) => ({ ...page, focus: vi.fn(() => Promise.resolve(null as never)), postMessage: vi.fn() }))
  const it = {
    registration: { showNotification: vi.fn(() => Promise.resolve()) },
    clients: { matchAll: () => Promise.resolve(clients), openWindow: vi.fn(() => Promise.resolve()) },
    navigator: { language: 'en-US' },
    skipWaiting: vi.fn(() => Promise.resolve()),
    addEventListener: (kind: string, listener: (event: never) => void) => { listeners[kind] = listener },
  }
  return { it: it as typeof it & Worker, clients, listeners }
}

describe('the worker', () => {
  it('shows what comes, without a sound while the page is looked at', async () => {
    const { it: alone } = worker([{ url: 'http://here/ui/', focused: false }])
    await show(alone, JSON.stringify(TOLD))
    expect(alone.registration.showNotification).toHaveBeenCalledWith(expect.stringContaining('Cook'), expect.objectContaining({ tag: 'owed g_1', renotify: true, data: '/ui/g/g_1?at=e%201' }))
    const { it: seen } = worker([{ url: 'http://here/ui/', focused: true }])
    await show(seen, JSON.stringify(TOLD))
    expect(seen.registration.showNotification).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ silent: true }))
  })

  it('leads to a page that is open, or opens one', async () => {
    const { it: one, clients } = worker([{ url: 'http://here/other', focused: false }, { url: 'http://here/ui/g/g_2', focused: false }])
    await open(one, '/ui/g/g_1')
    expect(clients[1]?.postMessage).toHaveBeenCalledWith({ go: '/ui/g/g_1' })
    expect(clients[1]?.focus).toHaveBeenCalled()
    expect(clients[0]?.postMessage).not.toHaveBeenCalled()
    const { it: none } = worker([])
    await open(none, '/ui/g/g_1')
    expect(none.clients.openWindow).toHaveBeenCalledWith('/ui/g/g_1')
  })

  it('waits for what it does', async () => {
    const { it: one, listeners } = worker([])
    begin(one)
    const waited: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>): void => { waited.push(work) }
    listeners.install?.({} as never)
    listeners.push?.({ waitUntil, data: null } as never)
    const close = vi.fn()
    listeners.notificationclick?.({ waitUntil, notification: { close, data: '/ui/' } } as never)
    await Promise.all(waited)
    expect(waited).toHaveLength(2)
    expect(one.skipWaiting).toHaveBeenCalled()
    expect(one.registration.showNotification).toHaveBeenCalledTimes(1)
    expect(close).toHaveBeenCalled()
    expect(one.clients.openWindow).toHaveBeenCalledWith('/ui/')
  })
})
