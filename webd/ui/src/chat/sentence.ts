// System events as sentences.
import { say } from '../words'
import type { Event } from '../wire/contract'
import { dataOf } from '../wire/events'

export interface Sentence {
  icon: string
  text: string
  tone: '' | 'tw' | 'tb'
}

const ACTOR = /^actor\.(add|remove|update|start|stop|restart)$/
const ACTOR_ICONS: Record<string, string> = {
  add: 'plus', remove: 'x', update: 'pencil', start: 'play', stop: 'stop', restart: 'restart',
}
const GROUP: Record<string, { icon: string; key: 'create' | 'start' | 'stop' | 'update' | 'settings' | 'attach' | 'automation' }> = {
  'group.create': { icon: 'plus', key: 'create' },
  'group.start': { icon: 'play', key: 'start' },
  'group.stop': { icon: 'stop', key: 'stop' },
  'group.update': { icon: 'pencil', key: 'update' },
  'group.settings_update': { icon: 'settings', key: 'settings' },
  'group.attach': { icon: 'folder', key: 'attach' },
  'group.automation_update': { icon: 'bolt', key: 'automation' },
}

/** The sentence of an event; an event of a later version is told by its kind. */
export function sentence(event: Event, name: (id: string) => string): Sentence {
  const by = name(event.by)
  const plain = (icon: string, text: string): Sentence => ({ icon, text, tone: '' })

  const verb = ACTOR.exec(event.kind)?.[1] as 'add' | 'remove' | 'update' | 'start' | 'stop' | 'restart' | undefined
  if (verb !== undefined) {
    const data = event.data as { actor_id?: string; actor?: { id?: string } }
    return plain(ACTOR_ICONS[verb] ?? 'info', say(`sys.actor.${verb}`, { by, actor: name(data.actor_id ?? data.actor?.id ?? '') }))
  }
  const group = GROUP[event.kind]
  if (group !== undefined) return plain(group.icon, say(`sys.group.${group.key}`, { by }))

  const session = dataOf(event, 'x.cccc.session')
  if (session !== null) {
    const actor = name(session.actor_id)
    if (session.phase === 'failed') return { icon: 's-crashed', text: say('sys.session.failed', { actor, detail: session.detail }), tone: 'tb' }
    if (session.phase === 'lost') return { icon: 's-unknown', text: say('sys.session.lost', { actor }), tone: 'tw' }
    const bad = session.exit_code !== 0
    if (session.exit_code === null) return { icon: 's-crashed', text: say('sys.session.signal', { actor, code: session.signal ?? '?' }), tone: 'tb' }
    return { icon: bad ? 's-crashed' : 's-stopped', text: say('sys.session.exited', { actor, code: session.exit_code }), tone: bad ? 'tb' : '' }
  }
  const state = dataOf(event, 'group.set_state')
  if (state !== null) {
    const word = say(`group.${state.new_state}`)
    return plain(state.new_state === 'paused' ? 's-paused' : 's-ready', say('sys.group.state', { by, state: word }))
  }
  const rule = dataOf(event, 'x.cccc.rule')
  if (rule !== null) {
    if (rule.error === null) return plain('bolt', say('sys.rule.did', { rule: rule.rule_id }))
    return { icon: 'bolt', text: say('sys.rule.error', { rule: rule.rule_id, reason: rule.error }), tone: 'tw' }
  }
  const notice = dataOf(event, 'system.notify')
  if (notice !== null) {
    const text = [notice.title, notice.message].filter(Boolean).join(': ')
    return { icon: 'info', text, tone: notice.priority === 'urgent' ? 'tb' : notice.priority === 'high' ? 'tw' : '' }
  }
  if (event.kind === 'chat.reply_request.cancelled') return plain('undo', say('sys.cancelled', { by }))
  return plain('info', `${by}: ${event.kind}`)
}
