// The parts of the context as fields, and the operations that store them. Pure.
import type { Milestone, Note, Reference } from '../wire/contract'
import type { Key } from '../words'
import type { Context, Op } from './sync'

/** A part that has fields: where they are in a context, and what stores them. */
export interface Part<T extends object> {
  fields: { key: keyof T & string; word: Key; how: 'line' | 'text' | 'state'; when?: (all: T) => boolean }[]
  /** Fields that may not stay empty. */
  needs: (keyof T & string)[]
  /** What is stored; null where the part is gone or not there yet. */
  read: (context: Context) => T | null
  /** What stores the changed fields, given all of them. */
  ops: (patch: Partial<T>, all: T) => Op[]
}

export interface TextFields {
  text: string
}

export const vision: Part<TextFields> = {
  fields: [{ key: 'text', word: 'ctx.vision', how: 'text' }],
  needs: [],
  read: (context) => ({ text: context.vision ?? '' }),
  ops: (_, { text }) => [{ op: 'vision.update', vision: text }],
}

export const sketch: Part<TextFields> = {
  fields: [{ key: 'text', word: 'ctx.sketch', how: 'text' }],
  needs: [],
  read: (context) => ({ text: context.sketch ?? '' }),
  ops: (_, { text }) => [{ op: 'sketch.update', sketch: text }],
}

export interface MilestoneFields {
  name: string
  description: string
  status: string
  outcomes: string
}

export const NO_MILESTONE: MilestoneFields = { name: '', description: '', status: 'planned', outcomes: '' }

const milestoneFields = ({ name, description, status, outcomes }: Milestone): MilestoneFields =>
  ({ name, description, status, outcomes: outcomes ?? '' })

const MILESTONE: Part<MilestoneFields>['fields'] = [
  { key: 'name', word: 'ctx.f.name', how: 'line' },
  { key: 'description', word: 'ctx.f.description', how: 'text' },
  { key: 'status', word: 'ctx.f.status', how: 'state' },
]

/** A milestone; null is one that is new. What came of it is asked for once it is done. */
export const milestone = (id: string | null): Part<MilestoneFields> => ({
  fields: id === null ? MILESTONE : [...MILESTONE, { key: 'outcomes', word: 'ctx.f.outcomes', how: 'text', when: ({ status }) => status === 'done' }],
  needs: ['name'],
  read: (context) => {
    const found = context.milestones.find((one) => one.id === id)
    return found ? milestoneFields(found) : null
  },
  ops: ({ outcomes, status, ...patch }, all) => {
    if (id === null) return [{ op: 'milestone.create', name: all.name, description: all.description, status: all.status }]
    // Only completing takes what came of it, and it sets the day.
    const completes = all.status === 'done' && (status !== undefined || outcomes !== undefined)
    const changes = status === undefined || completes ? patch : { ...patch, status }
    const ops: Op[] = Object.keys(changes).length > 0 ? [{ op: 'milestone.update', milestone_id: id, ...changes }] : []
    return completes ? [...ops, { op: 'milestone.complete', milestone_id: id, outcomes: all.outcomes }] : ops
  },
})

export interface NoteFields {
  content: string
}

export const NO_NOTE: NoteFields = { content: '' }

export const note = (id: string | null): Part<NoteFields> => ({
  fields: [{ key: 'content', word: 'ctx.f.content', how: 'text' }],
  needs: ['content'],
  read: (context) => {
    const found: Note | undefined = context.notes.find((one) => one.id === id)
    return found ? { content: found.content } : null
  },
  ops: (_, { content }) => [id === null ? { op: 'note.add', content } : { op: 'note.update', note_id: id, content }],
})

export interface ReferenceFields {
  url: string
  note: string
}

export const NO_REFERENCE: ReferenceFields = { url: '', note: '' }

export const reference = (id: string | null): Part<ReferenceFields> => ({
  fields: [{ key: 'url', word: 'ctx.f.url', how: 'line' }, { key: 'note', word: 'ctx.f.note', how: 'line' }],
  needs: ['url'],
  read: (context) => {
    const found: Reference | undefined = context.references.find((one) => one.id === id)
    return found ? { url: found.url, note: found.note } : null
  },
  ops: (patch, all) => [id === null ? { op: 'reference.add', ...all } : { op: 'reference.update', reference_id: id, ...patch }],
})

/** Whether an address can be opened: a path or any other scheme is only shown. */
export const opens = (url: string): boolean => /^https?:\/\//i.test(url)
