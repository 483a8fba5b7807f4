// What a group does by itself: its rules and texts, or one rule.
import { useCallback } from 'react'
import type { SettingsProps } from '../settings/pages'
import { Body, Nothing } from '../settings/parts/Body'
import { useFresh } from '../settings-more/use-group'
import { say } from '../words'
import { Editor } from './Editor'
import { List } from './List'
import { loadRules, useRules } from './store'
import '../settings-more/more.css'
import './rules.css'

const KINDS = /^(?:group\.automation_update|x\.cccc\.rule)$/

/** The last part of the address of a rule that is not there yet: no rule can have this name. */
export const NEW_RULE = '+'

export function Automation({ group_id, item }: SettingsProps) {
  const group = group_id ?? ''
  const { state, error, group_id: of } = useRules()
  const load = useCallback(() => loadRules(group), [group])
  useFresh(group, load, KINDS)
  const again = (): void => { load().catch(() => undefined) }
  if (of !== group || state === null) {
    return <Body title={say('rules.title')} lead={say('rules.lead')}><Nothing what={say('rules.loading')} error={of === group ? error : null} again={again} /></Body>
  }
  if (item === null) return <List group_id={group} state={state} error={error} again={again} />
  return <Editor key={item} group_id={group} state={state} rule_id={item === NEW_RULE ? null : item} />
}
