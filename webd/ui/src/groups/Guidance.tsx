// The texts that agents are given before they begin, and look up while they work.
import { useCallback, useEffect } from 'react'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { Ask } from '../settings/parts/Ask'
import { Body, HowSaving, Nothing } from '../settings/parts/Body'
import { Row } from '../settings/parts/Row'
import { useActs } from '../settings/parts/use-act'
import { useForm } from '../settings/parts/use-form'
import type { SettingsProps } from '../settings/pages'
import { say } from '../words'
import { keepTexts, KINDS, loadGuidance, openGuidance, resetText, useGuidance, type Texts } from './guidance'
import './groups.css'

function Form({ group_id }: { group_id: string }) {
  const { texts, sources, error } = useGuidance()
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  useEffect(() => openGuidance(group_id), [group_id])
  const load = useCallback(() => loadGuidance(group_id), [group_id])
  const save = useCallback((patch: Partial<Texts>) => keepTexts(group_id, patch), [group_id])
  const form = useForm<Texts>({ now: texts, name: (field) => say(`groups.guide.${field}`), load, save })
  const side = (
    <>
      <section className="sidesec"><h2>{say('groups.guide.side')}</h2><p className="help">{say('groups.guide.side.help')}</p></section>
      <HowSaving />
    </>
  )
  return (
    <Body title={say('settings.page.guidance')} lead={say('groups.guide.lead')} side={side} form={form}>
      {texts === null && <Nothing what={say('groups.guide.loading')} error={error && say('groups.guide.error', { reason: error })} again={() => { openGuidance(group_id)() }} />}
      {texts !== null && (
        <section>
          {KINDS.map((kind) => (
            <Row key={kind} form={form} field={kind} help={say(`groups.guide.${kind}.help`)} wide error={failed?.what === kind ? say('groups.failed', { reason: failed.reason }) : null}>
              {(named) => (
                <div className="part">
                  <div className="row wrap">
                    <span className={`tag ${sources?.[kind] === 'home' ? 'acc' : ''}`}>{say(sources?.[kind] === 'home' ? 'groups.guide.own' : 'groups.guide.builtin')}</span>
                    <span className="grow" />
                    {sources?.[kind] === 'home' && (
                      <Ask className="btn sm" disabled={away || busy !== null || form.changed.includes(kind)} question={say('groups.guide.ask')} yes={say('groups.guide.reset')} act={() => { act(kind, () => resetText(group_id, kind)) }}>
                        {say(busy === kind ? 'groups.busy' : 'groups.guide.reset')}
                      </Ask>
                    )}
                  </div>
                  <textarea className="in mono guide" dir="auto" rows={kind === 'preamble' ? 12 : 18} spellCheck={false} value={form.value(kind)} onChange={(event) => { form.set(kind, event.target.value) }} {...named} />
                </div>
              )}
            </Row>
          ))}
        </section>
      )}
    </Body>
  )
}

export function Guidance({ group_id }: SettingsProps) {
  return group_id === null ? null : <Form group_id={group_id} />
}
