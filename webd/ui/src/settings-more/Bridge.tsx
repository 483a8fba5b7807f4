// Chat platforms: how far the bridge is set up, who asks to be let in, and what each chat gets.
import { useCallback, useState, type FormEvent } from 'react'
import { useNow } from '../connection/clock'
import { Icon } from '../parts/Icon'
import type { SettingsProps } from '../settings/pages'
import { Body, Nothing } from '../settings/parts/Body'
import { Select, Switch } from '../settings/parts/controls'
import { Row } from '../settings/parts/Row'
import { useForm, type FormOf } from '../settings/parts/use-form'
import type { Chat, CredentialSource, Platform, WaitingChat } from '../wire/contract'
import { say, type Key } from '../words'
import { age } from '../words/time'
import {
  approve, approveTyped, configOf, CREDENTIALS, forget, getsOf, idOf, isVariable, loadBridge, masked, PLATFORMS, reject, revoke, saveConfig, send,
  setCredential, setupOf, useBridge, type BridgeAnswer, type Config, type Credential, type Gets, type Setup,
} from './bridge'
import { dateOf } from './dates'
import { Sure } from './Sure'
import { useFresh } from './use-group'
import './more.css'

type Form = FormOf<Config>

const KINDS = /^x\.cccc\.im_/

const TONE: Record<Setup, string> = { none: '', incomplete: 'warn', off: '', on: 'acc' }

function Refused({ id }: { id: string }) {
  const reason = useBridge((state) => state.refused[id] ?? '')
  return reason === '' ? null : <p className="err" role="alert">{reason}</p>
}

/** A credential is kept, taken from the environment, or forgotten; what is kept is never shown. */
function CredentialRow({ group_id, name, usual, source, variable }: { group_id: string; name: Credential; usual: string; source: CredentialSource; variable: string }) {
  const [how, setHow] = useState<'value' | 'env' | null>(null)
  const [value, setValue] = useState('')
  const busy = useBridge((state) => state.busy[name] ?? false)
  const label = say(`im.cred.${name}`)
  const is = source === 'stored' ? say('im.stored') : source === 'env' ? say('im.env', { name: variable }) : say('im.missing', { name: usual })
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (value.trim() === '' || how === null) return
    if (!(await setCredential(group_id, name, how, value.trim()))) return
    setHow(null)
    setValue('')
  }
  return (
    <div className="lrow icred">
      <span className="lbl iname">{label}</span>
      <Icon name={source === 'missing' ? 'alert' : source === 'env' ? 'terminal' : 'lock'} size="s14" />
      <span className={`grow ${source === 'missing' ? 'tw' : 'm2'}`}>{is}</span>
      {how === null && <button type="button" className="btn sm" onClick={() => { setHow('value') }}>{say(source === 'missing' ? 'im.set' : 'im.replace')}</button>}
      {how === null && source !== 'missing' && <Sure small word={say('im.remove')} ask={say('im.remove.ask', { name: label })} yes={say('im.remove')} doing={say('im.removing')} busy={busy} act={() => setCredential(group_id, name, 'forget')} />}
      {how !== null && (
        <form className="ikeep" onSubmit={(event) => { void submit(event) }}>
          <div className="seg" role="radiogroup" aria-label={say('im.how')}>
            {(['value', 'env'] as const).map((one) => <button key={one} type="button" role="radio" aria-checked={how === one} onClick={() => { setHow(one); setValue('') }}>{say(`im.how.${one}`)}</button>)}
          </div>
          <input
            className="in" autoFocus type={how === 'value' ? 'password' : 'text'} autoComplete="off" dir="ltr" value={value}
            aria-label={how === 'value' ? label : say('im.how.env')} placeholder={how === 'env' ? usual : ''} onChange={(event) => { setValue(event.target.value) }}
          />
          <button type="submit" className="btn solid" disabled={busy || value.trim() === '' || (how === 'env' && !isVariable(value.trim()))}>{say(busy ? 'im.keeping' : 'im.keep')}</button>
          <button type="button" className="btn" onClick={() => { setHow(null); setValue('') }}>{say('im.cancel')}</button>
          <p className="help">{how === 'env' ? say('im.how.env.help') : say(isVariable(value.trim()) ? 'im.how.looks' : 'im.how.value.help')}</p>
        </form>
      )}
      <Refused id={name} />
    </div>
  )
}

function Status({ group_id, answer, config, setup }: { group_id: string; answer: BridgeAnswer; config: Config; setup: Setup }) {
  const busy = useBridge((state) => state.busy.forget ?? false)
  const { platform } = config
  if (platform === '') {
    return <section className="card"><header><Icon name="bridge" /><b className="b6">{say('im.none')}</b><span className="grow" /></header><p className="help ipad">{say('im.none.help')}</p></section>
  }
  return (
    <section className="card">
      <header>
        <Icon name="bridge" /><b className="b6">{say(`im.p.${platform}`)}</b><span className={`tag ${TONE[setup]}`}>{say(`im.setup.${setup}`)}</span><span className="grow" />
        <Sure small word={say('im.forget')} ask={say('im.forget.ask', { platform: say(`im.p.${platform}`) })} yes={say('im.forget')} doing={say('im.forgetting')} busy={busy} act={() => forget(group_id)} />
      </header>
      <div className="lrow itop"><span className="m3"><Icon name="info" /></span><p className="help grow">{say(`im.setup.${setup}.help`)}{setup === 'on' && ` ${say('im.unknown')}`}</p></div>
      <Refused id="forget" />
      {CREDENTIALS[platform].map(({ name, usual }) => {
        const variable = answer.im?.[`${name}_env`]
        return <CredentialRow key={name} group_id={group_id} name={name} usual={usual} source={answer.credentials[name] ?? 'missing'} variable={typeof variable === 'string' ? variable : ''} />
      })}
    </section>
  )
}

function Fields({ form }: { form: Form }) {
  const platform = form.value('platform')
  const on = (value: boolean): string => say(value ? 'dur.on' : 'dur.off')
  const flag = (field: 'enabled' | 'files' | 'skip' | 'bind') => (
    <Row form={form} field={field} help={say(`im.f.${field}.help`)} show={on}>
      {(named) => <><span className="m3">{on(form.value(field))}</span><Switch {...named} on={form.value(field)} set={(value) => { form.set(field, value) }} /></>}
    </Row>
  )
  const named = (one: Platform | ''): string => (one === '' ? say('im.p.none') : say(`im.p.${one}`))
  const platforms = [...(form.now?.platform === '' ? ['' as const] : []), ...PLATFORMS].map((value) => ({ value, name: named(value) }))
  const moves = form.now !== null && form.now.platform !== '' && platform !== form.now.platform
  return (
    <section>
      <h2>{say('im.how.title')}</h2>
      <Row form={form} field="platform" help={moves ? <span className="tw">{say('im.f.platform.moves')}</span> : say('im.f.platform.help')} show={named}>
        {(label) => <Select {...label} value={platform} choices={platforms} set={(value) => { form.set('platform', value) }} />}
      </Row>
      {platform === 'feishu' && (
        <Row form={form} field="domain" help={say('im.f.domain.help')} show={(one) => say(`im.${one}`)}>
          {(label) => <Select {...label} value={form.value('domain')} choices={[{ value: 'feishu', name: say('im.feishu') }, { value: 'lark', name: say('im.lark') }]} set={(value) => { form.set('domain', value) }} />}
        </Row>
      )}
      {platform !== '' && (
        <>
          {flag('enabled')}
          {flag('files')}
          {form.value('files') && (
            <Row form={form} field="max_mb" help={say('im.f.max_mb.help')} show={(mb) => say('im.mb', { n: mb })}>
              {(label) => <Select {...label} value={String(form.value('max_mb'))} choices={[...new Set([1, 5, 10, 20, 50, 100, form.value('max_mb')])].sort((a, b) => a - b).map((n) => ({ value: String(n), name: say('im.mb', { n }) }))} set={(n) => { form.set('max_mb', Number(n)) }} />}
            </Row>
          )}
          {flag('skip')}
          {flag('bind')}
        </>
      )}
    </section>
  )
}

const titleOf = (chat: { chat_title: string; chat_id: string; thread_id: number }): string =>
  (chat.chat_title || say('im.chat', { id: chat.chat_id })) + (chat.thread_id > 0 ? say('im.thread', { n: chat.thread_id }) : '')

function Wants({ group_id, chat, now }: { group_id: string; chat: WaitingChat; now: number }) {
  const busy = useBridge((state) => state.busy[chat.key] ?? false)
  const left = chat.expires_at * 1000 - now
  return (
    <li className="lrow ichat">
      <Icon name="user" />
      <div className="grow">
        <p className="b5" dir="auto">{titleOf(chat)}</p>
        <p className="help">{say('im.wants', { platform: say(`im.p.${chat.platform}`), who: chat.from_user || chat.from_user_id || say('im.somebody') })} {say('im.wants.key')} <code dir="ltr">{masked(chat.key)}</code> {say('im.wants.compare', { age: age(left) })}</p>
        <Refused id={chat.key} />
      </div>
      <button type="button" className="btn sm bare" disabled={busy} onClick={() => { void reject(group_id, chat.key) }}>{say('im.reject')}</button>
      <button type="button" className="btn sm solid" disabled={busy} onClick={() => { void approve(group_id, chat.key) }}>{say(busy ? 'im.approving' : 'im.approve')}</button>
    </li>
  )
}

function Waiting({ group_id }: { group_id: string }) {
  const { waiting, waiting_error } = useBridge()
  const busy = useBridge((state) => state.busy.typed ?? false)
  const [key, setKey] = useState('')
  const now = useNow()
  const rows = (waiting ?? []).filter((chat) => chat.expires_at * 1000 > now)
  const bind = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (key.trim() !== '' && (await approveTyped(group_id, key.trim()))) setKey('')
  }
  return (
    <section>
      <h2>{say('im.waiting')} {rows.length > 0 && <span className="num warn">{rows.length}</span>}</h2>
      {waiting_error !== null && <p className="err" role="alert">{waiting_error}</p>}
      {waiting === null && waiting_error === null && <p className="help" role="status">{say('im.loading')}</p>}
      {waiting !== null && rows.length === 0 && <p className="help">{say('im.waiting.none')}</p>}
      {rows.length > 0 && <ul className="card" aria-live="polite">{rows.map((chat) => <Wants key={chat.key} group_id={group_id} chat={chat} now={now} />)}</ul>}
      <form className="row wrap rnew" onSubmit={(event) => { void bind(event) }}>
        <input className="in mono ikey" dir="ltr" autoComplete="off" aria-label={say('im.key')} placeholder={say('im.key')} value={key} onChange={(event) => { setKey(event.target.value) }} />
        <button type="submit" className="btn" disabled={busy || key.trim() === ''}>{say(busy ? 'im.approving' : 'im.key.approve')}</button>
        <Refused id="typed" />
      </form>
    </section>
  )
}

const GETS: Gets[] = ['mine', 'all', 'nothing']

function In({ group_id, chat }: { group_id: string; chat: Chat }) {
  const id = idOf(chat)
  const busy = useBridge((state) => state.busy[id] ?? false)
  const title = titleOf(chat)
  return (
    <li className="lrow ichat">
      <Icon name={chat.thread_id > 0 ? 'thread' : 'chat'} />
      <div className="grow">
        <p className="b5" dir="auto">{title}</p>
        <p className="help">{say('im.in.since', { platform: say(`im.p.${chat.platform}`), date: dateOf(chat.authorized_at * 1000) })}</p>
        <Refused id={id} />
      </div>
      <Select disabled={busy} aria-label={say('im.gets', { name: title })} value={getsOf(chat)} choices={GETS.map((value) => ({ value, name: say(`im.gets.${value}`) }))} set={(gets) => { void send(group_id, chat, gets) }} />
      <Sure small word={say('im.revoke')} ask={say('im.revoke.ask', { name: title })} yes={say('im.revoke')} doing={say('im.revoking')} busy={busy} act={() => revoke(group_id, chat)} />
    </li>
  )
}

function Chats({ group_id }: { group_id: string }) {
  const { chats, chats_error } = useBridge()
  return (
    <section>
      <h2>{say('im.in')}</h2>
      {chats_error !== null && <p className="err" role="alert">{chats_error}</p>}
      {chats === null && chats_error === null && <p className="help" role="status">{say('im.loading')}</p>}
      {chats?.length === 0 && <p className="help">{say('im.in.none')}</p>}
      {chats !== null && chats.length > 0 && <ul className="card">{chats.map((chat) => <In key={idOf(chat)} group_id={group_id} chat={chat} />)}</ul>}
    </section>
  )
}

function Side({ config, setup }: { config: Config; setup: Setup }) {
  const { waiting, chats } = useBridge()
  const [copied, setCopied] = useState(false)
  const isIn = (chats?.length ?? 0) > 0
  const ready = setup === 'on' || setup === 'off'
  const done = [ready, ready, isIn || (waiting?.length ?? 0) > 0, isIn]
  const first: Key = `im.step.make.${config.platform || 'telegram'}`
  const steps: [Key, Key][] = [['im.step.make', first], ['im.step.keep', 'im.step.keep.help'], ['im.step.subscribe', 'im.step.subscribe.help'], ['im.step.approve', 'im.step.approve.help']]
  const now = done.indexOf(false)
  return (
    <>
      <section>
        <h2 className="isteps">{say('im.steps')}</h2>
        <ol className="steps">
          {steps.map(([title, help], at) => (
            <li key={title} className={`stp ${done[at] ? 'done' : at === now ? 'now' : ''}`} aria-current={at === now ? 'step' : undefined}>
              <span className="no">{done[at] ? <Icon name="st-accepted" size="s14" /> : at + 1}</span>
              <div>
                <p className="b5 istep">{say(title)}{done[at] && <span className="sr"> {say('im.step.done')}</span>}</p><p className="help">{say(help)}</p>
                {title === 'im.step.subscribe' && <button type="button" className="btn sm" onClick={() => { void navigator.clipboard.writeText('/subscribe').then(() => { setCopied(true) }) }}><Icon name="copy" size="s14" />{say(copied ? 'copied' : 'im.copy')}</button>}
              </div>
            </li>
          ))}
        </ol>
      </section>
      <section className="sidesec"><h2>{say('im.may')}</h2><p className="help">{say('im.may.help')}</p></section>
    </>
  )
}

const fieldName = (field: keyof Config): string => say(`im.f.${field}`)

export function Bridge({ group_id }: SettingsProps) {
  const group = group_id ?? ''
  const { answer, error, group_id: of } = useBridge()
  const here = of === group ? answer : null
  const config = here === null ? null : configOf(here.im)
  const load = useCallback(() => loadBridge(group), [group])
  useFresh(group, load, KINDS)
  const form = useForm<Config>({ now: config, name: fieldName, load, save: (patch) => saveConfig(group, config ?? configOf(null), patch) })
  const again = (): void => { load().catch(() => undefined) }
  if (here === null || config === null) {
    return <Body title={say('im.title')} lead={say('im.lead')}><Nothing what={say('im.loading')} error={of === group ? error : null} again={again} /></Body>
  }
  const setup = setupOf(config, here.credentials)
  return (
    <Body title={say('im.title')} lead={say('im.lead')} side={<Side config={config} setup={setup} />} form={form}>
      {error !== null && <Nothing what="" error={error} again={again} />}
      <Status group_id={group} answer={here} config={config} setup={setup} />
      {config.platform !== '' && <Waiting group_id={group} />}
      <Chats group_id={group} />
      <Fields form={form} />
    </Body>
  )
}
