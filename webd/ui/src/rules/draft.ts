// A rule while it is edited: every field that any action has, so that changing the action forgets nothing. Pure.
import type { Action, NotifyPriority, Operation, Rule, RuleState, Trigger } from '../wire/contract'
import { calendarOf } from './schedule'
import { isZone } from './zone'

export interface Draft {
  id: string
  trigger: Trigger
  kind: Action['kind']
  to: string[]
  title: string
  /** Snippet whose text is used; null is a text of its own. */
  snippet: string | null
  message: string
  priority: NotifyPriority
  ack: boolean
  state: RuleState
  operation: Operation
  targets: string[]
}

export const NEW: Draft = {
  id: '', trigger: { kind: 'cron', cron: '0 9 * * 1-5', timezone: 'UTC' }, kind: 'notify', to: ['@foreman'], title: '', snippet: null, message: '',
  priority: 'normal', ack: false, state: 'paused', operation: 'restart', targets: ['@all'],
}

export function draftOf(rule: Rule): Draft {
  const { id, trigger, to, action } = rule
  const draft: Draft = { ...NEW, id, trigger, to, kind: action.kind }
  switch (action.kind) {
    case 'notify':
      return { ...draft, title: action.title, snippet: action.snippet_ref, message: action.message, priority: action.priority, ack: action.requires_ack }
    case 'group_state': return { ...draft, state: action.state }
    case 'actor_control': return { ...draft, operation: action.operation, targets: action.targets }
  }
}

function actionOf(draft: Draft): Action {
  switch (draft.kind) {
    case 'notify':
      return { kind: 'notify', title: draft.title, snippet_ref: draft.snippet, message: draft.message, priority: draft.priority, requires_ack: draft.ack }
    case 'group_state': return { kind: 'group_state', state: draft.state }
    case 'actor_control': return { kind: 'actor_control', operation: draft.operation, targets: draft.targets }
  }
}

/** The rule that a draft means; what the page does not edit stays as it was. */
export const ruleOf = (draft: Draft, before: Rule | null): Rule => ({
  enabled: true, scope: 'group', owner_actor_id: null, ...before, id: draft.id.trim(), trigger: draft.trigger, to: draft.to, action: actionOf(draft),
})

/** Why a draft cannot be stored. The server decides; these are said before it is asked. */
export type Problem = 'id' | 'taken' | 'form' | 'once' | 'length' | 'calendar' | 'zone' | 'time' | 'text' | 'snippet' | 'targets'

export function problem(draft: Draft, others: string[], snippets: string[]): Problem | null {
  const { id, trigger, kind } = draft
  if (id.trim() === '') return 'id'
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id.trim())) return 'form'
  if (others.includes(id.trim())) return 'taken'
  if (kind !== 'notify' && trigger.kind !== 'at') return 'once'
  if (trigger.kind === 'interval' && !(trigger.every_seconds >= 1)) return 'length'
  if (trigger.kind === 'cron' && calendarOf(trigger.cron) === null) return 'calendar'
  if (trigger.kind === 'cron' && !isZone(trigger.timezone)) return 'zone'
  if (trigger.kind === 'at' && Number.isNaN(Date.parse(trigger.at))) return 'time'
  if (kind === 'notify' && draft.snippet === null && draft.message.trim() === '' && draft.title.trim() === '') return 'text'
  if (kind === 'notify' && draft.snippet !== null && !snippets.includes(draft.snippet) && draft.message.trim() === '') return 'snippet'
  if (kind === 'actor_control' && draft.targets.length === 0) return 'targets'
  return null
}
