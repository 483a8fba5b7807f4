// Access: as whom this browser is heard, whether actors prove who they are, and who else may sign in.
import { useCallback } from 'react'
import { Body, HowSaving, Nothing } from '../settings/parts/Body'
import { Switch } from '../settings/parts/controls'
import { Row } from '../settings/parts/Row'
import { useForm } from '../settings/parts/use-form'
import { say } from '../words'
import { loadAccess, saveProof, useAccess, type Proof } from './access'
import { Tokens } from './Tokens'
import { loadTokens } from './tokens'
import { useFresh } from './use-group'
import './more.css'

export function Access() {
  const { proof, me, error } = useAccess()
  const load = useCallback(() => loadAccess(), [])
  const all = useCallback(() => Promise.all([loadAccess(), loadTokens()]), [])
  useFresh(null, all)
  const form = useForm<Proof>({ now: proof, name: () => say('acc.strict'), load, save: saveProof })
  const onOff = (on: boolean): string => say(on ? 'dur.on' : 'dur.off')
  const side = (
    <>
      <section className="sidesec"><h2>{say('tok.once')}</h2><p className="help">{say('tok.once.help')}</p></section>
      <section className="sidesec"><h2>{say('acc.side')}</h2><p className="help">{say('acc.side.help')}</p></section>
      <HowSaving />
    </>
  )
  return (
    <Body title={say('acc.title')} lead={say('acc.lead')} side={side} form={form}>
      {(proof === null || error !== null) && <Nothing what={say('acc.loading')} error={error} again={() => { load().catch(() => undefined) }} />}
      <Tokens />
      {proof !== null && (
        <section>
          <h2>{say('acc.proof')}</h2>
          <Row form={form} field="strict" help={say('acc.strict.help')} show={onOff}>
            {(named) => <><span className="m3">{onOff(form.value('strict'))}</span><Switch {...named} on={form.value('strict')} set={(on) => { form.set('strict', on) }} /></>}
          </Row>
          {me !== null && <p className="help iam">{say(me.proven ? 'acc.me.proven' : 'acc.me', { name: me.by })}</p>}
        </section>
      )}
    </Body>
  )
}
