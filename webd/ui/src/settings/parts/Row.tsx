// A row of a settings page: name, effect, control; the accent bar when it has changed, both values in a conflict.
import { useId, type ReactNode } from 'react'
import { say } from '../../words'
import type { FieldOf } from './form'
import type { FormOf } from './use-form'

interface Plain {
  name: string
  help?: ReactNode
  /** Below the name instead of at the right: for texts that need the width. */
  wide?: boolean
  changed?: boolean
  error?: string | null
  /** Gets the id of the name, for `aria-labelledby`, and that of the help. */
  children: (named: { 'aria-labelledby': string; 'aria-describedby': string }) => ReactNode
  below?: ReactNode
}

/** A row that waits for nothing. */
export function PlainRow({ name, help, wide = false, changed = false, error = null, children, below }: Plain) {
  const id = useId()
  return (
    <div className={`set ${wide ? 'wide' : ''} ${changed ? 'changed' : ''}`}>
      <div>
        <div className="lbl" id={`${id}n`}>{name}{changed && <span className="sr"> {say('save.row.changed')}</span>}</div>
        <div className="help" id={`${id}h`}>{help}</div>
      </div>
      <div className="ctl">{children({ 'aria-labelledby': `${id}n`, 'aria-describedby': `${id}h` })}</div>
      {error !== null && <p className="err setmore" role="alert">{error}</p>}
      {below}
    </div>
  )
}

interface Props<T extends object, F extends FieldOf<T>> extends Omit<Plain, 'name' | 'changed' | 'below'> {
  form: FormOf<T>
  field: F
  /** A value in words, where both stand in a conflict. */
  show?: (value: T[F]) => string
}

/** A row that waits for Save. */
export function Row<T extends object, F extends FieldOf<T>>({ form, field, show = String, ...rest }: Props<T, F>) {
  const conflict = form.conflicts.includes(field) && form.now !== null && (
    <div className="note warn setmore" role="alert">
      <div className="grow">
        <p className="b5">{say('save.both')}</p>
        <dl className="kv">
          <dt>{say('save.theirs')}</dt><dd dir="auto">{show(form.now[field]) || say('save.empty')}</dd>
          <dt>{say('save.mine')}</dt><dd dir="auto">{show(form.value(field)) || say('save.empty')}</dd>
        </dl>
        <div className="row wrap">
          <button type="button" className="btn sm" onClick={() => { form.keepMine(field) }}>{say('save.keep')}</button>
          <button type="button" className="btn sm" onClick={() => { form.takeTheirs(field) }}>{say('save.take')}</button>
        </div>
      </div>
    </div>
  )
  return <PlainRow {...rest} name={form.name(field)} changed={form.changed.includes(field)} below={conflict} />
}
