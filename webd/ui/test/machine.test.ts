import { describe, expect, it } from 'vitest'
import { apart } from '../src/settings-more/diagnostics'
import { isElsewhere, makeToken, remoteOf, remotePatch } from '../src/settings-more/remote'
import type { RemoteAccess } from '../src/wire/contract'

const is = (port: number, source: string, url = ''): RemoteAccess => ({
  provider: 'off', enforce_web_token: true, config: { web_public_url: url, web_host: '', web_port: port }, diagnostics: { web_port: port, web_port_source: source },
}) as unknown as RemoteAccess

describe('remote access', () => {
  it('leaves a port that nobody set empty', () => {
    expect(remoteOf(is(8848, 'default')).web_port).toBe('')
    expect(remoteOf(is(9000, 'settings')).web_port).toBe('9000')
  })
  it('says an empty port as 0, which is the default there', () => {
    expect(remotePatch({ web_port: ' ' })).toEqual({ web_port: 0 })
    expect(remotePatch({ web_port: '9000', provider: 'manual' })).toEqual({ web_port: 9000, provider: 'manual' })
    expect(remotePatch({ web_host: '' })).toEqual({ web_host: '' })
  })
  it('knows when the page was opened elsewhere than is stored', () => {
    expect(isElsewhere(is(8848, 'default'), 'http://127.0.0.1:8848')).toBe(false)
    expect(isElsewhere(is(8848, 'default'), 'http://127.0.0.1:40001')).toBe(true)
    expect(isElsewhere(is(8848, 'default', 'https://box.example'), 'https://box.example')).toBe(false)
  })
  it('makes tokens that nobody guesses', () => {
    expect(makeToken()).toMatch(/^[A-Za-z0-9_-]{32}$/)
    expect(makeToken()).not.toBe(makeToken())
  })
})

describe('health', () => {
  it('compares clocks in the middle of a question', () => {
    expect(apart('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:02Z'), Date.parse('2026-01-01T00:00:04Z'))).toBe(3000)
  })
})
