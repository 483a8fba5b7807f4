// The tasks of a group: list or board, filters, and a form for a new one.
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useRoute } from '../app/route'
import { useConnection } from '../connection/store'
import { beginDraft, useDrafting, useFocusBack } from '../context/draft'
import { loadShared, openShared, useMilestones, useShared, withPending } from '../context/store'
import { useOpening } from '../dock/opening'
import { useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { Kbd } from '../parts/Kbd'
import type { TaskView } from '../wire/contract'
import { YOU } from '../wire/server'
import { say } from '../words'
import { Board } from './Board'
import { Detail } from './Detail'
import { Form } from './Form'
import { usePeople } from './people'
import { Row } from './Row'
import { ALL, GLYPHS, matches, NO_FIELDS, section, STATUSES, type Filter } from './tasks'
import { openTask, setBoard, setFilter, useTaskView } from './view'
import '../context/context.css'
import './tasks.css'

/** How many finished ones are shown at first. */
const FINISHED_MAX = 50

const whoOf = (value: string): Filter['who'] =>
  value === 'all' || value === 'mine' || value === 'nobody' ? value : { id: value.slice(1) }

function Filters({ tasks }: { tasks: TaskView[] }) {
  const { board, filter } = useTaskView()
  const name = useName()
  const milestones = useMilestones()
  const people = usePeople(tasks.map(({ assignee }) => assignee)).filter((id) => id !== YOU)
  const show = filter.archived ? 'archived' : filter.finished ? 'finished' : 'open'
  return (
    <>
      <span className="seg" role="group" aria-label={say('task.view')}>
        <button type="button" aria-pressed={!board} onClick={() => { setBoard(false) }}>{say('task.list')}</button>
        <button type="button" aria-pressed={board} onClick={() => { setBoard(true) }}>{say('task.board')}</button>
      </span>
      <select className="btn sm bare pick" aria-label={say('task.filter.show')} value={show} onChange={({ target: { value } }) => { setFilter({ finished: value !== 'open', archived: value === 'archived' }) }}>
        <option value="open">{say('task.filter.open')}</option>
        <option value="finished">{say('task.filter.finished')}</option>
        <option value="archived">{say('task.filter.archived')}</option>
      </select>
      {milestones.length > 0 && (
        <select className="btn sm bare pick" aria-label={say('task.filter.milestone')} value={filter.milestone} onChange={({ target: { value } }) => { setFilter({ milestone: value }) }}>
          <option value="">{say('task.filter.milestone.all')}</option>
          {milestones.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </select>
      )}
      <select className="btn sm bare pick" aria-label={say('task.filter.who')} value={typeof filter.who === 'string' ? filter.who : `.${filter.who.id}`} onChange={({ target: { value } }) => { setFilter({ who: whoOf(value) }) }}>
        <option value="all">{say('task.filter.all')}</option>
        <option value="mine">{say('task.filter.mine')}</option>
        <option value="nobody">{say('task.nobody')}</option>
        {people.map((id) => <option key={id} value={`.${id}`}>{name(id)}</option>)}
      </select>
    </>
  )
}

interface ListProps {
  group_id: string
  shown: TaskView[]
  tasks: TaskView[]
  open: string | null
}

function List({ group_id, shown, tasks, open }: ListProps) {
  const [at, setAt] = useState<string | null>(null)
  const [most, setMost] = useState(FINISHED_MAX)
  const stop = shown.some(({ id }) => id === at) ? at : shown.find(({ id }) => id === open)?.id ?? STATUSES.flatMap((status) => section(shown, status))[0]?.id
  return (
    <>
      {STATUSES.map((status) => {
        const all = section(shown, status)
        if (all.length === 0) return null
        const finished = status === 'done' || status === 'archived'
        const some = finished ? all.filter((task, row) => row < most || task.id === open) : all
        return (
          <section key={status} aria-label={say(`task.s.${status}`)}>
            <h2 className="sec"><span className={GLYPHS[status].tone}><Icon name={GLYPHS[status].icon} size="s14" /></span>{say(`task.s.${status}`)} <span className="m3">{all.length}</span></h2>
            <ul>
              {some.map((task) => (
                <Row
                  key={task.id} group_id={group_id} task={task} tasks={tasks} open={task.id === open} stop={task.id === stop}
                  press={() => { openTask(task.id === open ? null : task.id) }} focus={() => { setAt(task.id) }}
                />
              ))}
            </ul>
            {some.length < all.length && <p className="tmore"><button type="button" className="btn sm" onClick={() => { setMost(most + FINISHED_MAX) }}>{say('task.more', { n: all.length - some.length })}</button></p>}
          </section>
        )
      })}
    </>
  )
}

/** Why nothing is shown, and what to do about it. */
function Nothing({ group_id, filtered, add }: { group_id: string; filtered: boolean; add: () => void }) {
  const { tasks, error } = useShared()
  if (error !== null && tasks === null) {
    return <div className="void" role="alert"><p className="tb">{say('task.error', { reason: error })}</p><button type="button" className="btn" onClick={() => void loadShared(group_id)}>{say('task.again')}</button></div>
  }
  if (tasks === null) return <div className="void" role="status"><p className="m3">{say('task.loading')}</p></div>
  if (filtered) return <div className="void"><p className="m2">{say('task.none')}</p><button type="button" className="btn" onClick={() => { setFilter(ALL) }}>{say('task.none.all')}</button></div>
  return <div className="void"><h2>{say('task.empty')}</h2><p className="m2">{say('task.empty.help')}</p><button type="button" className="btn solid" onClick={add}>{say('task.new')}<Kbd of="C" /></button></div>
}

export function Tasks({ group_id }: { group_id: string }) {
  useEffect(() => openShared(group_id), [group_id])
  const { tasks: stored, pending, error } = useShared()
  const { board, filter } = useTaskView()
  const open = useRoute((state) => state.view.task)
  const away = useConnection((state) => state.phase !== 'live')
  const root = useRef<HTMLDivElement>(null)
  useOpening(root)
  const draft = `task ${group_id} new`
  const creating = useDrafting(draft)
  const tasks = useMemo(() => withPending(stored ?? [], pending), [stored, pending])
  const shown = useMemo(() => tasks.filter((task) => task.id === open || matches(task, filter, YOU)), [tasks, filter, open])
  const opened = tasks.find(({ id }) => id === open)
  const add = (): void => { beginDraft(draft) }
  useFocusBack(creating, () => root.current?.querySelector<HTMLElement>('.newtask'))

  // What a link opens is brought into view, once it is there.
  const seen = useRef<string | null>(null)
  useEffect(() => {
    if (opened === undefined || seen.current === opened.id) return
    seen.current = opened.id
    root.current?.querySelector(`[data-task="${CSS.escape(opened.id)}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [opened])

  const press = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return
    if (target.closest('input, textarea, select, form') !== null) return
    const rows = [...root.current?.querySelectorAll<HTMLElement>('.trow') ?? []]
    const at = rows.findIndex((row) => row === document.activeElement || row.parentElement?.contains(document.activeElement))
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
    const act = [...root.current?.querySelectorAll<HTMLButtonElement>('[data-key]') ?? []].find((one) => one.dataset.key === event.key && !one.matches(':disabled'))
    if (step !== undefined && rows.length > 0) rows[Math.min(rows.length - 1, Math.max(0, at + step))]?.focus()
    else if (event.key === 'c' && !event.shiftKey) add()
    else if (event.key === 'Escape' && open !== null) {
      root.current?.querySelector<HTMLElement>(`[data-task="${CSS.escape(open)}"]`)?.focus()
      openTask(null)
    } else if (act && !event.shiftKey) act.click()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="paneroot tasks" ref={root} onKeyDown={press}>
      <div className="subbar">
        <Filters tasks={tasks} />
        <span className="grow" />
        <button type="button" className="btn sm newtask" disabled={away || stored === null} onClick={add}><Icon name="plus" size="s12" />{say('task.new')}<Kbd of="C" /></button>
      </div>
      {error !== null && stored !== null && <p className="err panestale" role="alert">{say('task.stale', { reason: error })} <button type="button" className="lk" onClick={() => void loadShared(group_id)}>{say('task.again')}</button></p>}
      <div className={`scroll grow tbody ${board ? 'asboard' : ''}`} role="region" aria-label={say('task.label')} tabIndex={-1}>
        {creating && <div className="tnew"><h2>{say('task.new')}</h2><Form group_id={group_id} draft={draft} task_id={null} now={NO_FIELDS} tasks={tasks} /></div>}
        {open !== null && stored !== null && opened === undefined && (
          <p className="note warn tgone" role="alert"><span className="grow">{say('task.gone', { id: open })}</span><button type="button" className="btn sm" onClick={() => { openTask(null) }}>{say('close')}</button></p>
        )}
        {shown.length === 0 && !creating && <Nothing group_id={group_id} filtered={tasks.length > 0} add={add} />}
        {shown.length > 0 && (board ? (
          <>
            <Board group_id={group_id} shown={shown} tasks={tasks} open={open} />
            {opened && (
              <section className="bdetail" aria-label={say('task.detail', { id: opened.id })}>
                <header className="row"><h2 className="grow" dir="auto"><span className="m3">{opened.id}</span> {opened.name}</h2><button type="button" className="btn sm" onClick={() => { openTask(null) }}>{say('close')}</button></header>
                <Detail group_id={group_id} task={opened} tasks={tasks} />
              </section>
            )}
          </>
        ) : <List group_id={group_id} shown={shown} tasks={tasks} open={open} />)}
      </div>
    </div>
  )
}
