// One part of the context while it is edited in place: it waits for Save, and asks where somebody else was quicker.
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { useConnection } from '../connection/store'
import { useActs } from '../settings/parts/use-act'
import { say, type Key } from '../words'
import { Clash } from './Clash'
import { endDraft, useDraft } from './draft'
import type { Part } from './parts'
import { changeShared } from './store'

const STATES = ['planned', 'active', 'done', 'archived'] as const

interface Props<T extends object> {
  group_id: string
  draft: string
  name: string
  part: Part<T>
  now: T
  /** More verbs, at the left. */
  verbs?: ReactNode
}

export function PartForm<T extends Record<keyof T, string>>({ group_id, draft, name, part, now, verbs }: Props<T>) {
  const form = useDraft<T>(draft, now)
  const away = useConnection((state) => state.phase !== 'live')
  const { busy, failed, act } = useActs()
  const id = useId()
  const box = useRef<HTMLFormElement>(null)
  useEffect(() => { box.current?.querySelector<HTMLElement>('input, textarea')?.focus() }, [])

  const word = (key: keyof T & string): Key => part.fields.find((field) => field.key === key)?.word ?? 'ctx.f.name'
  const missing = part.needs.find((key) => (form.value(key) as string).trim() === '')
  const stop = missing !== undefined ? say('ctx.needs', { field: say(word(missing)) }) : form.conflicts.length > 0 ? say('ctx.clash.wait') : form.changed.length === 0 ? say('ctx.same') : away ? say('ctx.away') : null
  const save = (): void => {
    if (stop !== null || busy !== null) return
    const patch = form.patch()
    act('save', async () => {
      const still = (context: Parameters<typeof part.read>[0]): boolean => {
        const newest = part.read(context)
        return newest === null || !form.clashes(newest)
      }
      if (await changeShared(group_id, part.ops(patch, { ...now, ...patch }), still)) endDraft(draft)
    })
  }
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save() }
    if (event.key === 'Escape' && form.changed.length === 0) { event.stopPropagation(); endDraft(draft) }
  }
  return (
    <form ref={box} className="cform" aria-label={name} onKeyDown={press} onSubmit={(event) => { event.preventDefault(); save() }}>
      {part.fields.map(({ key, word: label, how, when }) => {
        if (when && !when({ ...now, ...form.patch() })) return null
        const named = { id: `${id}${key}`, value: form.value(key) as string, dir: 'auto' as const }
        const set = (value: string): void => { form.set(key, value as T[typeof key]) }
        return (
          <div key={key} className="field">
            <label htmlFor={named.id} className={part.fields.length === 1 ? 'sr' : ''}>{say(label)}</label>
            {how === 'line' && <input className="in" onChange={(event) => { set(event.target.value) }} {...named} />}
            {how === 'text' && <textarea className="in" rows={part.fields.length === 1 ? 5 : 2} onChange={(event) => { set(event.target.value) }} {...named} />}
            {how === 'state' && (
              <select className="in" onChange={(event) => { set(event.target.value) }} {...named}>
                {STATES.map((state) => <option key={state} value={state}>{say(`ctx.s.${state}`)}</option>)}
              </select>
            )}
            {form.conflicts.includes(key) && <Clash name={say(label)} theirs={form.now[key] as string} keep={() => { form.keepMine(key) }} take={() => { form.takeTheirs(key) }} />}
          </div>
        )
      })}
      {failed && <p className="err" role="alert">{say('ctx.failed', { reason: failed.reason })}</p>}
      <div className="row wrap">
        {verbs}
        <span className="grow help" role="status">{form.changed.length > 0 ? stop : ''}</span>
        <button type="button" className="btn sm" onClick={() => { endDraft(draft) }}>{say(form.changed.length > 0 ? 'ctx.discard' : 'ctx.close')}</button>
        <button type="submit" className="btn sm solid" aria-disabled={stop !== null || busy !== null}>{say(busy ? 'ctx.saving' : 'ctx.save')}</button>
      </div>
    </form>
  )
}
