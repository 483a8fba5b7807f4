// The bridge of the open group to a chat platform: how it is set, who asks to be let in, who is in.
import { create } from 'zustand'
import type { Chat, CredentialSource, Ops, Platform, WaitingChat } from '../wire/contract'
import { call } from '../wire/http'

export type BridgeAnswer = Ops['im_config_get']['answer']

export const PLATFORMS: readonly Platform[] = ['telegram', 'slack', 'discord', 'feishu', 'dingtalk']

/** What each platform logs in with, and the environment variables that are usual there. */
export const CREDENTIALS: Record<Platform, { name: Credential; usual: string }[]> = {
  telegram: [{ name: 'bot_token', usual: 'TELEGRAM_BOT_TOKEN' }],
  slack: [{ name: 'bot_token', usual: 'SLACK_BOT_TOKEN' }, { name: 'app_token', usual: 'SLACK_APP_TOKEN' }],
  discord: [{ name: 'bot_token', usual: 'DISCORD_BOT_TOKEN' }],
  feishu: [{ name: 'feishu_app_id', usual: 'FEISHU_APP_ID' }, { name: 'feishu_app_secret', usual: 'FEISHU_APP_SECRET' }],
  dingtalk: [
    { name: 'dingtalk_app_key', usual: 'DINGTALK_APP_KEY' }, { name: 'dingtalk_app_secret', usual: 'DINGTALK_APP_SECRET' },
    { name: 'dingtalk_robot_code', usual: 'DINGTALK_ROBOT_CODE' },
  ],
}

export type Credential =
  | 'bot_token' | 'app_token' | 'feishu_app_id' | 'feishu_app_secret' | 'dingtalk_app_key' | 'dingtalk_app_secret' | 'dingtalk_robot_code'

/** A value of this form is taken as the name of an environment variable. */
export const isVariable = (text: string): boolean => /^[A-Z_][A-Z0-9_]*$/.test(text)

/** What is set, without credentials. */
export interface Config {
  platform: Platform | ''
  enabled: boolean
  files: boolean
  max_mb: number
  skip: boolean
  bind: boolean
  /** Which of the two installations of Feishu. */
  domain: 'feishu' | 'lark'
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The configuration of an answer; what a group without one would begin with. Pure. */
export function configOf(im: Record<string, unknown> | null): Config {
  const files = (im?.files ?? {}) as { enabled?: unknown; max_mb?: unknown }
  return {
    platform: PLATFORMS.find((one) => one === im?.platform) ?? '',
    enabled: im?.enabled === true,
    files: files.enabled !== false,
    max_mb: typeof files.max_mb === 'number' ? files.max_mb : 20,
    skip: im?.skip_pending_on_start !== false,
    bind: im?.allow_agent_bind === true,
    domain: text(im?.feishu_domain).includes('lark') ? 'lark' : 'feishu',
  }
}

/** What the server is told of a change. Files are one object there. Pure. */
export function configPatch(now: Config, patch: Partial<Config>): Record<string, unknown> {
  const said: Record<string, unknown> = {}
  const all = { ...now, ...patch }
  if (all.platform !== '') said.platform = all.platform
  if ('enabled' in patch) said.enabled = all.enabled
  if ('files' in patch || 'max_mb' in patch) said.files = { enabled: all.files, max_mb: all.max_mb }
  if ('skip' in patch) said.skip_pending_on_start = all.skip
  if ('bind' in patch) said.allow_agent_bind = all.bind
  if ('domain' in patch && all.platform === 'feishu') said.feishu_domain = all.domain
  return said
}

/** How far a bridge is set up. Whether it is connected is not in any answer. */
export type Setup = 'none' | 'incomplete' | 'off' | 'on'

export function setupOf(config: Config, credentials: Record<string, CredentialSource>): Setup {
  if (config.platform === '') return 'none'
  if (Object.values(credentials).includes('missing')) return 'incomplete'
  return config.enabled ? 'on' : 'off'
}

/** A key as it is shown for comparing: its first four and last three letters. */
export const masked = (key: string): string => (key.length > 9 ? `${key.slice(0, 4)}…${key.slice(-3)}` : key)

/** What a chat is sent. */
export type Gets = 'mine' | 'all' | 'nothing'
export const getsOf = (chat: Chat): Gets => (!chat.subscribed ? 'nothing' : chat.verbose ? 'all' : 'mine')

interface Bridge {
  group_id: string | null
  answer: BridgeAnswer | null
  error: string | null
  waiting: WaitingChat[] | null
  waiting_error: string | null
  chats: Chat[] | null
  chats_error: string | null
  /** What is being done, and why the last thing did not work, by key, chat or credential. */
  busy: Record<string, boolean>
  refused: Record<string, string>
}

const NOTHING: Omit<Bridge, 'group_id'> = { answer: null, error: null, waiting: null, waiting_error: null, chats: null, chats_error: null, busy: {}, refused: {} }

export const useBridge = create<Bridge>(() => ({ group_id: null, ...NOTHING }))

const isOpen = (group_id: string): boolean => useBridge.getState().group_id === group_id
const said = (error: unknown): string => (error as Error).message

export async function loadBridge(group_id: string): Promise<Config | null> {
  if (!isOpen(group_id)) useBridge.setState({ group_id, ...NOTHING })
  void loadWaiting(group_id)
  void loadChats(group_id)
  try {
    const answer = await call('im_config_get', { group_id })
    if (!isOpen(group_id)) return null
    useBridge.setState({ answer, error: null })
    return configOf(answer.im)
  } catch (error) {
    if (isOpen(group_id)) useBridge.setState({ error: said(error) })
    throw error
  }
}

async function loadWaiting(group_id: string): Promise<void> {
  try {
    const { pending } = await call('im_list_pending', { group_id })
    if (isOpen(group_id)) useBridge.setState({ waiting: pending, waiting_error: null })
  } catch (error) {
    if (isOpen(group_id)) useBridge.setState({ waiting_error: said(error) })
  }
}

async function loadChats(group_id: string): Promise<void> {
  try {
    const chats: Chat[] = []
    let cursor = ''
    do {
      const answer = await call('im_list_authorized', { group_id, cursor })
      chats.push(...answer.authorized)
      cursor = (answer.has_more && answer.next_cursor) || ''
    } while (cursor !== '')
    if (isOpen(group_id)) useBridge.setState({ chats, chats_error: null })
  } catch (error) {
    if (isOpen(group_id)) useBridge.setState({ chats_error: said(error) })
  }
}

/** Does something at once, then asks for everything anew. What went wrong stands beside it. */
async function act(group_id: string, id: string, work: () => Promise<unknown>): Promise<boolean> {
  useBridge.setState(({ busy, refused }) => ({ busy: { ...busy, [id]: true }, refused: { ...refused, [id]: '' } }))
  let reason = ''
  try {
    await work()
    await loadBridge(group_id)
  } catch (error) {
    reason = said(error)
  }
  if (isOpen(group_id)) useBridge.setState(({ busy, refused }) => ({ busy: { ...busy, [id]: false }, refused: { ...refused, [id]: reason } }))
  return reason === ''
}

export async function saveConfig(group_id: string, now: Config, patch: Partial<Config>): Promise<void> {
  await call('im_config_set', { group_id, config: configPatch(now, patch) })
}

/** Keeps a credential as a secret, takes it from an environment variable, or forgets it. */
export const setCredential = (group_id: string, name: Credential, how: 'value' | 'env' | 'forget', value = ''): Promise<boolean> =>
  act(group_id, name, () => call('im_config_set', {
    group_id, config: how === 'value' ? { [name]: value } : how === 'env' ? { [`${name}_env`]: value } : { [name]: null, [`${name}_env`]: null },
  }))

export const forget = (group_id: string): Promise<boolean> => act(group_id, 'forget', () => call('im_config_unset', { group_id }))

export const approve = (group_id: string, key: string): Promise<boolean> => act(group_id, key, () => call('im_bind_chat', { group_id, key }))

/** Lets in by a key that was typed; what goes wrong stands at the field. */
export const approveTyped = (group_id: string, key: string): Promise<boolean> => act(group_id, 'typed', () => call('im_bind_chat', { group_id, key }))

export const reject = (group_id: string, key: string): Promise<boolean> => act(group_id, key, () => call('im_reject_pending', { group_id, key }))

export const idOf = (chat: { chat_id: string; thread_id: number }): string => `${chat.chat_id}:${chat.thread_id}`

export const revoke = (group_id: string, { chat_id, thread_id }: Chat): Promise<boolean> =>
  act(group_id, idOf({ chat_id, thread_id }), () => call('im_revoke_chat', { group_id, chat_id, thread_id }))

export const send = (group_id: string, { chat_id, thread_id }: Chat, gets: Gets): Promise<boolean> =>
  act(group_id, idOf({ chat_id, thread_id }), () => call('im_chat_set', { group_id, chat_id, thread_id, subscribed: gets !== 'nothing', ...(gets === 'nothing' ? {} : { verbose: gets === 'all' }) }))
