// The context of a group as one document, each part edited in place.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { go, hrefOf } from '../app/route'
import { useConnection } from '../connection/store'
import { useOpening } from '../dock/opening'
import { IconButton } from '../parts/Button'
import { Chip } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { Markdown } from '../parts/Markdown'
import { useActs } from '../settings/parts/use-act'
import { GLYPHS } from '../tasks/tasks'
import { say, language } from '../words'
import { Age } from './Age'
import { beginDraft, useDrafting, useFocusBack } from './draft'
import { Entry } from './Entry'
import { touches, type Touch } from './history'
import { PartForm } from './PartForm'
import { milestone, NO_MILESTONE, NO_NOTE, NO_REFERENCE, note, opens, reference, sketch, vision, type Part, type TextFields } from './parts'
import { Presence } from './Presence'
import { changeShared, loadShared, openShared, useShared } from './store'
import type { Context as Document, Op } from './sync'
import './context.css'
import '../tasks/tasks.css'

interface PartProps {
  group_id: string
  context: Document
  touched: Record<string, Touch>
}

function Head({ name, count, touch, children }: { name: string; count?: number; touch?: Touch | undefined; children?: ReactNode }) {
  return <header><h2>{name}</h2>{count !== undefined && <span className="m3">{count}</span>}{touch && <Age touch={touch} />}<span className="grow" />{children}</header>
}

function TextPart({ group_id, context, touch, part, of }: { group_id: string; context: Document; touch: Touch | undefined; part: Part<TextFields>; of: 'vision' | 'sketch' }) {
  const draft = `ctx ${group_id} ${of}`
  const editing = useDrafting(draft)
  const now = part.read(context) ?? { text: '' }
  const box = useRef<HTMLElement>(null)
  useFocusBack(editing, () => box.current?.querySelector<HTMLElement>('header .ib'))
  const name = say(`ctx.${of}`)
  return (
    <section aria-label={name} ref={box}>
      <Head name={name} touch={touch}>
        {!editing && <IconButton icon="pencil" size="s14" small name={say('ctx.edit.what', { what: name })} onClick={() => { beginDraft(draft) }} />}
      </Head>
      {editing ? <PartForm group_id={group_id} draft={draft} name={say('ctx.edit.what', { what: name })} part={part} now={now} />
        : now.text !== '' ? <Markdown text={now.text} />
          : <p className="help">{say(`ctx.${of}.help`)} <button type="button" className="lk" onClick={() => { beginDraft(draft) }}>{say('ctx.write')}</button></p>}
    </section>
  )
}

/** A list that can be added to; what is empty says what it is for. */
function ListPart<T extends Record<keyof T, string>>({ group_id, of, count, part, blank, children }: {
  group_id: string
  of: 'milestone' | 'note' | 'reference'
  count: number
  part: Part<T>
  blank: T
  children: ReactNode
}) {
  const draft = `ctx ${group_id} new ${of}`
  const adding = useDrafting(draft)
  const box = useRef<HTMLElement>(null)
  useFocusBack(adding, () => box.current?.querySelector<HTMLElement>('header .ib'))
  const name = say(`ctx.${of}s`)
  return (
    <section aria-label={name} ref={box}>
      <Head name={name} count={count}>
        {!adding && <IconButton icon="plus" size="s14" small name={say(`ctx.add.${of}`)} onClick={() => { beginDraft(draft) }} />}
      </Head>
      {adding && <PartForm group_id={group_id} draft={draft} name={say(`ctx.add.${of}`)} part={part} now={blank} />}
      {count === 0 && !adding && <p className="help">{say(`ctx.${of}s.help`)} <button type="button" className="lk" onClick={() => { beginDraft(draft) }}>{say(`ctx.add.${of}`)}</button></p>}
      {children}
    </section>
  )
}

const day = (date: string): string => new Intl.DateTimeFormat(language(), { dateStyle: 'medium' }).format(new Date(date))

function Milestones({ group_id, context, touched }: PartProps) {
  const tasks = useShared((state) => state.tasks) ?? []
  const [archived, setArchived] = useState(false)
  const hidden = context.milestones.filter(({ status }) => status === 'archived').length
  const order = ['active', 'planned', 'done', 'archived']
  const shown = context.milestones.filter(({ status }) => archived || status !== 'archived').sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  return (
    <ListPart group_id={group_id} of="milestone" count={context.milestones.length} part={milestone(null)} blank={NO_MILESTONE}>
      <ul>
        {shown.map((one) => {
          const of = tasks.filter((task) => task.milestone === one.id && task.status !== 'archived')
          const done = of.filter(({ status }) => status === 'done').length
          const { icon, tone } = GLYPHS[one.status]
          const part = milestone(one.id)
          return (
            <Entry
              key={one.id} group_id={group_id} draft={`ctx ${group_id} milestone ${one.id}`} name={one.name} part={part} now={part.read(context) ?? NO_MILESTONE}
              mark={<span className={tone}><Icon name={icon} /><span className="sr">{say(`ctx.s.${one.status}`)}</span></span>} touch={touched[`milestones ${one.id}`]}
              side={<span>{one.status === 'active' && of.length > 0 ? say('ctx.tasks', { done, n: of.length }) : say(`ctx.s.${one.status}`)}</span>}
              remove={{ ask: say('ctx.remove.milestone'), op: { op: 'milestone.remove', milestone_id: one.id } }}
              verbs={one.status === 'archived' ? [{ word: say('ctx.restore'), op: { op: 'milestone.restore', milestone_id: one.id } }] : [{ word: say('ctx.archive'), op: { op: 'milestone.update', milestone_id: one.id, status: 'archived' } }]}
            >
              <span className="b5 f14" dir="auto">{one.name}</span>
              {one.description !== '' && <div className="help" dir="auto">{one.description}</div>}
              {one.outcomes && <div className="help" dir="auto">{one.outcomes}</div>}
              {one.completed !== null && <div className="help">{say('ctx.completed', { date: day(one.completed) })}</div>}
            </Entry>
          )
        })}
      </ul>
      {hidden > 0 && <p><button type="button" className="btn sm bare" aria-expanded={archived} onClick={() => { setArchived(!archived) }}>{say('ctx.archived', { n: hidden })}</button></p>}
    </ListPart>
  )
}

/** What was taken away just now, with the way back. */
function PutBack({ group_id, what, op, done }: { group_id: string; what: string; op: Op; done: () => void }) {
  const { busy, failed, act } = useActs()
  return (
    <div className="row wrap help" role="status">
      <span className="clip">{say('ctx.removed', { what })}</span>
      <button type="button" className="btn sm" disabled={busy !== null} onClick={() => { act('undo', async () => { await changeShared(group_id, [op]); done() }) }}>{say('ctx.undo')}</button>
      {failed && <span className="err" role="alert">{say('ctx.failed', { reason: failed.reason })}</span>}
    </div>
  )
}

function Notes({ group_id, context, touched }: PartProps) {
  const [gone, setGone] = useState<string | null>(null)
  return (
    <ListPart group_id={group_id} of="note" count={context.notes.length} part={note(null)} blank={NO_NOTE}>
      <ul>
        {context.notes.map((one) => {
          const touch = touched[`notes ${one.id}`]
          return (
            <Entry
              key={one.id} group_id={group_id} draft={`ctx ${group_id} note ${one.id}`} name={one.content.slice(0, 40)} part={note(one.id)} now={{ content: one.content }} touch={touch}
              mark={touch ? <Chip id={touch.by} size="s16" /> : <span className="m3"><Icon name="file" /></span>}
              remove={{ ask: say('ctx.remove.note'), op: { op: 'note.remove', note_id: one.id }, done: () => { setGone(one.content) } }}
            ><Markdown text={one.content} /></Entry>
          )
        })}
      </ul>
      {gone !== null && <PutBack group_id={group_id} what={gone} op={{ op: 'note.add', content: gone }} done={() => { setGone(null) }} />}
    </ListPart>
  )
}

function References({ group_id, context, touched }: PartProps) {
  const [gone, setGone] = useState<{ url: string; note: string } | null>(null)
  return (
    <ListPart group_id={group_id} of="reference" count={context.references.length} part={reference(null)} blank={NO_REFERENCE}>
      <ul>
        {context.references.map((one) => (
          <Entry
            key={one.id} group_id={group_id} draft={`ctx ${group_id} reference ${one.id}`} name={one.url} part={reference(one.id)} now={{ url: one.url, note: one.note }} touch={touched[`references ${one.id}`]}
            mark={<span className="m3"><Icon name="link" /></span>}
            remove={{ ask: say('ctx.remove.reference'), op: { op: 'reference.remove', reference_id: one.id }, done: () => { setGone({ url: one.url, note: one.note }) } }}
          >
            {opens(one.url) ? <a className="lk f14" href={one.url} target="_blank" rel="noopener noreferrer">{one.url}</a> : <span className="f14">{one.url}</span>}
            {one.note !== '' && <div className="help" dir="auto">{one.note}</div>}
          </Entry>
        ))}
      </ul>
      {gone !== null && <PutBack group_id={group_id} what={gone.url} op={{ op: 'reference.add', ...gone }} done={() => { setGone(null) }} />}
    </ListPart>
  )
}

export function Context({ group_id }: { group_id: string }) {
  const root = useRef<HTMLDivElement>(null)
  useOpening(root)
  useEffect(() => openShared(group_id), [group_id])
  const { context, changes, error } = useShared()
  const away = useConnection((state) => state.phase !== 'live')
  const touched = touches(changes)
  const guidance = { at: 'settings', group_id, page: 'guidance', item: null } as const
  const again = <button type="button" className="btn sm" onClick={() => void loadShared(group_id)}>{say('ctx.again')}</button>
  const props = context && { group_id, context, touched }
  return (
    <div className="paneroot" ref={root}>
      <div className="subbar"><span className="m3 clip grow">{say('ctx.what')}</span><a className="btn sm bare" href={hrefOf(guidance)} onClick={(event) => { event.preventDefault(); go(guidance) }}><Icon name="book" size="s14" />{say('settings.page.guidance')}</a></div>
      {error !== null && context !== null && <p className="err panestale" role="alert">{say(away ? 'ctx.away' : 'ctx.stale', { reason: error })} {again}</p>}
      <div className="scroll grow" role="region" aria-label={say('ctx.label')} tabIndex={0}>
        {props === null && error === null && <div className="void" role="status"><p className="m3">{say('ctx.loading')}</p></div>}
        {props === null && error !== null && <div className="void" role="alert"><p className="tb">{say('ctx.error', { reason: error })}</p>{again}</div>}
        {props !== null && (
          <div className="doc">
            <TextPart group_id={group_id} context={props.context} touch={touched.vision} part={vision} of="vision" />
            <TextPart group_id={group_id} context={props.context} touch={touched.sketch} part={sketch} of="sketch" />
            <Milestones {...props} />
            <section aria-label={say('ctx.presence')}><Head name={say('ctx.presence')} /><Presence context={props.context} /></section>
            <Notes {...props} />
            <References {...props} />
          </div>
        )}
      </div>
    </div>
  )
}
