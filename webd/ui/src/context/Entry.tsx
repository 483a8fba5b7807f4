// One entry of a list of the context: what it says, who changed it last and when, its form, and how to take it away.
import { useRef, useState, type ReactNode } from 'react'
import { useConnection } from '../connection/store'
import { IconButton } from '../parts/Button'
import { useActs } from '../settings/parts/use-act'
import { say } from '../words'
import { Age } from './Age'
import { beginDraft, endDraft, useDrafting, useFocusBack } from './draft'
import type { Touch } from './history'
import { PartForm } from './PartForm'
import type { Part } from './parts'
import { changeShared } from './store'
import type { Op } from './sync'

interface Props<T extends object> {
  group_id: string
  draft: string
  name: string
  part: Part<T>
  now: T
  mark: ReactNode
  children: ReactNode
  touch: Touch | undefined
  /** Stands before the age. */
  side?: ReactNode
  /** The question before it is taken away, and what does that. */
  remove: { ask: string; op: Op; done?: () => void }
  /** Verbs that act at once. */
  verbs?: { word: string; op: Op }[]
}

export function Entry<T extends Record<keyof T, string>>({ group_id, draft, name, part, now, mark, children, touch, side, remove, verbs = [] }: Props<T>) {
  const editing = useDrafting(draft)
  const away = useConnection((state) => state.phase !== 'live')
  const { busy, failed, act } = useActs()
  const [asks, setAsks] = useState(false)
  const row = useRef<HTMLLIElement>(null)
  useFocusBack(editing || asks, () => row.current?.querySelector<HTMLElement>('.side .ib'))
  const does = (what: string, op: Op, then?: () => void): void => {
    act(what, async () => {
      await changeShared(group_id, [op])
      then?.()
    })
  }
  return (
    <li className="ms" ref={row}>
      {mark}
      <div className="what">{children}</div>
      <span className="side">
        {side}{touch && <Age touch={touch} />}
        {!editing && <IconButton icon="pencil" size="s14" small name={say('ctx.edit.what', { what: name })} onClick={() => { beginDraft(draft) }} />}
      </span>
      {(editing || asks || failed !== null || busy !== null) && (
        <div className="more">
          {editing && (
            <PartForm
              group_id={group_id} draft={draft} name={say('ctx.edit.what', { what: name })} part={part} now={now}
              verbs={(
                <>
                  {verbs.map(({ word, op }) => <button key={word} type="button" className="btn sm bare" disabled={away || busy !== null} onClick={() => { does(word, op) }}>{word}</button>)}
                  <button type="button" className="btn sm bare" disabled={away || busy !== null} aria-expanded={asks} onClick={() => { setAsks(true) }}>{say('ctx.remove')}</button>
                </>
              )}
            />
          )}
          {asks && (
            <div className="askrow" role="alertdialog" aria-label={remove.ask}>
              <span>{remove.ask}</span>
              <button type="button" className="btn sm bad" onClick={() => { setAsks(false); does('remove', remove.op, () => { endDraft(draft); remove.done?.() }) }}>{say('ctx.remove')}</button>
              <button type="button" className="btn sm" autoFocus onClick={() => { setAsks(false) }}>{say('keep')}</button>
            </div>
          )}
          {busy !== null && <p className="help" role="status">{say('ctx.removing')}</p>}
          {failed && <p className="err" role="alert">{say('ctx.failed', { reason: failed.reason })}</p>}
        </div>
      )}
    </li>
  )
}
