// The save bar: names what has changed, saves or discards all of it, and asks before it is left behind.
import { useEffect, useRef } from 'react'
import { Icon } from '../../parts/Icon'
import { say } from '../../words'
import { list } from '../../words/time'
import { useConnection } from '../../connection/store'
import { cannotAct } from './may'
import type { FormOf } from './use-form'

export function SaveBar<T extends object>({ form }: { form: FormOf<T> }) {
  const away = useConnection(cannotAct)
  const read_only = useConnection((state) => state.read_only)
  const stay = useRef<HTMLButtonElement>(null)
  const { changed, conflicts, saving, leaving, save } = form
  const dirty = changed.length > 0
  const stuck = conflicts.length > 0
  const ready = dirty && !saving && !away && !stuck

  useEffect(() => {
    if (!dirty) return
    const key = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return
      event.preventDefault()
      if (ready) save()
    }
    document.addEventListener('keydown', key)
    return () => { document.removeEventListener('keydown', key) }
  }, [dirty, ready, save])
  useEffect(() => { if (leaving) stay.current?.focus() }, [leaving])

  if (!dirty) return null
  const names = list(changed.map((field) => form.name(field)))
  const word = leaving ? say('save.leave', { n: changed.length })
    : stuck ? say('save.conflict', { names: list(conflicts.map((field) => form.name(field))) })
      : say('save.changes', { n: changed.length })
  return (
    <div className={`savebar ${leaving ? 'asks' : ''}`} role={leaving ? 'alertdialog' : 'region'} aria-label={leaving ? word : say('save.label')}>
      <span className={stuck || leaving ? 'tw' : 'ta'}><Icon name={stuck ? 'alert' : 'pencil'} size="s14" /></span>
      <span className="savewhat">
        <b className="b6" role="status">{word}</b> {!stuck && <span className="m2">{names}</span>}
        {form.error !== null && <span className="err" role="alert">{say('save.error', { reason: form.error })}</span>}
        {away && <span className="help">{say(read_only ? 'settings.readonly' : 'save.away')}</span>}
      </span>
      <span className="grow" />
      {leaving && <button ref={stay} type="button" className="btn" onClick={form.stay}>{say('save.stay')}</button>}
      <button type="button" className="btn" disabled={saving} onClick={form.discard}>{say('save.discard')}</button>
      <button type="button" className="btn solid" disabled={!ready} onClick={save}>{say(saving ? 'save.saving' : 'save.save')} <kbd aria-hidden="true" className="hide-p">{say('save.key')}</kbd></button>
    </div>
  )
}
