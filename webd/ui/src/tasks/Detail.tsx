// What opens below a task: what it is for, its steps, the facts, messages about it, and what can be done with it.
import { useEffect, useState, type ReactNode } from 'react'
import { hrefOf, show, useRoute } from '../app/route'
import { merged } from '../chat/log'
import { onEvent } from '../chat/store'
import { useComposer, write } from '../composer/store'
import { useConnection } from '../connection/store'
import { useNow } from '../connection/clock'
import { beginDraft, endDraft, useDrafting, useFocusBack } from '../context/draft'
import { touches } from '../context/history'
import { changeShared, changeTask, useMilestones, useShared } from '../context/store'
import { messagesAbout, type Event, type Op } from '../context/sync'
import { showMessage, toComposer } from '../dock/to-chat'
import { Chip, useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { Kbd } from '../parts/Kbd'
import { Markdown } from '../parts/Markdown'
import { useActs } from '../settings/parts/use-act'
import type { TaskView } from '../wire/contract'
import { dataOf } from '../wire/events'
import { YOU } from '../wire/server'
import { say } from '../words'
import { age, exact } from '../words/time'
import { Form } from './Form'
import { usePeople } from './people'
import { Steps } from './Steps'
import { COLUMNS, fieldsOf, isOpen } from './tasks'
import { openTask } from './view'

const AGE_STEP_MS = 60_000
/** How many messages about a task are linked. */
const LINKS_MAX = 5

/** Begins a message about a task, behind what is written already. */
function writeAbout(task: TaskView): void {
  const { text } = useComposer.getState().draft
  write({ text: `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${task.id} ${task.name}: ` })
  toComposer()
}

/** A task by its id, as a link if there is one. */
export function TaskLink({ id, tasks }: { id: string; tasks: TaskView[] }) {
  const place = useRoute((state) => state.place)
  const task = tasks.find((one) => one.id === id)
  if (task === undefined) return <span>{id}</span>
  return <a className="lk" href={hrefOf(place, { dock: 'tasks', task: id })} onClick={(event) => { event.preventDefault(); show({ dock: 'tasks', task: id }) }}>{id} {task.name}</a>
}

function Messages({ group_id, task_id }: { group_id: string; task_id: string }) {
  const [found, setFound] = useState<{ events: Event[] | null; error: string | null }>({ events: null, error: null })
  const name = useName()
  useEffect(() => {
    let here = true
    const whole = new RegExp(`(^|[^\\p{L}\\p{N}])${task_id.replace(/[^\w-]/g, '')}($|[^\\p{L}\\p{N}])`, 'u')
    const names = (event: Event): boolean => whole.test(dataOf(event, 'chat.message')?.text ?? '')
    messagesAbout(group_id, task_id)
      .then(({ events }) => { if (here) setFound({ events: events.filter(names), error: null }) })
      .catch((error: unknown) => { if (here) setFound({ events: null, error: (error as Error).message }) })
    const end = onEvent((event) => {
      if (event.group_id === group_id && names(event)) setFound(({ events, error }) => ({ events: events && merged(events, [event]), error }))
    })
    return () => {
      here = false
      end()
    }
  }, [group_id, task_id])
  if (found.error !== null) return <span className="tb">{say('task.messages.error', { reason: found.error })}</span>
  if (found.events === null) return <span className="m3" role="status">{say('task.messages.loading')}</span>
  if (found.events.length === 0) return <span className="m3">{say('task.messages.none')}</span>
  return (
    <ul className="tmsgs">
      {found.events.slice(-LINKS_MAX).reverse().map((event) => (
        <li key={event.id} className="clip">
          <a className="lk" href={hrefOf({ at: 'chat', group_id }, { at: event.id })} title={exact(event.ts)} onClick={(press) => { press.preventDefault(); showMessage(event.id) }}>
            {name(event.by)}: {dataOf(event, 'chat.message')?.text.replace(/\s+/g, ' ')}
          </a>
        </li>
      ))}
      {found.events.length > LINKS_MAX && <li className="m3">{say('task.messages.more', { n: found.events.length - LINKS_MAX })}</li>}
    </ul>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => <><dt>{name}</dt><dd>{children}</dd></>

function Facts({ group_id, task, tasks }: { group_id: string; task: TaskView; tasks: TaskView[] }) {
  const name = useName()
  const now = useNow(AGE_STEP_MS)
  const milestones = useMilestones()
  const touch = touches(useShared((state) => state.changes))[`tasks ${task.id}`]
  const people = usePeople(tasks.map(({ assignee }) => assignee))
  const blocks = tasks.filter((one) => one.blocked_by?.includes(task.id))
  const parts = tasks.filter((one) => one.parent_id === task.id)
  const links = (ids: string[]): ReactNode => ids.map((id, at) => <span key={id}>{at > 0 && ', '}<TaskLink id={id} tasks={tasks} /></span>)
  const ago = (ts: string): string => say('task.ago', { age: age(now - Date.parse(ts)) })
  return (
    <dl className="kv">
      <Fact name={say('task.status')}>
        {task.status === 'archived' ? say('task.s.archived') : (
          <span className="seg" role="group" aria-label={say('task.status')}>
            {COLUMNS.map((status) => (
              <button
                key={status} type="button" aria-pressed={task.status === status}
                onClick={() => { if (task.status !== status) move(group_id, task.id, { op: 'task.move', task_id: task.id, status }) }}
              >{say(`task.s.${status}`)}</button>
            ))}
          </span>
        )}
      </Fact>
      <Fact name={say('task.assignee')}>
        <span className="row">
          {task.assignee !== null && <Chip id={task.assignee} size="s16" />}
          <select
            className="btn sm" aria-label={say('task.assign')} value={task.assignee ?? ''}
            onChange={(event) => void changeTask(group_id, task.id, { op: 'task.update', task_id: task.id, assignee: event.target.value })}
          >
            <option value="">{say('task.nobody')}</option>
            {people.map((id) => <option key={id} value={id}>{name(id)}</option>)}
          </select>
        </span>
      </Fact>
      {task.waiting_on && <Fact name={say('task.waiting_on')}><span dir="auto">{name(task.waiting_on)}</span></Fact>}
      {task.handoff_to && <Fact name={say('task.handoff_to')}>{name(task.handoff_to)}</Fact>}
      {(task.blocked_by ?? []).length > 0 && <Fact name={say('task.blocked_by')}>{links(task.blocked_by ?? [])}</Fact>}
      {blocks.length > 0 && <Fact name={say('task.blocks')}>{links(blocks.map(({ id }) => id))}</Fact>}
      {task.parent_id && <Fact name={say('task.parent')}>{links([task.parent_id])}</Fact>}
      {parts.length > 0 && <Fact name={say('task.parts')}>{links(parts.map(({ id }) => id))}</Fact>}
      {task.milestone !== null && <Fact name={say('task.milestone')}>{milestones.find(({ id }) => id === task.milestone)?.name ?? task.milestone}</Fact>}
      {task.priority && <Fact name={say('task.priority')}>{task.priority}</Fact>}
      {task.task_type && <Fact name={say('task.type')}>{task.task_type}</Fact>}
      <Fact name={say('task.changed')}>
        <time dateTime={task.updated_at} title={exact(task.updated_at)}>
          {touch ? say('task.changed.by', { who: touch.by === YOU ? say('you.to') : name(touch.by), age: age(now - Date.parse(task.updated_at)) }) : ago(task.updated_at)}
        </time>
      </Fact>
      <Fact name={say('task.messages')}><Messages group_id={group_id} task_id={task.id} /></Fact>
    </dl>
  )
}

/** Removing cannot be undone: it asks in place and waits for the answer. */
function Remove({ group_id, task }: { group_id: string; task: TaskView }) {
  const { busy, failed, act } = useActs()
  const [asks, setAsks] = useState(false)
  return (
    <>
      {failed && <span className="err" role="alert">{say('task.refused', { reason: failed.reason })}</span>}
      {asks ? (
        <span className="askrow" role="alertdialog" aria-label={say('task.delete.ask', { id: task.id })}>
          <span>{say('task.delete.ask', { id: task.id })}</span>
          <button type="button" className="btn sm bad" onClick={() => { act('delete', async () => { await changeShared(group_id, [{ op: 'task.delete', task_id: task.id }]); endDraft(draftKey(group_id, task.id)); openTask(null) }); setAsks(false) }}>{say('task.delete')}</button>
          <button type="button" className="btn sm" autoFocus onClick={() => { setAsks(false) }}>{say('keep')}</button>
        </span>
      ) : <button type="button" className="btn sm bare" disabled={busy !== null} onClick={() => { setAsks(true) }}>{say(busy ? 'task.deleting' : 'task.delete')}</button>}
    </>
  )
}

/** Moves a task; it stands elsewhere then, and takes the focus along. */
function move(group_id: string, task_id: string, op: Op): void {
  const focus = (): void => {
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.querySelector<HTMLElement>(`[data-task="${CSS.escape(task_id)}"]`)?.focus()
    })
  }
  void changeTask(group_id, task_id, op).then(focus)
  focus()
}

export const draftKey = (group_id: string, task_id: string): string => `task ${group_id} ${task_id}`

export function Detail({ group_id, task, tasks }: { group_id: string; task: TaskView; tasks: TaskView[] }) {
  const key = draftKey(group_id, task.id)
  const editing = useDrafting(key)
  const away = useConnection((state) => state.phase !== 'live')
  useFocusBack(editing, () => document.querySelector<HTMLElement>(`[data-task="${CSS.escape(task.id)}"]`))
  if (editing) return <Form group_id={group_id} draft={key} task_id={task.id} now={fieldsOf(task)} tasks={tasks} />
  return (
    <fieldset className="bareset" disabled={away}>
      {task.goal !== '' && <Markdown text={task.goal} className="m2 goal" />}
      <Steps group_id={group_id} task={task} />
      {task.notes && <div className="tnotes"><h3>{say('task.notes')}</h3><Markdown text={task.notes} /></div>}
      <Facts group_id={group_id} task={task} tasks={tasks} />
      <div className="row wrap tacts">
        <button type="button" className="btn sm" data-key="e" aria-keyshortcuts="e" onClick={() => { beginDraft(key) }}>{say('task.edit')}<Kbd of="E" /></button>
        {isOpen(task) && <button type="button" className="btn sm" data-key="w" aria-keyshortcuts="w" onClick={() => { writeAbout(task) }}><Icon name="chat" size="s12" />{say('task.write')}<Kbd of="W" /></button>}
        <span className="grow" />
        {task.status === 'archived' ? (
          <>
            <button type="button" className="btn sm" data-key="z" aria-keyshortcuts="z" onClick={() => { move(group_id, task.id, { op: 'task.restore', task_id: task.id }) }}>{say('task.restore')}<Kbd of="Z" /></button>
            <Remove group_id={group_id} task={task} />
          </>
        ) : <button type="button" className="btn sm bare" data-key="x" aria-keyshortcuts="x" onClick={() => { move(group_id, task.id, { op: 'task.move', task_id: task.id, status: 'archived' }) }}>{say('task.archive')}<Kbd of="X" /></button>}
      </div>
    </fieldset>
  )
}
