// Access from other machines: what is set, and what comes of it.
import { create } from 'zustand'
import type { Provider, RemoteAccess } from '../wire/contract'
import { call } from '../wire/http'

export interface Remote {
  provider: Provider
  enforce_web_token: boolean
  web_public_url: string
  web_host: string
  /** As it is typed; empty is the default. */
  web_port: string
}

export const remoteOf = (is: RemoteAccess): Remote => ({
  provider: is.provider,
  enforce_web_token: is.enforce_web_token,
  web_public_url: is.config.web_public_url,
  web_host: is.config.web_host,
  web_port: is.diagnostics.web_port_source === 'default' ? '' : String(is.config.web_port),
})

/** What the server is told of a change; an empty port is the default, which is 0. Pure. */
export function remotePatch(patch: Partial<Remote>): Record<string, unknown> {
  const { web_port, ...rest } = patch
  return web_port === undefined ? rest : { ...rest, web_port: web_port.trim() === '' ? 0 : Number(web_port) }
}

/** Whether somebody who has opened the page elsewhere than at the stored address should be told. Pure. */
export function isElsewhere(is: RemoteAccess, origin: string): boolean {
  const here = new URL(origin)
  if (is.config.web_public_url !== '' && new URL(is.config.web_public_url).host === here.host) return false
  return here.port !== String(is.diagnostics.web_port)
}

/** A token that nobody guesses. */
export function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_')
}

interface State {
  is: RemoteAccess | null
  error: string | null
  /** What is being done, and why the last thing did not work. */
  busy: '' | 'start' | 'stop' | 'token' | 'clear'
  refused: Partial<Record<'start' | 'stop' | 'token' | 'clear', string>>
}

export const useRemote = create<State>(() => ({ is: null, error: null, busy: '', refused: {} }))

export async function loadRemote(): Promise<Remote | null> {
  try {
    const { remote_access } = await call('remote_access_state', {})
    useRemote.setState({ is: remote_access, error: null })
    return remoteOf(remote_access)
  } catch (error) {
    useRemote.setState({ error: (error as Error).message })
    throw error
  }
}

export async function saveRemote(patch: Partial<Remote>): Promise<void> {
  const { remote_access } = await call('remote_access_configure', remotePatch(patch))
  useRemote.setState({ is: remote_access })
}

async function act(verb: NonNullable<Exclude<State['busy'], ''>>, work: () => Promise<{ remote_access: RemoteAccess }>): Promise<boolean> {
  useRemote.setState({ busy: verb, refused: {} })
  try {
    const { remote_access } = await work()
    useRemote.setState({ is: remote_access, busy: '' })
    return true
  } catch (error) {
    useRemote.setState({ busy: '', refused: { [verb]: (error as Error).message } })
    return false
  }
}

export const start = (): Promise<boolean> => act('start', () => call('remote_access_start', {}))
export const stop = (): Promise<boolean> => act('stop', () => call('remote_access_stop', {}))
export const keepToken = (web_token: string): Promise<boolean> => act('token', () => call('remote_access_configure', { web_token }))
export const clearToken = (): Promise<boolean> => act('clear', () => call('remote_access_configure', { clear_web_token: true }))
