// What a settings page draws into the frame: its column, what stands beside it, and its save bar.
import type { ReactNode } from 'react'
import { useConnection } from '../../connection/store'
import { Icon } from '../../parts/Icon'
import { say } from '../../words'
import { SaveBar } from './SaveBar'
import type { FormOf } from './use-form'

interface Props<T extends object> {
  title: string
  lead?: ReactNode
  /** What it means, beside the form; the rule of saving where nothing is given. */
  side?: ReactNode
  form?: FormOf<T>
  /** A bar of its own, in place of the save bar. */
  bar?: ReactNode
  children: ReactNode
}

/** The section about saving, for pages that have a column of their own. */
export function HowSaving() {
  return (
    <section className="sidesec">
      <h2>{say('save.how')}</h2>
      <p className="help">{say('save.how.help')}</p>
    </section>
  )
}

export function Body<T extends object>({ title, lead, side, form, bar, children }: Props<T>) {
  const read_only = useConnection((state) => state.read_only)
  return (
    <>
      <div className="pmain scroll">
        <div className="pcol">
          {read_only && <p className="note" role="note"><Icon name="eye" /><span className="grow">{say('settings.readonly')}</span></p>}
          <div className="phead"><h1>{title}</h1>{lead !== undefined && <p className="m2">{lead}</p>}</div>
          {children}
        </div>
      </div>
      <aside className="pside scroll" aria-label={say('settings.side', { page: title })}>{side ?? <HowSaving />}</aside>
      {form && <SaveBar form={form} />}
      {bar}
    </>
  )
}

/** Nothing to show yet, or why there is nothing, with a way to ask again. */
export function Nothing({ what, error, again }: { what: string; error: string | null; again: () => void }) {
  if (error === null) return <p className="help" role="status">{what}</p>
  return (
    <div className="note bad" role="alert">
      <span className="grow">{error}</span>
      <button type="button" className="btn sm" onClick={again}>{say('settings.again')}</button>
    </div>
  )
}
