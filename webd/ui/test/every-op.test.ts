// A promise about the whole page: what the daemon can do for a person, some screen does. Whatever no screen uses says why.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { SCHEMA } from '../scripts/contract.mjs'

const SRC = join(import.meta.dirname, '../src')
const ROUTES = join(import.meta.dirname, '../../src/route/table.rs')

const OPS = Object.keys((JSON.parse(readFileSync(SCHEMA, 'utf8')) as { ops: Record<string, unknown> }).ops)

/** Names that are put together while the page runs. */
const COMPUTED: Record<string, string[]> = {
  'actor_${verb}': ['actor_start', 'actor_stop', 'actor_restart'],
}

/** Ops that no screen uses, and why. A screen that begins to use one takes its row away. */
const NO_SCREEN: Record<string, string> = {
  // What our own daemons ask of each other.
  delivery_record: 'ptyd records how far messages have come',
  desk_get: 'ptyd asks what should run',
  im_pending_add: 'bridged records that a chat asks to be let in',
  im_secrets_get: 'bridged asks for its credentials; no door serves it',
  rule_record: 'cronctl records what became of a rule',
  web_access_get: 'webd asks by what people are let in; no door serves it',
  web_push_get: 'webd asks how browsers are reached; no door serves it',
  web_push_set: 'webd keeps how a browser is reached, which its own address takes; no door serves it',
  web_push_key_set: 'webd keeps a key; no door serves it',
  web_push_list: 'the address of webd lists them, with what their services say',
  web_push_remove: 'the address of webd does it',
  secrets_get: 'ptyd asks for what only an actor may know; no door serves it',
  session_record: 'ptyd records what happened to a session',

  // What agents and other programs do for themselves.
  headless_ack_message: 'a headless actor says that it has taken a message',
  headless_set_status: 'a headless actor says how it is',
  headless_status: 'the row of an actor has it',
  inbox_read: 'an agent fetches and marks in one; a person reads in the chat',
  message_history: 'an agent looks back at itself; a person has the chat and the search',
  presence_get: 'context_get has it, with the rest of the context',
  terminal_tail: 'an agent looks at another one; a person has the terminal itself',
  terminal_since: 'as terminal_tail',
  terminal_snapshot: 'as terminal_tail',
  stream_emit: 'an agent shows a text while it writes it',

  // What belongs to the command line.
  shutdown: 'it would end the server of this page; `cccc daemon stop` says what ends with it',

  // What another op does, or nothing does.
  blob_read: 'files are read by their address',
  blob_upload: 'send_upload stores the files of a message',
  events_stream: 'the socket of the page brings the same events',
  term_attach: 'the socket of the page carries terminals',
  term_resize: 'the socket of the page carries the size of whoever types',
  group_create: 'a group of the page has a folder: attach makes it',
  group_preamble_get: 'an older name of group_prompt_get',
  group_preamble_reset: 'an older name of group_prompt_reset',
  group_preamble_set: 'an older name of group_prompt_set',
  inbox_mark_all_read: 'what was seen is marked as it is seen, and nothing else',
  ledger_compact: 'there is nothing to archive, ever',
  ledger_snapshot: 'it happens by itself',
  send_files: 'a browser sends its files to send_upload and reply_upload, which do it',
}

/** Ops whose screens are being made; a row goes once its screen is there. */
const COMING: Record<string, string> = {
  notify_ack: 'notices that want an acknowledgement, in Waiting',
  send_cross_group: 'writing to another group',
  tracked_send: 'handing a task over in a message',
}

/** Addresses of the web server that mean an op: `{name}` stands for any part. */
const addresses = [...readFileSync(ROUTES, 'utf8').matchAll(/row\(\w+,\s*"([^"]+)",\s*"(\w+)"/g)].map(([, path = '', op = '']) => ({ path, op }))

/** The ops of an address as it stands in the code, with `${…}` where something is filled in. */
function opsOf(address: string): string[] {
  const [path = ''] = address.replaceAll(/\$\{[^}]*\}/g, '{}').split('?')
  if (path === '/api/v1/ping') return ['ping']
  return addresses.filter((row) => row.path.replaceAll(/\{\w+\}/g, '{}') === path).map(({ op }) => op)
}

/** Whether a text is what is asked for: the first argument of a function, or an `op` of a frame. Icons and words are not. */
function isAsked(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isConditionalExpression(parent)) return isAsked(parent)
  if (ts.isCallExpression(parent)) return parent.arguments[0] === node && !/^(?:say|includes|startsWith|getItem)$/.test(parent.expression.getText().split('.').at(-1) ?? '')
  return ts.isPropertyAssignment(parent) && parent.name.getText() === 'op'
}

/** Every text that is asked for in a file, templates as they are written. */
function asked(file: string): string[] {
  const found: string[] = []
  const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS)
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && isAsked(node)) found.push(node.text)
    else if (ts.isTemplateExpression(node)) found.push(node.getText().slice(1, -1))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('words') && name !== join('wire', 'contract.ts'))
const used = new Set(files.flatMap(asked).flatMap((text) => (OPS.includes(text) ? [text] : (COMPUTED[text] ?? opsOf(text)))))

describe('every op of the contract', () => {
  it('is used by a screen, or says why not', () => {
    expect(OPS.filter((op) => !used.has(op) && !(op in NO_SCREEN) && !(op in COMING))).toEqual([])
  })
  it('is not excused when it is used, or gone', () => {
    expect(Object.keys(NO_SCREEN).filter((op) => used.has(op) || !OPS.includes(op))).toEqual([])
    expect(Object.keys(COMING).filter((op) => !OPS.includes(op) || op in NO_SCREEN)).toEqual([])
  })
  it('is read from the routes of the server, too', () => {
    expect(addresses.length).toBeGreaterThan(50)
    expect(opsOf('/api/v1/groups/${encodeURIComponent(group_id)}/send')).toEqual(['send'])
    expect(opsOf('/api/v1/groups/${group_id}/actors?cursor=${cursor}')).toEqual(['actor_list', 'actor_add'])
  })
})
