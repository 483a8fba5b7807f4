// Every kind of event as a sentence and what is known of it. The table names all kinds of the contract: the compiler finds a missing one.
import { whyHeld } from '../chat/held'
import { sentence, type Sentence } from '../chat/sentence'
import type { Event, EventData } from '../wire/contract'
import { YOU } from '../wire/server'
import { say, type Key } from '../words'
import { list } from '../words/time'

export interface Told extends Sentence {
  /** What is known of it, in one line. */
  evidence: string
  /** Lines that something printed. */
  lines: string[]
  /** Whose names are set off in the sentence. */
  who: string[]
}

type Tone = Sentence['tone']
type Name = (id: string) => string

interface Line {
  icon: string
  text: string
  tone?: Tone
  evidence?: string
  lines?: string[]
  who?: string[]
}

type Teller<K extends keyof EventData> = (data: EventData[K], event: Event, name: Name) => Line

/** How much of a text stands in a line. */
const TEXT_CHARS = 160

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > TEXT_CHARS ? `${line.slice(0, TEXT_CHARS)}…` : line
}

/** Names of those who are spoken to. */
const spokenTo = (ids: string[], name: Name): string =>
  list((ids.length === 0 ? ['@all'] : ids).map((id) => (id === YOU || id === '@user' ? say('you.to') : name(id))))

/** Parts of the evidence, those that say something. */
const known = (...parts: (string | null | undefined | false)[]): string => parts.filter(Boolean).join(' · ')

const keys = (record: Record<string, unknown> | null | undefined): string => list(Object.keys(record ?? {}))

const by = (word: Key, icon: string, more: (event: Event, name: Name) => Partial<Line> & { values?: Record<string, string | number> } = () => ({})) =>
  (_: unknown, event: Event, name: Name): Line => {
    const { values, ...rest } = more(event, name)
    return { icon, text: say(word, { by: name(event.by), ...values }), who: [name(event.by)], ...rest }
  }

/** What the chat tells, too. */
const asChat = (more: (event: Event, name: Name) => Partial<Line> = () => ({})) =>
  (_: unknown, event: Event, name: Name): Line => ({ ...sentence(event, name), who: [name(event.by)], ...more(event, name) })

const message: Teller<'chat.message'> = (data, event, name) => {
  const from = name(event.by)
  const values = { by: from, to: spokenTo(data.to, name) }
  const evidence = known(short(data.text), data.attachments.length > 0 && say('act.files', { n: data.attachments.length }))
  const line = { evidence, who: [from] }
  if (data.src_group_id !== null) return { ...line, icon: 'arrow', text: say('act.came', values) }
  if (data.dst_group_id !== null) return { ...line, icon: 'arrow', text: say('act.went', values) }
  if (data.reply_required) return { ...line, icon: 'st-answered', tone: data.to.includes(YOU) ? 'tw' : '', text: say('act.requires', values) }
  if (data.priority === 'attention') return { ...line, icon: 'bell', tone: data.to.includes(YOU) ? 'tw' : '', text: say('act.asks', values) }
  return { ...line, icon: data.reply_to === null ? 'chat' : 'st-answered', text: say(data.reply_to === null ? 'act.wrote' : 'act.answered', values) }
}

const STAGE_TONES: Record<string, Tone> = { held: 'tw', uncertain: 'tw', failed: 'tb' }

const delivery: Teller<'x.cccc.delivery'> = (data, _, name) => {
  const actor = name(data.actor_id)
  const { bytes, session, offset } = data.evidence
  return {
    icon: `st-${data.stage}`, tone: STAGE_TONES[data.stage] ?? '', who: [actor],
    text: say(`act.delivery.${data.stage}`, { actor, n: data.event_ids.length }),
    evidence: known(
      data.reason !== '' && whyHeld(data.reason, actor), data.stage === 'uncertain' && say('act.once'), data.path,
      typeof bytes === 'number' && say('act.bytes', { n: bytes }), typeof offset === 'number' && say('act.offset', { n: offset }),
      typeof session === 'string' && say('act.session', { id: session }),
    ),
  }
}

const session: Teller<'x.cccc.session'> = (data, event, name) => {
  const actor = name(data.actor_id)
  const evidence = known(data.pid !== null && say('act.pid', { pid: data.pid }), data.detail)
  const lines = data.last_lines ?? []
  if (data.phase === 'failed' || data.phase === 'exited' || data.phase === 'lost') return { ...sentence(event, name), who: [actor], evidence, lines }
  return { icon: { starting: 's-starting', started: 'play', stopped: 's-stopped', suspended: 's-paused' }[data.phase] ?? 'info', who: [actor], text: say(`act.session.${data.phase}`, { actor }), evidence, lines }
}

/** What somebody says of itself is told in its words; the rest by what has changed. */
const shared: Teller<'context.sync'> = ({ changes, patch }, event, name) => {
  const who = [name(event.by)]
  const values = { by: name(event.by) }
  const said = Object.values(patch.presence ?? {})[0]
  const mind = Object.values(patch.agent_states ?? {})[0]
  const [only] = Object.keys(patch).length === 1 ? Object.keys(patch) : []
  if (only === 'presence' && said?.id === event.by) return { icon: 's-working', text: say('act.context.said', values), who, evidence: short(said.status) }
  if (only === 'agent_states' && mind?.id === event.by) return { icon: 's-working', text: say('act.context.mind', values), who, evidence: known(mind.hot.focus, mind.hot.next_action) }
  const tasks = only === 'tasks'
  return { icon: tasks ? 'tasks' : 'context', text: say(tasks ? 'act.context.tasks' : 'act.context', values), who, evidence: list(changes.map(({ detail }) => detail)) }
}

const TELLERS: { [K in keyof EventData]: Teller<K> } = {
  'chat.message': message,
  'chat.read': (data, _, name) => ({ icon: 'st-read', text: say('act.read', { actor: name(data.actor_id) }), who: [name(data.actor_id)] }),
  'chat.ack': (data, _, name) => ({ icon: 'st-answered', text: say('act.ack', { actor: name(data.actor_id) }), who: [name(data.actor_id)] }),
  'chat.reply_request.cancelled': asChat(),
  'x.cccc.delivery': delivery,
  'x.cccc.hand_over': (data, event, name) => ({
    icon: 'restart', text: say('act.handover', { by: name(event.by), to: spokenTo(data.actor_ids, name) }), who: [name(event.by)], evidence: data.forced ? say('act.handover.forced') : '',
  }),
  'x.cccc.tracked': by('act.tracked', 'tasks'),
  'x.cccc.cross_group': by('act.crossed', 'arrow'),
  'system.notify': asChat((event, name) => {
    const { target_actor_id } = event.data as EventData['system.notify']
    return { who: [], evidence: target_actor_id ? say('act.for', { who: spokenTo([target_actor_id], name) }) : '' }
  }),
  'system.notify_ack': (data, _, name) => ({ icon: 'st-answered', text: say('act.notifyack', { actor: name(data.actor_id) }), who: [name(data.actor_id)] }),

  'actor.add': asChat((event) => ({ evidence: known((event.data as EventData['actor.add']).actor.runtime) })),
  'actor.remove': asChat(),
  'actor.start': asChat(),
  'actor.stop': asChat(),
  'actor.restart': asChat(),
  'actor.update': asChat((event) => ({ evidence: keys((event.data as EventData['actor.update']).patch) })),
  'x.cccc.session': session,
  'x.cccc.headless': (data, _, name) => ({
    icon: 'plug', who: [name(data.actor_id)], text: say('act.headless', { actor: name(data.actor_id), status: data.status === null ? say('act.headless.at') : say(`act.headless.${data.status}`) }),
    evidence: known(data.task_id),
  }),
  'x.cccc.actor_secrets': (data, event, name) => ({ icon: 'key', text: say('act.secrets', { by: name(event.by), actor: name(data.actor_id) }), who: [name(event.by)], evidence: list(data.keys) }),
  'x.cccc.actor_token': (data, _, name) => ({ icon: 'key', text: say(data.token_sha256 === null ? 'act.token.gone' : 'act.token', { actor: name(data.actor_id) }), who: [name(data.actor_id)] }),

  'x.cccc.rule': asChat((event) => ({ who: [(event.data as EventData['x.cccc.rule']).rule_id], evidence: say('act.due', { at: (event.data as EventData['x.cccc.rule']).due_at }) })),
  'group.automation_update': asChat((event) => {
    const data = event.data as EventData['group.automation_update']
    return { evidence: list([...data.changed_rules.map(({ id }) => id), ...Object.keys(data.changed_snippets)]) }
  }),

  'context.sync': shared,
  'group.create': asChat(),
  'group.start': asChat((event, name) => ({ evidence: list((event.data as EventData['group.start']).started.map(name)) })),
  'group.stop': asChat((event, name) => ({ evidence: list((event.data as EventData['group.stop']).stopped.map(name)) })),
  'group.set_state': asChat(),
  'group.update': asChat((event) => ({ evidence: list(Object.values((event.data as EventData['group.update']).patch).map(String)) })),
  'group.settings_update': asChat((event) => ({ evidence: keys((event.data as EventData['group.settings_update']).patch) })),
  'group.attach': asChat((event) => ({ evidence: (event.data as EventData['group.attach']).url })),
  'group.detach_scope': by('act.detach', 'folder', (event) => ({ evidence: (event.data as EventData['group.detach_scope']).scope_key })),
  'group.set_active_scope': by('act.scope', 'folder', (event) => ({ evidence: (event.data as EventData['group.set_active_scope']).path })),
  'x.cccc.prompt': by('act.prompt', 'book', (event) => ({ evidence: short((event.data as EventData['x.cccc.prompt']).text) })),
  'x.cccc.template': by('act.template', 'download', (event, name) => {
    const data = event.data as EventData['x.cccc.template']
    return { evidence: list([...data.added, ...data.updated, ...data.removed].map(name)) }
  }),

  'x.cccc.im_chat': (data, event, name) => ({ icon: 'bridge', text: say('act.im.chat', { by: name(event.by), chat: data.chat.chat_title || data.chat.chat_id }), who: [name(event.by)], evidence: data.chat.platform }),
  'x.cccc.im_chat_gone': by('act.im.gone', 'bridge', (event) => ({ evidence: (event.data as EventData['x.cccc.im_chat_gone']).chat_id })),
  'x.cccc.im_config': (data, event, name) => ({ icon: 'bridge', text: say(data.config === null ? 'act.im.off' : 'act.im.config', { by: name(event.by) }), who: [name(event.by)], evidence: list(data.keys) }),
  'x.cccc.im_key_gone': by('act.im.key', 'key'),
  'x.cccc.im_pending': (data) => ({ icon: 'bridge', tone: 'tw', text: say('act.im.pending', { chat: data.asking.chat_title || data.asking.chat_id }), evidence: known(data.asking.platform, data.asking.from_user) }),

  'x.cccc.recovered': (data) => ({ icon: 'alert', tone: 'tw', text: say('act.recovered', { n: data.cut_bytes }), evidence: data.saved_as }),
  'x.cccc.active_group': by('act.home.active', 'home', (event) => ({ evidence: (event.data as EventData['x.cccc.active_group']).active_group_id })),
  'x.cccc.group': by('act.home.group', 'home', (event) => ({ evidence: (event.data as EventData['x.cccc.group']).known_group_id })),
  'x.cccc.group_deleted': by('act.home.deleted', 'trash', (event) => ({ evidence: (event.data as EventData['x.cccc.group_deleted']).deleted_group_id })),
  'x.cccc.observability': by('act.home.logs', 'settings'),
  'x.cccc.opened': (data) => ({ icon: 'home', text: say('act.home.opened'), evidence: data.version }),
  'x.cccc.profile': by('act.home.profile', 'user', (event) => ({ evidence: (event.data as EventData['x.cccc.profile']).profile.name })),
  'x.cccc.profile_deleted': by('act.home.profile.gone', 'user', (event) => ({ evidence: (event.data as EventData['x.cccc.profile_deleted']).profile_id })),
  'x.cccc.profile_secrets': by('act.home.profile.secrets', 'key', (event) => ({ evidence: list((event.data as EventData['x.cccc.profile_secrets']).keys) })),
  'x.cccc.remote_access': by('act.home.remote', 'shield'),
  'x.cccc.scope_default': by('act.home.scope', 'folder', (event) => ({ evidence: (event.data as EventData['x.cccc.scope_default']).default_group_id })),
  'x.cccc.strict_principals': by('act.home.strict', 'shield'),
  'x.cccc.web_push': by('act.home.push', 'bell', (event) => ({ evidence: (event.data as EventData['x.cccc.web_push']).device.name })),
  'x.cccc.web_push_key': by('act.home.push.key', 'key'),
  'x.cccc.web_push_removed': by('act.home.push.gone', 'bell', (event) => ({ evidence: (event.data as EventData['x.cccc.web_push_removed']).reason })),
  'x.cccc.web_token': by('act.home.web_token', 'key'),
  'x.cccc.web_token_revoked': by('act.home.web_token.gone', 'key'),
}

/** The kinds of the contract. */
export const KINDS_KNOWN = Object.keys(TELLERS) as (keyof EventData)[]

/** The line of an event. One of a later version, or with data that is not as the contract says, is told by its kind. */
export function told(event: Event, name: Name): Told {
  let line: Line = { icon: 'info', text: say('act.unknown', { by: name(event.by), kind: event.kind }), who: [name(event.by)] }
  if (event.kind in TELLERS) {
    try {
      line = (TELLERS[event.kind as keyof EventData] as Teller<never>)(event.data as never, event, name)
    } catch {
      // Its fields can be looked at.
    }
  }
  return { evidence: '', lines: [], who: [], tone: '', ...line }
}

/** A sentence in pieces: names that are set off, and what stands between. Pure. */
export function pieces(text: string, who: string[]): { text: string; strong: boolean }[] {
  for (const name of who) {
    const at = name === '' ? -1 : text.indexOf(name)
    if (at >= 0) {
      return [{ text: text.slice(0, at), strong: false }, { text: name, strong: true }, { text: text.slice(at + name.length), strong: false }].filter((one) => one.text !== '')
    }
  }
  return [{ text, strong: false }]
}

/** The fields of an event as rows: a name with its place, and a value. Pure. */
export function fields(value: unknown, place = ''): [string, string][] {
  if (value === null || value === undefined) return [[place, '–']]
  if (typeof value !== 'object') return [[place, String(value)]]
  const entries = Object.entries(value)
  if (entries.length === 0) return [[place, Array.isArray(value) ? '[]' : '{}']]
  return entries.flatMap(([key, one]) => fields(one, place === '' ? key : `${place}.${key}`))
}
