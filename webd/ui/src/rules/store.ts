// The rules and snippets of the open group, how they fare, and what became of them.
import { create } from 'zustand'
import type { Event, Ops, Rule } from '../wire/contract'
import { call, Refusal } from '../wire/http'
import { windowOf } from '../wire/server'

export type RulesAnswer = Ops['group_automation_state']['answer']

interface Rules {
  group_id: string | null
  /** Null before the first answer. */
  state: RulesAnswer | null
  error: string | null
  /** What became of rules that were due, and who changed them; the newest last. */
  history: Event[] | null
  history_error: string | null
  /** What is being done to a rule now, and why the last thing did not work, by its id. */
  busy: Record<string, boolean>
  refused: Record<string, string>
}

const NOTHING: Omit<Rules, 'group_id'> = { state: null, error: null, history: null, history_error: null, busy: {}, refused: {} }

export const useRules = create<Rules>(() => ({ group_id: null, ...NOTHING }))

const isOpen = (group_id: string): boolean => useRules.getState().group_id === group_id

/** How many records are looked through for the history of a rule. */
const HISTORY_EVENTS = 200

export async function loadRules(group_id: string): Promise<RulesAnswer | null> {
  if (!isOpen(group_id)) useRules.setState({ group_id, ...NOTHING })
  void loadHistory(group_id)
  try {
    const state = await call('group_automation_state', { group_id })
    if (!isOpen(group_id)) return null
    useRules.setState({ state, error: null })
    return state
  } catch (error) {
    if (isOpen(group_id)) useRules.setState({ error: (error as Error).message })
    throw error
  }
}

async function loadHistory(group_id: string): Promise<void> {
  try {
    const { events } = await windowOf({ group_id, before: HISTORY_EVENTS, after: 0, kinds: ['x.cccc.rule', 'group.automation_update'] })
    if (isOpen(group_id)) useRules.setState({ history: events, history_error: null })
  } catch (error) {
    if (isOpen(group_id)) useRules.setState({ history_error: (error as Error).message })
  }
}

const version = (): number | null => useRules.getState().state?.version ?? null

type Manage = NonNullable<Ops['group_automation_manage']['args']['actions']>

async function manage(group_id: string, actions: Manage): Promise<void> {
  const answer = await call('group_automation_manage', { group_id, actions, expected_version: version() })
  if (isOpen(group_id)) useRules.setState({ state: answer, error: null })
}

/** Stores one rule, and no other. */
export const saveRule = (group_id: string, rule: Rule, isNew: boolean): Promise<void> =>
  manage(group_id, [{ type: isNew ? 'create_rule' : 'update_rule', rule }])

/** A verb on a rule that is there: at once, and what it answers stands beside it. Somebody else's change is no reason to refuse it. */
async function verb(group_id: string, rule_id: string, actions: Manage): Promise<boolean> {
  useRules.setState(({ busy, refused }) => ({ busy: { ...busy, [rule_id]: true }, refused: { ...refused, [rule_id]: '' } }))
  let reason = ''
  try {
    try {
      await manage(group_id, actions)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'version_conflict') throw error
      await loadRules(group_id)
      await manage(group_id, actions)
    }
  } catch (error) {
    reason = (error as Error).message
  }
  useRules.setState(({ busy, refused }) => ({ busy: { ...busy, [rule_id]: false }, refused: { ...refused, [rule_id]: reason } }))
  return reason === ''
}

export const enable = (group_id: string, rule_id: string, enabled: boolean): Promise<boolean> =>
  verb(group_id, rule_id, [{ type: 'set_rule_enabled', rule_id, enabled }])

export const remove = (group_id: string, rule_id: string): Promise<boolean> =>
  verb(group_id, rule_id, [{ type: 'delete_rule', rule_id }])

/** Takes rules away that have done what they were for. */
export const clear = (group_id: string, rule_ids: string[]): Promise<boolean> =>
  verb(group_id, '', rule_ids.map((rule_id) => ({ type: 'delete_rule', rule_id })))

/** Brings back the rules that every group begins with; others go. */
export async function reset(group_id: string): Promise<string | null> {
  try {
    const state = await call('group_automation_reset_baseline', { group_id, expected_version: version() })
    if (isOpen(group_id)) useRules.setState({ state, error: null })
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** Stores all snippets in place of those there are; the rules stay. */
export async function saveSnippets(group_id: string, snippets: Record<string, string>): Promise<void> {
  const { state } = useRules.getState()
  if (state === null) return
  await call('group_automation_update', { group_id, ruleset: { rules: state.ruleset.rules, snippets }, expected_version: state.version })
  await loadRules(group_id)
}

/** How late a rule may be before it is said that nothing fires it. */
export const LATE_MS = 90_000

/** When a rule was due that nothing has fired; null when all is well. Pure. */
export function overdue(state: RulesAnswer, rule_id: string): number | null {
  const due = Date.parse(state.status[rule_id]?.next_fire_at ?? '')
  return Date.parse(state.server_now) - due > LATE_MS ? due : null
}

/** Rules that were due and that nothing has fired. Pure. */
export const late = (state: RulesAnswer): Rule[] => state.ruleset.rules.filter((rule) => rule.enabled && overdue(state, rule.id) !== null)
