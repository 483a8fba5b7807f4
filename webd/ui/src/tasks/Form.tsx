// A task as fields, for one that is new and for one that is changed. It waits for Save; what is typed survives closing.
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { useConnection } from '../connection/store'
import { Clash } from '../context/Clash'
import { endDraft, useDraft } from '../context/draft'
import { changeShared, useMilestones } from '../context/store'
import { IconButton } from '../parts/Button'
import { useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { useActs } from '../settings/parts/use-act'
import type { TaskView } from '../wire/contract'
import { say, type Key } from '../words'
import { list } from '../words/time'
import { usePeople } from './people'
import { createOp, fieldsOf, updateOp, type Fields, type StepField } from './tasks'

const NAMES: Record<keyof Fields, Key> = {
  name: 'task.name', goal: 'task.goal', assignee: 'task.assignee', milestone: 'task.milestone', waiting_on: 'task.waiting_on',
  blocked_by: 'task.blocked_by', priority: 'task.priority', notes: 'task.notes', steps: 'task.steps',
}

const shown = (value: Fields[keyof Fields]): string =>
  typeof value === 'string' ? value : value.map(({ name }) => name).join('\n')

function StepList({ steps, set }: { steps: StepField[]; set: (steps: StepField[]) => void }) {
  const box = useRef<HTMLDivElement>(null)
  const change = (at: number, part: Partial<StepField>): void => { set(steps.map((step, i) => (i === at ? { ...step, ...part } : step))) }
  const add = (): void => {
    set([...steps, { name: '', acceptance: '', status: 'pending' }])
    requestAnimationFrame(() => [...box.current?.querySelectorAll<HTMLInputElement>('.stepname') ?? []].at(-1)?.focus())
  }
  const up = (at: number): void => {
    const next = [...steps]
    next.splice(at - 1, 0, ...next.splice(at, 1))
    set(next)
  }
  return (
    <div ref={box} className="stepfields">
      {steps.map((step, at) => (
        <div key={step.id ?? `new ${at}`} className="stepfield">
          <span className="m3 f12">{at + 1}</span>
          <input
            className="in stepname" dir="auto" aria-label={say('task.step.name', { n: at + 1 })} placeholder={say('task.step.what')} value={step.name}
            onChange={(event) => { change(at, { name: event.target.value }) }}
            onKeyDown={(event) => { if (event.key === 'Enter' && !event.nativeEvent.isComposing) { event.preventDefault(); add() } }}
          />
          <input className="in" dir="auto" aria-label={say('task.step.acceptance', { n: at + 1 })} placeholder={say('task.step.how')} value={step.acceptance} onChange={(event) => { change(at, { acceptance: event.target.value }) }} />
          <IconButton icon="left" className="up" name={say('task.step.up', { n: at + 1 })} small disabled={at === 0} onClick={() => { up(at) }} />
          <IconButton icon="x" name={say('task.step.remove', { n: at + 1 })} small onClick={() => { set(steps.filter((_, i) => i !== at)) }} />
        </div>
      ))}
      <button type="button" className="btn sm bare" onClick={add}><Icon name="plus" size="s12" />{say('task.step.add')}</button>
    </div>
  )
}

interface Props {
  group_id: string
  draft: string
  /** Null for a task that is new. */
  task_id: string | null
  now: Fields
  tasks: TaskView[]
  /** Called with the id where it is known, once it is stored. */
  stored?: () => void
}

export function Form({ group_id, draft, task_id, now, tasks, stored }: Props) {
  const form = useDraft<Fields>(draft, now)
  const name = useName()
  const id = useId()
  const first = useRef<HTMLInputElement>(null)
  const away = useConnection((state) => state.phase !== 'live')
  const milestones = useMilestones()
  const people = usePeople([...tasks.map(({ assignee }) => assignee), form.value('assignee') || null])
  const { busy, failed, act } = useActs()
  useEffect(() => { first.current?.focus() }, [])

  const nameless = form.value('name').trim() === ''
  const clash = form.conflicts.length > 0
  const stop = nameless ? say('task.form.nameless') : clash ? say('task.form.clash') : task_id !== null && form.changed.length === 0 ? say('task.form.same') : away ? say('task.form.away') : null
  const save = (): void => {
    if (stop !== null || busy !== null) return
    const op = task_id === null ? createOp({ ...now, ...form.patch() }) : updateOp(task_id, form.patch())
    act('save', async () => {
      const still = (_: unknown, newest: TaskView[]): boolean => {
        const task = newest.find((one) => one.id === task_id)
        // One that is gone is refused by the server, in its own words.
        return task === undefined || !form.clashes(fieldsOf(task))
      }
      if (await changeShared(group_id, [op], still)) {
        endDraft(draft)
        stored?.()
      }
    })
  }
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save() }
    // Escape never takes away what was typed.
    if (event.key === 'Escape' && form.changed.length === 0) { event.stopPropagation(); endDraft(draft) }
  }
  const field = (key: keyof Fields, control: (named: { id: string }) => ReactNode, help?: string): ReactNode => (
    <div className={`field ${form.changed.includes(key) && task_id !== null ? 'changed' : ''} f-${key}`}>
      <label htmlFor={`${id}${key}`}>{say(NAMES[key])}</label>
      {control({ id: `${id}${key}` })}
      {help !== undefined && <span className="help">{help}</span>}
      {form.conflicts.includes(key) && <Clash name={say(NAMES[key])} theirs={shown(form.now[key])} keep={() => { form.keepMine(key) }} take={() => { form.takeTheirs(key) }} />}
    </div>
  )
  const text = (key: 'name' | 'waiting_on' | 'blocked_by' | 'priority', help?: string): ReactNode =>
    field(key, (named) => <input ref={key === 'name' ? first : null} className="in" dir="auto" list={key === 'waiting_on' ? `${id}people` : undefined} value={form.value(key)} onChange={(event) => { form.set(key, event.target.value) }} {...named} />, help)
  const area = (key: 'goal' | 'notes', rows: number): ReactNode =>
    field(key, (named) => <textarea className="in" dir="auto" rows={rows} value={form.value(key)} onChange={(event) => { form.set(key, event.target.value) }} {...named} />)
  return (
    <form className="tform" aria-label={task_id === null ? say('task.new') : say('task.form', { id: task_id })} onKeyDown={press} onSubmit={(event) => { event.preventDefault(); save() }}>
      {text('name')}
      {area('goal', 3)}
      <div className="field f-steps" role="group" aria-label={say('task.steps')}>
        <span className="lbl">{say('task.steps')}</span>
        <StepList steps={form.value('steps')} set={(steps) => { form.set('steps', steps) }} />
        {form.conflicts.includes('steps') && <Clash name={say('task.steps')} theirs={shown(form.now.steps)} keep={() => { form.keepMine('steps') }} take={() => { form.takeTheirs('steps') }} />}
      </div>
      <div className="tpair">
        {field('assignee', (named) => (
          <select className="in" value={form.value('assignee')} onChange={(event) => { form.set('assignee', event.target.value) }} {...named}>
            <option value="">{say('task.nobody')}</option>
            {people.map((one) => <option key={one} value={one}>{name(one)}</option>)}
          </select>
        ))}
        {field('milestone', (named) => (
          <select className="in" value={form.value('milestone')} onChange={(event) => { form.set('milestone', event.target.value) }} {...named}>
            <option value="">{say('task.milestone.none')}</option>
            {milestones.filter((one) => one.status !== 'archived' || one.id === form.value('milestone')).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
        ))}
        {text('waiting_on', say('task.waiting_on.help'))}
        {text('blocked_by', say('task.blocked_by.help'))}
        {text('priority', say('task.priority.help'))}
      </div>
      {area('notes', 3)}
      <datalist id={`${id}people`}>{people.map((one) => <option key={one} value={one}>{name(one)}</option>)}</datalist>
      {failed && <p className="err" role="alert">{say('task.refused', { reason: failed.reason })}</p>}
      <div className="row wrap tsave">
        <span className="grow help" role="status">{stop ?? (task_id === null ? '' : say('task.form.changed', { fields: list(form.changed.map((one) => say(NAMES[one]))) }))}</span>
        <button type="button" className="btn" onClick={() => { endDraft(draft) }}>{say(form.changed.length > 0 ? 'task.form.discard' : 'task.form.close')}</button>
        <button type="submit" className="btn solid" aria-disabled={stop !== null || busy !== null}>{say(busy ? 'task.form.saving' : task_id === null ? 'task.form.add' : 'task.form.save')}</button>
      </div>
    </form>
  )
}
