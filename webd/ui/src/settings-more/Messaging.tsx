// Who gets a message, how it gets there, and who is reminded of what.
import { useCallback, type ReactNode } from 'react'
import type { SettingsProps } from '../settings/pages'
import { Body, HowSaving, Nothing } from '../settings/parts/Body'
import { Segments, Select, Switch } from '../settings/parts/controls'
import { Row } from '../settings/parts/Row'
import { useForm, type FormOf } from '../settings/parts/use-form'
import { late, loadRules, useRules } from '../rules/store'
import { Icon } from '../parts/Icon'
import { say, type Key } from '../words'
import { Duration } from './Duration'
import { duration } from './duration'
import { loadMessaging, saveMessaging, useMessaging } from './messaging'
import { follows, TIMES_USUAL, WHEN_ON, type Setting, type Settings, type TimeSetting } from './settings'
import { useFresh } from './use-group'
import './more.css'

type Form = FormOf<Settings>

const RULE_KINDS = /^x\.cccc\.rule$/
const KINDS = /^group\.settings_update$/

const nameOf = (field: Setting): string => say(`msg.${field}`)
const helpOf = (field: Setting): string => say(`msg.${field}.help`)
const lasting = (seconds: number): string => (seconds === 0 ? say('dur.off') : duration(seconds))

function Time({ form, field }: { form: Form; field: TimeSetting }) {
  const stored = useMessaging((state) => state.stored)
  const usual = field in TIMES_USUAL && stored !== null && follows(stored, field) && !form.changed.includes(field)
  const help: ReactNode = usual
    ? `${helpOf(field)} ${say('msg.follows', { n: TIMES_USUAL[field as keyof typeof TIMES_USUAL] })}`
    : helpOf(field)
  return (
    <Row form={form} field={field} help={help} show={lasting}>
      {(named) => <Duration key={String(form.now?.[field])} {...named} name={nameOf(field)} seconds={form.value(field)} on={WHEN_ON[field]} set={(value) => { form.set(field, value) }} />}
    </Row>
  )
}

function Flag({ form, field }: { form: Form; field: 'auto_mark_on_delivery' | 'terminal_transcript_notify_tail' }) {
  const show = (on: boolean): string => say(on ? 'dur.on' : 'dur.off')
  return (
    <Row form={form} field={field} help={helpOf(field)} show={show}>
      {(named) => <><span className="m3">{show(form.value(field))}</span><Switch {...named} on={form.value(field)} set={(on) => { form.set(field, on) }} /></>}
    </Row>
  )
}

type CountSetting =
  | 'nudge_max_repeats_per_obligation' | 'nudge_escalate_after_repeats' | 'keepalive_max_per_actor' | 'help_nudge_min_messages' | 'terminal_transcript_notify_lines'

/** Numbers that are offered, the words for one, and those for 0 where 0 is not off but a choice. */
const COUNTS: Record<CountSetting, { offered: number[]; word: Key; none?: Key }> = {
  nudge_max_repeats_per_obligation: { offered: [1, 2, 3, 5, 10], word: 'msg.times', none: 'msg.endless' },
  nudge_escalate_after_repeats: { offered: [1, 2, 3, 5], word: 'msg.reminders.n' },
  keepalive_max_per_actor: { offered: [1, 2, 3, 5, 10], word: 'msg.times', none: 'msg.never' },
  help_nudge_min_messages: { offered: [5, 10, 20, 50], word: 'msg.messages', none: 'msg.never' },
  terminal_transcript_notify_lines: { offered: [5, 10, 20, 40, 80], word: 'msg.lines' },
}

function Count({ form, field }: { form: Form; field: CountSetting }) {
  const { offered, word, none } = COUNTS[field]
  const show = (n: number): string => (n === 0 && none ? say(none) : say(word, { n: Math.max(n, 1) }))
  const value = form.value(field)
  const all = [...new Set([...offered, ...(value > 0 ? [value] : [])])].sort((a, b) => a - b)
  const choices = [...all, ...(none ? [0] : [])].map((n) => ({ value: String(n), name: show(n) }))
  const chosen = value === 0 && !none ? '1' : String(value)
  return (
    <Row form={form} field={field} help={helpOf(field)} show={show}>
      {(named) => <Select {...named} value={chosen} choices={choices} set={(n) => { form.set(field, Number(n)) }} />}
    </Row>
  )
}

function Words<F extends 'default_send_to' | 'terminal_transcript_visibility'>({ form, field, words }: { form: Form; field: F; words: Record<Settings[F], string> }) {
  const choices = (Object.keys(words) as Settings[F][]).map((value) => ({ value, name: words[value] }))
  return (
    <Row form={form} field={field} help={helpOf(field)} show={(value) => words[value]}>
      {(named) => <Segments {...named} value={form.value(field)} choices={choices} set={(value) => { form.set(field, value) }} />}
    </Row>
  )
}

function Side() {
  return (
    <>
      <HowSaving />
      <section className="sidesec"><h2>{say('msg.side.held')}</h2><p className="help">{say('msg.side.held.help')}</p></section>
      <section className="sidesec"><h2>{say('msg.side.quiet')}</h2><p className="help">{say('msg.side.quiet.help')}</p></section>
    </>
  )
}

export function Messaging({ group_id }: SettingsProps) {
  const group = group_id ?? ''
  const { now, error, group_id: of } = useMessaging()
  const here = of === group ? now : null
  const load = useCallback(() => loadMessaging(group), [group])
  const save = useCallback((patch: Partial<Settings>) => saveMessaging(group, patch), [group])
  useFresh(group, load, KINDS)
  // Reminders have the same clock as rules, and only rules say when they should have come.
  const rules = useCallback(() => loadRules(group), [group])
  useFresh(group, rules, RULE_KINDS)
  const clockless = useRules((state) => state.group_id === group && state.state !== null && late(state.state).length > 0)
  const form = useForm<Settings>({ now: here, name: nameOf, load, save })
  if (here === null) {
    return <Body title={say('msg.title')} lead={say('msg.lead')}><Nothing what={say('msg.loading')} error={of === group ? error : null} again={() => { load().catch(() => undefined) }} /></Body>
  }
  return (
    <Body title={say('msg.title')} lead={say('msg.lead')} side={<Side />} form={form}>
      {error !== null && <Nothing what="" error={error} again={() => { load().catch(() => undefined) }} />}
      <section>
        <h2>{say('msg.sending')}</h2>
        <Words form={form} field="default_send_to" words={{ foreman: say('msg.to.foreman'), broadcast: say('msg.to.all') }} />
        <Time form={form} field="min_interval_seconds" />
        <Flag form={form} field="auto_mark_on_delivery" />
      </section>
      <section>
        <h2>{say('msg.reminders')}</h2>
        {clockless && <div className="note warn clockless" role="status"><Icon name="alert" /><div>{say('msg.clockless')}</div></div>}
        <Time form={form} field="reply_required_nudge_after_seconds" />
        <Time form={form} field="attention_ack_nudge_after_seconds" />
        <Time form={form} field="unread_nudge_after_seconds" />
        <Time form={form} field="nudge_after_seconds" />
        <Time form={form} field="nudge_digest_min_interval_seconds" />
        <Count form={form} field="nudge_max_repeats_per_obligation" />
        <Count form={form} field="nudge_escalate_after_repeats" />
      </section>
      <section>
        <h2>{say('msg.quiet')}</h2>
        <Time form={form} field="actor_idle_timeout_seconds" />
        <Time form={form} field="silence_timeout_seconds" />
        <Time form={form} field="keepalive_delay_seconds" />
        <Count form={form} field="keepalive_max_per_actor" />
        <Time form={form} field="help_nudge_interval_seconds" />
        <Count form={form} field="help_nudge_min_messages" />
      </section>
      <section>
        <h2>{say('msg.terminals')}</h2>
        <Words form={form} field="terminal_transcript_visibility" words={{ off: say('msg.see.off'), foreman: say('msg.see.foreman'), all: say('msg.see.all') }} />
        <Flag form={form} field="terminal_transcript_notify_tail" />
        <Count form={form} field="terminal_transcript_notify_lines" />
      </section>
    </Body>
  )
}
