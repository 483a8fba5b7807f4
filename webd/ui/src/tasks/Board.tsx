// The tasks in columns. A card moves by Shift and an arrow key, by its buttons once open, or by dragging.
import { useState, type DragEvent, type KeyboardEvent } from 'react'
import { changeTask } from '../context/store'
import { Icon } from '../parts/Icon'
import type { TaskView } from '../wire/contract'
import { say } from '../words'
import { Assignee, Glyph, Refused, Word } from './Row'
import { beside, COLUMNS, doneSteps, GLYPHS, section, type Column } from './tasks'
import { openTask } from './view'

/** How many done ones are shown at first. */
const DONE_MAX = 50

interface Props {
  group_id: string
  /** Those that are shown, and all. */
  shown: TaskView[]
  tasks: TaskView[]
  open: string | null
}

const focusCard = (id: string): void => {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-task="${CSS.escape(id)}"]`)?.focus())
}

export function Board({ group_id, shown, tasks, open }: Props) {
  const [over, setOver] = useState<Column | null>(null)
  const [at, setAt] = useState<string | null>(null)
  const [told, setTold] = useState('')
  const [most, setMost] = useState(DONE_MAX)
  const columns = COLUMNS.map((status) => {
    const all = section(shown, status)
    return { status, all: all.length, cards: status === 'done' ? all.filter((task, row) => row < most || task.id === open) : all }
  })
  const stop = shown.some(({ id }) => id === at) ? at : columns.flatMap(({ cards }) => cards)[0]?.id ?? null

  const move = (task: TaskView, status: Column): void => {
    if (task.status === status) return
    setTold(say('task.moved', { id: task.id, status: say(`task.s.${status}`) }))
    void changeTask(group_id, task.id, { op: 'task.move', task_id: task.id, status })
    focusCard(task.id)
  }
  const press = (event: KeyboardEvent, task: TaskView, column: Column, row: number): void => {
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key] as -1 | 1 | undefined
    const next = { ArrowUp: -1, ArrowDown: 1, k: -1, j: 1 }[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const cards = columns.find(({ status }) => status === column)?.cards ?? []
    if (next !== undefined) {
      const to = cards[row + next]
      if (to) focusCard(to.id)
    } else if (side !== undefined && event.shiftKey) {
      const to = beside(column, side)
      if (to) move(task, to)
    } else if (side !== undefined) {
      // The next column that has a card.
      for (let to = beside(column, side); to !== null; to = beside(to, side)) {
        const there = columns.find(({ status }) => status === to)?.cards ?? []
        const card = there[Math.min(row, there.length - 1)]
        if (card) { focusCard(card.id); break }
      }
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const drop = (event: DragEvent, status: Column): void => {
    event.preventDefault()
    setOver(null)
    const task = tasks.find(({ id }) => id === event.dataTransfer.getData('text/plain'))
    if (task) move(task, status)
  }
  return (
    <div className="board">
      <p className="sr" role="status">{told}</p>
      {columns.map(({ status, cards, all }) => (
        <section
          key={status} className={`bcol ${over === status ? 'over' : ''}`} aria-label={say(`task.s.${status}`)}
          onDragOver={(event) => { event.preventDefault(); setOver(status) }} onDragLeave={() => { setOver(null) }} onDrop={(event) => { drop(event, status) }}
        >
          <h2 className="sec"><span className={GLYPHS[status].tone}><Icon name={GLYPHS[status].icon} size="s14" /></span>{say(`task.s.${status}`)} <span className="m3">{all}</span></h2>
          <ul>
            {cards.map((task, row) => (
              <li key={task.id}>
                <button
                  type="button" className={`bcard ${open === task.id ? 'open' : ''}`} draggable data-task={task.id} tabIndex={stop === task.id ? 0 : -1}
                  aria-expanded={open === task.id} aria-keyshortcuts="Shift+ArrowLeft Shift+ArrowRight"
                  onDragStart={(event) => { event.dataTransfer.setData('text/plain', task.id) }}
                  onFocus={() => { setAt(task.id) }} onKeyDown={(event) => { press(event, task, status, row) }}
                  onClick={() => { openTask(open === task.id ? null : task.id) }}
                >
                  <span className="row"><Glyph task={task} tasks={tasks} /><span className="id f12 m3">{task.id}</span><span className="grow" /><Assignee id={task.assignee} /></span>
                  <span className="tt" dir="auto">{task.name}</span>
                  <span className="row f12 m3"><Word task={task} tasks={tasks} /><span className="grow" />{task.steps.length > 0 && <span>{doneSteps(task.steps)}/{task.steps.length}</span>}</span>
                </button>
                <Refused id={task.id} />
              </li>
            ))}
          </ul>
          {cards.length < all && <p className="tmore"><button type="button" className="btn sm" onClick={() => { setMost(most + DONE_MAX) }}>{say('task.more', { n: all - cards.length })}</button></p>}
          {cards.length === 0 && <p className="help bempty">{say('task.board.empty')}</p>}
        </section>
      ))}
    </div>
  )
}
