import { describe, expect, it } from 'vitest'
import { configOf, configPatch, getsOf, isVariable, masked, setupOf } from '../src/settings-more/bridge'
import type { Chat } from '../src/wire/contract'

describe('how a bridge is set', () => {
  const slack = { platform: 'slack', enabled: true, files: { enabled: false, max_mb: 5 }, skip_pending_on_start: false, allow_agent_bind: true }
  it('is read from an answer, and begins with what the server would', () => {
    expect(configOf(slack)).toEqual({ platform: 'slack', enabled: true, files: false, max_mb: 5, skip: false, bind: true, domain: 'feishu' })
    expect(configOf(null)).toEqual({ platform: '', enabled: false, files: true, max_mb: 20, skip: true, bind: false, domain: 'feishu' })
    expect(configOf({ platform: 'feishu', feishu_domain: 'https://open.larksuite.com' }).domain).toBe('lark')
    expect(configOf({ platform: 'teams' }).platform).toBe('')
  })
  it.each([
    [{ enabled: false }, { platform: 'slack', enabled: false }],
    [{ max_mb: 9 }, { platform: 'slack', files: { enabled: false, max_mb: 9 } }],
    [{ platform: 'feishu', domain: 'lark' }, { platform: 'feishu', feishu_domain: 'lark' }],
    [{ domain: 'lark' }, { platform: 'slack' }],
    [{ skip: true, bind: false }, { platform: 'slack', skip_pending_on_start: true, allow_agent_bind: false }],
  ] as const)('%j is said as %j', (patch, said) => {
    expect(configPatch(configOf(slack), patch)).toEqual(said)
  })
  it.each([
    [null, {}, 'none'],
    [slack, { bot_token: 'stored', app_token: 'missing' }, 'incomplete'],
    [slack, { bot_token: 'stored', app_token: 'env' }, 'on'],
    [{ ...slack, enabled: false }, { bot_token: 'stored' }, 'off'],
  ] as const)('%j with %j is %s', (im, credentials, setup) => {
    expect(setupOf(configOf(im), credentials)).toBe(setup)
  })
})

describe('keys and chats', () => {
  it('show enough of a key to compare, and not all of it', () => {
    expect([masked('7H2KabcdQ9P'), masked('short')]).toEqual(['7H2K…Q9P', 'short'])
  })
  it('know the name of a variable', () => { expect(['MY_TOKEN', '_X1', 'xoxb-1', 'my_token', ''].map(isVariable)).toEqual([true, true, false, false, false]) })
  it('say what a chat gets', () => {
    const chat = (subscribed: boolean, verbose: boolean): Chat => ({ subscribed, verbose }) as Chat
    expect([chat(true, false), chat(true, true), chat(false, true)].map(getsOf)).toEqual(['mine', 'all', 'nothing'])
  })
})
